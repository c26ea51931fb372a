"""Sinusoidal positions: a vector for each place in a sentence, added to the word that stands there (chapter 3)."""

import numpy as np

from helpers import validate

LONGEST = 10_000


def sinusoidal_positions(length, width):
    """Return positions of shape (length, width), every entry between -1 and 1.

    Features come in pairs, a sine and a cosine of the same angle; the angle of pair i at place p is p / 10000^(2i / width).
    An odd width ends in a sine without its cosine. Raises TypeError or ValueError for sizes that are not 1 to 10,000.
    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.5.
    """
    length, width = (validate.whole_number(*pair, high=LONGEST) for pair in (("length", length), ("width", width)))
    place = np.arange(length)[:, np.newaxis]  # (length, 1)
    pair = np.arange(width) // 2  # (width,)
    angle = place / 10000 ** (2 * pair / width)  # (length, width)
    return np.where(np.arange(width) % 2 == 0, np.sin(angle), np.cos(angle))
