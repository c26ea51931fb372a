"""The recipe of pocket-t5: translation and one-sentence summaries in one model.

The architecture is that of T5 (Raffel et al., 2020, section 2.1): relative
position bias, no division by sqrt(d_k), one embedding for both sides.
"""

import re
from pathlib import Path

import numpy as np
import sentencepiece
import torch
from transformers import T5Config, T5ForConditionalGeneration

from helpers.pocket import corpora, summaries
from helpers.pocket.phrasebook import PAIRS as PHRASEBOOK
from helpers.pocket.t5_text import SUMMARIZE, TRANSLATE, prose, train_tokenizer

VOCABULARY = 6000
LONGEST = 200  # pieces of a source; a target has at most 64
CHUNK = 16384  # examples made at a time
BATCH_PIECES = 4608  # source and target pieces, padding included, in one batch
ALIGN_CHUNKS = 6  # chunks at the start in which copying fills half of the examples


def config():
    """Return the T5Config: 3 + 3 layers of width 256, 8 heads of size 32, tied embeddings."""
    return T5Config(
        vocab_size=VOCABULARY,
        d_model=256,
        d_kv=32,
        num_heads=8,
        d_ff=768,
        num_layers=3,
        num_decoder_layers=3,
        dropout_rate=0.0,
        feed_forward_proj="relu",
        tie_word_embeddings=True,
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=1,
    )


def build_model():
    """Return a new T5ForConditionalGeneration with float32 weights."""
    model = T5ForConditionalGeneration._from_config(config(), attn_implementation="eager")
    with torch.no_grad():
        # At its default size of 1.0 the tied embedding makes the first logits far too large.
        model.shared.weight.mul_(0.3)
    return model


