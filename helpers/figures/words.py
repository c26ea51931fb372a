"""Numbers and lists as words, the same on every machine."""

import numpy as np


def number(value, digits=2):
    """Return a number with `digits` decimals, and never a minus before a zero: 0.00, not -0.00.

    Values are rounded at the 9th decimal first, so that a last bit that differs between machines cannot turn 0.125
    into 0.13 on one and 0.12 on the other.
    """
    rounded = round(round(float(value), 9), digits)
    return f"{rounded + 0.0:.{digits}f}"


def listing(labels, values, digits=2):
    """Return "pizza 0.26, but 0.04, olives 0.71"."""
    return ", ".join(f"{label} {number(value, digits)}" for label, value in zip(labels, values, strict=True))


def extremes(labels, values, digits=2):
    """Return "Highest: olives (0.71); lowest: but (0.04)." or that all are equal."""
    values = np.asarray(values, dtype=float)
    if np.ptp(values) < 10.0**-digits / 2:
        return f"All about {number(values.mean(), digits)}."
    high, low = labels[int(values.argmax())], labels[int(values.argmin())]
    return f"Highest: {high} ({number(values.max(), digits)}); lowest: {low} ({number(values.min(), digits)})."
