"""Measure pocket-bert on held-out text: masked words, nearness of sentences, fine-tuning on reviews."""

import time

import numpy as np
import torch
from torch.nn.functional import normalize
from transformers import BertForSequenceClassification

from helpers.pocket import bert_text, corpora

CAT, KITTEN, STOCKS = "The cat sat on the mat.", "A kitten rested on the rug.", "The stock market fell sharply."
MASKED = (
    "I would like a cup of [MASK].",
    "She opened the [MASK] and went in.",
    "My [MASK] is a doctor.",
    "The weather is [MASK] today.",
    "He drank a glass of [MASK].",
    "It is too [MASK] to go out.",
    "We went to [MASK] by train.",
    "I don't [MASK] what to say.",
    "The children are [MASK] in the garden.",
    "Two and two make [MASK].",
)


def top_words(model, tokenizer, text, count=5):
    """Return the `count` likeliest words for the [MASK] of a text, best first."""
    inputs = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        logits = model(**inputs).logits[0]  # (length, vocabulary)
    place = int((inputs.input_ids[0] == tokenizer.mask_token_id).nonzero()[0])
    return tokenizer.convert_ids_to_tokens(logits[place].topk(count).indices.tolist())


def held_out_sentences(folder, part="test"):
    """Return everyday English sentences of one part, of 4 to 12 words, in a fixed order."""
    found = {corpora.normalise(s): s for s in corpora.read_english(folder) if 4 <= len(s.split()) <= 12}
    return [sentence for key, sentence in sorted(found.items()) if corpora.split_of(key) == part]


def masked_word_scores(model, tokenizer, folder, part="test", limit=2000):
    """Return {"sentences", "top-1", "top-5"}: one whole word of each sentence hidden, chosen by seed.

    A word that the vocabulary splits into pieces is hidden whole, and counts as not found.
    """
    rng, hits = np.random.default_rng(11), []
    rows = held_out_sentences(folder, part)[:limit]
    for start in range(0, len(rows), 100):
        texts, goals = [], []
        for sentence in rows[start : start + 100]:
            pieces = tokenizer.tokenize(sentence)
            words = []  # lists of piece places
            for place, piece in enumerate(pieces):
                if piece.startswith("##"):
                    words[-1].append(place)
                elif piece[0].isalnum():
                    words.append([place])
            chosen = words[int(rng.integers(len(words)))]
            goals.append((chosen[0] + 1, pieces[chosen[0]] if len(chosen) == 1 else None))
            shown = [piece for place, piece in enumerate(pieces) if place not in chosen[1:]]
            shown[chosen[0]] = tokenizer.mask_token
            texts.append(["[CLS]", *shown, "[SEP]"])
        width = max(map(len, texts))
        ids = torch.tensor([tokenizer.convert_tokens_to_ids(t + ["[PAD]"] * (width - len(t))) for t in texts])
        with torch.no_grad():
            logits = model(input_ids=ids, attention_mask=(ids != tokenizer.pad_token_id).long()).logits
        for row, (place, word) in enumerate(goals):
            best = tokenizer.convert_ids_to_tokens(logits[row, place].topk(5).indices.tolist())
            hits.append((best[0] == word, word in best))
    top = np.mean(hits, axis=0)
    return {"sentences": len(hits), "top-1": float(top[0]), "top-5": float(top[1])}


def embed(model, tokenizer, texts):
    """Return unit embeddings (texts, 256): the mean of the last hidden states, padding left out."""
    found = []
    for start in range(0, len(texts), 100):
        inputs = tokenizer(texts[start : start + 100], padding=True, truncation=True, return_tensors="pt")
        with torch.no_grad():
            states = model(**inputs).last_hidden_state
        found.append(normalize(bert_text.masked_mean(states, inputs.attention_mask), dim=-1))
    return torch.cat(found)


def area_under_curve(positive, negative):
    """Return the share of (positive, negative) pairs in which the positive is larger: the ROC's area."""
    order = np.concatenate([positive, negative]).argsort(kind="stable").argsort(kind="stable") + 1
    ranks = order[: len(positive)].sum()
    return float((ranks - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative)))


def nearness_scores(model, tokenizer, folder):
    """Return the AUC of held-out pairs that share a French translation against random held-out pairs."""
    groups, rng = bert_text.held_groups(folder), np.random.default_rng(5)
    left = embed(model, tokenizer, [group[0] for group in groups])
    right = embed(model, tokenizer, [group[1] for group in groups])
    same = (left * right).sum(-1).numpy()
    turned = np.stack([rng.permutation(len(groups)) for _ in range(20)])
    other = [(left * right[torch.from_numpy(turn)]).sum(-1).numpy()[turn != np.arange(len(groups))] for turn in turned]
    cat, kitten, stocks = embed(model, tokenizer, [CAT, KITTEN, STOCKS])
    return {
        "pairs": len(groups),
        "AUC": area_under_curve(same, np.concatenate(other)),
        "cosine of cat and kitten": float(cat @ kitten),
        "cosine of cat and stock market": float(cat @ stocks),
    }


def review_scores(checkpoint, tokenizer, folder, seconds=60, seed=0, threads=1, on=None):
    """Return the accuracy on the held-out reviews after fine-tuning for at most `seconds`.

    `on` may give other (tuning, test) lists, so that settings are chosen on tuning reviews alone.
    """
    tuning, test = on or bert_text.review_parts(folder)
    torch.manual_seed(seed)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    model = BertForSequenceClassification.from_pretrained(
        checkpoint, dtype=torch.float32, num_labels=2, attn_implementation="eager"
    )
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01)
    rng, epochs, size = np.random.default_rng(seed), 3, 32
    steps, step, start = epochs * -(-len(tuning) // size), 0, time.monotonic()
    model.train()
    for _ in range(epochs):
        # Like lengths share a batch, which saves half of the time; the batches come in any order.
        order = sorted(rng.permutation(len(tuning)), key=lambda i: len(tuning[i][0]) // 8)
        for first in size * rng.permutation(-(-len(order) // size)):
            if time.monotonic() - start > seconds:
                break
            rows = [tuning[i] for i in order[first : first + size]]
            inputs = tokenizer([s for s, _ in rows], padding=True, truncation=True, max_length=64, return_tensors="pt")
            loss = model(**inputs, labels=torch.tensor([label for _, label in rows])).loss
            loss.backward()
            for group in optimiser.param_groups:
                group["lr"] = 1e-4 * min((step + 1) / 20, (steps - step) / steps)
            optimiser.step()
            optimiser.zero_grad()
            step += 1
    spent = time.monotonic() - start
    model.eval()
    right = []
    for first in range(0, len(test), 100):
        rows = test[first : first + 100]
        inputs = tokenizer([s for s, _ in rows], padding=True, truncation=True, max_length=128, return_tensors="pt")
        with torch.no_grad():
            guess = model(**inputs).logits.argmax(-1).tolist()
        right += [found == label for found, (_, label) in zip(guess, rows)]
    torch.set_num_threads(before)
    return {
        "tuning reviews": len(tuning),
        "test reviews": len(test),
        "seconds": spent,
        "accuracy": float(np.mean(right)),
    }
