"""What a panel tells screen readers: names of sliders, alt text, all numbers in words; the page itself is tested in a browser."""

import html
import json
import re

import ipywidgets as widgets
import numpy as np

from helpers.panels import AttentionPanel
from helpers.panels.control import Entry, Switch, sliders
from helpers.panels.spoken import PANEL, PICTURE, SUMMARY, Spoken


def told(spoken):
    names, alt = (re.search(f'data-{name}="([^"]*)"', spoken.value)[1] for name in ("names", "alt"))
    return json.loads(html.unescape(names)), html.unescape(alt)


def test_names_and_alt_text_arrive_whatever_letters_they_hold():
    names, alt = ['a "quoted" <b>', "it's", "é & ü"], 'one "line" of <p>'
    assert told(Spoken(names, alt)) == (names, alt)


def test_every_slider_of_a_panel_is_named_in_reading_order():
    panel = AttentionPanel([1.0, 0.0], np.eye(2), np.ones((2, 1)), ["cat", "sat"])
    names, alt = told(panel.children[-1])
    assert names == ["query[0]", "query[1]", "cat key[0]", "cat key[1]", "cat value",
                     "sat key[0]", "sat key[1]", "sat value"]  # fmt: skip
    assert alt.startswith("attention of one query over its keys;")
    assert (
        PANEL in panel._dom_classes and PICTURE in panel.picture._dom_classes and SUMMARY in panel.summary._dom_classes
    )


def test_only_sliders_are_named_by_it():
    inner, outer = Entry("inner", 0, 0, 1, 1), Entry("outer", 0, 0, 1, 1)
    assert sliders(widgets.HBox([widgets.VBox([inner]), Switch("no")]), widgets.Label("no"), outer) == [inner, outer]


def test_all_that_is_drawn_is_there_in_words_and_follows():
    panel = AttentionPanel([1.0, 0.0], np.eye(2), np.ones((2, 1)), ["cat", "sat"])
    before = panel.numbers.value
    panel.entries["query[0]"].value = -1.0
    assert panel.numbers.value == f"<p>{html.escape(panel.canvas.words())}</p>" != before
