"""Read the training text of the pocket checkpoints and split it honestly.

The corpora are plain text files in one folder (see the model cards for their
licences). Nothing of them is stored in the course, only the trained weights.

Every split is a pure function of the text itself: a sentence, a story or a
book falls into "train", "dev" or "test" by a hash. So the three models, on any
machine, hold out the same text, and no list of held-out text is needed.
"""

import csv
import gzip
import hashlib
import json
import re
import tarfile
from pathlib import Path

TATOEBA_PAIRS = "tatoeba_en_fr/fra.txt.gz"
TATOEBA_ENGLISH = "tatoeba_english/english_sentences.txt.gz"
BOOKS = "storybook/core.txt.gz"
BOOKS_LIST = "storybook/MANIFEST.tsv"
STORIES = "storyweaver/stories.txt.gz"
MASC = "general/masc_plain.txt.gz"
FACTBOOK = "general/factbook_prose.txt.gz"
WIKITEXT = "general/wikitext2_valid_test.txt.gz"
NONFICTION = "general/gutenberg_nonfiction.txt.gz"
WIKISPLIT = "summarise/wikisplit_compress.tsv.gz"
SCITLDR = "summarise/scitldr_A.tar.gz"
GUM = "summarise/gum_summaries.jsonl"
REVIEWS = tuple(f"sentiment/uci/{name}_labelled.txt" for name in ("amazon_cells", "imdb", "yelp"))
POLARITY = ("sentiment/rt_polarity/rt-polarity.neg", "sentiment/rt_polarity/rt-polarity.pos")

NEEDED = {
    "bert": (TATOEBA_PAIRS, TATOEBA_ENGLISH, STORIES, BOOKS, BOOKS_LIST, *REVIEWS, *POLARITY),
    "gpt2": (BOOKS, BOOKS_LIST, STORIES, TATOEBA_ENGLISH),
    "t5": (
        TATOEBA_PAIRS,
        TATOEBA_ENGLISH,
        BOOKS,
        BOOKS_LIST,
        STORIES,
        MASC,
        FACTBOOK,
        WIKITEXT,
        NONFICTION,
        WIKISPLIT,
        SCITLDR,
    ),
}


class CorpusError(ValueError):
    """A corpus file is missing or cannot be read."""


def read_text(folder, name):
    """Return the text of one corpus file, plain or gzip, as a string.

    Raises CorpusError if the file is missing, empty or not readable as UTF-8.
    """
    path = Path(folder) / name
    if not path.is_file():
        raise CorpusError(f"corpora: {name} is missing in {folder}: expected a text file there")
    try:
        data = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
        text = data.decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CorpusError(
            f"corpora: {name} in {folder} cannot be read ({error}): "
            "expected UTF-8 text, gzipped if the name ends in .gz"
        ) from error
    if not text.strip():
        raise CorpusError(f"corpora: {name} in {folder} is empty: expected text")
    return text


def check_corpora(folder, model):
    """Raise CorpusError, naming the file, unless all that `model` needs can be read."""
    if not Path(folder).is_dir():
        raise CorpusError(f"corpora: {folder} is not a folder: expected the folder of the training text")
    for name in NEEDED[model]:
        if name.endswith(".tar.gz"):
            read_scitldr(folder, "train")
        else:
            read_text(folder, name)


def normalise(sentence):
    """Return the sentence in lower case with only its letters and digits: the key of a split."""
    return " ".join(re.findall(r"[^\W_]+", sentence.lower()))


def split_of(key, dev=0.01, test=0.02):
    """Return "train", "dev" or "test" for a text key, by hash. Shares are in [0, 1]."""
    digest = hashlib.sha256(key.encode("utf-8")).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    if share < test:
        return "test"
    return "dev" if share < test + dev else "train"


