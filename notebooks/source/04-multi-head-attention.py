# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Look with several heads at once
#
# **What you will build:** multi-head attention as real models have it, proved equal to PyTorch's own layer.
#
# **What you need:** [chapter 3](03-self-attention.ipynb). **Minutes:** 50.
#
# One attention map gives each word one set of weights. But *sat* may want to look at the word before it *and* at the
# loud words, those with large embeddings. **Heads** are several attentions side by side. Each has its own small
# queries, keys and values.

# %%
import numpy as np

from helpers.attention import attention
from helpers.figures import show_heatmaps
from helpers.panels import MultiHeadPanel

# %% [markdown]
# ## See why one map is not enough
#
# The sentence and its embeddings are those of chapter 3.

# %%
sentence_embeddings = np.array([
    [0.1, 0.1, 0.2],  # "The"
    [0.9, 0.8, 0.7],  # "cat"
    [0.8, 0.9, 0.8],  # "sat"
    [0.2, 0.2, 0.3],  # "on"
    [0.7, 0.6, 0.9],  # "mat"
])
words = ["The", "cat", "sat", "on", "mat"]

# %% [markdown]
# Two heads, made by hand. The first gives every place a feature of its own and looks for *the place before mine*. The
# second looks for large embeddings.

# %%
places = np.eye(5)  # (words, places): a 1 where the word stands
next_place = np.eye(5, k=1)  # (words, places): a 1 one place further
_, looks_back = attention(10 * places, next_place, sentence_embeddings)

loudness = sentence_embeddings.mean(axis=1, keepdims=True)  # (words, 1)
_, looks_for_loud = attention(np.full((5, 1), 5.0), loudness, sentence_embeddings)

both, titles = [looks_back, looks_for_loud], ["the word before", "the loud words"]
show_heatmaps(both, words, words, titles, x_label="looked at", y_label="looks")

# %% [markdown]
# *sat* needs both: the first head finds *cat* by its place, the second finds it, with the other loud words, by what it
# is. One softmax cannot give two sets of weights, so one map cannot say both. (*The* has no word before it, so the
# first head spreads its weights evenly.) In a trained model such heads are not made by hand. They turn up in training.

# %% [markdown]
# ## Build two heads the simple way
#
# Each head takes a slice of the features and gets random matrices of its own. Random heads have no meaning yet; what
# counts here is how they are put together. The seed 42 makes them the same on every machine.

# %%
num_heads = 2
head_dim = sentence_embeddings.shape[1] // num_heads  # features per head

# %%
np.random.seed(42)


def generate_weights(num_heads, head_dim):
    return [
        (
            np.random.rand(head_dim, head_dim),  # W_q for this head
            np.random.rand(head_dim, head_dim),  # W_k for this head
            np.random.rand(head_dim, head_dim),  # W_v for this head
        )
        for _ in range(num_heads)
    ]


multi_head_weights = generate_weights(num_heads, head_dim)

# %%
all_attention_outputs, all_attention_weights = [], []
for head_index, (W_q, W_k, W_v) in enumerate(multi_head_weights):
    head_embeddings = sentence_embeddings[:, head_index * head_dim : (head_index + 1) * head_dim]
    Q, K, V = head_embeddings @ W_q, head_embeddings @ W_k, head_embeddings @ W_v
    attention_output, attention_weights = attention(Q, K, V)
    all_attention_outputs.append(attention_output)
    all_attention_weights.append(attention_weights)
    print(f"Head {head_index + 1}:")
    print("Attention Weights:")
    print(attention_weights)
    print("Attention Output:")
    print(attention_output)
    print("\n")

# %% [markdown]
# The outputs of the heads are put side by side: each word gets one row again.

# %%
final_attention_output = np.concatenate(all_attention_outputs, axis=1)  # (words, features)

print("Final Multi-Head Attention Output:")
print(final_attention_output)

# %% [markdown]
# ## Pitfall: a feature went missing
#
# <details><summary><b>Predict, then run.</b> Each embedding has three features. The final output has how many, and
# why?</summary>
#
# Two. `head_dim` is `3 // 2`, which is 1. Head 1 takes feature 0, head 2 takes feature 1, and nobody takes feature 2.
# </details>

# %%
print("features in: ", sentence_embeddings.shape[1])
print("head_dim:    ", head_dim)
print("features out:", final_attention_output.shape[1])

