"""Panel 2 draws scores, their spread, the weights and their entropy for every width and temperature."""

import math

import numpy as np
import pytest
from strategies import plain_softmax

from helpers.attention import attention
from helpers.figures.words import number
from helpers.panels import ScalingPanel

RANDOM = np.random.default_rng(7)
QUERY, KEY = RANDOM.standard_normal(64), RANDOM.standard_normal((5, 64))
SCALE = "divide by sqrt(d_k)"


def make():
    return ScalingPanel(QUERY, KEY)


@pytest.fixture
def panel():
    return make()


def heights(view):
    return [bar.get_height() for bar in view.bars]


def assert_draws(panel, d_k, temperature, divided):
    """Compare the bars with plain loops and with the chapter's helper at these settings."""
    scale = 1 / temperature / (math.sqrt(d_k) if divided else 1)
    scores = [math.fsum(QUERY[j] * row[j] for j in range(d_k)) * scale for row in KEY]
    mean = math.fsum(scores) / 5
    spread = math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / 5)
    weights = plain_softmax(scores)
    bits = -math.fsum(weight * math.log2(weight) for weight in weights if weight)
    _, by_helper = attention(QUERY[:d_k], KEY[:, :d_k], np.eye(5), scale=scale)
    np.testing.assert_allclose(by_helper, weights, rtol=1e-8, atol=1e-12)

    np.testing.assert_allclose(heights(panel.scores), np.clip(scores, -40, 40), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(heights(panel.spread), [min(spread, 40)], rtol=1e-9)
    np.testing.assert_allclose(heights(panel.weights), weights, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(heights(panel.bits), [bits], rtol=1e-8, atol=1e-9)
    assert [label.get_text() for label in panel.scores.numbers] == [number(score, 1) for score in scores]
    assert [label.get_text() for label in panel.weights.numbers] == [number(weight) for weight in weights]
    assert panel.spread.numbers[0].get_text() == number(spread, 1)
    assert panel.picture.value == panel.canvas.png()
    assert f"the largest weight is {number(max(weights))}" in panel.says()
    assert f"{number(bits)} of at most 2.32 bits" in panel.says()


@pytest.mark.parametrize("part", ["slider", "box"])
def test_every_width_temperature_and_switch_is_drawn(part):
    panel = make()
    assert_draws(panel, 4, 1.0, False)
    for d_k, temperature, divided in [
        (1, 1.0, False),
        (64, 0.1, False),
        (64, 10.0, True),
        (16, 2.5, True),
        (3, 0.7, False),
    ]:
        getattr(panel.entries["d_k"], part).value = d_k
        getattr(panel.entries["temperature"], part).value = temperature
        panel.entries[SCALE].box.value = divided
        for name in ("d_k", "temperature"):
            assert panel.entries[name].slider.value == panel.entries[name].box.value == panel.entries[name].value
        assert_draws(panel, d_k, temperature, divided)


@pytest.mark.parametrize("part", ["slider", "box"])
def test_numbers_beyond_the_ends_become_the_ends(panel, part):
    getattr(panel.entries["d_k"], part).value = 1000
    getattr(panel.entries["temperature"], part).value = -3
    assert_draws(panel, 64, 0.1, False)
    getattr(panel.entries["d_k"], part).value = 0
    getattr(panel.entries["temperature"], part).value = 99
    assert_draws(panel, 1, 10.0, False)


@pytest.mark.parametrize(
    "preset, settings",
    [
        ("wide, not scaled", (64, 1.0, False)),
        ("wide, scaled", (64, 1.0, True)),
        ("cold", (4, 0.1, False)),
        ("hot", (4, 10.0, False)),
        ("Reset", (4, 1.0, False)),
    ],
)
def test_a_preset_sets_what_it_says_and_reset_brings_back_the_first_picture(panel, preset, settings):
    first = panel.picture.value, repr(panel)
    panel.entries["d_k"].value, panel.entries[SCALE].value = 20, True
    panel.buttons[preset].click()
    assert_draws(panel, *settings)
    panel.buttons["Reset"].click()
    assert (panel.picture.value, repr(panel)) == first


def test_a_score_beyond_the_picture_ends_at_the_edge_and_keeps_its_number(panel):
    panel.buttons["wide, not scaled"].click()
    panel.entries["temperature"].value = 0.1
    scores = KEY @ QUERY / 0.1
    assert np.abs(scores).max() > 40 and np.abs(heights(panel.scores)).max() == 40
    assert [label.get_text() for label in panel.scores.numbers] == [number(score, 1) for score in scores]


def test_two_fresh_panels_say_the_same_and_a_changed_number_says_something_else(panel):
    before = repr(panel)
    assert before == repr(make()) and "0x" not in before
    panel.entries["temperature"].value = 1.1
    assert repr(panel) != before


@pytest.mark.parametrize(
    "query, key, words",
    [
        (QUERY[:3], KEY, "query and key must have the same number of features, but query has 3 and key has 64"),
        (KEY, KEY, "query must have 1 ax"),
        (QUERY, QUERY, "key must have 2 axes"),
        (QUERY * np.nan, KEY, "query must be finite"),
    ],
)
def test_what_does_not_fit_is_refused(query, key, words):
    with pytest.raises(ValueError) as problem:
        ScalingPanel(query, key)
    assert words in str(problem.value)


@pytest.mark.filterwarnings("error")
def test_a_single_key_makes_a_panel_without_a_warning():
    ScalingPanel(QUERY, KEY[:1])
