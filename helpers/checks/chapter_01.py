"""The exercises of chapter 1: scores, weights and a blend for one query."""

import numpy as np

from helpers.attention import attention, softmax
from helpers.checks.check import Exercise, Mistake


def _exp(x):
    return np.exp(np.asarray(x, dtype=float))


_LOVE = np.array([1, 0, -1]), np.array([[1, 1, 0], [0, -1, 1], [1, 0, -1]])
_SMALL = np.array([1, 2]), np.array([[1, 0], [3, 1]])
_TABLE = np.array([1.0, -2.0, 0.5]), np.array([[0.5, 1, 2], [-1, 0, 1], [2, 2, -3], [1, -1, 0]])


check_scores = Exercise(
    name="my_scores",
    task="write my_scores(query, keys). It returns one score a key, an array of shape (keys,).",
    expected=lambda query, keys: np.array([sum(q * k for q, k in zip(query, key)) for key in keys]),
    cases=(_SMALL, _LOVE, _TABLE),
    mistakes=(
        Mistake(
            "not added up",
            "these are the products, entry by entry, and nobody has added them up. A key has one score, not one score a "
            "feature.",
            lambda query, keys: keys * query,
            _SMALL,
        ),
        Mistake(
            "added over keys",
            "the products are added up over the keys, so you get one number a feature. A score belongs to a key: it adds "
            "up that key's own products.",
            lambda query, keys: (keys * query).sum(axis=0),
            _SMALL,
        ),
        Mistake(
            "keys transposed",
            "the query meets the columns of the table. A column holds one feature of all keys; a key is a row.",
            lambda query, keys: keys.T @ query,
            _SMALL,
        ),
        Mistake(
            "cosine",
            "each score is divided by the lengths of the two vectors, so it is a cosine. In a dot product long vectors "
            "score higher, and attention keeps that.",
            lambda query, keys: keys @ query / (np.linalg.norm(keys, axis=1) * np.linalg.norm(query)),
            _SMALL,
        ),
        Mistake(
            "keys only",
            "these are the sums of the keys: the query has no part in them. Whoever asks, the scores would be the same.",
            lambda query, keys: keys.sum(axis=1),
            _SMALL,
        ),
    ),
    right="a score is a dot product, one for each key, whatever the number of keys.",
    try_this="a query twice as long. What happens to the scores, and which key is best now?",
)


check_softmax = Exercise(
    name="my_softmax",
    task="write my_softmax(scores) for one row of scores. It returns weights of the same shape that are positive and sum "
    "to 1, also for scores like 1000.",
    expected=lambda scores: softmax(scores),
    cases=(
        (
            np.array([1.0, 3.0]),
        ),  # not 0 and 1: the scores themselves, or a hard choice, would look like shares of a sum
        (np.array([1.0, -1.0, 2.0]),),
        (np.array([1000.0, 999.0, 998.0]),),
        (np.array([-1000.0, -1001.0]),),
        (np.array([900.0, 0.0]),),
        (np.array([2000.0, 0.0]),),
    ),
    mistakes=(
        Mistake(
            "no exp",
            "the scores are divided by their sum, without exp. A negative score then gets a negative weight, and scores "
            "that sum to 0 get none at all.",
            lambda scores: scores / scores.sum(),
            (np.array([-1.0, 3.0]),),
        ),
        Mistake(
            "not divided",
            "every score went through exp, but the results do not sum to 1, so they are no weights yet.",
            lambda scores: np.exp(scores),
            (np.array([0.0, 1.0]),),
        ),
        Mistake(
            "largest is 1",
            "the largest of these is 1, so together they are more than 1. Weights share out exactly 1.",
            lambda scores: _exp(scores - scores.max()),
            (np.array([0.0, 1.0]),),
        ),
        Mistake(
            "shift on one side",
            "the shift is in the numerator only. It cancels only if both sides of the division have it.",
            lambda scores: np.exp(scores - scores.max()) / np.exp(scores).sum(),
            (np.array([0.0, 1.0]),),
        ),
        Mistake(
            "no shift",
            "small scores are right, large ones are not: exp(1000) is too large for a float, and infinity divided by "
            "infinity is not a number (nan). Chapter 1 has a Pitfall about it.",
            lambda scores: _exp(scores) / _exp(scores).sum(),
            (np.array([1000.0, 999.0]),),
        ),
        Mistake(
            "shift by the mean",
            "the shift is by the mean. That helps a while, but a score far above the mean still overflows in exp. No "
            "shifted score may be above 0.",
            lambda scores: _exp(scores - np.mean(scores)) / _exp(scores - np.mean(scores)).sum(),
            (np.array([2000.0, 0.0]),),
        ),
        Mistake(
            "shift by the smallest",
            "the shift is by the smallest score, so the others grow instead of shrinking, and a large difference overflows "
            "in exp.",
            lambda scores: _exp(scores - np.min(scores)) / _exp(scores - np.min(scores)).sum(),
            (np.array([2000.0, 0.0]),),
        ),
    ),
    right="your softmax turns any finite scores into weights that sum to 1.",
    try_this="my_softmax(np.array([0.0, 1.0])) and the same with 1000 added to both scores. Why are they equal?",
)


def _pick(query, keys, values):
    return values[np.argmax(keys @ query)]


_ASK = np.array([1.0, 2.0]), np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[4.0], [0.0]])

