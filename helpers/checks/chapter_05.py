"""The exercises of chapter 5: a mean without padding, nearest sentences, attention without padding, a layer's frame."""

import numpy as np

from helpers.attention import attention, softmax
from helpers.checks.check import Exercise, Mistake

_RANDOM = np.random.default_rng(5)


def _column(mask):
    return np.asarray(mask)[:, :, np.newaxis]


_TWO = (
    np.array([[[1.0, 2.0], [3.0, 6.0], [8.0, 1.0]], [[0.0, 1.0], [2.0, 2.0], [4.0, 6.0]]]),
    np.array([[1, 1, 0], [1, 1, 1]]),
)
_LENGTHS = np.array([[1, 1, 1, 1, 1], [1, 0, 0, 0, 0], [1, 1, 1, 0, 0]])


check_masked_mean = Exercise(
    name="my_masked_mean",
    task="write my_masked_mean(states, mask). It returns one vector a sentence, (sentences, features): the mean over the "
    "tokens whose mask is 1.",
    expected=lambda states, mask: np.array([s[m == 1].mean(axis=0) for s, m in zip(states, mask)]),
    cases=(
        _TWO,
        (_RANDOM.normal(size=(3, 5, 4)), _LENGTHS),
        (_RANDOM.normal(size=(2, 4, 3)), np.ones((2, 4), dtype=int)),
    ),
    mistakes=(
        Mistake(
            "padding counted",
            "this is the plain mean: the padding counts as if it were words. The mask has no effect.",
            lambda states, mask: states.mean(axis=1),
            _TWO,
        ),
        Mistake(
            "divided by all",
            "the padding is left out of the sum, but the sum is divided by the number of all tokens, padding too. Short "
            "sentences come out too small.",
            lambda states, mask: (states * _column(mask)).sum(axis=1) / states.shape[1],
            _TWO,
        ),
        Mistake(
            "divided by the batch",
            "each sum is divided by the number of real tokens in the whole batch. A sentence's vector would depend on the "
            "sentences beside it.",
            lambda states, mask: (states * _column(mask)).sum(axis=1) / mask.sum(),
            _TWO,
        ),
        Mistake(
            "not divided",
            "these are sums and not means: a long sentence gets a long vector.",
            lambda states, mask: (states * _column(mask)).sum(axis=1),
            _TWO,
        ),
        Mistake(
            "mask turned round",
            "this is the mean of the padding. In the mask 1 stands for a real token, and where a sentence has no padding "
            "there is nothing to average (nan).",
            lambda states, mask: (states * (1 - _column(mask))).sum(axis=1) / (1 - mask).sum(axis=1)[:, np.newaxis],
            _TWO,
        ),
        Mistake(
            "first token",
            "this is the vector of the first token, [CLS]. It is another way to get one vector a sentence, but no mean.",
            lambda states, mask: states[:, 0],
            _TWO,
        ),
    ),
    right="the mean sees real tokens only, so a sentence has the same vector in every batch.",
    try_this="my_masked_mean with a third sentence of padding only, all of its mask 0. What comes out, and what should it be?",
)


