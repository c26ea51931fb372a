"""The exercises of chapter 3: self-attention, a causal mask, positions, and a sliding window."""

import numpy as np

from helpers.attention import attention, softmax
from helpers.checks.check import Exercise, Mistake
from helpers.positions import sinusoidal_positions

_RANDOM = np.random.default_rng(3)


def _table(*shape):
    """Return a table of numbers with one decimal, the same in every run."""
    return np.round(_RANDOM.normal(size=shape), 1)


def _self(x, W_q, W_k, W_v, **more):
    return attention(x @ W_q, x @ W_k, x @ W_v, **more)[0]


def _table_of(scores, value, axis=-1):
    return softmax(scores, axis) @ value


# Two words of two features; matrices that differ, so that each exchange shows.
_TWO = (
    np.array([[1.0, 0], [0, 2]]),
    np.array([[1.0, 1], [0, 1]]),
    np.array([[1.0, 0], [1, 1]]),
    np.array([[0.0, 3], [1, 0]]),
)
_FIVE = _table(5, 4), _table(4, 4), _table(4, 4), _table(4, 4)
_NARROW = _table(3, 4), _table(4, 2), _table(4, 2), _table(4, 3)

check_self_attention = Exercise(
    name="my_self_attention",
    task="write my_self_attention(x, W_q, W_k, W_v). Make queries, keys and values of all words and return the output, "
    "(words, value size). You may use attention.",
    expected=lambda x, W_q, W_k, W_v: np.array([
        attention(word @ W_q, np.array([w @ W_k for w in x]), np.array([w @ W_v for w in x]))[0] for word in x
    ]),
    cases=(_TWO, _FIVE, _NARROW),
    mistakes=(
        Mistake(
            "values are embeddings",
            "the words hand over their embeddings: W_v has no part in it.",
            lambda x, W_q, W_k, W_v: attention(x @ W_q, x @ W_k, x)[0],
            _TWO,
        ),
        Mistake(
            "queries and keys swapped",
            "W_q made the keys and W_k the queries: the table of scores is transposed, so the words that are looked at do "
            "the looking.",
            lambda x, W_q, W_k, W_v: _self(x, W_k, W_q, W_v),
            _TWO,
        ),
        Mistake(
            "matrices transposed",
            "each matrix is transposed. Here a row of W belongs to a feature that goes in, and a column to one that comes "
            "out. (PyTorch's layers keep theirs the other way round.)",
            lambda x, W_q, W_k, W_v: _self(x, W_q.T, W_k.T, W_v.T),
            _TWO,
        ),
        Mistake(
            "no projections",
            "the embeddings attend to themselves as they are. Query and key are then the same vector: a word looks for what "
            "it is found by, and on for mat scores what mat scores for on.",
            lambda x, W_q, W_k, W_v: attention(x, x, x)[0],
            _TWO,
        ),
        Mistake(
            "one matrix",
            "one matrix makes queries and keys. The score of on for mat is then always that of mat for on.",
            lambda x, W_q, W_k, W_v: _self(x, W_q, W_q, W_v),
            _TWO,
        ),
        Mistake(
            "not scaled",
            "the scores are not divided by sqrt(d_k).",
            lambda x, W_q, W_k, W_v: _self(x, W_q, W_k, W_v, scale=1),
            _TWO,
        ),
        Mistake(
            "wrong axis",
            "the softmax runs over the wrong axis: the columns sum to 1. A row is a word that looks, and it shares itself "
            "out.",
            lambda x, W_q, W_k, W_v: _table_of((x @ W_q) @ (x @ W_k).T / np.sqrt(W_k.shape[1]), x @ W_v, axis=0),
            _TWO,
        ),
        Mistake(
            "weights only",
            "these are the weights. The values have not been blended yet.",
            lambda x, W_q, W_k, W_v: attention(x @ W_q, x @ W_k, x @ W_v)[1],
            _TWO,
        ),
    ),
    right="every word asks, answers and hands over, and the same three matrices serve a sentence of any length.",
    try_this="the five embeddings and matrices of chapter 3. Do you get its output?",
)


def _scores(Q, K):
    return Q @ K.T / np.sqrt(K.shape[-1])


def _hidden(Q, K, V, allowed, instead=-np.inf):
    """Return causal-like attention in which scores that are not allowed are replaced."""
    return _table_of(np.where(allowed, _scores(Q, K), instead), V)


def _lower(Q, k=0):
    return np.tril(np.ones((len(Q), len(Q)), dtype=bool), k)


def _strict(Q, K, V):
    scores = np.where(_lower(Q, -1), _scores(Q, K), -np.inf)
    e = np.exp(scores - np.where(np.isfinite(scores.max(-1, keepdims=True)), scores.max(-1, keepdims=True), np.nan))
    return e / e.sum(axis=-1, keepdims=True) @ V


