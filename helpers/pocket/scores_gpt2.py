"""Measure pocket-gpt2 on held-out stories: bits per byte against a 5-gram model, loops, samples."""

import math

import numpy as np
import torch

from helpers.pocket import gpt2
from helpers.pocket.kneser_ney import KneserNey

PROMPT = "Once upon a time in a faraway land,"
PROMPTS = (
    PROMPT,
    "The old woman opened the door and",
    "There was once a little fox who",
    "In the forest the boy met",
    "The king had three daughters.",
)


def nats(model, tokens, stride=128, batch=16):
    """Return the negative log-likelihood (nats) of each of tokens[1:], each with 128 to 256 tokens before it.

    The windows of gpt2.CONTEXT tokens overlap, so that no token is judged with almost no context but the first.
    """
    width, found = gpt2.CONTEXT, np.zeros(len(tokens) - 1)
    starts = list(range(0, max(1, len(tokens) - width + stride - 1), stride))
    for first in range(0, len(starts), batch):
        rows = [tokens[start : start + width + 1] for start in starts[first : first + batch]]
        size = max(map(len, rows))
        ids = torch.tensor(np.stack([np.pad(row.astype(np.int64), (0, size - len(row))) for row in rows]))
        with torch.no_grad():
            logits = model(input_ids=ids[:, :-1]).logits.float()
        loss = torch.nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none").double().numpy()
        for row, start, values in zip(rows, starts[first : first + batch], loss):
            old = stride if start else 0  # these were judged by the window before
            new = values[old : len(row) - 1]
            found[start + old : start + old + len(new)] = new
    return found


def story_scores(model, folder, state, limit=300_000):
    """Return figures on held-out books and picture books, at most `limit` tokens of each kind.

    `state` is a folder with vocab.json and merges.txt. Bits per byte count the bytes of the plain text.
    """
    parts = gpt2.stories(folder)
    baseline = KneserNey(gpt2.encode(parts["train"], state), gpt2.VOCABULARY)
    books = [text for text in parts["test"] if len(text) > 6000]
    short = [text for text in parts["test"] if len(text) <= 6000]
    scores = {}
    for name, texts in (("chapters over 6,000 bytes", books), ("shorter stories and chapters", short)):
        tokens, size = np.zeros(1, dtype=np.uint16), 0
        for text in texts:
            if len(tokens) > limit:
                break
            tokens = np.concatenate([tokens, gpt2.encode([text], state)])
            size += len(text.encode("utf-8")) + 1  # the end token stands for one byte
        before = np.concatenate([np.zeros(baseline.order - 1, dtype=np.uint16), tokens[1:]])
        scores[name] = {
            "bytes": size,
            "bits per byte": float(nats(model, tokens).sum() / math.log(2) / size),
            "bits per byte of the 5-gram model": float(-np.log2(baseline.probabilities(before)).sum() / size),
        }
    total = sum(row["bytes"] for row in scores.values())
    scores["all"] = {
        "bytes": total,
        **{
            key: sum(row[key] * row["bytes"] for row in scores.values()) / total
            for key in ("bits per byte", "bits per byte of the 5-gram model")
        },
    }
    return scores


def sample(model, tokenizer, prompt, temperature=0.8, length=60, seed=0):
    """Return the prompt and a continuation; temperature 0 takes the likeliest token each time."""
    rng, ids = np.random.default_rng(seed), tokenizer(prompt).input_ids
    for _ in range(length):
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([ids[-gpt2.CONTEXT :]])).logits[0, -1].double().numpy()
        if temperature:
            weights = np.exp((logits - logits.max()) / temperature)
            ids.append(int(rng.choice(len(weights), p=weights / weights.sum())))
        else:
            ids.append(int(logits.argmax()))
        if ids[-1] == tokenizer.eos_token_id:
            break
    return tokenizer.decode(ids)


def loops(ids):
    """Return True if some run of 3 to 20 tokens stands three times in a row in the list of ids."""
    return any(
        ids[i : i + size] == ids[i + size : i + 2 * size] == ids[i + 2 * size : i + 3 * size]
        for size in range(3, 21)
        for i in range(len(ids) - 3 * size + 1)
    )


def repeats(ids, size=6):
    """Return the share of runs of `size` tokens that stood before, in [0, 1]."""
    runs = [tuple(ids[i : i + size]) for i in range(len(ids) - size + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0
