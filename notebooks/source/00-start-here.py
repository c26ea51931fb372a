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
# Click into the next cell and press **Shift + Enter**. It takes about ten seconds, the first time longer. It looks at
# your Python, memory and disk, imports what the chapters import, and lets a small BERT, one of the models of this
# course, guess a word without any network. Every line but the last should end with *ready*.

# %%
from helpers.preflight import preflight

preflight()

# %% [markdown]
# A line that says *stop* or *look* goes on: first what was found, then what to do. *Stop* means that something will not
# work, *look* that something may disturb you. To see what was found where all is well, run the whole check: open a
# terminal (menu File, New, Terminal) and type `.venv/bin/python -m helpers.preflight` (on Windows
# `.venv\Scripts\python`; with conda and on Binder `python`). It also starts a kernel of its own. With `--json` at the
# end it writes a report that you can send to your instructor, without your name in it.

# %% [markdown]
# The next cell shows a panel. Press **Shift + Enter** in it, then move a slider: the picture and the sentence under it
# follow.

# %%
from helpers.panels import AttentionPanel

AttentionPanel(
    query=[1, 0, -1],
    key=[[1, 1, 0], [0, -1, 1], [1, 0, -1]],
    value=[[5], [0], [-3]],
    words=["pizza", "but", "olives"],
    asker="love",
)

# %% [markdown] slideshow={"slide_type": "skip"}
# Do you see no sliders? This is a photograph of the panel with them; they do not move here. Somebody has picked the
# slider `query[2]`. If yours has none after Shift + Enter, see *Troubleshooting* in the README.
#
# ![The panel with its sliders: one for each entry of the query, of the three keys and of the three values; under them buttons, four pictures and a sentence](images/panel.png)

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
# | [5 Sentence embeddings with BERT](05-bert-sentence-embeddings.ipynb) | turn a sentence into one vector; run your attention inside BERT | 60 |
# | [6 Text classification with BERT](06-text-classification-with-bert.ipynb) | teach BERT to tell good reviews from bad ones | 60 |
# | [7 Text generation with GPT-2](07-text-generation-with-gpt2.ipynb) | write text token by token; turn temperature, top-k and top-p | 60 |
# | [8 Translation with T5](08-translation-with-t5.ipynb) | read English, write French; follow several beams | 75 |
# | [9 Summarization with T5](09-summarization-with-t5.ipynb) | summarize a text, and check what the summary says | 60 |
#
# Each chapter builds on the ideas of those before it. Its exercises come on top: 30 to 60 minutes a chapter.
#
# **Are you lost?** Open any chapter and run it from its own first cell (menu Run, Run All Cells). It needs nothing that
# another notebook computed. If a cell says that a name is not defined, a cell above it has not run yet: menu Kernel,
# Restart Kernel and Run All Cells.

# %% [markdown]
# ## Practise
#
# Each chapter from 1 on has exercises, in the folder `notebooks/exercises`, under the chapter's own name. You write a
# few lines; the cell under them checks your answer. A wrong answer gets the name of the idea behind it, not only the
# word *wrong*. One way to solve each is in `notebooks/solutions`. The last lines of each chapter lead to its exercises,
# and the first lines of the exercises lead back.

# %% [markdown]
# ## Choose the models
#
# Chapters 5 to 9 use three models: BERT, GPT-2 and T5. There are two sets of them, and the same cells run with both:
#
# - **pocket**, which you have: small models of the same kinds, made for this course. They lie in the course's folder,
#   need no network, and run on any laptop. They know far less than the originals.
# - **full**: the originals, 1.2 GB. Fetch them once, in a terminal: `.venv/bin/python -m helpers.checkpoints fetch` (on
#   Windows and with conda another *python*, as above). If the connection breaks, run it again: it goes on where it
#   stopped. Then start JupyterLab with them: `COURSE_MODELS=full make lab` (in PowerShell
#   `$env:COURSE_MODELS = "full"`, then start it as usual).
#
# The files of a trained model are called a **checkpoint**. The variable `COURSE_MODELS_DIR` names the folder of the
# originals, if you want them on a stick or on a disk that a whole class shares. With `list` instead of `fetch` the
# command says which set is in use; with `verify` it checks every file. Each chapter prints which checkpoint it loads.
# Words and numbers that you read in chapters 5 to 9 are those of the pocket set; with the originals they differ.

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
# - **Pitfall.** Code that you find in many tutorials has flaws. A section headed *Pitfall* takes up such a flaw, or a
#   common misreading, and shows by running code what goes wrong.
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
# | token, tokenizer | a word or a piece of one, the unit that a model reads; what cuts a text into them (chapter 5) |
# | vocabulary | all tokens that a model knows, each with a number, its id (chapter 5) |
# | hidden state | the vector of a token inside a model, after a layer (chapter 5) |
# | padding | tokens without meaning that make the rows of a batch equally long (chapter 5) |
# | encoder | a model, or a part of one, in which every token looks at all others: BERT, half of T5 (chapter 5) |
# | logits | one number for each possible answer, before softmax makes probabilities of them (chapter 6) |
# | loss, fine-tune | how wrong the answers are, in one number; train a model further until it falls (chapter 6) |
# | prompt | the text that a model is to continue (chapter 7) |
# | greedy, sampling | take the likeliest next token; or draw one by chance (chapter 7) |
# | temperature, top-k, top-p | three ways to make the draw bolder or safer (temperature: chapter 2; all: chapter 7) |
# | decoder | a model, or a part of one, in which a token sees only itself and those before it, and which writes: GPT-2, half of T5 (chapter 8) |
# | cross-attention | attention from the tokens that are written to those that were read: T5 (chapter 8) |
# | beam | one of several unfinished answers that a search keeps and goes on with (chapter 8) |
#
# Most words are explained again in the chapter that is named.

# %% [markdown]
# ## Change things without fear
#
# Change any cell and run it again. JupyterLab saves by itself every two minutes, so if you want to keep the original
# at hand, work in a copy: in the file list, right-click the notebook and choose *Duplicate*. To get every original
# back, close the notebooks and run `git checkout -- notebooks` in a terminal. If you installed from a stick, its
# README.txt says how.
#
# **Next door:** [Chapter 1](01-attention.ipynb) starts with a question: when someone says *"I love pizza but not
# olives"*, what does *love* look at?
