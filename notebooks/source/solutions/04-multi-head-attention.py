# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises: look with several heads
#
# **What you will build:** the cut into heads, the whole layer, a layer with one head switched off, and heads that
# share their keys, as today's large models do.
#
# **What you need:** [chapter 4](../04-multi-head-attention.ipynb). **Minutes:** 45.
#
# Replace `return ...` with your own lines, run the cell, then run the check under it.

# %% [markdown] tags=["solution"]
# **This is the notebook with the solutions.** The one to work in is
# [exercises/04-multi-head-attention](../exercises/04-multi-head-attention.ipynb). Here each start is followed by one
# way to write it; yours may differ and be as good.

# %%
import numpy as np

from helpers.attention import attention
from helpers.checks.chapter_04 import (
    check_ablated,
    check_grouped,
    check_multi_head,
    check_split,
)

# %% [markdown]
# ## 1. Cut the features into heads
#
# Head 0 gets the first features of every word, head 1 the next ones, and so on. `num_heads` divides the number of
# features.


# %% tags=["stub"]
def cut_into_heads(x, num_heads):
    """Return the features of each head: (heads, words, head_dim)."""
    return ...


# %% tags=["solution"]
def cut_into_heads(x, num_heads):
    """Return the features of each head: (heads, words, head_dim)."""
    words, hidden_size = x.shape
    cut = x.reshape(words, num_heads, hidden_size // num_heads)  # (words, heads, head_dim)
    return cut.swapaxes(0, 1)  # (heads, words, head_dim)


# %%
check_split(cut_into_heads)

# %% [markdown]
# ## 2. Write the whole layer
#
# Project, cut, attend in each head, join, mix. `attention(query, key, value)` also takes all heads at once,
# (heads, words, head_dim), and returns the output and the weights.


# %% tags=["stub"]
def my_multi_head(x, W_q, W_k, W_v, W_o, num_heads):
    """Return the output of multi-head attention: (words, hidden_size)."""
    return ...


# %% tags=["solution"]
def heads_of(x, W_q, W_k, W_v, num_heads):
    """Return what each head finds: (heads, words, head_dim)."""
    Q, K, V = (cut_into_heads(x @ W, num_heads) for W in (W_q, W_k, W_v))
    return attention(Q, K, V)[0]


def my_multi_head(x, W_q, W_k, W_v, W_o, num_heads):
    """Return the output of multi-head attention: (words, hidden_size)."""
    heads = heads_of(x, W_q, W_k, W_v, num_heads)
    return heads.swapaxes(0, 1).reshape(x.shape) @ W_o  # (words, hidden_size)


# %%
check_multi_head(my_multi_head)

# %% [markdown]
# ## 3. Switch one head off
#
# What is a head good for? Researchers switch it off and see what the model can no longer do: an **ablation**. Return
# the layer's output as if the head gave nothing. The other heads work on as before.


# %% tags=["stub"]
def without_head(x, W_q, W_k, W_v, W_o, num_heads, head):
    """Return the layer's output as if this head (counted from 0) gave nothing: (words, hidden_size)."""
    return ...


# %% tags=["solution"]
def without_head(x, W_q, W_k, W_v, W_o, num_heads, head):
    """Return the layer's output as if this head (counted from 0) gave nothing: (words, hidden_size)."""
    heads = heads_of(x, W_q, W_k, W_v, num_heads)
    heads[head] = 0
    return heads.swapaxes(0, 1).reshape(x.shape) @ W_o


# %%
check_ablated(without_head)

# %% [markdown] tags=["solution"]
# The layer's output is the sum of what the heads give through their rows of W_o. So what each head takes away when it
# is off, added up over the heads, is the whole output:

# %% tags=["solution"]
rng = np.random.default_rng(0)
layer = rng.standard_normal((5, 4)), *rng.standard_normal((4, 4, 4))
whole = my_multi_head(*layer, num_heads=2)
parts = [whole - without_head(*layer, num_heads=2, head=head) for head in range(2)]
print("the parts sum to the whole:", np.allclose(sum(parts), whole))

# %% [markdown]
# ## 4. Let heads share their keys
#
# A model that writes text keeps the keys and values of all words so far, for each head of each layer. With a long
# text that is a lot of memory. In **grouped-query attention** (Ainslie et al. 2023) several query heads share one
# head of keys and values.
#
# `Q` is (query heads, queries, d_k). `K` is (key heads, keys, d_k), and `V` is (key heads, keys, value size). The
# number of query heads is a multiple of the number of key heads. *Neighbouring* query heads share: with 4 query heads
# and 2 key heads, the query heads 0 and 1 use key head 0, and the query heads 2 and 3 use key head 1.


# %% tags=["stub"]
def grouped_attention(Q, K, V):
    """Return the output of every query head: (query heads, queries, value size)."""
    return ...


# %% tags=["solution"]
def grouped_attention(Q, K, V):
    """Return the output of every query head: (query heads, queries, value size)."""
    group = len(Q) // len(K)  # query heads for one key head
    output, _ = attention(Q, np.repeat(K, group, axis=0), np.repeat(V, group, axis=0))
    return output


# %%
check_grouped(grouped_attention)

# %% [markdown] tags=["solution"]
# `np.repeat` copies, which is fine to learn from. A real model reads each shared key once. With 8 key heads instead
# of 32 a layer saves:

# %% tags=["solution"]
words, head_dim, bytes_a_number = 8192, 128, 2
kept = [2 * heads * words * head_dim * bytes_a_number for heads in (32, 8)]  # 2: keys and values
print(f"{(kept[0] - kept[1]) / 1e6:.0f} of {kept[0] / 1e6:.0f} megabytes")

# %% [markdown]
# **Next:** [chapter 5](../05-bert-sentence-embeddings.ipynb).