def read_pairs(folder):
    """Return Tatoeba's (English, French) pairs, all splits, in the order of the file."""
    rows = (line.split("\t") for line in read_text(folder, TATOEBA_PAIRS).splitlines())
    # The French side has no-break spaces before ! and ?; a plain space keeps the vocabulary small.
    return [(row[0].strip(), re.sub(r"\s+", " ", row[1]).strip()) for row in rows if len(row) >= 2]


def read_english(folder):
    """Return Tatoeba's English sentences, one string each."""
    return [line.strip() for line in read_text(folder, TATOEBA_ENGLISH).splitlines() if line.strip()]


def read_books(folder):
    """Return {book name: text} of the story books; a blank line stands between chapters."""
    data = read_text(folder, BOOKS).encode("utf-8")
    rows = csv.DictReader(read_text(folder, BOOKS_LIST).splitlines(), delimiter="\t")
    books, position = {}, 0
    try:
        for row in rows:
            if row["tier"] == "core":
                end = position + int(row["clean_bytes"])
                books[row["repo"]] = data[position:end].decode("utf-8").strip()
                position = end + 1  # one newline stands between two books
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise CorpusError(
            f"corpora: {BOOKS_LIST} in {folder} cannot be used ({error!r}): expected the columns repo, tier and clean_bytes"
        ) from error
    if position < len(data) - 1:
        raise CorpusError(
            f"corpora: {BOOKS} has {len(data)} bytes, {BOOKS_LIST} names {position}: "
            "expected the two files of one build"
        )
    return books


def read_documents(folder, name):
    """Return the documents of a file in which a blank line stands between two documents."""
    return [part.strip() for part in re.split(r"\n\s*\n", read_text(folder, name)) if part.strip()]


def read_wikitext(folder):
    """Return the WikiText paragraphs, with the tokenised spacing undone; headings are dropped."""
    paragraphs = []
    for line in read_text(folder, WIKITEXT).splitlines():
        line = line.strip()
        if not line or line.startswith("=") or "<unk>" in line:
            continue
        line = re.sub(r" @([-,.])@ ", r"\1", line)
        line = re.sub(r' " ([^"]*) "', r' "\1"', line)
        line = re.sub(r" ([.,;:!?)%])", r"\1", line).replace("( ", "(")
        paragraphs.append(re.sub(r" ('s|'t|'re|'ve|'ll|'d|')(?= )", r"\1", line))
    return paragraphs


def read_wikisplit(folder):
    """Return (long sentence, its first simple sentence) pairs."""
    rows = (line.split("\t") for line in read_text(folder, WIKISPLIT).splitlines())
    return [(row[0].strip(), row[1].strip()) for row in rows if len(row) == 2]


def read_scitldr(folder, part):
    """Return (list of abstract sentences, list of one-line human summaries) of one part.

    `part` is "train", "dev" or "test": the corpus's own split.
    """
    path = Path(folder) / SCITLDR
    try:
        with tarfile.open(path) as archive:
            lines = archive.extractfile(f"scitldr_A/{part}.jsonl").read().decode("utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        return [([s.strip() for s in row["source"]], [t.strip() for t in row["target"]]) for row in rows]
    except (OSError, KeyError, EOFError, tarfile.TarError, ValueError, TypeError, AttributeError) as error:
        raise CorpusError(
            f"corpora: {SCITLDR} in {folder} cannot be read ({error}): expected an archive with scitldr_A/{part}.jsonl, "
            "a source and a target a line"
        ) from error


ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Prof|Gen|Col|Capt|Lt|vs|etc|No|U\.S|i\.e|e\.g)|\b[A-Z])\.$")


def sentences(paragraph):
    """Split a paragraph into sentences; a closing quote stays with its sentence."""
    parts, start = [], 0
    for match in re.finditer(r"[.!?][\"')\]]*\s+(?=[\"'(]?[A-Z0-9])", paragraph):
        piece = paragraph[start : match.end()].strip()
        if ABBREVIATION.search(piece):
            continue
        parts.append(piece)
        start = match.end()
    rest = paragraph[start:].strip()
    return parts + [rest] if rest else parts
