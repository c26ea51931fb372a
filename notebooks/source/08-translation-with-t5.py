# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Translate with an encoder and a decoder
#
# **What you will build:** an English sentence in French, a beam search of your own, a fair measure of how good the
# French is, and a layer of T5 made from your four lines of attention.
#
# **What you need:** [chapter 4](04-multi-head-attention.ipynb), and the causal mask of
# [chapter 3](03-self-attention.ipynb). **Minutes:** 75.
#
# BERT reads (chapter 5). GPT-2 writes (chapter 7). A translator must do both: read one sentence and write another. T5
# has a half for each. The **encoder** reads all of the English at once. The **decoder** writes the French, one token
# after the other, and looks into what was read through **cross-attention**: its queries come from the French, its
# keys and values from the English.

# %%
import numpy as np
import sacrebleu
import torch
from transformers import T5ForConditionalGeneration, T5Tokenizer

from helpers.attention import attention, causal_mask, softmax
from helpers.checkpoints import checkpoint, quiet_loading
from helpers.figures import show_curves
from helpers.figures.alignment import show_alignment
from helpers.figures.beam_tree import show_beam_tree
from helpers.figures.words import number
from helpers.models.t5 import beam_search
from helpers.multi_head import merge_heads, split_heads
from helpers.panels import TranslationPanel
from helpers.sentences import english_french

# %% [markdown]
# ## Translate one sentence
#
# `checkpoint` gives the folder of the model that is in use, and says which it is. Chapter 0 tells how to switch. The
# weights are read as `float32`, and `eager` asks for the plain attention, which also hands out its weights. Nothing
# is to be learnt in this chapter, so gradients are off.

# %%
quiet_loading()
torch.set_grad_enabled(False)

name = checkpoint("t5-small")
tokenizer = T5Tokenizer.from_pretrained(name)
model = T5ForConditionalGeneration.from_pretrained(
    name, dtype=torch.float32, attn_implementation="eager"
)

# %%
# Input text for translation
input_text = "translate English to French: The weather is sunny."

# Tokenize the input text
inputs = tokenizer(input_text, return_tensors="pt")

# Generate translation
output = model.generate(inputs.input_ids, max_length=50)

# Decode the generated translation
translation = tokenizer.decode(output[0], skip_special_tokens=True)
print("Translation:", translation)

# %% [markdown]
# *The weather is sunny* is *Le temps est ensoleillé*. Compare. Many tutorials stop here, and one sentence proves
# nothing. (This one even stands in the training text of the small model: it may know the line by heart.) The rest of
# the chapter asks how the French comes about, where it fails, and how to measure it.
#
# ## Say the task in the text
#
# `translate English to French: ` is not a setting. It is text, and the model reads it like the rest. T5 was trained on
# many tasks at once, and each had its own first words, its **prefix**. The three steps above become one function, so
# that you can try other prefixes:


# %%
def answer(prompt, **options):
    inputs = tokenizer(prompt, return_tensors="pt")
    output = model.generate(**inputs, **({"max_new_tokens": 50} | options))
    return tokenizer.decode(output[0], skip_special_tokens=True)


TRANSLATE = "translate English to French: "
for prefix in (TRANSLATE, "translate English to German: ", "summarize: ", ""):
    print(f"{prefix or '(no prefix)':30}", answer(prefix + "The weather is sunny."))

# %% [markdown]
# Compare the four lines: same sentence, same weights, other first words. Which prefixes work is a matter of training.
# The original T5 learnt French, German, Romanian, summaries and more. The small model of this course learnt French and
# summaries, so it has never seen the German prefix.
#
# ## See what goes in
#
# T5's tokens are **pieces** of words. A low bar `▁` marks where a word begins, and `</s>` marks the end.

# %%
source = tokenizer.convert_ids_to_tokens(inputs.input_ids[0].tolist())
print("the encoder reads:  ", *source)
print("the decoder writes: ", *tokenizer.convert_ids_to_tokens(output[0].tolist()))

# %% [markdown]
# The output begins with `<pad>`, which nobody asked for. Keep it in mind.
#
# ## Encode once
#
# The encoder is a stack of layers as in BERT. Every token looks at every token, and out comes one vector for each. It
# runs once for the whole translation.

# %%
memory = model.get_encoder()(**inputs).last_hidden_state  # (batch, source tokens, d_model)
print("memory:", tuple(memory.shape), "= (batch, source tokens, d_model)")

# %% [markdown]
# ## Decode one token at a time
#
# The decoder gets two things: the encoder's vectors, and the French **so far**. It gives **logits** for the next token:
# one number for each token that the model knows. The largest belongs to the likeliest token.
#
# <details><summary><b>Predict, then run.</b> Before the first French token there is no French so far. What does the
# decoder read in its first step?</summary>
#
# A start token. T5 takes `<pad>` for it. That is the `<pad>` at the front of the output.
# </details>


