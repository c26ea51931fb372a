# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Summarize a text, and check what the summary says
#
# **What you will build:** a summary by beam search, a measure for it (ROUGE-L) written by hand, a check of what it
# invents, and, at the end of the course, your own attention running inside BERT, GPT-2 and T5.
#
# **What you need:** [chapter 8](08-translation-with-t5.ipynb). **Minutes:** 60.
#
# The model is T5 again; only the prefix changes. A translation says all that the sentence says. A summary leaves
# something out, and that is what makes it hard to judge. Is what was left out unimportant? And does the rest still say
# what the text says?

# %%
import re

import numpy as np
import torch
from rouge_score.rouge_scorer import RougeScorer
from transformers import T5ForConditionalGeneration, T5Tokenizer

from helpers.attention import softmax
from helpers.checkpoints import checkpoint, quiet_loading
from helpers.figures.passage import show_passage
from helpers.models.summary import used_words
from helpers.models.t5 import beam_search
from helpers.panels import SummaryPanel
from helpers.passages import read_passages

# %% [markdown]
# ## Summarize the Mona Lisa
#
# As in chapter 8: the weights are read as `float32`, `eager` asks for the plain attention that also hands out its
# weights, and gradients are off.

# %%
quiet_loading()
torch.set_grad_enabled(False)

name = checkpoint("t5-small")
tokenizer = T5Tokenizer.from_pretrained(name)
model = T5ForConditionalGeneration.from_pretrained(
    name, dtype=torch.float32, attn_implementation="eager"
)

# %%
# Input text for summarization
text = """
The Mona Lisa is a half-length portrait painting by the Italian artist Leonardo da Vinci.
It is considered an archetypal masterpiece of the Italian Renaissance, and it has been described
as the most famous, most visited, most written about, and most sung about work of art in the world.
"""

# Prepare the text for the T5 model
# T5 treats all tasks as text-to-text; for summarization, we prepend "summarize: " to the input text
input_text = "summarize: " + text

# %%
# Tokenize the input text and convert it to a PyTorch tensor
inputs = tokenizer.encode(input_text, return_tensors="pt", max_length=512, truncation=True)

# Generate the summary
summary_ids = model.generate(
    inputs,
    max_length=50,  # Maximum length of the summary
    num_beams=4,  # Beam search with 4 beams for more coherent output
    early_stopping=True,  # Stop once an optimal summary is found
)

# Decode the generated summary back to text
summary = tokenizer.decode(summary_ids[0], skip_special_tokens=True)

# Print the generated summary
print("Summary:", summary)

# %% [markdown]
# Before you believe it, look at what went in, and at the options. Two of the comments above are not quite true.
#
# ## Pitfall: newlines in the prompt
#
# The text stands between triple quotes. So it begins with a newline, ends with one, and has two more inside.
#
# <details><summary><b>Predict, then run.</b> How many tokens do the four newlines become?</summary>
#
# Not one. T5's tokenizer turns every newline, and every run of blanks, into one blank. That blank is part of the next
# word's piece: it is the low bar `▁`.
# </details>

# %%
print(repr(input_text[:34]), "...", repr(input_text[-12:]))
print("newlines:", input_text.count("\n"), " tokens:", inputs.shape[1])
print("first pieces:", *tokenizer.convert_ids_to_tokens(inputs[0, :6].tolist()))

one_line = " ".join(input_text.split())
print("the same ids on one line:", tokenizer.encode(one_line) == inputs[0].tolist())

# %% [markdown]
# The same ids, so the same summary: here the newlines do no harm. But that is luck, and depends on the tokenizer.
# GPT-2's keeps newlines and blanks as tokens:

# %%
from transformers import GPT2Tokenizer

gpt2_name = checkpoint("gpt2")
gpt2_tokenizer = GPT2Tokenizer.from_pretrained(gpt2_name)
for piece in ("world.", "world.\n", "\nworld.", "world.  "):
    t5_says = tokenizer.encode(piece) == tokenizer.encode("world.")
    gpt2_says = gpt2_tokenizer.encode(piece) == gpt2_tokenizer.encode("world.")
    print(f"{piece!r:12} the same as 'world.' for T5: {t5_says}, for GPT-2: {gpt2_says}")

