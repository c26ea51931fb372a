import json

import pytest
import torch
import transformers
from safetensors.torch import load_file

from helpers.pocket import bert, evaluate, export, gpt2, scores_t5, t5, train

MODULES = {"bert": bert, "gpt2": gpt2, "t5": t5}


@pytest.fixture(scope="module")
def checkpoints(fake_corpora, tmp_path_factory, shrink):
    """Return a folder with three checkpoints that were trained for two steps on the tiny corpora."""
    folder = tmp_path_factory.mktemp("checkpoints")
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        for name, module in MODULES.items():
            state = tmp_path_factory.mktemp(name)
            recipe = module.Recipe(fake_corpora, state, seed=1)
            # The tiny corpora hold fewer different words than the vocabulary has room for.
            config = module.config()
            if name == "gpt2":
                config.vocab_size = len(json.loads((state / "vocab.json").read_text()))
            if name == "bert":
                config.vocab_size = recipe.tokenizer.get_vocab_size()
            train.train(recipe, state, steps=2)
            export.export(name, state, folder / export.FOLDERS[name])
    export.write_manifest(folder)
    return folder


@pytest.mark.parametrize("name", MODULES)
def test_a_checkpoint_loads_as_the_class_of_the_source(name, checkpoints):
    folder = checkpoints / export.FOLDERS[name]
    assert {value.dtype for value in load_file(folder / "model.safetensors").values()} == {torch.float16}
    model, tokenizer = evaluate.load(name, folder)
    assert model.dtype == torch.float32
    assert type(model).__name__ == export.CLASSES[name]
    assert type(tokenizer).__name__ == export.TOKENIZER[name]["tokenizer_class"]
    text = "The king sees the river."
    assert tokenizer.decode(tokenizer(text).input_ids, skip_special_tokens=True).lower().strip() == text.lower()


@pytest.mark.parametrize("name", MODULES)
def test_no_weight_is_made_up_at_loading(name, checkpoints):
    kind = getattr(transformers, export.CLASSES[name])
    _, found = kind.from_pretrained(checkpoints / export.FOLDERS[name], dtype=torch.float32, output_loading_info=True)
    assert not found["missing_keys"]


def test_bert_has_its_pooler(checkpoints):
    folder = checkpoints / export.FOLDERS["bert"]
    _, found = transformers.BertModel.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    assert not found["missing_keys"]


def test_the_manifest_finds_a_changed_and_a_missing_file(checkpoints):
    export.check_manifest(checkpoints)
    path = checkpoints / "pocket-t5" / "generation_config.json"
    text = path.read_text()
    path.write_text(text.replace("1", "2"))
    with pytest.raises(ValueError, match=r"pocket-t5/generation_config\.json got"):
        export.check_manifest(checkpoints)
    path.unlink()
    with pytest.raises(ValueError, match=r"pocket-t5/generation_config\.json is missing"):
        export.check_manifest(checkpoints)
    path.write_text(text)
    export.check_manifest(checkpoints)


def test_a_weight_beyond_float16_is_an_error():
    with pytest.raises(ValueError, match="does not fit float16"):
        export.float16_weights("t5", {"shared.weight": torch.tensor([1e6])})


def test_the_evaluation_runs_without_corpora(checkpoints, capsys, monkeypatch):
    monkeypatch.setattr(scores_t5, "EVERYDAY", scores_t5.EVERYDAY[:2])
    monkeypatch.setattr(scores_t5, "MADE_UP", scores_t5.MADE_UP[:1])
    evaluate.main(["t5", "--checkpoints", str(checkpoints)])
    assert "The Mona Lisa" in capsys.readouterr().out


def test_the_evaluation_says_that_nothing_is_there(tmp_path):
    with pytest.raises(SystemExit, match="train and export first"):
        evaluate.main(["--checkpoints", str(tmp_path)])
    with pytest.raises(SystemExit):
        evaluate.main(["gpt5"])


@pytest.mark.parametrize("name", ["gpt2", "t5"])
def test_a_run_starts_from_shipped_weights_and_counts_on(
    name, checkpoints, fake_corpora, tmp_path, monkeypatch, shrink
):
    shrink(monkeypatch)
    folder = checkpoints / export.FOLDERS[name]
    start = train.start_from(folder, tmp_path)
    recipe = MODULES[name].Recipe(fake_corpora, tmp_path, seed=1)  # with the tokenizer that start_from copied
    MODULES[name].config().vocab_size = json.loads((folder / "config.json").read_text())["vocab_size"]
    (tmp_path / "no-more-steps").mkdir()
    same = train.train(recipe, tmp_path / "no-more-steps", 2, start=start)
    shipped, _ = evaluate.load(name, folder)
    for key, value in shipped.state_dict().items():
        assert torch.equal(value, same.state_dict()[key]), key
    model = train.train(recipe, tmp_path, 5, start=start)
    state = torch.load(tmp_path / "resume.pt", weights_only=True)
    assert (state["step"], state["runs"], state["chunk"]) == (5, [2], 2)
    assert state["curve"][0][0] == 2 and state["curve"][-1][0] == 5
    assert any(not torch.equal(value, model.state_dict()[key]) for key, value in shipped.state_dict().items())


def test_a_start_of_another_model_is_refused(checkpoints, fake_corpora, tmp_path, monkeypatch, shrink):
    shrink(monkeypatch)
    start = train.start_from(checkpoints / export.FOLDERS["gpt2"], tmp_path)
    with pytest.raises(ValueError, match="expected those of the recipe"):
        train.train(t5.Recipe(fake_corpora, tmp_path, seed=1), tmp_path, 5, start=start)
    with pytest.raises(SystemExit):
        train.main(["bert", "--corpora", str(fake_corpora), "--start", str(checkpoints), "--out", str(tmp_path)])
