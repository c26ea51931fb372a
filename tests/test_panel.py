"""What every panel does, shown on a small one: controls, presets, mistakes, and what is left without a kernel."""

import base64
import contextlib
import html

import ipywidgets as widgets
import numpy as np
import pytest

from helpers.figures.bars import Bars
from helpers.panels.control import Choice, Entry, Switch
from helpers.panels.panel import PAUSE, Panel


class Small(Panel):
    """Two bars at `height` and `twice`; it fails in three ways, each at one height."""

    def __init__(self):
        self.shows = 0
        entries = {"height": Entry("height", 0.5, -1.0, 1.0, 0.1), "wide": Switch("wide")}
        presets = {"high": {"height": 1.0, "wide": True}, "broken": {"height": 0.3}}
        super().__init__("a small <panel>", (4, 2.5), [widgets.HBox(list(entries.values()))], entries, presets)

    def place(self, figure):
        left, right = figure.subplots(1, 2)
        self.first, self.second = Bars(left, ["x"], "first", -1, 1), Bars(right, ["x"], "second", -2, 2)
        return self.first, self.second

    def show(self):
        self.shows += 1
        height = self.entries["height"].value
        self.first.update([height])
        if height == 0.1:
            raise ValueError("height must not be <0.1> & that's that")
        if height == 0.2:
            raise TypeError("height must be something else")
        if height == 0.3:
            raise ZeroDivisionError("no <reason>")
        self.second.update([2 * height])

    def says(self):
        return f"The bar <x> is {self.first.numbers[0].get_text()} high."


def drawn(panel):
    return [view.bars[0].get_height() for view in (panel.first, panel.second)]


@pytest.fixture
def panel():
    return Small()


# controls


def controls():
    return [Entry("a", 1, 0, 5, 1), Entry("b", 0.5, -1.0, 1.0, 0.1), Entry("c", 0.5, 0, 1, 0.1, live=False)]


@pytest.mark.parametrize("entry", controls(), ids=lambda entry: entry.label)
def test_slider_and_box_hold_the_same_value_whichever_is_moved(entry):
    calls = []
    entry.on_change(lambda: calls.append((entry.slider.value, entry.box.value)))
    assert entry.value == entry.slider.value == entry.box.value == entry.start
    entry.slider.value = 0
    entry.box.value = 1
    entry.value = 0
    assert calls == [(0, 0), (1, 1), (0, 0)]  # one call a change, and both parts agree by then
    assert entry.value == 0
    assert entry.children == (entry.box, entry.slider)


@pytest.mark.parametrize("part", ["slider", "box"])
@pytest.mark.parametrize("beyond, end", [(99, 1), (-99, -1)])
def test_a_value_out_of_range_stops_at_the_end_in_both_parts(part, beyond, end):
    entry = Entry("a", 0.5, -1.0, 1.0, 0.1)
    getattr(entry, part).value = beyond
    assert entry.value == entry.slider.value == entry.box.value == end


@pytest.mark.parametrize("entry", controls(), ids=lambda entry: entry.label)
def test_the_box_carries_the_name_and_both_parts_the_same_limits(entry):
    assert entry.box.description == entry.label
    for limit in ("min", "max", "step"):
        assert getattr(entry.box, limit) == getattr(entry.slider, limit)
    assert entry.slider.continuous_update is (entry.label != "c")


def test_whole_numbers_get_whole_controls_and_others_exact_boxes():
    whole, fraction = Entry("a", 1, 0, 5, 1), Entry("b", 0.5, -1.0, 1.0, 0.1)
    assert isinstance(whole.slider, widgets.IntSlider) and isinstance(whole.box, widgets.BoundedIntText)
    assert isinstance(fraction.slider, widgets.FloatSlider) and isinstance(fraction.box, widgets.BoundedFloatText)
    fraction.box.value = 0.123
    assert fraction.slider.value == 0.123
    assert (whole.said, fraction.said) == ("1", "0.123")


@pytest.mark.parametrize("part", ["slider", "box"])
def test_a_value_that_a_browser_counted_in_binary_becomes_the_decimal_that_was_meant(part):
    entry = Entry("a", 0.5, -1.0, 1.0, 0.1)
    getattr(entry, part).value = 0.1 + 0.2  # 0.30000000000000004
    assert entry.value == 0.3 and entry.said == "0.3"
    assert entry.box.value == pytest.approx(0.3, abs=1e-9)


@pytest.mark.parametrize("value", [0.1 + 0.2, 0.12345678912345, 0.5000000000001])
@pytest.mark.parametrize("part", ["slider", "box", "start"])
def test_the_box_shows_the_number_that_is_used_to_the_last_bit(part, value):
    entry, used = Entry("a", value if part == "start" else 0.5, -1.0, 1.0, 0.1), []
    entry.on_change(lambda: used.append((entry.value, entry.box.value)))
    if part != "start":
        getattr(entry, part).value = value
    assert entry.value == entry.box.value == pytest.approx(value, abs=1e-9)
    assert all(value == box for value, box in used)


