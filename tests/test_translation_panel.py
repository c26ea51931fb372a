"""Panel 8 and its two figures draw the beam search and the cross-attention that transformers gives, and say them."""

import re
from functools import cache

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba
from strategies import descendants, picture_size
from tiny_t5 import Letters, tiny_t5

from helpers.figures.alignment import ROW, TOP, Alignment, show_alignment
from helpers.figures.beam_tree import BeamTree, show_beam_tree, tree_size
from helpers.figures.style import BLUE, GREY, new_figure
from helpers.figures.words import number
from helpers.models.t5 import TRANSLATE, beam_search
from helpers.panels import TranslationPanel

TOKENIZER = Letters()
STEPS = [
    [("▁Le", -1, -0.5, "kept"), ("▁La", -1, -1.25, "kept"), ("▁Un", -1, -2.0, "dropped")],
    [("▁chat", 0, -1.0, "kept"), ("</s>", 1, -1.5, "finished"), ("$x^2$", 0, -3.04, "kept")],
    [("</s>", 0, -1.1, "finished"), ("s", 2, -4.0, "kept")],
]
PATH = [0, 0, 0]


def tree(columns=3, rows=3):
    return BeamTree(new_figure(6, 3).subplots(), columns, rows, "two beams")


def drawn(view):
    """Return {(step, place): (token, score text)} of what a tree shows."""
    return {
        cell: (label.get_text(), view.scores[cell].get_text())
        for cell, label in view.tokens.items()
        if view.scores[cell].get_text()
    }


def test_the_tree_draws_every_candidate_with_its_score_and_fate():
    view = tree().update(STEPS, PATH)
    signs = {"kept": "●", "finished": "■", "dropped": "×"}
    assert drawn(view) == {
        (x, y): (token, f"{signs[fate]} {number(score, 1)}")
        for x, step in enumerate(STEPS)
        for y, (token, _, score, fate) in enumerate(step)
    }
    bold = {cell for cell, label in view.tokens.items() if label.get_weight() == "bold"}
    assert bold == {(0, 0), (1, 0), (2, 0)}


def test_each_line_leads_from_the_parent_and_the_answers_lines_are_thick():
    view = tree().update(STEPS, PATH)
    found = {}
    for segment, width in zip(view.lines.get_segments(), view.lines.get_linewidths(), strict=True):
        (_, parent), (x, y) = segment
        found[round(x + 0.4), round(y - 0.22)] = (round(parent - 0.22), width)
    assert {cell: parent for cell, (parent, _) in found.items()} == {
        (1, 0): 0, (1, 1): 1, (1, 2): 0, (2, 0): 0, (2, 1): 2,
    }  # fmt: skip
    assert {cell for cell, (_, width) in found.items() if width == 4} == {(1, 0), (2, 0)}


def test_the_tree_says_all_that_it_draws():
    words = tree().update(STEPS, PATH).words()
    assert words == (
        "Tree, two beams (3 steps): step 1: 1 ▁Le -0.5 kept; 2 ▁La -1.2 kept; 3 ▁Un -2.0 dropped. "
        "step 2: 1 ▁chat -1.0 after 1 kept; 2 </s> -1.5 after 2 finished; 3 $x^2$ -3.0 after 1 kept. "
        "step 3: 1 </s> -1.1 after 1 finished; 2 s -4.0 after 3 kept. The answer: ▁Le ▁chat </s>."
    )


def test_the_lines_of_the_answer_are_blue_and_those_of_what_was_dropped_grey():
    view = tree().update(
        [[*STEPS[0][:2], ("▁Un", -1, -2.0, "kept")], [*STEPS[1][:2], ("▁x", 2, -3.0, "dropped")]], PATH[:2]
    )
    ends = [round(segment[1][1] - 0.22) for segment in view.lines.get_segments()]  # the row of each line's right end
    inks = dict(zip(ends, map(tuple, view.lines.get_colors()), strict=True))
    assert inks[0] == to_rgba(BLUE) and inks[2] == to_rgba(GREY) and inks[1] not in (inks[0], inks[2])


def test_a_later_first_step_moves_the_columns_on():
    view = tree(columns=2).update(STEPS, PATH, first=1)
    assert [head.get_text() for head in view.heads] == ["step 2", "step 3"]
    assert drawn(view)[0, 1] == ("</s>", "■ -1.5") and (1, 2) not in drawn(view)
    assert "step 1" not in view.words()
    view.update(STEPS, PATH, first=2)
    assert [head.get_text() for head in view.heads] == ["step 3", ""]


