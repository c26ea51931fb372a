# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Turn a sentence into a vector with BERT
#
# **What you will build:** one vector for a sentence, a map of which sentences are near each other, and a layer of BERT
# in NumPy, around your own attention, equal to the real one.
#
# **What you need:** [chapter 4](04-multi-head-attention.ipynb). **Minutes:** 60.
#
# BERT is an **encoder**: a stack of layers in which every word looks at all words, before and after it. It learnt its
# matrices by guessing words that were hidden from it. What comes out is one vector for each word *in its sentence*.

# %%
import math

import numpy as np
import torch
from transformers import BertModel, BertTokenizer

from helpers.attention import attention
from helpers.checkpoints import checkpoint, quiet_loading
from helpers.figures import show_curves, show_heatmap
from helpers.multi_head import merge_heads, split_heads
from helpers.panels import BertAttentionPanel, SentenceMapPanel

quiet_loading()

# %% [markdown]
# ## Load a tokenizer and a model
#
# `checkpoint` finds the folder with the model's files on this machine. The line that it prints says which set of
# models you are using. `dtype=torch.float32` asks for full precision. `attn_implementation="eager"` asks for the plain
# attention that also hands out its weights; the faster ones keep them to themselves. `eval()` switches off what only
# training needs.

# %%
name = checkpoint("bert-base-uncased")
tokenizer = BertTokenizer.from_pretrained(name)
model = BertModel.from_pretrained(name, dtype=torch.float32, attn_implementation="eager")

model.eval()
print("tokens in the vocabulary:", len(tokenizer))
print(
    "layers:", model.config.num_hidden_layers, " heads in each:", model.config.num_attention_heads
)
print("hidden size:", model.config.hidden_size)

# %% [markdown]
# The **hidden size** is how many numbers stand for each token. The original BERT-base has 12 layers and a hidden size
# of 768; the small model that comes with this course has 4 layers and 256. The code below is the same for both.
#
# ## Cut the sentence into tokens
#
# A **tokenizer** turns text into **tokens**, and each token into its number in the **vocabulary**, the model's list of
# all tokens. These numbers are the **ids**. "pt" asks for PyTorch tensors, with one row for each sentence.

# %%
sentence = "The cat sat on the mat."

inputs = tokenizer(sentence, return_tensors="pt")  # input_ids: (batch_size, sequence_length)
print("Tokenized Input IDs:", inputs["input_ids"])
print("Attention Mask:", inputs["attention_mask"])

# %%
tokens = tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])
for token, token_id in zip(tokens, inputs["input_ids"][0].tolist()):
    print(f"{token:6}{token_id:6}")

# %% [markdown]
# Six words have become nine tokens. The full stop is a token of its own, and capital letters are gone: this model is
# *uncased*. The two others are **special tokens**. `[CLS]` opens every text and `[SEP]` closes it. The **attention
# mask** says which tokens are real (1) and which are only filling (0). Here all are real.
#
# ## Cut a rare word into pieces
#
# No vocabulary holds every word. **WordPiece** cuts a word that is not there into pieces that are. It takes the longest
# piece that fits from the left, then goes on with the rest. A piece that does not begin a word starts with `##`.

# %%
vocabulary = tokenizer.get_vocab()  # a dict from token to id


def wordpiece(word):
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):  # the longest piece first
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                break
        else:
            return [tokenizer.unk_token]  # no piece fits, not even one letter
        pieces.append(piece)
        start = end
    return pieces


# %% [markdown]
# <details><summary><b>Predict, then run.</b> Which of the words <i>mat</i>, <i>embeddings</i>, <i>tokenization</i> and
# 🙂 stay whole?</summary>
#
# *mat* does: it is in the vocabulary. *embeddings* and *tokenization* are cut. The 🙂 has no piece at all, so it
# becomes `[UNK]`, the unknown token, and its meaning is lost.
# </details>

# %%
for word in ["mat", "embeddings", "tokenization", "🙂"]:
    is_same = wordpiece(word) == tokenizer.tokenize(word)
    print(f"{word:13} same as the tokenizer: {is_same}  ", *wordpiece(word))

# %% [markdown]
# ## Get one vector for each token
#
# The ids go through all layers. `no_grad` says that nothing is to be learnt now. The **last hidden state** is what the
# last layer gives out: one vector for each token. (The model returns a second thing, the *pooled output*, made from
# `[CLS]` alone. Chapter 6 uses it.)