# %%
def next_logits(memory, rows):
    states = memory.expand(len(rows), -1, -1)  # (rows, source tokens, d_model)
    logits = model(encoder_outputs=(states,), decoder_input_ids=torch.tensor(rows)).logits
    return logits[:, -1]  # (rows, vocabulary): after the last token of each row


start, end = model.config.decoder_start_token_id, tokenizer.eos_token_id
written = [start]
while written[-1] != end and len(written) < 50:
    written.append(int(next_logits(memory, [written]).argmax()))

print("by hand:", tokenizer.decode(written, skip_special_tokens=True))
print("the same ids as generate:", written == output[0].tolist())

# %% [markdown]
# That is all that `generate` does here: take the best token, append it, ask again, stop at `</s>`. This is **greedy**
# decoding. Now lay what the decoder reads beside what it writes:

# %%
tokens = tokenizer.convert_ids_to_tokens(written)
for reads, writes in zip(tokens, tokens[1:]):
    print(f"reads {reads:12} writes {writes}")

# %% [markdown]
# The same tokens, **shifted by one place**. The decoder's own attention has a causal mask, so a place sees the places
# before it only. That is why all places can be computed in one go when the French is known, as in training:

# %%
together = model(input_ids=inputs.input_ids, decoder_input_ids=output[:, :-1]).logits
print("logits:", tuple(together.shape), "= (batch, target tokens, vocabulary)")
print("one go gives the same tokens:", together.argmax(dim=-1)[0].tolist() == written[1:])

# %% [markdown]
# ## Pitfall: the English goes into the encoder, not into the decoder
#
# `generate` makes the decoder's input for you. A plain call of the model does not:

# %%
try:
    model(input_ids=inputs.input_ids)
except ValueError as problem:
    print(type(problem).__name__, "-", problem)

# %% [markdown]
# The message asks for `input_ids`, and you gave them. It is the **decoder** that complains: nobody gave it any.
#
# <details><summary><b>Predict, then run.</b> The message can be silenced by <code>decoder_input_ids =
# inputs.input_ids</code>. Will the best tokens then be the translation?</summary>
#
# No. You told the decoder that the *French so far* is an English sentence. It answers, at each place, how a French
# text that began like that would go on. There is one answer for each English token, and no error.
# </details>

# %%
wrong = model(input_ids=inputs.input_ids, decoder_input_ids=inputs.input_ids).logits.argmax(dim=-1)
print("answers:", wrong.shape[1], " English tokens:", inputs.input_ids.shape[1])
print("text:   ", tokenizer.decode(wrong[0], skip_special_tokens=True))
print("is the translation:", tokenizer.decode(wrong[0], skip_special_tokens=True) == translation)

# %% [markdown]
# ## Pitfall: `max_length` and `max_new_tokens`
#
# The first translation passed `max_length=50`. With GPT-2 such a limit counts the prompt too (chapter 7). Here the
# prompt is in the encoder and does not count, but the start token does.

# %%
long_text = TRANSLATE + "My brother bought some bread, some milk and three kilos of apples."
long_inputs = tokenizer(long_text, return_tensors="pt")
for limit in ({"max_length": 5}, {"max_new_tokens": 5}):
    ids = model.generate(**long_inputs, **limit)[0].tolist()
    print(limit, " new tokens:", len(ids) - 1, " ended by itself:", ids[-1] == end)

# %% [markdown]
# A translation that hits the limit is cut in the middle, in silence. `max_new_tokens` says what you mean; look for
# `</s>` at the end if you need to know.
#
# ## Pitfall: a batch needs its mask
#
# The first translation also passed `inputs.input_ids` alone and left the attention mask behind. For one sentence it is
# all ones. In a **batch** several sentences go through together. The shorter ones are filled up with **padding**, and
# the mask says which tokens are real.

# %%
batch = tokenizer([input_text, long_text], padding=True, return_tensors="pt")
print("mask of the first sentence:", batch.attention_mask[0].tolist())

encoder, length = model.get_encoder(), inputs.input_ids.shape[1]
for kind, mask in (("with the mask:   ", batch.attention_mask), ("without the mask:", None)):
    states = encoder(input_ids=batch.input_ids, attention_mask=mask).last_hidden_state
    change = (states[0, :length] - memory[0]).abs().max() / memory.abs().max()
    print(kind, "the first sentence's vectors stay the same:", bool(change < 1e-4))

# %% [markdown]
# Without the mask the words of the first sentence look at the padding, and their vectors change. `generate` does not
# complain:

