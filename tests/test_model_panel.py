"""What the panels with a model add: a line while it runs, buttons that do a step, a text box, sentences for bad text."""

import ipywidgets as widgets
import pytest

from helpers.figures.bars import Bars
from helpers.models.text import check_text, check_tokens
from helpers.panels.control import Entry, TextBox
from helpers.panels.model_panel import ModelPanel


class Small(ModelPanel):
    """A bar as high as the text is long plus the steps taken; remembers what the status line said while it ran."""

    def __init__(self):
        self.steps, self.seen = 0, []
        entries = {"text": TextBox("text", "abc"), "width": Entry("width", 1, 1, 5, 1, live=False)}
        actions = {"step": self.step, "slip": self.slip, "crash": self.crash}
        super().__init__("small", (4, 2.5), list(entries.values()), entries, {"long": {"text": "a" * 9}}, actions)

    def step(self):
        self.seen.append(self.status.value)
        self.steps += 1

    def slip(self):
        raise ValueError("step must not be <that>")

    def crash(self):
        raise ZeroDivisionError("no")

    def place(self, figure):
        self.bar = Bars(figure.subplots(), ["x"], "length", 0, 20)
        return (self.bar,)

    def show(self):
        self.seen.append(self.status.value)
        self.bar.update([len(check_text("text", self.entries["text"].value, 10)) + self.steps])

    def says(self):
        return f"It is {self.bar.numbers[0].get_text()}."


@pytest.fixture
def panel():
    return Small()


def drawn(panel):
    return panel.bar.bars[0].get_height()


def test_the_line_says_that_the_model_runs_while_it_runs_and_not_after(panel):
    panel.seen.clear()
    panel.entries["text"].value = "abcd"
    assert panel.seen == ["<p role='status'>The model is running …</p>"]
    assert panel.status.value == "" and drawn(panel) == 4


def test_an_action_does_its_work_and_draws_once(panel):
    panel.seen.clear()
    panel.action_buttons["step"].click()
    assert len(panel.seen) == 2 and all("running" in line for line in panel.seen)
    assert drawn(panel) == 4 and panel.status.value == ""


def test_a_slip_in_an_action_is_a_sentence_and_the_picture_stays(panel):
    before = panel.picture.value
    panel.act("slip")
    assert "step must not be &lt;that&gt;" in panel.problem.value and panel.problem.layout.display == "block"
    assert panel.picture.value == before and panel.status.value == ""
    panel.act("step")
    assert panel.problem.value == "" and drawn(panel) == 4


def test_a_crash_in_an_action_is_raised_and_leaves_no_running_line(panel):
    with pytest.raises(ZeroDivisionError):
        panel.act("crash")
    assert panel.status.value == ""


@pytest.mark.parametrize("text", ["", "  \n\t ", "a" * 11, "\ud83d"])
def test_a_bad_text_is_a_sentence_and_a_good_one_takes_it_away(panel, text):
    words = repr(panel)
    panel.entries["text"].value = text
    assert "text" in panel.problem.value and panel.problem.layout.display == "block" and panel.status.value == ""
    assert repr(panel) == words
    panel.apply("long")
    assert panel.problem.value == "" and drawn(panel) == 9
    panel.apply("Reset")
    assert drawn(panel) == 3


def test_the_buttons_stand_above_the_running_line_the_problem_and_the_picture(panel):
    children = list(panel.children)
    places = [children.index(part) for part in (panel.status, panel.problem, panel.picture, panel.summary)]
    assert places == sorted(places)
    assert list(panel.action_buttons) == ["step", "slip", "crash"]
    assert any(panel.action_buttons["step"] in getattr(child, "children", ()) for child in children[: places[0]])


def test_a_text_box_reports_its_changes_and_says_a_long_text_short():
    box, calls = TextBox("passage", "one\ntwo", rows=4), []
    box.on_change(lambda: calls.append(box.value))
    assert (box.value, box.start, box.said) == ("one\ntwo", "one\ntwo", '"one two"')
    box.box.value = "word " * 40
    assert calls == ["word " * 40]
    assert len(box.said) == 82 and box.said.endswith('..."')
    assert box.box.description == "passage" and box.box.continuous_update is False
    assert isinstance(box.box, widgets.Textarea) and box.box.rows == 4
    assert isinstance(TextBox("word", "one").box, widgets.Text)


def test_a_text_loses_outer_and_double_blanks():
    assert check_text("text", "  a \n b\t", 10) == "a b"
    with pytest.raises(ValueError, match="text may have at most 2 characters here, but it has 3"):
        check_text("text", "a b", 2)
    with pytest.raises(TypeError, match="text must be text, but it is a NoneType"):
        check_text("text", None, 2)


def test_tokens_too_many_none_and_only_unknown_ones_are_told():
    assert check_tokens("text", [1, 2], 2, unknown=1) == [1, 2]
    with pytest.raises(ValueError, match="at most 2 tokens here, but it has 3"):
        check_tokens("text", [1, 2, 3], 2)
    with pytest.raises(ValueError, match="no tokens"):
        check_tokens("text", [], 2)
    with pytest.raises(ValueError, match="does not know"):
        check_tokens("text", [1, 1], 2, unknown=1)
    assert check_tokens("text", [1, 1], 2) == [1, 1]
