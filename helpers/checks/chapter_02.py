"""The exercises of chapter 2: softmax by rows, the four lines, a temperature that fits, and attention in one pass."""

import numpy as np

from helpers.attention import attention, entropy, softmax
from helpers.checks.check import Exercise, Mistake

_RANDOM = np.random.default_rng(2)


def _exp(x):
    return np.exp(np.asarray(x, dtype=float))


def _table(*shape):
    """Return a table of numbers with one decimal, the same in every run."""
    return np.round(_RANDOM.normal(size=shape), 1)


_PAIR = (np.array([[0.0, 1.0], [0.0, 2.0]]),)
_FAR = (np.array([[0.0, 1.0], [2000.0, 2001.0]]),)

check_softmax_rows = Exercise(
    name="softmax_rows",
    task="write softmax_rows(scores) for a table of scores, one row a query. It returns a table of the same shape in which "
    "every row sums to 1.",
    expected=lambda scores: softmax(scores),
    cases=(
        _PAIR,
        (_table(3, 4),),
        (np.array([[1000.0, 1001.0], [1002.0, 1000.0]]),),
        (np.array([[900.0, 0.0], [0.0, 900.0]]),),
        _FAR,
    ),
    mistakes=(
        Mistake(
            "wrong axis",
            "every column sums to 1: the softmax runs over the wrong axis. A row is a query, and its weights say how it "
            "shares itself out, so each row must sum to 1.",
            lambda scores: softmax(scores, axis=0),
            _PAIR,
        ),
        Mistake(
            "whole table",
            "the whole table sums to 1: all queries share one softmax. Each query has a softmax of its own.",
            lambda scores: _exp(scores - scores.max()) / _exp(scores - scores.max()).sum(),
            _PAIR,
        ),
        Mistake(
            "sums across",
            "the sums of the rows have lost their axis, so NumPy lays them along the columns: column 0 is divided by the "
            "sum of row 0.",
            lambda scores: _exp(scores - scores.max()) / _exp(scores - scores.max()).sum(axis=-1),
            _PAIR,
        ),
        Mistake(
            "not divided",
            "the results are not divided by anything, so the rows do not sum to 1.",
            lambda scores: _exp(scores - scores.max(axis=-1, keepdims=True)),
            _PAIR,
        ),
        Mistake(
            "no shift",
            "small scores are right, but exp(1000) is too large for a float: infinity divided by infinity is not a number "
            "(nan).",
            lambda scores: _exp(scores) / _exp(scores).sum(axis=-1, keepdims=True),
            (np.array([[1000.0, 1001.0]]),),
        ),
        Mistake(
            "shift of the table",
            "all rows are shifted by the largest score of the whole table. A row far below it becomes all 0, and 0 / 0 is "
            "not a number (nan).",
            lambda scores: _exp(scores - scores.max()) / _exp(scores - scores.max()).sum(axis=-1, keepdims=True),
            _FAR,
        ),
        Mistake(
            "shift by the columns",
            "each column is shifted by its own largest score. A shift cancels only if it is the same for a whole row.",
            lambda scores: _exp(scores - scores.max(axis=0)) / _exp(scores - scores.max(axis=0)).sum(-1, keepdims=True),
            _PAIR,
        ),
    ),
    right="every query has a softmax of its own, with its own shift.",
    try_this="a table with one column. What must every weight be?",
)


def _attend(query, key, value, scale=None, axis=-1):
    """Return (output, weights) for any scale and any axis of the softmax."""
    scale = 1 / np.sqrt(key.shape[-1]) if scale is None else scale
    weights = softmax(query @ key.T * scale, axis=axis)
    return weights @ value, weights


def _after(query, key, value):
    weights = softmax(query @ key.T) / np.sqrt(key.shape[-1])
    return weights @ value, weights


def _transposed(query, key, value):
    weights = softmax(key @ query.T / np.sqrt(key.shape[-1]))
    return weights @ value, weights


# Four features, so that sqrt(d_k) is 2; three keys and values of width 2, so that no other size gives 2 as well.
_FOUR = np.array([[2.0, 0, 0, 0]]), np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [-1, 0, 0, 0]]), np.eye(3)[:, :2] * 4
_SQUARE = _table(3, 4), _table(3, 4), _table(3, 2)

