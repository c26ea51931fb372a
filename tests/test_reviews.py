"""The reviews that chapter 6 learns from and is measured with: balanced, and no review of one part is known from the other."""

import itertools
import re

import pytest

from helpers.reviews import FILE, LABELS, PARTS, likeness, load_reviews, words_of

SOURCE = ["I love this product!", "The movie was terrible."]  # the two texts of the source notebook
MOST_SHARED, LONGEST_RUN = 0.4, 3  # across the parts: less than 40 % of the words, and no four words in a row


@pytest.fixture(scope="module")
def parts():
    return {part: load_reviews(part) for part in PARTS}


@pytest.mark.parametrize("part, size", [("train", 380), ("test", 120)])
def test_each_part_is_balanced(parts, part, size):
    texts, labels = parts[part]
    assert len(texts) == len(labels) == size
    assert labels.count(0) == labels.count(1) == size // 2


def test_the_reader_gives_every_line_of_the_file_to_one_part(parts):
    lines = FILE.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "part\tlabel\ttext" and len(lines) == 501
    rows = [(p, LABELS[label], text) for p in PARTS for text, label in zip(*parts[p])]
    assert sorted(rows) == sorted(tuple(line.split("\t")) for line in lines[1:])


def test_every_review_is_a_short_plain_sentence(parts):
    for text in itertools.chain(*(texts for texts, _ in parts.values())):
        assert 2 <= len(words_of(text)) <= 22, text
        assert text == text.strip() and re.fullmatch(r"[A-Z'][A-Za-z0-9 ,.;:!?'-]+[.!?]", text), text


def test_no_review_comes_twice(parts):
    seen = [tuple(words_of(text)) for texts, _ in parts.values() for text in texts]
    assert len(set(seen)) == len(seen) == 500


def test_no_review_of_one_part_is_a_near_duplicate_of_one_in_the_other(parts):
    for ours, theirs in itertools.product(parts["test"][0], parts["train"][0]):
        shared, longest = likeness(ours, theirs)
        assert shared < MOST_SHARED and longest <= LONGEST_RUN, (ours, theirs)


def test_praise_has_label_1_and_complaint_label_0(parts):
    labels = dict(zip(*parts["train"], strict=True))
    assert LABELS == ("negative", "positive")
    assert labels["Best kitchen knife I have ever owned, still sharp after a year."] == 1
    assert next(label for text, label in labels.items() if "broke" in text) == 0


def test_the_two_sentences_of_the_source_are_not_among_them(parts):
    for text in itertools.chain(*(texts for texts, _ in parts.values())):
        for sentence in SOURCE:
            shared, longest = likeness(text, sentence)
            assert shared < 0.5 and longest <= LONGEST_RUN, text


@pytest.mark.parametrize(
    "first, second, shared, longest",
    [
        ("The tea is cold.", "the TEA is cold", 1.0, 4),
        ("The tea is cold.", "The soup is cold.", 3 / 5, 2),
        ("one two three four", "zero two three five", 2 / 6, 2),
        ("a b", "c d", 0.0, 0),
        ("a b a b c", "b a b c", 1.0, 4),
        ("", "", 1.0, 0),
    ],
)
def test_likeness_is_what_can_be_counted_by_hand(first, second, shared, longest):
    assert likeness(first, second) == likeness(second, first) == (pytest.approx(shared), longest)


def test_the_check_for_near_duplicates_finds_a_planted_one(parts):
    text = parts["train"][0][0]
    shared, longest = likeness(text, text.replace("ever", "never"))
    assert shared >= MOST_SHARED and longest > LONGEST_RUN


@pytest.mark.parametrize("part", ["Train", "", None, "dev"])
def test_another_part_is_refused_by_its_name(part):
    with pytest.raises(ValueError, match="part must be train or test, but it is"):
        load_reviews(part)
