"""What a view draws lies where it can be seen: texts on the sheet, marks within their axes."""

import numpy as np
import pytest
from matplotlib.text import Text
from strategies import picture_size
from test_words_follow import NAMES, VIEWS

from helpers.figures.alignment import Alignment, map_size, show_alignment
from helpers.figures.bars import Bars
from helpers.figures.beam_tree import BeamTree, tree_size
from helpers.figures.blend import Blend
from helpers.figures.canvas import Canvas
from helpers.figures.heatmap import Heatmap
from helpers.figures.passage import passage_size
from helpers.figures.signed_bars import SignedBars
from helpers.figures.style import new_figure

ROUNDED = 1.5  # pixels
MANY = [f"token{i}" for i in range(30)]
STEP = [("a long token", 0, -12.5, "kept")] * 8
VIEWS = VIEWS | {  # scales other than 1, and values at their ends
    "tall bars": (lambda ax: Bars(ax, NAMES, "t", -40, 40), ([40, -40],), ([-40, 40],)),
    "low bars": (lambda ax: Bars(ax, NAMES, "t", 0, 0.1), ([0.1, 0],), ([0, 0.1],)),
    "wide blend": (
        lambda ax: Blend(ax, NAMES, "t", -40, 40), ([40, -40], [0.9, 0.1], 32), ([-40, -40], [0.5, 0.5], -40)
    ),
    "wide signed bars": (lambda ax: SignedBars(ax, NAMES, "t", 8), ([8, -8],), ([-8, 8],)),
    "large tree": (lambda ax: BeamTree(ax, 8, 8, "t"), ([STEP] * 8, [0] * 8), ([STEP[:1]] * 8, [0] * 8)),
    "large alignment": (
        lambda ax: Alignment(ax, MANY, MANY, "t"), (np.eye(30),), (np.eye(30)[::-1],)
    ),
}  # fmt: skip
SIZES = {
    "passage": passage_size(NAMES, bars=True),
    "large tree": tree_size(8, 8),
    "large alignment": map_size(MANY, MANY),
}


def drawn(name, which):
    """The view after its update number `which`, on a figure that is laid out, and that figure's renderer."""
    make, *updates = VIEWS[name]
    figure = new_figure(*SIZES.get(name, (6, 3)))
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
        if np.isfinite(box.extents).all():
            assert inside(box, artist.axes.bbox), artist


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


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("name", ["bars", "tall bars", "low bars", "signed bars", "wide signed bars"])
def test_the_number_stands_beside_its_bar(name, which):
    view, figure = drawn(name, which)
    for bar, label in zip(view.bars, view.numbers, strict=True):
        number, bar = label.get_window_extent(figure.canvas.get_renderer()), bar.get_window_extent()
        apart = max(number.x0 - bar.x1, bar.x0 - number.x1, number.y0 - bar.y1, bar.y0 - number.y1)
        assert 1 <= apart <= 25  # pixels


@pytest.mark.parametrize("name", ["bars", "tall bars", "low bars", "signed bars", "wide signed bars"])
def test_the_longest_bar_takes_a_good_part_of_its_axes(name):
    view, figure = drawn(name, 1)
    longest = max(max(bar.get_window_extent().bounds[2:]) for bar in view.bars)
    assert longest > 0.35 * min(figure.axes[0].bbox.bounds[2:])


def test_bars_above_zero_stand_on_the_lower_edge():
    view, figure = drawn("low bars", 0)
    assert view.bars[0].get_window_extent().y0 == pytest.approx(figure.axes[0].bbox.y0, abs=ROUNDED)


@pytest.mark.parametrize("reach", [1, 8])
def test_the_scale_of_signed_bars_is_the_same_on_both_sides(reach):
    ax = new_figure(6, 3).subplots()
    SignedBars(ax, NAMES, "t", reach)
    assert list(ax.get_xticks()) == [-reach, -reach / 2, 0, reach / 2, reach]


def test_a_large_map_has_room_for_each_label_and_a_small_one_for_its_title():
    view, figure = drawn("large alignment", 0)
    ax, renderer = figure.axes[0], figure.canvas.get_renderer()
    high = ax.get_yticklabels()[0].get_window_extent(renderer).height
    assert ax.bbox.width / 30 > high and ax.bbox.height / 30 > high
    figure = new_figure(*map_size(["a"], ["b"]))
    Canvas(figure, Alignment(figure.subplots(), ["a"], ["b"], "cross-attention, layer 1, mean of heads")).png()
    assert inside(figure.axes[0].title.get_window_extent(figure.canvas.get_renderer()), figure.bbox)


def test_a_shown_map_is_as_large_as_its_own_tokens_ask_for():
    shown = show_alignment(np.full((4, 30), 1 / 30), MANY[:4], MANY, "t")
    assert picture_size(shown.png) == pytest.approx([100 * inches for inches in map_size(MANY[:4], MANY)], abs=1)


def test_a_token_of_the_tree_begins_where_its_score_begins():
    view, _ = drawn("large tree", 0)
    assert all(view.tokens[cell].get_position()[0] == view.scores[cell].get_position()[0] for cell in view.tokens)


def test_the_lines_of_a_heatmap_cross_it_whole():
    view = Heatmap(new_figure(6, 3).subplots(), NAMES, ["a", "b", "c"], "t", 0, 1)
    found = sorted(np.array(segment).ravel().tolist() for segment in view.edges.get_segments())
    assert found == [[-0.5, 0.5, 2.5, 0.5], [0.5, -0.5, 0.5, 1.5], [1.5, -0.5, 1.5, 1.5]]