# %%
with_mask = model.generate(**batch, max_new_tokens=30)
without_mask = model.generate(batch.input_ids, max_new_tokens=30)
print("alone:           ", translation)
print("with the mask:   ", tokenizer.decode(with_mask[0], skip_special_tokens=True))
print("without the mask:", tokenizer.decode(without_mask[0], skip_special_tokens=True))

# %% [markdown]
# Compare the lines. Sometimes the French survives, sometimes it does not, and no warning tells you. Pass everything
# that the tokenizer gives: `model.generate(**inputs, ...)`.
#
# ## Follow several beams
#
# Greedy takes the best token and never looks back. If the second-best token would have led to a better sentence, it
# is lost. **Beam search** keeps several unfinished translations, the **hypotheses** or **beams**, and lets them
# compete.
#
# To compare translations you need a score. The probability of a whole translation is the product of its tokens'
# probabilities. Such products get tiny, so one adds **log-probabilities** instead: 0 is certain, -1 is a factor of
# about 0.37. Each step adds a number below 0.


# %%
def log_probabilities(memory, hypotheses):
    rows = [[start, *ids] for _, ids in hypotheses]
    return torch.log_softmax(next_logits(memory, rows), dim=-1).numpy()  # (hypotheses, vocabulary)


def one_step(memory, hypotheses, beams):
    """hypotheses: [(score, ids)]. Return the best 2 x beams that are one token longer, the best first."""
    scores = np.array([[score] for score, _ in hypotheses])  # (hypotheses, 1)
    totals = scores + log_probabilities(memory, hypotheses)  # (hypotheses, vocabulary)
    best = np.argsort(-totals, axis=None)[: 2 * beams]  # places in the flattened table
    places = [divmod(int(place), totals.shape[1]) for place in best]  # (hypothesis, token)
    return [(float(totals[h, token]), [*hypotheses[h][1], token]) for h, token in places]


# %%
for score, ids in one_step(memory, [(0.0, [])], beams=3):
    print(f"{score:5.1f}", *tokenizer.convert_ids_to_tokens(ids))

# %% [markdown]
# Why *twice* as many as there are beams? Some may end with `</s>`. Of the best `beams` these are set aside as finished,
# further down they are dropped. Either way there must be enough left to go on with.
#
# A longer sentence adds more numbers below 0. To compare fairly, the sum is divided by the number of tokens, which
# makes it a score **per token**. The exponent `length_penalty` says how much that counts: 1 is the plain average, 0 is
# no division.


# %%
def my_beam_search(memory, beams, longest=50, length_penalty=1.0):
    running, finished = [(0.0, [])], []
    for n in range(1, longest + 1):  # every hypothesis of this step has n tokens
        found = one_step(memory, running, beams)
        ended = [(s, ids) for s, ids in found[:beams] if ids[-1] == end or n == longest]
        finished += [(score / n**length_penalty, ids) for score, ids in ended]
        finished = sorted(finished, reverse=True)[:beams]
        running = [(score, ids) for score, ids in found if ids[-1] != end][:beams]
        if len(finished) == beams and running[0][0] / n**length_penalty <= finished[-1][0]:
            break  # nobody who still runs is better than the worst that has finished
    return finished[0]


# %% [markdown]
# Is it the beam search of the library? The same sentences through both:

# %%
for english in ("The weather is sunny.", "I lost my blue umbrella yesterday.", "Where is my key?"):
    inputs = tokenizer(TRANSLATE + english, return_tensors="pt")
    score, ids = my_beam_search(model.get_encoder()(**inputs).last_hidden_state, 4, longest=20)
    theirs = model.generate(**inputs, num_beams=4, max_new_tokens=20)[0].tolist()
    print(tokenizer.decode(ids, skip_special_tokens=True))
    print(
        "   score per token:", round(score, 1), "  the same as generate:", [start, *ids] == theirs
    )

# %% [markdown]
# ## See the search as a tree
#
# The helper `beam_search` does the same and keeps every step. In the picture a column is a step. Its candidates stand
# from the best down, each with the sum of its log-probabilities, and a line comes from what it continues. Bold pieces
# and the thick line are the answer.

# %%
search = beam_search(model, tokenizer, TRANSLATE + "The weather is sunny.", 3, 20)
show_beam_tree(search.tree(tokenizer), search.path(), "three beams", columns=7)

# %% [markdown]
# These are the first seven steps. Follow a line that is not thick: how far does it get before all its continuations are
# crossed out? And here are the last steps, where sentences finish. A finished one waits; its sum is divided by its
# number of tokens when all are compared.

# %%
last = max(0, len(search.steps) - 7)
show_beam_tree(search.tree(tokenizer), search.path(), "three beams, the end", last, columns=7)

