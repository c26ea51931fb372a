"""Horizontal bars to the left and to the right of zero, one a word: what speaks for something and what against it."""

import numpy as np

from helpers import validate
from helpers.figures.canvas import Canvas
from helpers.figures.described import Described
from helpers.figures.glyphs import drawable
from helpers.figures.label import Label
from helpers.figures.style import BLACK, BLUE, TEXT_SIZE, VERMILION, new_figure, tidy
from helpers.figures.words import extremes, listing, number

LONGEST_LABEL = 18  # letters of a word that fit beside the bars


def height_for(count):
    """Return the inches that `count` bars need, title and scale included."""
    return 1.5 + 0.3 * count


class SignedBars:
    """One bar a label, from zero to the right (above 0, blue) or to the left (below 0, vermilion), read from the top.

    ax: Matplotlib axes. labels: one word a bar; a long one is cut. reach: the scale goes from -reach to reach, and a
    longer bar ends at the edge while its number says how long it is. x_label: what the scale counts, and which way.
    """

    def __init__(self, ax, labels, title, reach, x_label="", digits=2):
        self.labels, self.title, self.digits = [drawable(str(label), LONGEST_LABEL) for label in labels], title, digits
        if reach <= 0:
            raise ValueError(f"reach must be above 0, but it is {reach}.")
        self.reach, self.x_label = reach, x_label
        places = range(len(self.labels))
        tidy(ax, title, x_label)
        room = 0.22 * reach  # for the numbers at the ends of the bars
        ax.set(xlim=(-reach - room, reach + room), ylim=(len(self.labels) - 0.4, -0.6))
        ax.set_xticks([-reach, -reach / 2, 0, reach / 2, reach])
        ax.set_yticks(places, self.labels, fontsize=TEXT_SIZE, parse_math=False)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.axvline(0, color=BLACK, linewidth=1)
        self.bars = ax.barh(places, np.zeros(len(self.labels)), height=0.62)
        self.numbers = [Label(ax, 0, place) for place in places]
        self.artists = [*self.bars, *self.numbers]

    def update(self, values):
        """Show other values: an array of one finite number a label. Returns self."""
        values = validate.numbers("values", values, (1,))
        validate.same("entries", "values", len(values), "labels", len(self.labels))
        for place, (bar, label, value) in enumerate(zip(self.bars, self.numbers, values, strict=True)):
            end = float(np.clip(value, -self.reach, self.reach))
            bar.set_width(end)
            bar.set_facecolor(BLUE if value >= 0 else VERMILION)
            label.set_text(number(value, self.digits))
            label.set_ha("left" if value >= 0 else "right")
            label.set_position((end + (0.03 if value >= 0 else -0.03) * self.reach, place))
        return self

    def words(self):
        """Say the title, the scale, every drawn number and the extremes."""
        drawn = [float(label.get_text()) for label in self.numbers]
        scale = f"{self.x_label}, " if self.x_label else ""
        shown = listing(self.labels, drawn, self.digits)
        return f"Signed bars, {self.title} ({scale}scale {-self.reach:g} to {self.reach:g}): {shown}." + (
            f" {extremes(self.labels, drawn, self.digits)}" if drawn[1:] else ""
        )


def show_signed_bars(labels, values, title, reach=1.0, x_label="", point=""):
    """One bar a label, left or right of zero. values: (labels,). reach: the end of the scale on both sides."""
    figure = new_figure(7, height_for(len(labels)))
    return Described(Canvas(figure, SignedBars(figure.subplots(), labels, title, reach, x_label).update(values)), point)
