"""A number line with the values on it and the output between them: what attention returns is a blend."""

import numpy as np

from helpers import validate
from helpers.figures.label import Label
from helpers.figures.style import BLUE, GREY, TEXT_SIZE, VERMILION, tidy
from helpers.figures.words import listing, number


class Blend:
    """Values as dots, larger for a larger weight, and their weighted sum as a diamond on the line below.

    labels: one word a value. low, high: the ends of the line.
    """

    def __init__(self, ax, labels, title, low, high):
        self.labels, self.title, self.low, self.high = list(labels), title, low, high
        self.values = np.zeros(len(self.labels))
        tidy(ax, title)
        self._gap = 0.07 * (high - low)
        ax.set(xlim=(low - self._gap, high + 3 * self._gap), ylim=(-len(self.labels) - 0.6, 0.6))
        ax.set_yticks(
            [*-np.arange(len(self.labels)), -len(self.labels)],
            [*self.labels, "output"],
            fontsize=TEXT_SIZE,
            parse_math=False,
        )
        ax.axvline(0, color=GREY, linewidth=1)
        rows = -np.arange(len(self.labels))
        self.dots = ax.scatter(self.values, rows, s=10, color=BLUE)
        (self.diamond,) = ax.plot(
            [0], [-len(self.labels)], marker="D", markersize=12, color=VERMILION, linestyle="none"
        )
        self.numbers = [Label(ax, 0, row, ha="left") for row in [*rows, -len(self.labels)]]
        self.artists = [self.dots, self.diamond, *self.numbers]

    def update(self, values, weights, output):
        """Show values and weights (one number a word each) and the output (one number). Returns self."""
        values, weights = validate.numbers("values", values, (1,)), validate.numbers("weights", weights, (1,))
        validate.same("entries", "values", len(values), "labels", len(self.labels))
        validate.same("entries", "weights", len(weights), "labels", len(self.labels))
        output = float(validate.numbers("output", output, (0,)))
        places = np.clip([*values, output], self.low, self.high)
        rows = -np.arange(len(self.labels))
        self.dots.set_offsets(np.column_stack([places[:-1], rows]))
        self.dots.set_sizes(20 + 400 * np.clip(weights, 0, 1))
        self.diamond.set_xdata([places[-1]])
        for label, place, shown in zip(self.numbers, places, [*values, output], strict=True):
            label.set_text(number(shown))
            label.set_x(place + self._gap)
        return self

    def words(self):
        """Say where the values lie and where the output lies among them."""
        drawn = [float(label.get_text()) for label in self.numbers]
        values = listing(self.labels, drawn[:-1])
        line = f"Number line, {self.title} ({self.low:g} to {self.high:g})"
        return f"{line}: values {values}; output {number(drawn[-1])}."