# %% [markdown]
# <details><summary><b>Predict, then run.</b> Does beam search always find a translation with a score at least as good
# as greedy's?</summary>
#
# Mostly, but it is not certain. The greedy path may be overtaken early on by others and be dropped, although it would
# have ended better. A step keeps what looks best *now*.
# </details>
#
# Count it on 36 everyday sentences that were written for this course. None of them stands in the training text of
# the small model; one of their 58 French translations does, behind another English sentence. First, all of them in one
# batch, greedy and with four beams:

# %%
rows = english_french()
english = [row[0] for row in rows]
french = [row[1] for row in rows]  # one or two translations each, by a person
everyday = tokenizer([TRANSLATE + text for text in english], padding=True, return_tensors="pt")

ids_greedy = model.generate(**everyday, max_new_tokens=30)
ids_beams = model.generate(**everyday, num_beams=4, max_new_tokens=30)
greedy = tokenizer.batch_decode(ids_greedy, skip_special_tokens=True)
beams = tokenizer.batch_decode(ids_beams, skip_special_tokens=True)
print(
    "sentences:", len(english), " changed by the beams:", sum(a != b for a, b in zip(greedy, beams))
)


# %%
def scores_per_token(ids):
    logits = model(**everyday, decoder_input_ids=ids[:, :-1]).logits  # (batch, target, vocabulary)
    wanted = ids[:, 1:]  # (batch, target)
    logs = torch.log_softmax(logits, dim=-1).gather(2, wanted[..., None])[..., 0]  # (batch, target)
    ended = (wanted == end).cumsum(dim=1) - (
        wanted == end
    ).long()  # 0 up to the first </s>, with it
    real = ended == 0
    return ((logs * real).sum(dim=1) / real.sum(dim=1)).numpy()  # (batch,)


gain = scores_per_token(ids_beams) - scores_per_token(ids_greedy)
print("beams score higher:", (gain > 1e-3).sum(), " lower:", (gain < -1e-3).sum())

# %% [markdown]
# What stands behind the first `</s>` is padding and must not count. It is found by that `</s>`, because the two ways do
# not pad alike: greedy pads with `<pad>`, and beam search, in this release of the library, with more `</s>`.
#
# A higher score says that the **model** likes the sentence better. It does not say that it is better French. For that
# you need people, or their translations.
#
# ## Measure a translation: BLEU
#
# **BLEU** counts which runs of 1, 2, 3 and 4 words of the translation also stand in the **reference**, the translation
# of a person. Take this pair. One word too many:

# %%
reference = "Le temps est ensoleillé aujourd'hui."
candidate = "Le temps est très ensoleillé aujourd'hui."


def runs(words, n):
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def matches(candidate, reference, n):
    ours, theirs = runs(candidate, n), runs(reference, n)
    found = sum(min(ours.count(run), theirs.count(run)) for run in set(ours))
    return found, len(ours)


# %% [markdown]
# The full stop counts as a word of its own. `min` is there so that a word which stands once in the reference can match
# once only.
#
# <details><summary><b>Predict, then run.</b> Seven words, the full stop included, make four runs of 4 words. How many
# of them stand in the reference?</summary>
#
# None. *très* stands in the middle and is part of each of them.
# </details>

# %%
ours, theirs = candidate.replace(".", " .").split(), reference.replace(".", " .").split()
for n in (1, 2, 3, 4):
    found, all_runs = matches(ours, theirs, n)
    print(f"runs of {n}: {found} of {all_runs} stand in the reference")

# %% [markdown]
# BLEU is the geometric mean of the four shares, times 100. It is lowered if the translation is shorter than the
# reference. A share of 0 would make it all 0, so for a single sentence it is replaced by something small, here half a
# match. That is a patch, and one more reason to measure many sentences: their runs are counted together.


# %%
def my_bleu(candidate, reference):
    ours, theirs = (text.replace(".", " .").split() for text in (candidate, reference))
    shares = [found / n_runs for found, n_runs in (matches(ours, theirs, n) for n in (1, 2, 3))]
    shares.append(0.5 / len(runs(ours, 4)))  # neither text below has a run of 4 in common
    too_short = min(1, np.exp(1 - len(theirs) / len(ours)))  # 1 for a text that is long enough
    return 100 * np.exp(np.log(shares).mean()) * too_short


for text in (candidate, "Le temps est."):
    library = sacrebleu.sentence_bleu(text, [reference]).score
    print(f"{text}\n   by hand {my_bleu(text, reference):.1f}, sacrebleu {library:.1f}")

# %% [markdown]
# Each word of *Le temps est.* stands in the reference. It gets less all the same, because it is too short. Without that
# rule, who writes only what is sure would win.