# %%
with torch.no_grad():
    outputs = model(**inputs)

last_hidden_state = outputs.last_hidden_state  # (batch_size, sequence_length, hidden_size)
print("Last Hidden State Shape:", last_hidden_state.shape)

# %% [markdown]
# ## Average them into one vector for the sentence
#
# The simplest vector for a whole sentence is the mean over its tokens. It has the same size however long the sentence
# is, so that any two sentences can be compared.

# %%
sentence_embedding = last_hidden_state.mean(dim=1)  # (batch_size, hidden_size)

print("Sentence Embedding Shape:", sentence_embedding.shape)
print(
    "Sentence Embedding Vector, its first entries:",
    np.round(sentence_embedding[0, :4].numpy(), 2) + 0.0,
)

# %% [markdown]
# A single entry means nothing to a reader. What counts is how the vectors of two sentences lie to each other. The
# **cosine** measures it: 1 when they point the same way, 0 when they have nothing in common.


# %%
def cosines(vectors):
    vectors = np.asarray(vectors, dtype=float)  # (vectors, features)
    unit = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)  # each of length 1
    return unit @ unit.T  # (vectors, vectors)


# %% [markdown]
# ## See one word in several contexts
#
# The word *bank* has two meanings. In the **table of embeddings**, where the model looks up each id, it has one row.
#
# <details><summary><b>Predict, then run.</b> Four sentences hold the word <i>bank</i>. How many different vectors does
# it have when it goes in? And when it comes out?</summary>
#
# One goes in: the same id picks the same row. Four come out: in every layer the word has looked at its neighbours and
# taken something from them. (Its place in the sentence is added as well. That is the same in the sentences of the city
# and of the river, and still their vectors differ.)
# </details>

# %%
contexts = {
    "money": "I put my money in the bank.",
    "city": "She works at a bank in the city.",
    "river": "We sat on the bank of the river.",
    "lake": "They fished from the bank of the lake.",
}
bank = tokenizer.convert_tokens_to_ids("bank")

# %%
going_in, coming_out = [], []
for text in contexts.values():
    ids = tokenizer(text, return_tensors="pt")["input_ids"]  # (1, sequence_length)
    place = ids[0].tolist().index(bank)
    with torch.no_grad():
        going_in.append(model.embeddings.word_embeddings(ids)[0, place])  # (hidden_size,)
        coming_out.append(model(ids).last_hidden_state[0, place])  # (hidden_size,)

before, after = cosines(torch.stack(going_in)), cosines(torch.stack(coming_out))

# %%
print("going in, smallest cosine:  ", f"{before.min():.2f}")
print("coming out, smallest cosine:", f"{after.min():.2f}")
point = "Each is the word bank in another sentence."
show_heatmap(after, contexts, contexts, "bank, coming out", point=point)

# %%
names = list(contexts)
for i, row in enumerate(after - 2 * np.eye(4)):  # with itself does not count
    print(f"bank in {names[i]:6}is nearest to bank in {names[row.argmax()]}")

# %% [markdown]
# This is what *contextual* means: the vector is not that of a word, it is that of a word in its sentence. Attention is
# what carried the neighbours in.
#
# ## Pitfall: the mean counts the padding
#
# A **batch** is several sentences that go through the model together. They must have the same length, so the short
# ones are filled up with the token `[PAD]`. The mask marks the filling with 0.

# %%
longer = "My grandmother told us a long story about a fox and a bear who lived in the forest."
batch = tokenizer([sentence, longer], padding=True, return_tensors="pt")

print("Tokenized Input IDs:", batch["input_ids"][0])
print("Attention Mask:", batch["attention_mask"][0])

# %% [markdown]
# <details><summary><b>Predict, then run.</b> The model gets the mask, so that no token looks at the padding. Then you
# take the mean as above. Is the embedding of <i>The cat sat on the mat.</i> the same as before?</summary>
#
# No. The mask keeps the padding out of the *attention*. But the padding tokens go through all layers too and have
# hidden states of their own, and `mean(dim=1)` counts them.
# </details>

# %%
with torch.no_grad():
    batch_states = model(**batch).last_hidden_state  # (batch_size, sequence_length, hidden_size)

