"""The exercises of chapter 9: ROUGE-L from three counts, the longest common subsequence, invented names, parts that fit."""

import re
from collections import Counter

import numpy as np

from helpers.checks.check import Exercise, Mistake

_SHORT = (6, 8, 12)  # in common, words of the summary, words of the reference

check_rouge_l = Exercise(
    name="my_rouge_l",
    task="write my_rouge_l(common, ours, theirs). It returns the F1 of precision and recall, a number from 0 to 1.",
    expected=lambda common, ours, theirs: 2 * common / (ours + theirs),
    cases=(_SHORT, (3, 30, 4), (5, 5, 5), (0, 7, 9)),
    mistakes=(
        Mistake(
            "recall only",
            "this is the recall: how much of the reference was said. A summary that repeats the whole text would be perfect.",
            lambda common, ours, theirs: common / theirs,
            _SHORT,
        ),
        Mistake(
            "precision only",
            "this is the precision: how much of the summary stands in the reference. A summary of one right word would be "
            "perfect.",
            lambda common, ours, theirs: common / ours,
            _SHORT,
        ),
        Mistake(
            "plain mean",
            "this is half the sum of precision and recall. F1 is their harmonic mean, which is low as soon as one of them is.",
            lambda common, ours, theirs: (common / ours + common / theirs) / 2,
            _SHORT,
        ),
        Mistake(
            "geometric mean",
            "this is the root of precision times recall. F1 is another mean, the harmonic one.",
            lambda common, ours, theirs: common / (ours * theirs) ** 0.5,
            _SHORT,
        ),
        Mistake(
            "half of it",
            "every number is half of what it should be: a summary that is the reference itself gets 0.5.",
            lambda common, ours, theirs: common / (ours + theirs),
            _SHORT,
        ),
        Mistake(
            "all words once",
            "the common words are counted against all words of both together, each common one once. That is another measure, "
            "named after Jaccard.",
            lambda common, ours, theirs: common / (ours + theirs - common),
            _SHORT,
        ),
        Mistake(
            "0 divided by 0",
            "with nothing in common, precision and recall are both 0, and so is their sum, by which the harmonic mean divides.",
            lambda common, ours, theirs: 2 * common / (ours + theirs) if common else np.nan,
            (0, 7, 9),
        ),
    ),
    right="F1 is high only if precision and recall both are, and 0 if nothing is common.",
    try_this="my_rouge_l(12, 40, 12) and my_rouge_l(6, 6, 12). Both have a perfect half. Which one does F1 prefer?",
)


def _by_table(a, b):
    row = [0] * (len(b) + 1)
    for word in a:
        above = row
        row = [0]
        for j, other in enumerate(b):
            row.append(above[j] + 1 if word == other else max(above[j + 1], row[j]))
    return row[-1]


def _longest_run(a, b):
    def begins_alike(i, j):
        return next(
            (n for n, (word, other) in enumerate(zip(a[i:], b[j:])) if word != other), min(len(a) - i, len(b) - j)
        )

    return max(begins_alike(i, j) for i in range(len(a)) for j in range(len(b)))


def _first_come(a, b):
    found, place = 0, 0
    for word in a:
        if word in b[place:]:
            place, found = b.index(word, place) + 1, found + 1
    return found


def _side_by_side(a, b):
    return sum(word == other for word, other in zip(a, b))


_WORDS = (
    "the old man and the dog saw the sea the sea".split(),
    "sea and the old dog saw the old man saw the dog".split(),
)
_SENTENCES = (
    "ice broke the old bridge and then the town built a new bridge of steel".split(),
    "the town built a bridge of steel after ice had broken the old bridge".split(),
)

check_lcs = Exercise(
    name="my_lcs",
    task="write my_lcs(a, b). It returns how many words the longest common subsequence of the two lists has.",
    expected=_by_table,
    cases=(_WORDS, _SENTENCES, (["a", "b"], ["c"]), (["a"], ["a"])),
    mistakes=(
        Mistake(
            "order ignored",
            "the common words are counted, but not their order: a sentence read backwards would match as well.",
            lambda a, b: sum((Counter(a) & Counter(b)).values()),
            (["a", "b"], ["b", "a"]),
        ),
        Mistake(
            "each word of a",
            "each word of a counts if b has it anywhere, so a word of b can be matched many times.",
            lambda a, b: sum(word in b for word in a),
            (["a", "a"], ["a", "b"]),
        ),
        Mistake(
            "different words",
            "it counts which different words are common. A word that stands twice in both counts once, and the order not at all.",
            lambda a, b: len(set(a) & set(b)),
            (["a", "a"], ["a", "a"]),
        ),
        Mistake(
            "longest run",
            "this is the longest run of words that stands in both without a gap. In a subsequence gaps are allowed.",
            _longest_run,
            (["a", "x", "b"], ["a", "b"]),
        ),
        Mistake(
            "first come",
            "each word is matched as soon as it can be. One match far back in b can spoil many that would have come before it.",
            _first_come,
            (["z", "a", "b"], ["a", "b", "z"]),
        ),
        Mistake(
            "side by side",
            "words are compared only with the word at the same place of the other list. One word more at the beginning, and "
            "nothing matches.",
            _side_by_side,
            (["x", "a", "b"], ["a", "b"]),
        ),
    ),
    right="order counts and gaps do not: this is the count that ROUGE-L is made of.",
    try_this="my_lcs of a sentence and the same sentence read backwards. What must it have to reach 3?",
)


def _names(text):
    return re.findall(r"[A-Z]\w+|\d+", text)


def _once(names):
    return list(dict.fromkeys(names))


def _missing(summary, text):
    known = Counter(_names(text))
    found = []
    for name in _names(summary):
        if known[name] == 0 and name not in found:
            found.append(name)
    return found


