"""The 256 colours of a stored picture: those that the figures use, and the shades between them that smooth edges need.

The palette is the same for every picture. To choose one for each picture would take four times as long as to use this one,
and a picture would then depend on what else is in it.
"""

from functools import cache

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from PIL import Image

from helpers.figures.style import BLACK, BLUE, GREEN, GREY, MAP, ORANGE, PALE, VERMILION

MAP_STEPS, GREYS, SHADES, EDGES = 112, 36, 7, 21  # 256 together


@cache
def palette():
    """Return a 1 x 1 Pillow image in mode "P" that carries the palette."""
    white, black = np.ones(3), np.array(to_rgb(BLACK))
    cells = colormaps[MAP](np.linspace(0, 1, MAP_STEPS))[:, :3]  # (steps, 3)
    shades = [_between(np.array(to_rgb(ink)), white, SHADES) for ink in (BLUE, ORANGE, GREEN, VERMILION, GREY, PALE)]
    some = cells[np.linspace(0, MAP_STEPS - 1, EDGES).astype(int)]
    dark, light = some[: EDGES // 2 + 1], some[EDGES // 2 :]  # white letters stand on dark cells, black on light ones
    letters = [mix * dark + (1 - mix) * white for mix in (0.25, 0.5, 0.75)]
    letters += [mix * light + (1 - mix) * black for mix in (0.25, 0.5, 0.75)]
    colours = np.vstack([cells, _between(black, white, GREYS), *shades, *letters])
    image = Image.new("P", (1, 1))
    image.putpalette(np.round(255 * colours).astype(np.uint8).tobytes())
    return image


def _between(start, end, count):
    return start + np.linspace(0, 1, count)[:, None] * (end - start)


def encodable(rgba):
    """Return an array (height, width, 4) of opaque pixels as a Pillow image in the palette's nearest colours."""
    return Image.fromarray(rgba).convert("RGB").quantize(palette=palette(), dither=Image.Dither.NONE)