# %% [markdown]
# No error, no warning.
#
# <details><summary><b>Predict, then run.</b> Replace feature 2 by nonsense and run both heads again. What happens to
# the output?</summary>
#
# Nothing at all. No head reads feature 2.
# </details>

# %%
nonsense = sentence_embeddings.copy()
nonsense[:, 2] = [1000, -1000, 0, 42, 7]

outputs = []
for head_index, (W_q, W_k, W_v) in enumerate(multi_head_weights):
    x = nonsense[:, head_index * head_dim : (head_index + 1) * head_dim]
    outputs.append(attention(x @ W_q, x @ W_k, x @ W_v)[0])
nonsense_output = np.concatenate(outputs, axis=1)
print("output unchanged:", np.array_equal(nonsense_output, final_attention_output))

# %% [markdown]
# A library refuses instead. The course's helper does too:

# %%
from helpers.multi_head import merge_heads, multi_head_attention, split_heads

try:
    split_heads(sentence_embeddings, num_heads=2)
except ValueError as problem:
    print(problem)

# %% [markdown]
# ## Pitfall: a head of width 1 knows only one order
#
# The weights above are nearly flat: if every word looked equally at all five, each weight would be 0.2.
#
# <details><summary><b>Predict, then run.</b> For each word that looks, sort the five words from the smallest weight
# to the largest. How many different orders will a head have?</summary>
#
# One. With `head_dim` 1, the score is one number of the looking word times one number of the word looked at. So the
# second number alone decides the order, and it is the same for everyone. (If a query is negative, the order is
# reversed.)
# </details>

# %%
for head, w in enumerate(all_attention_weights, start=1):
    print(f"head {head}: weights {w.min():.2f} to {w.max():.2f}, sorted upwards:")
    for word, row in zip(words, w):
        print(f"   {word:4} looks at", [words[i] for i in np.argsort(row)])

# %%
titles = ["head 1", "head 2"]
heads = all_attention_weights
show_heatmaps(heads, words, words, titles, high=0.5, x_label="looked at", y_label="looks")

# %% [markdown]
# The maps are flat only because the numbers are small; ten times larger embeddings would sharpen them. What width 1
# cannot mend is the order: such a head knows one order and its reverse, so at most two words can ever be looked at
# most. A head needs room for its queries and keys. BERT-base and GPT-2 give each head 64 features.

# %% [markdown]
# ## Pitfall: a head that sees only its slice
#
# The code above hands each head a slice of the **embeddings**. Change what head 2 sees, and see which features of the
# result change:


# %%
def two_heads(x):
    slices = x[:, 0:1], x[:, 1:2]
    heads = zip(slices, multi_head_weights)
    return np.hstack([attention(x @ W_q, x @ W_k, x @ W_v)[0] for x, (W_q, W_k, W_v) in heads])


before = two_heads(sentence_embeddings)
other = sentence_embeddings.copy()
other[:, 1] = [0.9, 0.1, 0.5, 0.7, 0.3]  # what head 2 sees
after = two_heads(other)
print("features changed:", ~np.isclose(before, after).all(axis=0))

# %% [markdown]
# Head 1 is blind to feature 1. In a real layer every head reads **all** features: first the whole embedding is
# multiplied with one large matrix, and then the *result* is cut into heads.
#
# ## Pitfall: nobody mixes the heads
#
# Also after the heads something is missing. Feature 0 of the result comes from head 1, feature 1 from head 2. Side by
# side is not together. The transformer has one more matrix for that, the **output projection** W_o: every output
# feature becomes a weighted sum over all heads.

# %%
W_mix = np.array([
    [0.5, 0.5],
    [0.5, -0.5],
])
print("features changed:", ~np.isclose(before @ W_mix, after @ W_mix).all(axis=0))

# %% [markdown]
# ## Build it right
#
# Two heads need an even number of features. So each word gets a fourth one, its place in the sentence. And the
# matrices may hold negative numbers, as learnt ones do.

# %%
places = np.linspace(0, 1, 5)[:, np.newaxis]  # (words, 1)
embeddings = np.hstack([sentence_embeddings, places])  # (words, hidden_size)
hidden_size = embeddings.shape[1]

rng = np.random.default_rng(0)
W_q, W_k, W_v, W_o = rng.standard_normal((4, hidden_size, hidden_size))
print("embeddings:", embeddings.shape, " each W:", W_q.shape)

