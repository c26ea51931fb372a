"""Lines over a shared horizontal axis: how something grows, falls or swings."""

import numpy as np

from helpers import validate
from helpers.figures.style import BLUE, DARK_GREY, GREEN, TEXT_SIZE, VERMILION, tidy
from helpers.figures.words import number

MOST_POINTS = 20  # that the words say one by one
LOOKS = ((BLUE, "-", "o"), (VERMILION, "--", "s"), (GREEN, ":", "^"), (DARK_GREY, "-.", "D"))


class Curves:
    """Up to four curves, told apart by colour, dash and marker, with a legend.

    x: (points,). curves: a dict from name to the values, each (points,). digits: decimals in the words.
    x_log, y_log: logarithmic axes, for what grows over several powers of ten; the values must then be positive.
    """

    def __init__(self, ax, x, curves, title, x_label, y_label, digits=2, x_log=False, y_log=False):
        if not isinstance(curves, dict):
            raise TypeError(f"curves must be a dict from name to values, but it is a {type(curves).__name__}.")
        if not 1 <= len(curves) <= len(LOOKS):
            raise ValueError(f"curves must hold 1 to {len(LOOKS)} curves, but it holds {len(curves)}.")
        self.title, self.x_label, self.y_label, self.digits, self.artists = title, x_label, y_label, digits, []
        x = validate.numbers("x", x, (1,))
        _positive("x", x, x_log)
        tidy(ax, title, x_label, y_label)
        ax.set_xscale("log" if x_log else "linear")
        ax.set_yscale("log" if y_log else "linear")
        self.lines = []
        for (name, values), (colour, dash, marker) in zip(curves.items(), LOOKS, strict=False):
            values = validate.numbers(name, values, (1,))
            validate.same("points", "x", len(x), name, len(values))
            _positive(name, values, y_log)
            self.lines += ax.plot(x, values, color=colour, linestyle=dash, marker=marker, label=name, linewidth=2)
        for text in ax.legend(fontsize=TEXT_SIZE, frameon=False).get_texts():
            text.set_parse_math(False)

    def words(self):
        """Say each drawn curve's points, or 20 of a long curve's, and its highest and lowest point."""
        parts = []
        for line in self.lines:
            x, y = (np.asarray(data, dtype=float) for data in line.get_data())
            high, low = _first(y, y.max()), _first(y, y.min())
            said = np.unique(np.linspace(0, len(x) - 1, MOST_POINTS).round().astype(int))
            points = ", ".join(self._at(x, y, index) for index in said)
            ends = f"highest {self._at(x, y, high)}, lowest {self._at(x, y, low)}"
            parts.append(f"{line.get_label()} is {points}; {ends}")
        return f"Curves, {self.title}, {self.y_label} over {self.x_label}: {'; '.join(parts)}."

    def _at(self, x, y, index):
        return f"{number(y[index], self.digits)} at {x[index]:g}"


def _positive(name, values, logarithmic):
    if logarithmic and (values <= 0).any():
        raise ValueError(f"{name} must be above 0 on a logarithmic axis, but it holds {values.min():g}.")


def _first(values, value):
    """The first point as good as `value`, so that a last bit cannot move it."""
    return int(np.argmax(np.isclose(values, value, rtol=1e-9, atol=1e-12)))
