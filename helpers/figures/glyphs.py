"""Text that a figure can draw: what the font lacks becomes a box, without a warning for each letter."""

import functools

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

BOX = "\N{WHITE SQUARE}"


def drawable(text, longest=None):
    """Return the text with a box for each character that cannot be drawn, cut at `longest` characters with an ellipsis.

    The words of a figure use it too, so that they say what is drawn. Newlines and tabs become blanks.
    """
    shown = "".join(" " if c.isspace() else c if ord(c) in _known() and c.isprintable() else BOX for c in text)
    return shown if longest is None or len(shown) <= longest else shown[: longest - 1] + "…"


@functools.cache
def _known():
    return frozenset(FT2Font(font_manager.findfont("DejaVu Sans")).get_charmap())