class Recipe:
    """Everything the training loop needs to know about pocket-t5."""

    learning_rate = 2e-3
    decay = 0.6

    def __init__(self, folder, out, seed):
        spiece = Path(out) / "spiece.model"
        if not spiece.exists():
            train_tokenizer(folder, out, VOCABULARY)
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(spiece))
        self.seed = seed
        keep = [(e, f) for e, f in corpora.read_pairs(folder) if len(e.split()) <= 14]
        part = {pair: corpora.split_of(corpora.normalise(pair[0])) for pair in keep}
        self.pairs = [pair for pair in keep if part[pair] == "train"]
        self.dev_pairs = [pair for pair in keep if part[pair] == "dev"]
        held = {corpora.normalise(pair[0]) for pair in keep if part[pair] != "train"}
        self.phrases = [pair for pair in PHRASEBOOK if corpora.normalise(pair[0]) not in held]
        self.short = [
            s
            for s in corpora.read_english(folder)
            if 3 <= len(s.split()) <= 12 and corpora.split_of(corpora.normalise(s)) == "train"
        ]
        self.passages = [passage for passage in prose(folder) if len(passage) >= 2]
        self.splits = [pair for pair in corpora.read_wikisplit(folder) if corpora.split_of(pair[0]) == "train"]
        self.abstracts = corpora.read_scitldr(folder, "train")

    build_model = staticmethod(build_model)

    def summary(self, rng):
        """Return one (text, summary) example."""
        kind = rng.random()
        if kind < 0.12:
            long, simple = self.splits[int(rng.integers(len(self.splits)))]
            other = self.passages[int(rng.integers(len(self.passages)))]
            return summaries.split_example(long, simple, other[: int(rng.integers(0, 4))], rng)
        if kind < 0.2:
            abstract, human = self.abstracts[int(rng.integers(len(self.abstracts)))]
            start = int(rng.integers(0, max(1, len(abstract) - 3)))
            window = abstract[start : start + int(rng.integers(2, 6))]
            best = max(window, key=lambda sentence: max(summaries.overlap(sentence, h) for h in human))
            best_short = summaries.shorten(best, 24)
            if len(best_short.split()) > 0.6 * sum(len(s.split()) for s in window):
                return None
            return " ".join(window), best_short
        passage = self.passages[int(rng.integers(len(self.passages)))]
        start = int(rng.integers(0, len(passage) - 1))
        return summaries.passage_example(passage[start : start + int(rng.integers(2, 6))], rng)

    def examples(self, index):
        """Return the (source, target) texts of chunk `index`, the same for the same index and seed."""
        rng = np.random.default_rng([self.seed, index])
        copies, passages = (0.5, 0.02) if index < ALIGN_CHUNKS else (0.08, 0.25)
        texts = []
        while len(texts) < CHUNK:
            kind = rng.random()
            if kind < copies:
                made = summaries.copy_example(self.short, rng, most=1 if index < ALIGN_CHUNKS // 3 else 3)
            elif kind < copies + passages:
                made = self.summary(rng)
            else:
                pool = self.phrases if self.phrases and rng.random() < 0.03 else self.pairs
                source, target = pool[int(rng.integers(len(pool)))]
                if "Tom" in source and "Tom" in target and rng.random() < 0.1:
                    name = summaries.made_up_name(rng)
                    source, target = (re.sub(r"\bTom\b", name, side) for side in (source, target))
                texts.append((TRANSLATE + source, target))
                continue
            if made:
                texts.append((SUMMARIZE + made[0], made[1]))
        return texts

    def encode(self, texts):
        """Return [(source ids, target ids)], each with the end token 1; sources are cut at LONGEST."""
        sources = self.pieces.encode([source for source, _ in texts])
        targets = self.pieces.encode([target for _, target in texts])
        return [(source[: LONGEST - 1] + [1], target[:63] + [1]) for source, target in zip(sources, targets)]

    def chunk(self, index):
        """Return the batches of chunk `index`: dicts of int64 tensors, lengths alike within a batch."""
        rng = np.random.default_rng([self.seed, index, 1])
        return batches(self.encode(self.examples(index)), rng)

    def dev_batches(self):
        """Return batches of held-out development translations: the loss that choices are made on."""
        texts = [(TRANSLATE + english, french) for english, french in self.dev_pairs[:800]]
        return batches(self.encode(texts), np.random.default_rng(0))

    def loss(self, model, batch):
        """Return the mean cross-entropy per target piece (nats), a scalar tensor."""
        logits = model(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            decoder_input_ids=batch["decoder_input_ids"],
            use_cache=False,
        ).logits
        return torch.nn.functional.cross_entropy(
            logits.float().flatten(0, 1), batch["labels"].flatten(), ignore_index=-100
        )


def batches(pairs, rng):
    """Group id pairs of like length into padded batches, in shuffled order.

    Returns dicts with input_ids, attention_mask (batch, source) and
    decoder_input_ids, labels (batch, target); padded labels are -100.
    """
    order = sorted(range(len(pairs)), key=lambda i: (len(pairs[i][0]) // 2, len(pairs[i][1]), rng.random()))
    groups, group, width = [], [], 0
    for i in order:
        size = len(pairs[i][0]) + len(pairs[i][1])
        if group and (len(group) + 1) * max(width, size) > BATCH_PIECES:
            groups.append(group)
            group, width = [], 0
        group.append(i)
        width = max(width, size)
    groups.append(group)
    rng.shuffle(groups)
    return [pad([pairs[i] for i in group]) for group in groups]


def pad(pairs):
    """Return one batch of padded int64 tensors for a list of (source ids, target ids)."""
    source = torch.zeros(len(pairs), max(len(s) for s, _ in pairs), dtype=torch.long)
    labels = torch.full((len(pairs), max(len(t) for _, t in pairs)), -100)
    for row, (s, t) in enumerate(pairs):
        source[row, : len(s)] = torch.tensor(s)
        labels[row, : len(t)] = torch.tensor(t)
    shifted = torch.zeros_like(labels)
    shifted[:, 1:] = labels[:, :-1].clamp(min=0)
    return {"input_ids": source, "attention_mask": (source != 0).long(), "decoder_input_ids": shifted, "labels": labels}