_FIRST = np.array([[0.0], [0.0]]), np.array([[0.0], [0.0]]), np.array([[10.0], [20.0]])
_ORDER = np.array([[1.0], [1.0]]), np.array([[1.0], [2.0]]), np.array([[10.0], [20.0]])
_EVEN = np.zeros((3, 1)), np.zeros((3, 1)), np.array([[10.0], [20.0], [30.0]])

check_causal = Exercise(
    name="causal_attention",
    task="write causal_attention(Q, K, V): word i may look at the words 0 to i. Make the mask yourself; return the output, "
    "(words, value size). You may use softmax.",
    expected=lambda Q, K, V: np.array([attention(Q[i], K[: i + 1], V[: i + 1])[0] for i in range(len(Q))]),
    cases=((_table(4, 3), _table(4, 3), _table(4, 2)), _ORDER, (_table(6, 2) * 5, _table(6, 2), _table(6, 6))),
    mistakes=(
        Mistake(
            "no mask",
            "every word still looks at every word. A word that is to be predicted would be seen before it is written.",
            lambda Q, K, V: attention(Q, K, V)[0],
            _EVEN,
        ),
        Mistake(
            "mask after softmax",
            "the mask comes after softmax: the hidden weights are gone, but nobody shared them out again, so the rows no "
            "longer sum to 1.",
            lambda Q, K, V: (softmax(_scores(Q, K)) * _lower(Q)) @ V,
            _FIRST,
        ),
        Mistake(
            "hidden scores are 0",
            "hidden scores became 0. A score of 0 is a score like any other: exp(0) is 1, and the word gets a weight.",
            lambda Q, K, V: _hidden(Q, K, V, _lower(Q), 0.0),
            _ORDER,
        ),
        Mistake(
            "inverted",
            "the mask is the wrong way round: a word sees itself and what comes after it.",
            lambda Q, K, V: _hidden(Q, K, V, _lower(Q).T),
            _EVEN,
        ),
        Mistake(
            "self hidden",
            "a word may not look at itself. The first word then has nothing to look at, and its row is 0 / 0, which is not "
            "a number (nan).",
            _strict,
            _ORDER,
        ),
        Mistake(
            "one too many",
            "each word also sees the next one: the diagonal is off by one. That one word is the answer the model should "
            "guess.",
            lambda Q, K, V: _hidden(Q, K, V, _lower(Q, 1)),
            _EVEN,
        ),
        Mistake(
            "not scaled",
            "the scores are not divided by sqrt(d_k).",
            lambda Q, K, V: _table_of(np.where(_lower(Q), Q @ K.T, -np.inf), V),
            (np.array([[0.0, 0], [1, 0]]), np.array([[1.0, 0], [2, 0]]), np.array([[10.0], [20.0]])),
        ),
    ),
    right="nobody sees the future, and every row still shares out exactly 1.",
    try_this="change the last value only. Which outputs change?",
)


def _placed(x, W_q, W_k, W_v, places=None):
    return _self(x + (sinusoidal_positions(*x.shape) if places is None else places), W_q, W_k, W_v)


def _placed_apart(x, W_q, W_k, W_v, parts):
    placed = x + sinusoidal_positions(*x.shape)
    query, key, value = (placed if name in parts else x for name in "qkv")
    return attention(query @ W_q, key @ W_k, value @ W_v)[0]


_SAME = np.array([[1.0, 0], [1, 0]]), np.eye(2), np.eye(2), np.array([[1.0, 0], [0, 2]])