# %% [markdown]
# ## Measure a translation: chrF
#
# One wrong ending makes a whole word wrong for BLEU. **chrF** counts runs of 1 to 6 *characters*: letters, digits and
# punctuation, but no blanks. It asks two questions: which share of our runs stands in the reference (**precision**),
# and which share of the reference's runs stands in ours (**recall**)? It joins both and lets recall count twice as
# much.


# %%
def my_chrf(candidate, reference):
    ours, theirs = candidate.replace(" ", ""), reference.replace(" ", "")
    precision, recall = [], []
    for n in range(1, 7):
        found, _ = matches(ours, theirs, n)
        precision.append(found / (len(ours) - n + 1))
        recall.append(found / (len(theirs) - n + 1))
    p, r = np.mean(precision), np.mean(recall)
    return 100 * (1 + 2**2) * p * r / (2**2 * p + r)


library = sacrebleu.sentence_chrf(candidate, [reference]).score
print(f"by hand {my_chrf(candidate, reference):.1f}, sacrebleu {library:.1f}")

# %% [markdown]
# One word too many costs BLEU far more than chrF. A reader would forgive it. Both measures know nothing of meaning.
#
# ## Measure the model
#
# Now all 36 sentences. A sentence may have two references. For BLEU a run of words counts if it stands in either; chrF
# takes the reference that fits better. sacrebleu wants the first references of all sentences in one list, the second
# ones in another.


# %%
def bleu_and_chrf(answers, french):
    most = max(len(refs) for refs in french)
    streams = [[refs[i] if i < len(refs) else None for refs in french] for i in range(most)]
    bleu = sacrebleu.corpus_bleu(answers, streams).score
    return bleu, sacrebleu.corpus_chrf(answers, streams).score


for kind, answers in (("greedy", greedy), ("4 beams", beams)):
    bleu, chrf = bleu_and_chrf(answers, french)
    print(f"{kind:8} BLEU {bleu:3.0f}   chrF {chrf:3.0f}")

# %% [markdown]
# 36 sentences are better than one, but how far can you trust the difference? Draw 36 sentences with repetition, as if
# you had collected others like them, take the mean difference of their chrF, and do that 1000 times. This is the
# **bootstrap**.

# %%
each = {
    kind: np.array([sacrebleu.sentence_chrf(a, refs).score for a, refs in zip(answers, french)])
    for kind, answers in (("greedy", greedy), ("beams", beams))
}
gain = each["beams"] - each["greedy"]  # (sentences,)

picked = np.random.default_rng(0).integers(len(gain), size=(1000, len(gain)))
low, high = np.percentile(gain[picked].mean(axis=1), [2.5, 97.5])
print(
    "chrF of the beams minus chrF of greedy, in 95 of 100 draws:",
    number(low, 1),
    "to",
    number(high, 1),
)

# %% [markdown]
# If 0 lies between the two, these 36 sentences cannot tell which is better. Papers report BLEU on some thousand
# sentences.
#
# Numbers alone hide the mistakes. Read the first sentences on which greedy and beams disagree:

# %%
for i in [i for i in range(len(english)) if greedy[i] != beams[i]][:5]:
    print(f"{english[i]}\n   greedy: {greedy[i]}\n   beams:  {beams[i]}\n   person: {french[i][0]}")

# %% [markdown]
# ## See what the model cannot translate
#
# Everyday sentences are what the small model was made for. Now give it something else. The number at the end is chrF
# against the person's line.

# %%
hard = [
    ("names", "My friend Siobhan lives in Ljubljana.", "Mon amie Siobhan habite à Ljubljana."),
    ("rare words", "The lawnmower needs a carburettor.", "La tondeuse a besoin d'un carburateur."),
    ("a date", "I was born on 17 March 1964.", "Je suis né le 17 mars 1964."),
    ("an idiom", "He let the cat out of the bag.", "Il a vendu la mèche."),
    ("German", "Das Wetter ist heute sehr sonnig.", "Le temps est très ensoleillé aujourd'hui."),
    (
        "a long one",
        "When we arrived at the station, the train to Paris had already left, so we bought some bread and cheese, "
        "sat down on a bench in the sun and waited for the next one.",
        "Quand nous sommes arrivés à la gare, le train pour Paris était déjà parti, alors nous avons acheté du pain "
        "et du fromage, nous nous sommes assis sur un banc au soleil et nous avons attendu le suivant.",
    ),
]

# %%
hard_answers = [answer(TRANSLATE + text, num_beams=4, max_new_tokens=60) for _, text, _ in hard]
hard_chrf = []
for (kind, text, person), model_says in zip(hard, hard_answers):
    hard_chrf.append(sacrebleu.sentence_chrf(model_says, [person]).score)
    print(
        f"{kind}: {text}\n   model:  {model_says}\n   person: {person}\n   chrF {hard_chrf[-1]:.0f}"
    )

