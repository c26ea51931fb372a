# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Teach BERT to tell praise from complaint
#
# **What you will build:** a classifier of reviews. You fine-tune BERT on 380 of them, measure it on 120 others, and
# ask it which words it listens to.
#
# **What you need:** [chapter 5](05-bert-sentence-embeddings.ipynb): tokens, padding, the attention mask.
# **Minutes:** 60.
#
# BERT learnt from plain text, by guessing hidden words. Nobody told it what praise is. To **fine-tune** a model means
# to go on training it, with few examples, for one task.

# %%
import numpy as np
import torch
from transformers import BertForSequenceClassification, BertTokenizer

from helpers.attention import softmax
from helpers.checkpoints import checkpoint, quiet_loading
from helpers.figures import show_curves, show_heatmap
from helpers.figures.signed_bars import show_signed_bars
from helpers.panels import ClassificationPanel
from helpers.panels.progress import with_progress
from helpers.reviews import LABELS, load_reviews

quiet_loading()

# %% [markdown]
# ## Put a new layer on top
#
# `BertForSequenceClassification` is BERT with one more layer, the **classifier** or **head**. It turns the vector of
# `[CLS]`, the first token, into one number for each label. We have two labels: 0 is negative, 1 is positive.
#
# `dtype` and `attn_implementation` are as in chapter 5.

# %%
name = checkpoint("bert-base-uncased")
tokenizer = BertTokenizer.from_pretrained(name)


def load_model():
    return BertForSequenceClassification.from_pretrained(
        name,
        num_labels=2,
        dtype=torch.float32,
        attn_implementation="eager",
        output_loading_info=True,
    )


torch.manual_seed(0)
model, info = load_model()
print("not in the file, so made up:", sorted(info["missing_keys"]))

# %% [markdown]
# The file holds BERT, but no classifier: the weights of that layer were filled with random numbers, its bias with
# zeros. PyTorch takes random numbers from a stream that starts at a **seed**. Keep this in mind.
#
# ## Ask before training
#
# Two texts go in as one batch. If one were shorter, `padding=True` would fill it up, and the attention mask would hide
# the filling.

# %%
texts = ["I love this product!", "The movie was terrible."]

inputs = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")  # (texts, tokens)

with torch.no_grad():
    outputs = model(**inputs)
    logits = outputs.logits  # (texts, labels)

probs = torch.softmax(logits, dim=1)  # each row sums to 1
predictions = torch.argmax(probs, dim=1)  # (texts,)

print("Probabilities:", np.round(probs.numpy(), 2))
print("Predictions:", predictions)  # 0 for negative, 1 for positive

# %% [markdown]
# ## Pitfall: the answer of an untrained head
#
# Many tutorials stop here, and say that they have fine-tuned BERT. Nothing was trained.
#
# <details><summary><b>Predict, then run.</b> The next cell loads the same file five times, with five seeds, and asks
# about the same two texts. What will change?</summary>
#
# BERT is the same each time. But the classifier starts from other random numbers, so the probabilities change, and
# with them the predictions.
# </details>


# %%
def ask(model, texts):
    logits = []
    for i in range(0, len(texts), 30):  # in parts: all at once would need a gigabyte
        inputs = tokenizer(texts[i : i + 30], padding=True, truncation=True, return_tensors="pt")
        with torch.no_grad():
            logits.append(model(**inputs).logits.numpy())
    return np.concatenate(logits)  # (texts, labels)


for seed in range(5):
    torch.manual_seed(seed)
    model, _ = load_model()
    positive = softmax(ask(model, texts))[:, 1]  # (texts,)
    words = [f"{p:.2f} {LABELS[int(p > 0.5)]}" for p in positive]
    print(f"seed {seed}:  {words[0]:16}{words[1]}")

# %% [markdown]
# The number is the probability of *positive*. It stays near one half, and the seed decides on which side. No
# sentence has an answer of its own yet. When a loading report says *newly initialized*, this is what it warns of.
#
# ## Do not read logits as probabilities
#
# The head gives **logits**: one score for each label.
#
# <details><summary><b>Predict, then run.</b> A logit is 0.3. Does the model give this label a probability of 30
# percent?</summary>
#
# No. A logit may be negative, or above 1, and the logits of a text do not sum to 1. Only their difference counts.
# Softmax, the function of chapter 1, turns them into probabilities.
# </details>

