"""The colours that a picture is stored in are near those drawn, and cells are where Matplotlib would put them."""

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from matplotlib.image import AxesImage

from helpers.figures import style
from helpers.figures.cells import Cells
from helpers.figures.palette import encodable, palette

INKS = ["BLUE", "ORANGE", "GREEN", "VERMILION", "GREY", "BLACK", "PALE"]


def stored(colours):
    """Colours (count, 3) between 0 and 1, as a picture stores them: (count, 3) between 0 and 255."""
    rgba = np.full((1, len(colours), 4), 255, dtype=np.uint8)
    rgba[0, :, :3] = np.round(255 * np.asarray(colours))
    return np.asarray(encodable(rgba).convert("RGB"))[0].astype(int)


def test_the_palette_is_full_and_holds_the_inks_and_white_as_they_are():
    colours = np.array(palette().getpalette()).reshape(-1, 3)
    assert colours.shape == (256, 3)
    inks = [to_rgb(getattr(style, ink)) for ink in INKS] + [(1, 1, 1)]
    assert np.abs(stored(inks) - 255 * np.array(inks)).max() <= 4  # Pillow looks colours up in steps of 4
    assert (stored([(1, 1, 1)]) == 255).all()


def test_every_colour_of_the_map_is_stored_as_one_that_no_eye_tells_apart():
    colours = colormaps[style.MAP](np.linspace(0, 1, 256))[:, :3]
    assert np.abs(stored(colours) - 255 * colours).max() <= 6


@pytest.mark.parametrize("ink", INKS)
def test_smooth_edges_on_white_stay_smooth(ink):
    shades = [mix * np.array(to_rgb(getattr(style, ink))) + (1 - mix) for mix in np.linspace(0, 1, 21)]
    assert np.abs(stored(shades) - 255 * np.array(shades)).max() <= 24  # half of a step from one shade to the next


def test_letters_on_cells_stay_smooth():
    """White letters stand on the dark half of the map, black ones on the light half."""
    for ink, half in ((1.0, np.linspace(0, 0.45, 10)), (0.0, np.linspace(0.55, 1, 10))):
        for cell in colormaps[style.MAP](half)[:, :3]:
            shades = [mix * cell + (1 - mix) * ink for mix in (0.25, 0.5, 0.75)]
            assert np.abs(stored(shades) - 255 * np.array(shades)).max() <= 24


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (6, 6), (24, 17)], ids=str)
def test_cells_are_painted_as_matplotlib_paints_an_image(shape):
    matrix = np.random.default_rng(0).uniform(-0.2, 1.2, shape)  # some beyond the scale

    def drawn(own):
        figure = style.new_figure(4, 3)
        ax = figure.subplots()
        image = Cells(ax, *shape, 0, 1)
        image.set_data(matrix)
        if not own:
            image.draw = lambda renderer: AxesImage.draw(image, renderer)
        figure.canvas.draw()
        return np.array(figure.canvas.buffer_rgba()).astype(int)

    ours, theirs = drawn(True), drawn(False)
    assert (np.abs(ours - theirs).max(axis=-1) > 2).mean() < 0.02  # an edge may be rounded to the next pixel
    assert len(np.unique(ours.reshape(-1, 4), axis=0)) > min(shape)  # something is drawn at all
