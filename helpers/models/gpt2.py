"""GPT-2 for panel 7: a prompt's ids, the logits of the next token, what temperature, top-k and top-p make of them.

Chapter 7 writes the same steps in the open and proves them against transformers.
"""

import functools

import numpy as np

from helpers import validate
from helpers.attention import softmax
from helpers.models.text import check_text, check_tokens

LONGEST = 2000  # characters of a prompt
SHOWN = {"\n": "↵", "\t": "⇥", "\r": "↵"}  # other white space becomes SPACE
SPACE = "␣"


def prompt_ids(tokenizer, text, most):
    """Return the ids of a prompt, a list. most: how many tokens there may be.

    White space at the ends and doubled inside is left out. Raises TypeError or ValueError that begins with "prompt" for
    a text that is empty or too long. No word is unknown to GPT-2: what it never saw becomes single bytes.
    """
    ids = tokenizer(check_text("prompt", text, LONGEST)).input_ids
    return check_tokens("prompt", ids, most)


def next_logits(model, ids):
    """Return the logits of the token that follows these ids: (vocabulary,), float64. ids: a list of 1 or more.

    Raises ValueError when there are more ids than the model has positions.
    """
    import torch

    check_tokens("the text", ids, model.config.n_positions)
    with torch.no_grad():
        logits = model(torch.tensor([ids]), use_cache=False, logits_to_keep=1).logits  # (1, 1, vocabulary)
    return logits[0, -1].double().numpy()


def next_token_probabilities(logits, temperature=1.0, top_k=0, top_p=1.0):
    """Return the probabilities from which the next token is drawn; they sum to 1. logits: (vocabulary,).

    The three act in the order of `model.generate`. temperature: above 0; divides the logits. top_k: keep so many of the
    likeliest tokens; 0 keeps all. top_p: then keep the fewest likeliest tokens that hold this share, above 0 to 1.
    Raises ValueError or TypeError that names what does not fit.
    """
    logits = validate.numbers("logits", logits, (1,))
    temperature, top_p = (
        float(validate.numbers(*pair, (0,))) for pair in (("temperature", temperature), ("top_p", top_p))
    )
    top_k = validate.whole_number("top_k", top_k, 0)
    if temperature <= 0:
        raise ValueError(f"temperature must be above 0, but it is {temperature:g}: greedy needs no temperature.")
    if not 0 < top_p <= 1:
        raise ValueError(f"top_p must be above 0 and at most 1, but it is {top_p:g}.")
    with np.errstate(all="ignore"):
        logits = logits.astype(float) / temperature  # float32 would round a tiny temperature to 0
    validate.in_range(f"logits / temperature, with the temperature {temperature:g},", logits)
    if 0 < top_k < len(logits):
        logits = np.where(logits < np.sort(logits)[-top_k], -np.inf, logits)
    probabilities = softmax(logits)
    if top_p < 1:
        order = np.argsort(-probabilities, kind="stable")
        likelier = np.cumsum(probabilities[order]) - probabilities[order]  # what the tokens before hold together
        probabilities[order[1:][likelier[1:] >= top_p]] = 0  # the likeliest stays, however small top_p is
    return probabilities / probabilities.sum()


def draw(probabilities, rng):
    """Return the index of one token, drawn with these probabilities. rng: a NumPy Generator.

    A race: each token's speed is its probability over a random waiting time, and the fastest wins, with exactly its
    probability. (`rng.choice` draws the same way on paper, but sums the probabilities up: in a large vocabulary the last
    bits, which differ between machines, would often pick another token.)
    """
    return int(np.argmax(probabilities / rng.exponential(size=len(probabilities))))


def visible(tokenizer, token):
    """Return one token's text with its white space made visible: "␣time". Part of a character is shown as its bytes."""
    raw = bytes(_bytes()[letter] for letter in tokenizer.convert_ids_to_tokens(int(token)))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return f"<{raw.hex(' ').upper()}>"
    return "".join(SHOWN.get(letter, SPACE) if letter.isspace() else letter for letter in text)


@functools.cache
def _bytes():
    """GPT-2 writes each byte as one printable letter: {letter: byte}. Source: bytes_to_unicode in OpenAI's encoder.py."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}