# %% [markdown]
# And it cuts both ways. T5 cannot see a newline *at all*: a headline, a list and a new paragraph run into the next
# sentence. A headline without a full stop becomes part of it.

# %%
print(*tokenizer.tokenize("Mona Lisa\nIt is a portrait."))

# %% [markdown]
# Write `text = " ".join(text.split())` before you tokenize. Then what you see is what the model gets, whatever the
# model.

# %%
text = " ".join(text.split())
input_text = "summarize: " + text
prompt = tokenizer(input_text, return_tensors="pt")  # with its attention mask
print("mask all ones:", bool(prompt.attention_mask.all()))

# %% [markdown]
# The code above passed the ids alone. For one text without padding the mask is all ones, and nothing is lost. In a
# batch it is needed ([chapter 8](08-translation-with-t5.ipynb)), so from here on the mask goes along.
#
# ## Pitfall: a summary that is cut
#
# *Maximum length of the summary*: 50 of what?
#
# <details><summary><b>Predict, then run.</b> 50 words, 50 letters or 50 tokens? And does the start token count?
# </summary>
#
# Tokens, and the start token counts. So at most 49 new ones, and the `</s>` is one of them.
# </details>


# %%
def summarize(limit=50, **options):
    """Return the ids of a summary of the prompt, without the start token."""
    options = {"num_beams": 4, "early_stopping": True, "max_length": limit} | options
    return model.generate(**prompt, **options)[0].tolist()[1:]


for limit in (50, 5):
    ids = summarize(limit)
    ended = ids[-1] == tokenizer.eos_token_id
    print(f"max_length={limit}: {len(ids)} new tokens, ended by itself: {ended}")
    print("   ", tokenizer.decode(ids, skip_special_tokens=True))

# %% [markdown]
# A short limit makes no shorter summary. It makes a torn one, and nothing tells you. If the last id is not `</s>`, the
# summary was cut. `max_new_tokens=49` says the same as `max_length=50` and says what it counts.
#
# ## Turn the length penalty
#
# Four beams compete by their score (chapter 8): the sum of the log-probabilities of all tokens, divided by
# `tokens ** length_penalty`. The sum is below 0, and every token makes it lower.
#
# <details><summary><b>Predict, then run.</b> A large <code>length_penalty</code>: does it give shorter or longer
# summaries?</summary>
#
# Never shorter ones, if the search finds the same candidates. A larger divisor brings a negative sum nearer to 0, and
# a long candidate has the larger divisor. The name says the opposite of what it does: 0 divides by 1, above 0 favours
# long summaries, below 0 favours short ones.
# </details>

# %%
penalties = (-1.0, 0.0, 1.0, 2.0, 4.0)
swept = {
    (stop, penalty): summarize(early_stopping=stop, length_penalty=penalty)
    for stop in (True, False)
    for penalty in penalties
}
texts = {setting: tokenizer.decode(ids, skip_special_tokens=True) for setting, ids in swept.items()}

# %%
print("penalty   words with early_stopping=True   with False")
for penalty in penalties:
    lengths = [len(texts[stop, penalty].split()) for stop in (True, False)]
    print(f"{penalty:7.1f}   {lengths[0]:30}   {lengths[1]:10}")

different = sorted(set(texts.values()), key=lambda one: (len(one), one))
print("different summaries:", len(different))
for one in different:
    print("  -", one)

# %% [markdown]
# Ten settings, and no more different summaries than that. The penalty chooses only among the candidates that the search
# has *finished*. Which ones those are depends on when it stops.
#
# ## Stop early, or search on
#
# *Stop once an optimal summary is found*, said the comment. The search cannot know what is optimal. This is the
# library's rule:
#
# - `early_stopping=True`: stop as soon as there are as many finished candidates as beams.
# - `False`: then go on as long as the best unfinished candidate, **with its score at the length it has now**, beats the
#   worst finished one.
# - `"never"`: the same, but reckon with the best score that it could still reach at the maximum length, if the penalty
#   is above 0. That can take long.
#
# The helper `beam_search` of chapter 8 follows the second rule and keeps each step. Its steps tell where both rules
# stop:


