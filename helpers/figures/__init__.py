"""The figures that the chapters call: each takes arrays and words and returns a picture that also says what it shows."""

from helpers import validate
from helpers.figures.bars import Bars
from helpers.figures.canvas import Canvas
from helpers.figures.curves import Curves
from helpers.figures.described import Described
from helpers.figures.heatmap import Heatmap
from helpers.figures.links import Links
from helpers.figures.style import new_figure
from helpers.wording import short

__all__ = ["show_bars", "show_curves", "show_heatmap", "show_heatmaps", "show_links", "show_map"]


def show_bars(labels, values, title, low=0.0, high=1.0, point=""):
    """One bar a label. values: (labels,). low, high: the scale. point: one sentence that says what to see."""
    figure = new_figure(6, 3)
    return Described(Canvas(figure, Bars(figure.subplots(), labels, title, low, high).update(values)), point)


def show_heatmap(matrix, rows, columns, title, low=0.0, high=1.0, digits=2, x_label="", y_label="", point=""):
    """A matrix (rows, columns) as coloured cells; the scale stays fixed from low to high."""
    return show_heatmaps([matrix], rows, columns, [title], low, high, digits, x_label, y_label, point)


def show_heatmaps(matrices, rows, columns, titles, low=0.0, high=1.0, digits=2, x_label="", y_label="", point=""):
    """Several matrices of the same rows and columns side by side on one colour scale, each under its title."""
    if not len(matrices):
        raise ValueError("matrices must hold one matrix or more, but it is empty.")
    if not isinstance(titles, (list, tuple)) or not all(isinstance(title, str) for title in titles):
        raise TypeError(f"titles must be a list of texts, but it is {short(titles)}.")
    validate.same("length", "matrices", len(matrices), "titles", len(titles))
    figure = new_figure(max(5.0, 1.2 + 0.75 * len(columns)) * len(matrices), max(2.6, 1.1 + 0.5 * len(rows)))
    views = []
    for ax, matrix, title in zip(figure.subplots(1, len(matrices), squeeze=False)[0], matrices, titles, strict=True):
        views.append(Heatmap(ax, rows, columns, title, low, high, digits, x_label, y_label).update(matrix))
    return Described(Canvas(figure, *views), point)


def show_links(words, weights, picked, title, point=""):
    """Lines from word number `picked` (from 0) to every word. weights: (words,), the picked word's row."""
    figure = new_figure(6, max(2.6, 0.8 + 0.45 * len(words)))
    return Described(Canvas(figure, Links(figure.subplots(), words, title).update(picked, weights)), point)


def show_curves(x, curves, title, x_label, y_label, digits=2, x_log=False, y_log=False, point=""):
    """Curves over x: a dict from name to (points,). x_log, y_log: logarithmic axes."""
    figure = new_figure(7, 3.6)
    view = Curves(figure.subplots(), x, curves, title, x_label, y_label, digits, x_log, y_log)
    return Described(Canvas(figure, view), point)


def show_map(matrix, title, low=0.0, high=1.0, x_label="", y_label="", point=""):
    """A matrix that is too large for a number in each cell: colours with a colour bar, rows and columns counted."""
    matrix = validate.numbers("matrix", matrix, (2,))
    figure = new_figure(7, 4)
    rows, columns = (range(n) for n in matrix.shape)
    view = Heatmap(figure.subplots(), rows, columns, title, low, high, None, x_label, y_label).update(matrix)
    return Described(Canvas(figure, view), point)
