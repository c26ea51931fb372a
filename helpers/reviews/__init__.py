"""440 short reviews, written for this course, with a label each: what chapter 6 fine-tunes on and measures with.

They lie in reviews.tsv, one a line: part (train or test), label, text. Both parts hold as many positive as negative
ones, and no review of one part is a near-duplicate of one in the other (see `likeness`).
"""

import re
from pathlib import Path

from helpers.wording import short

LABELS = ("negative", "positive")  # label 0 and label 1, as in the chapter
PARTS = ("train", "test")
FILE = Path(__file__).with_name("reviews.tsv")


def load_reviews(part):
    """Return (texts, labels) of one part, "train" or "test": a list of texts, and 0 (negative) or 1 (positive) for each.

    Raises ValueError for another part.
    """
    if not isinstance(part, str) or part not in PARTS:
        raise ValueError(f"part must be {' or '.join(PARTS)}, but it is {short(part)}.")
    rows = [line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines()[1:]]
    chosen = [(text, LABELS.index(label)) for row_part, label, text in rows if row_part == part]
    return [text for text, _ in chosen], [label for _, label in chosen]


def words_of(text):
    """Return the lower-case words of a text in order, without punctuation."""
    return re.findall(r"[a-z']+", text.lower())


def likeness(first, second):
    """Return (shared, longest) of two texts: how near they are to being the same review.

    shared: from 0 to 1, the part of all their different words that both have (Jaccard 1901). longest: the number of
    words in the longest run that both have.
    """
    a, b = words_of(first), words_of(second)
    union = set(a) | set(b)
    shared = len(set(a) & set(b)) / len(union) if union else 1.0
    longest = 0
    for i in range(len(a)):
        for j in range(len(b)):
            run = 0
            while i + run < len(a) and j + run < len(b) and a[i + run] == b[j + run]:
                run += 1
            longest = max(longest, run)
    return shared, longest
