"""Panel 6 draws the probabilities of a sentence and what each of its words adds, as the transformers model says."""

import warnings

import numpy as np
import pytest
from strategies import picture_size

from helpers.figures.glyphs import BOX
from helpers.figures.signed_bars import SignedBars, show_signed_bars
from helpers.figures.style import BLUE, VERMILION, new_figure
from helpers.figures.words import number
from helpers.panels import ClassificationPanel
from helpers.panels.progress import ProgressBar, with_progress

TEXT = "The movie was terrible."
EXAMPLES = {"not good": "The food was not good.", "one word": "Terrible!"}


def make(classifier, **changes):
    return ClassificationPanel(**({"model": classifier[0].double(), "tokenizer": classifier[1], "text": TEXT,
                                   "examples": EXAMPLES} | changes))  # fmt: skip


@pytest.fixture
def panel(classifier):
    return make(classifier)


@pytest.fixture(scope="module")
def used(classifier):
    """One panel for the tests of texts, which need no fresh one: each begins at what the last one left."""
    return make(classifier)


def asked(classifier, text):
    """(probability of label 1, second logit minus the first) of one text, from transformers and torch alone."""
    import torch

    model, tokenizer = classifier
    with torch.no_grad():
        logits = model(**tokenizer(text, return_tensors="pt")).logits[0]
    return float(torch.softmax(logits, 0)[1]), float(logits[1] - logits[0])


def assert_draws(panel, classifier, text, measure):
    words = text.split()
    which = ["probability", "logits"].index(measure)
    whole = asked(classifier, text)
    rest = [" ".join(words[:i] + words[i + 1 :]) for i in range(len(words))]
    added = [whole[which] - asked(classifier, without)[which] for without in rest]
    np.testing.assert_allclose([bar.get_height() for bar in panel.bars.bars], [1 - whole[0], whole[0]], atol=1e-6)
    assert panel.parts.labels == words
    reach = {"probability": 1.0, "logits": 6.0}[measure]
    np.testing.assert_allclose(
        [bar.get_width() for bar in panel.parts.bars], np.clip(added, -reach, reach), rtol=1e-6, atol=1e-6
    )
    assert [label.get_text() for label in panel.parts.numbers] == [number(value) for value in added]
    answer = ["negative", "positive"][whole[0] >= 0.5]
    assert f"The model says {answer}, with the probability {number(max(whole[0], 1 - whole[0]))}." in panel.says()
    assert panel.picture.value == panel.canvas.png() and len(panel.canvas.figure.axes) == 2


def test_every_sentence_and_measure_is_drawn(panel, classifier):
    assert_draws(panel, classifier, TEXT, "probability")
    for text in ("I love this product!", "Terrible!", "so so good", "The soup was cold and the bread was hard."):
        panel.entries["sentence"].value = text
        for measure in ("logits", "probability"):
            panel.entries["measured in"].value = measure
            assert_draws(panel, classifier, text, measure)


def test_the_two_measures_say_the_same_sign(panel):
    values = []
    for measure in ("probability", "logits"):
        panel.entries["measured in"].value = measure
        values.append([bar.get_width() for bar in panel.parts.bars])
    assert np.sign(values[0]).tolist() == np.sign(values[1]).tolist() and values[0] != values[1]


def test_the_word_named_is_the_one_that_speaks_most_for_the_answer(panel, classifier):
    for text in (TEXT, "I love this product!", "Never again, not even if they paid me."):
        panel.entries["sentence"].value = text
        whole = asked(classifier, text)[0]
        sign = 1 if whole >= 0.5 else -1
        added = [sign * bar.get_width() for bar in panel.parts.bars]
        best = int(np.argmax(added))
        if added[best] >= 0.005:
            assert f"speaks most for it is {text.split()[best]} ({number(added[best])})." in panel.says()


