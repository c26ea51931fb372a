# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Scale the scores so that the model keeps learning
#
# **What you will build:** scaled dot-product attention, the four lines that the later chapters import.
#
# **What you need:** [chapter 1](01-attention.ipynb). **Minutes:** 40.
#
# Real models often compare vectors with 64 entries, not with 3. A sum of 64 products strays further from zero than
# a sum of 3, and softmax reacts to size. This chapter divides the scores by a number that undoes the growth, and
# shows what goes wrong without it.

# %%
import numpy as np

from helpers.figures import show_bars, show_curves
from helpers.panels import ScalingPanel


# %% [markdown]
# ## Divide by the square root of the key's width
#
# The number of entries of a key (and of the query) is its **width**, called **d_k**. Here it is 3. The scores are
# divided by its square root. The rest is chapter 1. One thing is new: `softmax` runs along the last axis, so that it
# will also work for a table of scores, one row a query. `keepdims` keeps the sums as a column, so that each row is
# divided by its own sum.


# %%
def softmax(x):
    exp_x = np.exp(x - np.max(x, axis=-1, keepdims=True))  # shift each row by its own maximum
    return exp_x / np.sum(exp_x, axis=-1, keepdims=True)


query = np.array([1, 0, 1])
keys = np.array([
    [1, 0, 1],
    [0, 1, 0],
    [1, 0, -1],
])
values = np.array([[5], [0], [-3]])
scale = np.sqrt(query.shape[0])  # d_k is the width of the query

# %%
scores = np.dot(keys, query) / scale  # (keys,)
weights = softmax(scores)  # (keys,)
attention_output = np.dot(weights, values)  # (value size,)

print("Scaled Attention Scores:", scores)
print("Attention Weights:", weights)
print("Attention Output:", attention_output)

# %% [markdown]
# <details><summary><b>Predict, then run.</b> Without the division the first score is 2 instead of 1.15. Does the
# first key get a larger or a smaller weight?</summary>
#
# A larger one. Larger differences between scores make sharper weights: about 0.79 instead of 0.61.
# </details>

# %%
print("scaled:    ", softmax(np.dot(keys, query) / scale))
print("not scaled:", softmax(np.dot(keys, query)))

# %% [markdown]
# ## Pitfall: "for stability" is a claim, so measure it
#
# Many texts say that the division is there *for stability* and show an example with d_k = 3, where both versions work
# well. Nothing is unstable there. The effect appears when vectors are wide. So draw random queries and keys, with
# entries of mean 0 and variance 1, and watch how far the scores spread. (The **variance** is the mean squared
# distance from the mean. Its square root, `std`, is the typical distance.)
#
# <details><summary><b>Predict, then run.</b> From d_k = 4 to d_k = 16 a score adds up four times as many products. Does
# its variance stay the same, grow about four times, or about sixteen times?</summary>
#
# About four times, from 4 to 16. The products are as often negative as positive, so they do not simply pile up: it is
# their variances that add up.
# </details>

# %%
rng = np.random.default_rng(0)
widths = [1, 4, 16, 64, 256]
variances, scaled_variances = [], []
for d_k in widths:
    queries, random_keys = rng.standard_normal((2, 20_000, d_k))
    pair_scores = (queries * random_keys).sum(axis=1)  # (pairs,)
    variances.append(float(pair_scores.var()))
    scaled_variances.append(float((pair_scores / np.sqrt(d_k)).var()))
    print(
        f"d_k = {d_k:3d}: variance {variances[-1]:6.1f}, after scaling {scaled_variances[-1]:.2f}"
    )

# %% [markdown]
# The variance of the scores grows as fast as d_k: each of the d_k products has variance 1, and variances of
# independent terms add up. So the typical score is as large as `sqrt(d_k)`, the square root of the variance. **That**
# is why the division is by `sqrt(d_k)`, and not by d_k or by 10.

# %%
curves = {"not scaled": variances, "divided by sqrt(d_k)": scaled_variances}
point = "The scaled scores keep a variance of about 1 at every width."
title = "Variance of the scores"
show_curves(widths, curves, title, "d_k", "variance", x_log=True, y_log=True, point=point)

# %% [markdown]
# ## See softmax saturate
#
# Take one query and six keys of width 256. Compare the weights with and without the division.

# %%
rng = np.random.default_rng(4)
long_query, long_keys = rng.standard_normal(256), rng.standard_normal((6, 256))
raw_scores = long_keys @ long_query  # (keys,)

print("raw scores:", np.round(raw_scores, 1))
print("not scaled:", np.round(softmax(raw_scores), 3))
print("scaled:    ", np.round(softmax(raw_scores / np.sqrt(256)), 3))

# %% [markdown]
# Without the division, one key takes everything. Softmax is **saturated**. A number for it is the **entropy** of the
# weights, in bits: 0 bits when one key has all the weight, and `log2(6)`, about 2.58 bits, when six keys share it
# equally.


# %%
def entropy(weights):
    # 1e-300 keeps log2 away from 0, where it is minus infinity.
    return -np.sum(weights * np.log2(np.maximum(weights, 1e-300)))


for name, divisor in (("not scaled", 1), ("scaled", np.sqrt(256))):
    print(f"{name:10}: {entropy(softmax(raw_scores / divisor)):.2f} bits")