# %%
def stopping_steps(steps, penalty, beams=4):
    """Return where True stops, where False stops, True's answer, and whether someone was still in the race."""
    finished, early, answer, hopeful = [], None, None, False
    for n, step in enumerate(steps, start=1):
        finished += [(c.score / n**penalty, c.ids) for c in step if c.fate == "finished"]
        best = sorted(finished, reverse=True)[:beams]
        running = [c.score / n**penalty for c in step if c.fate == "kept"]
        better = len(best) < beams or any(score > best[-1][0] for score in running)
        if early is None and (len(best) == beams or n == len(steps)):
            early, answer, hopeful = n, list(best[0][1]), better and bool(running)
        if not better:
            break
    return early, n, answer, hopeful


# %%
for penalty in (0.0, 1.0, 2.0):
    search = beam_search(model, tokenizer, input_text, 4, 49, penalty)
    early, late, answer, hopeful = stopping_steps(search.steps, penalty)
    print(f"penalty {penalty}: True stops after {early} tokens, False after {late}")
    print("   someone still running was better than a finished one:", hopeful)
    print("   the same summary:", answer == list(search.best))
    theirs = [swept[True, penalty], swept[False, penalty]]
    print("   generate gives both:", theirs == [answer, list(search.best)])

# %% [markdown]
# Where the line says *better than a finished one: True*, the early stop closed the door on a candidate that was in
# the race. Whether one of those would have won, the line *the same summary* tells. With penalty 0 a sum only gets
# lower as it grows: who is behind stays behind, and only who was ahead and not yet finished loses by the early stop.
# With a penalty above 0 a longer candidate may still catch up, and early stopping works *against* the penalty.
#
# `early_stopping=True` saves steps. It does not look for anything *optimal*.
#
# One text may show no difference. Eight short passages come with the course. They were written for it; all names and
# numbers in them are made up, so that no model can know them. What do penalty and rule change there?

# %%
passages = read_passages()
batch = tokenizer(["summarize: " + p.text for p in passages], padding=True, return_tensors="pt")
print("words in all eight summaries")
print("penalty   early_stopping=True   with False   summaries that differ")
for penalty in (-1.0, 0.0, 2.0, 8.0):
    both = []
    for stop in (True, False):
        options = {"num_beams": 4, "early_stopping": stop, "length_penalty": penalty}
        ids = model.generate(**batch, max_new_tokens=49, **options)
        both.append(tokenizer.batch_decode(ids, skip_special_tokens=True))
    lengths = [sum(len(one.split()) for one in made) for made in both]
    differ = sum(a != b for a, b in zip(*both))
    print(f"{penalty:7.1f}   {lengths[0]:19}   {lengths[1]:10}   {differ} of {len(passages)}")

# %% [markdown]
# Compare the last line with the first. A high penalty wants long candidates, and with `False` the search goes on until
# it has some. With `True` it has stopped before. (The penalty counts tokens and the table words, so a column need not
# grow from line to line.)

# %% [markdown]
# ## Ask what is copied
#
# A summary that picks sentences or pieces of them is called **extractive**. One that says it in words of its own is
# **abstractive**. Most are between. Three numbers tell where: the share of its words that stand in the text, the share
# of its runs of four words that do, and how much of it can be read off in the text's own order.
#
# A word is a run of letters or digits, in lower case:


# %%
def words(text):
    return re.findall(r"[^\W_]+", text.lower())


def runs(words, n):
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


print(words("A half-length portrait, by Leonardo!"))

# %% [markdown]
# The **longest common subsequence** (LCS) of two lists of words: strike out words on both sides until the same list is
# left, and strike as few as you can. The order counts, the gaps do not. A table finds it: cell (i, j) holds the LCS of
# the first i words of one and the first j words of the other.


# %%
def lcs_length(a, b):
    table = np.zeros(
        (len(a) + 1, len(b) + 1), dtype=int
    )  # row 0 and column 0: nothing is common yet
    for i, word in enumerate(a, start=1):
        for j, other in enumerate(b, start=1):
            if word == other:
                table[i, j] = table[i - 1, j - 1] + 1
            else:
                table[i, j] = max(table[i - 1, j], table[i, j - 1])
    return int(table[-1, -1])


