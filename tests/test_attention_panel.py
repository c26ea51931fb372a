"""Panel 1 draws what the chapter's attention computes, for every slider and every box."""

import numpy as np
import pytest
from strategies import descendants, plain_attention

from helpers.attention import attention
from helpers.figures.words import number
from helpers.panels import AttentionPanel

QUERY = [1, 0, -1]
KEY = [[1, 1, 0], [0, -1, 1], [1, 0, -1]]
VALUE = [[5], [0], [-3]]
WORDS = ["pizza", "but", "olives"]
FEATURES = range(3)


def make():
    return AttentionPanel(np.array(QUERY), np.array(KEY), np.array(VALUE), WORDS, asker="love")


@pytest.fixture
def panel():
    return make()


def start():
    """The entry names of the map's panel with their start values: query, three keys, three values."""
    at = {f"query[{j}]": QUERY[j] for j in FEATURES}
    for word, key, value in zip(WORDS, KEY, VALUE, strict=True):
        at |= {f"{word} key[{j}]": key[j] for j in FEATURES} | {f"{word} value": value[0]}
    return at


def assert_draws(panel, at):
    """Compare what the artists hold with the chapter's helper and with a plain loop at these settings."""
    query = np.array([at[f"query[{j}]"] for j in FEATURES], dtype=float)
    key = np.array([[at[f"{word} key[{j}]"] for j in FEATURES] for word in WORDS], dtype=float)
    value = np.array([[at[f"{word} value"]] for word in WORDS], dtype=float)
    output, weights = attention(query, key, value, scale=1)
    np.testing.assert_allclose(weights, plain_attention([query], key, value, scale=1)[1][0], rtol=1e-10)
    scores = [sum(a * b for a, b in zip(query, row, strict=True)) for row in key]

    np.testing.assert_array_equal(panel.products.image.get_array(), key * query)
    np.testing.assert_allclose([bar.get_height() for bar in panel.scores.bars], scores, atol=1e-12)
    np.testing.assert_allclose([bar.get_height() for bar in panel.weights.bars], weights, rtol=1e-12)
    np.testing.assert_allclose(panel.blend.dots.get_offsets()[:, 0], value[:, 0])
    np.testing.assert_allclose(panel.blend.diamond.get_xdata(), output)
    assert [label.get_text() for label in panel.scores.numbers] == [number(score) for score in scores]
    assert [label.get_text() for label in panel.weights.numbers] == [number(weight) for weight in weights]
    assert [label.get_text() for label in panel.blend.numbers] == [number(x) for x in [*value[:, 0], output[0]]]
    assert panel.picture.value == panel.canvas.png()  # the picture is of this state


def test_there_is_an_entry_for_each_number_of_query_keys_and_values(panel):
    assert {name: entry.value for name, entry in panel.entries.items()} == start()
    assert all(entry.box.description == name for name, entry in panel.entries.items())
    assert_draws(panel, start())


@pytest.mark.parametrize("part", ["slider", "box"])
def test_every_slider_and_every_box_moves_its_own_number_and_the_drawing_follows(part):
    panel, at = make(), start()
    for i, (name, entry) in enumerate(panel.entries.items()):
        at[name] = round(-1.9 + 0.25 * i, 2)  # another value for each
        getattr(entry, part).value = at[name]
        assert entry.slider.value == entry.box.value == at[name]
        assert {other: control.value for other, control in panel.entries.items()} == at
        assert_draws(panel, at)


@pytest.mark.parametrize("part", ["slider", "box"])
@pytest.mark.parametrize("name, end", [("query[0]", 2), ("but key[2]", 2), ("olives value", 5)])
def test_a_number_beyond_the_end_becomes_the_end_and_that_is_drawn(panel, part, name, end):
    for sign in (1, -1):
        getattr(panel.entries[name], part).value = sign * 1000
        assert_draws(panel, start() | {name: sign * end})


def test_love_meets_pizza_is_a_query_that_is_pizzas_key(panel):
    panel.buttons["love meets pizza"].click()
    assert_draws(panel, start() | {f"query[{j}]": KEY[0][j] for j in FEATURES})
    heights = [bar.get_height() for bar in panel.weights.bars]
    assert heights[0] == max(heights) and "pizza matches best" in panel.says()


def test_nothing_matches_gives_equal_weights_and_the_mean_and_says_so(panel):
    panel.buttons["nothing matches"].click()
    assert_draws(panel, start() | {f"query[{j}]": 0 for j in FEATURES})
    np.testing.assert_allclose([bar.get_height() for bar in panel.weights.bars], 1 / 3)
    assert "equally well" in panel.says() and "0.67" in panel.says() and "plain mean" in panel.summary.value


