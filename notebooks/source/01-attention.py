# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Build attention from a three-number dot product
#
# **What you will build:** attention for one word, in four lines of NumPy: compare, weigh, blend.
#
# **What you need:** Python, and vectors of three numbers. **Minutes:** 35.
#
# A reader meets the sentence *"I love pizza but not olives"* and stops at **love**. What does *love* refer to?
# Attention answers with numbers: it compares *love* with other words, turns the comparisons into weights, and blends
# what the words have to say. To keep it small, only three words can be looked at here: *pizza*, *but* and *olives*.

# %%
import numpy as np

from helpers.figures import show_bars
from helpers.panels import AttentionPanel

# %% [markdown]
# ## Meet the query, the keys and the values
#
# Attention works with three kinds of vectors.
#
# - The **query** is what a word looks for. Here one word asks: *love*.
# - A **key** is what a word offers to be found by. Every word that can be looked at has one.
# - A **value** is what a word hands over when it is found. Here it is a single number, a sentiment: 5 for *pizza*
#   (good), -3 for *olives* (bad), 0 for *but* (neither).
#
# Real models learn these numbers. Here they are chosen by hand, so that you can follow each one.

# %%
query = np.array([1, 0, -1])  # "love"
keys = np.array([
    [1, 1, 0],  # "pizza"
    [0, -1, 1],  # "but"
    [1, 0, -1],  # "olives"
])
values = np.array([[5], [0], [-3]])  # the sentiment of "pizza", "but", "olives"
words = ["pizza", "but", "olives"]

print("query:", query.shape, " keys:", keys.shape, " values:", values.shape)

# %% [markdown]
# ## Compare: a score for each key
#
# A **dot product** multiplies two vectors entry by entry and adds up the products. It is large where both vectors are
# large with the same sign. So it measures how well a key matches the query. That number is the key's **score**.
#
# <details><summary><b>Predict, then run.</b> Look at the query and the three keys above. Which word matches
# <i>love</i> best, and is that what you would expect?</summary>
#
# *olives*: its key is equal to the query. That does not say that love is about olives in a good way. A key says how
# well a word is found; what it has to say is its value, and that is -3.
# </details>
#
# First by hand, with a loop:

# %%
for word, key in zip(words, keys):
    products = [int(q * k) for q, k in zip(query, key)]
    print(f"{word:7}", products, "-> score", sum(products))

# %% [markdown]
# NumPy does the same in one call:

# %%
scores = np.dot(keys, query)  # (keys,)

print("Attention Scores:", scores)

# %% [markdown]
# ## Weigh: softmax turns scores into weights
#
# Scores can be negative and have no fixed size. **Weights** must be positive and sum to 1, so that they say *how much
# of each word*. **Softmax** does it in two steps: `exp` makes every score positive and keeps their order; the
# division makes them sum to 1.
#
# <details><summary><b>Predict, then run.</b> The scores are 1, -1 and 2. Is the weight of <i>but</i>, whose score is
# -1, negative, exactly 0, or small and positive?</summary>
#
# Small and positive: about 0.04. `exp(-1)` is 0.37, and on paper no score makes `exp` zero or negative. Nobody is left
# out altogether.
# </details>


# %%
def softmax(x):
    # The largest score is subtracted: the first Pitfall below shows why.
    exp_x = np.exp(x - np.max(x))
    return exp_x / np.sum(exp_x)


weights = softmax(scores)  # (keys,)

print("Attention Weights:", weights)
print("They sum to:", round(float(weights.sum()), 6))

# %%
show_bars(words, weights, "How much love looks at each word")

# %% [markdown]
# The score of *olives* is only 1 more than the score of *pizza*. Its weight is `exp(1)`, about 2.7 times, as large.
# Softmax turns **differences** of scores into **ratios** of weights.

# %%
print("ratio of the weights:", round(float(weights[2] / weights[0]), 4))
print("exp(score difference):", round(float(np.exp(scores[2] - scores[0])), 4))

# %% [markdown]
# ## Blend: the weighted sum of the values
#
# <details><summary><b>Predict, then run.</b> The values are 5, 0 and -3, the weights about 0.26, 0.04 and 0.71. What
# is the output: about -3, about 0.7, or about -0.8?</summary>
#
# About -0.8. The output adds 0.26 * 5 and 0.04 * 0 and 0.71 * (-3). *olives* pulls hardest, and *pizza* still pulls
# back.
# </details>

# %%
attention_output = np.dot(weights, values)  # (value size,)

print("Attention Output:", attention_output)

# %% [markdown]
# What does -0.82 mean? In this toy, what *love* takes over from the others leans a little to the negative, because
# its query matches *olives* best. The point is how the number comes about, not what it says about pizza.

# %% [markdown]
# ## Put it in one function
#
# Compare, weigh, blend: three lines of work and a `return`. In chapter 2 one factor is added, and then these are **the
# four lines of attention** that you will find inside BERT and GPT-2, and, without that factor but with a term more,
# inside T5.


