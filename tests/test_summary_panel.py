"""Panel 9 draws the model's summary, marks what it took from the text, and bars of the model's own cross-attention."""

import base64
import warnings

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from rouge_score import rouge_scorer
from strategies import descendants

from helpers.checkpoints import checkpoint, quiet_loading
from helpers.figures.passage import BAND, LONGEST, WIDTH, MarkedPassage, passage_size, show_passage
from helpers.figures.style import VERMILION, new_figure
from helpers.figures.words import number
from helpers.models.summary import Summary, words
from helpers.panels import SummaryPanel

TEXT = "The river Drossel flows through the town of Ampherby. Many people swim in it in summer."
OTHER = "A dog sat. It ran to the house of Tom."


@pytest.fixture(scope="module")
def t5():
    quiet_loading()
    import torch
    from transformers import T5ForConditionalGeneration, T5Tokenizer

    name = checkpoint("t5-small", models="pocket")
    model = T5ForConditionalGeneration.from_pretrained(name, dtype=torch.float32, attn_implementation="eager")
    return model, T5Tokenizer.from_pretrained(name)


@pytest.fixture
def panel(t5):
    return SummaryPanel(*t5, TEXT, {"a dog": OTHER})


@pytest.fixture(scope="module")
def shared(t5):
    """One panel for the tests of bad texts, which need no fresh one: each begins at what the last one left."""
    return SummaryPanel(*t5, TEXT)


def model_says(t5, text, **options):
    """Return (ids, text, weights (layers, source)) of a summary, asked without the helpers."""
    import torch

    model, tokenizer = t5
    options = {"num_beams": 4, "early_stopping": True, "max_new_tokens": 49} | options
    inputs = tokenizer("summarize: " + text, return_tensors="pt")
    with torch.no_grad():
        output = model.generate(**inputs, **options)
        attentions = model(**inputs, decoder_input_ids=output[:, :-1], output_attentions=True).cross_attentions
    ids = output[0].tolist()[1:]
    weights = np.array([layer[0].mean(dim=(0, 1)).numpy() for layer in attentions])
    return ids, tokenizer.decode(ids, skip_special_tokens=True), weights


