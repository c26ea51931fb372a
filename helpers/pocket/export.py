"""Write a trained model as a checkpoint folder that `from_pretrained` loads without a network.

python -m helpers.pocket.export bert|gpt2|t5 --state DIR [--out DIR]
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GenerationConfig

CHECKPOINTS = Path(__file__).with_name("checkpoints")
FOLDERS = {"bert": "pocket-bert", "gpt2": "pocket-gpt2", "t5": "pocket-t5"}
CLASSES = {"bert": "BertForMaskedLM", "gpt2": "GPT2LMHeadModel", "t5": "T5ForConditionalGeneration"}
TOKENIZER_FILES = {"bert": ["vocab.txt"], "gpt2": ["vocab.json", "merges.txt"], "t5": ["spiece.model"]}
TOKENIZER = {
    "bert": {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": True,
        "unk_token": "[UNK]",
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
        "model_max_length": 128,
    },
    "gpt2": {
        "tokenizer_class": "GPT2Tokenizer",
        "bos_token": "<|endoftext|>",
        "eos_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>",
        "model_max_length": 256,
    },
    # Without extra_ids the class adds 100 sentinel tokens, which this model does not have.
    "t5": {
        "tokenizer_class": "T5Tokenizer",
        "extra_ids": 0,
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
        "model_max_length": 256,
    },
}
GENERATION = {
    "gpt2": {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0},
    "t5": {"decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0},
}
LARGEST = 14_000_000  # bytes of one checkpoint
ALL = 36_000_000  # bytes of all


def float16_weights(name, state):
    """Return the weights to ship, in float16: what `state` holds, less what is tied or only for training.

    `state` is the state dict of the model that was trained. Raises ValueError for a weight that is no number.
    """
    weights = {}
    for key, value in state.items():
        if name == "bert":
            # The student's other head and the untrained next-sentence head stay behind.
            if not key.startswith("bert.") or "seq_relationship" in key:
                continue
            key = key.removeprefix("bert.")
        if key in (
            "lm_head.weight",
            "encoder.embed_tokens.weight",
            "decoder.embed_tokens.weight",
            "cls.predictions.decoder.weight",
            "cls.predictions.decoder.bias",
        ):
            continue
        if key.endswith("position_ids") or key.endswith("token_type_ids"):
            continue
        if not torch.isfinite(value.half()).all():
            raise ValueError(f"state: {key} does not fit float16, expected finite weights below 65504")
        weights[key] = value.detach().cpu().half().contiguous()
    return weights


def export(name, state_folder, out):
    """Write the checkpoint of the training state in `state_folder` to the folder `out`; return its size in bytes.

    Raises FileNotFoundError if there is no training state, ValueError if the result is larger than LARGEST.
    """
    import importlib

    state_folder, out = Path(state_folder), Path(out)
    state = torch.load(state_folder / "resume.pt", map_location="cpu", weights_only=True)
    out.mkdir(parents=True, exist_ok=True)
    save_file(float16_weights(name, state["model"]), out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)  # the library leaves it readable by its owner alone
    config = importlib.import_module(f"helpers.pocket.{name}").config()
    config.architectures = [CLASSES[name]]
    config.dtype = "float16"
    if name == "bert":
        # Off while it learnt from much text, on when a chapter fine-tunes it on little.
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.1
    config.save_pretrained(out)
    if name in GENERATION:
        GenerationConfig(**GENERATION[name]).save_pretrained(out)
    for file in TOKENIZER_FILES[name]:
        shutil.copyfile(state_folder / file, out / file)
    (out / "tokenizer_config.json").write_text(json.dumps(TOKENIZER[name], indent=2) + "\n")
    runs = [*state["runs"], state["step"]]
    curve = {"steps": state["step"], "runs": runs, "hours": round(state["seconds"] / 3600, 2), "curve": state["curve"]}
    options = [*state.get("options", []), state.get("option", "")]
    if any(options):
        curve["options"] = options
    (out / "training.json").write_text(json.dumps(curve) + "\n")
    size = sum(path.stat().st_size for path in out.iterdir())
    if size > LARGEST:
        raise ValueError(f"checkpoint: got {size} bytes in {out}, expected at most {LARGEST}")
    return size


def entry(path):
    """Return {"size": bytes, "sha256": hex} of a file."""
    data = Path(path).read_bytes()
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def write_manifest(folder):
    """Write folder/manifest.json: {checkpoint: {file: size and sha256}} for all checkpoints in `folder`."""
    folder = Path(folder)
    found = {
        place.name: {path.name: entry(path) for path in sorted(place.iterdir())}
        for place in sorted(folder.iterdir())
        if place.is_dir()
    }
    (folder / "manifest.json").write_text(json.dumps(found, indent=1) + "\n")
    return found


def check_manifest(folder):
    """Raise ValueError, naming the file, unless all files are as manifest.json says."""
    folder = Path(folder)
    for place, files in json.loads((folder / "manifest.json").read_text()).items():
        for name, expected in files.items():
            path = folder / place / name
            if not path.is_file():
                raise ValueError(f"manifest: {place}/{name} is missing, expected {expected['size']} bytes")
            if entry(path) != expected:
                raise ValueError(f"manifest: {place}/{name} got {entry(path)}, expected {expected}")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=sorted(FOLDERS))
    parser.add_argument("--state", required=True, help="the folder of the training state")
    parser.add_argument("--out", help="the folder of the checkpoints (default: the course's own)")
    chosen = parser.parse_args(arguments)
    folder = Path(chosen.out) if chosen.out else CHECKPOINTS
    size = export(chosen.model, chosen.state, folder / FOLDERS[chosen.model])
    write_manifest(folder)
    print(f"{FOLDERS[chosen.model]}: {size / 1e6:.1f} MB in {folder}")


if __name__ == "__main__":
    main()