# %%
def basic_attention(query, keys, values):
    scores = keys @ query  # compare: (keys,)
    weights = softmax(scores)  # weigh: (keys,)
    output = weights @ values  # blend: (value size,)
    return output, weights


output, weights = basic_attention(query, keys, values)
print("Attention Scores:", np.dot(keys, query))
print("Attention Weights:", weights)
print("Attention Output:", output)

# %% [markdown]
# ## Move every number
#
# Each entry has a slider, and a box above it for an exact value. The top row is the query. Below it, each row is one
# word: its key and its value. Try this:
#
# 1. Press **love meets pizza**. The query is now the key of *pizza*. Which weight grew?
# 2. Press **nothing matches**. Why is the output the plain mean of the values?
# 3. Press **one key wins**: the query and the key of *olives* are now both long. How close does the output come to
#    the value of *olives*?
# 4. Press **Reset** and find a query that makes the output larger than 4.
#
# <details><summary><b>What you should have seen</b></summary>
#
# 1. The weight of *pizza* grew from 0.26 to 0.71, and the output turned positive: 2.75.
# 2. All scores are 0, so all weights are equal: the mean of 5, 0 and -3 is 0.67.
# 3. Very close: -2.98. It never quite gets to -3.
# 4. For example 2, 2, 2: the score of *pizza* is 4, the others get 0, and the output is 4.77.
# </details>

# %%
AttentionPanel(query, keys, values, words, asker="love")

# %% [markdown]
# ## Pitfall: softmax without the shift overflows
#
# In a textbook, softmax is `exp(x) / sum(exp(x))`. Why does the code above subtract the largest score first? Run the
# textbook's version on large scores.
#
# <details><summary><b>Predict, then run.</b> What will it give for the scores 1000, 999 and 998: an error, the weights
# 1, 0 and 0, or something else?</summary>
#
# Something else, and no error: three times `nan`, *not a number*. The next lines tell why.
# </details>


# %%
def softmax_without_the_shift(x):
    return np.exp(x) / np.sum(np.exp(x))


large_scores = np.array([1000.0, 999.0, 998.0])
# NumPy would warn in the first three lines: overflow, and once infinity / infinity.
with np.errstate(over="ignore", invalid="ignore"):
    print("exp(1000):         ", np.exp(large_scores[0]))
    print("without the shift: ", softmax_without_the_shift(large_scores))
    print("exp(12) in float16:", np.exp(np.float16(12)))
print("with the shift:    ", softmax(large_scores))

# %% [markdown]
# `exp(1000)` is too large for a float: it becomes infinity, and infinity divided by infinity is not a number (`nan`).
# From then on every number that touches it is `nan` too. In float16, the short floats that large models often use, a
# score of 12 is enough.
#
# The shift changes nothing else. Subtracting the same number from all scores multiplies every `exp` by the same
# factor, and the division takes that factor out again:

# %%
for shift in (0, 1, 100):
    print(f"scores - {shift:3d}:", softmax(scores - shift))

# %% [markdown]
# ## Pitfall: the output is a blend, not the best match
#
# It is tempting to read attention as a search: *love* looks for its word and finds *olives*. A search returns the one
# best match:

# %%
best = int(np.argmax(scores))
print("search finds:   ", words[best], "-> value", values[best])
print("attention gives:", output)
print("is the output one of the values?", bool(np.isin(output, values).any()))

# %% [markdown]
# The search returns -3. Attention returns about -0.82, a number that no word has. Every word with a weight above zero
# has a part in it. That is what makes attention learnable: when a score changes a little, the output changes a
# little. A search jumps from one answer to another.
#
# Now make the query longer, and with it all scores.
#
# <details><summary><b>Predict, then run.</b> The query is multiplied by 10, and so is every score. Do the weights stay
# as they are?</summary>
#
# No. Softmax looks at the differences between scores, and these are ten times as large too. *olives* gets nearly
# everything.
# </details>

# %%
for factor in (1, 2, 5, 10):
    sharp, sharp_weights = basic_attention(factor * query, keys, values)
    print(f"query x {factor:2d}: largest weight {sharp_weights.max():.3f}, output {sharp[0]:6.3f}")

# %% [markdown]
# The output comes close to a search when one score is far above the others.
#
# ## Three sentences to remember
#
# 1. A score is a dot product: it says how well a key matches the query.
# 2. Softmax turns scores into weights that sum to 1, and it needs the shift by the largest score.
# 3. The output is a blend of all values, never a pick.
#
# **Practise:** [the exercises of this chapter](exercises/01-attention.ipynb). Their checks
# name the idea behind a wrong answer.
#
# **Next door:** vectors of three numbers are gentle. [Chapter 2](02-scaled-dot-product-attention.ipynb) makes them
# longer, sees softmax freeze, and cures it with one division.
