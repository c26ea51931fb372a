# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises: feed a decoder, look across, count fairly, search with beams
#
# **What you will build:** what a decoder reads in training, one head of T5 for all three of its attentions, the clipped
# precision of BLEU, and a beam search that runs on a table of sixteen numbers and then on T5.
#
# **What you need:** [chapter 8](../08-translation-with-t5.ipynb). A model is loaded only at the very end.
# **Minutes:** 60.
#
# Each exercise has a cell that begins a function. Replace `return ...` with your own lines and run the cell. Then run
# the cell under it, the **check**. It says what you have shown, or which wrong idea is behind the answer. It
# never tells the solution.

# %% [markdown] tags=["solution"]
# **This is the notebook with the solutions.** The one to work in is
# [exercises/08-translation-with-t5](../exercises/08-translation-with-t5.ipynb). Here each start is followed by one way
# to write it; yours may differ and be as good.

# %%
from collections import Counter

import numpy as np

from helpers.attention import softmax
from helpers.checks.chapter_08 import (
    check_beam_search,
    check_decoder_input,
    check_precision,
    check_t5_attention,
)

# %% [markdown]
# ## 1. Feed the decoder
#
# In training, the French is known. `source` holds the ids of some English sentences, one a row, and `target` those of
# their French. At each place the decoder must write the token of `target` that stands there. What must it **read** at
# these places? Return that, in the shape of `target`. `start` is the id of the start token.


# %% tags=["stub"]
def my_decoder_input(source, target, start):
    """Return the ids that the decoder reads: (batch, target tokens).

    source: (batch, source tokens). target: (batch, target tokens). start: the id of the start token.
    """
    return ...


# %% tags=["solution"]
def my_decoder_input(source, target, start):
    """Return the ids that the decoder reads: (batch, target tokens)."""
    shifted = np.empty_like(target)  # (batch, target tokens)
    shifted[:, 0] = start
    shifted[:, 1:] = target[:, :-1]
    return shifted


# %%
check_decoder_input(my_decoder_input)

# %% [markdown] tags=["solution"]
# `source` has no part in it: the English arrives through cross-attention. And the last token of
# `target` is never read. At the last place the decoder reads the token before it and writes it, and then there is
# nothing more to write.

# %% [markdown]
# ## 2. Look across, the way T5 does
#
# Write one head of T5's attention. `x` is the side that looks, `memory` the side that is looked at, and each has its
# own number of tokens. The scores are not divided. `bias` holds a number for each query and key, and is added to the
# scores; minus infinity hides a key. `softmax` is imported; it runs along the last axis.


# %% tags=["stub"]
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    """Return (output, weights): (queries, d_v) and (queries, keys).

    x: (queries, features). memory: (keys, features). W_q, W_k: (features, d_k). W_v: (features, d_v).
    bias: (queries, keys).
    """
    return ...


# %% tags=["solution"]
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    """Return (output, weights): (queries, d_v) and (queries, keys)."""
    query, key, value = x @ W_q, memory @ W_k, memory @ W_v
    weights = softmax(query @ key.T + bias)  # (queries, keys)
    return weights @ value, weights


# %%
check_t5_attention(my_t5_attention)

# %% [markdown] tags=["solution"]
# With `memory = x` this is the encoder's self-attention. With `-inf` above the diagonal of the bias as well, it is the
# decoder's. With the encoder's vectors as `memory` and a bias of 0 it is cross-attention. One function, three places.

# %% [markdown]
# ## 3. Count fairly
#
# BLEU is made of shares: of all runs of `n` words in the translation, how many stand in a reference? Now there may be
# several references, each by another person. If a run stands twice in the translation, it matches twice only if one
# of these persons wrote it twice. Return the share, and 0 for a translation of fewer than `n` words.
#
# `runs` counts the runs of a list of words:


# %%
def runs(words, n):
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


print(runs(["oui", "oui", "oui", "non"], 2))


# %% tags=["stub"]
def my_precision(candidate, references, n):
    """Return the share of the candidate's runs of n words that stand in the references, from 0 to 1.

    candidate: a list of words. references: a list of such lists.
    """
    return ...


# %% tags=["solution"]
def my_precision(candidate, references, n):
    """Return the share of the candidate's runs of n words that stand in the references, from 0 to 1."""
    ours = runs(candidate, n)
    found = 0
    for run, times in ours.items():
        most = max(runs(reference, n)[run] for reference in references)
        found += min(times, most)
    return found / max(1, sum(ours.values()))


# %%
check_precision(my_precision)

# %% [markdown] tags=["solution"]
# A `Counter` gives 0 for a run that it does not hold, so no case is special.
#
# One right word alone has the share 1: precision does not see what is missing. That is why BLEU punishes a translation
# that is shorter than its reference.

# %% [markdown]
# ## 4. Search with beams
#
# Write a beam search. The model is a function: `next_logs(ids)` takes a list of ids and returns the log-probability of
# each token of the vocabulary to be the next one. A **hypothesis** is a list of ids and the sum of the
# log-probabilities of its tokens. These are the rules:
#
# 1. Begin with one hypothesis: the list `[start]`, with the sum 0.
# 2. A step lets every running hypothesis go on with every token, and keeps the `beams` best sums of all of them
#    together, whether they end or not.
# 3. Those that end with the token `end` are finished. The others run on.
# 4. Stop when none runs, or after `longest` steps. Those that still run then count as finished too.
# 5. The score of a finished hypothesis is its sum divided by `tokens ** penalty`. The start token was given and does
#    not count; the end token counts.
#
# These rules are shorter than those of chapter 8, which are the library's. There, another hypothesis takes the place of
# each one that finishes, and the search stops once as many have finished as there are beams and nobody who runs beats
# the worst of them.
#
# Here is a model of four tokens to try things on: 0 starts, 1 ends, 2 and 3 are words. What does greedy find, and what
# is better?