# %% [markdown]
# ### Why a saturated softmax stops learning
#
# A model learns from small changes: how much does the output move when a score moves a little? That ratio is the
# **gradient**. Nudge the second best raw score by 0.1 and look how far the weights move.
#
# <details><summary><b>Predict, then run.</b> The division by 16 makes the nudge small too: 0.1 becomes about 0.006.
# Which weights move further, those with the division or those without?</summary>
#
# Those with it, by far. Where softmax is saturated, even a nudge that is sixteen times as large does next to nothing.
# </details>

# %%
second = int(np.argsort(raw_scores)[-2])
nudge = np.zeros(6)
nudge[second] = 0.1

for name, divisor in (("not scaled", 1), ("scaled", np.sqrt(256))):
    moved = softmax((raw_scores + nudge) / divisor) - softmax(raw_scores / divisor)
    print(f"{name:10}: the weights move by at most {np.abs(moved).max():.1e}")

# %% [markdown]
# The saturated weights move by almost nothing, so there is almost nothing to learn from. The scaled ones move more
# than a hundred thousand times as far. *Stability* means this: **the division keeps softmax in the range where a
# small change still shows.**

# %% [markdown]
# ## Turn the same knob on purpose: temperature
#
# Divide the scores by a positive number T of your choice: T is called the **temperature**. A low T makes the weights
# sharp, a high T makes them flat. `sqrt(d_k)` is the temperature that fits the width. In chapter 7 you will use T again
# to make GPT-2 bold or careful.

# %%
temperatures = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
unit_scores = raw_scores / np.sqrt(256)
bits = [entropy(softmax(unit_scores / T)) for T in temperatures]
curves, title = {"entropy in bits": bits}, "Hot is flat, cold is sharp"
show_curves(temperatures, curves, title, "temperature", "entropy", x_log=True)

# %% [markdown]
# <details><summary><b>Predict before you move the sliders.</b> Set d_k to 64 and leave the division off. Which
# temperature gives the same weights as the division at temperature 1?</summary>
#
# 8, the square root of 64: the division *is* a temperature. Try it: set the temperature to 8, then go back to 1 and
# tick the division.
# </details>
#
# Try this:
#
# 1. Press **wide, not scaled** and look at the entropy. Then tick **divide by sqrt(d_k)**.
# 2. With the division on, move **d_k** from 16 to 256. How much does the spread change? And with the division off?
# 3. Press **cold**, then **hot**. How many bits are there each time?
#
# <details><summary><b>What you should have seen</b></summary>
#
# 1. One key has everything, and the entropy is 0.00 bits. With the division it is 2.07 bits.
# 2. With the division the spread stays between 0.5 and 1.2. Without it, it is about 4 at 16 and 13 at 256, with ups and
#    downs on the way: six keys are few.
# 3. 0.21 bits when cold: one key has 0.97. 2.57 bits when hot: nearly as flat as six weights can be.
# </details>

# %%
ScalingPanel(long_query, long_keys)

# %% [markdown]
# ## Write the four lines of attention
#
# Now for many queries at once: one query a row. The scores become a table with a row for each query and a column for
# each key. These four lines are the heart of the course. From the next chapter on you import them: `from
# helpers.attention import attention`. The function there is the same, with a mask and with checks of what goes in.


# %%
def attention(query, key, value):
    scores = query @ key.T / np.sqrt(key.shape[-1])  # compare: (queries, keys)
    weights = softmax(scores)  # weigh: (queries, keys), every row sums to 1
    output = weights @ value  # blend: (queries, value size)
    return output, weights


# %% [markdown]
# Try it with two queries. The first is the one from above, the second is equal to the second key.
#
# <details><summary><b>Predict, then run.</b> The second query matches the second key exactly, and has the score 0 with
# the two others. Does the second key get all of its weight?</summary>
#
# No, a bit less than half: 0.47. The score is only 1 / sqrt(3), about 0.58, and each of the others still has `exp(0)`,
# which is 1. A perfect match of short vectors is no large score.
# </details>

# %%
queries = np.array([
    [1, 0, 1],
    [0, 1, 0],
])
output, weights = attention(queries, keys, values)
print("Attention Weights:")
print(weights)
print("Attention Output:", output.ravel())

# %% [markdown]
# The weights and the output of the first query are the same as before. Here are the weights of the second:

# %%
show_bars(["key 0", "key 1", "key 2"], weights[1], "Where the second query looks")

# %% [markdown]
# Is the imported function really the same? Try it on random input:

# %%
from helpers.attention import attention as imported_attention

Q, K, V = rng.standard_normal((3, 7, 64))  # 7 queries, 7 keys and 7 values of width 64
mine, theirs = attention(Q, K, V), imported_attention(Q, K, V)
print("same output: ", np.allclose(mine[0], theirs[0]))
print("same weights:", np.allclose(mine[1], theirs[1]))

# %% [markdown]
# ## Three sentences to remember
#
# 1. The variance of a dot product grows with its width d_k, so scores are divided by `sqrt(d_k)`.
# 2. Without the division softmax saturates: one key takes all, and a small change no longer shows.
# 3. Attention is four lines: compare and scale, weigh, blend, return.
#
# **Practise:** [the exercises of this chapter](exercises/02-scaled-dot-product-attention.ipynb). Their checks
# name the idea behind a wrong answer.
#
# **Next door:** so far queries, keys and values were given. In [chapter 3](03-self-attention.ipynb) a sentence makes
# all three from itself.
