"""A figure made of views, redrawn by changing what changed: the frame once, the moving parts every time."""

import io

import numpy as np

from helpers.figures.palette import encodable


class Canvas:
    """A Matplotlib figure and the views in it.

    figure: from style.new_figure. views: objects with `artists` (what moves) and `words()` (what they show, in words).
    """

    def __init__(self, figure, *views):
        self.figure, self.views = figure, views
        self._frame = None

    def png(self):
        """Return the figure as PNG bytes. Only the first call, and the first after `forget`, draws the frame."""
        canvas = self.figure.canvas
        if self._frame is None:
            self._draw_frame()
        canvas.restore_region(self._frame)
        renderer = canvas.get_renderer()
        for view in self.views:
            for artist in view.artists:
                artist.draw(renderer)
        return _encoded(np.asarray(canvas.buffer_rgba()))

    def forget(self):
        """Draw the frame anew next time, because a title, a tick or the number of axes has changed."""
        self._frame = None

    def words(self):
        """Return what the figure shows, one sentence or more a view, read from what is drawn."""
        return " ".join(view.words() for view in self.views if view.words())

    def _draw_frame(self):
        for view in self.views:
            for artist in view.artists:
                artist.set_animated(True)  # left out of draw()
        self.figure.set_layout_engine("constrained")
        self.figure.canvas.draw()
        self.figure.set_layout_engine("none")  # the axes stay where they are from now on
        self._frame = self.figure.canvas.copy_from_bbox(self.figure.bbox)


def _encoded(rgba):
    """PNG bytes of an opaque picture in 256 colours: less time than full colour, and less than half of the bytes to send."""
    out = io.BytesIO()
    encodable(rgba).save(out, format="png", compress_level=1)
    return out.getvalue()
