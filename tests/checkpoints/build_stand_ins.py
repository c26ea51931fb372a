"""Build stand-ins for the originals: their exact architectures, names of weights and configs, but random weights.

python tests/checkpoints/build_stand_ins.py FOLDER [NAME ...]

Then COURSE_MODELS=full COURSE_MODELS_DIR=FOLDER runs chapters 5 to 9 at full size without the originals. The tokenizers
have the originals' numbers of tokens and special ids, but know only a few hundred words; the rest is spelled. Each
folder says in fetched.json that it is a stand-in: `checkpoint` prints it, `verify` and `fetch` refuse it.
"""

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

from originals_text import GENERATION, config_text, tokenizer_text  # noqa: E402

from helpers.checkpoints.folders import RECORD, is_stand_in  # noqa: E402
from helpers.checkpoints.manifest import ORIGINALS, WEIGHTS, find  # noqa: E402

WORDS = """the a of to and in is was for on that with it as be this are at by from or an which you not we have has he she
his her they their its there one all weather sunny cat dog sat mat house translate summarize english french german once
upon time faraway land king queen love bank river money fruit pizza olives film movie review great bad good terrible
painting painter museum portrait world art artist work life people long made first known name mona lisa leonardo da vinci
italian paris louvre since century famous visited written most best about described sung half body new value expression
""".split()
CHARACTERS = [chr(code) for code in range(33, 127)] + list("éèàùâêîôûçœ«»’…")
TEXT = " ".join(WORDS) + "\n" + " ".join(word.capitalize() for word in WORDS) + "\n" + " ".join(CHARACTERS)


def bert(folder):
    """Write vocab.txt with 30,522 tokens and return the weights under the hub's names."""
    from transformers import BertConfig, BertForPreTraining

    vocabulary = [f"[unused{number}]" for number in range(30522)]
    special = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]"}
    lower = sorted({character.lower() for character in CHARACTERS})
    spelled = [*lower, *(f"##{character}" for character in lower)]
    known = dict(enumerate([*spelled, *(word for word in WORDS if word not in lower)], start=999))
    for number, token in (special | known).items():
        vocabulary[number] = token
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    model = BertForPreTraining(BertConfig.from_json_file(folder / "config.json"))
    old = {".LayerNorm.weight": ".LayerNorm.gamma", ".LayerNorm.bias": ".LayerNorm.beta"}
    weights = {}
    for key, value in model.state_dict().items():
        for new, was in old.items():
            key = key.replace(new, was)
        if not key.startswith("cls.predictions.decoder.") and "_ids" not in key:
            weights[key] = value
    return weights


def gpt2(folder):
    """Write vocab.json with 50,257 tokens and merges.txt, and return the weights under the hub's names."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel

    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator([TEXT] * 3, vocab_size=1500, show_progress=False)
    tokenizer.save_model(str(folder))
    vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    vocabulary |= {f"Ġfiller{number}": number for number in range(len(vocabulary), 50256)} | {"<|endoftext|>": 50256}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    model = GPT2LMHeadModel(GPT2Config.from_json_file(folder / "config.json"))
    weights = {
        key.removeprefix("transformer."): value for key, value in model.state_dict().items() if "lm_head" not in key
    }
    # The hub's file still holds the causal masks, which are no weights.
    mask = torch.tril(torch.ones(1024, 1024)).view(1, 1, 1024, 1024)
    return weights | {f"h.{layer}.attn.bias": mask.clone() for layer in range(12)}


def t5(folder):
    """Write spiece.model with 32,000 pieces and return the weights under the hub's names."""
    import sentencepiece
    import torch
    from sentencepiece import sentencepiece_model_pb2
    from transformers import T5Config, T5ForConditionalGeneration

    with tempfile.TemporaryDirectory() as place:
        text = Path(place) / "text.txt"
        text.write_text(TEXT.replace(" ", "\n"), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=str(text),
            model_prefix=str(Path(place) / "spiece"),
            vocab_size=400,
            hard_vocab_limit=False,
            character_coverage=1.0,
            pad_id=0,
            eos_id=1,
            unk_id=2,
            bos_id=-1,
            minloglevel=3,
        )
        pieces = sentencepiece_model_pb2.ModelProto.FromString((Path(place) / "spiece.model").read_bytes())
    for number in range(len(pieces.pieces), 32000):
        pieces.pieces.add(piece=f"▁filler{number}", score=-100.0)
    (folder / "spiece.model").write_bytes(pieces.SerializeToString())
    model = T5ForConditionalGeneration(T5Config.from_json_file(folder / "config.json"))
    tied = ("lm_head.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight")
    weights = {key: value for key, value in model.state_dict().items() if key not in tied}
    # The hub's file still holds a position bias of the cross-attention that no T5 uses.
    return weights | {"decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight": torch.zeros(32, 8)}


MAKERS = {"bert-base-uncased": bert, "gpt2": gpt2, "t5-small": t5}


def build(name, root, seed=0):
    """Build one stand-in in root/name and return that folder. Refuses a folder that holds anything else."""
    original, folder = find(name), Path(root) / name
    if folder.exists() and not is_stand_in(folder):
        raise FileExistsError(f"{folder} holds something that is not a stand-in. Choose another folder.")
    import torch
    from safetensors.torch import save_file
    from transformers import AutoTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).write_text(json.dumps({"stand_in": True, "files": {}}), encoding="utf-8")
    (folder / "config.json").write_bytes(config_text(name).encode())
    (folder / "tokenizer_config.json").write_bytes(tokenizer_text(name).encode())
    if name in GENERATION:
        (folder / "generation_config.json").write_text(json.dumps(GENERATION[name]), encoding="utf-8")
    torch.manual_seed(seed)
    weights = MAKERS[name](folder)
    weights = {key: value.detach().float().contiguous().clone() for key, value in weights.items()}
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    os.chmod(folder / WEIGHTS, 0o644)  # safetensors writes for the owner only; a shared disk is for all
    AutoTokenizer.from_pretrained(folder).backend_tokenizer.save(str(folder / "tokenizer.json"))
    files = {path.name: entry(path) for path in sorted(folder.iterdir()) if path.name in original.files}
    record = {"stand_in": True, "repo": original.repo, "seed": seed, "files": files}
    (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return folder


def entry(path):
    with open(path, "rb") as stream:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for wanted in sys.argv[2:] or ORIGINALS:
        made = build(wanted, sys.argv[1])
        print(f"{wanted}: {(made / WEIGHTS).stat().st_size} bytes of weights in {made}; the original has", end=" ")
        print(ORIGINALS[wanted].files[WEIGHTS].size)