def _cosine_table(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T


def _without_itself(table, value=-np.inf):
    table = np.array(table, dtype=float)
    np.fill_diagonal(table, value)
    return table


def _nearest_by_loops(vectors):
    def cosine(a, b):
        return sum(x * y for x, y in zip(a, b)) / sum(x * x for x in a) ** 0.5 / sum(y * y for y in b) ** 0.5

    rows = range(len(vectors))
    return np.array([max((j for j in rows if j != i), key=lambda j: cosine(vectors[i], vectors[j])) for i in rows])


_ARROWS = (np.array([[1.0, 0.0], [6.0, 1.0], [1.0, 2.0], [0.0, 9.0]]),)

check_nearest = Exercise(
    name="my_nearest",
    task="write my_nearest(vectors). For each row it returns the number of the other row with the largest cosine, an array "
    "of shape (rows,).",
    expected=_nearest_by_loops,
    cases=(_ARROWS, (_RANDOM.normal(size=(6, 3)) * [[1], [9], [2], [5], [1], [7]],), (_RANDOM.normal(size=(5, 8)),)),
    mistakes=(
        Mistake(
            "itself",
            "every row found itself. Its cosine with itself is 1, and no other can be larger.",
            lambda vectors: _cosine_table(vectors).argmax(axis=1),
            _ARROWS,
        ),
        Mistake(
            "dot product",
            "the rows are compared by their dot products, in which a long row beats a near one. A cosine does not depend on "
            "the lengths.",
            lambda vectors: _without_itself(vectors @ vectors.T).argmax(axis=1),
            _ARROWS,
        ),
        Mistake(
            "distance",
            "the rows are compared by the distance between their ends. Two rows that point the same way, one short and one "
            "long, are far apart then.",
            lambda vectors: _without_itself(((vectors[:, np.newaxis] - vectors) ** 2).sum(axis=2), np.inf).argmin(
                axis=1
            ),
            _ARROWS,
        ),
        Mistake(
            "farthest",
            "this is the row with the smallest cosine, the one that is farthest away.",
            lambda vectors: _cosine_table(vectors).argmin(axis=1),
            _ARROWS,
        ),
    ),
    right="the cosine finds the nearest row, whatever the lengths, and a row is not its own neighbour.",
    try_this="the embeddings of six sentences of your own, from `embed` of chapter 5. Is being nearest always mutual?",
)


def _scores(query, key):
    return query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])


def _keys(mask):
    return np.asarray(mask)[:, np.newaxis, :]


def _hiding(mask, shape):
    return np.broadcast_to(_keys(mask) == 1, shape)


def _looked(query, key, value, mask, scale=None):
    shape = (*query.shape[:-1], key.shape[-2])
    return attention(query, key, value, mask=_hiding(mask, shape), scale=scale)[0]


_PADDED = (
    np.array([[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]]),
    np.array([[[2.0, 0.0], [0.0, 2.0], [3.0, 3.0]]]),
    np.array([[[1.0, 0.0], [0.0, 1.0], [9.0, 9.0]]]),
    np.array([[1, 1, 0]]),
)
_BATCH = (*_RANDOM.normal(size=(3, 3, 5, 4)), _LENGTHS)

check_padded_attention = Exercise(
    name="my_padded_attention",
    task="write my_padded_attention(query, key, value, mask). It returns the blends of a whole batch, (sentences, tokens, "
    "features), in which no token looks at padding. The queries of padding tokens look at the real tokens as well.",
    expected=lambda query, key, value, mask: np.array([
        attention(q, k[m == 1], v[m == 1])[0] for q, k, v, m in zip(query, key, value, mask)
    ]),
    cases=(_PADDED, _BATCH),
    mistakes=(
        Mistake(
            "padding attended",
            "the padding is looked at like any word: a part of every blend is the values of padding.",
            lambda query, key, value, mask: attention(query, key, value)[0],
            _PADDED,
        ),
        Mistake(
            "mask after softmax",
            "the weights on the padding are set to 0 after softmax. By then they have taken their share, and the weights "
            "that are left no longer sum to 1.",
            lambda query, key, value, mask: softmax(_scores(query, key)) * _keys(mask) @ value,
            _PADDED,
        ),
        Mistake(
            "score 0",
            "the scores of padding are set to 0. That is a score like any other: exp(0) is 1, so padding still gets weight.",
            lambda query, key, value, mask: softmax(_scores(query, key) * _keys(mask)) @ value,
            _PADDED,
        ),
        Mistake(
            "queries masked",
            "the mask is on the queries: the padding may not look, but the words still look at it. It is the keys that "
            "nobody may look at.",
            lambda query, key, value, mask: attention(query, key, value)[0] * _column(mask),
            _PADDED,
        ),
        Mistake(
            "not scaled",
            "the padding is hidden, but the scores are not divided by sqrt(d_k).",
            lambda query, key, value, mask: _looked(query, key, value, mask, scale=1),
            _PADDED,
        ),
        Mistake(
            "mask turned round",
            "the words are hidden and the padding is looked at. In the mask 1 stands for a real token.",
            lambda query, key, value, mask: _looked(query, key, value, 1 - mask),
            _PADDED,
        ),
    ),
    right="padding has no part in any blend, so a sentence comes out the same in every batch.",
    try_this="other values in the padding, 1000 for example. Does any output change?",
)


