"""The four lines of attention that you write in chapters 1 and 2, with a mask and with checks of what goes in.

Everything here is NumPy and works on any number of leading axes (batch, heads).
"""

import numpy as np

from helpers import validate


def softmax(scores, axis=-1):
    """Turn scores into weights that are positive and sum to 1 along `axis`.

    scores: any shape. Returns the same shape and float type. -inf is allowed and gets the weight 0, as long as one
    score along the axis is finite. The largest score along the axis is subtracted first, so that exp cannot overflow.
    Raises ValueError for NaN, +inf or an axis that is all -inf; TypeError for what is not numbers.
    """
    scores = validate.numbers("scores", scores, minus_infinity=True)
    axis = validate.whole_number("axis", axis, low=None)
    if not -scores.ndim <= axis < scores.ndim:
        raise ValueError(f"axis must count one of the {scores.ndim} axes of scores, but it is {axis}.")
    highest = scores.max(axis=axis, keepdims=True)
    if np.isneginf(highest).any():
        raise ValueError("scores must hold a finite number along the axis, but everything there is -inf.")
    with np.errstate(over="ignore"):  # the lowest minus the highest may leave the float's range: its weight is 0
        exponentials = np.exp(scores - highest)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def attention(query, key, value, mask=None, scale=None):
    """Scaled dot-product attention: blend the values by how well each key matches the query.

    query: (..., queries, d_k), or (d_k,) for a single query.
    key:   (..., keys, d_k).
    value: (..., keys, d_v). The leading axes (batch, heads) are the same for all three.
    mask:  True where a query may look at a key; (queries, keys) for every leading axis alike, or (..., queries, keys).
    scale: what the scores are multiplied by; None means 1 / sqrt(d_k). Chapter 1 uses 1, and so does T5.
    Returns (output, weights): (..., queries, d_v) and (..., queries, keys); without the queries axis for a single query.
    Raises TypeError or ValueError that names the argument; nothing is broadcast in silence.
    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.1.
    """
    query = validate.numbers("query", query)
    single = query.ndim == 1
    query, key, value = _matched(query[np.newaxis] if single else query, key, value)
    mask = _mask(mask, query, key, single)
    scale = 1 / np.sqrt(key.shape[-1]) if scale is None else float(validate.numbers("scale", scale, (0,)))

    with np.errstate(over="ignore", invalid="ignore"):
        scores = query @ np.swapaxes(key, -1, -2) * query.dtype.type(scale)  # (..., queries, keys)
    validate.in_range("the dot product of query and key", scores)
    if mask is not None:
        scores = np.where(mask, scores, scores.dtype.type(-np.inf))
    weights = softmax(scores)  # (..., queries, keys)
    output = weights @ value  # (..., queries, d_v)

    return (output[0], weights[0]) if single else (output, weights)


def causal_mask(length):
    """Return the (length, length) mask that lets word i look at the words 0 to i and not at later ones. At most 10,000."""
    length = validate.whole_number("length", length, high=10_000)
    return np.tril(np.ones((length, length), dtype=bool))


def entropy(weights):
    """Return how spread out the weights are, in bits: 0 for a single key, log2(keys) for equal weights.

    weights: (..., keys), each row positive or 0 and summing to 1. Returns (...).
    Raises ValueError for entries below 0 or rows that do not sum to 1 (to 0.001).
    """
    weights = validate.numbers("weights", weights)
    sums = weights.sum(axis=-1, keepdims=True) if weights.ndim else weights
    wrong = (weights < 0) | (np.abs(sums - 1) > 1e-3) | (weights.ndim == 0)
    if wrong.any():
        where = np.argwhere(wrong)[0].tolist()
        raise ValueError(
            "weights must be 0 or more and sum to 1 along the last axis, but "
            f"the row of position {where} is {np.atleast_1d(weights)[tuple(where[:-1])].tolist()}."
        )
    logarithms = np.log2(weights, where=weights > 0, out=np.zeros_like(weights))  # 0 log 0 counts as 0
    return -(weights * logarithms).sum(axis=-1) + 0.0  # + 0.0: never -0.0


def _matched(query, key, value):
    """Check the three arrays against each other and give them one float type."""
    key, value = validate.numbers("key", key), validate.numbers("value", value)
    for name, array in (("query", query), ("key", key), ("value", value)):
        if array.ndim < 2:
            raise ValueError(f"{name} must have 2 or more axes (rows, features), but its shape is {array.shape}.")
    validate.same("leading axes", "query", query.shape[:-2], "key", key.shape[:-2])
    validate.same("leading axes", "key", key.shape[:-2], "value", value.shape[:-2])
    validate.same("number of features", "query", query.shape[-1], "key", key.shape[-1])
    validate.same("number of rows", "key", key.shape[-2], "value", value.shape[-2])
    kind = np.result_type(query, key, value)
    return query.astype(kind), key.astype(kind), value.astype(kind)


def _mask(mask, query, key, single):
    if mask is None:
        return None
    one, full = (query.shape[-2], key.shape[-2]), query.shape[:-1] + key.shape[-2:-1]
    mask = validate.boolean("mask", mask, [key.shape[-2:-1]] if single else [one, full])
    if not mask.any(axis=-1).all():
        row = "" if single else f" {np.argwhere(~mask.any(axis=-1))[0].tolist()}"
        raise ValueError(f"mask hides every key of query{row}: softmax needs at least one key to look at.")
    return mask