def test_a_tree_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="steps may hold 2 candidates each, but one holds 3"):
        tree(rows=2).update(STEPS, PATH)
    with pytest.raises(ValueError, match="steps must hold one step"):
        tree().update([], [])
    with pytest.raises(ValueError, match="first"):
        tree().update(STEPS, PATH, -1)


WEIGHTS = np.array([[0.1, 0.7, 0.2], [0.30001, 0.3, 0.39999], [0.45, 0.45001, 0.09999]])


def test_the_map_draws_the_weights_and_numbers_the_largest_of_each_row():
    view = Alignment(new_figure(6, 4).subplots(), ["a", "b", "c"], ["x", "y", "z"], "map").update(WEIGHTS)
    np.testing.assert_array_equal(view.image.get_array(), WEIGHTS)
    assert view.image.get_clim() == (0, 1)
    assert [(label.get_text(), label.get_position()) for label in view.numbers] == [
        ("0.70", (1, 0)), ("0.40", (2, 1)), ("0.45", (0, 2)),  # 0.45 and 0.45001 are equal here: the first
    ]  # fmt: skip
    assert [label.get_color() for label in view.numbers] == ["black", "white", "white"]  # 0.70 is drawn light
    assert view.words() == (
        "Map, map (rows: written; columns: looked at; colours from 0 to 1): a most at y (0.70); b most at z (0.40); "
        "c most at x (0.45). Means of the columns: x 0.28, y 0.48, z 0.23."
    )


def test_the_map_refuses_what_are_no_weights_of_its_shape():
    view = Alignment(new_figure(6, 4).subplots(), ["a"], ["x", "y"], "map")
    for wrong, words in (([[0.5, 1.5]], "between 0 and 1"), ([[0.5], [0.5]], "shape"), ([0.5, 0.5], "2 axes")):
        with pytest.raises(ValueError, match=words):
            view.update(wrong)


def test_shown_figures_say_their_views_and_draw_odd_tokens_without_a_warning(recwarn):
    tokens = ["$x$", "日本", "a" * 40]
    figure = show_alignment(WEIGHTS, tokens, tokens, "odd", point="Look.")
    assert figure.words.startswith("Map, odd") and figure.words.endswith("Look.") and "□□" in figure.words
    figure = show_beam_tree([[("日本" * 20, -1, -1.0, "finished")]], [0], "odd")
    assert "□" in figure.words and figure.png[:4] == b"\x89PNG"
    assert not recwarn.list


@pytest.fixture(scope="module")
def model():
    return tiny_t5(3)


@pytest.fixture
def panel(model):
    return TranslationPanel(model, TOKENIZER, "the cat sat")


@pytest.fixture(scope="module")
def used(model):
    """One panel for the tests of texts, which need no fresh one: each begins at what the last one left."""
    return TranslationPanel(model, TOKENIZER, "the cat sat")


@cache
def searched(model, text, beams, penalty):
    return beam_search(model, TOKENIZER, TRANSLATE + text, beams, 24, penalty)


def assert_draws(panel, model, text, beams, penalty, first=1, layer=2, head=0):
    """Compare the drawn tree with a search and the drawn map with the model's weights for its answer."""
    search = searched(model, text, beams, penalty)
    first = min(first - 1, max(0, len(search.steps) - 8))
    signs = {"kept": "●", "finished": "■", "dropped": "×"}
    shown = search.steps[first : first + 8]
    assert drawn(panel.tree) == {
        (x, y): (TOKENIZER.tokens[c.ids[-1]], f"{signs[c.fate]} {number(c.score, 1)}")
        for x, step in enumerate(shown)
        for y, c in enumerate(step)
    }
    ids = list(search.best)
    inputs = TOKENIZER(TRANSLATE + text, return_tensors="pt")
    with torch.no_grad():
        looks = model(**inputs, decoder_input_ids=torch.tensor([[0, *ids[:-1]]]), output_attentions=True)
    weights = looks.cross_attentions[layer - 1][0].numpy()
    weights = weights.mean(axis=0) if head == 0 else weights[head - 1]
    np.testing.assert_allclose(panel.map.image.get_array(), weights, atol=1e-6)
    assert panel.map.source == TOKENIZER.convert_ids_to_tokens(inputs.input_ids[0].tolist())
    assert panel.map.target == [TOKENIZER.tokens[i] for i in ids]
    assert f"layer {layer}, {'mean of heads' if head == 0 else f'head {head}'}" in panel.map.title
    assert panel.map.title == panel.map.image.axes.get_title()
    inside = sum(len(TRANSLATE) - 1 <= column < weights.shape[1] - 1 for column in panel.map.most)
    assert f"In the map {inside} of {len(ids)} tokens look most at the sentence" in panel.says()
    assert panel.says().startswith(f"{beams} beam") and f"({number(search.answers[0][0])})" in panel.says()
    greedy = searched(model, text, 1, penalty)
    assert ("greedy writes the same" in panel.says()) == (greedy.best == search.best)
    assert panel.tree.words() in repr(panel) and panel.map.words() in repr(panel)