a, b = words("the most famous work of art"), words("the famous art of the world")
print("LCS:", lcs_length(a, b))

# %% [markdown]
# *the famous of*, or *the famous art*: three words either way. Now four summaries of the Mona Lisa. The last two are
# by a person: one cuts words out, one uses words of its own.


# %%
def first_sentence(text):
    return re.split(r"(?<=[.!?]) ", text)[0]


cut_out = (
    "The Mona Lisa is a portrait by Leonardo da Vinci, the most famous work of art in the world."
)
own_words = "Everybody knows this picture of a woman, which Leonardo da Vinci painted in Italy."
candidates = {
    "the model": summary,
    "first sentence": first_sentence(text),
    "cut out": cut_out,
    "own words": own_words,
}

# %%
source = words(text)
print("                  words   copied   runs of 4   in order")
for who, said in candidates.items():
    w = words(said)
    copied = sum(word in source for word in w) / max(len(w), 1)
    in_runs = len(runs(w, 4) & runs(source, 4)) / max(len(runs(w, 4)), 1)
    in_order = lcs_length(w, source) / max(len(w), 1)
    print(f"{who:16} {len(w):6}   {copied:6.2f}   {in_runs:9.2f}   {in_order:8.2f}")

# %% [markdown]
# The first sentence has 1.00 everywhere: it is a copy. All words of *cut out* stand in the text, and in its order, but
# most of its runs of four are broken where words were left out. *Own words* shares no run of four with the text. Where
# does the model stand? Here is *cut out*, marked in the text:

# %%
point = "The person took words from the beginning and from the end of the text."
used = used_words(text.split(), cut_out)
show_passage(text.split(), 'underlined: on the LCS with "cut out"', used=used, point=point)

# %% [markdown]
# ## Measure a summary: ROUGE-L
#
# BLEU asks how much of the translation stands in the reference. **ROUGE-L** asks both ways, with the LCS: which share
# of the summary is common (**precision**), which share of the reference is (**recall**)? F1 is their harmonic mean,
# high only if both are.


# %%
def rouge_l(reference, candidate):
    ours, theirs = words(candidate), words(reference)
    common = lcs_length(ours, theirs)
    if common == 0:
        return 0.0
    precision, recall = common / len(ours), common / len(theirs)
    return 2 * precision * recall / (precision + recall)


# %%
scorer = RougeScorer(["rougeL"])
reference = "The Mona Lisa is a portrait by the Italian artist Leonardo da Vinci."
for who, said in candidates.items():
    library = scorer.score(reference, said)["rougeL"].fmeasure
    mine = rouge_l(reference, said)
    print(
        f"{who:16} by hand {mine:.2f}, library {library:.2f}, equal: {abs(mine - library) < 1e-9}"
    )

# %% [markdown]
# ## Measure the model, and something simpler
#
# Each of the eight passages has a summary by a person. Three of them:

# %%
for passage in (*passages[:2], passages[-1]):
    print(f"{passage.title}: {passage.text}\n   person: {passage.reference}\n")

# %%
ids = model.generate(**batch, max_new_tokens=49, num_beams=4, early_stopping=True)
summaries = tokenizer.batch_decode(ids, skip_special_tokens=True)
for passage, one in zip(passages, summaries):
    print(f"{passage.title + ':':12} {one}")

# %% [markdown]
# Is a model needed for this? The simplest rival is the **first sentence** of the text. Newspapers put the main thing
# first, so it is a strong one.
#
# <details><summary><b>Predict, then run.</b> Who wins?</summary>
#
# Read the two means, and the wins. If the first sentence is ahead, the model is in good company: on news, the first
# three sentences were still ahead of a strong neural summarizer in 2017 (See et al., "Get To The Point"). A score
# means something only beside that of something simple.
# </details>

# %%
model_scores = np.array([rouge_l(p.reference, s) for p, s in zip(passages, summaries)])
first_scores = np.array([rouge_l(p.reference, first_sentence(p.text)) for p in passages])
for passage, ours, first in zip(passages, model_scores, first_scores):
    print(f"{passage.title:12} model {ours:.2f}   first sentence {first:.2f}")
print(f"{'mean':12} model {model_scores.mean():.2f}   first sentence {first_scores.mean():.2f}")

