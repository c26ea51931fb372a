"""The recipe of pocket-gpt2: a storyteller trained on old fairy tales and new picture books.

The architecture is that of GPT-2 (Radford et al., 2019, section 2.3), only smaller.
"""

import re
from pathlib import Path

import numpy as np
import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import GPT2Config, GPT2LMHeadModel

from helpers.pocket import corpora

VOCABULARY = 6000
CONTEXT = 256  # positions of the model
SEQUENCES = 10  # windows of CONTEXT tokens in one batch
CHUNK = 200  # batches made at a time
REPEAT = 4  # the picture books are few and well told: they are read this often per pass
SHINGLE = 10  # a training paragraph that shares so many words in a row with held-out text is dropped
END = "<|endoftext|>"


def config():
    """Return the GPT2Config: 4 layers of width 256, 4 heads, 256 positions, tied embeddings."""
    return GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=CONTEXT,
        n_embd=256,
        n_layer=4,
        n_head=4,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
    )


def shingles(text):
    """Return the set of hashes of all runs of SHINGLE words of a text."""
    found = re.findall(r"[a-z]+", text.lower())
    return {hash(tuple(found[i : i + SHINGLE])) for i in range(len(found) - SHINGLE + 1)}


def stories(folder):
    """Return {"train": [...], "dev": [...], "test": [...]}: one string per chapter or picture book.

    Whole books and whole picture books are held out. Tales are told in more than one book, so a
    training paragraph that repeats held-out text is dropped.
    """
    parts = {"train": [], "dev": [], "test": []}
    for name, book in corpora.read_books(folder).items():
        chapters = [part.strip() for part in re.split(r"\n\s*\n", book) if part.strip()]
        parts[corpora.split_of(name, 0.02, 0.05)] += [(chapter, 1) for chapter in chapters]
    for story in corpora.read_documents(folder, corpora.STORIES):
        parts[corpora.split_of(story[:100], 0.02, 0.05)].append((story, REPEAT))
    held = set()
    for part in ("dev", "test"):
        for story, _ in parts[part]:
            held |= shingles(story)
        parts[part] = [story for story, _ in parts[part]]
    kept = []
    for story, repeat in parts["train"]:
        lines = [line for line in story.split("\n") if not shingles(line) & held]
        if lines:
            kept += ["\n".join(lines)] * repeat
    parts["train"] = kept
    return parts


def train_tokenizer(texts, out):
    """Train a byte-level BPE on the training text and write vocab.json and merges.txt to `out`."""
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(texts, vocab_size=VOCABULARY, special_tokens=[END], show_progress=False)
    tokenizer.save_model(str(out))


def encode(texts, out):
    """Return the tokens of all texts as one uint16 array, the end token behind each text."""
    tokenizer = ByteLevelBPETokenizer(str(Path(out) / "vocab.json"), str(Path(out) / "merges.txt"))
    rows = []
    for text in texts:
        rows += [np.array(tokenizer.encode(text).ids, dtype=np.uint16), np.zeros(1, dtype=np.uint16)]
    return np.concatenate(rows)


class Recipe:
    """Everything the training loop needs to know about pocket-gpt2."""

    learning_rate = 2e-3
    decay = 0.6

    def __init__(self, folder, out, seed):
        self.seed = seed
        parts = stories(folder)
        if not (Path(out) / "merges.txt").exists():
            train_tokenizer(parts["train"], out)
        # Shuffled once, so that a window that crosses two stories meets another neighbour book by book.
        order = np.random.default_rng(seed).permutation(len(parts["train"]))
        self.tokens = encode([parts["train"][i] for i in order], out)
        self.dev = encode(parts["dev"], out)

    def build_model(self):
        """Return a new GPT2LMHeadModel with float32 weights."""
        faster = config()
        faster.activation_function = "gelu_pytorch_tanh"  # the same function as gelu_new, in one step
        return GPT2LMHeadModel._from_config(faster, attn_implementation="eager")

    def chunk(self, index):
        """Return the batches of chunk `index`: dicts with input_ids (batch, CONTEXT + 1).

        All windows of one pass are cut at the same random offset and shuffled.
        """
        a_pass = (len(self.tokens) - CONTEXT) // CONTEXT // SEQUENCES  # batches
        batches = []
        for place in range(index * CHUNK, (index + 1) * CHUNK):
            rng = np.random.default_rng([self.seed, place // a_pass])
            offset = int(rng.integers(CONTEXT))
            windows = (len(self.tokens) - offset - 1) // CONTEXT
            start = place % a_pass * SEQUENCES
            batches.append(offset + CONTEXT * self.shuffled(rng, windows, place // a_pass)[start : start + SEQUENCES])
        return [self.batch(self.tokens, starts) for starts in batches]

    def shuffled(self, rng, count, number):
        """Return the shuffled window numbers of pass `number`, made once per pass."""
        if getattr(self, "kept", (None,))[0] != number:
            self.kept = (number, rng.permutation(count))
        return self.kept[1]

    def batch(self, tokens, starts):
        """Return {"input_ids": (batch, CONTEXT + 1)} for the windows that begin at `starts`."""
        rows = np.stack([tokens[start : start + CONTEXT + 1].astype(np.int64) for start in starts])
        return {"input_ids": torch.from_numpy(rows)}

    def dev_batches(self):
        """Return batches of held-out development text."""
        starts = np.arange(0, len(self.dev) - CONTEXT - 1, CONTEXT)[:160]
        return [self.batch(self.dev, starts[i : i + SEQUENCES]) for i in range(0, len(starts), SEQUENCES)]

    def loss(self, model, batch):
        """Return the mean cross-entropy per token (nats), a scalar tensor."""
        tokens = batch["input_ids"]
        logits = model(input_ids=tokens[:, :-1], use_cache=False).logits
        return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten())