check_attention = Exercise(
    name="my_attention",
    task="write my_attention(query, key, value). It returns the output, (queries, value size), and the weights, (queries, "
    "keys). You may use softmax_rows.",
    expected=lambda query, key, value: attention(query, key, value),
    cases=(_SQUARE, _FOUR, (_table(2, 5), _table(3, 5), _table(3, 2))),
    returns=("output", "weights"),
    mistakes=(
        Mistake(
            "not scaled",
            "the scores are not divided by sqrt(d_k). With wide keys they grow, and softmax freezes.",
            lambda query, key, value: _attend(query, key, value, 1),
            _FOUR,
        ),
        Mistake(
            "divided by d_k",
            "the scores are divided by d_k itself. The typical score grows like its square root, so this is too much: the "
            "weights become flat.",
            lambda query, key, value: _attend(query, key, value, 1 / key.shape[-1]),
            _FOUR,
        ),
        Mistake(
            "divided by the number of keys",
            "the scores are divided by the square root of the number of keys. It is the width of a key that makes a dot "
            "product large, not how many keys there are.",
            lambda query, key, value: _attend(query, key, value, 1 / np.sqrt(len(key))),
            _FOUR,
        ),
        Mistake(
            "scaled after softmax",
            "the weights are divided instead of the scores: the rows do not sum to 1, and softmax has already frozen.",
            _after,
            _FOUR,
        ),
        Mistake(
            "multiplied",
            "the scores are multiplied by sqrt(d_k), so they grow twice: once by the sum, once by your factor.",
            lambda query, key, value: _attend(query, key, value, np.sqrt(key.shape[-1])),
            _FOUR,
        ),
        Mistake(
            "wrong axis",
            "the softmax runs over the wrong axis: each key shares itself out among the queries. With one query every "
            "weight is 1.",
            lambda query, key, value: _attend(query, key, value, axis=0),
            _FOUR,
        ),
        Mistake(
            "scores transposed",
            "the keys ask and the queries answer: the table of scores is transposed. A row must belong to a query.",
            _transposed,
            (np.eye(2), np.array([[0.0, 1.0], [0.0, 0.0]]), np.eye(2)),
        ),
        Mistake(
            "keys blended",
            "the weights are right, but they blend the keys. What a word hands over is its value.",
            lambda query, key, value: (_attend(query, key, key)[0], _attend(query, key, value)[1]),
            _FOUR,
        ),
    ),
    right="these are the four lines of attention, for any number of queries.",
    try_this="a query of only zeros. Which weights does it get, and which output?",
)


def _fit(scores, wanted, spread):
    """Return the temperature at which spread(weights) is as wanted, by halving an interval of its logarithm."""
    low, high = -30.0, 30.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if spread(softmax(scores / np.exp(middle))) < wanted else (low, middle)
    return float(np.exp(low))


_NATS = np.log(2)  # one bit in nats
_TWO = np.array([0.0, 1.0]), 0.5
_SIX = np.array([2.0, 1.0, 0.5, -1.0, -1.5, 3.0])

check_temperature = Exercise(
    name="fit_temperature",
    task="write fit_temperature(scores, bits) for one row of scores. It returns the temperature T at which the entropy of "
    "softmax(scores / T) is that number of bits, right to three digits.",
    expected=lambda scores, bits: _fit(scores, bits, entropy),
    cases=(_TWO, (_SIX, 2.0), (_SIX, 0.05), (_SIX * 10, 2.5)),
    tolerance=1e-3,
    mistakes=(
        Mistake(
            "inverse",
            "this is 1 / T: the scores would have to be multiplied by it. A high temperature makes weights flat.",
            lambda scores, bits: 1 / _fit(scores, bits, entropy),
            _TWO,
        ),
        Mistake(
            "nats",
            "the entropy is measured with the natural logarithm, so these are nats. A bit counts in powers of 2.",
            lambda scores, bits: _fit(scores, bits, lambda weights: entropy(weights) * _NATS),
            _TWO,
        ),
        Mistake(
            "logarithm of T",
            "this is the logarithm of the temperature. A temperature is positive.",
            lambda scores, bits: np.log(_fit(scores, bits, entropy)),
            _TWO,
        ),
        Mistake(
            "perplexity",
            "this T gives 2**entropy, the perplexity, the wanted value. That counts keys, not bits.",
            lambda scores, bits: _fit(scores, bits, lambda weights: 2 ** entropy(weights)),
            (np.array([0.0, 1.0, 3.0]), 1.2),
        ),
        Mistake(
            "coarse",
            "near, but not to three digits: a search over a grid of tenths stops too early. Entropy rises with T, always, "
            "so a search can close in on it.",
            lambda scores, bits: np.round(_fit(scores, bits, entropy), 1),
            _TWO,
        ),
    ),
    right="temperature is a dial for entropy, and the dial can be solved for.",
    try_this="the same number of bits for 10 * scores. How does T change, and why?",
)


def _in_blocks(query, key_blocks, value_blocks, step):
    """Run step(state, scores, values) over the blocks; state: (largest score, sum, output)."""
    state = -np.inf, 0.0, np.zeros(value_blocks[0].shape[1])
    for key, value in zip(key_blocks, value_blocks):
        state = step(state, key @ query / np.sqrt(len(query)), value)
    return state[2] / state[1]


def _keeps_output(state, scores, values):
    largest = max(state[0], scores.max())
    e = _exp(scores - largest)
    return largest, state[1] * np.exp(state[0] - largest) + e.sum(), state[2] + e @ values


def _keeps_both(state, scores, values):
    largest = max(state[0], scores.max())
    e = _exp(scores - largest)
    return largest, state[1] + e.sum(), state[2] + e @ values


