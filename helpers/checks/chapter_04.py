"""The exercises of chapter 4: cut into heads, multi-head attention, a head switched off, and heads that share keys."""

import numpy as np

from helpers.attention import attention
from helpers.checks.check import Exercise, Mistake
from helpers.multi_head import merge_heads, multi_head_attention, split_heads

_RANDOM = np.random.default_rng(4)


def _table(*shape):
    """Return a table of numbers with one decimal, the same in every run."""
    return np.round(_RANDOM.normal(size=shape), 1)


_COUNTED = np.arange(12).reshape(3, 4), 2

check_split = Exercise(
    name="cut_into_heads",
    task="write cut_into_heads(x, num_heads). Head 0 gets the first features of every word, head 1 the next ones, and so on. "
    "It returns an array of shape (heads, words, head_dim).",
    expected=lambda x, num_heads: np.stack(np.split(x, num_heads, axis=1)),
    cases=(_COUNTED, (_table(5, 6), 3), (_table(4, 4), 1), (_table(2, 4), 4)),
    mistakes=(
        Mistake(
            "view",
            "the shape is right and the contents are not: the numbers were laid out anew in reading order, so head 0 holds "
            "whole words, chopped up, and not the first features of every word.",
            lambda x, num_heads: x.reshape(num_heads, len(x), -1),
            _COUNTED,
        ),
        Mistake(
            "words first",
            "each word is cut into its heads, but the words still come first: (words, heads, head_dim). Attention needs a "
            "table of words inside each head.",
            lambda x, num_heads: x.reshape(len(x), num_heads, -1),
            _COUNTED,
        ),
        Mistake(
            "copies",
            "every head got all features: the heads are copies. A head has its own slice, hidden_size / num_heads wide.",
            lambda x, num_heads: np.stack([x] * num_heads),
            _COUNTED,
        ),
        Mistake(
            "same slice",
            "every head got the first slice: the heads are copies of head 0, and the other features are lost.",
            lambda x, num_heads: np.stack([x[:, : x.shape[1] // num_heads]] * num_heads),
            _COUNTED,
        ),
        Mistake(
            "every other feature",
            "the features are dealt out like cards: head 0 got every other one. A head's features stand side by side.",
            lambda x, num_heads: np.stack([x[:, head::num_heads] for head in range(num_heads)]),
            _COUNTED,
        ),
        Mistake(
            "features first",
            "words and features are exchanged inside each head: (heads, head_dim, words).",
            lambda x, num_heads: np.stack(np.split(x, num_heads, axis=1)).swapaxes(1, 2),
            _COUNTED,
        ),
    ),
    right="each head holds its own features of every word, and none is lost or repeated.",
    try_this="x.reshape(num_heads, words, head_dim) beside your result, for words that are counted up. Where do they agree?",
)


def _heads(x, W_q, W_k, W_v, num_heads, scale=None):
    """Return what the heads give: (heads, words, head_dim)."""
    parts = (split_heads(x @ W, num_heads) for W in (W_q, W_k, W_v))
    return attention(*parts, scale=scale)[0]


def _sliced(x, W_q, W_k, W_v, num_heads):
    """Return heads that see a slice of the embeddings only, each with its block of the matrices."""
    width = x.shape[1] // num_heads
    slices = [slice(head * width, (head + 1) * width) for head in range(num_heads)]
    return np.stack([attention(*(x[:, s] @ W[s, s] for W in (W_q, W_k, W_v)))[0] for s in slices])


def _several(x, W_q, W_k, W_v, W_o, num_heads):
    return multi_head_attention(x, W_q, W_k, W_v, W_o, num_heads)[0]


_LAYER = (
    np.array([[1.0, 0], [0, 2]]),
    np.array([[1.0, 1], [0, 1]]),
    np.array([[1.0, 0], [1, 1]]),
    np.array([[0.0, 3], [1, 0]]),
    np.array([[1.0, 1], [0, 2]]),
)
_SMALL = *_LAYER, 2
_WIDE = _table(5, 4), _table(4, 4), _table(4, 4), _table(4, 4), _table(4, 4)
_WIDER = _table(3, 6), _table(6, 6), _table(6, 6), _table(6, 6), _table(6, 6)

check_multi_head = Exercise(
    name="my_multi_head",
    task="write my_multi_head(x, W_q, W_k, W_v, W_o, num_heads). It returns the output of the whole layer, (words, "
    "hidden_size). You may use cut_into_heads and attention.",
    expected=_several,
    cases=((*_WIDE, 2), (*_WIDE, 1), (*_WIDER, 3)),
    mistakes=(
        Mistake(
            "no output projection",
            "the heads stand side by side, and W_o has no part in it: nobody mixes what they found.",
            lambda x, W_q, W_k, W_v, W_o, num_heads: merge_heads(_heads(x, W_q, W_k, W_v, num_heads)),
            _SMALL,
        ),
        Mistake(
            "scaled by hidden_size",
            "the scores are divided by the square root of hidden_size. What counts is the width of a key inside the head.",
            lambda x, W_q, W_k, W_v, W_o, num_heads: (
                merge_heads(_heads(x, W_q, W_k, W_v, num_heads, 1 / np.sqrt(x.shape[1]))) @ W_o
            ),
            _SMALL,
        ),
        Mistake(
            "not scaled",
            "the scores are not divided by sqrt(head_dim).",
            lambda x, W_q, W_k, W_v, W_o, num_heads: merge_heads(_heads(x, W_q, W_k, W_v, num_heads, 1)) @ W_o,
            (np.eye(4)[:2], *[2 * np.eye(4)[[2, 1, 0, 3]]] * 4, 2),
        ),
        Mistake(
            "heads see slices",
            "each head sees only its slice of the embeddings. In a real layer the whole embedding is multiplied first, and "
            "the product is cut.",
            lambda x, W_q, W_k, W_v, W_o, num_heads: merge_heads(_sliced(x, W_q, W_k, W_v, num_heads)) @ W_o,
            _SMALL,
        ),
        Mistake(
            "one head",
            "this is one head of full width, whatever num_heads says.",
            lambda x, W_q, W_k, W_v, W_o, num_heads: _several(x, W_q, W_k, W_v, W_o, 1),
            _SMALL,
        ),
        Mistake(
            "joined by a reshape",
            "the heads were joined by a reshape alone: a row of the result mixes several words of one head.",
            lambda x, W_q, W_k, W_v, W_o, num_heads: _heads(x, W_q, W_k, W_v, num_heads).reshape(x.shape) @ W_o,
            _SMALL,
        ),
        Mistake(
            "cut by a reshape",
            "the heads were cut by a reshape alone, so each holds pieces of some words and not a slice of all of them.",
            lambda x, W_q, W_k, W_v, W_o, num_heads: (
                merge_heads(attention(*((x @ W).reshape(num_heads, len(x), -1) for W in (W_q, W_k, W_v)))[0]) @ W_o
            ),
            _SMALL,
        ),
        Mistake(
            "copies of a head",
            "every head gives what head 0 gives: the heads are copies, and one would do.",
            lambda x, W_q, W_k, W_v, W_o, num_heads: (
                np.hstack([_heads(x, W_q, W_k, W_v, num_heads)[0]] * num_heads) @ W_o
            ),
            _SMALL,
        ),
    ),
    right="this is the layer of the parity ladder: cut the products into heads, attend in each, join, and mix.",
    try_this="more heads for the same x. Does the number of entries in the four matrices change?",
)


def _without(x, W_q, W_k, W_v, W_o, num_heads, off, factor=1.0):
    """Return the layer's output with the heads in `off` giving nothing, and the others times a factor."""
    heads = _heads(x, W_q, W_k, W_v, num_heads)
    on = np.array([head not in off for head in range(num_heads)])
    return merge_heads(heads * on[:, np.newaxis, np.newaxis] * factor) @ W_o


def _slice(x, num_heads, head):
    width = x.shape[1] // num_heads
    return slice(head * width, (head + 1) * width)


def _zeroed(array, index):
    array = np.array(array, dtype=float)
    array[index] = 0
    return array


def _even(x, W_q, W_k, W_v, W_o, num_heads, head):
    heads = _heads(x, W_q, W_k, W_v, num_heads)
    heads[head] = split_heads(x @ W_v, num_heads)[head].mean(axis=0)
    return merge_heads(heads) @ W_o


_ABLATED = *_LAYER, 2, 0
_THREE = np.ones((1, 3)), np.eye(3), np.eye(3), np.diag([1.0, 2, 3]), np.eye(3), 3, 1

check_ablated = Exercise(
    name="without_head",
    task="write without_head(x, W_q, W_k, W_v, W_o, num_heads, head). It returns the layer's output, (words, hidden_size), "
    "as if this one head (counted from 0) gave nothing.",
    expected=lambda x, W_q, W_k, W_v, W_o, num_heads, head: _without(x, W_q, W_k, W_v, W_o, num_heads, {head}),
    cases=((*_WIDER, 3, 1), (*_WIDE, 2, 0), (*_WIDE, 2, 1), (*_WIDER, 6, 5)),
    mistakes=(
        Mistake(
            "nothing switched off",
            "this is the whole layer: every head still speaks.",
            lambda x, W_q, W_k, W_v, W_o, num_heads, head: _several(x, W_q, W_k, W_v, W_o, num_heads),
            _ABLATED,
        ),
        Mistake(
            "even weights",
            "the head still gives something. Scores of 0 do not silence it: softmax makes even weights of them, and it hands "
            "over the mean of the values.",
            _even,
            _ABLATED,
        ),
        Mistake(
            "features of the output",
            "features of the layer's output are 0. After W_o each of them is a mixture of all heads, so this takes a part "
            "of every head away, and not one head.",
            lambda x, W_q, W_k, W_v, W_o, num_heads, head: _zeroed(
                _several(x, W_q, W_k, W_v, W_o, num_heads), (slice(None), _slice(x, num_heads, head))
            ),
            _ABLATED,
        ),
        Mistake(
            "only this head",
            "the other heads are off, and the one that should be silent speaks.",
            lambda x, W_q, W_k, W_v, W_o, num_heads, head: _without(
                x, W_q, W_k, W_v, W_o, num_heads, set(range(num_heads)) - {head}
            ),
            _ABLATED,
        ),
        Mistake(
            "counted from 1",
            "another head is off, the one before. Heads are counted from 0 here.",
            lambda x, W_q, W_k, W_v, W_o, num_heads, head: _without(
                x, W_q, W_k, W_v, W_o, num_heads, {(head - 1) % num_heads}
            ),
            _THREE,
        ),
        Mistake(
            "others louder",
            "the head is off, but the others are scaled up to fill the gap, as dropout does in training. An ablation asks "
            "what is missing, so nobody may fill in.",
            lambda x, W_q, W_k, W_v, W_o, num_heads, head: _without(
                x, W_q, W_k, W_v, W_o, num_heads, {head}, num_heads / (num_heads - 1)
            ),
            _ABLATED,
        ),
        Mistake(
            "not projected",
            "the head is off, but W_o has no part in the output.",
            lambda x, W_q, W_k, W_v, W_o, num_heads, head: _without(
                x, W_q, W_k, W_v, np.eye(len(W_o)), num_heads, {head}
            ),
            _ABLATED,
        ),
    ),
    right="what a head does is the difference between with it and without it.",
    try_this="output - without_head(...) for every head in turn, added up. What do you get, and why?",
)


def _grouped(Q, K, V, served_by, scale=None):
    """Return attention in which query head h is served by the key and value head served_by(h)."""
    order = [served_by(head) for head in range(len(Q))]
    return attention(Q, K[order], V[order], scale=scale)[0]


_GROUPS = (
    np.array([[[1.0, 0]]] * 4),
    np.array([[[1.0, 0], [0, 0]], [[0, 0], [1.0, 0]]]),
    np.array([[[10.0], [20.0]], [[30.0], [40.0]]]),
)

check_grouped = Exercise(
    name="grouped_attention",
    task="write grouped_attention(Q, K, V): Q has more heads than K and V, and each key head serves as many neighbouring "
    "query heads. It returns the output, (query heads, queries, value size). You may use attention.",
    expected=lambda Q, K, V: np.stack([
        attention(q, K[head * len(K) // len(Q)], V[head * len(K) // len(Q)])[0] for head, q in enumerate(Q)
    ]),
    cases=(
        _GROUPS,
        (_table(6, 2, 4), _table(3, 5, 4), _table(3, 5, 3)),
        (_table(4, 3, 4), _table(4, 3, 4), _table(4, 3, 4)),
        (_table(4, 3, 4), _table(1, 3, 4), _table(1, 3, 4)),
    ),
    mistakes=(
        Mistake(
            "dealt out",
            "the key heads are dealt out in turn: query head 1 is served by key head 1. Neighbours must share, so head 1 "
            "belongs to the same group as head 0.",
            lambda Q, K, V: _grouped(Q, K, V, lambda head: head % len(K)),
            _GROUPS,
        ),
        Mistake(
            "first key head",
            "all query heads are served by key head 0. That is *multi-query* attention; here there are several groups.",
            lambda Q, K, V: _grouped(Q, K, V, lambda head: 0),
            _GROUPS,
        ),
        Mistake(
            "mean of the keys",
            "the key heads are averaged into one. A mean of keys is a key that nobody has.",
            lambda Q, K, V: attention(
                Q, *(np.repeat(part.mean(axis=0, keepdims=True), len(Q), axis=0) for part in (K, V))
            )[0],
            _GROUPS,
        ),
        Mistake(
            "not scaled",
            "the scores are not divided by sqrt(d_k).",
            lambda Q, K, V: _grouped(Q, K, V, lambda head: head * len(K) // len(Q), 1),
            _GROUPS,
        ),
        Mistake(
            "groups reversed",
            "the groups are in reverse order: the first query heads are served by the last key head.",
            lambda Q, K, V: _grouped(Q, K, V, lambda head: len(K) - 1 - head * len(K) // len(Q)),
            _GROUPS,
        ),
        Mistake(
            "values not grouped",
            "the keys are grouped as they should be, but the values are dealt out in turn: a query head takes the weights "
            "of one group and the values of another.",
            lambda Q, K, V: attention(
                Q, np.repeat(K, len(Q) // len(K), axis=0), V[[head % len(V) for head in range(len(Q))]]
            )[0],
            _GROUPS,
        ),
    ),
    right="fewer keys and values serve as many queries, so a model that writes text has less to keep.",
    try_this="32 query heads with 8 key heads, 8192 words, head_dim 128, two bytes a number. How many megabytes of keys and "
    "values does a layer save?",
)