def test_a_word_that_speaks_for_nothing_is_not_named(panel, monkeypatch):
    monkeypatch.setattr(
        "helpers.panels.classification_panel.leave_one_out",
        lambda *_: (["a", "b"], np.array([0.0, 1.0]), np.array([[0.0, 2.0], [0.0, 1.0]])),
    )
    panel.entries["sentence"].value = "a b"
    assert panel.says() == "The model says positive, with the probability 0.73. No word speaks for it."


def test_presets_and_reset(panel, classifier):
    first = panel.picture.value, repr(panel)
    for name, text in EXAMPLES.items():
        panel.buttons[name].click()
        assert_draws(panel, classifier, text, "probability")
    panel.entries["measured in"].value = "logits"
    panel.buttons["Reset"].click()
    assert (panel.picture.value, repr(panel)) == first


def test_the_model_is_asked_once_a_sentence(panel, monkeypatch):
    calls = []
    inner = ClassificationPanel._ask.__globals__["leave_one_out"]
    monkeypatch.setattr("helpers.panels.classification_panel.leave_one_out", lambda *a: calls.append(a[2]) or inner(*a))
    panel.entries["measured in"].value = "logits"
    assert calls == []
    panel.entries["sentence"].value = "Good  tea"
    panel.entries["measured in"].value = "probability"
    assert calls == ["Good tea"]


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "empty"),
        ("   ", "empty"),
        ("x" * 10_000, "at most 300 characters"),
        ("word " * 21, "at most 20 words"),
        ("🙂", "vocabulary does not know"),
        ("a" * 200, "vocabulary does not know"),  # WordPiece gives up on a word of more than 100 letters
        ("مرحبا بالعالم", None),
        ("\ud83d", "half of a character"),
    ],
)
def test_a_text_that_cannot_be_read_is_a_sentence_and_the_picture_stays(used, text, words):
    before = used.picture.value, repr(used)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        used.entries["sentence"].value = text
        assert repr(used)
    if words:
        assert words in used.problem.value and used.problem.layout.display == "block"
        assert (used.picture.value, repr(used)) == before
    good = "Bad soup." if used.parts.labels == ["Good", "tea."] else "Good tea."
    used.entries["sentence"].value = good
    assert used.problem.value == "" and used.parts.labels == good.split()