plain_mean = batch_states.mean(dim=1)  # (batch_size, hidden_size)
change = (plain_mean[0] - sentence_embedding[0]).abs().max()
both = torch.stack([plain_mean[0], sentence_embedding[0]])
print("same sentence, same embedding:", bool(change < 1e-5))
print("cosine of the two:", f"{cosines(both)[0, 1]:.2f}")

# %% [markdown]
# The same sentence has two embeddings, and which one you get depends on its neighbours in the batch. Nothing warns
# you. The cure is to add up the real tokens only, and to divide by their number.


# %%
def masked_mean(states, mask):
    mask = mask[:, :, None]  # (batch_size, sequence_length, 1)
    return (states * mask).sum(dim=1) / mask.sum(dim=1)  # (batch_size, hidden_size)


cured = masked_mean(batch_states, batch["attention_mask"])
change = (cured[0] - sentence_embedding[0]).abs().max()
print("same sentence, same embedding:", bool(change < 1e-5))

# %% [markdown]
# So the mask has two jobs: in the attention, and in the mean. Here is what happens as the padding grows, when both are
# done, when only the attention is masked, and when nothing is.


# %%
def cosine_after(padding, mask_attention=True, mask_mean=True):
    length = len(tokens) + padding
    padded = tokenizer(sentence, padding="max_length", max_length=length, return_tensors="pt")
    mask = padded["attention_mask"]
    no_mask = torch.ones_like(mask)
    with torch.no_grad():
        outputs = model(padded["input_ids"], attention_mask=mask if mask_attention else no_mask)
    vector = masked_mean(outputs.last_hidden_state, mask if mask_mean else no_mask)
    return cosines(torch.cat([vector, sentence_embedding]))[0, 1]


# %%
paddings = [0, 2, 4, 8, 16, 32]
curves = {
    "both masked": [cosine_after(n) for n in paddings],
    "mean not masked": [cosine_after(n, mask_mean=False) for n in paddings],
    "nothing masked": [cosine_after(n, False, False) for n in paddings],
}
show_curves(paddings, curves, "The sentence, padded and alone", "padding tokens", "cosine")

# %% [markdown]
# With both masked the cosine stays at 1.00, whatever the padding. The other two fall.
#
# ## Draw a map of sentences
#
# Now you can compare sentences safely. One function does all steps:


# %%
def embed(sentences):
    inputs = tokenizer(sentences, padding=True, return_tensors="pt")
    with torch.no_grad():
        outputs = model(**inputs)
    return masked_mean(outputs.last_hidden_state, inputs["attention_mask"])


# %%
sentences = [
    "The cat sat on the mat.",
    "A kitten rested on the rug.",
    "The stock market fell sharply.",
    "Share prices dropped today.",
    "I am hungry.",
    "I want something to eat.",
]

# %%
nearness = cosines(embed(sentences))
rows = [f"[{i}] {text}" for i, text in enumerate(sentences, start=1)]
columns = [f"[{i}]" for i in range(1, len(sentences) + 1)]
show_heatmap(nearness, rows, columns, "cosine of two sentences")

# %%
print("kitten nearer to cat than market:", nearness[0, 1] > nearness[0, 2])
others = nearness - 2 * np.eye(len(sentences))  # with itself does not count
for i, j in enumerate(others.argmax(axis=1)):
    print(f"[{i + 1}] is nearest to [{j + 1}]")

# %% [markdown]
# [1] and [2] share no word but *on* and *the*, and they have nearly the same meaning. Compare them with [1] and [3].
#
# Compare cosines only within one model: another model has another scale. The original BERT learnt to guess words, and
# whether one text follows another, but never to place sentences. The small model of this course also practised that
# sentences of like meaning lie near each other, as models that are made for sentence embeddings do.
#
# ## Try your own sentences
#
# Write one sentence on each line, 2 to 8 of them, then click outside the box. Try this:
#
# 1. Tick **count the padding**. Which sentence is the shortest, and what becomes of its row?
# 2. Press **Reset** and write three lines: *I love this film.* / *I hate this film.* / *The train is late.* Which two
#    are nearest? Is that what you would want?
# 3. Write two lines: *The dog bit the man.* / *The man bit the dog.* How near are they?
#
# <details><summary><b>What you should have seen</b></summary>
#
# 1. *I am hungry.* is the shortest, so its mean counts the most padding. Its cosines with the others change, though no
#    word has changed.
# 2. Love and hate. The mean says what a sentence is *about*, and says little about whether it is for or against.
# 3. Very near, and yet not at 1.00. Without positions they would be equal, as in chapter 3.
# </details>

