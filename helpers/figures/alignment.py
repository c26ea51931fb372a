"""A map of where each written token looks in the source: long labels stand upright, each row's largest weight is a number."""

import numpy as np

from helpers import validate
from helpers.figures.canvas import Canvas
from helpers.figures.cells import Cells
from helpers.figures.described import Described
from helpers.figures.glyphs import drawable
from helpers.figures.label import Label
from helpers.figures.style import TEXT_SIZE, new_figure, tidy
from helpers.figures.words import number

LONGEST = 12  # characters of a token on an axis
ROW, TOP = 0.27, 2.1  # inches: a row of the map, and what its title and column labels take


class Alignment:
    """Rows are what is written, columns what is looked at; the colour scale is fixed from 0 to 1.

    target, source: the tokens, in order. The first of the largest weights of a row, to 0.0001, carries its number.
    """

    def __init__(self, ax, target, source, title, x_label="looked at", y_label="written"):
        self.target, self.source = ([drawable(token, LONGEST) for token in tokens] for tokens in (target, source))
        self.title, self.axes_words = title, f"rows: {y_label}; columns: {x_label}"
        shape = (len(self.target), len(self.source))
        tidy(ax, title, x_label, y_label)
        self.image = Cells(ax, *shape, 0, 1)
        look = {"fontsize": TEXT_SIZE, "parse_math": False}
        ax.set_xticks(range(shape[1]), self.source, rotation=60, ha="right", rotation_mode="anchor", **look)
        ax.set_yticks(range(shape[0]), self.target, **look)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.figure.colorbar(self.image, ax=ax, pad=0.01).ax.tick_params(labelsize=TEXT_SIZE)
        self.numbers = [Label(ax, 0, row) for row in range(shape[0])]
        self.most = [0] * shape[0]  # the column that carries the number, a row
        self.artists = [self.image, *self.numbers]

    def update(self, weights, title=None):
        """Show other weights (target, source), each between 0 and 1. Returns self."""
        weights = validate.inside("weights", validate.numbers("weights", weights, (2,)), 0, 1 + 1e-4)
        validate.same("shape", "weights", weights.shape, "the map", (len(self.target), len(self.source)))
        self.title = self.title if title is None else title
        self.image.axes.title.set_text(self.title)
        self.image.set_data(weights)
        for row, label in enumerate(self.numbers):
            self.most[row] = column = int(np.argmax(weights[row] > weights[row].max() - 1e-4))
            label.set_text(number(weights[row, column]))
            label.set_position((column, row))
            label.set_color("black" if weights[row, column] > 0.465 else "white")  # on a light, a dark cell
        return self

    def words(self):
        """Say the title, both axes, where each row looks most and how much, and what each column gets on average."""
        looks = (
            f"{token} most at {self.source[self.most[row]]} ({self.numbers[row].get_text()})"
            for row, token in enumerate(self.target)
        )
        means = np.asarray(self.image.get_array(), dtype=float).mean(axis=0)
        gets = ", ".join(f"{token} {number(mean)}" for token, mean in zip(self.source, means, strict=True))
        return (
            f"Map, {self.title} ({self.axes_words}; colours from 0 to 1): {'; '.join(looks)}. "
            f"Means of the columns: {gets}."
        )


def map_size(target, source):
    """Return (width, height) in inches of a map on which every token can be read."""
    return max(6.5, 2.5 + 0.3 * len(source)), TOP + ROW * len(target)


def show_alignment(weights, target, source, title, point=""):
    """Where each token of target looks in source. weights: (target, source), each row sums to 1."""
    figure = new_figure(*map_size(target, source))
    view = Alignment(figure.subplots(), target, source, title).update(weights)
    return Described(Canvas(figure, view), point)
