# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises: keep padding out, find neighbours, put a layer together
#
# **What you will build:** a mean that sees no padding, a search for the nearest sentence, attention for a padded batch,
# and the frame of a BERT layer.
#
# **What you need:** [chapter 5](../05-bert-sentence-embeddings.ipynb). No model is loaded here: all arrays are NumPy's.
# **Minutes:** 40.
#
# Each exercise has a cell that begins a function. Replace `return ...` with your own lines and run the cell. Then run
# the cell under it, the **check**. It says what you have shown, or which wrong idea is behind the answer. It
# never tells the solution.

# %% [markdown] tags=["solution"]
# **This is the notebook with the solutions.** The one to work in is
# [exercises/05-bert-sentence-embeddings](../exercises/05-bert-sentence-embeddings.ipynb). Here each start is followed
# by one way to write it; yours may differ and be as good.

# %%
import numpy as np

from helpers.attention import softmax
from helpers.checks.chapter_05 import (
    check_block,
    check_masked_mean,
    check_nearest,
    check_padded_attention,
)

# %% [markdown]
# ## 1. Average the real tokens
#
# A batch of hidden states has the shape (sentences, tokens, features), and its mask (sentences, tokens) holds a 1 for
# each real token and a 0 for padding. Return one vector a sentence: the mean over its real tokens.


# %% tags=["stub"]
def my_masked_mean(states, mask):
    """Return the mean over the tokens whose mask is 1: (sentences, features)."""
    return ...


# %% tags=["solution"]
def my_masked_mean(states, mask):
    """Return the mean over the tokens whose mask is 1: (sentences, features)."""
    column = mask[:, :, np.newaxis]  # (sentences, tokens, 1)
    return (states * column).sum(axis=1) / column.sum(axis=1)  # (sentences, features)


# %%
check_masked_mean(my_masked_mean)

# %% [markdown] tags=["solution"]
# Multiplying by 0 takes the padding out of the sum, and summing the mask counts the real tokens. The axis that is kept
# at the end (the 1) lets NumPy use each count for all features.

# %% [markdown]
# ## 2. Find the nearest sentence
#
# Each row of `vectors` is the embedding of a sentence. For each row, return the **number** (from 0) of the *other* row
# that has the largest cosine with it.


# %% tags=["stub"]
def my_nearest(vectors):
    """Return for each row the number of the other row with the largest cosine: (rows,)."""
    return ...


# %% tags=["solution"]
def my_nearest(vectors):
    """Return for each row the number of the other row with the largest cosine: (rows,)."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)  # each row of length 1
    nearness = unit @ unit.T  # (rows, rows)
    return np.argmax(nearness - 3 * np.eye(len(vectors)), axis=1)  # no row is its own neighbour


# %%
check_nearest(my_nearest)

# %% [markdown] tags=["solution"]
# A cosine lies between -1 and 1. Minus 3, a row's cosine with itself is -2 and can never win. Writing `-np.inf` on the
# diagonal does the same.
#
# Being nearest is not always mutual: the end of a row of houses has its nearest neighbour in the middle, who may have a
# nearer one on the other side.

# %% [markdown]
# ## 3. Attend without looking at padding
#
# Queries, keys and values are a batch, (sentences, tokens, features), and the mask is that of exercise 1. Write scaled
# dot-product attention in which no token looks at padding. Do not mind what the padding itself looks at: its rows look
# at the real tokens too, as in BERT. `softmax` is imported; it works along the last axis and knows minus infinity.


# %% tags=["stub"]
def my_padded_attention(query, key, value, mask):
    """Return the blends of the values: (sentences, tokens, features)."""
    return ...


# %% tags=["solution"]
def my_padded_attention(query, key, value, mask):
    """Return the blends of the values: (sentences, tokens, features)."""
    scores = query @ key.swapaxes(1, 2) / np.sqrt(key.shape[2])  # (sentences, queries, keys)
    scores = np.where(mask[:, np.newaxis, :] == 1, scores, -np.inf)  # a column a key
    return softmax(scores) @ value


# %%
check_padded_attention(my_padded_attention)

# %% [markdown] tags=["solution"]
# The mask gets a new axis in the middle: it says something about the *keys*, the same for every query. With the new
# axis at the end it would hide queries.

# %% [markdown]
# ## 4. Put a layer together
#
# You are given three functions. `attend` is a whole multi-head attention with its output projection, `feed` is a
# feed-forward network, `norm` is a layer normalisation. Each takes and returns (tokens, features). (BERT has two layer
# normalisations with matrices of their own; here one function stands in for both.)
#
# Put a layer of BERT together from them. Look at `my_attention` and `my_feed_forward` in chapter 5: what is added to
# what, and when is it normalised?
#
# The check begins with an example to follow by hand: `attend` doubles, `feed` adds 1 and `norm` multiplies by 10.


# %% tags=["stub"]
def my_block(x, attend, feed, norm):
    """Return what a layer of BERT makes of x: (tokens, features)."""
    return ...


# %% tags=["solution"]
def my_block(x, attend, feed, norm):
    """Return what a layer of BERT makes of x: (tokens, features)."""
    middle = norm(x + attend(x))
    return norm(middle + feed(middle))


# %%
check_block(my_block)

# %% [markdown] tags=["solution"]
# If both parts return zeros, the layer only normalises: what came in goes out. So a layer that has learnt little does
# little harm, and what is to be learnt reaches the layers below without a detour. This is one reason why a stack of
# many layers can be trained.

# %% [markdown]
# **Next:** [chapter 6](../06-text-classification-with-bert.ipynb).