# %% [markdown]
# All heads share one large matrix product. Then each row is cut into heads, and the axes are swapped so that a head
# holds a small table (words, head_dim) of its own. After attention the same steps go backwards.


# %%
def cut_into_heads(features, num_heads):
    n, d = features.shape
    cut = features.reshape(n, num_heads, d // num_heads)  # (words, heads, head_dim)
    return cut.swapaxes(0, 1)  # (heads, words, head_dim)


def join_heads(heads):
    num_heads, n, head_dim = heads.shape
    return heads.swapaxes(0, 1).reshape(n, num_heads * head_dim)  # (words, hidden_size)


# %% [markdown]
# ## Pitfall: a reshape instead of the swap
#
# <details><summary><b>Predict, then run.</b> Would <code>features.reshape(num_heads, words, head_dim)</code> alone
# not give the same shape?</summary>
#
# The same shape, and other contents. Head 1 would get the first half of the *words*, chopped into pieces, and not the
# first half of the *features*.
# </details>

# %%
counted = np.arange(20).reshape(5, 4)  # word 0 has the features 0 1 2 3, word 1 has 4 5 6 7, ...
print("head 1, reshape and swap:\n", cut_into_heads(counted, 2)[0])
print("head 1, reshape alone:\n", counted.reshape(2, 5, 2)[0])

# %% [markdown]
# With the swap, head 1 holds the first two features of every word. Without it, it holds both halves of words 0 and 1
# and one of word 2, as if they were five words. No error tells you.
#
# Now the whole:


# %%
def my_multi_head_attention(x, W_q, W_k, W_v, W_o, num_heads):
    # Each of the three is (heads, words, head_dim).
    Q, K, V = (cut_into_heads(x @ W, num_heads) for W in (W_q, W_k, W_v))
    heads = [attention(q, k, v) for q, k, v in zip(Q, K, V)]
    output = join_heads(np.stack([out for out, _ in heads])) @ W_o  # (words, hidden_size)
    weights = np.stack([w for _, w in heads])  # (heads, words, words)
    return output, weights


output, weights = my_multi_head_attention(embeddings, W_q, W_k, W_v, W_o, num_heads=2)
print("output: ", output.shape)
print("weights:", weights.shape)

# %%
point = "The two heads give the same words different weights."
axes = {"x_label": "looked at", "y_label": "looks"}
show_heatmaps(weights, words, words, titles, high=0.5, **axes, point=point)

# %% [markdown]
# The helper does the same for all heads in one call, and for several sentences at once. From here on the course imports
# its two halves, `split_heads` and `merge_heads`.

# %%
helper_output, helper_weights = multi_head_attention(embeddings, W_q, W_k, W_v, W_o, num_heads=2)
print("same output: ", np.allclose(output, helper_output))
print("same weights:", np.allclose(weights, helper_weights))
print("merge undoes split:", np.array_equal(merge_heads(split_heads(embeddings, 2)), embeddings))

# %% [markdown]
# ## See what the output projection mixes
#
# On the left, one map a head. On the right, what each head gives to the output of the picked word; the last row is
# the sum. The slider **mixing** leads W_o from *nothing mixed* (0) to the matrix above (1). Try this:
#
# 1. At mixing 0, which head feeds feature [0]? Which feeds feature [3]?
# 2. Move **mixing** to 0.05, then to 1. How many features are fed by both heads? Which features of the output change
#    their sign on the way?
# 3. Press **one head a feature**. Take head 3, and sort each row from the smallest weight to the largest (but for *The*,
#    whose numbers are too close). How many orders are there?
#
# <details><summary><b>What you should have seen</b></summary>
#
# 1. Head 1 feeds [0] and [1], head 2 feeds [2] and [3]: W_o is the identity.
# 2. All four, as soon as mixing is above 0. For *cat*, [1] and [3] change their sign.
# 3. Two, and one is the reverse of the other: *cat* and *sat* share one, *on* and *mat* the other.
# </details>

# %%
MultiHeadPanel(embeddings, W_q, W_k, W_v, W_o, words)

# %% [markdown]
# ## Climb the parity ladder
#
# Is this the attention that real libraries run? The **parity ladder** proves it rung by rung: the same numbers in,
# the same numbers out. This chapter climbs four rungs. Chapters 5, 7 and 8 climb on to BERT, GPT-2 and T5.
#
# **Rung 1: plain loops.** Attention itself without any matrix product, so that nothing in it is hidden. Only the
# projections before and after stay as they are.


# %%
def attention_with_loops(Q, K, V):
    output = np.zeros((len(Q), V.shape[1]))
    for i, q in enumerate(Q):
        scores = [sum(a * b for a, b in zip(q, k)) / len(q) ** 0.5 for k in K]
        exps = [np.exp(score - max(scores)) for score in scores]
        weights = [e / sum(exps) for e in exps]
        for j, weight in enumerate(weights):
            output[i] += weight * V[j]
    return output


# %%
def multi_head_with_loops(x, num_heads):
    Q, K, V = (cut_into_heads(x @ W, num_heads) for W in (W_q, W_k, W_v))
    return join_heads(np.stack([attention_with_loops(q, k, v) for q, k, v in zip(Q, K, V)])) @ W_o


rung_1 = multi_head_with_loops(embeddings, num_heads=2)

# %% [markdown]
# **Rung 2: NumPy.** Your own function from above, around the four lines of chapter 2.

# %%
rung_2, _ = my_multi_head_attention(embeddings, W_q, W_k, W_v, W_o, num_heads=2)
print("rung 1 = rung 2:", np.allclose(rung_1, rung_2, rtol=0, atol=1e-12))

# %% [markdown]
# **Rung 3: PyTorch's attention.** PyTorch is the library in which BERT, GPT-2 and T5 are written here. Its arrays are
# called tensors; `torch.from_numpy` makes one from an array. `scaled_dot_product_attention` takes all heads at once.
# It is the function that the transformers library calls for BERT and GPT-2 unless told otherwise.

# %%
import torch
from torch.nn.functional import scaled_dot_product_attention

Q, K, V = (torch.from_numpy(cut_into_heads(embeddings @ W, 2).copy()) for W in (W_q, W_k, W_v))
heads = scaled_dot_product_attention(Q, K, V)  # (heads, words, head_dim)
rung_3 = join_heads(heads.numpy()) @ W_o
print("rung 2 = rung 3:", np.allclose(rung_2, rung_3, rtol=0, atol=1e-12))

# %% [markdown]
# **Rung 4: PyTorch's layer.** `nn.MultiheadAttention` owns its matrices. It keeps W_q, W_k and W_v stacked in one,
# called `in_proj_weight`. `no_grad` says that nothing is to be learnt now.
#
# <details><summary><b>Predict, then run.</b> The matrices go in as <code>W.T</code>. Why?</summary>
#
# PyTorch's layers compute `x @ W.T`, with a row of W for each output. You computed `x @ W`. Two transposes cancel.
# </details>

# %%
layer = torch.nn.MultiheadAttention(
    hidden_size, num_heads=2, bias=False, batch_first=True, dtype=torch.float64
)
with torch.no_grad():
    layer.in_proj_weight.copy_(torch.from_numpy(np.vstack([W_q.T, W_k.T, W_v.T])))
    layer.out_proj.weight.copy_(torch.from_numpy(W_o.T))
    x = torch.from_numpy(embeddings)[None]  # (batch, words, hidden_size)
    rung_4, layer_weights = layer(x, x, x, average_attn_weights=False)

print("rung 3 = rung 4:", np.allclose(rung_3, rung_4[0].numpy(), rtol=0, atol=1e-12))
print("same weights:   ", np.allclose(weights, layer_weights[0].numpy(), rtol=0, atol=1e-12))

# %% [markdown]
# All four agree to 12 decimals. With its bias off, a vector that layers otherwise add (chapter 5), PyTorch's layer
# computes what you wrote, and nothing else.

# %% [markdown]
# ## Three sentences to remember
#
# 1. Every head reads all features; its queries, keys and values are its own slice of the projections, so the number
#    of heads must divide the number of features.
# 2. Heads are split by a reshape *and* a swap of axes, and joined the same way backwards.
# 3. The output projection mixes the heads: without it they do not meet inside this layer.
#
# **Practise:** [the exercises of this chapter](exercises/04-multi-head-attention.ipynb). Their checks
# name the idea behind a wrong answer.
#
# **Next door:** the rungs above this one are BERT, GPT-2 and T5. They run what you have just written, with learnt
# matrices and small additions: biases, masks, and in T5 no division.
