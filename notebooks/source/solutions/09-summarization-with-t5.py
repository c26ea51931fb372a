# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises: measure a summary, find what it invents, cut a text that is too long
#
# **What you will build:** the F1 of ROUGE-L, the longest common subsequence behind it, a check of names and numbers,
# and a way to cut a long text without losing its end.
#
# **What you need:** [chapter 9](../09-summarization-with-t5.ipynb). No model is loaded here. **Minutes:** 45.
#
# Each exercise has a cell that begins a function. Replace `return ...` with your own lines and run the cell. Then run
# the cell under it, the **check**. It says what you have shown, or which wrong idea is behind the answer. It
# never tells the solution.

# %% [markdown] tags=["solution"]
# **This is the notebook with the solutions.** The one to work in is
# [exercises/09-summarization-with-t5](../exercises/09-summarization-with-t5.ipynb). Here each start is followed by one
# way to write it; yours may differ and be as good.

# %%
import re

import numpy as np

from helpers.checks.chapter_09 import check_invented, check_lcs, check_parts, check_rouge_l

# %% [markdown]
# ## 1. Turn three counts into ROUGE-L
#
# A summary has `ours` words, its reference has `theirs`, and their longest common subsequence has `common`. Return the
# F1: the harmonic mean of precision and recall. If nothing is common, it is 0.


# %% tags=["stub"]
def my_rouge_l(common, ours, theirs):
    """Return the F1 of precision and recall, from 0 to 1."""
    return ...


# %% tags=["solution"]
def my_rouge_l(common, ours, theirs):
    """Return the F1 of precision and recall, from 0 to 1."""
    if common == 0:
        return 0.0
    precision, recall = common / ours, common / theirs
    return 2 * precision * recall / (precision + recall)


# %%
check_rouge_l(my_rouge_l)

# %% [markdown] tags=["solution"]
# Multiply the fraction out and little is left: twice the common words, divided by all words of both. Written like that
# it needs no special case.
#
# 12 common words of 40 and 12 give 0.46, 6 common words of 6 and 12 give 0.67: F1 prefers the short summary, which is
# right all through, to the long one, which says it all among much else.

# %% [markdown]
# ## 2. Find the longest common subsequence
#
# `a` and `b` are lists of words. Return how many words their longest common subsequence has. The order counts, gaps do
# not. Chapter 9 does it with a table; you may find another way.


# %% tags=["stub"]
def my_lcs(a, b):
    """Return the length of the longest common subsequence of two lists."""
    return ...


# %% tags=["solution"]
def my_lcs(a, b):
    """Return the length of the longest common subsequence of two lists."""
    table = np.zeros(
        (len(a) + 1, len(b) + 1), dtype=int
    )  # [i, j]: for the first i and the first j words
    for i, word in enumerate(a):
        for j, other in enumerate(b):
            longer = table[i, j] + 1 if word == other else 0
            table[i + 1, j + 1] = max(longer, table[i, j + 1], table[i + 1, j])
    return int(table[-1, -1])


# %%
check_lcs(my_lcs)

# %% [markdown] tags=["solution"]
# Each cell asks three neighbours: the two lists without their last words, and each of them without its own. That is
# why the table has one row and one column more, for the empty list.
#
# A sentence and its reverse have a long common subsequence only if it reads the same backwards in part: *the dog saw
# the dog* reaches 3, with *dog saw dog*.

# %% [markdown]
# ## 3. Find what a summary invents
#
# `names` gives the words of two or more letters that begin with a capital, and all runs of digits of a text, in order.
# Return those of the summary that the text does not have, each once, in the order of the summary.


# %%
def names(text):
    return re.findall(r"[A-Z]\w+|\d+", text)


print(names("Tilda Aske scored twice in 1987."))


# %% tags=["stub"]
def my_invented(summary, text):
    """Return the list of names and numbers of the summary that are not among those of the text."""
    return ...


# %% tags=["solution"]
def my_invented(summary, text):
    """Return the list of names and numbers of the summary that are not among those of the text."""
    known = set(names(text))
    return [name for name in dict.fromkeys(names(summary)) if name not in known]


# %%
check_invented(my_invented)

# %% [markdown] tags=["solution"]
# `dict.fromkeys` keeps each name once and keeps the order; a `set` would lose it. Asking `name in text` looks for
# letters: it would let *Ann* pass because of *Annabel*.
#
# The check cannot see that two names have changed places. For that you must know who did what.

# %% [markdown]
# ## 4. Cut a text into parts that fit
#
# The sentences of a text have `lengths` tokens. A model reads at most `limit` tokens at a time, and `extra` of them
# are taken by the prefix and `</s>` of every part. Go through the sentences in order and put as many as fit into each
# part. Return the number of each sentence's part, counted from 0, as an array. A sentence that is too long even alone
# has a part for itself.
#
# With the limit 10 and 3 extra, the lengths 4, 3, 5 make the parts 0, 0, 1.


# %% tags=["stub"]
def my_parts(lengths, limit, extra):
    """Return for each sentence the number of its part, from 0: (sentences,)."""
    return ...


# %% tags=["solution"]
def my_parts(lengths, limit, extra):
    """Return for each sentence the number of its part, from 0: (sentences,)."""
    part, used, parts = 0, extra, []
    for length in lengths:
        if used > extra and used + length > limit:
            part, used = part + 1, extra
        used += length
        parts.append(part)
    return np.array(parts)


# %%
check_parts(my_parts)

# %% [markdown] tags=["solution"]
# `used > extra` says that the part holds a sentence already. Without it, a first sentence that is too long would leave
# part 0 empty.
#
# A sentence that is too long even alone will be cut by the tokenizer. Cut it yourself at a comma, or say so to the
# reader: silence is the worst answer.

# %% [markdown]
# **This was the last chapter.** Look back at the [whole ladder](../09-summarization-with-t5.ipynb), and choose a door
# at its end.