def test_a_number_typed_between_two_steps_stays_when_the_browser_moves_the_handle_to_one_of_them():
    entry, told = Entry("a", 0.5, -1.0, 1.0, 0.1), []
    entry.on_change(lambda: told.append(entry.value))
    entry.box.value = -0.75
    entry.slider.value = -0.7  # what the browser answers
    assert entry.value == -0.75 and told == [-0.75]
    entry.slider.value = -0.8  # the learner's next key
    entry.slider.value = -0.9
    assert told == [-0.75, -0.8, -0.9]
    entry.box.value = -0.75
    entry.slider.value = 0.5  # the mouse, before the browser answered
    assert entry.value == 0.5


def test_a_whole_step_from_between_two_steps_is_a_move():
    entry = Entry("a", 0.25, 0.0, 1.0, 0.5)
    entry.slider.value = 0.75
    assert entry.value == 0.75


def test_a_last_step_that_is_shorter_is_a_step():
    entry = Entry("a", 0.9, 0.0, 0.95, 0.1)
    entry.slider.value = 0.95
    assert entry.value == 0.95


def test_a_slider_in_motion_is_never_corrected():
    entry, told = Entry("a", 0.5, -1.0, 1.0, 0.1), []
    entry.slider.observe(lambda change: told.append(change["new"]), "value")
    entry.slider.value = 0.1 + 0.2
    assert told == [0.1 + 0.2]  # an answer of 0.3 would come late, and throw the handle back


def test_a_choice_and_a_switch_report_their_changes_in_words():
    choice, switch, calls = Choice("word", [("cat", 0), ("mat", 1)], 1), Switch("mask"), []
    choice.on_change(lambda: calls.append(choice.said))
    switch.on_change(lambda: calls.append(switch.said))
    assert (choice.value, choice.start, choice.said) == (1, 1, "mat")
    assert (switch.value, switch.start, switch.said) == (False, False, "off")
    choice.value, switch.value = 0, True
    choice.box.value, switch.box.value = 1, False
    assert calls == ["cat", "on", "mat", "off"]
    assert choice.box.description == "word" and switch.box.description == "mask"


def test_a_list_is_wide_enough_for_its_longest_option():
    short, long = Choice("layer", [1, 12], 1), Choice("layer", [("mean of all", None), ("1", 1)], 1)
    widths = [int(choice.box.layout.width.removesuffix("px")) for choice in (short, long)]
    assert widths[0] == 190 and widths[1] >= 110 + 8 * len("mean of all") + 30  # its name, its letters, the arrow
    assert all(int(c.layout.width.removesuffix("px")) > w for c, w in zip((short, long), widths, strict=True))


@pytest.mark.parametrize("value", [1.5, -1.5])
def test_a_start_value_out_of_range_is_refused_and_not_silently_moved(value):
    with pytest.raises(ValueError, match=r"a .*-1.* 1"):
        Entry("a", value, -1.0, 1.0, 0.1)


# drawing


@pytest.mark.parametrize("part", ["slider", "box"])
@pytest.mark.parametrize("value", [-1.0, 0.0, 0.7])
def test_a_moved_control_draws_once_and_says_it(panel, part, value):
    shows, before = panel.shows, panel.picture.value
    getattr(panel.entries["height"], part).value = value
    assert panel.shows == shows + 1
    assert drawn(panel) == [value, 2 * value]
    assert panel.picture.value != before and panel.picture.value == panel.canvas.png()
    assert panel.summary.value == f"<p>The bar &lt;x&gt; is {value:.2f} high.</p>"
    assert f"height {value:g}, wide off" in repr(panel)


def test_the_picture_is_on_its_way_before_the_words_are_made(panel, monkeypatch):
    done, says = [], panel.says
    panel.picture.observe(lambda _: done.append("picture"), "value")
    panel.summary.observe(lambda _: done.append("summary"), "value")
    monkeypatch.setattr("helpers.panels.panel.time.sleep", lambda seconds: done.append(seconds))
    monkeypatch.setattr(panel, "says", lambda: done.append("says") or says())
    panel.entries["height"].value = 0.8
    assert done == ["picture", PAUSE, "says", "summary"] and 0 < PAUSE <= 0.001


def test_presets_set_what_they_name_and_start_the_rest_anew_in_one_drawing(panel):
    panel.entries["height"].value = -0.5
    shows = panel.shows
    panel.buttons["high"].click()
    assert panel.shows == shows + 1
    assert (panel.entries["height"].value, panel.entries["wide"].value, drawn(panel)) == (1.0, True, [1, 2])
    panel.entries["height"].value = -0.5
    panel.buttons["Reset"].click()
    assert (panel.entries["height"].value, panel.entries["wide"].value, drawn(panel)) == (0.5, False, [0.5, 1])


def test_reset_brings_back_the_first_words_and_the_first_picture(panel):
    words, picture = repr(panel), panel.picture.value
    panel.buttons["high"].click()
    assert repr(panel) != words and panel.picture.value != picture
    panel.buttons["Reset"].click()
    assert repr(panel) == words and panel.picture.value == picture


