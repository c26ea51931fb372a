"""What chapter 6 claims, against what its stored outputs show: the re-run proves that these outputs come again."""

import json
import math
import re
from pathlib import Path

import pytest

from helpers.reviews import LABELS, load_reviews

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "06-text-classification-with-bert.ipynb"


def outputs(cell):
    """All that a code cell shows as text: what it printed, and the words of its figures."""
    shown = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell["outputs"]]
    return "\n".join("".join(text) for text in shown)


@pytest.fixture(scope="module")
def cells():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return [("".join(c["source"]), outputs(c)) for c in notebook["cells"] if c["cell_type"] == "code"]


@pytest.fixture(scope="module")
def prose():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    text = " ".join("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown")
    return re.sub(r"\s+", " ", text)


def shown_by(cells, part, last=False):
    """What the cell prints whose code holds this part; the first of several, or the last."""
    found = [text for source, text in cells if part in source]
    return found[-1 if last else 0]


def numbers_after(what, text):
    """The decimal numbers behind these words, in order."""
    return [float(n) for n in re.findall(r"-?\d+\.\d*", text.split(what)[1])]


def wilson(right, n):
    """The ends of the interval by their definition: the shares whose test on right of n just reaches 1.96."""
    share, ends = right / n, []
    for low, high in ((0.0, share), (share, 1.0)):
        for _ in range(100):
            middle = (low + high) / 2
            far = abs(share - middle) > 1.96 * math.sqrt(middle * (1 - middle) / n)
            low, high = (middle, high) if far == (middle < share) else (low, middle)
        ends.append(low)
    return tuple(ends)


def reports(cells):
    """[(right, n, share, low, high)] of every line that reports an accuracy."""
    pattern = r"(\d+) of (\d+) right = (\d+)%, 95% interval (\d+)% to (\d+)%"
    return [tuple(map(int, found)) for _, text in cells for found in re.findall(pattern, text)]


def test_the_source_cell_stands_there_twice_and_is_right_the_second_time(cells):
    asked = [(source, text) for source, text in cells if 'print("Predictions:"' in source]
    assert len(asked) == 2
    for source, text in asked:
        for line in (
            'inputs = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")',
            "outputs = model(**inputs)",
            "logits = outputs.logits",
            "probs = torch.softmax(logits, dim=1)",
            "predictions = torch.argmax(probs, dim=1)",
        ):
            assert line in source
        assert "Probabilities:" in text and "Predictions:" in text
    assert 'texts = ["I love this product!", "The movie was terrible."]' in asked[0][0]
    assert "Predictions: tensor([1, 0])" in asked[1][1] and "both right: True" in asked[1][1]
    love_0, love_1, terrible_0, terrible_1 = numbers_after("Probabilities:", asked[1][1])[:4]
    assert love_1 > 0.8 > 0.2 > love_0 and terrible_0 > 0.8 > 0.2 > terrible_1


def test_five_seeds_give_different_answers_near_one_half(cells):
    lines = re.findall(r"seed (\d):  (0\.\d\d) (\w+) +(0\.\d\d) (\w+)", shown_by(cells, "for seed in range(5)"))
    assert [int(line[0]) for line in lines] == list(range(5))
    answers = {line[i] for line in lines for i in (2, 4)}
    assert answers == set(LABELS)
    assert all(abs(float(line[i]) - 0.5) < 0.25 for line in lines for i in (1, 3))


def test_only_the_classifier_was_made_up(cells):
    assert "['classifier.bias', 'classifier.weight']" in shown_by(cells, "missing_keys")


def test_logits_are_no_probabilities(cells):
    text = shown_by(cells, "softmax(logits + 10)")
    assert "same with both plus 10: True" in text
    assert any(abs(total - 1) > 0.05 for total in numbers_after("their sums:", text)[:2])


