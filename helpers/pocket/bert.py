"""The recipe of pocket-bert: masked words and sentence embeddings for everyday English.

The architecture is that of BERT (Devlin et al., 2019, section 3), only smaller. Steps of three
kinds take turns: masked words (BERT's own task), nearness of whole sentences copied from a larger
encoder if one is given (Reimers and Gurevych, 2020), and pairs of English sentences that share a
French translation. The second teaches the masked mean and the pooler, which masked words do not.
"""

import json
from pathlib import Path

import numpy as np
import torch
from tokenizers import BertWordPieceTokenizer
from torch.nn.functional import cross_entropy, kl_div, log_softmax, normalize, softmax
from transformers import BertConfig, BertForPreTraining

from helpers.pocket import corpora
from helpers.pocket.bert_text import groups, held_keys, masked_mean, teacher_embeddings, texts

VOCABULARY = 6000
LONGEST = 64  # pieces of a sentence, [CLS] and [SEP] included
BATCH = 256  # sentences
CHUNK = 120  # batches made at a time
MASKED = 0.2  # share of the pieces that are hidden
NEARNESS = 20.0  # a softmax over 20 times the cosine: the differences of near sentences count
PAD, UNK, CLS, SEP, MASK = range(5)


def config():
    """Return the BertConfig: 4 layers of width 256, 8 heads, 128 positions."""
    return BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        num_hidden_layers=4,
        num_attention_heads=8,
        intermediate_size=1024,
        max_position_embeddings=128,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=PAD,
    )


class Student(torch.nn.Module):
    """BERT with its masked-word head, and a linear map to the teacher's size that is not shipped."""

    def __init__(self, teacher_size):
        super().__init__()
        self.bert = BertForPreTraining._from_config(config(), attn_implementation="eager")
        self.to_teacher = torch.nn.Linear(self.bert.config.hidden_size, teacher_size, bias=False)


