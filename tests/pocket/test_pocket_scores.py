import numpy as np
import pytest

from helpers.pocket import scores_bert, scores_gpt2, scores_t5
from helpers.pocket.kneser_ney import KneserNey


def test_kneser_ney_probabilities_sum_to_one():
    rng = np.random.default_rng(0)
    model = KneserNey(rng.integers(0, 6, 500), vocabulary=6, order=3)
    for context in ([0, 1], [5, 5], [2, 3]):
        total = sum(model.probabilities(np.array([*context, word]))[0] for word in range(6))
        assert total == pytest.approx(1)


def test_kneser_ney_backs_off_to_the_number_of_different_contexts():
    """1 comes often, always after 0; 2 comes three times, after three tokens: after an unseen token 2 is likelier."""
    model = KneserNey(np.array([0, 1] * 10 + [3, 2, 4, 2, 5, 2]), vocabulary=8, order=2)
    assert model.probabilities(np.array([7, 2]))[0] > model.probabilities(np.array([7, 1]))[0]


def test_kneser_ney_prefers_what_it_has_seen():
    model = KneserNey(np.array([1, 2, 3, 4] * 50), vocabulary=6, order=3)
    assert model.probabilities(np.array([1, 2, 3]))[0] > 0.9
    assert model.probabilities(np.array([1, 2, 5]))[0] < 0.05
    with pytest.raises(ValueError, match="order: got 5"):
        KneserNey(np.array([1, 2]), vocabulary=100_000)


def test_area_under_curve():
    assert scores_bert.area_under_curve(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1
    assert scores_bert.area_under_curve(np.array([0.0, 3.0]), np.array([1.0, 2.0])) == 0.5


def test_loops_and_repeats():
    assert scores_gpt2.loops([1, 2, 3, 1, 2, 3, 1, 2, 3])
    assert not scores_gpt2.loops(list(range(40)))
    assert scores_gpt2.repeats([1, 2, 3, 4] * 4, size=4) > 0.5
    assert scores_gpt2.repeats(list(range(40))) == 0


def test_bleu_uses_all_references():
    answers = ["Il fait beau aujourd'hui.", "Je suis très content de toi."]
    references = [["Il fait beau aujourd'hui."], ["Je suis fier de toi.", "Je suis très content de toi."]]
    assert scores_t5.bleu_and_chrf(answers, references) == pytest.approx((100, 100))


@pytest.mark.parametrize(
    "summary, broken",
    [
        ("Anna Roth built the mill in 1821.", "names and numbers from the passage"),
        ("The mill is very old and very nice.", "95 % of the words from the passage"),
        ("the old mill by the old mill by the old mill.", "no repeated 4-gram"),
        ("Anna Roth built the old mill near the river in 1820, and it", "at most 60 % of the words"),
        ("Anna Roth built", "ends like a sentence"),
    ],
)
def test_each_rule_finds_its_fault(summary, broken):
    passage = "Anna Roth built the old mill near the river in 1820, and it was by the road."
    assert not scores_t5.rules(passage, summary)[broken]


def test_a_good_summary_keeps_all_rules():
    passage = "Anna Roth built the old mill near the river in 1820, and it was by the road."
    assert all(scores_t5.rules(passage, "Anna Roth built the old mill.").values())