# %%
usual = each["beams"].mean()
print(f"an everyday sentence has chrF {usual:.0f} on average")
print(
    "lower than that:",
    *[row[0] for row, score in zip(hard, hard_chrf) if score < usual],
    sep="\n   ",
)

# %% [markdown]
# Read each pair of lines. Is each name there, letter by letter? Is the date right? Does the idiom speak of cats? Does
# the long sentence lose a part, or say one twice? No error tells you about any of this. The French may sound sure of
# itself all the same.
#
# Some things cannot even be written. The vocabulary is made of pieces seen in training. What has no piece becomes
# `<unk>`, before any attention happens:

# %%
for text in ("Ljubljana", "a café in 1964", "I ♥ tea", "日本"):
    ids = tokenizer(text, add_special_tokens=False).input_ids
    lost = tokenizer.unk_token_id in ids
    print(f"{text}:", len(ids), "pieces,", "something is lost" if lost else "nothing is lost")

# %% [markdown]
# ## Read cross-attention as an alignment
#
# Back to how it works. Each layer of the decoder has cross-attention, and you can look at it. Give the model the French
# that we *want*, in one go as above, and ask for the weights.

# %%
inputs = tokenizer(input_text, return_tensors="pt")
target_ids = tokenizer("Le temps est ensoleillé.").input_ids
shifted = torch.tensor([[start, *target_ids[:-1]]])  # what the decoder reads
looks = model(**inputs, decoder_input_ids=shifted, output_attentions=True).cross_attentions

weights = torch.cat(looks).numpy()  # (layers, heads, target tokens, source tokens)
print("weights:", weights.shape, "= (layers, heads, target tokens, source tokens)")
print("every row sums to 1:", np.allclose(weights.sum(axis=-1), 1, atol=1e-5))

# %% [markdown]
# A row is a token of the French, **at the moment when it is written**: its query comes from the place that reads the
# token before. A column is a token of the English.
#
# If you were the translator, *Le* would come from *The*, *temps* from *weather*, *est* from *is*, *ensoleillé* from
# *sunny*. Which layer sees it like that? Add the weights of the pieces of an English word, average over the pieces of
# a French word and over the heads, and see how much goes to the right word. (The full stop begins with no low bar, so
# it counts with the word before it.)

# %%
target = tokenizer.convert_ids_to_tokens(target_ids)
word_of_source = np.cumsum([token.startswith("▁") for token in source[:-1]]) - 1  # without </s>
word_of_target = np.cumsum([token.startswith("▁") for token in target[:-1]]) - 1
first = 4  # the prefix has four words: translate, English, to, French:

right = np.zeros((len(weights), 4))  # (layers, words)
for word in range(4):
    rows_of_word = weights.mean(axis=1)[:, :-1][
        :, word_of_target == word
    ]  # (layers, pieces, source)
    columns = rows_of_word[..., :-1][..., word_of_source == first + word]
    right[:, word] = columns.sum(axis=-1).mean(axis=-1)

for layer, shares in enumerate(right, start=1):
    print(f"layer {layer}: weight on the right word", *[f"{share:.2f}" for share in shares])
best = int(right.mean(axis=1).round(2).argmax())
print("the layer that aligns best:", best + 1)

# %%
title = f"layer {best + 1}, mean of its heads"
show_alignment(weights[best].mean(axis=0), target, source, title)

# %% [markdown]
# Look for a diagonal in the columns of the English sentence. Look also at what is **not** on it: weight on the prefix
# or on `</s>`. A row must sum to 1, so a head that needs nothing parks its weight somewhere.
#
# ## Pitfall: an alignment map is no explanation
#
# The maps of the layers differ, those of the heads differ too, and nobody asked the model to align anything. You have
# just chosen the layer that shows what you hoped for. It tells you where that layer took its values from, and nothing
# about why a word was written. For *why*, change the input and see what happens to the output.

# %%
for text in ("The weather is sunny.", "The weather is cold.", "The garden is sunny."):
    print(f"{text:24}", answer(TRANSLATE + text, num_beams=4))

