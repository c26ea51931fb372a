# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises: scale the scores
#
# **What you will build:** softmax by rows, the four lines of attention, a temperature that fits, and attention in one
# pass, as FlashAttention does it.
#
# **What you need:** [chapter 2](../02-scaled-dot-product-attention.ipynb). **Minutes:** 45.
#
# Replace `return ...` with your own lines, run the cell, then run the check under it.

# %% [markdown] tags=["solution"]
# **This is the notebook with the solutions.** The one to work in is
# [exercises/02-scaled-dot-product-attention](../exercises/02-scaled-dot-product-attention.ipynb). Here each start is
# followed by one way to write it; yours may differ and be as good.

# %%
import numpy as np

from helpers.attention import entropy
from helpers.checks.chapter_02 import (
    check_attention,
    check_softmax_rows,
    check_streaming,
    check_temperature,
)

# %% [markdown]
# ## 1. Turn a table of scores into weights
#
# A row belongs to a query. The check also tries a table whose rows lie far apart.


# %% tags=["stub"]
def softmax_rows(scores):
    """Return weights of which every row sums to 1: (queries, keys)."""
    return ...


# %% tags=["solution"]
def softmax_rows(scores):
    """Return weights of which every row sums to 1: (queries, keys)."""
    highest = scores.max(axis=-1, keepdims=True)  # (queries, 1)
    exp_scores = np.exp(scores - highest)  # (queries, keys)
    return exp_scores / exp_scores.sum(axis=-1, keepdims=True)


# %%
check_softmax_rows(softmax_rows)

# %% [markdown] tags=["solution"]
# `keepdims=True` is what makes it right twice: the maxima and the sums stay a column, so each row meets its own.

# %% [markdown]
# ## 2. Write the four lines
#
# Compare and scale, weigh, blend, return. Queries and keys have the same width; the values may have another.


# %% tags=["stub"]
def my_attention(query, key, value):
    """Return the output, (queries, value size), and the weights, (queries, keys)."""
    return ..., ...


# %% tags=["solution"]
def my_attention(query, key, value):
    """Return the output, (queries, value size), and the weights, (queries, keys)."""
    scores = query @ key.T / np.sqrt(key.shape[-1])  # (queries, keys)
    weights = softmax_rows(scores)  # (queries, keys)
    return weights @ value, weights


# %%
check_attention(my_attention)

# %% [markdown]
# ## 3. Find the temperature for an entropy
#
# In the chapter you turned the temperature and watched the entropy. Now the other way round: somebody wants weights
# with, say, 2 bits. Which temperature gives them? The t-SNE method, which draws maps of high-dimensional data, solves
# this for every single point.
#
# No formula gives the answer, so let a loop look for it. Entropy rises with the temperature, and never falls.
# `entropy(weights)`, imported above, counts in bits. The check asks for temperatures between 0.1 and 100.


# %% tags=["stub"]
def fit_temperature(scores, bits):
    """Return the temperature T at which softmax(scores / T) has this entropy: a number."""
    return ...


# %% tags=["solution"]
def fit_temperature(scores, bits):
    """Return the temperature T at which softmax(scores / T) has this entropy: a number."""
    low, high = 1e-3, 1e3  # the answer lies between
    for _ in range(100):
        middle = np.sqrt(low * high)  # the middle on a scale of factors
        if entropy(softmax_rows(scores / middle)) < bits:
            low = middle
        else:
            high = middle
    return middle


# %%
check_temperature(fit_temperature)

# %% [markdown] tags=["solution"]
# This is a *bisection*: each step halves the interval on the scale of factors, so 100 steps are more than enough. Ten
# times larger scores need a ten times larger temperature, because softmax sees only their quotient.

# %% [markdown]
# ## 4. Attend in one pass
#
# A chip has little fast memory. For 100,000 keys the row of scores does not fit, but a block of keys does.
# **FlashAttention** (Dao et al. 2022) goes through the blocks once, and never holds all scores. Three things are kept
# on the way (here as in FlashAttention-2, Dao 2023):
#
# - the largest score so far,
# - the sum of `exp(score - largest)` so far,
# - the output so far, not divided yet.
#
# When a block brings a larger score, the shift changes. What must then happen to what was kept? Do not join the
# blocks; that would be the memory you do not have.


# %% tags=["stub"]
def streaming_attention(query, key_blocks, value_blocks):
    """Return the output of attention for one query: (value size,).

    query: (d_k,). key_blocks and value_blocks: lists of arrays, (keys of the block, d_k) and (keys of the block, value size).
    """
    return ...


# %% tags=["solution"]
def streaming_attention(query, key_blocks, value_blocks):
    """Return the output of attention for one query: (value size,)."""
    largest, total, output = -np.inf, 0.0, 0.0
    for key, value in zip(key_blocks, value_blocks):
        scores = key @ query / np.sqrt(len(query))  # (keys of the block,)
        new_largest = max(largest, scores.max())
        correction = np.exp(largest - new_largest)  # 1 if nothing larger came
        exp_scores = np.exp(scores - new_largest)
        total = total * correction + exp_scores.sum()
        output = output * correction + exp_scores @ value  # (value size,)
        largest = new_largest
    return output / total


# %%
check_streaming(streaming_attention)

# %% [markdown] tags=["solution"]
# `exp(score - new)` is `exp(score - old)` times `exp(old - new)`. So one factor corrects everything that was kept,
# the sum and the output alike. At the first block the old largest is minus infinity, and the factor is 0.
#
# The size of the blocks does not change the result, only how much memory is needed at a time.

# %% [markdown]
# **Next:** [chapter 3](../03-self-attention.ipynb).
