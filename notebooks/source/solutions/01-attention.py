# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises: write attention for one query
#
# **What you will build:** scores, softmax, a blend, and a dictionary that answers between its keys.
#
# **What you need:** [chapter 1](../01-attention.ipynb). **Minutes:** 30.
#
# Each exercise has a cell that begins a function. Replace `return ...` with your own lines and run the cell. Then run
# the cell under it, the **check**. It says what you have shown, or which wrong idea is behind the answer. It
# never tells the solution.

# %% [markdown] tags=["solution"]
# **This is the notebook with the solutions.** The one to work in is
# [exercises/01-attention](../exercises/01-attention.ipynb). Here each start is followed by one way to write it; yours
# may differ and be as good.

# %%
import numpy as np

from helpers.checks.chapter_01 import check_blend, check_lookup, check_scores, check_softmax

# %% [markdown]
# ## 1. Score every key
#
# The query and each key have the same number of features. Give every key its dot product with the query. Any number
# of keys may come.


# %% tags=["stub"]
def my_scores(query, keys):
    """Return how well each key matches the query: (keys,)."""
    return ...


# %% tags=["solution"]
def my_scores(query, keys):
    """Return how well each key matches the query: (keys,)."""
    return keys @ query


# %%
check_scores(my_scores)

# %% [markdown] tags=["solution"]
# The matrix product runs along each row of `keys`, so a row, which is a key, gives one number. A loop over the keys
# with `np.dot` does the same.

# %% [markdown]
# ## 2. Turn scores into weights
#
# Write softmax for one row of scores. The check also tries scores that are too large for `exp`, and scores that are
# far apart.


# %% tags=["stub"]
def my_softmax(scores):
    """Return weights that are positive and sum to 1: (keys,)."""
    return ...


# %% tags=["solution"]
def my_softmax(scores):
    """Return weights that are positive and sum to 1: (keys,)."""
    exp_scores = np.exp(scores - np.max(scores))
    return exp_scores / np.sum(exp_scores)


# %%
check_softmax(my_softmax)

# %% [markdown] tags=["solution"]
# After the shift the largest score is 0 and all others are below it. So no `exp` is above 1, and the sum is at least
# 1: it can neither overflow nor be 0. Writing `scores -= np.max(scores)` would also give the right numbers, but it
# would change the caller's array.

# %% [markdown]
# ## 3. Blend the values
#
# Now the whole of chapter 1 in one function: compare, weigh, blend. The values may have any number of columns.


# %% tags=["stub"]
def my_attention(query, keys, values):
    """Return the blend of the values: (value size,)."""
    return ...


# %% tags=["solution"]
def my_attention(query, keys, values):
    """Return the blend of the values: (value size,)."""
    weights = my_softmax(my_scores(query, keys))  # (keys,)
    return weights @ values  # (value size,)


# %%
check_blend(my_attention)

# %% [markdown]
# ## 4. Build a dictionary that answers between its keys
#
# A Python dictionary knows what it was given and raises a `KeyError` for the rest. A thermometer was read at 6, 12
# and 18 o'clock. How warm was it at 13? With another score, attention can answer.
#
# Let the score of a key be **minus the squared distance** between the key and the question, times a number called
# `sharpness`. The nearest key then has the largest score. Softmax and blend stay as they are. A key and a question
# have one feature or more: the hour, or a place on a map. Statisticians call this *kernel regression*.
#
# The check also asks a question that is far away from every key.


# %% tags=["stub"]
def soft_lookup(question, keys, values, sharpness):
    """Return the blend of the values of the keys around the question.

    question: (features,). keys: (keys, features). values: (keys,) or (keys, value size). sharpness: a number, 0 or more.
    """
    return ...


# %% tags=["solution"]
def soft_lookup(question, keys, values, sharpness):
    """Return the blend of the values of the keys around the question."""
    squared_distances = np.sum((keys - question) ** 2, axis=1)  # (keys,)
    return my_softmax(-sharpness * squared_distances) @ values


# %% tags=["solution"]
hours, degrees = np.array([[6.0], [12.0], [18.0]]), np.array([10.0, 20.0, 16.0])
for sharpness in (0, 0.01, 0.05, 0.2, 1):
    print(
        f"sharpness {sharpness:4}: {soft_lookup(np.array([13.0]), hours, degrees, sharpness):.2f} degrees"
    )

# %%
check_lookup(soft_lookup)

# %% [markdown] tags=["solution"]
# At sharpness 0 every key has the same weight, and the answer is the mean of the day. At 1 it is the reading of 12
# o'clock, the nearest key. In between it is an estimate. A model learns its sharpness: the lengths of its queries and
# keys decide it.
#
# A squared distance is a dot product in disguise: `|q - k|**2` is `q @ q - 2 * q @ k + k @ k`. The first part is the
# same for every key, and softmax takes it out. If all keys have the same length, so is the last.

# %% [markdown]
# **Next:** [chapter 2](../02-scaled-dot-product-attention.ipynb).
