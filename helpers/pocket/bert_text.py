"""The text of pocket-bert: what is trained on, what is held out, and what a larger encoder says of it."""

import hashlib
from collections import defaultdict

import numpy as np
import torch
from torch.nn.functional import normalize

from helpers.pocket import corpora


def masked_mean(states, mask):
    """Return the mean (batch, size) of the states (batch, length, size) where mask (batch, length) is 1."""
    mask = mask.unsqueeze(-1).to(states.dtype)  # (batch, length, 1)
    return (states * mask).sum(1) / mask.sum(1)


def held_groups(folder):
    """Return the paraphrase groups that are held out, by hash of their French: one in twenty."""
    return [group for french, group in groups(folder).items() if corpora.split_of(french, 0, 0.05) == "test"]


def groups(folder):
    """Return {normalised French: English sentences that share it}, groups of two or more only."""
    found = defaultdict(dict)
    for english, french in corpora.read_pairs(folder):
        found[corpora.normalise(french)].setdefault(corpora.normalise(english), english)
    return {french: sorted(group.values()) for french, group in found.items() if len(group) > 1}


def held_keys(folder):
    """Return the normalised English sentences that no step of the training may see.

    They are the dev and test sentences, and all sentences of the held-out paraphrase groups.
    """
    english = corpora.read_english(folder) + [e for e, _ in corpora.read_pairs(folder)]
    keys = {key for key in map(corpora.normalise, english) if corpora.split_of(key) != "train"}
    return keys | {corpora.normalise(s) for group in held_groups(folder) for s in group}


def read_reviews(folder):
    """Return the 3,000 labelled reviews as a list of (sentence, 0 or 1), in the order of the files."""
    rows = []
    for name in corpora.REVIEWS:
        for line in corpora.read_text(folder, name).split("\n"):
            sentence, _, label = line.rpartition("\t")
            if label.strip() in ("0", "1"):
                rows.append((sentence.strip(), int(label)))
    return rows


def review_parts(folder):
    """Return (2,000 reviews to fine-tune on, the other 1,000 to test on), by hash; repeats stay together."""
    reviews = sorted(read_reviews(folder), key=lambda row: hashlib.sha256(row[0].encode()).digest())
    cut = len(reviews) * 2 // 3
    while reviews[cut - 1][0] == reviews[cut][0]:
        cut -= 1
    return reviews[:cut], reviews[cut:]


def texts(folder, held):
    """Return (everyday sentences, review sentences, story sentences) of the training part.

    `held` holds the normalised sentences that are left out everywhere.
    """
    held = held | {corpora.normalise(sentence) for sentence, _ in review_parts(folder)[1]}
    everyday = sorted({*corpora.read_english(folder), *(e for e, _ in corpora.read_pairs(folder))})
    reviews = [sentence for sentence, _ in review_parts(folder)[0]]
    for name in corpora.POLARITY:
        reviews += corpora.read_text(folder, name).splitlines()
    stories = [
        s
        for text in corpora.read_documents(folder, corpora.STORIES)
        for s in corpora.sentences(text.replace("\n", " "))
    ]
    for book in corpora.read_books(folder).values():
        for line in book.splitlines():
            if corpora.split_of(line, 0, 0.2) == "test":  # one paragraph in five is plenty
                stories += corpora.sentences(line)
    return [
        [s for s in part if 2 < len(s.split()) <= 40 and corpora.normalise(s) not in held]
        for part in (everyday, reviews, stories)
    ]


def teacher_embeddings(sentences, teacher, device="cpu"):
    """Return the teacher's unit embeddings (sentences, size) in float16: the masked mean of its last layer.

    `teacher` is a folder with a BERT sentence encoder. Only the training uses it.
    """
    from transformers import AutoTokenizer, BertModel

    tokenizer = AutoTokenizer.from_pretrained(teacher)
    model = BertModel.from_pretrained(teacher, dtype=torch.float32, attn_implementation="eager").to(device).eval()
    order = np.argsort([len(s) for s in sentences], kind="stable")
    found = np.zeros((len(sentences), model.config.hidden_size), dtype=np.float16)
    for start in range(0, len(order), 256):
        rows = order[start : start + 256]
        batch = tokenizer(
            [sentences[i] for i in rows], padding=True, truncation=True, max_length=96, return_tensors="pt"
        ).to(device)
        with torch.no_grad(), torch.autocast(device, torch.bfloat16):
            states = model(**batch).last_hidden_state
        found[rows] = normalize(masked_mean(states, batch["attention_mask"]).float(), dim=-1).half().cpu().numpy()
    return found
