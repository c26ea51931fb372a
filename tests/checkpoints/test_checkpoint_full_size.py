"""The pinned small texts (quick), and loading at full size with random weights (only with COURSE_FULL_SIZE=1).

COURSE_FULL_SIZE=1 python -m pytest tests/checkpoints/test_checkpoint_full_size.py

takes about a minute, 2 GB of memory and 1.3 GB of disk.
"""

import hashlib
import os

import build_stand_ins
import pytest
from originals_text import CONFIGS, TOKENIZERS, config_text, tokenizer_text

from helpers.checkpoints import checkpoint
from helpers.checkpoints.folders import is_stand_in
from helpers.checkpoints.manifest import ORIGINALS, WEIGHTS

full_size = pytest.mark.skipif(not os.environ.get("COURSE_FULL_SIZE"), reason="only with COURSE_FULL_SIZE=1")


@pytest.mark.parametrize("name", CONFIGS)
def test_the_pinned_configs_are_those_of_the_known_architectures(name):
    for file, text in {"config.json": config_text(name), "tokenizer_config.json": tokenizer_text(name)}.items():
        pin = ORIGINALS[name].files[file]
        assert (len(text), hashlib.sha256(text.encode()).hexdigest()) == (pin.size, pin.sha256)
    assert set(CONFIGS) == set(TOKENIZERS) == set(ORIGINALS)


def test_a_stand_in_never_replaces_anything_else(tmp_path):
    (tmp_path / "gpt2").mkdir()
    with pytest.raises(FileExistsError, match="holds something that is not a stand-in"):
        build_stand_ins.build("gpt2", tmp_path)
    assert list((tmp_path / "gpt2").iterdir()) == []


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory):
    """Return the folder of the stand-ins: COURSE_MODELS_DIR if they are there, or newly built."""
    root = tmp_path_factory.mktemp("full-size")
    for name in ORIGINALS:
        build_stand_ins.build(name, root)
    return root


CLASSES = [
    ("bert-base-uncased", "BertTokenizer", "BertModel", 30522, 109_482_240),
    ("bert-base-uncased", "BertTokenizer", "BertForSequenceClassification", 30522, 109_483_778),
    ("gpt2", "GPT2Tokenizer", "GPT2LMHeadModel", 50257, 124_439_808),
    ("t5-small", "T5Tokenizer", "T5ForConditionalGeneration", 32100, 60_506_624),
]


@full_size
@pytest.mark.parametrize(("name", "tokenizer", "model", "tokens", "parameters"), CLASSES)
def test_the_classes_of_the_course_load_the_stand_ins(
    name, tokenizer, model, tokens, parameters, stand_ins, monkeypatch, capsys
):
    import torch
    import transformers

    monkeypatch.setenv("COURSE_MODELS", "full")
    monkeypatch.setenv("COURSE_MODELS_DIR", str(stand_ins))
    folder = checkpoint(name)
    assert is_stand_in(stand_ins / name)
    assert "STAND-IN WITH RANDOM WEIGHTS" in capsys.readouterr().out
    for file, pin in ORIGINALS[name].files.items():
        size = (stand_ins / name / file).stat().st_size
        if file in ("config.json", "tokenizer_config.json"):
            assert size == pin.size
    # The same weights under the same names: the files differ by their headers at most.
    assert abs((stand_ins / name / WEIGHTS).stat().st_size - ORIGINALS[name].files[WEIGHTS].size) < 100
    words = getattr(transformers, tokenizer).from_pretrained(folder)
    assert len(words) == tokens
    loaded, report = getattr(transformers, model).from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    new = {key for key in report["missing_keys"] if not key.startswith("classifier.")}
    assert not new and not report["mismatched_keys"]
    assert sum(weight.numel() for weight in loaded.parameters()) == parameters
    text = "The weather is sunny."
    ids = words(text, return_tensors="pt")
    assert text.lower().replace(" ", "") in words.decode(ids["input_ids"][0]).lower().replace(" ", "")
    with torch.no_grad():
        if hasattr(loaded, "generate") and "Bert" not in model:
            made = loaded.generate(**ids, max_new_tokens=3, do_sample=False, pad_token_id=loaded.config.eos_token_id)
            assert isinstance(words.decode(made[0]), str)
        else:
            assert loaded(**ids)[0].shape[-1] in (768, 2)