# %%
logits = ask(model, texts)  # (texts, labels)

print("logits:\n", np.round(logits, 2) + 0.0)
print("their sums:", np.round(logits.sum(axis=1), 2) + 0.0)
print("probabilities:\n", np.round(softmax(logits), 2))
print("same with both plus 10:", np.allclose(softmax(logits + 10), softmax(logits), atol=1e-5))

# %% [markdown]
# ## Look at the reviews
#
# They were written for this course: things bought, films seen, meals, lessons, journeys. There are two parts. The
# model learns from one and is measured with the other. A review that it has learnt from would be no test.

# %%
train_texts, train_labels = load_reviews("train")
test_texts, test_labels = load_reviews("test")

for part, labels in (("train", train_labels), ("test", test_labels)):
    print(f"{part:5}  {len(labels)} reviews, {sum(labels)} of them positive")
print("in both parts:", len(set(train_texts) & set(test_texts)))

# %%
for text, label in list(zip(train_texts, train_labels))[::55]:
    print(f"{LABELS[label]}: {text}")

# %% [markdown]
# Half of each part is positive, so guessing is right half of the time. Many reviews contain no word like *good* or
# *bad*. To see that a kettle should not leak, one must know something about kettles.
#
# ## Choose what may learn
#
# A model with millions of weights can learn 380 reviews by heart. So most of it stays **frozen**: the embeddings and
# the lower layers keep what they know. The upper half of the layers may change, though not more than 8 million
# weights (of the original BERT this is one layer, so that an old laptop can train it), and the two small layers after
# them: the **pooler**, which prepares the vector of `[CLS]`, and the classifier.


# %%
def count(module):
    return sum(p.numel() for p in module.parameters())