# %%
gain = (model_scores - first_scores).round(6)
print("model ahead:", (gain > 0).sum(), " equal:", (gain == 0).sum(), " behind:", (gain < 0).sum())
rng = np.random.default_rng(0)
means = gain[rng.integers(len(gain), size=(1000, len(gain)))].mean(
    axis=1
)  # the bootstrap of chapter 8
low, high = np.percentile(means, [2.5, 97.5]).round(2) + 0.0  # + 0.0: never -0.00
print(f"model minus first sentence, 95 of 100 times: {low:.2f} to {high:.2f}")
print("the sign is certain:", bool(low > 0 or high < 0))

# %% [markdown]
# Now look at the goats. Their first sentence has 0.80, nearly the best of its column, and says the opposite of the
# result: *believed that goats cannot tell faces apart*. It is a copy, and it misleads the reader. ROUGE-L sees
# eight common words of ten. Compare with the model's sentence, which is true, and with what ROUGE-L gives it.
#
# And is the model extractive? One text proves nothing, so take all eight:

# %%
for who, made in (("model", summaries), ("person", [p.reference for p in passages])):
    said = [(words(one), words(p.text)) for one, p in zip(made, passages)]
    total = sum(len(w) for w, _ in said)
    copied = sum(word in text_words for w, text_words in said for word in w)
    fours = [(runs(w, 4), runs(text_words, 4)) for w, text_words in said]
    shared, all_fours = (sum(map(len, sets)) for sets in zip(*((f & g, f) for f, g in fours)))
    print(f"{who:7} copied {copied / total:.2f}, runs of 4 {shared / max(all_fours, 1):.2f}")

# %% [markdown]
# The nearer both are to 1, the more extractive. The person copies most words and breaks most runs.
#
# ## Check whether it is faithful
#
# A summary is **faithful** if it says nothing that the text does not say. A first, simple check: which of its words
# are not in the text? Above all, which names and numbers? A name is any word with a capital letter here, so a new
# *In* at the beginning counts too.


# %%
def not_in_text(summary, text):
    return [word for word in dict.fromkeys(words(summary)) if word not in words(text)]


def names(text):
    return re.findall(r"[A-Z]\w+|\d+", text)


def invented(summary, text):
    return [name for name in dict.fromkeys(names(summary)) if name not in names(text)]


# %%
for passage, one in zip(passages, summaries):
    print(f"{passage.title:12} words not in the text: {not_in_text(one, passage.text)}")
    print(f"{'':12} names and numbers among them: {invented(one, passage.text)}")
faithful = sum(not invented(s, p.text) for s, p in zip(summaries, passages))
print(f"no invented name or number: {faithful} of {len(passages)}")

# %% [markdown]
# A word that is not in the text need not be wrong: *painted* for *painting by* is fine. But a name or a number that is
# not in the text is nearly always wrong. Where the lists above are not empty, look up what the text says in its place.
#
# ## Pitfall: a wrong name costs little
#
# <details><summary><b>Predict, then run.</b> A summary gives the painting to Raphael of Urbino. Another says the truth
# in another order. Which gets the better ROUGE-L?</summary>
#
# The wrong one. Nearly all its other words stand in the right order, and ROUGE-L counts a name like any other word.
# </details>

# %%
right = "The Mona Lisa is a famous portrait by the artist Leonardo da Vinci."
wrong = right.replace("Leonardo da Vinci", "Raphael da Urbino")
reordered = "Leonardo da Vinci, an Italian artist, painted this portrait, the Mona Lisa."
for said in (right, wrong, reordered):
    print(f"{rouge_l(reference, said):.2f}  invented: {invented(said, text)}  {said}")

# %% [markdown]
# Two words were exchanged, and the score fell from 0.92 to 0.77. For a reader the sentence is worthless. The check of
# the names sees it at once.
#
# The check has a blind side of its own. It looks at words, not at what they say together:

# %%
twisted = "Leonardo da Vinci is the most famous, most visited artist in the world."
print("words not in the text:", not_in_text(twisted, text), " invented:", invented(twisted, text))

# %% [markdown]
# Every word is in the text, and the text says it of the *painting*. No count of words finds that. Read summaries, or
# ask people to.
#
# ROUGE also rewards copying. Take the whole text as its own summary:

