"""A number in a figure that is drawn from memory when the same text was drawn before: 20 times faster than new text."""

import copy

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

from helpers.figures.style import SMALL_SIZE


class Label(Text):
    """A Matplotlib text that keeps the pixels of each string, so that a moving slider does not lay out letters again.

    x, y: the place in the data coordinates of `ax`. The pixels are shared by all labels of the same look.
    """

    _pixels = {}  # (text, colour, size, alignment) -> (left, bottom) offset from the anchor, RGBA array
    _limit = 5000  # a label takes about 2 kB: 10 MB at most

    def __init__(self, ax, x, y, text="", **look):
        look = {"fontsize": SMALL_SIZE, "ha": "center", "va": "center", "parse_math": False} | look
        super().__init__(x, y, text, **look)
        ax.add_artist(self)

    def draw(self, renderer):
        """Draw with Matplotlib the first time a string appears, and from its pixels ever after."""
        if not self.get_visible() or not self.get_text():
            return
        if not isinstance(renderer, RendererAgg):  # constrained layout measures with another renderer
            super().draw(renderer)
            return
        look = (self.get_text(), self.get_color(), self.get_fontsize(), self.get_ha(), self.get_va(), self.get_weight())
        x, y = np.round(self.get_transform().transform(self.get_position())).astype(int)
        if look not in self._pixels:
            if len(self._pixels) >= self._limit:
                self._pixels.clear()
            self._pixels[look] = self._rendered(renderer.dpi)
        left, bottom, pixels = self._pixels[look]
        gc = renderer.new_gc()
        renderer.draw_image(gc, x + left, y + bottom, pixels)
        gc.restore()
        self.stale = False

    def _rendered(self, dpi):
        """Draw the text once onto a small empty sheet and cut it out: (left, bottom, pixels), seen from the anchor."""
        em = self.get_fontsize() * dpi / 72  # pixels; no letter is wider
        x, y = int(em * len(self.get_text())) + 4, int(2 * em)
        sheet = RendererAgg(2 * x, 2 * y, dpi)
        twin = copy.copy(self)
        twin.set(transform=IdentityTransform(), position=(x, y), clip_on=False)
        Text.draw(twin, sheet)
        rgba = np.asarray(sheet.buffer_rgba())[::-1]  # row 0 at the bottom, as draw_image wants it
        rows, columns = (np.nonzero(rgba[..., 3].any(axis=axis))[0] for axis in (1, 0))
        if rows.size == 0:  # nothing but spaces
            return 0, 0, np.zeros((1, 1, 4), dtype=np.uint8)
        bottom, left = int(rows[0]), int(columns[0])
        return left - x, bottom - y, rgba[bottom : rows[-1] + 1, left : columns[-1] + 1].copy()
