"""What a view draws lies where it can be seen: texts on the sheet, marks within their axes."""

import numpy as np
import pytest
from matplotlib.text import Text
from test_words_follow import NAMES, VIEWS

from helpers.figures.bars import Bars
from helpers.figures.blend import Blend
from helpers.figures.canvas import Canvas
from helpers.figures.passage import passage_size
from helpers.figures.signed_bars import SignedBars
from helpers.figures.style import new_figure

ROUNDED = 1.5  # pixels
VIEWS = VIEWS | {  # scales other than 1, and values at their ends
    "tall bars": (lambda ax: Bars(ax, NAMES, "t", -40, 40), ([40, -40],), ([-40, 40],)),
    "low bars": (lambda ax: Bars(ax, NAMES, "t", 0, 0.1), ([0.1, 0],), ([0, 0.1],)),
    "wide blend": (
        lambda ax: Blend(ax, NAMES, "t", -40, 40), ([40, -40], [0.9, 0.1], 32), ([-40, -40], [0.5, 0.5], -40)
    ),
    "wide signed bars": (lambda ax: SignedBars(ax, NAMES, "t", 8), ([8, -8],), ([-8, 8],)),
}  # fmt: skip


def drawn(name, which):
    """The view after its update number `which`, on a figure that is laid out, and that figure's renderer."""
    make, *updates = VIEWS[name]
    figure = new_figure(*(passage_size(NAMES, bars=True) if name == "passage" else (6, 3)))
    view = make(figure.subplots()).update(*updates[which])
    Canvas(figure, view).png()
    return view, figure


def texts_of(view):
    """The texts that move, as far as there is something to read."""
    return [one for one in view.artists if isinstance(one, Text) and one.get_visible() and one.get_text().strip()]


def inside(box, outer):
    return all(
        low - ROUNDED <= a and b <= high + ROUNDED
        for a, b, low, high in ((box.x0, box.x1, outer.x0, outer.x1), (box.y0, box.y1, outer.y0, outer.y1))
    )


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("name", VIEWS)
def test_every_text_lies_on_the_sheet(name, which):
    view, figure = drawn(name, which)
    assert bool(texts_of(view)) == (name != "large map")  # which leaves its numbers to its words
    for text in [*texts_of(view), figure.axes[0].title]:
        assert inside(text.get_window_extent(figure.canvas.get_renderer()), figure.bbox), text.get_text()


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("name", VIEWS)
def test_every_mark_lies_within_its_axes(name, which):
    view, figure = drawn(name, which)
    for artist in (one for one in view.artists if one.get_visible() and not isinstance(one, Text)):
        box = artist.get_window_extent(figure.canvas.get_renderer())
        if np.isfinite(box.extents).all() and box.width + box.height > 0:
            assert artist.axes.bbox.contains((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2), artist


@pytest.mark.parametrize("name", VIEWS)
def test_no_text_lies_on_another(name):
    view, figure = drawn(name, 0)
    renderer = figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in [*texts_of(view), figure.axes[0].title]]
    for i, box in enumerate(boxes):
        for other in boxes[:i]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            along = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert min(across, along) < 2 * ROUNDED
