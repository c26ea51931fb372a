"""The colours of figures, for eyes that see fewer of them: in greyscale, without green cones, and as text on a cell."""

from itertools import combinations

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from helpers.figures import beam_tree, curves, heatmap, style, token_bars

# Machado, Oliveira and Fernandes (2009), A Physiologically-based Model for Simulation of Color Vision Deficiency,
# severity 1.0; they are for linear RGB.
DEUTERANOPIA = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
]
PROTANOPIA = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
]
EYES = {"all cones": np.eye(3), "deuteranopia": np.array(DEUTERANOPIA), "protanopia": np.array(PROTANOPIA)}
XYZ = np.array([
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
])
APART = 20  # CIE Lab difference; 2.3 is just seen side by side, thin lines and small marks need many times that
# Colours that stand in one picture and mean different things, though dash, marker, sign or place say it as well.
TOGETHER = {
    "curves": [look[0] for look in curves.LOOKS],
    "two series of bars": token_bars.COLOURS[2],
    "signed bars": (style.BLUE, style.VERMILION),
    "blend": (style.BLUE, style.VERMILION, style.GREY),
    "beam tree": [*beam_tree.INKS.values(), style.BLUE],
    "links": (style.BLACK, style.GREY),
}


def linear(colour):
    """sRGB (3,) or (n, 3) from 0 to 1, as light."""
    rgb = np.asarray(colour, float)
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(colour, eye=EYES["all cones"]):
    """CIE Lab (D65) of sRGB colours (..., 3), as an eye sees them."""
    light = np.clip(linear(colour) @ np.asarray(eye).T, 0, 1)
    x, y, z = np.moveaxis(light @ XYZ.T / XYZ.sum(axis=1), -1, 0)
    x, y, z = (np.where(part > 216 / 24389, np.cbrt(part), (24389 / 27 * part + 16) / 116) for part in (x, y, z))
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def contrast(one, other):
    """The contrast ratio of WCAG 2, from 1 to 21."""
    low, high = sorted(linear(to_rgb(colour)) @ XYZ[1] for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def cells():
    """256 colours of the map of the figures, (256, 3)."""
    return matplotlib.colormaps[style.MAP](np.linspace(0, 1, 256))[:, :3]


def test_the_arithmetic_gives_what_the_standards_give():
    assert lab([1, 1, 1]) == pytest.approx([100, 0, 0], abs=0.05)
    assert lab(to_rgb("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert contrast("white", "black") == pytest.approx(21) and contrast("#767676", "white") == pytest.approx(
        4.54, abs=0.01
    )
    red, green = (lab(to_rgb(colour), EYES["deuteranopia"]) for colour in ("#b00000", "#5a6a00"))
    assert np.linalg.norm(red - green) < APART < np.linalg.norm(lab(to_rgb("#b00000")) - lab(to_rgb("#5a6a00")))


@pytest.mark.parametrize("eye", EYES)
def test_a_larger_number_is_a_lighter_cell_for_every_eye(eye):
    lightness = lab(cells(), EYES[eye])[:, 0]
    steps = np.diff(lightness)
    assert np.all(steps > 0), "the order of the map is lost in greyscale"
    assert steps.max() < 3 * steps.mean()  # no jump that would look like an edge in the data
    assert lightness[-1] - lightness[0] > 60


def test_a_rainbow_would_fail():
    lightness = lab(matplotlib.colormaps["jet"](np.linspace(0, 1, 256))[:, :3])[:, 0]
    assert not np.all(np.diff(lightness) > 0)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("name", TOGETHER)
def test_colours_that_stand_together_stay_apart_for_every_eye(name, eye):
    for one, other in combinations(TOGETHER[name], 2):
        far = np.linalg.norm(lab(to_rgb(one), EYES[eye]) - lab(to_rgb(other), EYES[eye]))
        assert far >= APART, f"{one} and {other} are {far:.0f} apart"


def test_numbers_can_be_read_on_every_cell():
    worst = min(contrast(heatmap._ink([*cell, 1]), cell) for cell in cells())
    assert worst >= 4.5, worst


@pytest.mark.parametrize("weight", np.linspace(0, 1, 101))
def test_numbers_can_be_read_on_an_alignment(weight):
    ink = "black" if weight > 0.465 else "white"  # as Alignment.show chooses
    assert contrast(ink, matplotlib.colormaps[style.MAP](weight)[:3]) >= 4.5


@pytest.mark.parametrize("ink", [style.BLACK, style.BLUE, *beam_tree.INKS.values()])
def test_words_can_be_read_on_white(ink):
    assert contrast(ink, "white") >= 4.5


@pytest.mark.parametrize("colour", ["BLUE", "GREEN", "VERMILION", "GREY", "DARK_GREY"])
def test_bars_lines_and_marks_stand_out_from_white(colour):
    assert contrast(getattr(style, colour), "white") >= 3  # WCAG 1.4.11, for graphics


def test_a_number_can_be_read_on_a_pale_bar():
    assert contrast(style.BLACK, style.PALE) >= 4.5
