"""Horizontal bars for the likeliest tokens: one probability a token, or two, such as before and after a setting."""

import numpy as np
from matplotlib.patches import Patch

from helpers import validate
from helpers.figures.canvas import Canvas
from helpers.figures.described import Described
from helpers.figures.glyphs import drawable
from helpers.figures.label import Label
from helpers.figures.style import DARK_GREY, GREEN, TEXT_SIZE, new_figure, tidy
from helpers.figures.words import number

LONGEST = 16  # letters of a token
COLOURS = {1: (GREEN,), 2: (DARK_GREY, GREEN)}
ROOM = 0.36  # left of the bars, for the tokens, in units of the axis


class TokenBars:
    """`count` rows, the first at the top; in each a token's text and one bar a series, in the order of `series`.

    series: one or two names, shown in a legend. All bars lie on the scale 0 to 1. In the second series a 0 that was
    more before is written "cut".
    """

    def __init__(self, ax, count, title, series=("probability",)):
        self.title, self.series = title, validate.words("series", series, len(series))
        if len(self.series) not in COLOURS:
            raise ValueError(f"series must be 1 or 2 names, but there are {len(self.series)}.")
        count = validate.whole_number("count", count)
        tidy(ax, title)
        ax.set(xlim=(-ROOM, 1.12), ylim=(count - 0.45, -0.55), yticks=[])
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
        ax.spines["left"].set_visible(False)
        ax.spines["bottom"].set_bounds(0, 1.12)
        thick = 0.8 / len(self.series)
        colours = COLOURS[len(self.series)]
        places = np.arange(len(self.series)) * thick - 0.4 + thick / 2  # the middle of each bar, from its row's middle
        self.bars = [
            ax.barh(np.arange(count) + place, np.zeros(count), height=0.9 * thick, color=colour)
            for place, colour in zip(places, colours, strict=True)
        ]
        self.tokens = [Label(ax, -0.02, row, ha="right", fontsize=TEXT_SIZE) for row in range(count)]
        self.numbers = [[Label(ax, 0, row + place, ha="left") for row in range(count)] for place in places]
        if len(self.series) == 2:
            handles = [Patch(color=colour, label=name) for colour, name in zip(colours, self.series, strict=True)]
            look = {"loc": "upper center", "bbox_to_anchor": (0.6, -0.06), "ncols": 2, "frameon": False}
            for text, place in zip(
                ax.legend(handles=handles, fontsize=TEXT_SIZE, **look).get_texts(), ("upper", "lower")
            ):
                text.set_text(f"{text.get_text()} ({place} bar)")
                text.set_parse_math(False)
        self.artists = [*(bar for bars in self.bars for bar in bars), *self.tokens]
        self.artists += [label for labels in self.numbers for label in labels]

    def update(self, tokens, *values):
        """Show other rows. tokens: one text a row. values: for each series one probability a row. Returns self."""
        tokens = validate.words("tokens", tokens, len(self.tokens))
        validate.same("series", "values", len(values), "series", len(self.series))
        values = [validate.inside(name, array, 0, 1.0 + 1e-9) for name, array in zip(self.series, values, strict=True)]
        for name, array in zip(self.series, values, strict=True):
            validate.same("entries", name, array.shape, "tokens", (len(tokens),))
        for label, token in zip(self.tokens, tokens, strict=True):
            label.set_text(_quoted(drawable(token, LONGEST)))
        for place, (bars, labels, array) in enumerate(zip(self.bars, self.numbers, values, strict=True)):
            for row, (bar, label, value) in enumerate(zip(bars, labels, array, strict=True)):
                bar.set_width(float(value))
                cut = place == 1 and value == 0 and values[0][row] > 0
                label.set_text("cut" if cut else number(value))
                label.set_x(float(value) + 0.015)
        return self

    def words(self):
        """Say the title, the series and every row as drawn."""
        rows = []
        for row, token in enumerate(self.tokens):
            rows.append(f"{token.get_text()} {', '.join(labels[row].get_text() for labels in self.numbers)}")
        return f"Horizontal bars, {self.title} (scale 0 to 1; {', '.join(self.series)}): {'; '.join(rows)}."


def _quoted(token):
    """A comma or a point alone is hard to see from the back row, and hard to read in the words."""
    return token if any(letter.isalnum() for letter in token) else f"“{token}”"


def show_token_bars(tokens, series, title, point=""):
    """One row a token. series: a dict of one or two names, each with (tokens,) probabilities. point: what to see."""
    if not isinstance(series, dict):
        raise TypeError(f"series must be a dict from name to probabilities, but it is a {type(series).__name__}.")
    tokens = validate.words("tokens", tokens, len(tokens))
    figure = new_figure(8, 0.9 + 0.22 * (1 + len(series)) * len(tokens))
    view = TokenBars(figure.subplots(), len(tokens), title, list(series)).update(tokens, *series.values())
    return Described(Canvas(figure, view), point)