# %%
score = scorer.score(reference, text)["rougeL"]
print(f"the whole text: recall {score.recall:.2f}, precision {score.precision:.2f}")

# %% [markdown]
# Recall alone is cheap: say everything. That is why F1 is reported, and why the length of the summaries should be
# reported beside it.
#
# ## Pitfall: the end of a long text is gone
#
# `max_length=512, truncation=True` keeps 512 tokens and drops the rest. No error, no warning. Take a long text whose
# news stands at the end:

# %%
news = "In 1911 the Mona Lisa was stolen from the Louvre."
long_text = " ".join([text] * 8 + [news])
whole = tokenizer.encode("summarize: " + long_text)
kept = tokenizer.encode("summarize: " + long_text, max_length=512, truncation=True)
print("tokens:", len(whole), " kept:", len(kept))
print("the end of what is kept:", *tokenizer.convert_ids_to_tokens(kept[-8:]))
print("the news is in:", news in tokenizer.decode(kept, skip_special_tokens=True))

# %% [markdown]
# The text was cut wherever the limit fell, and got its `</s>` all the same, so the model cannot know. What does not go
# in cannot come out. Count first: is `len(tokenizer.encode(...))` above the limit? If so, cut the text yourself,
# between sentences, and summarize each part.


# %%
def parts(text, limit):
    """Return the text in parts of whole sentences; each fits into `limit` tokens with its prefix."""
    found = [""]
    for sentence in re.split(r"(?<=[.!?]) ", text):
        longer = f"{found[-1]} {sentence}".strip()
        if found[-1] and len(tokenizer.encode("summarize: " + longer)) > limit:
            found.append(sentence)
        else:
            found[-1] = longer
    return found


pieces = parts(long_text, limit=256)
print("nothing is lost:", " ".join(pieces) == long_text)
print("each part fits: ", all(len(tokenizer.encode("summarize: " + p)) <= 256 for p in pieces))
print("the news is in the last part:", news in pieces[-1])

# %% [markdown]
# (256 and not 512, because the small model of this course was trained on texts of up to 256 tokens.)
#
# ## Summarize your own texts
#
# Above the summary, below the text as the model reads it. A word that the summary took is bold and underlined: the
# LCS of both. A word of the summary that is not in the text stands in a box. The bars say how much **cross-attention**
# each word got, on average over everything that was written; they add up to 1, prefix and `</s>` included. Try this:
#
# 1. Press **greedy**, then **Reset**. Do four beams write something else than one?
# 2. Move **penalty** from -2 to 4, with **early stopping** on, then off. When does the summary get longer?
# 3. Press **cut**. How can you see that the summary did not end by itself?
# 4. Press **some goats**. Does the summary give the result, or what Doctor Farrow believed?
# 5. Go through the **layers**. Do the underlined words get the longest bars in one of them?
# 6. Put a text of your own into the box, with a name that nobody has.
#
# <details><summary><b>What you should have seen</b></summary>
#
# 1. The sentence under the picture begins with the number of beams and the summary. Greedy has one candidate in the
#    race, so neither the penalty nor the early stop has a part.
# 2. On the way up, if at all, as in the table above. With early stopping on there are fewer candidates to choose from.
# 3. The sentence says *was cut at the limit*. The summary itself ends in the middle.
# 4. Compare the underlined words with the last sentence of the passage, *She had been wrong.*
# 5. The sum for the underlined words stands at the end of the sentence. It differs from layer to layer. In chapter 8
#    you read why that is no explanation.
# 6. If the name is cut into many pieces, each of them must be copied. One wrong piece makes another name, and it gets
#    its box.
# </details>

# %%
buttons = {
    passage.title: passage.text
    for passage in passages
    if passage.title in ("a bridge", "a match", "some goats")
}
SummaryPanel(model, tokenizer, text, buttons)

# %% [markdown]
# ## Climb the last rung: your attention in all three models
#
# In chapters 5, 7 and 8 you rebuilt single layers and compared. Now the other way round. The transformers library lets
# you hand in an attention function of your own, and calls it in **every** layer. So write the four lines once more,
# with what the models need around them:
#
# - The scores are scaled, for BERT and GPT-2 by 1/sqrt(d_k), for T5 by 1.
# - T5 adds its position bias to the scores (chapter 8).
# - A mask comes as numbers to be added: 0, or a very low one for a hidden key.