@pytest.mark.parametrize(
    "text", ["tea 🙂 good", "שלום tea", "$x$ costs_5%", "a" * 90, "\u202egood\u202c tea", "no " * 20]
)
def test_odd_texts_are_drawn_without_a_warning(used, text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        used.entries["sentence"].value = text
        assert len(used.parts.labels) == len(text.split()) and used.problem.value == ""
        assert repr(used) and bytes(used.picture.value).startswith(b"\x89PNG")
    assert all(len(label) <= 18 for label in used.parts.labels)


def test_more_words_make_a_higher_picture_and_fewer_a_lower_one(panel):
    first = picture_size(panel.picture.value)
    assert first[0] == 900 and first[1] >= 330  # the least
    panel.entries["sentence"].value = "no " * 20
    width, height = picture_size(panel.picture.value)
    assert width == first[0] and height > 2 * first[1] * 0.9
    panel.buttons["Reset"].click()
    assert picture_size(panel.picture.value) == first


def test_bars_stand_on_a_sheet_of_their_width_and_the_progress_bar_is_flat():
    assert picture_size(show_signed_bars(list("abc"), [0.1, -0.2, 0.3], "t").png)[0] == 700
    width, height = picture_size(ProgressBar("learning", 2)._picture())
    assert width == 14 * height


def test_two_panels_say_the_same_and_another_sentence_says_something_else(panel, classifier):
    before = repr(panel)
    assert before == repr(make(classifier)) and "0x" not in before and "\n" not in before
    panel.entries["sentence"].value = "The movie was terrible"
    assert repr(panel) != before


@pytest.mark.parametrize(
    "changes, words",
    [({"text": ""}, "sentence is empty"), ({"labels": ["a"]}, "labels must hold 2 texts, one a row, but it holds 1")],
)
def test_what_does_not_fit_is_refused_by_its_name(classifier, changes, words):
    with pytest.raises(ValueError) as problem:
        make(classifier, **changes)
    assert words in str(problem.value)


def test_signed_bars_point_right_above_zero_and_left_below_and_end_at_the_edge():
    view = SignedBars(new_figure(6, 3).subplots(), ["love", "not", "x"], "t", 1.0, "probability").update([
        0.5,
        -0.25,
        -7,
    ])
    assert [bar.get_width() for bar in view.bars] == [0.5, -0.25, -1.0]
    colours = [bar.get_facecolor() for bar in view.bars]
    assert colours[1] == colours[2] != colours[0]
    assert [label.get_text() for label in view.numbers] == ["0.50", "-0.25", "-7.00"]
    assert [label.get_ha() for label in view.numbers] == ["left", "right", "right"]
    low, high = view.bars[0].axes.get_ylim()
    assert low > high  # the first word is on top
    assert view.words() == (
        "Signed bars, t (probability, scale -1 to 1): love 0.50, not -0.25, x -7.00. "
        "Highest: love (0.50); lowest: x (-7.00)."
    )


def test_signed_bars_draw_boxes_for_what_the_font_lacks_and_cut_long_words():
    view = SignedBars(new_figure(6, 3).subplots(), ["🙂", "a" * 40], "t", 1.0)
    assert view.labels == [BOX, "a" * 17 + "…"]


@pytest.mark.parametrize(
    "values, reach, words",
    [
        ([1.0], 1.0, "values and labels"),
        ([1.0, np.nan], 1.0, "values must be finite"),
        ([1, 2], 0, "reach must be above 0"),
    ],
)
def test_signed_bars_refuse_what_does_not_fit(values, reach, words):
    with pytest.raises(ValueError, match=words):
        show_signed_bars(["a", "b"], values, "t", reach)


def test_the_figure_says_its_point_too():
    shown = show_signed_bars(["a", "b"], [0.1, -0.2], "t", point="Look.")
    assert shown.words.endswith("lowest: b (-0.20). Look.") and shown.png.startswith(b"\x89PNG")
    assert BLUE != VERMILION


def test_the_progress_bar_hands_out_all_items_and_fills(monkeypatch):
    shown, seen = [], []
    monkeypatch.setattr("helpers.panels.progress.display", shown.append)
    for item in with_progress("learning", iter("abc")):
        seen.append((item, shown[0].bar.value))
    (bar,) = shown
    assert seen == [("a", 0), ("b", 1), ("c", 2)]
    assert (bar.bar.value, bar.bar.max, bar.bar.bar_style) == (3, 3, "success")
    assert bar.text.value == "3 of 3 steps, done"


def test_the_progress_bar_says_the_time_left(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("helpers.panels.progress.time.monotonic", lambda: now[0])
    bar = ProgressBar("learning", 4)
    now[0] += 5
    bar.step()
    assert bar.text.value == "1 of 4 steps, about 15 s left" and bar.bar.bar_style == ""
    bar.step("loss 0.50")
    assert bar.text.value == "2 of 4 steps, loss 0.50, about 5 s left"


def test_the_stored_progress_bar_is_the_same_before_and_after():
    bar = ProgressBar("learning", 2)
    before = bar._repr_mimebundle_()
    bar.step()
    after = bar._repr_mimebundle_()
    for data, metadata in (before, after):
        assert data["text/plain"] == metadata["image/png"]["alt"] == repr(bar)
        assert "application/vnd.jupyter.widget-view+json" in data
    assert before[0]["image/png"] == after[0]["image/png"]
    assert repr(bar) == "Progress bar, learning: 2 steps, filled one by one while the cell runs."


def test_nothing_to_do_is_no_progress():
    with pytest.raises(ValueError, match="steps must be at least 1"):
        ProgressBar("learning", 0)