_ANN = ("Ann and Rose met in Oslo in 19, and Ann left.", "Annabel rose early. She met Tom in Oslo, in 1908.")

check_invented = Exercise(
    name="my_invented",
    task="write my_invented(summary, text). It returns a list of the names and numbers of the summary that are no names or "
    "numbers of the text, each once, in the summary's order.",
    expected=_missing,
    cases=(
        _ANN,
        (
            "Sandro da Vinci painted the Mona Lisa in 1911.",
            "The Mona Lisa was painted by Leonardo da Vinci. It was stolen in 1911.",
        ),
        ("Elin Moss left Varra.", "Elin Moss left Varra."),
    ),
    mistakes=(
        Mistake(
            "part of a word",
            "a name counts as known if its letters stand anywhere in the text, even inside a longer name or number.",
            lambda summary, text: [name for name in _once(_names(summary)) if name not in text],
            _ANN,
        ),
        Mistake(
            "turned round",
            "these are names of the text that the summary leaves out. A summary may leave out; it may not invent.",
            lambda summary, text: [name for name in _once(_names(text)) if name not in _names(summary)],
            _ANN,
        ),
        Mistake(
            "case ignored",
            "capital letters are ignored, so a plain word of the text lets a name pass.",
            lambda summary, text: [
                name for name in _once(_names(summary)) if name.lower() not in re.findall(r"\w+", text.lower())
            ],
            _ANN,
        ),
        Mistake(
            "told twice",
            "a name that comes twice in the summary is told twice.",
            lambda summary, text: [name for name in _names(summary) if name not in _names(text)],
            _ANN,
        ),
        Mistake(
            "all words",
            "plain words are listed too. Other words may say the same; another name never does.",
            lambda summary, text: [
                word for word in _once(re.findall(r"\w+", summary)) if word not in re.findall(r"\w+", text)
            ],
            _ANN,
        ),
        Mistake(
            "commas kept",
            "the text was cut at its blanks, so a comma or a full stop still hangs on some names, and they are not found.",
            lambda summary, text: [name for name in _once(_names(summary)) if name not in text.split()],
            _ANN,
        ),
        Mistake(
            "order lost",
            "these are the right names, but not in the order in which the summary has them.",
            lambda summary, text: sorted(set(_names(summary)) - set(_names(text))),
            _ANN,
        ),
    ),
    right="whole names are compared with whole names, so a wrong name or number cannot hide in a longer one.",
    try_this='my_invented("Leonardo stole the Louvre.", "The Louvre showed Leonardo.") and think of what it cannot see.',
)


def _greedy(lengths, limit, extra):
    parts, room, part = [], limit - extra, 0
    for length in lengths:
        if room < length and room < limit - extra:
            part, room = part + 1, limit - extra
        room -= length
        parts.append(part)
    return np.array(parts)


def _when_full(lengths, limit, extra):
    parts, used, part = [], extra, 0
    for length in lengths:
        if used >= limit:
            part, used = part + 1, extra
        used += length
        parts.append(part)
    return np.array(parts)


def _before_full(lengths, limit, extra):
    parts, used, part = [], extra, 0
    for length in lengths:
        if used > extra and used + length >= limit:
            part, used = part + 1, extra
        used += length
        parts.append(part)
    return np.array(parts)


def _first_part_only(lengths, limit, extra):
    parts, used, part = [], extra, 0
    for place, length in enumerate(lengths):
        if place and used + length > limit:
            part, used = part + 1, 0
        used += length
        parts.append(part)
    return np.array(parts)


_SEVEN = (np.array([4, 4, 7, 2, 4, 1, 3]), 10, 3)
_TIGHT = (np.array([3, 4, 2, 5, 1, 6, 7, 1]), 10, 3)

check_parts = Exercise(
    name="my_parts",
    task="write my_parts(lengths, limit, extra). It returns for each sentence the number of its part, from 0: whole sentences "
    "in order, as many in a part as fit.",
    expected=_greedy,
    cases=(_SEVEN, _TIGHT, (np.array([2, 30, 2]), 10, 3), (np.array([1, 1, 1]), 100, 3)),
    mistakes=(
        Mistake(
            "cut anywhere",
            "the sentences are numbered by how many tokens stand before them, so a sentence can begin in one part and end "
            "beyond its limit.",
            lambda lengths, limit, extra: (np.cumsum(lengths) - lengths) // (limit - extra),
            _SEVEN,
        ),
        Mistake(
            "extra forgotten",
            "the sentences alone fit into the limit, but the prefix and </s> come on top of them, and the end is cut off.",
            lambda lengths, limit, extra: _greedy(lengths, limit, 0),
            _SEVEN,
        ),
        Mistake(
            "extra once",
            "only the first part leaves room for the prefix and </s>. Every part is a prompt of its own.",
            _first_part_only,
            _SEVEN,
        ),
        Mistake(
            "filled over",
            "a part is closed when it is already full, so its last sentence may go beyond the limit.",
            _when_full,
            _SEVEN,
        ),
        Mistake(
            "full is too full",
            "a part that would have exactly as many tokens as the limit is closed too early. The limit itself is allowed.",
            _before_full,
            _SEVEN,
        ),
        Mistake(
            "one each",
            "every sentence has a part of its own. What belongs together is torn apart, although it would fit.",
            lambda lengths, limit, extra: np.arange(len(lengths)),
            _SEVEN,
        ),
    ),
    right="nothing is lost and each part fits, with its prefix; a sentence that is too long alone stands alone.",
    try_this="a sentence of 30 tokens with the limit 10. It has a part of its own and is still too long. What would you do?",
)
