"""Import what the chapters import, then let pocket-bert guess a word: a process of its own that `models` starts.

Prints one JSON object a line, as soon as it is known: {"imported": package}, {"answer": word}, or {"failed": stage,
"error": text}. If the process is cut off or dies, the last line says how far it came.
"""

import importlib
import json
import sys

PACKAGES = {  # what to import of it: the part in which its compiled code lies
    "numpy": "numpy",
    "pillow": "PIL.Image",
    "matplotlib": "matplotlib.ft2font",
    "sentencepiece": "sentencepiece",
    "protobuf": "google.protobuf",
    "torch": "torch",
    "transformers": "transformers.models.bert.modeling_bert",
}
SENTENCE, EXPECTED = "She opened the [MASK] and went in.", "door"
MODEL = "model"


def say(**line):
    """Print one line of the protocol."""
    print(json.dumps(line), flush=True)


def guess(folder, sentence=SENTENCE):
    """Return the word that the BERT in this folder puts in place of [MASK]."""
    import torch
    from transformers import BertForMaskedLM, BertTokenizer

    from helpers.checkpoints import quiet_loading

    quiet_loading()
    tokenizer = BertTokenizer.from_pretrained(folder)
    model = BertForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    inputs = tokenizer(sentence, return_tensors="pt")
    with torch.no_grad():
        logits = model(**inputs).logits[0]  # (tokens, vocabulary)
    place = inputs.input_ids[0].tolist().index(tokenizer.mask_token_id)
    return tokenizer.decode([int(logits[place].argmax())]).strip()


def main(folder):
    """Import, guess, and say what came of it; return the exit status."""
    stage = ""
    try:
        for stage, module in PACKAGES.items():
            importlib.import_module(module)
            say(imported=stage)
        stage = MODEL
        say(answer=guess(folder))
    except Exception as error:  # whatever it is, the process that asked must be able to say it
        say(failed=stage, error=f"{type(error).__name__}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
