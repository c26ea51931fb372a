"""Panel 4 draws one map a head, and what each head gives through W_o to the picked word."""

import math

import numpy as np
import pytest
from strategies import plain_attention, plain_matmul

from helpers.figures.words import number
from helpers.multi_head import multi_head_attention
from helpers.panels import MultiHeadPanel

WORDS = ["The", "cat", "sat", "on", "mat"]
RANDOM = np.random.default_rng(0)
EMBEDDINGS = RANDOM.uniform(0, 1, (5, 4))
W_Q, W_K, W_V, W_O = RANDOM.standard_normal((4, 4, 4))


def make():
    return MultiHeadPanel(EMBEDDINGS, W_Q, W_K, W_V, W_O, WORDS)


@pytest.fixture
def panel():
    return make()


def assert_draws(panel, num_heads, picked, mixing):
    """Compare maps and contributions with plain loops, and their sum with the chapter's helper."""
    width = 4 // num_heads
    W_o = [[(1 - mixing) * (i == j) + mixing * W_O[i, j] for j in range(4)] for i in range(4)]
    query, key, value = (plain_matmul(EMBEDDINGS, W) for W in (W_Q, W_K, W_V))
    parts = []
    assert len(panel.maps) == num_heads
    for head, view in enumerate(panel.maps):
        columns = slice(head * width, (head + 1) * width)
        output, weights = plain_attention(query[:, columns], key[:, columns], value[:, columns])
        np.testing.assert_allclose(view.image.get_array(), weights, rtol=1e-9)
        assert all(label.get_text() == number(weights[cell]) for cell, label in view.numbers.items())
        assert view.image.get_clim() == (0, 0.5) and view.title == f"head {head + 1}"
        rows = W_o[head * width : (head + 1) * width]
        parts.append([math.fsum(output[picked, d] * rows[d][o] for d in range(width)) for o in range(4)])
    output, _ = multi_head_attention(EMBEDDINGS, W_Q, W_K, W_V, np.array(W_o), num_heads)
    np.testing.assert_allclose(panel.mix.image.get_array(), [*parts, output[picked]], rtol=1e-9, atol=1e-12)
    assert panel.mix.rows == [f"head {head + 1}" for head in range(num_heads)] + ["output"]
    shared = sum(sum(abs(part[o]) > 1e-9 for part in parts) > 1 for o in range(4))
    assert panel.says() == f"In the output for {WORDS[picked]}, {shared} of 4 features are fed by more than one head."
    assert panel.picture.value == panel.canvas.png()
    assert len(panel.canvas.figure.axes) == num_heads + 1  # no axes of another number of heads are left


@pytest.mark.parametrize("num_heads, rows", [(1, 1), (2, 1), (4, 2)])
def test_at_most_two_maps_stand_side_by_side_and_none_lies_on_another(panel, num_heads, rows):
    panel.entries["heads"].value = num_heads
    boxes = [view.image.axes.get_position() for view in (*panel.maps, panel.mix)]
    assert len({round(box.y0, 3) for box in boxes[:-1]}) == rows
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    assert boxes[-1].x0 > max(box.x1 for box in boxes[:-1])


def test_one_feature_has_one_head():
    panel = MultiHeadPanel([[1], [2]], [[1]], [[1]], [[1]], [[1]], ["a", "b"])
    assert panel.entries["heads"].value == 1 and len(panel.maps) == 1


@pytest.mark.parametrize("part", ["slider", "box"])
def test_every_number_of_heads_word_and_mixing_is_drawn(part):
    panel = make()
    assert_draws(panel, 2, 1, 0)
    for num_heads, picked, mixing in [(4, 0, 0.5), (1, 4, 1.0), (2, 2, 0.25), (2, 3, 0.0), (4, 1, 1.0)]:
        panel.entries["heads"].box.value, panel.entries["word"].box.value = num_heads, picked
        getattr(panel.entries["mixing"], part).value = mixing
        assert panel.entries["mixing"].slider.value == panel.entries["mixing"].box.value == mixing
        assert_draws(panel, num_heads, picked, mixing)


def test_heads_can_only_be_a_divisor_of_the_features(panel):
    assert list(panel.entries["heads"].box.options) == [1, 2, 4]
    wide = MultiHeadPanel(np.ones((2, 6)), *[np.eye(6)] * 4, ["a", "b"])
    assert list(wide.entries["heads"].box.options) == [1, 2, 3, 6]


@pytest.mark.parametrize("part", ["slider", "box"])
@pytest.mark.parametrize("beyond, end", [(9, 1.0), (-9, 0.0)])
def test_a_mixing_beyond_the_end_becomes_the_end(panel, part, beyond, end):
    getattr(panel.entries["mixing"], part).value = beyond
    assert_draws(panel, 2, 1, end)


def test_without_mixing_no_feature_is_fed_by_two_heads_and_with_it_all_are(panel):
    assert "0 of 4 features" in panel.says()
    panel.buttons["mix the heads"].click()
    assert_draws(panel, 2, 1, 1.0)
    assert "4 of 4 features" in panel.says()


def test_presets_and_reset(panel):
    first = panel.picture.value, repr(panel)
    panel.buttons["one head a feature"].click()
    assert_draws(panel, 4, 1, 0)
    panel.entries["word"].value = 3
    panel.buttons["Reset"].click()
    assert_draws(panel, 2, 1, 0)
    assert (panel.picture.value, repr(panel)) == first


def test_the_picture_after_a_change_of_heads_is_that_of_a_fresh_panel(panel):
    other = make()
    for num_heads in (4, 1, 2):
        other.entries["heads"].value = num_heads
    assert other.picture.value == panel.picture.value and repr(other) == repr(panel)


def test_two_fresh_panels_say_the_same_and_a_changed_number_says_something_else(panel):
    before = repr(panel)
    assert before == repr(make()) and "0x" not in before and "\n" not in before
    panel.entries["mixing"].value = 0.05
    assert repr(panel) != before


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"words": WORDS[:4]}, "words must hold 5 texts, one a row, but it holds 4"),
        ({"W_k": W_K[:2]}, "W_k"),
        ({"W_o": np.ones((4, 5))}, "W_o"),
        ({"W_v": W_V[0]}, "W_v must have 2 axes, but its shape is (4,)"),
        ({"embeddings": EMBEDDINGS[0]}, "embeddings must have 2 axes, but its shape is (4,)"),
        ({"W_q": W_Q * np.inf}, "W_q must be finite"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(changes, words):
    fitting = {"embeddings": EMBEDDINGS, "W_q": W_Q, "W_k": W_K, "W_v": W_V, "W_o": W_O, "words": WORDS}
    with pytest.raises(ValueError) as problem:
        MultiHeadPanel(**(fitting | changes))
    assert words in str(problem.value)


def test_a_sentence_of_one_word_looks_at_itself():
    panel = MultiHeadPanel(EMBEDDINGS[:1], W_Q, W_K, W_V, W_O, WORDS[:1])
    assert panel.entries["word"].value == 0 and "The" in panel.says()
