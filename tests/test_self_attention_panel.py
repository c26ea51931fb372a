"""Panel 3 draws the weights of the sentence as it stands: word picked, embedding moved, words hidden, positions added."""

import numpy as np
import pytest
from strategies import plain_attention, plain_matmul

from helpers.attention import attention, causal_mask
from helpers.figures.links import THICKEST
from helpers.figures.words import number
from helpers.panels import SelfAttentionPanel
from helpers.positions import sinusoidal_positions

WORDS = ["The", "cat", "sat", "on", "mat"]
EMBEDDINGS = np.array([[0.1, 0.1, 0.2], [0.9, 0.8, 0.7], [0.8, 0.9, 0.8], [0.2, 0.2, 0.3], [0.7, 0.6, 0.9]])
W_Q = np.array([[0.6, 0.2, 0.1], [0.8, 0.7, 0.6], [0.7, 0.9, 0.8]])
W_K = np.array([[0.6, 0.3, 0.2], [0.8, 0.7, 0.5], [0.7, 0.9, 0.6]])
W_V = np.array([[0.2, 0.5, 0.3], [0.7, 0.8, 0.6], [0.8, 0.9, 0.7]])
HIDE, PLACES = "hide later words", "add positions"


def make():
    return SelfAttentionPanel(EMBEDDINGS, W_Q, W_K, W_V, WORDS)


@pytest.fixture
def panel():
    return make()


def features(panel):
    return [entry for name, entry in panel.entries.items() if name.startswith("feature")]


def assert_draws(panel, embeddings, picked, hide=False, places=False):
    """Compare map, lines and words with the chapter's helper and with plain loops for these embeddings."""
    x = embeddings + sinusoidal_positions(5, 3) if places else embeddings
    mask = causal_mask(5) if hide else None
    _, weights = attention(x @ W_Q, x @ W_K, x @ W_V, mask)
    plain = plain_attention(*(plain_matmul(x, W) for W in (W_Q, W_K, W_V)), mask=mask)[1]
    np.testing.assert_allclose(weights, plain, rtol=1e-9, atol=1e-12)

    np.testing.assert_allclose(panel.map.image.get_array(), weights, rtol=1e-12)
    for (i, j), label in panel.map.numbers.items():
        assert label.get_text() == number(weights[i, j])
    for row, line in enumerate(panel.links.lines):
        assert list(line.get_ydata()) == [picked, row]
        assert line.get_visible() == (weights[picked, row] > 0)
        assert line.get_linewidth() == pytest.approx(THICKEST * weights[picked, row])
        assert panel.links.right[row].get_text() == f"{WORDS[row]}  {number(weights[picked, row])}"
    assert [entry.value for entry in features(panel)] == embeddings[picked].tolist()
    most = int(np.argmax(weights[picked]))
    expected = f"{WORDS[picked]} looks most at {WORDS[most]}, with the weight {number(weights[picked, most])}."
    assert panel.says() == expected and expected in panel.summary.value
    assert panel.picture.value == panel.canvas.png()


def changed(*changes):
    """The embeddings with some entries (word, feature, number) replaced."""
    embeddings = EMBEDDINGS.copy()
    for word, feature, value in changes:
        embeddings[word, feature] = value
    return embeddings


def test_the_first_picture_is_the_sources_sentence(panel):
    assert_draws(panel, EMBEDDINGS, 1)
    assert "The: The 0.14, cat 0.23, sat 0.25, on 0.15, mat 0.23" in repr(panel)


@pytest.mark.parametrize("part", ["slider", "box"])
def test_every_feature_of_every_word_can_be_moved_and_stays_moved(part):
    panel, moves = make(), []
    for word in range(5):
        panel.entries["word"].box.value = word
        assert_draws(panel, changed(*moves), word)
        for feature, entry in enumerate(features(panel)):
            moves.append((word, feature, round(-2.9 + 0.4 * len(moves), 2)))
            getattr(entry, part).value = moves[-1][2]
            assert entry.slider.value == entry.box.value == moves[-1][2]
            assert_draws(panel, changed(*moves), word)


@pytest.mark.parametrize("hide, places", [(True, False), (False, True), (True, True)])
def test_hidden_words_and_positions_are_drawn_for_every_picked_word(panel, hide, places):
    panel.entries[HIDE].box.value, panel.entries[PLACES].box.value = hide, places
    for word in range(5):
        panel.entries["word"].value = word
        assert_draws(panel, EMBEDDINGS, word, hide, places)
    panel.entries[HIDE].value = panel.entries[PLACES].value = False
    assert_draws(panel, EMBEDDINGS, 4)


