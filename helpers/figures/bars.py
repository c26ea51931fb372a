"""Bars with their numbers: scores, weights, anything that has one number a word."""

import numpy as np

from helpers import validate
from helpers.figures.label import Label
from helpers.figures.style import BLACK, BLUE, TEXT_SIZE, tidy
from helpers.figures.words import extremes, listing, number


class Bars:
    """One bar a label, on a scale that stays where it is while the values move.

    ax: Matplotlib axes. labels: one word a bar. low, high: the ends of the scale. A bar that is longer ends at the edge
    and its number says how long it is.
    """

    def __init__(self, ax, labels, title, low, high, digits=2, colour=BLUE):
        self.labels, self.title, self.digits, self.low, self.high = list(labels), title, digits, low, high
        self.values = np.zeros(len(self.labels))
        tidy(ax, title)
        room = 0.12 * (high - low)  # for the numbers above and below the bars
        ax.set(xlim=(-0.6, len(self.labels) - 0.4), ylim=(low - (room if low < 0 else 0), high + room))
        ax.set_xticks(range(len(self.labels)), self.labels, fontsize=TEXT_SIZE, parse_math=False)
        ax.axhline(0, color=BLACK, linewidth=1)
        self.bars = ax.bar(range(len(self.labels)), self.values, color=colour, width=0.6)
        self.numbers = [Label(ax, i, 0) for i in range(len(self.labels))]
        self.artists = [*self.bars, *self.numbers]
        self._gap = room / 2

    def update(self, values):
        """Show other values: an array of one finite number a label. Returns self."""
        self.values = validate.numbers("values", values, (1,))
        validate.same("entries", "values", len(self.values), "labels", len(self.labels))
        for bar, label, x, value in zip(self.bars, self.numbers, range(len(self.labels)), self.values, strict=True):
            end = float(np.clip(value, self.low, self.high))
            bar.set_height(end)
            label.set_text(number(value, self.digits))
            label.set_position((x, end + (self._gap if value >= 0 else -self._gap)))
        return self

    def words(self):
        """Say the title, the scale, every drawn number and the extremes."""
        drawn = [float(label.get_text()) for label in self.numbers]
        shown = listing(self.labels, drawn, self.digits)
        return f"Bar chart, {self.title} (scale {self.low:g} to {self.high:g}): {shown}." + (
            f" {extremes(self.labels, drawn, self.digits)}" if drawn[1:] else ""
        )