# %%
SentenceMapPanel(model, tokenizer, sentences)

# %% [markdown]
# ## Look into the heads
#
# In chapter 4 you made a head by hand that looks at the word before. Does a trained model have such heads, or heads
# that look one place ahead, or at `[CLS]` and `[SEP]`? Ask all of them how much of a token's weight goes there, on
# average.

# %%
with torch.no_grad():
    outputs = model(**inputs, output_attentions=True, output_hidden_states=True)

all_weights = np.stack([
    w[0].numpy() for w in outputs.attentions
])  # (layers, heads, tokens, tokens)
ahead = np.diagonal(all_weights, 1, axis1=-2, axis2=-1).mean(axis=-1)  # (layers, heads)
back = np.diagonal(all_weights, -1, axis1=-2, axis2=-1).mean(axis=-1)
special = all_weights[..., [0, -1]].sum(axis=-1).mean(axis=-1)  # what [CLS] and [SEP] get

# %%
shares = {"looks ahead": ahead, "looks back": back, "rests on [CLS] and [SEP]": special}
presets = {}
for title, share in shares.items():
    layer, head = (int(i) + 1 for i in np.unravel_index(share.argmax(), share.shape))
    presets[title] = {"layer": layer, "head": head}
    print(f"{title:25} most: layer {layer}, head {head}, with {share.max():.2f} of the weight")

# %% [markdown]
# Nobody asked for such heads. They turned up in training. No causal mask hides the later tokens, so a head is free to
# look ahead. Heads that rest on `[CLS]` and `[SEP]` are well known from the original BERT (Clark and others, 2019,
# "What does BERT look at?"). Softmax must give the weight to somebody. A head that finds nothing to do in a sentence
# can park it there.
#
# The panel shows every head. Each row is a token that looks. (The panel counts layers from 1: its layer 1 is
# `layer[0]` in Python.) Try this:
#
# 1. Press **looks ahead**. Then type a sentence of your own. Does the head do the same there?
# 2. Press **rests on [CLS] and [SEP]**, then take the tick from **special tokens**. What is left on the map?
# 3. Press **Reset** and type *Embeddings look around.* Which rows does the word *embeddings* have?
#
# <details><summary><b>What you should have seen</b></summary>
#
# 1. A bright line beside the diagonal, one place to the right, whatever the words are: this head goes by positions.
# 2. Dark cells. The rows no longer sum to 1, because the weight of the two hidden columns is not shown.
# 3. One row for each of its pieces. To BERT they are separate tokens.
# </details>

# %%
BertAttentionPanel(model, tokenizer, sentence, presets)

# %% [markdown]
# ## Climb the parity ladder: a layer of BERT
#
# In chapter 4 your multi-head attention became equal to PyTorch's layer. **Rung 5** is a trained model. A layer of BERT
# is your attention with a few steps around it. Write each of them in NumPy, with the model's own matrices.
#
# First three small tools. `linear` is a matrix product and a **bias**, a vector that is added. `layer_norm` shifts and
# scales the features of each token to mean 0 and variance 1, then to a scale and a shift that were learnt. `gelu` is a
# smooth version of "keep what is positive".


# %%
def array(parameter):
    return parameter.detach().numpy()


def linear(x, layer):
    return x @ array(layer.weight).T + array(layer.bias)  # (..., features out)


# %%
def layer_norm(x, norm):
    mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    unit = (x - mean) / np.sqrt(variance + norm.eps)  # eps is tiny: no division by 0
    return unit * array(norm.weight) + array(norm.bias)


erf = np.vectorize(math.erf, otypes=[np.float32])  # the error function of statistics


def gelu(x):
    return x * (1 + erf(x / math.sqrt(2))) / 2


# %% [markdown]
# What goes into the first layer is a sum of three rows, each looked up in a table, and then normalised. One row is for
# the word, one for its **position**, and one for the first or the second text of a pair (this course has no pairs:
# always 0). Chapter 3 added positions that were waves. BERT's are learnt.


# %%
def embed_tokens(ids):
    tables = model.embeddings
    words = array(tables.word_embeddings.weight)[ids]  # (batch, tokens, hidden_size)
    positions = array(tables.position_embeddings.weight)[: ids.shape[1]]  # (tokens, hidden_size)
    kind = array(tables.token_type_embeddings.weight)[0]  # (hidden_size,)
    return layer_norm(words + positions + kind, tables.LayerNorm)