# %% [markdown]
# ## Translate your own sentences
#
# The tree shows eight steps of the beam search; **first step** moves on in a long one. The map belongs to the answer.
# Try this:
#
# 1. Type *My neighbour feeds the birds every morning.* and press **greedy**, then move **beams** to 4. Which of the two
#    answers is about birds? Find the step at which the paths part.
# 2. Set **penalty** to 0, then to 2. Which setting likes short answers?
# 3. Press **an adjective**. In French *white* comes after *cat*. Choose the layers one by one. Is there one in which
#    the diagonal crosses itself?
# 4. Go through the **heads** of that layer. Do they all align, or do some only look at the prefix or at `</s>`?
#
# <details><summary><b>What you should have seen</b></summary>
#
# 1. With one beam, one candidate is kept in each step, and nothing competes with it. The sentence under the picture
#    always tells what greedy writes.
# 2. Penalty 0 compares sums, and every further token makes a sum lower: it likes short answers. Penalty 2 divides by
#    the square of the length, and likes long ones.
# 3. Where *chat* looks most at *cat* and *blanc* most at *white*, the later row has the earlier column.
# 4. Heads differ. The mean of all shows what they share.
# </details>

# %%
TranslationPanel(model, tokenizer, layer=best + 1)

# %% [markdown]
# ## Climb the parity ladder: T5
#
# Is the attention in T5 the one that you wrote? Three things are different around it, and all three are short.
#
# **First, the norm.** T5 divides each vector by the root of the mean of its squares, and multiplies each feature by a
# learnt number. It subtracts no mean and adds nothing. This is called **RMS norm**.


# %%
def rms_norm(x, norm):
    size = np.sqrt((x**2).mean(axis=-1, keepdims=True) + norm.variance_epsilon)
    return x / size * norm.weight.numpy()


def equal(mine, theirs):  # the largest difference, against the largest number
    theirs = theirs.numpy()
    return bool(np.abs(mine - theirs).max() < 1e-5 * np.abs(theirs).max())


embedded = model.shared(inputs.input_ids)  # (batch, source tokens, d_model)
x = embedded[0].numpy()
encoder_layer = model.encoder.block[0].layer[0]
norm = encoder_layer.layer_norm
print("the same as T5's norm:", equal(rms_norm(x, norm), norm(embedded)[0]))

# %% [markdown]
# **Second, positions.** T5 adds nothing to the embeddings. It adds a number to each **score**, which depends on how
# far the key is from the query. The distances are sorted into 32 **buckets**: half for keys to the left, half for keys
# to the right. Up to 7 each distance has its own bucket. Beyond, the buckets grow, and the last one takes every
# distance from 91 on. (It would end at 128, the `furthest` of the code, if it ended.)


# %%
def buckets(queries, keys, both_ways=True, count=32, furthest=128):
    offset = np.arange(keys) - np.arange(queries)[:, np.newaxis]  # (queries, keys): key minus query
    half = count // 2 if both_ways else count
    distance = np.abs(offset) if both_ways else np.maximum(-offset, 0)
    near = half // 2
    steps = np.log(np.maximum(distance, 1) / near) / np.log(furthest / near)
    far = np.minimum(near + (steps * (half - near)).astype(int), half - 1)
    side = half * (offset > 0) if both_ways else 0
    return side + np.where(distance < near, distance, far)


print(buckets(4, 12))

# %% [markdown]
# A table holds one number for each bucket and head. Looked up for every pair of tokens, it is the **position bias**.

# %%
self_attention = encoder_layer.SelfAttention
table = self_attention.relative_attention_bias.weight.numpy()  # (buckets, heads)
n = len(x)
bias = table[buckets(n, n)].transpose(2, 0, 1)  # (heads, queries, keys)
print("bias:", bias.shape, " the same as T5's:", equal(bias, self_attention.compute_bias(n, n)[0]))

# %%
far = np.arange(-12, 13)
line = table[buckets(25, 25)[12]]  # (offsets, heads): a query in the middle of 25 tokens
curves = {f"head {h + 1}": line[:, h] for h in range(3)}
axes = ("key minus query, in tokens", "added to the score")
show_curves(far, curves, "the position bias of three heads", *axes, digits=1)

# %% [markdown]
# Where a curve is high, there its head likes to look: left of 0 at tokens before, right of 0 at tokens after. Where it
# is low, the head looks past.
#
# **Third, no division by sqrt(d_k).** The scores are used as they are. Here are your four lines with these two
# changes. A bias of minus infinity hides a key, so the mask needs no line of its own.


# %%
def t5_attention(query, key, value, bias):
    scores = query @ key.swapaxes(-1, -2) + bias  # (heads, queries, keys); no division
    weights = softmax(scores)  # (heads, queries, keys)
    output = weights @ value  # (heads, queries, d_v)
    return output, weights


# %% [markdown]
# With a bias of 0 this is the `attention` of chapter 2 with `scale=1`. And leaving the division out changes little:
# the learnt W_q can hold the factor.

