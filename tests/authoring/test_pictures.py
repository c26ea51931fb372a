"""The pictures of the README and of 00-start-here: they are there, small enough, and say in words what they show."""

import re

import pytest
from PIL import Image, ImageDraw

from helpers.authoring import pictures
from helpers.authoring.pairs import ROOT

WRITTEN = {"README.md": ROOT, "notebooks/source/00-start-here.py": ROOT / "notebooks"}  # text -> where its paths begin
SHOWN = [
    (alt, folder / path)
    for name, folder in WRITTEN.items()
    for alt, path in re.findall(r"!\[(.*)\]\(((?:notebooks/)?images/[^)]+)\)", (ROOT / name).read_text("utf-8"))
]
EACH = pytest.mark.parametrize("name", pictures.LIMITS)


def test_every_picture_that_a_text_shows_is_made_here_and_the_other_way_round():
    assert {path for _, path in SHOWN} == {pictures.FOLDER / name for name in pictures.LIMITS}


@pytest.mark.parametrize("alt, path", SHOWN, ids=[path.name for _, path in SHOWN])
def test_a_picture_says_in_words_what_it_shows(alt, path):
    assert 10 <= len(alt.split()) and len(alt) < 250


@EACH
def test_a_picture_is_small_in_bytes_and_fits_the_page(name):
    path = pictures.FOLDER / name
    assert 1000 < path.stat().st_size <= pictures.LIMITS[name]
    with Image.open(path) as picture:
        assert 600 < picture.width < 1100 and picture.height < 1000


def test_the_moving_picture_goes_up_and_down_for_ever():
    with Image.open(pictures.FOLDER / pictures.MOVING) as picture:
        assert picture.n_frames == 2 * pictures.STEPS > 5 and picture.info["loop"] == 0
        assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)  # as white as the page around it


def test_frames_go_there_and_back_and_rest_at_both_ends():
    frames, times = pictures.to_and_fro(["a", "b", "c", "d"])
    assert "".join(frames) == "abcdcb"
    assert [i for i, time in enumerate(times) if time == pictures.FIRST] == [0, 3]


def spots(*boxes, size=(400, 300)):
    """Return white pictures with a red box each."""
    made = [Image.new("RGB", size, "white") for _ in boxes]
    for picture, box in zip(made, boxes, strict=True):
        ImageDraw.Draw(picture).rectangle(box, fill="red")
    return made


def test_all_frames_are_cut_alike_with_a_border_even_where_what_is_drawn_touches_the_edge():
    first, second = pictures.trimmed(spots((0, 100, 19, 119), (40, 100, 59, 139)))
    border = pictures.SCALE * pictures.BORDER
    assert first.size == second.size == (60 + 2 * border, 40 + 2 * border)
    assert first.getpixel((border, border)) == (255, 0, 0) == second.getpixel((border + 40, border))
    assert first.getpixel((border - 1, border)) == (255, 255, 255)


def test_a_small_spot_keeps_its_colour(tmp_path):
    picture = Image.effect_noise((300, 300), 60).convert("RGB")  # many greys
    ImageDraw.Draw(picture).rectangle((10, 10, 16, 16), fill=(213, 94, 0))
    pictures.save_still(picture, tmp_path / "still.png")
    pictures.save_moving([picture, picture.rotate(90)], tmp_path / "moving.gif")
    for name in ("still.png", "moving.gif"):
        seen = Image.open(tmp_path / name).convert("RGB").getpixel((13, 13))
        assert max(abs(one - other) for one, other in zip(seen, (213, 94, 0))) < 12
