import numpy as np
import pytest

from helpers.pocket import phrasebook, summaries
from helpers.pocket.corpora import normalise
from helpers.pocket.scores_t5 import EVERYDAY, rules

PASSAGE = [
    "The old mill (built by Anna Roth in 1820) stands near the river, which is deep and cold.",
    "The miller, Jan Weber, lives in the mill with his two dogs.",
    "Every morning the miller walks along the river.",
]


def test_shorten_only_leaves_words_out():
    short = summaries.shorten(PASSAGE[0], limit=9)
    assert short == "The old mill stands near the river."
    assert set(summaries.words(short)) <= set(summaries.words(PASSAGE[0]))
    assert summaries.shorten("It rained.") == "It rained."


@pytest.mark.parametrize("seed", range(20))
def test_a_made_summary_keeps_the_rules(seed):
    text, summary = summaries.passage_example(PASSAGE, np.random.default_rng(seed))
    assert all(rules(text, summary).values()), summary


def test_swapped_names_are_the_same_on_both_sides():
    rng = np.random.default_rng(0)
    text, summary = summaries.swap_names(
        "In May Jan Weber met Anna in 1820.", "Then Jan Weber met Anna in 1820.", rng, share=1
    )
    assert "Weber" not in text + summary and "1820" not in text + summary
    assert text.split()[2:] == summary.split()[1:]
    assert text.startswith("In May")


@pytest.mark.parametrize("seed", range(20))
def test_a_copy_example_begins_with_its_summary(seed):
    text, summary = summaries.copy_example(["Tom is here.", "She sees the dog."], np.random.default_rng(seed), most=3)
    assert text.startswith(summary)


def test_a_human_compression_with_other_words_is_not_used():
    rng = np.random.default_rng(0)
    assert summaries.split_example("The cat sat down and slept.", "A kitten sat.", [], rng) is None
    assert summaries.split_example("The cat sat down and slept.", "The cat sat.", [], rng) is not None


def test_the_phrasebook_is_clean_and_not_the_test():
    keys = [normalise(english) for english, _ in phrasebook.PAIRS]
    assert len(keys) == len(set(keys)) > 400
    asked = {normalise(sentence) for sentence in EVERYDAY} - {normalise("The weather is sunny.")}
    assert not asked & set(keys)
    for english, french in phrasebook.PAIRS:
        assert english[-1] in ".!?" and french[-1] in ".!?", english
        assert english[0].isupper() and french[0].isupper(), english


def test_a_broken_phrasebook_line_is_named(tmp_path):
    path = tmp_path / "phrases.txt"
    path.write_text("# weather\nIt rains. | Il pleut.\nIt snows.\n")
    with pytest.raises(ValueError, match="line 3"):
        phrasebook.read(path)
