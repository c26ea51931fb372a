# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises: draw tokens, cut the tail, write the loop, keep the keys
#
# **What you will build:** a draw with a temperature, top-p, the loop around a model, and a step with a key/value cache.
#
# **What you need:** [chapter 7](../07-text-generation-with-gpt2.ipynb). No model is loaded here: all arrays are
# NumPy's. **Minutes:** 40.
#
# Each exercise has a cell that begins a function. Replace `return ...` with your own lines and run the cell. Then run
# the cell under it, the **check**. It says what you have shown, or which wrong idea is behind the answer. It
# never tells the solution.

# %% [markdown] tags=["solution"]
# **This is the notebook with the solutions.** The one to work in is
# [exercises/07-text-generation-with-gpt2](../exercises/07-text-generation-with-gpt2.ipynb). Here each start is followed
# by one way to write it; yours may differ and be as good.

# %%
import numpy as np

from helpers.attention import softmax
from helpers.checks.chapter_07 import check_draw, check_step, check_top_p, check_write

# %% [markdown]
# ## 1. Draw with a temperature
#
# Draw as in chapter 7, by a race: a token's speed is its probability divided by a random time, and the fastest wins.
# Here the times, drawn from the exponential distribution as there, are given, so that everybody draws the same. Each
# row of `times` is a race of its own. The probabilities are those of `logits` at the given temperature. `softmax` is imported.


# %% tags=["stub"]
def my_draw(logits, temperature, times):
    """Return the number of the token that wins each race: (races,).

    logits: (vocabulary,). temperature: a number above 0. times: (races, vocabulary), all above 0.
    """
    return ...


# %% tags=["solution"]
def my_draw(logits, temperature, times):
    """Return the number of the token that wins each race: (races,)."""
    probabilities = softmax(logits / temperature)  # (vocabulary,)
    return np.argmax(probabilities / times, axis=1)  # (races,)


# %%
check_draw(my_draw)

# %% [markdown] tags=["solution"]
# The temperature divides the logits before softmax. After softmax it would slow all tokens down alike and change
# nothing. And without the times it changes nothing either: the largest logit stays the largest.

# %% [markdown]
# ## 2. Cut the tail off
#
# Write top-p for probabilities instead of logits. Begin with the likeliest token and keep one after the other, until
# those that you have kept hold the share `p`. All others get 0. Then let the kept ones sum to 1 again. At least one
# token is always kept.


# %% tags=["stub"]
def my_top_p(probabilities, p):
    """Return the probabilities after top-p, each at its token's place: (vocabulary,). p: above 0 and at most 1."""
    return ...


# %% tags=["solution"]
def my_top_p(probabilities, p):
    """Return the probabilities after top-p, each at its token's place: (vocabulary,)."""
    order = np.argsort(-probabilities)  # the likeliest first
    likelier = np.cumsum(probabilities[order]) - probabilities[order]  # held by the tokens before
    kept = np.zeros(len(probabilities))
    kept[order[likelier < p]] = probabilities[order[likelier < p]]
    return kept / kept.sum()


# %%
check_top_p(my_top_p)

# %% [markdown] tags=["solution"]
# A token is kept if the tokens *before* it do not hold `p` yet. So the one that reaches the share is kept, and the
# first token always is, because nothing stands before it.

# %% [markdown]
# ## 3. Write the loop
#
# `next_logits(ids)` is a model: it takes a list of ids and returns the logits of the token that follows. Write the
# greedy loop around it. Up to `new_tokens` tokens are **added**. If the token `end` comes, it is the last.


# %% tags=["stub"]
def my_write(next_logits, ids, new_tokens, end):
    """Return the list of the ids and of the tokens that follow them, always the likeliest one."""
    return ...


# %% tags=["solution"]
def my_write(next_logits, ids, new_tokens, end):
    """Return the list of the ids and of the tokens that follow them, always the likeliest one."""
    ids = list(ids)  # a copy: the caller's list stays as it is
    for _ in range(new_tokens):
        ids.append(int(np.argmax(next_logits(ids))))
        if ids[-1] == end:
            break
    return ids


# %%
check_write(my_write)

# %% [markdown] tags=["solution"]
# Everything that the model knows of its own words is what the loop feeds back. `list(ids)` makes a copy, so that the
# caller's prompt does not grow.

# %% [markdown]
# ## 4. Keep keys and values
#
# Now one step of attention with a cache, for one head. A new token arrives with its query, key and value. `old_keys`
# and `old_values` hold those of all tokens before it, one row each. For the first token they have no rows.
#
# Return three things: the output of the new token, and both tables with the new token in them. Which mask do you
# need?


# %% tags=["stub"]
def my_step(query, key, value, old_keys, old_values):
    """Return (output, keys, values) after the new token.

    query, key: (head_dim,). value: (value size,). old_keys: (tokens, head_dim). old_values: (tokens, value size).
    """
    return ...


# %% tags=["solution"]
def my_step(query, key, value, old_keys, old_values):
    """Return (output, keys, values) after the new token."""
    keys = np.vstack([old_keys, key])  # (tokens + 1, head_dim)
    values = np.vstack([old_values, value])  # (tokens + 1, value size)
    weights = softmax(keys @ query / np.sqrt(len(query)))  # (tokens + 1,)
    return weights @ values, keys, values


# %%
check_step(my_step)

# %% [markdown] tags=["solution"]
# No mask at all. The tokens that a causal mask would hide do not exist yet. The old queries are not needed either:
# their outputs are done. This is why it is a cache of keys and values only.

# %% [markdown]
# **Next:** [chapter 8](../08-translation-with-t5.ipynb).
