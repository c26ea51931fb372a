# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises: let a sentence attend to itself
#
# **What you will build:** self-attention, a causal mask, positions, and the sliding window of models that read long
# texts.
#
# **What you need:** [chapter 3](../03-self-attention.ipynb). **Minutes:** 45.
#
# Replace `return ...` with your own lines, run the cell, then run the check under it.

# %% [markdown] tags=["solution"]
# **This is the notebook with the solutions.** The one to work in is
# [exercises/03-self-attention](../exercises/03-self-attention.ipynb). Here each start is followed by one way to write
# it; yours may differ and be as good.

# %%
import numpy as np

from helpers.attention import attention, softmax
from helpers.checks.chapter_03 import (
    check_causal,
    check_positions,
    check_self_attention,
    check_window,
)
from helpers.positions import sinusoidal_positions

# %% [markdown]
# ## 1. Make all three from the sentence
#
# `x` holds one word a row. `attention(query, key, value)` is the function of chapter 2; it returns the output and the
# weights. Sentences of any length may come, and the three matrices need not be square.


# %% tags=["stub"]
def my_self_attention(x, W_q, W_k, W_v):
    """Return what every word takes from the sentence: (words, value size)."""
    return ...


# %% tags=["solution"]
def my_self_attention(x, W_q, W_k, W_v):
    """Return what every word takes from the sentence: (words, value size)."""
    output, weights = attention(x @ W_q, x @ W_k, x @ W_v)
    return output


# %%
check_self_attention(my_self_attention)

# %% [markdown]
# ## 2. Hide the future
#
# Now with your own mask: word `i` may look at the words 0 to `i`. Do it in the open, with `softmax(scores)` and
# without `attention`. `np.tri`, `np.tril`, `np.triu` and `np.where` are useful; so is a plain loop.


# %% tags=["stub"]
def causal_attention(Q, K, V):
    """Return what every word takes from itself and the words before it: (words, value size)."""
    return ...


# %% tags=["solution"]
def causal_attention(Q, K, V):
    """Return what every word takes from itself and the words before it: (words, value size)."""
    scores = Q @ K.T / np.sqrt(K.shape[-1])  # (words that look, words looked at)
    may_look = np.tri(len(Q), dtype=bool)  # True on and below the diagonal
    return softmax(np.where(may_look, scores, -np.inf)) @ V


# %%
check_causal(causal_attention)

# %% [markdown] tags=["solution"]
# On paper there is another way: softmax first, then set the hidden weights to 0, then divide each row by its new sum.
# But where a hidden score lies far above the others, the visible weights are already 0, and 0 / 0 is nan. The mask
# before softmax is safe.

# %% [markdown]
# ## 3. Tell every word its place
#
# `sinusoidal_positions(words, features)` gives the waves of the chapter. Put them where the first transformer put
# them.


# %% tags=["stub"]
def placed_attention(x, W_q, W_k, W_v):
    """Return self-attention that knows the order of the words: (words, value size)."""
    return ...


# %% tags=["solution"]
def placed_attention(x, W_q, W_k, W_v):
    """Return self-attention that knows the order of the words: (words, value size)."""
    words, features = x.shape
    return my_self_attention(x + sinusoidal_positions(words, features), W_q, W_k, W_v)


# %%
check_positions(placed_attention)

# %% [markdown]
# ## 4. Build the sliding window of a model for long texts
#
# With a causal mask word 100,000 looks at 100,000 words. Some models for long texts let every word look at the last
# few only, in some or all of their layers: a **sliding window**. There a word costs the same, however long the text.
#
# There is a catch for models that were trained without a window. They send much weight to the very first words,
# whatever these say: a softmax must put its weight somewhere, also when nothing matches. Give such a model a window
# afterwards, and it breaks down when the first words slide out. The cure is to keep them in sight: a few **attention
# sinks** (Xiao et al. 2023).
#
# Build the mask: row `i` is True for the last `window` words up to and with word `i`, and for the first `sinks`
# words. Nobody looks ahead.


# %% tags=["stub"]
def window_mask(length, window, sinks):
    """Return who may look at whom: True and False, (length, length)."""
    return ...


# %% tags=["solution"]
def window_mask(length, window, sinks):
    """Return who may look at whom: True and False, (length, length)."""
    looks = np.arange(length)[:, np.newaxis]  # (length, 1)
    seen = np.arange(length)  # (length,)
    near = looks - seen < window
    return (seen <= looks) & (near | (seen < sinks))  # (length, length)


# %% tags=["solution"]
print(window_mask(8, window=3, sinks=1).astype(int))

# %%
check_window(window_mask)

# %% [markdown] tags=["solution"]
# How far does the news travel without sinks? A window of 3 reaches 2 words back, and layers pass it on: multiply the
# masks of several layers and see from how many on word 7 hears of word 1.

# %% tags=["solution"]
step = window_mask(8, window=3, sinks=0).astype(int)
reach = step
for layers in range(2, 5):
    reach = reach @ step
    print(f"{layers} layers: word 7 hears of word 1: {bool(reach[7, 1])}")

# %% [markdown]
# **Next:** [chapter 4](../04-multi-head-attention.ipynb).