def test_every_interval_is_wilsons(cells):
    found = reports(cells)
    assert [n for _, n, *_ in found] == [120, 380, 120]
    for right, n, share, low, high in found:
        ends = wilson(right, n)
        assert (low, high) == tuple(round(100 * end) for end in ends)
        assert abs(share - 100 * right / n) <= 0.51


def test_training_helped_and_more_on_what_was_learnt(cells):
    before, learnt, unseen = reports(cells)
    assert before[3] <= 50 <= before[4] and "in the interval: True" in shown_by(cells, "before = report")
    assert unseen[3] > 50 and "in the interval: False" in shown_by(cells, "after = report")
    assert unseen[0] > before[0]
    assert learnt[2] > unseen[2]


def test_the_confusion_table_agrees_with_the_accuracy(cells):
    text = shown_by(cells, "table[is_label, said] += 1")
    rows = re.findall(r"is (\w+): called negative (\d+), called positive (\d+)", text)
    assert [row[0] for row in rows] == list(LABELS)
    table = [[int(n) for n in row[1:]] for row in rows]
    assert [sum(row) for row in table] == [60, 60]
    assert table[0][0] + table[1][1] == reports(cells)[2][0]


def test_the_mistakes_shown_are_test_reviews_with_the_other_label(cells):
    labels = dict(zip(*load_reviews("test")))
    lines = re.findall(r"^([01]\.\d\d) (\w+): (.*)$", shown_by(cells, "mistakes[:8]"), re.MULTILINE)
    wrong = 120 - reports(cells)[2][0]
    assert len(lines) == min(8, wrong)
    assert all(LABELS[labels[text]] != said and float(p) >= 0.5 for p, said, text in lines)
    assert [float(p) for p, *_ in lines] == sorted((float(p) for p, *_ in lines), reverse=True)


def test_the_loss_is_the_learners_own_and_it_fell(cells):
    assert re.search(r"yours (\d\.\d\d), theirs \1, equal: True", shown_by(cells, "mine = -np.log"))
    text = shown_by(cells, "show_curves(middles")
    points = [float(p) for p in re.findall(r"(\d\.\d\d) at", text.split("; highest")[0])]
    assert len(points) == 12 and points[0] > 0.5 and points[-1] < 0.3


def test_the_progress_bar_is_stored_as_a_picture_with_words(cells):
    assert shown_by(cells, "with_progress(") == (
        "Progress bar, fine-tuning: 72 steps, filled one by one while the cell runs."
    )
    assert "steps: 72" in shown_by(cells, 'print("steps:", steps)')


def test_leaving_a_word_out_finds_the_word_that_decides(cells):
    text = shown_by(cells, 'contributions("The movie was terrible.")')
    assert re.search(r"lowest: terrible\. \(-0\.\d\d\)", text)
    worst = re.search(r"^[01]\.\d\d \w+: (.*)$", shown_by(cells, "mistakes[:8]"), re.MULTILINE)[1]
    assert all(f"{word} " in shown_by(cells, "worst = test_texts") for word in worst.split())
    lines = re.findall(r"words together +(-?\d\.\d\d), sentence +(-?\d\.\d\d)", shown_by(cells, "whole, empty ="))
    assert len(lines) == 2 and all(abs(float(words) - float(whole)) > 0.05 for words, whole in lines)


def test_the_panel_and_its_tasks(cells, prose):
    source, text = cells[-1]
    assert source.splitlines()[-1].startswith("ClassificationPanel(") and "The model says negative" in text
    assert prose.count("Try this:") == prose.count("What you should have seen") == 1
    assert all(f'"{name}"' in source for name in ("not good", "two minds"))


def test_predictions_pitfall_and_end(prose):
    assert prose.count("Predict, then run.") >= 4 and "## Pitfall: the answer of an untrained head" in prose
    assert "Do not read logits as probabilities" in prose
    assert "## Three sentences to remember" in prose and "(07-text-generation-with-gpt2.ipynb)" in prose
