# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Let a sentence attend to itself
#
# **What you will build:** self-attention for "The cat sat on mat", a causal mask, and positions that tell first from
# last.
#
# **What you need:** the four lines of [chapter 2](02-scaled-dot-product-attention.ipynb) and matrix products.
# **Minutes:** 50.
#
# In chapters 1 and 2 somebody gave you queries, keys and values. In a transformer every word makes its own three,
# from its own embedding. All words ask, and all words answer. That is **self**-attention.

# %%
import numpy as np

from helpers.attention import attention, causal_mask
from helpers.figures import show_heatmap, show_heatmaps, show_links, show_map
from helpers.panels import SelfAttentionPanel
from helpers.positions import sinusoidal_positions

# %% [markdown]
# ## Start from embeddings
#
# An **embedding** is the vector that stands for a word. Five words, three **features** each. The numbers are chosen
# by hand: words that carry meaning have large features, small words have small ones.

# %%
sentence_embeddings = np.array([
    [0.1, 0.1, 0.2],  # "The"  (low influence determiner)
    [0.9, 0.8, 0.7],  # "cat"  (subject noun, strong influence)
    [0.8, 0.9, 0.8],  # "sat"  (verb, central word, strong influence)
    [0.2, 0.2, 0.3],  # "on"   (preposition, weak influence)
    [0.7, 0.6, 0.9],  # "mat"  (object noun)
])
words = ["The", "cat", "sat", "on", "mat"]

print("embeddings:", sentence_embeddings.shape, "= (words, features)")

# %% [markdown]
# ## Make queries, keys and values
#
# Three matrices, W_q, W_k and W_v, turn each embedding into a query, a key and a value. In a model they are learnt,
# and they are often called weights too. In the first four chapters **weights** alone means what comes out of softmax;
# where a model's learnt numbers are meant, the text says so. Here the matrices are given.

# %%
W_q = np.array([
    [0.6, 0.2, 0.1],
    [0.8, 0.7, 0.6],
    [0.7, 0.9, 0.8],
])
W_k = np.array([
    [0.6, 0.3, 0.2],
    [0.8, 0.7, 0.5],
    [0.7, 0.9, 0.6],
])
W_v = np.array([
    [0.2, 0.5, 0.3],
    [0.7, 0.8, 0.6],
    [0.8, 0.9, 0.7],
])

# %%
Q = sentence_embeddings @ W_q  # (words, d_k)
K = sentence_embeddings @ W_k  # (words, d_k)
V = sentence_embeddings @ W_v  # (words, d_v)

print("Q:\n", Q)
print("K:\n", K)
print("V:\n", V)

# %% [markdown]
# ## Attend, one step at a time
#
# <details><summary><b>Predict, then run.</b> There are five words. How many scores will there be, and how many of
# them compare a word with itself?</summary>
#
# 25 scores: every word asks every word. Five of them, on the diagonal, compare a word with itself.
# </details>

# %%
scores = Q @ K.T  # (words that look, words looked at)
d_k = K.shape[1]
scores /= np.sqrt(d_k)

print("scaled scores:", scores.shape)
print(scores)


# %%
def softmax(x):
    exp_x = np.exp(x - np.max(x))  # as many tutorials write it; a Pitfall below finds a flaw
    return exp_x / np.sum(exp_x, axis=1, keepdims=True)  # every row sums to 1


weights = softmax(scores)
attention_output = weights @ V

print("Attention Weights:")
print(weights)
print("Attention Output:")
print(attention_output)

# %% [markdown]
# The four lines of chapter 2 give the same matrices. From here on they stand in for the steps above: in goes one
# vector a word, out comes one vector a word.


# %%
def self_attention(x, mask=None):
    return attention(x @ W_q, x @ W_k, x @ W_v, mask=mask)


output, same_weights = self_attention(sentence_embeddings)
print("same weights:", np.allclose(weights, same_weights))
print("same output: ", np.allclose(attention_output, output))

# %% [markdown]
# ## Read the map
#
# A row is a word that looks. A column is a word that is looked at. Every row sums to 1.

# %%
show_heatmap(weights, words, words, "Who looks at whom", x_label="looked at", y_label="looks")

# %%
show_links(words, weights[2], 2, "where sat looks")

# %% [markdown]
# *sat* looks most at itself and at *cat*. Now compare the rows: in each of them *cat*, *sat* and *mat* get more than
# *The* and *on*. All entries of the embeddings and of the matrices are positive here, so large embeddings make large
# scores for everyone. Chapter 4 uses negative numbers too, as trained models do, and the rows begin to differ.