# %%
calls = []


def my_attention(
    module, query, key, value, attention_mask, scaling=None, position_bias=None, **others
):
    Q, K, V = query.numpy(), key.numpy(), value.numpy()  # (batch, heads, tokens, head_dim)
    extras = [extra.numpy() for extra in (position_bias, attention_mask) if extra is not None]
    scale = 1 / np.sqrt(Q.shape[-1]) if scaling is None else scaling

    scores = Q @ K.swapaxes(-1, -2) * np.float32(scale)  # (batch, heads, queries, keys)
    scores = sum(extras, start=scores)
    weights = softmax(scores)  # (batch, heads, queries, keys)
    output = weights @ V  # (batch, heads, queries, head_dim)

    calls.append(weights.shape)
    output = np.ascontiguousarray(output.swapaxes(1, 2))  # (batch, queries, heads, head_dim)
    return torch.from_numpy(output), torch.from_numpy(weights)


# %% [markdown]
# Give it a name, and say that its masks are to be made as for `eager`.

# %%
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, eager_mask

AttentionInterface.register("mine", my_attention)
AttentionMaskInterface.register("mine", eager_mask)


def compare(model, output, **inputs):
    """Run the model with the library's attention and with yours; print what is equal."""
    theirs = model(**inputs)[output]
    model.set_attn_implementation("mine")
    calls.clear()
    mine = model(**inputs)[output]
    model.set_attn_implementation("eager")
    error = ((mine - theirs).abs().max() / theirs.abs().max()).item()
    print(f"   your function ran {len(calls)} times; {output}: {tuple(mine.shape)}")
    print("   equal within 1e-4 of the largest number:", error < 1e-4)


# %% [markdown]
# **T5**, all layers: self-attention in the encoder, self-attention and cross-attention in the decoder. The decoder
# reads the summary of the Mona Lisa.

# %%
print("T5:")
compare(model, "logits", **prompt, decoder_input_ids=summary_ids)

model.set_attn_implementation("mine")
print("   the same summary:", summarize() == summary_ids[0].tolist()[1:])
model.set_attn_implementation("eager")

# %% [markdown]
# The four beams, the early stop, every token of the summary: computed with your four lines. Now **GPT-2**, whose mask
# is causal, and **BERT**, whose batch has padding to hide.

# %%
from transformers import GPT2LMHeadModel

gpt2 = GPT2LMHeadModel.from_pretrained(
    gpt2_name, dtype=torch.float32, attn_implementation="eager"
).eval()
gpt2_inputs = gpt2_tokenizer("Once upon a time in a faraway land,", return_tensors="pt")
print("GPT-2:")
compare(gpt2, "logits", **gpt2_inputs)
del gpt2  # the originals are large: one at a time

# %%
from transformers import BertModel, BertTokenizer

bert_name = checkpoint("bert-base-uncased")
bert_tokenizer = BertTokenizer.from_pretrained(bert_name)
bert = BertModel.from_pretrained(bert_name, dtype=torch.float32, attn_implementation="eager").eval()
sentences = ["The cat sat on the mat.", "I love this product!"]
print("BERT:")
compare(bert, "last_hidden_state", **bert_tokenizer(sentences, padding=True, return_tensors="pt"))
del bert

# %% [markdown]
# ## Look back at the whole ladder
#
# | rung | what was proved equal | chapter | within |
# |---|---|---|---|
# | 1 | plain loops | [4](04-multi-head-attention.ipynb) | 1e-12 |
# | 2 | = your NumPy lines, all heads at once | [4](04-multi-head-attention.ipynb) | 1e-12 |
# | 3 | = PyTorch's `scaled_dot_product_attention` | [4](04-multi-head-attention.ipynb) | 1e-12 |
# | 4 | = PyTorch's layer `nn.MultiheadAttention` | [4](04-multi-head-attention.ipynb) | 1e-12 |
# | 5 | = a layer of BERT | [5](05-bert-sentence-embeddings.ipynb) | 1e-5 |
# | 6 | = a causal layer of GPT-2 | [7](07-text-generation-with-gpt2.ipynb) | 1e-5 |
# | 7 | = a layer of T5 with position bias, and its cross-attention | [8](08-translation-with-t5.ipynb) | 1e-5 |
# | 8 | = every layer of BERT, GPT-2 and T5, in the models themselves | 9, above | 1e-4 |
#
# The first four rungs were climbed with float64 numbers. From rung 5 on they are held against models that compute in
# float32, which has about seven digits. Small differences add up from layer to layer, so the last rung has the wider
# tolerance. Rungs 1 to 4 once more, on new numbers, with one head and matrices that change nothing. The others are held
# against rung 2:

