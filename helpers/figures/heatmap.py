"""A matrix as coloured cells with their numbers: rows look, columns are looked at."""

import numpy as np
from matplotlib.collections import LineCollection

from helpers import validate
from helpers.figures.cells import Cells
from helpers.figures.label import Label
from helpers.figures.style import SMALL_SIZE, TEXT_SIZE, tidy
from helpers.figures.words import listing, number


class Heatmap:
    """A grid of len(rows) x len(columns) cells on a colour scale that stays fixed from low to high.

    digits: decimals of the numbers in the cells, or None for a colour bar instead of numbers (large grids). A value
    outside the scale takes the colour of its end; its number says what it is. printed: False leaves the numbers to the
    words and shows a colour bar, but keeps every label. turn: degrees by which the column labels are turned.
    """

    def __init__(
        self,
        ax,
        rows,
        columns,
        title,
        low,
        high,
        digits=2,
        x_label="",
        y_label="",
        size=SMALL_SIZE,
        printed=True,
        turn=0,
    ):
        self.rows, self.columns, self.title, self.digits = list(rows), list(columns), title.replace("\n", " "), digits
        printed = printed and digits is not None
        named = [f"{axis}: {label}" for axis, label in (("rows", y_label), ("columns", x_label)) if label]
        self.axes_words = "; ".join([*named, f"colours from {low:g} to {high:g}"])
        shape = (len(self.rows), len(self.columns))
        tidy(ax, title, x_label, y_label)
        self.image = Cells(ax, *shape, low, high)
        for ticks, labels in ((ax.set_xticks, self.columns), (ax.set_yticks, self.rows)):
            step = 1 if digits is not None else -(-len(labels) // 10)  # at most ten labels on a large map
            ticks(range(0, len(labels), step), labels[::step], fontsize=TEXT_SIZE, parse_math=False)
        if turn:
            for label in ax.get_xticklabels():
                label.set(rotation=turn, ha="right", rotation_mode="anchor")
        if not printed:
            ax.figure.colorbar(self.image, ax=ax).ax.tick_params(labelsize=TEXT_SIZE)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        cells = [] if not printed else [(i, j) for i in range(shape[0]) for j in range(shape[1])]
        self.numbers = {cell: Label(ax, cell[1], cell[0], fontsize=size) for cell in cells}
        edges = [np.arange(1, n) - 0.5 for n in shape]
        self.edges = LineCollection(  # equal neighbours must not run together
            [[(-0.5, y), (shape[1] - 0.5, y)] for y in edges[0]] + [[(x, -0.5), (x, shape[0] - 0.5)] for x in edges[1]],
            colors="white", linewidths=0 if digits is None else 0.8,
        )  # fmt: skip
        ax.add_collection(self.edges, autolim=False)
        self.artists = [self.image, self.edges, *self.numbers.values()]

    def update(self, matrix):
        """Show another matrix of shape (rows, columns). Returns self."""
        matrix = validate.numbers("matrix", matrix, (2,))
        validate.same("shape", "matrix", matrix.shape, "the heatmap", (len(self.rows), len(self.columns)))
        self.image.set_data(matrix)
        colours = self.image.cmap(self.image.norm(matrix))
        for (i, j), label in self.numbers.items():
            label.set_text(number(matrix[i, j], self.digits))
            label.set_color(_ink(colours[i, j]))
        return self

    def words(self):
        """Say the title, the axes, every drawn row and where the extremes are."""
        drawn = np.asarray(self.image.get_array(), dtype=float)
        digits = 2 if self.digits is None else self.digits
        text = f"Heatmap, {self.title} ({self.axes_words}): {len(self.rows)} rows, {len(self.columns)} columns. "
        if self.digits is not None:
            shown = drawn.copy()
            for cell, label in self.numbers.items():
                shown[cell] = float(label.get_text())
            lines = (f"{row}: {listing(self.columns, shown[i], digits)}" for i, row in enumerate(self.rows))
            return text + "; ".join(lines) + ". " + self._extremes(drawn, digits)
        # Too many cells to say each one: means of columns and of bands of rows still notice a changed number.
        columns = ", ".join(number(mean, digits) for mean in drawn.mean(axis=0))
        bands = ", ".join(number(band.mean(), digits) for band in np.array_split(drawn, min(10, len(drawn))))
        text += f"Means of the columns: {columns}. Means of the rows in {min(10, len(drawn))} bands: {bands}. "
        return text + self._extremes(drawn, digits)

    def _extremes(self, drawn, digits):
        if np.ptp(drawn) < 10.0**-digits / 2:
            return f"All about {number(drawn.mean(), digits)}."
        places = []
        for kind, index in (("Highest", _first(drawn, drawn.max())), ("lowest", _first(drawn, drawn.min()))):
            row, column = index
            named = self.digits is not None
            where = f"{self.rows[row]} to {self.columns[column]}" if named else f"row {row}, column {column}"
            places.append(f"{kind}: {where} ({number(drawn[index], digits)})")
        return "; ".join(places) + "."


def _first(matrix, value):
    """The first cell that is as good as `value`: equal cells must not swap places because of a last bit."""
    return tuple(int(i) for i in np.argwhere(np.isclose(matrix, value, rtol=1e-9, atol=1e-12))[0])


def _ink(colour):
    """Black on a light cell, white on a dark one. Weights of red, green and blue: ITU-R BT.709."""
    red, green, blue = (float(part) for part in colour[:3])
    return "white" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.459 else "black"
