"""The text of pocket-t5: prose for the summaries, and the SentencePiece model that is made from the training part."""

from pathlib import Path

import sentencepiece

from helpers.pocket import corpora

TRANSLATE = "translate English to French: "
SUMMARIZE = "summarize: "


def prose(folder):
    """Return (lists of sentences, one list per paragraph) of the training part of all prose corpora."""
    texts = corpora.read_text(folder, corpora.FACTBOOK).splitlines()
    texts += corpora.read_text(folder, corpora.NONFICTION).splitlines() + corpora.read_wikitext(folder)
    texts += corpora.read_documents(folder, corpora.STORIES)
    books = corpora.read_books(folder)
    for name, text in books.items():
        if corpora.split_of(name) == "train":
            # One paragraph in five: the stories must not drown the non-fiction.
            texts += [line for line in text.splitlines() if corpora.split_of(line, 0, 0.2) == "test"]
    paragraphs = [
        corpora.sentences(text.replace("\n", " ")) for text in texts if corpora.split_of(text[:200]) == "train"
    ]
    masc = [line.strip() for line in corpora.read_text(folder, corpora.MASC).splitlines()]
    paragraphs += [
        masc[start : start + 5] for start in range(0, len(masc), 5) if corpora.split_of(masc[start]) == "train"
    ]
    return [[s for s in p if 4 <= len(s.split()) <= 45] for p in paragraphs]


def train_tokenizer(folder, out, size):
    """Train the SentencePiece model on training text only and write it, of `size` pieces, to out/spiece.model."""
    lines = [TRANSLATE, SUMMARIZE] * 2000
    for english, french in corpora.read_pairs(folder):
        if corpora.split_of(corpora.normalise(english)) == "train":
            lines += [english, french]
    for passage in prose(folder)[::3]:
        lines += passage
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_prefix=str(Path(out) / "spiece"),
        vocab_size=size,
        model_type="unigram",
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        num_threads=1,
        character_coverage=0.9998,
        minloglevel=2,
        required_chars='ÀÂÇÈÉÊËÎÏÔÙÛÜŒàâçèéêëîïôùûüœ«»’0123456789%&$€+-/()[]"',
    )
