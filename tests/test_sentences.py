"""The sentences that chapter 8 measures with: whole, apart from the phrasebook, and read with clear errors."""

import pytest

from helpers.pocket.corpora import normalise
from helpers.pocket.phrasebook import PAIRS
from helpers.sentences import english_french


def test_a_few_dozen_sentences_each_with_one_or_two_translations():
    rows = english_french()
    assert 30 <= len(rows) <= 40
    for english, french in rows:
        assert 1 <= len(french) <= 2 and len(set(french)) == len(french)
        for text in (english, *french):
            assert text[-1] in ".?!" and text[0].isupper() and "  " not in text and text == text.strip()
            assert (text[-1] in "?!") == (english[-1] in "?!")
        assert not set(english) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ,.?")
        for text in french:  # a blank before ? and !, as the model's training text has it
            assert all(text[i - 1] == " " for i, letter in enumerate(text) if letter in "?!")


def test_no_sentence_stands_in_the_phrasebook_that_the_small_model_learns():
    learnt = {normalise(english) for english, _ in PAIRS}
    assert len(learnt) > 100
    assert not [english for english, _ in english_french() if normalise(english) in learnt]


def test_comments_and_empty_lines_are_left_out_and_texts_are_stripped(tmp_path):
    file = tmp_path / "few.tsv"
    file.write_text("# a comment\n\nYes. \t Oui.\nNo.\tNon.\tSi.\n", encoding="utf-8")
    assert english_french(file) == [("Yes.", ["Oui."]), ("No.", ["Non.", "Si."])]


@pytest.mark.parametrize("line", ["Yes.", "Yes.\t", "\tOui.", "Yes.\tOui.\t"])
def test_a_line_that_is_not_whole_is_told_with_its_number(tmp_path, line):
    file = tmp_path / "few.tsv"
    file.write_text(f"No.\tNon.\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="few.tsv, line 2"):
        english_french(file)


def test_a_sentence_that_comes_twice_is_told(tmp_path):
    file = tmp_path / "few.tsv"
    file.write_text("No.\tNon.\nNo.\tNan.\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2: 'No.' stands there twice"):
        english_french(file)
