"""The exercises of chapter 7: draw with a temperature, top-p, the loop that writes, one step with a key/value cache."""

import numpy as np

from helpers.attention import attention, softmax
from helpers.checks.check import Exercise, Mistake

_RANDOM = np.random.default_rng(7)


def _races(probabilities, times):
    return np.argmax(probabilities / times, axis=-1)


_WARM = np.array([2.0, 1.0, 0.0, -1.0]), 2.0, _RANDOM.exponential(size=(12, 4))
_COLD = np.array([2.0, 1.5, 1.0, -1.0]), 0.25, _RANDOM.exponential(size=(12, 4))

check_draw = Exercise(
    name="my_draw",
    task="write my_draw(logits, temperature, times). Each row of times is one race, with a random time for every token. It "
    "returns the number of the token that wins each race, (races,).",
    # The logarithm of probability / time, without the part that all tokens share.
    expected=lambda logits, temperature, times: np.array([
        max(range(len(logits)), key=lambda i: logits[i] / temperature - np.log(row[i])) for row in times
    ]),
    cases=(
        _WARM,
        _COLD,
        (_RANDOM.normal(size=30), 1.0, _RANDOM.exponential(size=(40, 30))),
        (_RANDOM.normal(size=6), 0.1, _RANDOM.exponential(size=(20, 6))),
        (np.array([900.0, 899.0, -900.0]), 0.5, _RANDOM.exponential(size=(20, 3))),
    ),
    mistakes=(
        Mistake(
            "temperature without sampling",
            "the likeliest token wins every race, and the random times have no part. That is greedy: then the temperature has "
            "no effect either, because it never changes which logit is the largest.",
            lambda logits, temperature, times: np.full(len(times), np.argmax(logits)),
            _WARM,
        ),
        Mistake(
            "temperature without effect",
            "at any temperature you get the races of temperature 1. Either it is left out, or it divides the probabilities: "
            "after softmax it slows all tokens down alike, and the same one wins.",
            lambda logits, temperature, times: _races(softmax(logits), times),
            _WARM,
        ),
        Mistake(
            "temperature turned round",
            "the logits are multiplied by the temperature. Then a high temperature makes the likely tokens likelier still, and "
            "a low one makes all alike.",
            lambda logits, temperature, times: _races(softmax(logits * temperature), times),
            _WARM,
        ),
        Mistake(
            "logits race",
            "the logits themselves run the race, without softmax. A token with a negative logit can then never win, however "
            "the times fall.",
            lambda logits, temperature, times: _races(logits / temperature, times),
            _WARM,
        ),
        Mistake(
            "slowest wins",
            "the slowest token wins. So unlikely tokens win most races.",
            lambda logits, temperature, times: np.argmin(softmax(logits / temperature) / times, axis=-1),
            _WARM,
        ),
        Mistake(
            "no shift",
            "right for small logits. With large ones exp overflows, and the probabilities are not numbers any more (nan): "
            "softmax needs its shift.",
            lambda logits, temperature, times: _races(
                np.exp(logits / temperature) / np.exp(logits / temperature).sum(), times
            ),
            (np.array([900.0, 901.0]), 0.5, np.array([[1.0, 0.5], [0.5, 1.0]])),
        ),
    ),
    right="a token is drawn by its probability, and the temperature acts before softmax.",
    try_this="the same times at temperature 0.01 and at 100. Which token wins, and what decides it?",
)


def _top_p(probabilities, p):
    """One token after the other, the likeliest first, until they hold the share p."""
    kept, held = np.zeros(len(probabilities)), 0.0
    for token in sorted(range(len(probabilities)), key=lambda i: -probabilities[i]):
        if held >= p:
            break
        kept[token] = probabilities[token]
        held += probabilities[token]
    return kept / kept.sum()


def _cut(probabilities, keep):
    kept = np.where(keep, probabilities, 0.0)
    return kept / kept.sum()


def _before(probabilities, order):
    """What the tokens in front of each one hold together, when the tokens stand in this order."""
    held = np.empty(len(probabilities))
    held[order] = np.cumsum(probabilities[order]) - probabilities[order]
    return held


_FIVE = np.array([0.1, 0.7, 0.03, 0.12, 0.05]), 0.85