layers = model.bert.encoder.layer
learning = min(len(layers) // 2, max(1, 8_000_000 // count(layers[0])))

model.requires_grad_(False)
for part in [*layers[-learning:], model.bert.pooler, model.classifier]:
    part.requires_grad_(True)
trained = [p for p in model.parameters() if p.requires_grad]

print("layers that learn:", learning, "of", len(layers))
print(
    f"weights that learn: {sum(p.numel() for p in trained) / 1e6:.1f} of {count(model) / 1e6:.1f} million"
)

# %% [markdown]
# Two precautions, so that you get the numbers of this page. Training magnifies the smallest differences between
# processors, so a small model computes in double precision (`float64`). And the classifier starts from NumPy's random
# numbers, which are the same everywhere; the last digits of PyTorch's are not.

# %%
small = count(model) < 20_000_000
if small:
    model.double()

rng = np.random.default_rng(0)
with torch.no_grad():
    start = rng.normal(0, 0.02, size=model.classifier.weight.shape)
    model.classifier.weight.copy_(torch.from_numpy(start))
    model.classifier.bias.zero_()

# %% [markdown]
# ## Measure before you train
#
# **Accuracy** is the share of right answers. With 120 reviews it is an estimate: with 120 others it would be a little
# different. **Wilson's interval** (1927) says how much. Intervals made in this way contain the true accuracy in about
# 95 of 100 tests.


# %%
def wilson(right, n, z=1.96):  # 1.96 standard deviations to both sides: 95 percent
    middle = (right + z**2 / 2) / (n + z**2)
    half = z * np.sqrt(right * (n - right) / n + z**2 / 4) / (n + z**2)
    return middle - half, middle + half


def report(what, probabilities, labels):
    right = int((probabilities.argmax(axis=1) == labels).sum())
    low, high = wilson(right, len(labels))
    print(
        f"{what}: {right} of {len(labels)} right = {right / len(labels):.0%}, 95% interval {low:.0%} to {high:.0%}"
    )
    return right


before = report("before training", softmax(ask(model, test_texts)), test_labels)

low, high = wilson(before, len(test_labels))
print("guessing, one half, lies in the interval:", low <= 0.5 <= high)

# %% [markdown]
# While one half lies in the interval, the test cannot tell the model from a coin.
#
# ## Say what is wrong with an answer: the loss
#
# Training needs one number that says how bad the answers are. The **loss** is minus the logarithm of the probability
# that the model gave to the right label, averaged over the texts. It is 0 for a model that is sure and right, 0.69
# for one that says one half, and it grows without end for one that is sure and wrong.
#
# `BertForSequenceClassification` computes it from the logits when it gets the labels. It is what you would write:

# %%
first = [train_texts[i] for i in range(4)]
right_label = [train_labels[i] for i in range(4)]

mine = -np.log(softmax(ask(model, first))[range(4), right_label]).mean()

inputs = tokenizer(first, padding=True, truncation=True, return_tensors="pt")
with torch.no_grad():
    theirs = model(**inputs, labels=torch.tensor(right_label)).loss.item()
print(f"yours {mine:.2f}, theirs {theirs:.2f}, equal: {np.isclose(mine, theirs, atol=1e-5)}")

# %% [markdown]
# ## Fine-tune
#
# The model sees all training reviews three times, each time in another order, 16 in a batch. Reviews of like length
# share a batch, so that little is padding. For every batch, `backward` finds for each weight which way it must move to
# make the loss smaller, and the **optimizer** moves it by a small step. The step grows at the start and shrinks towards
# the end.

# %%
epochs, batch_size = 3, 16  # an epoch: every review once
batches = []
for _ in range(epochs):
    order = sorted(rng.permutation(len(train_texts)), key=lambda i: len(train_texts[i]) // 20)
    rows = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    batches += [rows[i] for i in rng.permutation(len(rows))]

optimizer = torch.optim.AdamW(trained, lr=1e-3 if small else 1e-4)
steps = len(batches)
schedule = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda step: min(1, (step + 1) / 8) * (1 - step / steps)
)
print("steps:", steps)

# %%
losses = []
for rows in with_progress("fine-tuning", batches):
    inputs = tokenizer(
        [train_texts[i] for i in rows], padding=True, truncation=True, return_tensors="pt"
    )
    labels = torch.tensor([train_labels[i] for i in rows])
    loss = model(**inputs, labels=labels).loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
    losses.append(loss.item())

# %% [markdown]
# (A usual recipe also switches on *dropout* with `model.train()`: it blanks out features at random, which helps a
# little. It is off here, because its random numbers differ from machine to machine.)

# %%
pieces = np.array_split(np.array(losses), 12)  # a batch alone jumps up and down
middles = np.cumsum([len(piece) for piece in pieces]) - len(pieces[0]) / 2
curves = {
    "loss, mean of some batches": [piece.mean() for piece in pieces],
    "always one half": np.full(12, np.log(2)),
}
show_curves(middles, curves, "The loss while learning", "step", "loss on training reviews")

# %% [markdown]
# ## Measure after training
#
# <details><summary><b>Predict, then run.</b> Which accuracy will be higher: on the reviews that the model learnt
# from, or on those that it has never seen?</summary>
#
# On those that it learnt from. Part of what it learnt is these very reviews. Only the other number says what to
# expect of new ones.
# </details>

# %%
probabilities = softmax(ask(model, test_texts))  # (reviews, labels)

report("reviews it learnt from ", softmax(ask(model, train_texts)), train_labels)
after = report("reviews it has not seen", probabilities, test_labels)

low, high = wilson(after, len(test_labels))
print("guessing, one half, lies in the interval:", low <= 0.5 <= high)

# %% [markdown]
# An interval speaks of reviews that the model has not learnt from, so only the second one says anything.
#
# The settings of this chapter (what is frozen, step size, epochs) were chosen on parts of the training reviews. Had
# they been chosen by the test reviews, the last number would be too good.
#
# A **confusion table** says which mistakes are made. Right answers are on the diagonal.

# %%
predicted = probabilities.argmax(axis=1)  # (reviews,)
table = np.zeros((2, 2))
for is_label, said in zip(test_labels, predicted):
    table[is_label, said] += 1

rows, columns = [f"is {label}" for label in LABELS], [f"called {label}" for label in LABELS]
show_heatmap(table, rows, columns, "Test reviews", high=60, digits=0)

# %% [markdown]
# ## Read what it gets wrong
#
# A number hides its reasons. Here are the mistakes of which the model was most sure, with the probability that it
# gave to its wrong answer.

# %%
mistakes = [i for i in range(len(test_labels)) if predicted[i] != test_labels[i]]
mistakes.sort(key=lambda i: -probabilities[i].max())

for i in mistakes[:8]:
    print(f"{probabilities[i].max():.2f} {LABELS[predicted[i]]}: {test_texts[i]}")

# %% [markdown]
# Look for a pattern in the list. Many reviews turn around in the middle. One names a bad thing only to say that it
# will not come. One is clear to whoever knows the world, and contains no plain word of praise at all. And note how
# sure the model is when it is wrong: a probability is what the model *says*, not how often it is right.
#
# ## Ask the two sentences again
#
# The questions from above, and a line that checks the answers:

# %%
inputs = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")

with torch.no_grad():
    outputs = model(**inputs)
    logits = outputs.logits  # (texts, labels)

probs = torch.softmax(logits, dim=1)
predictions = torch.argmax(probs, dim=1)

print("Probabilities:", np.round(probs.numpy(), 2))
print("Predictions:", predictions)  # 0 for negative, 1 for positive
print("both right:", predictions.tolist() == [1, 0])

# %% [markdown]
# ## Leave a word out
#
# Which words made the answer? A simple way to ask: take one word away, and see how the probability of *positive*
# changes. What it loses is what the word added.


# %%
def contributions(text):
    words = text.split()
    without = [" ".join(words[:i] + words[i + 1 :]) for i in range(len(words))]
    positive = softmax(ask(model, [text, *without]))[:, 1]  # (1 + words,)
    return words, positive[0] - positive[1:]  # (words,)


words, added = contributions("The movie was terrible.")
direction = "change in the probability: ← negative | positive →"
show_signed_bars(words, added, "What each word adds", x_label=direction)

# %% [markdown]
# A bar to the left is a word that speaks for *negative*. Now the test review of which the model was most sure, and
# wrong. Which word misled it?

# %%
worst = test_texts[mistakes[0]] if mistakes else test_texts[0]
words, added = contributions(worst)
show_signed_bars(words, added, "What each word adds to a mistake", x_label=direction)

# %% [markdown]
# <details><summary><b>Predict, then run.</b> Do the contributions of all words add up to what the whole sentence adds,
# compared with an empty text?</summary>
#
# There is no reason why they should. Every word is judged in the company of the others. Two words that say the same
# can each be left out without harm, so that neither seems to matter; together they decide.
# </details>

# %%
for text in texts:
    words, added = contributions(text)
    whole, empty = softmax(ask(model, [text, ""]))[:, 1]
    print(f"{text:24} words together {added.sum():5.2f}, sentence {whole - empty:5.2f}")

# %% [markdown]
# Without *terrible.* the second sentence is hardly less negative: its bar above is short. So *The movie was* counts as
# negative already. The model has picked up more from the reviews than loaded words.
#
# ## Type your own
#
# On the left the two probabilities, on the right what each word adds. Up to 20 words. Try this:
#
# 1. Press **not good**. What does *not* add? Then take *not* out of the box, and press Enter.
# 2. Press **two minds**. Then swap the two halves of the sentence. Does the order count?
# 3. Press **Reset** and switch **measured in** to *logits*. Which picture shows better what a word adds when the model
#    is almost sure?
#
# <details><summary><b>What you should have seen</b></summary>
#
# 1. The bar of *not* says what the model has learnt of negation, and this may be little: few of the 380 reviews hold
#    a *not* that turns a good word around. Compare the probability with and without it.
# 2. The words are the same, so only their places can change the answer.
# 3. Logits. A probability cannot rise above 1: near its end, a word that moves the logits much moves it little.
# </details>

# %%
examples = {
    "not good": "The food was not good.",
    "two minds": "The actors are brilliant, but the story is boring.",
    "no loaded word": "It broke on the second day.",
}
ClassificationPanel(model, tokenizer, "The movie was terrible.", LABELS, examples)

# %% [markdown]
# ## Three sentences to remember
#
# 1. A new head is random: until it is trained, its answers belong to the seed and not to the text.
# 2. Softmax turns logits into probabilities; neither is a promise of how often the model is right.
# 3. Accuracy is measured on reviews that nothing was learnt from, and has an interval around it.
#
# **Practise:** [the exercises of this chapter](exercises/06-text-classification-with-bert.ipynb). Their checks
# name the idea behind a wrong answer.
#
# **Next door:** BERT reads, but it does not write. [Chapter 7](07-text-generation-with-gpt2.ipynb) lets GPT-2 go on
# where you stop.