def _keeps_sum(state, scores, values):
    largest = max(state[0], scores.max())
    e = _exp(scores - largest)
    return largest, state[1] + e.sum(), state[2] * np.exp(state[0] - largest) + e @ values


def _own_shift(state, scores, values):
    e = _exp(scores - scores.max())
    return 0.0, state[1] + e.sum(), state[2] + e @ values


def _no_shift(state, scores, values):
    e = _exp(scores)
    return 0.0, state[1] + e.sum(), state[2] + e @ values


def _block_outputs(query, key_blocks, value_blocks):
    return np.array([attention(query, key, value)[0] for key, value in zip(key_blocks, value_blocks)])


def _whole(query, key_blocks, value_blocks, scale=None):
    return attention(query, np.concatenate(key_blocks), np.concatenate(value_blocks), scale=scale)[0]


# The scores are 0 and 1, then 2, then 1: a larger one comes, which corrects what was kept, and then a smaller one.
_BLOCKS = (
    np.array([1.0, 0, 0, 0]),
    [np.array([[0.0, 0, 0, 0], [2, 0, 0, 0]]), np.array([[4.0, 0, 0, 0]]), np.array([[2.0, 0, 0, 0]])],
    [np.array([[10.0], [0]]), np.array([[20.0]]), np.array([[30.0]])],
)
_UNEVEN = [_table(3, 4), _table(1, 4), _table(2, 4) + 1], [_table(3, 2), _table(1, 2), _table(2, 2)]

check_streaming = Exercise(
    name="streaming_attention",
    task="write streaming_attention(query, key_blocks, value_blocks) for one query. Go through the blocks once, keep three "
    "things (the largest score so far, the sum, the output), and return the output, (value size,).",
    expected=lambda query, key_blocks, value_blocks: _whole(query, key_blocks, value_blocks),
    cases=(
        _BLOCKS,
        (_table(4), *_UNEVEN),
        (_BLOCKS[0], _BLOCKS[1][::-1], _BLOCKS[2][::-1]),
        (_table(4) * 2000, *_UNEVEN),
    ),
    mistakes=(
        Mistake(
            "no correction",
            "the shift changes when a larger score comes, but what was kept from the blocks before still has the old "
            "shift. Two shifts do not cancel.",
            lambda query, key_blocks, value_blocks: _in_blocks(query, key_blocks, value_blocks, _keeps_both),
            _BLOCKS,
        ),
        Mistake(
            "output not corrected",
            "when a larger score comes, the sum is corrected but the output keeps the old shift.",
            lambda query, key_blocks, value_blocks: _in_blocks(query, key_blocks, value_blocks, _keeps_output),
            _BLOCKS,
        ),
        Mistake(
            "sum not corrected",
            "when a larger score comes, the output is corrected but the sum keeps the old shift.",
            lambda query, key_blocks, value_blocks: _in_blocks(query, key_blocks, value_blocks, _keeps_sum),
            _BLOCKS,
        ),
        Mistake(
            "a shift a block",
            "every block has its own shift, and nothing relates the blocks to each other: a block of low scores counts as "
            "much as a block of high ones.",
            lambda query, key_blocks, value_blocks: _in_blocks(query, key_blocks, value_blocks, _own_shift),
            _BLOCKS,
        ),
        Mistake(
            "mean of blocks",
            "every block has its own softmax, and the outputs are averaged. One softmax must run over the keys of all "
            "blocks.",
            lambda query, key_blocks, value_blocks: _block_outputs(query, key_blocks, value_blocks).mean(axis=0),
            _BLOCKS,
        ),
        Mistake(
            "sum of blocks",
            "every block has its own softmax, and the outputs are added up: the weights of all blocks together sum to the "
            "number of blocks.",
            lambda query, key_blocks, value_blocks: _block_outputs(query, key_blocks, value_blocks).sum(axis=0),
            _BLOCKS,
        ),
        Mistake(
            "last block",
            "this is the attention over the last block only: the blocks before are forgotten.",
            lambda query, key_blocks, value_blocks: _block_outputs(query, key_blocks, value_blocks)[-1],
            _BLOCKS,
        ),
        Mistake(
            "not scaled",
            "the scores are not divided by sqrt(d_k).",
            lambda query, key_blocks, value_blocks: _whole(query, key_blocks, value_blocks, 1),
            _BLOCKS,
        ),
        Mistake(
            "no shift",
            "right for small scores. For large ones exp overflows: the running shift is what a single pass is all about.",
            lambda query, key_blocks, value_blocks: _in_blocks(query, key_blocks, value_blocks, _no_shift),
            (np.array([1000.0]), [np.array([[1.0]]), np.array([[2.0]])], [np.array([[10.0]]), np.array([[20.0]])]),
        ),
    ),
    right="one pass is enough: no table of all weights is ever held, and the output is the same.",
    try_this="blocks of one key, and one block of all keys. Why may FlashAttention choose the size by the chip's memory?",
)