def test_one_key_wins_gives_nearly_all_weight_to_one_key(panel):
    panel.buttons["one key wins"].click()
    at = {name: entry.value for name, entry in panel.entries.items()}
    assert_draws(panel, at)
    assert max(bar.get_height() for bar in panel.weights.bars) > 0.95
    assert {name for name in at if at[name] != start()[name]} <= {f"query[{j}]" for j in FEATURES} | {
        f"olives key[{j}]" for j in FEATURES
    }


@pytest.mark.parametrize("preset", ["love meets pizza", "nothing matches", "one key wins"])
def test_reset_after_a_preset_and_moved_sliders_is_the_first_picture(panel, preset):
    first = panel.picture.value, repr(panel)
    panel.buttons[preset].click()
    for name in ("query[1]", "but value", "olives key[0]"):
        panel.entries[name].value = -1.5
    panel.buttons["Reset"].click()
    assert_draws(panel, start())
    assert (panel.picture.value, repr(panel)) == first


def test_the_words_are_the_sources_numbers_and_the_same_in_two_fresh_panels(panel):
    assert repr(panel) == repr(make())
    assert "pizza 0.26, but 0.04, olives 0.71" in repr(panel)
    assert "olives matches best and gets the weight 0.71; the output is -0.82." in repr(panel)
    assert "0x" not in repr(panel)


def test_a_changed_number_changes_the_words(panel):
    before = repr(panel)
    panel.entries["but value"].value = 0.5
    assert repr(panel) != before


def test_the_panel_leaves_its_arrays_alone():
    arrays = [np.array(QUERY, dtype=float), np.array(KEY, dtype=float), np.array(VALUE, dtype=float)]
    copies = [array.copy() for array in arrays]
    panel = AttentionPanel(*arrays, WORDS)
    for entry in panel.entries.values():
        entry.value = -1.5
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("words, features", [(1, 1), (2, 2), (4, 3), (6, 6)])
def test_the_panel_takes_other_sizes(words, features):
    rng = np.random.default_rng(words)
    query, key, value = (
        rng.uniform(-2, 2, features),
        rng.uniform(-2, 2, (words, features)),
        rng.uniform(-5, 5, (words, 1)),
    )
    panel = AttentionPanel(query, key, value, [f"w{i}" for i in range(words)])
    _, weights = attention(query, key, value, scale=1)
    np.testing.assert_allclose([bar.get_height() for bar in panel.weights.bars], weights)
    assert len(panel.entries) == features + words * (features + 1)


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"query": [1, 0]}, "query and key must have the same number of features, but query has 2 and key has 3"),
        ({"query": [[1, 0, 1]]}, "query must have 1 ax"),
        ({"key": KEY[:2]}, "key and value must have the same number of rows, but key has 2 and value has 3"),
        ({"value": [5, 0, -3]}, "value must have 2 axes"),
        ({"words": WORDS[:2]}, "words must hold 3 texts, one a row, but it holds 2"),
        ({"query": [1, np.nan, 0]}, "query must be finite, but it holds nan at position [1]"),
    ],
)
def test_what_does_not_fit_is_refused_before_a_panel_is_made(changed, words):
    with pytest.raises(ValueError) as problem:
        AttentionPanel(**({"query": QUERY, "key": KEY, "value": VALUE, "words": WORDS} | changed))
    assert words in str(problem.value)


@pytest.mark.parametrize(
    "changed, name",
    [
        ({"query": [1, 2.5, 0]}, "query"),
        ({"key": [*KEY[:2], [0, 0, -9]]}, "key"),
        ({"value": [[5], [5.5], [0]]}, "value"),
    ],
)
def test_numbers_beyond_the_sliders_are_refused_and_not_silently_cut(changed, name):
    with pytest.raises(ValueError, match=name):
        AttentionPanel(**({"query": QUERY, "key": KEY, "value": VALUE, "words": WORDS} | changed))


def test_values_of_two_features_are_refused_by_name():
    with pytest.raises(ValueError, match="^value must"):
        AttentionPanel(QUERY, KEY, [[1, 2], [3, 4], [5, 1]], WORDS)


def test_a_word_that_comes_twice_keeps_its_own_sliders_or_is_refused():
    try:
        panel = AttentionPanel(QUERY, KEY, VALUE, ["the", "cat", "the"])
    except ValueError as problem:
        assert str(problem).startswith("words must")
    else:
        _, weights = attention(QUERY, KEY, VALUE, scale=1)
        np.testing.assert_allclose([bar.get_height() for bar in panel.weights.bars], weights)
        assert len(panel.entries) == 15


def test_the_products_have_a_colour_scale_with_0_in_its_middle(panel):
    low, high = panel.products.image.get_clim()
    assert low == -high < 0


def test_every_entry_stands_in_the_panel_once_and_in_order(panel):
    shown = [widget for widget in descendants(panel) if widget in panel.entries.values()]
    assert shown == list(panel.entries.values())