# %% [markdown]
# ## Pitfall: the rows of W_q are features, not words
#
# The matrices above come from a notebook in which the rows of W_q carried comments like this one:
#
# `[0.8, 0.7, 0.6],  # "cat" has high query influence`
#
# W_q has three rows and the sentence has five words, so this cannot be right. The rows belong to the three
# **features** of every embedding. To see it, set the row "of cat" to zero. If it belonged to *cat*, only the query of
# *cat* would change.

# %%
W_q_without_row_1 = W_q.copy()
W_q_without_row_1[1] = 0

changed = ~np.isclose(sentence_embeddings @ W_q_without_row_1, Q).all(axis=1)
for word, is_changed in zip(words, changed):
    print(f"query of {word:4} changed: {is_changed}")

# %% [markdown]
# All five queries change: row 1 multiplies feature 1 of *every* word. This is the strength of self-attention. The
# same matrices serve a sentence of any length, because nothing in them counts words:

# %%
longer = np.vstack([sentence_embeddings, sentence_embeddings])  # ten words
print("ten words, the same W_q:", (longer @ W_q).shape)
try:
    np.hstack([sentence_embeddings, sentence_embeddings]) @ W_q  # six features instead of three
except ValueError as problem:
    print("six features, the same W_q:", type(problem).__name__)

# %% [markdown]
# ## Pitfall: subtract each row's own maximum
#
# The softmax above subtracts `np.max(x)`, the largest score of the **whole table**. In chapter 1 there was one row,
# so this was the same thing. With several rows it is not. Give the same words embeddings that are 16 times as large:

# %%
loud = 16 * sentence_embeddings
loud_scores = (loud @ W_q) @ (loud @ W_k).T / np.sqrt(d_k)
print("largest score of the table:", round(float(loud_scores.max())))
print("scores of The:", np.round(loud_scores[0]).astype(int))

with np.errstate(invalid="ignore"):  # NumPy would warn here: 0 / 0
    print("weights of The:", softmax(loud_scores)[0])


# %%
def softmax_by_row(x):
    exp_x = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return exp_x / np.sum(exp_x, axis=-1, keepdims=True)


print("weights of The:", np.round(softmax_by_row(loud_scores)[0], 4))

# %% [markdown]
# The scores of *The* were shifted by the largest score of *sat*. Shifted by it, all five lie so low that their `exp` is
# too small for a float and becomes 0, and 0 / 0 is not a number. With its own maximum *The* is an ordinary row.
# `helpers.attention.softmax` shifts row by row, as you did in chapter 2.

# %% [markdown]
# ## Pitfall: the sentence lost its second "the"
#
# The sentence is *"The cat sat on the mat"*. Count its words, and the rows of the embeddings:

# %%
sentence = "The cat sat on the mat"
print("words in the sentence:", len(sentence.split()))
print("rows of embeddings:   ", len(sentence_embeddings))

# %% [markdown]
# One *the* is missing. Put it back, with the embedding of the first one.
#
# <details><summary><b>Predict, then run.</b> The two words <i>the</i> stand at places 0 and 4, with different
# neighbours. Will their outputs differ?</summary>
#
# No. Their embeddings are equal, so their queries, weights and outputs are equal. Nothing in the computation knows
# where a word stands.
# </details>

# %%
six_words = ["The", "cat", "sat", "on", "the", "mat"]
six_embeddings = np.insert(sentence_embeddings, 4, sentence_embeddings[0], axis=0)
six_output, six_weights = self_attention(six_embeddings)

print("output of The:", six_output[0])
print("output of the:", six_output[4])
print("equal:", np.allclose(six_output[0], six_output[4]))

# %% [markdown]
# ## Pitfall: self-attention cannot see order
#
# This is more than a curiosity. Shuffle the words: *"mat The on cat sat"*. The outputs are shuffled the same way, and
# nothing else changes.

# %%
shuffle = np.array([4, 0, 3, 1, 2])  # mat The on cat sat
mixed = sentence_embeddings[shuffle]
mixed_output, _ = self_attention(mixed)

print("shuffled:", [words[i] for i in shuffle])
print("same outputs, in the new order:", np.allclose(mixed_output, output[shuffle]))

# %% [markdown]
# To self-attention *"dog bites man"* and *"man bites dog"* are the same bag of words.