check_top_p = Exercise(
    name="my_top_p",
    task="write my_top_p(probabilities, p). It keeps the fewest likeliest tokens that together hold the share p, gives the "
    "others 0, and returns probabilities that sum to 1 again, (vocabulary,).",
    expected=_top_p,
    cases=(
        _FIVE,
        (np.array([0.05, 0.9, 0.05]), 0.5),
        (softmax(_RANDOM.normal(size=40) * 2), 0.9),
        (softmax(_RANDOM.normal(size=40)), 0.33),
        (np.array([0.2, 0.5, 0.3]), 1.0),
    ),
    mistakes=(
        Mistake(
            "not shared out",
            "the right tokens are kept, but the probabilities do not sum to 1: nobody has got what the others lost.",
            lambda probabilities, p: _top_p(probabilities, p) * probabilities[_top_p(probabilities, p) > 0].sum(),
            _FIVE,
        ),
        Mistake(
            "in the order of size",
            "the numbers are right, but they stand sorted by size. A token's probability must stay at its place, because the "
            "place is the token's number.",
            lambda probabilities, p: np.sort(_top_p(probabilities, p))[::-1],
            _FIVE,
        ),
        Mistake(
            "last one missing",
            "the token with which the share p is reached is left out, so those that are kept hold less than p. Where one token "
            "alone holds more, nothing is kept at all.",
            lambda probabilities, p: _cut(
                probabilities, _before(probabilities, np.argsort(-probabilities)) + probabilities <= p
            ),
            _FIVE,
        ),
        Mistake(
            "p as a threshold",
            "a token is kept if its own probability is large enough. Top-p asks what the kept tokens hold together.",
            lambda probabilities, p: _cut(probabilities, probabilities >= 1 - p),
            _FIVE,
        ),
        Mistake(
            "least likely kept",
            "the tokens are added up from the least likely one. So the tail is kept and the head is cut off.",
            lambda probabilities, p: _cut(probabilities, _before(probabilities, np.argsort(probabilities)) < p),
            _FIVE,
        ),
        Mistake(
            "share of the tokens",
            "p is taken as a share of the number of tokens. That is top-k: it keeps as many where the model is sure as where it "
            "is not.",
            lambda probabilities, p: _cut(
                probabilities, np.argsort(np.argsort(-probabilities)) < max(1, round(p * len(probabilities)))
            ),
            _FIVE,
        ),
        Mistake(
            "order of the vocabulary",
            "the tokens are added up in the order of their numbers. Top-p begins with the likeliest, wherever it stands.",
            lambda probabilities, p: _cut(probabilities, _before(probabilities, np.arange(len(probabilities))) < p),
            _FIVE,
        ),
    ),
    right="few tokens are kept where one is nearly certain, and many where no one is.",
    try_this="my_top_p(np.full(10, 0.1), 0.5). All tokens are equally likely: which are kept, and is that fair?",
)


class Rules:
    """A model to try the loop on: it reads all ids, and its logits depend on each of them and on their order."""

    def __init__(self, table):
        self.table = np.asarray(table, dtype=float)

    def __call__(self, ids):
        state = 0
        for token in ids:
            state = (3 * state + int(token) + 1) % len(self.table)
        return self.table[state]

    def __repr__(self):
        return "a small model"


def _write(next_logits, ids, new_tokens, end, grows=True, stops=True, keeps_end=True):
    found = list(ids)
    for _ in range(new_tokens):
        token = int(np.argmax(next_logits(found if grows else ids)))
        if stops and not keeps_end and token == end:
            break
        found.append(token)
        if stops and token == end:
            break
    return found


def _last_only(next_logits, ids, new_tokens, end):
    return _write(lambda found: next_logits(found[-1:]), ids, new_tokens, end)


_MODEL = Rules(np.random.default_rng(3).normal(size=(11, 6)))
_OPEN = _MODEL, [3, 1, 4], 5, -1  # -1: a model without an end token
_ENDING = _MODEL, [3, 1, 4], 8, _write(_MODEL, [3, 1, 4], 8, -1)[5]

