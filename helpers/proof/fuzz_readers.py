"""Targets: what reads files: the course's own texts, and the corpora from which the pocket models are trained."""

import gzip
import io
import json
import tarfile
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from helpers.passages import read_passages
from helpers.pocket import corpora, phrasebook, summaries
from helpers.proof.fuzz_engine import ANSWER, Target, end_of
from helpers.proof.fuzz_inputs import junk, texts
from helpers.reviews import likeness, load_reviews, words_of
from helpers.sentences import english_french

pieces = st.sampled_from([
    "\t", "\t", "\n", "|", " | ", "#", "\r", "\u2028", "\x85", "\0", " ", "a", "The cat sat.", "Le chat.",
    "'", '"', '" "', "=", " @-@ ",
    "<unk>", "Mr. X said. Then", "1999", "(see) ", ", which ", "core", "book", "é", "İ", "\ufeff", "{", "}", "[]",
    '{"source": ["a"], "target": ["b"]}',
])  # fmt: skip
written = st.one_of(st.lists(pieces, max_size=14).map(lambda parts: "".join(parts).encode()), st.binary(max_size=24))
prose = st.lists(st.one_of(pieces, texts), max_size=12).map(" ".join)


def _reads(read):
    def check(data):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "text.tsv")
            path.write_bytes(data)
            return end_of(lambda: read(path), ["line", "text.tsv"])[0]

    return check


def _zipped(data, how):
    packed = gzip.compress(data, 1)
    return {"whole": packed, "cut": packed[: len(packed) // 2], "plain": data, "empty": b""}[how]


def _archived(data, how):
    out, name = io.BytesIO(), "scitldr_A/train.jsonl" if how != "empty" else "other"
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return {"cut": out.getvalue()[:40], "plain": data}.get(how, out.getvalue())


READERS = {
    "read_pairs": (corpora.TATOEBA_PAIRS, corpora.read_pairs),
    "read_english": (corpora.TATOEBA_ENGLISH, corpora.read_english),
    "read_books": (corpora.BOOKS, corpora.read_books),
    "read_documents": (corpora.MASC, lambda folder: corpora.read_documents(folder, corpora.MASC)),
    "read_wikitext": (corpora.WIKITEXT, corpora.read_wikitext),
    "read_wikisplit": (corpora.WIKISPLIT, corpora.read_wikisplit),
    "read_scitldr": (corpora.SCITLDR, lambda folder: corpora.read_scitldr(folder, "train")),
}


def _corpus(case):
    reader, data, how, listed = case
    name, read = READERS[reader]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.parent.mkdir(parents=True)
        path.write_bytes(_archived(data, how) if name.endswith(".tar.gz") else _zipped(data, how))
        if name == corpora.BOOKS:
            Path(folder, corpora.BOOKS_LIST).write_bytes(listed)
        return end_of(lambda: read(folder), ["corpora: "], (corpora.CorpusError,))[0]


def _prose(text):
    found = corpora.sentences(text)
    if "".join("".join(found).split()) != "".join(text.split()):
        raise AssertionError(f"letters are lost or added: {found}")
    if corpora.split_of(corpora.normalise(text)) not in ("train", "dev", "test"):
        raise AssertionError("no part")
    rng = np.random.default_rng(0)
    summaries.shorten(text)
    summaries.swap_names(text, text, rng)
    if found:
        summaries.passage_example(found, rng)
        summaries.copy_example(found, rng)
    summaries.split_example(text, text[: len(text) // 2], found, rng)
    if not 0 <= summaries.overlap(text, text) <= 1:
        raise AssertionError("an overlap beyond 0 to 1")
    return ANSWER


def _reviews(pair):
    shared, longest = likeness(*pair)
    if not (0 <= shared <= 1 and 0 <= longest <= len(words_of(pair[0]))):
        raise AssertionError(f"{shared}, {longest}")
    return ANSWER


def targets():
    """Return the targets of the readers."""
    jsonl = st.lists(
        st.sampled_from([
            '{"source": ["a"], "target": ["b"]}',
            '{"source": 3, "target": []}',
            "{}",
            "[]",
            "3",
            "{",
            "",
            '{"source": [1], "target": ["b"]}',
        ]),
        max_size=3,
    ).map(lambda lines: "\n".join(lines).encode())
    listed = st.one_of(
        written,
        st.lists(
            st.sampled_from([
                "repo\ttier\tclean_bytes\n",
                "a\tcore\t3\n",
                "b\tcore\tx\n",
                "c\tother\t2\n",
                "d\n",
                "a\tcore\t-5\n",
                "a\tcore\t" + "9" * 30 + "\n",
                json.dumps({}) + "\n",
            ]),
            max_size=4,
        ).map(lambda lines: "".join(lines).encode()),
    )
    hows = st.sampled_from(["whole", "whole", "whole", "cut", "plain", "empty"])
    files = [("english_french", english_french), ("read_passages", read_passages), ("phrasebook", phrasebook.read)]
    return [
        *(Target("readers", name, written, _reads(read), 2000) for name, read in files),
        Target("readers", "corpora", st.tuples(st.sampled_from(sorted(READERS)), st.one_of(written, jsonl), hows,
        listed), _corpus, 4000),
        Target("readers", "sentences, shorten, swap_names, examples of summaries", prose, _prose, 4000),
        Target("readers", "likeness of two reviews", st.tuples(prose, prose), _reviews, 2000),
        Target("readers", "load_reviews", junk, lambda part: end_of(lambda: load_reviews(part), ["part"])[0], 1000),
    ]  # fmt: skip