# %% [markdown]
# ## Give every place its own vector
#
# The cure is to add something to each embedding that depends on its **place**. The first transformer added waves: a
# sine and a cosine for each pair of features, slower from pair to pair. (BERT and GPT-2 add vectors that are learnt,
# T5 adds numbers to the scores. The idea is the same.)

# %%
positions = sinusoidal_positions(6, 3)  # (places, features)
print(np.round(positions, 3) + 0.0)

# %%
placed_output, placed_weights = self_attention(six_embeddings + positions)

print("output of The:", np.round(placed_output[0], 3))
print("output of the:", np.round(placed_output[4], 3))
print("equal:", np.allclose(placed_output[0], placed_output[4]))

# %%
places = sinusoidal_positions(5, 3)
ordered_output, _ = self_attention(sentence_embeddings + places)
mixed_output, _ = self_attention(mixed + places)  # the same words at other places

print("same outputs, in the new order:", np.allclose(mixed_output, ordered_output[shuffle]))

# %% [markdown]
# Now order matters. With three features the positions are as large as the words and drown them. Real models have
# hundreds of features, so that there is room for both. Here are the waves for 50 places and 16 features:

# %%
waves = sinusoidal_positions(50, 16)
point = "Features on the left swing fast from place to place, features on the right hardly."
show_map(waves, "Positions", low=-1, x_label="feature", y_label="place", point=point)

# %% [markdown]
# ## Hide the future: a causal mask
#
# A model that writes text must not look at words that it has not written yet. So word 0 may look at itself only, word
# 1 at words 0 and 1, and so on. This table of *may look* and *may not* is a **causal mask**.

# %%
mask = causal_mask(5)
print(mask.astype(int))

# %% [markdown]
# The mask works on the **scores**: a hidden score becomes minus infinity, and `exp(-inf)` is 0. Softmax then shares
# the whole weight among the words that are left.
#
# <details><summary><b>Predict, then run.</b> With the mask on, what is the weight of <i>The</i> on itself?</summary>
#
# 1. It is the only word that it may look at, and every row still sums to 1.
# </details>

# %%
masked_scores = np.where(mask, scores, -np.inf)
masked_weights = softmax_by_row(masked_scores)
print(np.round(masked_weights, 3))
print("rows sum to:", masked_weights.sum(axis=1))

# %%
_, helper_weights = self_attention(sentence_embeddings, mask=mask)
print("the same with attention(..., mask=mask):", np.allclose(masked_weights, helper_weights))
print("mask after softmax, rows sum to:", (weights * mask).sum(axis=1).round(2))

# %% [markdown]
# The last line shows what goes wrong when the mask comes too late. The hidden weights are gone, but nobody shared
# them out again: the rows no longer sum to 1, but for the last, which hides nothing.

# %%
both, titles = [weights, masked_weights], ["all words", "causal mask"]
show_heatmaps(both, words, words, titles, x_label="looked at", y_label="looks")

# %% [markdown]
# ## Pick a word
#
# The picture on the left shows the picked word's row of the map on the right. The sliders move the picked word's
# embedding. Try this:
#
# 1. Pick **on** and press **the word shouts**: *on* now has a large embedding. Which column fills, and for whom?
# 2. Press **Reset**, tick **hide later words**, and pick one word after the other.
# 3. Press **Reset** and pick **on**. Whom does it look at most? Now tick **add positions**: whom now?
#
# <details><summary><b>What you should have seen</b></summary>
#
# 1. The column of *on*, for every word: a large key makes a large score with every query here.
# 2. The lines to later words vanish. *The* has only itself left, with the weight 1.
# 3. At first at *sat* (0.28). With positions at itself (0.29).
# </details>

# %%
SelfAttentionPanel(sentence_embeddings, W_q, W_k, W_v, words)

# %% [markdown]
# ## Three sentences to remember
#
# 1. Every word makes a query, a key and a value from its embedding, with matrices that know features and not words.
# 2. Self-attention cannot see order; positions are added to the embeddings to give it one.
# 3. A mask acts on the scores, before softmax, so that every row still sums to 1.
#
# **Practise:** [the exercises of this chapter](exercises/03-self-attention.ipynb). Their checks
# name the idea behind a wrong answer.
#
# **Next door:** one map can only say one thing about a word. [Chapter 4](04-multi-head-attention.ipynb) gives the
# sentence several heads.