def underlined(view):
    """Return the words under which a line is drawn."""
    ends = [(segment[0][0], segment[0][1]) for segment in view.lines.get_segments()]
    return [
        text
        for text, (x, line, _) in zip(view.texts, view.places)
        if any(abs(x - left) < 1e-6 and line == int(y // view._pitch) for left, y in ends)
    ]


def boxed(view):
    """Return the words around which a box is drawn."""
    corners = [path.vertices[0] for path in view.boxes.get_paths()]
    return [
        text
        for text, (x, line, _) in zip(view.texts, view.places)
        if any(abs(x - 2.5 - left) < 1e-6 and line == int(top // view._pitch) for left, top in corners)
    ]


def assert_draws(panel, t5, text, layer=0, **options):
    ids, said, weights = model_says(t5, text, **options)
    assert list(panel.answer.ids) == ids and panel.summary_view.texts == (said.split() or ["(nothing)"])
    # the bars: each word's pieces, added up
    _, tokenizer = t5
    pieces = [len(tokenizer(word, add_special_tokens=False).input_ids) for word in ["summarize:", *text.split()]]
    ends = np.cumsum([0, *pieces, 1])
    row = weights.mean(axis=0) if layer == 0 else weights[layer - 1]
    expected = [row[a:b].sum() for a, b in zip(ends, ends[1:])]
    view = panel.text_view
    assert view.texts == ["summarize:", *text.split(), "</s>"]
    np.testing.assert_allclose(view.weights, expected, atol=1e-5)
    heights = [np.ptp(path.vertices[:, 1]) for path in view.meters.get_paths()]
    np.testing.assert_allclose(np.array(heights) / max(heights), np.array(expected) / max(expected), atol=1e-4)
    # the marks: as many as ROUGE's own longest common subsequence, all of them words of the summary
    marked = [word for shown in underlined(view) for word in words(shown)]
    a, b = words(text), words(said)
    assert len(marked) >= rouge_scorer._lcs_table(a, b)[-1][-1] and (marked or not set(a) & set(b))
    assert "summarize:" not in underlined(view)
    assert boxed(panel.summary_view) == [w for w in panel.summary_view.texts if set(words(w)) - set(a)]
    assert all(label.get_weight() == ("bold" if u else "normal") for label, u in zip(view.labels, view.used))
    # the words
    where = "mean of all layers" if layer == 0 else f"layer {layer}"
    assert f"cross-attention, {where}" in view.title and view.title in repr(panel)
    for shown, weight, used in zip(view.texts, expected, view.used):
        assert f"{f'*{shown}*' if used else shown} {number(weight)}" in repr(panel)
    ended = "ended by itself" if ids[-1] == 1 else "was cut at the limit"
    assert f'"{said}". It has {len(b)} words in {len(ids)} tokens and {ended}; ' in panel.says()
    foreign = ", ".join(sorted(set(b) - set(a)))
    assert (f"; not in the text: {foreign}. " if foreign else "; all of them stand in the text. ") in panel.says()
    inside = sum(weight for weight, used in zip(expected, view.used) if used)
    assert f"get {number(inside)} of the weight" in panel.says()
    assert panel.says().endswith(f"</s> {number(expected[0] + expected[-1])}.")
    assert panel.problem.value == panel.status.value == "" and panel.picture.value == panel.canvas.png()


def test_each_control_changes_what_it_should(panel, t5):
    assert_draws(panel, t5, TEXT)
    panel.entries["layer"].value = 2
    assert_draws(panel, t5, TEXT, layer=2)
    panel.entries["most tokens"].value = 5
    assert_draws(panel, t5, TEXT, layer=2, max_new_tokens=5)
    panel.entries["text"].value = OTHER
    assert_draws(panel, t5, OTHER, layer=2, max_new_tokens=5)
    panel.apply("Reset")
    assert_draws(panel, t5, TEXT)


def test_beams_penalty_and_early_stopping_are_those_of_generate(panel, t5):
    panel.entries["early stopping"].value = False
    assert_draws(panel, t5, TEXT, early_stopping=False)
    panel.entries["penalty"].value = 4.0
    assert_draws(panel, t5, TEXT, early_stopping=False, length_penalty=4.0)
    panel.entries["beams"].value = 2
    assert_draws(panel, t5, TEXT, early_stopping=False, length_penalty=4.0, num_beams=2)
    assert panel.says().startswith('2 beams write "')


def test_presets(panel, t5):
    panel.buttons["greedy"].click()
    assert panel.says().startswith('1 beam writes "')
    greedy = panel.answer.ids
    panel.buttons["cut"].click()
    assert len(panel.answer.ids) <= 8
    panel.buttons["a dog"].click()
    assert panel.text_view.texts[1:-1] == OTHER.split()
    import torch

    model, tokenizer = t5
    ids = tokenizer.encode("summarize: " + TEXT, return_tensors="pt")
    with torch.no_grad():
        assert list(greedy) == model.generate(ids, max_new_tokens=49)[0].tolist()[1:]


def test_the_model_is_asked_once_for_the_same_and_not_for_another_layer(t5, monkeypatch):
    import helpers.panels.summary_panel as module

    asked, real = [], module.summarize
    monkeypatch.setattr(module, "summarize", lambda *a: asked.append(a[2:]) or real(*a))
    panel = SummaryPanel(*t5, OTHER)
    panel.entries["layer"].value = 1
    assert asked == [(OTHER, 4, 1.0, True, 49)]
    panel.entries["beams"].value = 1
    panel.entries["penalty"].value = 2.0  # no part in greedy decoding
    panel.entries["early stopping"].value = False
    assert [options[1] for options in asked] == [4, 1]
    assert panel.problem.value == ""


def wrote(monkeypatch, t5, text):
    """Let the model have written `text`, whatever its weights."""
    import helpers.panels.summary_panel as module

    ids = tuple(t5[1](text).input_ids)
    monkeypatch.setattr(module, "summarize", lambda *_: Summary(ids, text, True))


def test_a_wrong_name_stands_in_a_box_and_the_rest_is_underlined_in_the_text(t5, monkeypatch):
    wrote(monkeypatch, t5, "The river Rossel flows through Ampherby.")
    panel = SummaryPanel(*t5, TEXT)
    assert boxed(panel.summary_view) == ["Rossel"] and underlined(panel.summary_view) == []
    assert underlined(panel.text_view) == ["The", "river", "flows", "through", "Ampherby."]
    assert boxed(panel.text_view) == []
    assert "not in the text: rossel. " in panel.says() and "[Rossel]" in repr(panel)
    assert panel.summary_view.boxes.get_edgecolor()[0] == pytest.approx(to_rgba(VERMILION))


def test_a_summary_without_words_is_told(t5, monkeypatch):
    wrote(monkeypatch, t5, "")
    panel = SummaryPanel(*t5, TEXT)
    assert panel.summary_view.texts == ["(nothing)"] and "It has 0 words" in panel.says()


BAD_TEXTS = ["", " \n ", "x" * 10_000, "cat " * 299, "🙂", "日本 語", "\ud83d", "\u200b"]


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_a_bad_text_is_a_sentence_the_picture_stays_and_the_panel_goes_on(shared, t5, text):
    good, layer = (TEXT, 2) if shared.entries["text"].value == OTHER else (OTHER, 3)
    before = shared.picture.value, repr(shared)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shared.entries["text"].value = text
        shared.entries["layer"].value = layer  # still the bad text
    assert "text " in shared.problem.value and shared.problem.layout.display == "block"
    assert (shared.picture.value, repr(shared)) == before and shared.status.value == ""
    shared.entries["text"].value = good
    assert_draws(shared, t5, good, layer=layer)


@pytest.mark.parametrize("text", ["🙂 dogs שלום ran", "$x^2$ and </s> <unk>", "é 漢字 dog " + "m" * 70, "a"])
def test_a_strange_text_is_drawn_without_a_warning(t5, text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        panel = SummaryPanel(*t5, text)
        panel.entries["layer"].value = 1
    assert panel.problem.value == "" and "\n" not in repr(panel)


def test_the_picture_after_other_texts_is_that_of_a_fresh_panel(panel, t5):
    fresh = panel.picture.value, repr(panel)
    for text in (OTHER, "a", TEXT):
        panel.entries["text"].value = text
    assert (panel.picture.value, repr(panel)) == fresh
    assert len(panel.canvas.figure.axes) == 2 and "0x" not in repr(panel)


def test_the_page_gets_picture_and_words(panel):
    data, metadata = panel._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]) == panel.picture.value
    assert data["text/plain"] == metadata["image/png"]["alt"] == repr(panel)


# the figure


def drawn(texts, bars=False, **marks):
    figure = new_figure(*passage_size(texts, bars))
    view = MarkedPassage(figure.subplots(), texts, "a title", bars).update(**marks)
    figure.canvas.draw()
    figure.set_layout_engine("constrained")
    figure.canvas.draw()
    return view, figure.canvas.get_renderer()


@pytest.mark.parametrize("used", [False, True])
def test_words_do_not_touch_and_stay_on_the_sheet(used):
    texts = ["Renaissance,", "ill", "WWWWW", "masterpiece", "I", "m" * 60] * 9 + ["漢", "é"]
    view, renderer = drawn(texts, bars=True, used=[used] * 56, weights=np.linspace(0, 0.4, 56))
    boxes = [label.get_window_extent(renderer) for label in view.labels]
    width, height = 100 * np.array(passage_size(texts, True))
    for box, after, (_, line, _), (_, next_line, _) in zip(boxes, boxes[1:], view.places, view.places[1:]):
        assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height
        assert next_line > line or after.x0 - box.x1 > 2  # pixels
        assert next_line == line or after.y1 < box.y0
    assert max(len(text) for text in view.texts) == LONGEST


def test_the_largest_weights_carry_their_numbers_in_the_middle_of_their_bars():
    weights = [0.1, 0.3, 0.0, 0.25, 0.05, 0.2, 0.1]
    view, _ = drawn(list("abcdefg"), bars=True, weights=weights)
    numbers = {label.get_position()[0]: label.get_text() for label in view.numbers}
    middles = [x + width / 2 for x, _, width in view.places]
    assert numbers == {middles[i]: number(weights[i]) for i in (1, 3, 5, 0, 6)}


def test_a_bar_stands_under_its_word_and_is_as_long_as_its_weight_beside_the_largest():
    weights = np.array([0.1, 0.3, 0.0, 0.15])
    view, _ = drawn(["a", "dog", "ran", "off"], bars=True, weights=weights)
    boxes = [path.get_extents() for path in view.meters.get_paths()]
    for box, (x, _, width) in zip(boxes, view.places, strict=True):
        assert (box.x0, box.x1) == pytest.approx((x, x + width))
    np.testing.assert_allclose([box.height for box in boxes], 72 * (BAND - 0.04) * weights / 0.3, atol=1e-4)


def test_the_words_of_a_figure_are_those_drawn():
    shown = show_passage(["A", "dog", "ran."], "a title", used=[True, False, True], foreign=[False, True, True])
    assert repr(shown) == "Text, a title (*underlined*; [boxed]): *A* [dog] *[ran.]*."
    assert repr(show_passage(["A", "dog."], "t", point="See.")) == "Text, t: A dog. See."
    bars = show_passage(["A", "dog"], "t", weights=[0.25, 0.5])
    assert repr(bars) == "Text, t (bars from 0 to 0.50): A 0.25, dog 0.50."


@pytest.mark.parametrize(
    "bars, marks, says",
    [
        (False, {"used": [True]}, "used and words must have the same length"),
        (False, {"foreign": [True] * 3}, "foreign and words must have the same length"),
        (True, {}, "weights must be given where bars is True"),
        (False, {"weights": [0.1, 0.2]}, "weights must be None where bars is False"),
        (True, {"weights": [0.1]}, "weights and words must have the same length"),
        (True, {"weights": [0.1, 1.2]}, "weights must lie between 0 and 1"),
        (True, {"weights": [0.1, np.nan]}, "weights must be finite"),
    ],
)
def test_marks_that_do_not_fit_are_refused(bars, marks, says):
    with pytest.raises(ValueError) as problem:
        drawn(["a", "b"], bars=bars, **marks)
    assert says in str(problem.value)


def test_a_line_is_as_wide_as_it_may_be():
    _, height = passage_size(["mmmm"] * 40)
    assert height > passage_size(["mmmm"])[1] and passage_size(["a"])[0] > WIDTH


def test_every_entry_stands_in_the_panel_once_and_in_order(panel):
    shown = [widget for widget in descendants(panel) if widget in panel.entries.values()]
    assert shown == list(panel.entries.values())


def test_a_slider_that_costs_the_model_waits_until_it_is_let_go(panel):
    assert not any(entry.slider.continuous_update for entry in panel.entries.values() if hasattr(entry, "slider"))


def test_both_texts_are_drawn_on_the_same_scale(panel):
    axes = [view.meters.axes for view in (panel.summary_view, panel.text_view)]
    first, second = (ax.bbox.height / abs(np.subtract(*ax.get_ylim())) for ax in axes)  # pixels a point
    assert first == pytest.approx(second, rel=1e-6)
