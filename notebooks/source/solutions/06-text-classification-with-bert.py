# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises: probabilities, a loss, a table of mistakes, a word left out
#
# **What you will build:** the four tools of chapter 6: from logits to probabilities, from probabilities to a loss, a
# confusion table, and what each word adds to an answer.
#
# **What you need:** [chapter 6](../06-text-classification-with-bert.ipynb). No model is loaded here: all arrays are
# NumPy's. **Minutes:** 40.
#
# Each exercise has a cell that begins a function. Replace `return ...` with your own lines and run the cell. Then run
# the cell under it, the **check**. It says what you have shown, or which wrong idea is behind the answer. It
# never tells the solution.

# %% [markdown] tags=["solution"]
# **This is the notebook with the solutions.** The one to work in is
# [exercises/06-text-classification-with-bert](../exercises/06-text-classification-with-bert.ipynb). Here each start is
# followed by one way to write it; yours may differ and be as good.

# %%
import numpy as np

from helpers.checks.chapter_06 import check_added, check_loss, check_probabilities, check_table

# %% [markdown]
# ## 1. Turn logits into probabilities
#
# A classifier gives logits of shape (texts, labels). Return the probabilities, in the same shape. Logits may be large:
# think of chapter 1. Write it with `np.exp`; the course's `softmax` is not imported here.


# %% tags=["stub"]
def my_probabilities(logits):
    """Return the probability of each label for each text: (texts, labels)."""
    return ...


# %% tags=["solution"]
def my_probabilities(logits):
    """Return the probability of each label for each text: (texts, labels)."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))  # (texts, labels)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


# %%
check_probabilities(my_probabilities)

# %% [markdown] tags=["solution"]
# It is the softmax of chapter 3, one row a text. With two labels it equals 1 / (1 + exp(-d)), where d is the difference
# of the two logits: only the difference counts.

# %% [markdown]
# ## 2. Say how bad the answers are
#
# `probabilities` has the shape (texts, labels), `labels` holds the right label of each text, 0 or 1 or more. Return the
# **loss**: minus the natural logarithm of the probability that the right label got, averaged over the texts.


# %% tags=["stub"]
def my_loss(probabilities, labels):
    """Return the mean loss, one number."""
    return ...


# %% tags=["solution"]
def my_loss(probabilities, labels):
    """Return the mean loss, one number."""
    got = probabilities[np.arange(len(labels)), labels]  # (texts,)
    return -np.log(got).mean()


# %%
check_loss(my_loss)

# %% [markdown] tags=["solution"]
# `probabilities[rows, columns]` with two lists of numbers picks one entry a row.
#
# One text that gets 0.01 costs 4.6, and seven texts that get 0.9 cost 0.7 together. A model that is sure and wrong
# pays for it.

# %% [markdown]
# ## 3. Count the mistakes by their kind
#
# `labels` are the right labels, `predicted` those that the model gave: numbers from 0 to `count` - 1. Return the
# confusion table, an array of shape (count, count): row = what it is, column = what it was called.


# %% tags=["stub"]
def my_table(labels, predicted, count):
    """Return the confusion table: (labels, labels called)."""
    return ...


# %% tags=["solution"]
def my_table(labels, predicted, count):
    """Return the confusion table: (labels, labels called)."""
    table = np.zeros((count, count))
    for is_label, said in zip(labels, predicted):
        table[is_label, said] += 1
    return table


# %%
check_table(my_table)

# %% [markdown] tags=["solution"]
# The sum of a row says how many there are of a label, the sum of a column how many were called so. The diagonal,
# divided by the sum of all, is the accuracy.

# %% [markdown]
# ## 4. Leave a word out
#
# `words` is a list of words. `positive` is a function that takes a list of words and returns the probability of
# *positive*. For each word, return how much it adds: the probability of the whole list minus that of the list without
# this word, an array of shape (words,). A word may come twice.


# %% tags=["stub"]
def my_added(words, positive):
    """Return what each word adds to the probability of positive: (words,)."""
    return ...


# %% tags=["solution"]
def my_added(words, positive):
    """Return what each word adds to the probability of positive: (words,)."""
    whole = positive(words)
    return np.array([whole - positive(words[:i] + words[i + 1 :]) for i in range(len(words))])


# %%
check_added(my_added)

# %% [markdown] tags=["solution"]
# The place of the word is left out, not the word: `words.remove("not")` would always take the first *not*, and change
# the list of whoever called you.
#
# A model that looks for *good* or *great* says the same without either of the two. Each adds nothing, and both together
# decide. What a word adds is a fact about this word in this company.

# %% [markdown]
# **Next:** [chapter 7](../07-text-generation-with-gpt2.ipynb).