def _attend(x):
    """Self-attention without matrices: it mixes the rows."""
    return attention(x, x, x)[0]


def _feed(x):
    """A feed-forward network of three features, given by its matrices."""
    return np.maximum(x @ np.array([[1.0, -2, 0.5], [0, 1, -1], [2, 0, 1]]), 0) @ np.array([
        [1.0, 0, -1],
        [0, 2, 1],
        [1, 1, 0],
    ])


def _norm(x):
    """Each row to mean 0 and variance 1."""
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-12)


def _double(x):
    return 2 * x


def _plus_one(x):
    return x + 1


def _times_ten(x):
    return 10 * x


# Plain functions first: their answers can be followed by hand.
_BY_HAND = np.array([[1.0, 2.0]]), _double, _plus_one, _times_ten
_REAL = np.array([[0.5, -1.0, 2.0], [1.0, 0.0, 3.0], [-2.0, 1.5, 0.5]]), _attend, _feed, _norm


def _in_steps(x, attend, feed, norm):
    for part in (attend, feed):
        x = norm(np.add(x, part(x)))
    return x


check_block = Exercise(
    name="my_block",
    task="write my_block(x, attend, feed, norm). It puts together a layer of BERT from three functions that it is given, and "
    "returns what comes out, in the shape of x.",
    expected=_in_steps,
    cases=(_BY_HAND, _REAL),
    mistakes=(
        Mistake(
            "nothing added",
            "the parts follow each other, but nothing is added to their input. What came in is lost as soon as attention has "
            "mixed it.",
            lambda x, attend, feed, norm: norm(feed(norm(attend(x)))),
            _BY_HAND,
        ),
        Mistake(
            "added once",
            "the first part's input is added, the second part's is not. There are two residual connections.",
            lambda x, attend, feed, norm: norm(feed(norm(x + attend(x)))),
            _BY_HAND,
        ),
        Mistake(
            "first input twice",
            "the second sum adds the input of the whole layer. A residual connection goes round its own part only: what goes "
            "into the second part is what is added to its result.",
            lambda x, attend, feed, norm: norm(x + feed(norm(x + attend(x)))),
            _BY_HAND,
        ),
        Mistake(
            "normalised before the sum",
            "the result of each part is normalised, and the sum is not. BERT normalises the sum.",
            lambda x, attend, feed, norm: (h := x + norm(attend(x))) + norm(feed(h)),
            _BY_HAND,
        ),
        Mistake(
            "normalised on the way in",
            "each part's input is normalised. GPT-2 is built so; BERT normalises what comes out of each sum.",
            lambda x, attend, feed, norm: (h := x + attend(norm(x))) + feed(norm(h)),
            _BY_HAND,
        ),
        Mistake(
            "normalised once",
            "only the end is normalised. BERT normalises after each of its two sums.",
            lambda x, attend, feed, norm: norm((h := x + attend(x)) + feed(h)),
            _BY_HAND,
        ),
        Mistake(
            "side by side",
            "both parts get the same input. In BERT they stand behind each other: the second part gets what comes out of the "
            "first.",
            lambda x, attend, feed, norm: norm(x + attend(x) + feed(x)),
            _BY_HAND,
        ),
    ),
    right="attention, feed-forward, and after each of them: add the input and normalise.",
    try_this="a block whose attend and feed return zeros. What does the layer do then? Why is that a good place to start "
    "learning from?",
)