check_positions = Exercise(
    name="placed_attention",
    task="write placed_attention(x, W_q, W_k, W_v): self-attention that knows where each word stands. You may use "
    "sinusoidal_positions(words, features) and attention. Return the output, (words, value size).",
    expected=lambda x, W_q, W_k, W_v: _placed(x, W_q, W_k, W_v),
    cases=((_table(4, 4), _table(4, 4), _table(4, 4), _table(4, 4)), _SAME, _NARROW),
    mistakes=(
        Mistake(
            "not added",
            "the positions are not added: two equal words have equal outputs wherever they stand.",
            lambda x, W_q, W_k, W_v: _self(x, W_q, W_k, W_v),
            _SAME,
        ),
        Mistake(
            "added to the output",
            "the positions are added to what comes out. While the words looked at each other, nobody knew a place.",
            lambda x, W_q, W_k, W_v: _self(x, W_q, W_k, W_v) + sinusoidal_positions(len(x), W_v.shape[1]),
            _SAME,
        ),
        Mistake(
            "multiplied",
            "the embeddings are multiplied by the positions: where a wave is 0, the word's feature is lost.",
            lambda x, W_q, W_k, W_v: _self(x * sinusoidal_positions(*x.shape), W_q, W_k, W_v),
            _SAME,
        ),
        Mistake(
            "queries only",
            "only the queries know their place. The keys and values do not, so the words that are looked at are still a bag: "
            "their order makes no difference.",
            lambda x, W_q, W_k, W_v: _placed_apart(x, W_q, W_k, W_v, "q"),
            _SAME,
        ),
        Mistake(
            "not in the values",
            "queries and keys know their place, the values do not. (Rotary positions do it so on purpose; the first "
            "transformer added them to the embeddings.)",
            lambda x, W_q, W_k, W_v: _placed_apart(x, W_q, W_k, W_v, "qk"),
            _SAME,
        ),
        Mistake(
            "one place for all",
            "every word got the same position, that of place 0. All words moved together, and order is still unseen.",
            lambda x, W_q, W_k, W_v: _placed(x, W_q, W_k, W_v, sinusoidal_positions(1, x.shape[1])),
            _SAME,
        ),
        Mistake(
            "counted from 1",
            "the first word stands at place 1. Here, as in most code, the first place is 0.",
            lambda x, W_q, W_k, W_v: _placed(x, W_q, W_k, W_v, sinusoidal_positions(len(x) + 1, x.shape[1])[1:]),
            _SAME,
        ),
    ),
    right="the same word at two places is no longer the same vector, so order can be seen.",
    try_this="shuffle the words. Are the outputs only shuffled, as they were without positions?",
)


def _window(length, window, sinks, rule):
    """Return the table of rule(i, j, window, sinks) for word i that looks and word j that is looked at."""
    return np.array([[bool(rule(i, j, window, sinks)) for j in range(length)] for i in range(length)])


def _mask(rule):
    return lambda length, window, sinks: _window(length, window, sinks, rule)


check_window = Exercise(
    name="window_mask",
    task="write window_mask(length, window, sinks). It returns a table of True and False, (length, length): row i may look "
    "at the last `window` words up to and with i, and at the first `sinks` words, but never ahead.",
    expected=_mask(lambda i, j, window, sinks: j <= i and (i - j < window or j < sinks)),
    cases=((6, 2, 1), (5, 3, 2), (4, 1, 0), (3, 9, 0), (4, 1, 3), (1, 1, 1)),
    mistakes=(
        Mistake(
            "one too many",
            "the window holds one word too many: the word itself counts as one of the `window` words.",
            _mask(lambda i, j, window, sinks: j <= i and (i - j <= window or j < sinks)),
            (3, 1, 0),
        ),
        Mistake(
            "self hidden",
            "a word does not see itself. It belongs to its window.",
            _mask(lambda i, j, window, sinks: j <= i and (0 < i - j <= window or j < sinks)),
            (2, 1, 0),
        ),
        Mistake(
            "both sides",
            "the window reaches ahead as well as back: words see what has not been written yet.",
            _mask(lambda i, j, window, sinks: abs(i - j) < window or (j < sinks and j <= i)),
            (3, 2, 0),
        ),
        Mistake(
            "sinks ahead",
            "the sinks may be seen by everyone, also by the words before them. A sink is no exception to *never ahead*.",
            _mask(lambda i, j, window, sinks: (j <= i and i - j < window) or j < sinks),
            (3, 1, 2),
        ),
        Mistake(
            "no sinks",
            "the sinks are missing: words far down lose sight of the first ones.",
            _mask(lambda i, j, window, sinks: j <= i and i - j < window),
            (3, 1, 1),
        ),
        Mistake(
            "no window",
            "this is a plain causal mask: it sees all words before, however far away they are.",
            _mask(lambda i, j, window, sinks: j <= i),
            (3, 1, 0),
        ),
        Mistake(
            "transposed",
            "rows and columns are exchanged. A row is the word that looks.",
            _mask(lambda i, j, window, sinks: i <= j and (j - i < window or i < sinks)),
            (3, 2, 0),
        ),
        Mistake(
            "inverted",
            "True and False are exchanged: here True means *may look*. (Some of PyTorch's masks mean the opposite.)",
            _mask(lambda i, j, window, sinks: not (j <= i and (i - j < window or j < sinks))),
            (2, 1, 0),
        ),
        Mistake(
            "blocks",
            "the words are cut into blocks, and each sees its own block. A window moves along with the word.",
            _mask(lambda i, j, window, sinks: j <= i and (i // window == j // window or j < sinks)),
            (3, 2, 0),
        ),
    ),
    right="the cost of a word no longer grows with the text: it looks at window + sinks words at most.",
    try_this="use your mask in attention(Q, K, V, mask=...) with a length of 8. Through how many layers must word 7 go to "
    "hear of word 1, with a window of 3 and no sinks?",
)