def test_every_preset_has_a_button_that_wears_its_name(panel):
    assert list(panel.buttons) == ["Reset", "high", "broken"]
    assert [button.description for button in panel.buttons.values()] == ["Reset", "high", "broken"]


def every_widget(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from every_widget(child)


def test_the_page_holds_controls_buttons_problem_picture_and_summary_in_this_order(panel):
    flat = list(every_widget(panel))
    places = [flat.index(part) for part in (
        panel.entries["height"].box, panel.buttons["Reset"], panel.problem, panel.picture, panel.summary
    )]  # fmt: skip
    assert places == sorted(places)


def test_held_draws_once_at_the_end_and_a_mistake_inside_does_not_hold_for_ever(panel):
    shows = panel.shows
    with panel.held():
        panel.entries["height"].value, panel.entries["wide"].value = 0.7, True
        assert panel.shows == shows
    assert panel.shows == shows + 1
    with contextlib.suppress(KeyError), panel.held():
        raise KeyError
    panel.entries["height"].value = 0.9
    assert drawn(panel) == [0.9, 1.8]


# mistakes


def shown_problem(panel):
    return html.unescape(panel.problem.value) if panel.problem.layout.display != "none" else None


@pytest.mark.parametrize(
    "height, sentence", [(0.1, "must not be <0.1> & that's that"), (0.2, "must be something else")]
)
def test_a_bad_value_shows_its_sentence_and_keeps_the_last_good_picture(panel, height, sentence):
    picture, summary = panel.picture.value, panel.summary.value
    assert shown_problem(panel) is None
    panel.entries["height"].value = height
    assert shown_problem(panel) == f"<p role='alert'>height {sentence}</p>"
    assert "<0.1>" not in panel.problem.value  # escaped on the page
    assert panel.picture.value == picture and panel.summary.value == summary


@pytest.mark.parametrize("height", [0.1, 0.2])
def test_a_good_value_after_a_bad_one_draws_and_takes_the_sentence_away(panel, height):
    panel.entries["height"].value = height
    panel.entries["height"].value = 0.7
    assert shown_problem(panel) is None and panel.problem.value == ""
    assert drawn(panel) == [0.7, 1.4] and panel.picture.value == panel.canvas.png()


def test_the_words_belong_to_the_picture_also_after_a_bad_value(panel):
    words, picture = repr(panel), panel.picture.value
    panel.entries["height"].value = 0.1
    data, _ = panel._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]) == picture
    assert data["text/plain"] == words


def test_an_unexpected_exception_shows_a_sentence_and_fails(panel):
    picture = panel.picture.value
    with pytest.raises(ZeroDivisionError, match="no <reason>"):
        panel.entries["height"].value = 0.3
    assert "ZeroDivisionError: no <reason>" in shown_problem(panel) and "Press Reset" in shown_problem(panel)
    assert "<reason>" not in panel.problem.value
    assert panel.picture.value == picture


def test_an_unexpected_exception_in_a_preset_fails_too(panel):
    with pytest.raises(ZeroDivisionError):
        panel.apply("broken")
    assert "ZeroDivisionError" in shown_problem(panel)


def test_an_unexpected_exception_behind_a_button_shows_a_sentence_in_the_panel(panel):
    panel.buttons["broken"].click()  # ipywidgets catches and prints what a button's callback raises
    assert "ZeroDivisionError" in shown_problem(panel)


@pytest.mark.parametrize("way_out", ["slider", "box", "Reset", "high"])
def test_the_panel_is_usable_after_an_unexpected_exception(panel, way_out):
    with pytest.raises(ZeroDivisionError):
        panel.entries["height"].value = 0.3
    if way_out in panel.buttons:
        panel.buttons[way_out].click()
    else:
        getattr(panel.entries["height"], way_out).value = 0.7
    expected = {"Reset": 0.5, "high": 1.0}.get(way_out, 0.7)
    assert shown_problem(panel) is None
    assert drawn(panel) == [expected, 2 * expected] and panel.picture.value == panel.canvas.png()


# without a kernel


def test_the_bundle_has_the_live_view_the_picture_the_words_and_the_alt_text(panel):
    panel.entries["height"].value = 0.7
    data, metadata = panel._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.model_id
    assert base64.b64decode(data["image/png"]) == panel.picture.value
    assert data["text/plain"] == repr(panel) == panel.words()
    assert metadata["image/png"]["alt"] == panel.words()


def test_the_words_hold_the_title_the_settings_the_point_and_all_views_and_no_address(panel):
    assert repr(panel) == (
        "Panel, a small <panel>, at height 0.5, wide off. The bar <x> is 0.50 high. "
        "Bar chart, first (scale -1 to 1): x 0.50. Bar chart, second (scale -2 to 2): x 1.00."
    )


def test_two_fresh_panels_say_and_show_the_same():
    one, other = Small(), Small()
    assert repr(one) == repr(other) and one.picture.value == other.picture.value
    other.entries["height"].value = -1.0
    assert np.array_equal(drawn(one), [0.5, 1.0])  # and they share nothing