# %% [markdown]
# Now the attention. Queries, keys and values are projected and split into heads, then comes the `attention` of chapter
# 2, then the heads are joined and mixed by the output projection. What is new: the input is *added* to the result (a
# **residual connection**), so that a layer only has to say what should change.


# %%
num_heads = model.config.num_attention_heads


def my_attention(x, layer, real):
    own = layer.attention.self
    Q, K, V = (split_heads(linear(x, p), num_heads) for p in (own.query, own.key, own.value))
    # Q, K, V: (batch, heads, tokens, head_dim). No token may look at padding:
    may_look = np.broadcast_to(real[:, None, None, :], Q.shape[:-1] + K.shape[-2:-1])
    heads, weights = attention(Q, K, V, mask=may_look)
    mixed = linear(merge_heads(heads), layer.attention.output.dense)  # (batch, tokens, hidden)
    return layer_norm(x + mixed, layer.attention.output.LayerNorm), weights


# %% [markdown]
# The last part is the **feed-forward network**. It widens each token's vector, bends it with `gelu` and narrows it
# again, for every token by itself. It has its own residual connection.


# %%
def my_feed_forward(x, layer):
    wide = gelu(linear(x, layer.intermediate.dense))  # (batch, tokens, intermediate_size)
    return layer_norm(x + linear(wide, layer.output.dense), layer.output.LayerNorm)


def my_layer(x, layer, real):
    x, weights = my_attention(x, layer, real)
    return my_feed_forward(x, layer), weights


# %% [markdown]
# `outputs.hidden_states[0]` is what goes into layer 0, `hidden_states[1]` is what comes out of it, and `attentions[0]`
# are its weights. Is all of it the same, to within 0.00001?


# %%
def same(mine, theirs, tolerance=1e-5):
    return np.allclose(mine, theirs.numpy(), rtol=0, atol=tolerance)


ids, real = inputs["input_ids"].numpy(), inputs["attention_mask"].numpy() == 1
x = embed_tokens(ids)
output, weights = my_layer(x, model.encoder.layer[0], real)

print("embeddings = hidden_states[0]:", same(x, outputs.hidden_states[0]))
print("my weights = attentions[0]:   ", same(weights, outputs.attentions[0]))
print("my layer = hidden_states[1]:  ", same(output, outputs.hidden_states[1]))

# %% [markdown]
# And the batch of the pitfall, with its padding:

# %%
with torch.no_grad():
    theirs = model(**batch, output_attentions=True, output_hidden_states=True)

padded_real = batch["attention_mask"].numpy() == 1
output, weights = my_layer(
    embed_tokens(batch["input_ids"].numpy()), model.encoder.layer[0], padded_real
)
print("my weights = attentions[0]: ", same(weights, theirs.attentions[0]))
print("my layer = hidden_states[1]:", same(output, theirs.hidden_states[1]))
print("weight on the padding:", weights[0][..., ~padded_real[0]].max())

# %% [markdown]
# Your layer is BERT's layer. So a loop over the layers is BERT. Every layer adds a little rounding of its own, so the
# end is compared to within 0.0001.

# %%
x = embed_tokens(ids)
for layer in model.encoder.layer:
    x, _ = my_layer(x, layer, real)

print("my BERT = the last hidden state:", same(x, outputs.last_hidden_state, tolerance=1e-4))
print("my sentence embedding = theirs: ", same(x.mean(axis=1), sentence_embedding, tolerance=1e-4))

# %% [markdown]
# The four lines that you wrote in chapters 1 and 2 have just run inside BERT, with the matrices that it learnt.
#
# ## Three sentences to remember
#
# 1. BERT gives each token a vector that depends on its whole sentence; the mean over the tokens is a vector for the
#    sentence.
# 2. Padding must be kept out twice, of the attention and of the mean, or a sentence's vector depends on its batch.
# 3. A layer of BERT is your attention, a feed-forward network, and after each of them "add the input and normalise".
#
# **Practise:** [the exercises of this chapter](exercises/05-bert-sentence-embeddings.ipynb). Their checks
# name the idea behind a wrong answer.
#
# **Next door:** vectors that know the meaning of a sentence can be sorted. [Chapter
# 6](06-text-classification-with-bert.ipynb) teaches BERT to tell praise from complaint.