def test_every_control_changes_what_it_should(panel, model):
    assert_draws(panel, model, "the cat sat", 3, 1.0)
    now = {"text": "the cat sat", "beams": 3, "penalty": 1.0, "first": 1, "layer": 2, "head": 0}
    names = {"text": "English", "first": "first step"}
    for name, value in [("penalty", 0.0), ("layer", 1), ("head", 2), ("beams", 4), ("penalty", 2.0), ("first", 3),
                        ("text", "a dog"), ("beams", 1)]:  # fmt: skip
        before = panel.picture.value
        panel.entries[names.get(name, name)].value = value
        now[name] = value
        assert panel.problem.value == "" and panel.status.value == ""
        assert panel.picture.value != before, name
        assert_draws(panel, model, **now)
    assert panel.picture.value == panel.canvas.png()


def test_a_panel_that_was_changed_and_reset_is_as_fresh(panel, model):
    first = panel.picture.value, repr(panel)
    panel.entries["beams"].value, panel.entries["English"].value = 1, "x"
    panel.buttons["Reset"].click()
    assert (panel.picture.value, repr(panel)) == first
    other = TranslationPanel(model, TOKENIZER, "the cat sat")
    assert (other.picture.value, repr(other)) == first and "0x" not in repr(other) and "\n" not in repr(other)


def test_presets(panel):
    for preset, entry, value in (("greedy", "beams", 1), ("no length penalty", "penalty", 0.0)):
        panel.buttons[preset].click()
        assert panel.entries[entry].value == value
    panel.buttons["an idiom"].click()
    assert "cat out of the bag" in panel.entries["English"].value


def test_the_layer_that_is_asked_for_is_shown_first(model):
    assert "layer 1" in TranslationPanel(model, TOKENIZER, "a", layer=1).map.title


def test_another_layer_runs_no_search(panel, monkeypatch):
    monkeypatch.setattr("helpers.panels.translation_panel.beam_search", lambda *_: pytest.fail("searched again"))
    panel.entries["layer"].value = 1
    panel.entries["first step"].value = 2
    assert "layer 1" in panel.map.title


BAD = ["", " \n\t ", "a" * 10_000, "a" * 40, "😀 😀", "שלום", "\ud83d"]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_a_bad_text_is_a_sentence_and_the_picture_stays(used, text, recwarn):
    before = used.picture.value, repr(used)
    used.entries["English"].value = text
    assert re.fullmatch(r"<p role='alert'>English .+</p>", used.problem.value)
    assert (used.picture.value, repr(used)) == before and used.status.value == ""
    used.entries["English"].value = "a dog" if "the cat sat" in before[1] else "the cat sat"
    assert used.problem.value == "" and used.picture.value != before[0]
    assert not recwarn.list


@pytest.mark.parametrize("text", ["cat 😀", "<b>&</b>", "$x_1$ \\n", "a שלום b"])
def test_an_odd_text_is_answered(used, text, recwarn):
    used.entries["English"].value = text
    assert used.problem.value == "" and "<unk>" in used.map.source
    assert used.picture.value == used.canvas.png() and "<b>" not in used.summary.value
    assert not recwarn.list


def test_every_entry_stands_in_the_panel_once_and_in_order(panel):
    shown = [widget for widget in descendants(panel) if widget in panel.entries.values()]
    assert shown == list(panel.entries.values())


def test_the_answer_is_said_without_its_special_tokens(panel):
    for text in ("a", "the cat", "a sun", "it is", "one two"):
        panel.entries["English"].value = text
        if panel.search.best[-1] == TOKENIZER.eos_token_id:  # else it was cut at the limit
            break
    assert panel.search.best[-1] == TOKENIZER.eos_token_id
    answer = re.search(r'write "([^"]*)"', panel.says())[1]
    assert answer and "<" not in answer


def test_a_slider_that_costs_the_model_waits_until_it_is_let_go(panel):
    assert not any(entry.slider.continuous_update for entry in panel.entries.values() if hasattr(entry, "slider"))


def test_the_sheet_is_as_wide_as_the_tree_and_as_high_as_tree_and_map(panel):
    wide, tree_height = tree_size(8, len(panel.search.steps[0]))
    assert picture_size(panel.picture.value) == (
        pytest.approx(100 * wide, abs=1), pytest.approx(100 * (tree_height + TOP + ROW * max(4, len(panel.target))), abs=1)
    )  # fmt: skip