check_write = Exercise(
    name="my_write",
    task="write my_write(next_logits, ids, new_tokens, end). It returns the list ids and up to new_tokens likeliest tokens "
    "behind it, one after the other. The token end, if it comes, is the last one.",
    expected=lambda next_logits, ids, new_tokens, end: _write(next_logits, ids, new_tokens, end),
    cases=(
        _OPEN,
        _ENDING,
        (_MODEL, [2, 5, 2, 0, 1, 3, 3], 4, -1),
        (Rules(np.random.default_rng(4).normal(size=(23, 40))), [7], 30, 39),
        (_MODEL, [1, 2], 0, 0),
    ),
    mistakes=(
        Mistake(
            "prompt counted",
            "the prompt counts as if it were new: the whole text gets new_tokens tokens. That is what max_length does, and a "
            "long prompt then leaves no room for an answer.",
            lambda next_logits, ids, new_tokens, end: _write(next_logits, ids, max(0, new_tokens - len(ids)), end),
            _OPEN,
        ),
        Mistake(
            "prompt left out",
            "the new tokens are right, but the prompt is not in front of them.",
            lambda next_logits, ids, new_tokens, end: _write(next_logits, ids, new_tokens, end)[len(ids) :],
            _OPEN,
        ),
        Mistake(
            "always the prompt",
            "the model gets the prompt each time and never sees what it has written. So it gives the same answer each time.",
            lambda next_logits, ids, new_tokens, end: _write(next_logits, ids, new_tokens, end, grows=False),
            _OPEN,
        ),
        Mistake(
            "last token only",
            "the model gets the last token alone. Without a cache it then knows nothing of the text before it.",
            _last_only,
            _OPEN,
        ),
        Mistake(
            "end ignored",
            "the text goes on behind the end token. What follows there is another text.",
            lambda next_logits, ids, new_tokens, end: _write(next_logits, ids, new_tokens, end, stops=False),
            _ENDING,
        ),
        Mistake(
            "end dropped",
            "the loop ends in time, but the end token is missing. With it one can tell a text that is finished from one that "
            "was cut off.",
            lambda next_logits, ids, new_tokens, end: _write(next_logits, ids, new_tokens, end, keeps_end=False),
            _ENDING,
        ),
    ),
    right="the loop counts new tokens only, feeds the whole text back, and ends where the model ends.",
    try_this="next_logits=lambda ids: np.array([0.0, 1.0]) with end=0. What kind of greedy text is that?",
)


def _step(query, key, value, old_keys, old_values, scale=None, past=True, now=True, front=False, blended=False):
    news = [key], [value]
    pairs = zip(news, (old_keys, old_values))
    keys, values = (np.vstack([new, old] if front else [old, new]) for new, old in pairs)
    looked = slice(0 if past else -1, None if now else -1)
    output, _ = attention(query, keys[looked], (keys if blended else values)[looked], scale=scale)
    return output, keys, values


_ONE = np.array([1.0, 0.0]), np.array([1.0, 1.0]), np.array([4.0]), np.array([[0.0, 1.0]]), np.array([[8.0]])


def _random_step(past, width, value_width):
    sizes = (width,), (width,), (value_width,), (past, width), (past, value_width)
    return tuple(_RANDOM.normal(size=size) for size in sizes)


check_step = Exercise(
    name="my_step",
    task="write my_step(query, key, value, old_keys, old_values) for one new token. It returns its output and the cache with "
    "this token in it: output, keys, values.",
    expected=lambda query, key, value, old_keys, old_values: _step(query, key, value, old_keys, old_values),
    cases=(_ONE, _random_step(3, 4, 2), _random_step(6, 2, 2), _random_step(0, 3, 3)),
    returns=("output", "keys", "values"),
    mistakes=(
        Mistake(
            "past only",
            "the new token looks at the tokens before it and not at itself. The causal mask lets every token look at itself; "
            "the first one would have nothing to look at.",
            lambda *a: _step(*a, now=False),
            _ONE,
        ),
        Mistake(
            "now only",
            "the new token looks at itself alone, so its output is its own value. What the cache keeps is not used.",
            lambda *a: _step(*a, past=False),
            _ONE,
        ),
        Mistake(
            "cache stays",
            "the output is right, but the cache comes back as it was. The next token will not find this one.",
            lambda *a: (_step(*a)[0], a[3], a[4]),
            _ONE,
        ),
        Mistake(
            "new token in front",
            "the output is right, but in the cache the new token stands before the older ones. Rows should stand in the order "
            "of the text, or nobody can say any more which key belongs to which token.",
            lambda *a: _step(*a, front=True),
            _ONE,
        ),
        Mistake(
            "forgotten sqrt(d_k)",
            "the scores are not divided by sqrt(d_k). With a cache the computation is the same as without.",
            lambda *a: _step(*a, scale=1),
            _ONE,
        ),
        Mistake(
            "keys blended",
            "the output is a blend of the keys. Keys say where to look; what is handed over are the values.",
            lambda *a: _step(*a, blended=True),
            _ONE,
        ),
    ),
    right="one query, all keys: a step with a cache gives what the whole sentence under a causal mask gives.",
    try_this="call it for each word of chapter 3's sentence, beginning with an empty cache, and compare with "
    "attention(Q, K, V, mask=causal_mask(5)).",
)
