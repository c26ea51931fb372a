"""Redrawing what changed gives the same picture as drawing everything, and a label from memory is the label."""

import io

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from helpers.figures.bars import Bars
from helpers.figures.blend import Blend
from helpers.figures.canvas import Canvas
from helpers.figures.curves import Curves
from helpers.figures.heatmap import Heatmap
from helpers.figures.label import Label
from helpers.figures.links import Links
from helpers.figures.style import new_figure

NAMES = ["pizza", "but", "olives"]


def decoded(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


# name: (how the view is made, values one after the other)
VIEWS = {
    "bars": (lambda ax: Bars(ax, NAMES, "t", -1, 1), [([0.1, 0.2, 0.3],), ([-9, 0, 9],), ([0.26, 0.04, 0.7],)]),
    "heatmap": (
        lambda ax: Heatmap(ax, NAMES, ["a", "b"], "t", 0, 1),
        [([[0, 1], [0.2, 0.4], [0.6, 0.8]],), ([[5, -5], [0, 0], [1, 1]],), ([[0.5, 0.4], [0.3, 0.2], [0.1, 0.9]],)],
    ),
    "links": (lambda ax: Links(ax, NAMES, "t"), [(0, [0.2, 0.3, 0.5]), (2, [1, 0, 0]), (1, [0, 0.9, 0.1])]),
    "blend": (
        lambda ax: Blend(ax, NAMES, "t", -5, 5),
        [([5, 0, -3], [0.3, 0.1, 0.6], -0.8), ([-5, 99, 0], [1, 0, 0], -5), ([1, 2, 3], [0.5, 0.25, 0.25], 1.75)],
    ),
}


def canvas_of(name):
    figure = new_figure(6, 3)
    return Canvas(figure, VIEWS[name][0](figure.subplots()))


@pytest.mark.parametrize("name", VIEWS)
def test_a_picture_after_updates_is_the_picture_drawn_from_scratch(name):
    canvas, updates = canvas_of(name), VIEWS[name][1]
    for values in updates:
        canvas.views[0].update(*values)
        updated = decoded(canvas.png())
        fresh = canvas_of(name)
        fresh.views[0].update(*values)
        np.testing.assert_array_equal(updated, decoded(fresh.png()))
    canvas.forget()
    np.testing.assert_array_equal(updated, decoded(canvas.png()))


@pytest.mark.parametrize("name", VIEWS)
def test_an_updated_picture_is_what_matplotlib_draws_without_any_memory(name):
    canvas, updates = canvas_of(name), VIEWS[name][1]
    for values in updates:
        canvas.views[0].update(*values)
        canvas.png()
    kept = np.array(canvas.figure.canvas.buffer_rgba()).astype(int)
    for artist in canvas.views[0].artists:
        artist.set_animated(False)
    canvas.figure.canvas.draw()
    whole = np.asarray(canvas.figure.canvas.buffer_rgba()).astype(int)
    covered = np.abs(kept - whole).max(axis=-1) > 0
    assert covered.mean() < 0.02  # only the order of ticks, spines and moving parts may differ: a few edge pixels


def test_no_trace_of_the_last_picture_is_left():
    canvas = canvas_of("bars")
    canvas.views[0].update([0.1, 0.2, 0.3])
    first = canvas.png()
    canvas.views[0].update([-1, 1, -1])
    assert canvas.png() != first
    canvas.views[0].update([0.1, 0.2, 0.3])
    assert canvas.png() == first


def test_the_frame_is_drawn_once_and_once_more_after_forget():
    canvas = canvas_of("bars")
    drawn = []
    draw, canvas.figure.canvas.draw = canvas.figure.canvas.draw, lambda: (drawn.append(1), draw())
    for value in (0.1, 0.2, 0.3):
        canvas.views[0].update([value] * 3)
        canvas.png()
    assert len(drawn) == 1
    canvas.forget()
    canvas.png()
    assert len(drawn) == 2


def test_forget_shows_a_new_title():
    canvas = canvas_of("bars")
    canvas.views[0].update([0.1, 0.2, 0.3])
    before = canvas.png()
    canvas.figure.axes[0].set_title("another title")
    assert canvas.png() == before
    canvas.forget()
    assert canvas.png() != before


def test_a_canvas_says_the_words_of_all_its_views_in_order():
    figure = new_figure(6, 3)
    left, right = figure.subplots(1, 2)
    canvas = Canvas(figure, Bars(left, NAMES, "one", 0, 1), Curves(right, [1, 2], {"c": [1, 2]}, "two", "x", "y"))
    canvas.views[0].update([0.1, 0.2, 0.3])
    assert canvas.words() == f"{canvas.views[0].words()} {canvas.views[1].words()}"


def test_the_png_has_the_figures_size_and_the_cells_their_colours():
    figure = new_figure(6, 4)
    matrix = np.linspace(0, 1, 36).reshape(6, 6)
    view = Heatmap(figure.subplots(), list("abcdef"), list("abcdef"), "t", 0, 1).update(matrix)
    picture = decoded(Canvas(figure, view).png())
    assert picture.shape == (400, 600, 3)
    for i, j in np.ndindex(6, 6):
        x, y = view.image.axes.transData.transform((j - 0.42, i - 0.38))  # a corner, away from the number
        colour = 255 * np.array(view.image.cmap(view.image.norm(matrix[i, j]))[:3])
        assert np.abs(picture[picture.shape[0] - 1 - int(y), int(x)] - colour).max() < 10


# labels


def empty_axes(**limits):
    figure = new_figure(3, 2)
    figure.set_layout_engine("none")
    ax = figure.add_axes([0, 0, 1, 1])
    ax.set(xlim=(0, 3), ylim=(0, 2))  # one unit is 100 pixels
    ax.axis("off")
    return ax


def pixels(ax):
    ax.figure.canvas.draw()
    return np.array(ax.figure.canvas.buffer_rgba()).astype(int)


LOOKS = [{}, {"ha": "left"}, {"ha": "right", "va": "top"}, {"fontsize": 9, "color": "white"}, {"weight": "bold"}]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_label_from_memory_is_the_label_as_it_was_first_drawn(look, monkeypatch):
    monkeypatch.setattr(Label, "_pixels", {})
    ax = empty_axes()
    ax.figure.set_facecolor("grey")
    Label(ax, 1.3, 1.1, "0.26", **look)
    first = pixels(ax)
    assert len(Label._pixels) == 1 and (first != first[0, 0]).any()
    np.testing.assert_array_equal(pixels(ax), first)
    assert len(Label._pixels) == 1  # the second time came from memory


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_label_is_what_matplotlibs_own_text_draws(look, monkeypatch):
    monkeypatch.setattr(Label, "_pixels", {})
    plain, ours = empty_axes(), empty_axes()
    for ax in (plain, ours):
        ax.figure.set_facecolor("grey")
    plain.add_artist(Text(1.3, 1.1, "0.26", **({"fontsize": 12, "ha": "center", "va": "center"} | look)))
    Label(ours, 1.3, 1.1, "0.26", **look)
    assert np.abs(pixels(plain) - pixels(ours)).max() <= 2  # one rounding of the colour, at letters' edges


def test_a_label_moves_by_the_pixels_that_its_anchor_moves(monkeypatch):
    monkeypatch.setattr(Label, "_pixels", {})
    ax = empty_axes()
    label = Label(ax, 1.0, 1.0, "0.26")
    first = pixels(ax)
    label.set_position((1.5, 1.2))  # 50 pixels to the right, 20 upward
    np.testing.assert_array_equal(pixels(ax), np.roll(first, (-20, 50), axis=(0, 1)))


@pytest.mark.parametrize("x, y", [(9, 1), (3, 1), (0, 1), (1, 2), (1, -5)])
def test_a_label_first_drawn_at_the_edge_or_outside_is_whole_when_it_comes_inside(x, y, monkeypatch):
    monkeypatch.setattr(Label, "_pixels", {})
    ax = empty_axes()
    label = Label(ax, 1.5, 1, "0.26")
    whole = pixels(ax)
    monkeypatch.setattr(Label, "_pixels", {})
    label.set_position((x, y))
    pixels(ax)
    label.set_position((1.5, 1))
    np.testing.assert_array_equal(pixels(ax), whole)


@pytest.mark.parametrize(
    "change", [{"text": "0.27"}, {"color": "white"}, {"fontsize": 9}, {"ha": "left"}, {"va": "top"}, {"weight": "bold"}]
)
def test_a_label_of_another_look_is_not_taken_from_memory(change, monkeypatch):
    monkeypatch.setattr(Label, "_pixels", {})
    ax = empty_axes()
    ax.figure.set_facecolor("grey")
    label = Label(ax, 1.5, 1, "0.26")
    before = pixels(ax)
    label.set(**change)
    after = pixels(ax)
    assert (after != before).any()
    monkeypatch.setattr(Label, "_pixels", {})
    np.testing.assert_array_equal(pixels(ax), after)


def test_an_empty_or_hidden_label_draws_nothing():
    ax = empty_axes()
    blank = pixels(ax)
    Label(ax, 1, 1, "")
    Label(ax, 1, 1, "0.26").set_visible(False)
    np.testing.assert_array_equal(pixels(ax), blank)


def test_the_memory_of_labels_stays_small(monkeypatch):
    monkeypatch.setattr(Label, "_pixels", {})
    monkeypatch.setattr(Label, "_limit", 3)
    ax = empty_axes()
    label = Label(ax, 1, 1, "")
    for i in range(10):
        label.set_text(str(i))
        drawn = pixels(ax)
        assert len(Label._pixels) <= 3
    monkeypatch.setattr(Label, "_pixels", {})
    np.testing.assert_array_equal(pixels(ax), drawn)