# %%
d_k, num_heads = model.config.d_kv, model.config.num_heads
q, k, v = np.random.default_rng(0).uniform(-1, 1, (3, num_heads, n, d_k))
ours, _ = t5_attention(q, k, v, bias=0)
print("bias 0 is attention(scale=1):", np.allclose(ours, attention(q, k, v, scale=1)[0]))
print("the factor in the query:", np.allclose(ours, attention(q * np.sqrt(d_k), k, v)[0]))

# %% [markdown]
# **The encoder's layer 0**, from embeddings to output. First its attention. The projections have no bias, and PyTorch
# keeps each W transposed.


# %%
def t5_layer(x, memory, layer, bias):
    """x: where the queries come from; memory: where the keys and values come from."""
    W_q, W_k, W_v, W_o = (getattr(layer, letter).weight.numpy().T for letter in "qkvo")
    query = split_heads(x @ W_q, num_heads)  # (heads, queries, d_kv)
    key, value = (split_heads(memory @ W, num_heads) for W in (W_k, W_v))  # (heads, keys, d_kv)
    output, weights = t5_attention(query, key, value, bias)
    return merge_heads(output) @ W_o, weights  # (queries, d_model), (heads, queries, keys)


normed = rms_norm(x, norm)
update, my_weights = t5_layer(normed, normed, self_attention, bias)
their_weights = model.encoder(**inputs, output_attentions=True).attentions[0][0]
print("the same weights:", equal(my_weights, their_weights))
print("the same output: ", equal(x + update, encoder_layer(embedded)[0][0]))

# %% [markdown]
# `x + update`: the layer adds to its input what attention found. This is the **residual connection** that you met in
# BERT. Behind it comes a feed-forward network as in BERT, here with RMS norm in front and without biases:

# %%
feed_forward = model.encoder.block[0].layer[1]
W_1, W_2 = (getattr(feed_forward.DenseReluDense, name).weight.numpy().T for name in ("wi", "wo"))
attended = x + update  # (tokens, d_model)
hidden = rms_norm(attended, feed_forward.layer_norm) @ W_1  # (tokens, d_ff)
hidden = np.maximum(hidden, 0)  # ReLU: what is below 0 becomes 0
their_states = model.encoder(**inputs, output_hidden_states=True).hidden_states
print("the same layer:  ", equal(attended + hidden @ W_2, their_states[1][0]))

# %% [markdown]
# **The decoder's layer 0** has two attentions. The first is self-attention over the French so far, with the causal
# mask and with all buckets for the left side, so that up to 15 each distance has its own. The second is
# cross-attention.
#
# <details><summary><b>Predict, then run.</b> Cross-attention has queries from the French and keys from the English.
# What is its position bias?</summary>
#
# None: 0. *Three tokens to the left* means nothing between two languages.
# </details>

# %%
decoder_self, decoder_cross = model.decoder.block[0].layer[:2]
y = model.shared(shifted)[0].numpy()  # (target tokens, d_model)
m = len(y)

table = decoder_self.SelfAttention.relative_attention_bias.weight.numpy()
bias = table[buckets(m, m, both_ways=False)].transpose(2, 0, 1)  # (heads, queries, keys)
bias = np.where(causal_mask(m), bias, -np.inf)
normed = rms_norm(y, decoder_self.layer_norm)
y = y + t5_layer(normed, normed, decoder_self.SelfAttention, bias)[0]

# %%
states = model.get_encoder()(**inputs).last_hidden_state  # (batch, source tokens, d_model)
memory = states[0].numpy()
normed = rms_norm(y, decoder_cross.layer_norm)
update, my_weights = t5_layer(normed, memory, decoder_cross.EncDecAttention, bias=0)
theirs = decoder_cross(torch.from_numpy(y)[None], states)[0]  # (batch, target tokens, d_model)

print("cross-attention:", my_weights.shape, "= (heads, target tokens, source tokens)")
print("the same weights as cross_attentions[0]:", equal(my_weights, looks[0][0]))
print("the same output:", equal(y + update, theirs[0]))

# %% [markdown]
# The same to five digits, through both attentions of the decoder. The function that you wrote in chapter 2 is what
# carries English into French.

# %% [markdown]
# ## Three sentences to remember
#
# 1. The encoder reads the English once; the decoder reads the French so far, shifted by one place, and looks into the
#    English through cross-attention.
# 2. Beam search keeps several hypotheses by their log-probabilities: a better score for the model, which is not the
#    same as a better translation.
# 3. One sentence proves nothing: measure many against references with BLEU and chrF, and then read the mistakes.
#
# **Practise:** [the exercises of this chapter](exercises/08-translation-with-t5.ipynb). Their checks
# name the idea behind a wrong answer.
#
# **Next door:** the same model, another prefix. [Chapter 9](09-summarization-with-t5.ipynb) asks it for a summary.
