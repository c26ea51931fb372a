"""Summaries for panel 9: what T5 writes of a text, which of its words it took, and where the decoder looked meanwhile.

Chapter 9 writes `words`, `lcs` and the call of `generate` in the open.
"""

import re
from dataclasses import dataclass

import numpy as np

from helpers import validate
from helpers.models.t5 import SUMMARIZE, cross_attention
from helpers.models.text import check_text, check_tokens

LONGEST, MOST_TOKENS = 1200, 240  # characters and tokens of a text that the panel can show


@dataclass(frozen=True)
class Summary:
    """ids: what was written, without the start token. text: the same, decoded. ended: with </s>, or cut at the limit."""

    ids: tuple
    text: str
    ended: bool


def words(text):
    """Return the words of a text in lower case: runs of letters and digits, so "half-length" is two."""
    return re.findall(r"[^\W_]+", text.lower())


def lcs(first, second):
    """Return the longest common subsequence of two lists as pairs of places [(i, j)], first[i] == second[j].

    Of several that are equally long, one that keeps most neighbours together, and of those the earliest in `first`.
    """
    n, m = len(first), len(second)
    a_word = min(n, m) + 1  # worth more than all neighbours together
    begins = np.full((n + 1, m + 1), -1)  # [i, j]: the best from here on that begins with this pair
    best = np.zeros((n + 1, m + 1), dtype=int)  # [i, j]: the best for first[i:] and second[j:]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            if first[i] == second[j]:
                begins[i, j] = a_word + max(begins[i + 1, j + 1] + 1, best[i + 1, j + 1])
            best[i, j] = max(begins[i, j], best[i + 1, j], best[i, j + 1])
    pairs, i, j, beside = [], 0, 0, False
    while i < n and j < m and best[i, j]:
        if first[i] == second[j] and begins[i, j] + beside >= best[i, j]:
            pairs.append((i, j))
            i, j, beside = i + 1, j + 1, True
        else:
            i, j, beside = (i, j + 1, False) if best[i, j + 1] == best[i, j] else (i + 1, j, False)
    return pairs


def check_passage(name, text, tokenizer):
    """Return the text with single blanks. Raises TypeError or ValueError, in a sentence, for what cannot be shown."""
    text = check_text(name, text, LONGEST)
    blank = tokenizer.convert_tokens_to_ids("▁")  # a low bar alone stands before an unknown word
    ids = tokenizer(text, add_special_tokens=False).input_ids
    check_tokens(name, [i for i in ids if i != blank], MOST_TOKENS, tokenizer.unk_token_id)
    return text


def summarize(model, tokenizer, text, beams=4, length_penalty=1.0, early_stopping=True, max_new_tokens=49):
    """Return the Summary that the model writes. beams: 1 is greedy, where the next two options have no part."""
    import torch

    beams = validate.whole_number("beams", beams)
    most = validate.whole_number("max_new_tokens", max_new_tokens)
    options = {"length_penalty": float(length_penalty), "early_stopping": early_stopping} if beams > 1 else {}
    inputs = tokenizer(SUMMARIZE + text, return_tensors="pt")
    with torch.no_grad():
        output = model.generate(**inputs, num_beams=beams, max_new_tokens=most, **options)
    ids = tuple(output[0].tolist()[1:])
    return Summary(ids, tokenizer.decode(ids, skip_special_tokens=True), ids[-1] == model.config.eos_token_id)


def whole_words(tokens):
    """Return (words, place): the words that T5's pieces make up, and for each piece the number of its word.

    A piece that begins with a low bar begins a word; </s> is a word of its own.
    """
    found, place = [], []
    for token in tokens:
        alone = bool(found) and found[-1] == ""  # the bar came as a piece of its own: this piece belongs to it
        if not found or token == "</s>" or (token.startswith("▁") and not alone):
            found.append("")
        found[-1] += token.lstrip("▁")
        place.append(len(found) - 1)
    return found, np.array(place, dtype=int)


def source_words(model, tokenizer, text, ids):
    """Return (words, weights): the prompt's words, prefix and </s> too, and where the decoder looks on its way.

    ids: what was written. weights: (layers, words), each row sums to 1: the cross-attention of a layer, as the mean of
    its heads and of all written tokens, added up over the pieces of a word.
    """
    tokens, _, weights = cross_attention(model, tokenizer, SUMMARIZE + text, ids)
    found, place = whole_words(tokens)
    mean = weights.mean(axis=(1, 2))  # (layers, source)
    sums = np.zeros((len(mean), len(found)))
    np.add.at(sums, (slice(None), place), mean)
    return found, sums


def used_words(source, summary):
    """Return True for each of the shown words of `source` (texts) whose letters lie on the common subsequence with `summary`."""
    flat = [(word, shown) for shown, text in enumerate(source) for word in words(text)]
    used = [False] * len(source)
    for i, _ in lcs([word for word, _ in flat], words(summary)):
        used[flat[i][1]] = True
    return used


def foreign_words(summary, text):
    """Return True for each of the shown words of `summary` (texts) that has a word which the text does not hold."""
    there = set(words(text))
    return [any(word not in there for word in words(shown)) for shown in summary]
