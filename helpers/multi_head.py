"""Multi-head attention: split the features among heads, attend in each, join the heads and mix them (chapter 4)."""

import numpy as np

from helpers import validate
from helpers.attention import attention


def split_heads(features, num_heads):
    """Cut the last axis into heads: (..., words, hidden_size) becomes (..., num_heads, words, head_dim).

    Raises ValueError when hidden_size is not a multiple of num_heads, because a remainder would be lost.
    """
    features = validate.numbers("features", features)
    num_heads = validate.whole_number("num_heads", num_heads)
    if features.ndim < 2:
        raise ValueError(f"features must have 2 or more axes (words, features), but its shape is {features.shape}.")
    hidden_size = features.shape[-1]
    if hidden_size % num_heads:
        raise ValueError(
            f"num_heads must divide the {hidden_size} features, but {hidden_size} / {num_heads} leaves "
            f"{hidden_size % num_heads} over."
        )
    cut = features.reshape(*features.shape[:-1], num_heads, hidden_size // num_heads)  # (..., words, heads, head_dim)
    return np.swapaxes(cut, -2, -3)  # (..., heads, words, head_dim)


def merge_heads(heads):
    """Join the heads again: (..., num_heads, words, head_dim) becomes (..., words, num_heads * head_dim)."""
    heads = validate.numbers("heads", heads)
    if heads.ndim < 3:
        raise ValueError(f"heads must have 3 or more axes (heads, words, head_dim), but its shape is {heads.shape}.")
    side_by_side = np.swapaxes(heads, -2, -3)  # (..., words, heads, head_dim)
    return side_by_side.reshape(*side_by_side.shape[:-2], -1)  # (..., words, hidden_size)


def project(embeddings, name, matrix):
    """Return embeddings @ matrix. Raises ValueError, with the matrix's name, where a number leaves the float's range."""
    return validate.in_range(f"the product of embeddings and {name}", embeddings @ matrix)


def multi_head_attention(embeddings, W_q, W_k, W_v, W_o, num_heads, mask=None):
    """Self-attention in several heads at once, mixed by an output projection.

    embeddings: (..., words, hidden_size); W_q, W_k, W_v, W_o: (hidden_size, hidden_size), used as embeddings @ W.
    mask: (words, words) for every head alike, or (..., num_heads, words, words); True where a word may look.
    Returns (output, weights): (..., words, hidden_size) and (..., num_heads, words, words).
    Raises TypeError or ValueError that names the argument, or the query and key made from it.
    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2.
    """
    embeddings = validate.numbers("embeddings", embeddings)
    if embeddings.ndim < 2:
        raise ValueError(f"embeddings must have 2 or more axes (words, features), but its shape is {embeddings.shape}.")
    square = (embeddings.shape[-1], embeddings.shape[-1])
    matrices = {}
    for name, matrix in (("W_q", W_q), ("W_k", W_k), ("W_v", W_v), ("W_o", W_o)):
        matrices[name] = validate.numbers(name, matrix, (2,))
        if matrices[name].shape != square:
            raise ValueError(f"{name} must have shape {square}, but its shape is {matrices[name].shape}.")

    with np.errstate(over="ignore", invalid="ignore"):
        parts = []
        for name in ("W_q", "W_k", "W_v"):
            features = project(embeddings, name, matrices[name])
            parts.append(split_heads(features, num_heads))  # (..., heads, words, head_dim)
        heads, weights = attention(*parts, mask)  # (..., heads, words, head_dim), (..., heads, words, words)
        output = merge_heads(heads) @ matrices["W_o"]  # (..., words, hidden_size)
    return validate.in_range("the product of the heads and W_o", output), weights
