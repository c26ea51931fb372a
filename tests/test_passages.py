"""The passages that chapter 9 measures with, and their reader."""

import re

import pytest

from helpers.passages import FILE, Passage, read_passages

PASSAGES = read_passages()


def sentences(text):
    return re.split(r"(?<=[.!?]) ", text)


def test_the_file_is_read_whole_and_in_order():
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert len(PASSAGES) == len(lines) == 8
    assert ["\t".join([p.title, p.text, p.reference]) for p in PASSAGES] == lines


@pytest.mark.parametrize("passage", PASSAGES, ids=lambda passage: passage.title)
def test_a_passage_has_2_to_5_sentences_and_a_faithful_summary_of_one(passage):
    assert 2 <= len(sentences(passage.text)) <= 5 and len(sentences(passage.reference)) == 1
    for text in (passage.text, passage.reference):
        assert text[0].isupper() and text.endswith(".") and "  " not in text and text.isascii()
    names = re.findall(r"(?<=[a-z,] )[A-Z]\w+|\d+", passage.reference)
    assert all(re.search(rf"\b{name}\b", passage.text) for name in names)
    assert len(passage.reference.split()) <= 0.6 * len(passage.text.split())


def test_what_the_chapter_says_of_the_goats():
    goats = next(p for p in PASSAGES if p.title == "some goats")
    assert "believed that goats cannot tell faces apart." in sentences(goats.text)[0]
    assert goats.text.endswith("She had been wrong.") and "can tell faces apart" in goats.reference


@pytest.mark.parametrize(
    "line, words",
    [
        ("a title\ta text", "line 3, must hold a title, a passage and a summary"),
        ("a title\ta text\t ", "line 3, must hold"),
        ("a title\ta text\ta summary\tone more", "line 3, must hold"),
        ("one\tanother text\tanother summary", "line 3: the title 'one' stands there twice"),
    ],
)
def test_a_bad_line_is_refused_by_its_number(tmp_path, line, words):
    path = tmp_path / "some.tsv"
    path.write_text(f"# comment\none\ttext\tsummary\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError) as problem:
        read_passages(path)
    assert words in str(problem.value) and "some.tsv" in str(problem.value)


def test_comments_and_empty_lines_are_passed_over(tmp_path):
    path = tmp_path / "some.tsv"
    path.write_text("# comment\n\none\t text \tsummary\n", encoding="utf-8")
    assert read_passages(path) == [Passage("one", "text", "summary")]