# %%
from helpers.attention import attention

Q, K, V = np.random.default_rng(0).uniform(-1, 1, (3, 5, 4))  # (queries or keys, features)


def with_loops(Q, K, V):
    rows = []
    for q in Q:
        exps = [np.exp(sum(a * b for a, b in zip(q, k)) / len(q) ** 0.5) for k in K]
        rows.append(sum(e / sum(exps) * v for e, v in zip(exps, V)))
    return np.array(rows)  # (queries, features)


layer = torch.nn.MultiheadAttention(
    4, num_heads=1, bias=False, batch_first=True, dtype=torch.float64
)
for W in (*layer.in_proj_weight.split(4), layer.out_proj.weight):  # W_q, W_k, W_v and W_o
    W.copy_(torch.eye(4))  # they change nothing: the numbers go in as they are

# %%
tensors = [torch.from_numpy(x)[None] for x in (Q, K, V)]  # (batch, rows, features)
rungs = {
    "1 loops": with_loops(Q, K, V),
    "2 NumPy": attention(Q, K, V)[0],
    "3 scaled_dot_product_attention": torch.nn.functional.scaled_dot_product_attention(*tensors)[
        0
    ].numpy(),
    "4 MultiheadAttention": layer(*tensors)[0][0].numpy(),
}
for rung, output in rungs.items():
    print(f"{rung:32} equal to rung 2: {np.allclose(output, rungs['2 NumPy'], rtol=0, atol=1e-12)}")

# %% [markdown]
# ## Where to go next
#
# - **Faster attention.** The *weights* matrix grows with the square of the text. *FlashAttention* (Dao et al. 2022)
#   computes the same output without ever storing it. `attn_implementation="sdpa"` uses such code.
# - **Longer texts.** Look up *rotary position embeddings* (Su et al. 2021), grouped queries (Ainslie et al. 2023) and
#   sliding windows. Each changes one of your four lines, or what goes into them.
# - **Larger models.** Run this chapter with the original T5: `COURSE_MODELS=full`, as chapter 0 tells. The code is
#   the same.
# - **Your own data.** Chapter 6 fine-tunes BERT on reviews. Do the same with T5 on pairs of text and summary.
# - **Better measures.** ROUGE counts words. *QAGS* (Wang et al. 2020) asks questions about the summary and answers
#   them from the text; *FactCC* (Kryściński et al. 2020) trains a model to find unfaithful sentences.
# - **The paper.** Read *Attention Is All You Need* (Vaswani et al. 2017) again. Sections 3.2.1 to 3.2.3 are your
#   chapters 1 to 4, 7 and 8.
#
# ## Three sentences to remember
#
# 1. A summary can be torn by `max_length`, cut off from its text by `truncation`, and stopped early: none of the three
#    says a word.
# 2. ROUGE-L counts common words in order: compare it with the first sentence of the text, and never take it for the
#    truth.
# 3. Check the names and numbers against the text, and then read: a summary can be false with words that are all true.
#
# ## Three sentences to remember from the whole course
#
# 1. Attention blends values by how well keys match queries: scores, softmax, weighted sum.
# 2. All the rest is where queries, keys and values come from: one sentence for BERT, the past only for GPT-2, two
#    texts for T5.
# 3. Do not believe it because a page says so: compute it yourself, compare it with the library, and state the
#    tolerance.
#
# **Practise:** [the exercises of this chapter](exercises/09-summarization-with-t5.ipynb). Their checks
# name the idea behind a wrong answer.