# %%
table = np.log([
    [0.01, 0.03, 0.63, 0.33],  # behind the start
    [0.01, 0.59, 0.20, 0.20],  # behind the end, where nobody should go
    [0.01, 0.21, 0.45, 0.33],  # behind word 2
    [0.01, 0.75, 0.18, 0.06],  # behind word 3
])


def from_the_table(ids):
    return table[ids[-1]]  # (vocabulary,)


# %% tags=["stub"]
def my_beam_search(next_logs, start, end, beams, longest, penalty):
    """Return (score, ids) of the finished hypothesis with the best score; ids is a list that begins with start.

    next_logs: a function of a list of ids, returns (vocabulary,). beams, longest: 1 or more. penalty: a number.
    """
    return ...


# %% tags=["solution"]
def my_beam_search(next_logs, start, end, beams, longest, penalty):
    """Return (score, ids) of the finished hypothesis with the best score; ids is a list that begins with start."""
    running, finished = [(0.0, [start])], []
    for n in range(1, longest + 1):  # every hypothesis of this step has n tokens behind the start
        totals = np.stack([total + next_logs(ids) for total, ids in running])
        best = np.argsort(-totals, axis=None)[:beams]  # places in the (running, vocabulary) table
        places = [divmod(int(place), totals.shape[1]) for place in best]  # (hypothesis, token)
        kept = [(float(totals[h, token]), [*running[h][1], token]) for h, token in places]
        running = []
        for total, ids in kept:
            if ids[-1] == end or n == longest:
                finished.append((total / n**penalty, ids))
            else:
                running.append((total, ids))
        if not running:
            break
    return max(finished)


# %%
check_beam_search(my_beam_search)

# %% [markdown] tags=["solution"]
# Sums are compared while hypotheses run: in a step they all have the same length. Only the finished ones differ in
# length, and are compared per token. Now the table:

# %% tags=["solution"]
for beams in (1, 2, 3):
    score, ids = my_beam_search(from_the_table, 0, 1, beams, 4, 1.0)
    print(f"beams {beams}: {score:.3f}  {ids}")

# %% [markdown] tags=["solution"]
# Greedy is caught: behind word 2 comes word 2 again, up to the limit. Two beams find a way out. A third one finds a
# better way still.

# %% [markdown]
# ### The same lines with T5
#
# Your function asks for nothing but log-probabilities, so it does not care who gives them. Here T5 does. `beams=1` must
# be the greedy answer of `generate`, id by id.

# %%
import torch
from transformers import T5ForConditionalGeneration, T5Tokenizer

from helpers.checkpoints import checkpoint, quiet_loading

quiet_loading()
torch.set_grad_enabled(False)
name = checkpoint("t5-small")
tokenizer = T5Tokenizer.from_pretrained(name)
model = T5ForConditionalGeneration.from_pretrained(name, dtype=torch.float32)


# %%
def french(english, beams, penalty=1.0):
    """Return what my_beam_search finds with T5: (score, ids)."""
    inputs = tokenizer("translate English to French: " + english, return_tensors="pt")
    encoded = model.get_encoder()(**inputs)

    def next_logs(ids):
        logits = model(encoder_outputs=encoded, decoder_input_ids=torch.tensor([ids])).logits
        return torch.log_softmax(logits[0, -1], dim=-1).numpy()  # (vocabulary,)

    start, end = model.config.decoder_start_token_id, tokenizer.eos_token_id
    return my_beam_search(next_logs, start, end, beams, 24, penalty)


# %%
english = "When the rain stopped, the children ran into the garden."
inputs = tokenizer("translate English to French: " + english, return_tensors="pt")
greedy = model.generate(**inputs, max_new_tokens=24)[0].tolist()

for beams, penalty in ((1, 1.0), (4, 1.0), (4, 0.0)):
    found = french(english, beams, penalty)
    if found is ...:
        print("my_beam_search is not written yet.")
        break
    print(f"beams {beams}, penalty {penalty}: score {found[0]:.1f}")
    print("   ", tokenizer.decode(found[1], skip_special_tokens=True))
    print("    the same as greedy:", found[1] == greedy)

# %% [markdown]
# Change the sentence, the beams and the penalty. With penalty 0 the score is the plain sum. Do more beams and penalty 0
# make the answers longer or shorter?

# %% [markdown] tags=["solution"]
# If they change anything, the answers mostly get shorter. More beams mostly find better sums, and every further token
# makes a sum lower. Stahlberg and Byrne ("On NMT Search Errors and Model Errors", 2019) searched until nothing better
# was left: for more than half of their sentences the translation with the best sum was the **empty** one. A beam search
# of modest width works partly because it does not find what the model likes best.

# %% [markdown]
# **Next:** [chapter 9](../09-summarization-with-t5.ipynb).