check_blend = Exercise(
    name="my_attention",
    task="write my_attention(query, keys, values). It returns the blend of the values, an array of shape (value size,). "
    "You may use my_softmax.",
    expected=lambda query, keys, values: attention(query, keys, values, scale=1)[0],
    cases=(
        _ASK,
        (*_LOVE, np.array([[5], [0], [-3]])),
        (*_TABLE, np.array([[1.0, 0.0], [0.5, 2.0], [-1.0, 1.0], [3.0, -2.0]])),
    ),
    mistakes=(
        Mistake(
            "best match",
            "this is the value of the best key. That is a search. Attention lets every key have a part, by its weight.",
            _pick,
            _ASK,
        ),
        Mistake(
            "plain mean",
            "this is the plain mean of the values: every key has the same weight, whatever the query asks.",
            lambda query, keys, values: values.mean(axis=0),
            _ASK,
        ),
        Mistake(
            "scores as weights",
            "the values are added up by their raw scores, without softmax. Scores are no weights: they can be negative and "
            "do not sum to 1.",
            lambda query, keys, values: (keys @ query) @ values,
            _ASK,
        ),
        Mistake(
            "keys blended",
            "this is a blend of the keys. A key says how well a word is found; what it hands over is its value.",
            lambda query, keys, values: softmax(keys @ query) @ keys,
            _ASK,
        ),
        Mistake(
            "not added up",
            "each value is multiplied by its weight, but the results still stand side by side. A blend is their sum.",
            lambda query, keys, values: softmax(keys @ query)[:, np.newaxis] * values,
            _ASK,
        ),
        Mistake(
            "scaled",
            "the scores are divided by sqrt(d_k). That is chapter 2; here they stay as they are.",
            lambda query, keys, values: attention(query, keys, values)[0],
            _ASK,
        ),
    ),
    right="compare, weigh, blend: this is attention for one query.",
    try_this="values with two columns, such as [[5, 0], [0, 1], [-3, 0]]. What does each column of the output say?",
)


def _distances(question, keys):
    return ((keys - question) ** 2).sum(axis=1)


def _looked_up(scores, values):
    return softmax(scores) @ values


def _unshifted(scores, values):
    return _exp(scores) / _exp(scores).sum() @ values


_HOURS = np.array([[6.0], [12.0], [18.0]])
_DEGREES = np.array([10.0, 20.0, 16.0])
_SHORT = np.array([2.0]), np.array([[1.0], [4.0]]), np.array([10.0, 20.0]), 0.5
_PLACES = np.random.default_rng(1).integers(-4, 5, (5, 2)) / 2

check_lookup = Exercise(
    name="soft_lookup",
    task="write soft_lookup(question, keys, values, sharpness). The score of a key is minus the squared distance to the "
    "question, times the sharpness. It returns the blend of the values.",
    expected=lambda question, keys, values, sharpness: _looked_up(
        -sharpness * np.array([sum((k - q) ** 2 for k, q in zip(key, question)) for key in keys]), values
    ),
    cases=(
        _SHORT,
        (np.array([13.0]), _HOURS, _DEGREES, 0.2),
        (np.array([0.5, -1.0]), _PLACES, np.array([[1.0, 0], [0, 1], [2, 2], [-1, 3], [0, 0.5]]), 0.7),
        (np.array([12.0]), _HOURS, _DEGREES, 0.0),
        (np.array([100.0]), _HOURS, _DEGREES, 1.0),
    ),
    mistakes=(
        Mistake(
            "minus forgotten",
            "the key that is farthest away gets the largest weight: a distance is small where two things match.",
            lambda question, keys, values, sharpness: _looked_up(sharpness * _distances(question, keys), values),
            _SHORT,
        ),
        Mistake(
            "dot product",
            "the keys are compared by a dot product. It favours long keys: the key of hour 18 would win whatever you ask.",
            lambda question, keys, values, sharpness: _looked_up(sharpness * (keys @ question), values),
            _SHORT,
        ),
        Mistake(
            "not squared",
            "the distance is not squared. It says as well which key is nearest, but the weights fall off more slowly.",
            lambda question, keys, values, sharpness: _looked_up(
                -sharpness * np.sqrt(_distances(question, keys)), values
            ),
            _SHORT,
        ),
        Mistake(
            "nearest only",
            "this is the value of the nearest key: a hard lookup. A soft one lets the other keys have their part.",
            lambda question, keys, values, sharpness: values[np.argmin(_distances(question, keys))],
            _SHORT,
        ),
        Mistake(
            "sharpness ignored",
            "the sharpness has no effect: at any sharpness you get the answer of sharpness 1.",
            lambda question, keys, values, sharpness: _looked_up(-_distances(question, keys), values),
            _SHORT,
        ),
        Mistake(
            "divided by the sharpness",
            "the scores are divided by the sharpness, so a sharper lookup becomes blurred. Dividing is what a temperature "
            "does.",
            lambda question, keys, values, sharpness: _looked_up(-_distances(question, keys) / sharpness, values),
            _SHORT,
        ),
        Mistake(
            "underflow",
            "right while the question is near a key. Far away all exp become 0, and 0 / 0 is not a number (nan). The "
            "softmax needs its shift here as well, this time against numbers that are too small.",
            lambda question, keys, values, sharpness: _unshifted(-sharpness * _distances(question, keys), values),
            (np.array([100.0]), np.array([[1.0], [4.0]]), np.array([10.0, 20.0]), 1.0),
        ),
    ),
    right="attention is a dictionary that also answers between its keys, with whatever score you give it.",
    try_this="sharpness 0, 0.05, 0.2, 1 and 100 for the question [13.0]. At which end is it the plain mean, and at "
    "which the reading of the nearest key?",
)
