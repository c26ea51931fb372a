"""Any text can be drawn without a warning, and what is drawn is what the words say."""

import warnings

import pytest

from helpers.figures.bars import Bars
from helpers.figures.canvas import Canvas
from helpers.figures.glyphs import BOX, drawable
from helpers.figures.style import new_figure


@pytest.mark.parametrize(
    "text, shown",
    [
        ("cat", "cat"),
        ("élève «œuvre»", "élève «œuvre»"),
        ("a\nb\tc", "a b c"),
        ("🦊!", BOX + "!"),
        ("中文", BOX * 2),
        ("\x00\x1b\u202e", BOX * 3),
        ("\ud83d", BOX),
        ("", ""),
    ],
)
def test_what_the_font_lacks_becomes_a_box(text, shown):
    assert drawable(text) == shown


def test_a_long_text_ends_in_an_ellipsis():
    assert drawable("abcdef", 6) == "abcdef" and drawable("abcdefg", 6) == "abcde…"


@pytest.mark.parametrize("text", ["😀 中 ع ש", "שלום", "مرحبا", "\u200d\u202e", "$\\frac$"])
def test_drawing_it_warns_of_nothing(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = new_figure(4, 2)
        Canvas(figure, Bars(figure.subplots(), [drawable(text)], drawable(text), 0, 1).update([0.5])).png()