@pytest.mark.parametrize("part", ["slider", "box"])
@pytest.mark.parametrize("beyond, end", [(99, 3), (-99, -3)])
def test_a_number_beyond_the_end_becomes_the_end(panel, part, beyond, end):
    getattr(features(panel)[2], part).value = beyond
    assert_draws(panel, changed((1, 2, end)), 1)


def test_another_picked_word_draws_once(panel):
    draws, png = [], panel.canvas.png
    panel.canvas.png = lambda: draws.append(1) or png()
    panel.entries["word"].value = 4
    assert len(draws) == 1


def test_the_picked_word_shouts_and_the_rest_stays_as_it_is(panel):
    panel.entries["word"].value = 3
    panel.entries[HIDE].value = True
    panel.buttons["the word shouts"].click()
    assert panel.entries["word"].value == 3 and panel.entries[HIDE].value
    assert_draws(panel, changed(*((3, feature, 3.0) for feature in range(3))), 3, hide=True)


def test_reset_gives_every_word_its_own_embedding_back(panel):
    first = panel.picture.value, repr(panel)
    for word in (0, 4, 2):
        panel.entries["word"].value = word
        for entry in features(panel):
            entry.value = -1.5
    panel.entries[HIDE].value = panel.entries[PLACES].value = True
    panel.buttons["Reset"].click()
    assert_draws(panel, EMBEDDINGS, 1)
    assert (panel.picture.value, repr(panel)) == first
    panel.entries["word"].value = 4
    assert_draws(panel, EMBEDDINGS, 4)


def test_two_fresh_panels_say_the_same_and_share_nothing(panel):
    other, before = make(), repr(panel)
    assert before == repr(other) and "0x" not in before
    features(other)[0].value = -3
    assert repr(other) != before and repr(panel) == before


def test_the_panel_leaves_the_embeddings_alone(panel):
    copy = EMBEDDINGS.copy()
    features(panel)[0].value = -3
    panel.entries["word"].value = 0
    features(panel)[1].value = -3
    np.testing.assert_array_equal(EMBEDDINGS, copy)


def test_words_that_come_twice_are_told_apart_by_their_place():
    panel = SelfAttentionPanel(EMBEDDINGS, W_Q, W_K, W_V, ["the", "cat", "on", "the", "mat"])
    panel.entries["word"].value = 3
    _, weights = attention(EMBEDDINGS @ W_Q, EMBEDDINGS @ W_K, EMBEDDINGS @ W_V)
    assert panel.links.picked == 3
    np.testing.assert_allclose(panel.map.image.get_array(), weights)
    features(panel)[0].value = -3
    assert panel.embeddings[3, 0] == -3 and panel.embeddings[0, 0] == 0.1


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"words": WORDS[:4]}, "words must hold 5 texts, one a row, but it holds 4"),
        ({"W_k": W_K[:2]}, "embeddings and W_k must have the same features, but embeddings has 3 and W_k has 2"),
        ({"W_v": W_V[0]}, "W_v must have 2 axes, but its shape is (3,)"),
        ({"embeddings": EMBEDDINGS[0]}, "embeddings must have 2 axes, but its shape is (3,)"),
        ({"embeddings": EMBEDDINGS * np.nan}, "embeddings must be finite"),
    ],
)
def test_what_does_not_fit_is_refused(changes, words):
    fitting = {"embeddings": EMBEDDINGS, "W_q": W_Q, "W_k": W_K, "W_v": W_V, "words": WORDS}
    with pytest.raises(ValueError) as problem:
        SelfAttentionPanel(**(fitting | changes))
    assert words in str(problem.value)


def test_queries_and_keys_of_different_width_are_refused_when_the_panel_is_made():
    with pytest.raises(ValueError, match=r"W_q and W_k|query and key must have the same number of features"):
        SelfAttentionPanel(EMBEDDINGS, W_Q[:, :2], W_K, W_V, WORDS)


@pytest.mark.parametrize("word", [0, 1])  # not picked, and picked
def test_an_embedding_beyond_the_sliders_is_refused_and_not_silently_cut(word):
    with pytest.raises(ValueError, match=r"^embeddings must lie between -3 and 3, but it holds 7.5"):
        SelfAttentionPanel(changed((word, 0, 7.5)), W_Q, W_K, W_V, WORDS)