class Recipe:
    """Everything the training loop needs to know about pocket-bert."""

    learning_rate = 1.5e-3
    decay = 0.25

    def __init__(self, folder, out, seed, teacher=None):
        self.seed = seed
        held = held_keys(folder)
        everyday, reviews, stories = texts(folder, held)
        out = Path(out)
        if not (out / "vocab.txt").exists():
            # Ties are broken differently in each run of this trainer: the vocabulary is kept with the state.
            tokenizer = BertWordPieceTokenizer(lowercase=True)
            tokenizer.train_from_iterator(
                everyday + reviews + stories[::2], vocab_size=VOCABULARY, min_frequency=2, show_progress=False
            )
            tokenizer.save_model(str(out))
        self.tokenizer = BertWordPieceTokenizer(str(out / "vocab.txt"), lowercase=True)
        self.words = everyday * 2 + reviews * 3 + stories
        free = ([s for s in group if corpora.normalise(s) not in held] for group in groups(folder).values())
        self.groups = [group for group in free if len(group) > 1]
        # The teacher is slow: it reads half of the everyday sentences, the pairs, and a few of the stories.
        paired = [s for group in self.groups for s in group]
        self.near = everyday[::2] + reviews * 3 + stories[::12]
        self.vectors = self.taught(sorted({*self.near, *paired}), out, teacher)
        dev = [
            s
            for s in corpora.read_english(folder)
            if corpora.split_of(corpora.normalise(s)) == "dev" and len(s.split()) > 2
        ]
        rng = np.random.default_rng(0)
        self.dev = [self.hide(dev[i : i + BATCH], rng) for i in range(0, min(len(dev), 8 * BATCH), BATCH)]

    def taught(self, sentences, out, teacher):
        """Return {sentence: teacher embedding}, read from out/teacher.npz if it is there; {} without a teacher."""
        store = out / "teacher.npy"
        if not store.exists():
            if teacher is None:
                return {}
            np.save(store, teacher_embeddings(sentences, teacher))
            (out / "teacher.json").write_text(json.dumps(sentences))
        return dict(zip(json.loads((out / "teacher.json").read_text()), np.load(store)))

    def build_model(self):
        """Return a new Student with float32 weights."""
        return Student(len(next(iter(self.vectors.values()))) if self.vectors else 8)

    def encode(self, sentences):
        """Return (ids, mask): int64 arrays (batch, length), cut at LONGEST and padded with 0."""
        rows = [
            code.ids[: LONGEST - 1] + [SEP] if len(code.ids) > LONGEST else code.ids
            for code in self.tokenizer.encode_batch(list(sentences))
        ]
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        for row, found in zip(ids, rows):
            row[: len(found)] = found
        return ids, (ids != PAD).astype(np.int64)

    def hide(self, sentences, rng):
        """Return a masked-words batch: 80 % of the chosen pieces become [MASK], 10 % another piece."""
        ids, mask = self.encode(sentences)
        chosen = (rng.random(ids.shape) < MASKED) & (ids > MASK)
        chosen[np.arange(len(ids)), 1] |= ~chosen.any(1)  # at least one in each sentence
        shown, dice = ids.copy(), rng.random(ids.shape)
        shown[chosen & (dice < 0.8)] = MASK
        other = chosen & (dice > 0.9)
        shown[other] = rng.integers(MASK + 1, VOCABULARY, other.sum())
        return {
            "input_ids": torch.from_numpy(shown),
            "attention_mask": torch.from_numpy(mask),
            "labels": torch.from_numpy(np.where(chosen, ids, -100)),
        }

    def pairs(self, rng):
        """Return a batch of BATCH / 2 paraphrase pairs: rows 2i and 2i + 1 belong together."""
        rows = []
        for i in rng.choice(len(self.groups), BATCH // 2, replace=len(self.groups) < BATCH // 2):
            rows += [self.groups[i][j] for j in rng.permutation(len(self.groups[i]))[:2]]
        return self.with_teacher(rows, {"pairs": torch.ones(1)})

    def with_teacher(self, sentences, batch):
        """Return the batch with ids, mask and, where there is a teacher, "taught" (batch, size)."""
        ids, mask = self.encode(sentences)
        batch |= {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        if self.vectors and all(s in self.vectors for s in sentences):
            batch["taught"] = torch.from_numpy(np.stack([self.vectors[s] for s in sentences])).float()
        return batch

    def chunk(self, index):
        """Return the batches of chunk `index`, the same for the same index and seed."""
        rng = np.random.default_rng([self.seed, index])
        half = CHUNK * BATCH // 2
        chosen = sorted((self.words[i] for i in rng.integers(len(self.words), size=half)), key=len)
        found = [self.hide(chosen[i : i + BATCH], rng) for i in range(0, half, BATCH)]
        found += [self.pairs(rng) for _ in range(CHUNK // 8)] if self.groups else []
        if self.vectors:
            size = CHUNK * 3 // 8 * BATCH
            chosen = [self.near[i] for i in rng.integers(len(self.near), size=size)]
            # Like lengths save padding; the noise keeps length from telling the sentences of a batch apart.
            noise = np.exp(rng.normal(0, 0.2, size))
            order = np.argsort(np.array([len(s) for s in chosen]) * noise, kind="stable")
            found += [
                self.with_teacher([chosen[i] for i in order[first : first + BATCH]], {})
                for first in range(0, size, BATCH)
            ]
        return [found[i] for i in rng.permutation(len(found))]

    def dev_batches(self):
        """Return masked-words batches of held-out development sentences."""
        return self.dev

    def loss(self, model, batch):
        """Return the loss of a batch (nats), a scalar tensor: of masked words, or of nearness."""
        heads = model.bert
        states = heads.bert(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
        if "labels" in batch:
            hidden = batch["labels"] != -100
            logits = heads.cls.predictions(states.last_hidden_state[hidden])  # (hidden, vocabulary)
            return cross_entropy(logits.float(), batch["labels"][hidden])
        mean = normalize(masked_mean(states.last_hidden_state.float(), batch["attention_mask"]), dim=-1)
        same = torch.eye(len(mean), device=mean.device, dtype=torch.bool)
        scores = (NEARNESS * mean @ mean.T).masked_fill(same, -1e4)  # (batch, batch)
        total = 0.0
        if "taught" in batch:
            goal = softmax((NEARNESS * batch["taught"] @ batch["taught"].T).masked_fill(same, -1e4), dim=-1)
            total = 2 * kl_div(log_softmax(scores, dim=-1), goal, reduction="batchmean")
            pooled = normalize(model.to_teacher(states.pooler_output).float(), dim=-1)
            total = total + 2 * (1 - (pooled * batch["taught"]).sum(-1)).mean()
        if "pairs" in batch:
            partner = torch.arange(len(mean), device=mean.device) ^ 1
            total = total + cross_entropy(scores, partner)
        return total
