# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Start here: how attention really works
#
# **What you will build in this course:** attention, first with three numbers and pencil-and-paper sums, then line by
# line up to the layer that runs inside BERT, GPT-2 and T5.
#
# **What you need:** you read Python and have met matrices. **Minutes for this page:** 10.

# %% [markdown]
# ## Check that your machine is ready
#
# Click into the next cell and press **Shift + Enter**. Every line should end with *ready*.

# %%
import sys
from importlib.util import find_spec

look_up = "no: look into the README under Troubleshooting"
print("Python 3.11 or newer:", "ready" if sys.version_info >= (3, 11) else look_up)
for package in ("numpy", "matplotlib", "ipywidgets", "torch", "helpers"):
    print(f"{package}:", "ready" if find_spec(package) else look_up)

# %% [markdown]
# The next cell shows a panel. Move a slider: the picture and the sentence under it follow. If you see a picture but
# no slider, press **Shift + Enter** in the cell. If there is still no slider, see *Troubleshooting* in the README.

# %%
from helpers.panels import AttentionPanel

AttentionPanel(
    query=[1, 0, -1],
    key=[[1, 1, 0], [0, -1, 1], [1, 0, -1]],
    value=[[5], [0], [-3]],
    words=["pizza", "but", "olives"],
    asker="love",
)

# %% [markdown]
# You will understand every number in it after chapter 1.

# %% [markdown]
# ## Find your way
#
# | chapter | what you do | minutes |
# |---|---|---|
# | [1 Attention](01-attention.ipynb) | build attention from a three-number dot product | 35 |
# | [2 Scaled dot product](02-scaled-dot-product-attention.ipynb) | see softmax freeze, and cure it with one division | 40 |
# | [3 Self-attention](03-self-attention.ipynb) | let a sentence attend to itself; masks and positions | 50 |
# | [4 Multi-head attention](04-multi-head-attention.ipynb) | build several heads; prove them equal to PyTorch's layer | 50 |
#
# Chapters 5 to 9, with BERT, GPT-2 and T5 themselves, come next. Each chapter builds on the one before. If you are
# lost, open any chapter and run it from its first cell: it needs nothing from the others.

# %% [markdown]
# ## Know how to read a page
#
# - **Predict, then run.** Before a result that surprises, there is a question. Answer it in your head, then open the
#   answer:
#
# <details><summary><b>Predict.</b> What does a collapsed answer look like when you open it?</summary>
#
# Like this.
# </details>
#
# - **Pitfall.** Code that you find in many tutorials has flaws. A section headed *Pitfall* runs the flawed code for
#   real, shows what goes wrong, and mends it.
# - **Shapes.** A comment behind a line gives the shape of what it makes: `# (queries, keys)`.
# - **Figures say what they show.** Each picture carries its content in words, for screen readers and for the tests
#   that re-run this course.
# - **Rungs.** The *parity ladder* proves, rung by rung, that your own function computes what the libraries compute.

# %% [markdown]
# ## Learn the words
#
# | word | what it means here |
# |---|---|
# | query, key, value | what a word looks for, what it is found by, what it hands over (chapter 1) |
# | score | how well a key matches a query: their dot product, from chapter 2 on divided by sqrt(d_k) |
# | weights | scores made positive, with sum 1, by softmax (chapter 1) |
# | width, d_k | how many entries a vector has; the width of a key is called d_k (chapter 2) |
# | embedding | the vector that stands for a word; its entries are called features (chapter 3) |
# | mask | a table of who may look at whom (chapter 3) |
# | hidden_size | the number of features of a word (chapter 4) |
# | head, head_dim | one of several attentions side by side, and its number of features (chapter 4) |
# | transformer | a model built from layers of attention; BERT, GPT-2 and T5 are three of them |

# %% [markdown]
# ## Change things without fear
#
# Change any cell and run it again. JupyterLab saves by itself every two minutes, so if you want to keep the original
# at hand, work in a copy: in the file list, right-click the notebook and choose *Duplicate*. To get every original
# back, close the notebooks and run `git checkout -- notebooks` in a terminal.
#
# **Next door:** [Chapter 1](01-attention.ipynb) starts with a question: when someone says *"I love pizza but not
# olives"*, what does *love* look at?
