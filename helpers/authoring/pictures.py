"""`make pictures`, or `python -m helpers.authoring.pictures [FOLDER]`: the pictures of README.md and 00-start-here.

They are taken in a real browser, as a learner sees the panels: JupyterLab is started as `make lab` starts it, the chapter is
run from its first cell, and the controls are moved by mouse and keyboard. The page is drawn twice as large as the pictures
are, so that letters and lines stay sharp when they are made smaller.
"""

import argparse
import contextlib
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from helpers.authoring.bench_browser import ALL_RAN, IDLE
from helpers.authoring.browser import CHROMIUM_OPTIONS, find_chromium
from helpers.authoring.lab_server import copy_course, running_lab
from helpers.authoring.pairs import ROOT
from helpers.authoring.stopwatch import press

FOLDER = ROOT / "notebooks" / "images"
PANEL, MAP, MOVING = "panel.png", "attention-map.png", "panel-moving.gif"
LIMITS = {PANEL: 150_000, MAP: 150_000, MOVING: 300_000}  # bytes
PANEL_CHAPTER, SLIDER, START, STEPS, STRIDE = "01-attention", "query[2]", -1, 6, 5  # from -1 to 2 in steps of 5 x 0.1
MAP_CHAPTER, MAP_PRESET = "05-bert-sentence-embeddings", "looks ahead"
STILL, FIRST = 500, 1500  # milliseconds of a frame; of the first and the farthest
SCALE, BORDER = 2, 12
PATIENCE = 300_000  # milliseconds
EXACT = "img.panel-picture { image-rendering: pixelated }"  # what is made smaller again is as it was
IN_FRONT = "name => window.jupyterapp?.shell.currentWidget?.context?.path.endsWith(`${name}.ipynb`)"


def run_chapter(page, address, name):
    """Open a chapter in JupyterLab and run all its cells."""
    page.goto(address.replace("00-start-here", name))
    page.wait_for_function(IN_FRONT, arg=name)
    page.wait_for_function(IDLE)
    for place, words in ((".lm-MenuBar-itemLabel", "Run"), (".lm-Menu-itemLabel", "Run All Cells")):
        page.locator(place, has_text=words).first.click()
    page.wait_for_function(ALL_RAN)
    page.wait_for_function(IDLE)
    page.add_style_tag(content=EXACT)


def panel_with(page, control):
    """Return the live panel of the notebook in front in which the locator `control` finds something."""
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .live-panel").filter(has=control).first


def shot(page, panel):
    """Return a picture of a panel when the kernel has answered, SCALE times as large as on the page.

    A point of the panel's figure is exactly SCALE x SCALE points of it, beginning at a multiple of SCALE.
    """
    page.wait_for_function(IDLE)
    page.mouse.move(1, 1)  # nothing is lit because the pointer is over it
    panel.evaluate("panel => panel.scrollIntoView({block: 'center'})")  # not at an edge, which has a line
    page.wait_for_timeout(500)
    figure, whole = (part.bounding_box() for part in (panel.locator("img.panel-picture"), panel))
    whole |= {side: round(SCALE * whole[side]) for side in whole}
    left, top = (whole[side] - (whole[side] - round(SCALE * figure[side])) % SCALE for side in "xy")
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    return picture.crop((left, top, whole["x"] + whole["width"], whole["y"] + whole["height"]))


def panel_frames(page, address):
    """Return pictures of chapter 1's panel while SLIDER goes up from START, one a stop."""
    run_chapter(page, address, PANEL_CHAPTER)
    handle = page.locator(f'[aria-label="{SLIDER}"]')
    panel = panel_with(page, handle)
    panel.scroll_into_view_if_needed()
    handle = panel.locator(handle)
    handle.focus()
    assert float(handle.get_attribute("aria-valuenow")) == START, "The panel of chapter 1 starts at other values."
    frames = [shot(page, panel)]
    for _ in range(STEPS):
        for _ in range(STRIDE):
            press(page, panel, "ArrowRight")
            page.wait_for_function(IDLE)
        frames.append(shot(page, panel))
    return frames


def map_picture(page, address):
    """Return a picture of chapter 5's map of a head of BERT, after a press on MAP_PRESET."""
    run_chapter(page, address, MAP_CHAPTER)
    button = page.locator("button", has_text=MAP_PRESET)
    panel = panel_with(page, button)
    figure = panel.locator("img.panel-picture").element_handle()
    before = figure.get_attribute("src")
    panel.locator(button).click()
    page.wait_for_function("([image, before]) => image.src !== before", arg=[figure, before])
    return shot(page, panel)


def trimmed(pictures):
    """Return the pictures, all cut alike: without the white that they share around what is drawn, but for a border."""
    boxes = [ImageChops.invert(picture).getbbox() for picture in pictures]
    left, top = (SCALE * (min(box[i] for box in boxes) // SCALE - BORDER) for i in (0, 1))
    right, bottom = (SCALE * (max(box[i] for box in boxes) // SCALE + BORDER) for i in (2, 3))
    whole = [Image.new("RGB", (right - left, bottom - top), "white") for _ in pictures]
    for sheet, picture in zip(whole, pictures, strict=True):
        sheet.paste(picture, (-left, -top))
    return whole


def reduced(picture):
    """Return a picture in the size that it has on the page."""
    return picture.reduce(SCALE)


def to_and_fro(frames):
    """Return the frames and their milliseconds, up and down again: after the last comes the first without a jump."""
    there_and_back = [*frames, *frames[-2:0:-1]]
    times = [FIRST if i in (0, len(frames) - 1) else STILL for i in range(len(there_and_back))]
    return there_and_back, times


def few_colours(picture):
    """Return a picture with a palette of 256 colours, in which a small spot keeps its own."""
    return picture.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)


def save_still(picture, path):
    """Write a PNG; the panels are flat, so that a palette halves it."""
    few_colours(picture).save(path, optimize=True)


def save_moving(frames, path):
    """Write a GIF that goes up and down for ever, with the same colours in each frame."""
    width, height = frames[0].size
    column = Image.new("RGB", (width, height * len(frames)))
    for i, frame in enumerate(frames):
        column.paste(frame, (0, i * height))
    column = few_colours(column)
    frames, times = to_and_fro([column.crop((0, i * height, width, (i + 1) * height)) for i in range(len(frames))])
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=True)


def main(arguments=None):
    """Start JupyterLab and Chromium, take the pictures, write them and say how large they are. Return the exit status."""
    from playwright.sync_api import sync_playwright  # the tests of this file need no browser

    parser = argparse.ArgumentParser(prog="python -m helpers.authoring.pictures", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="where to write them; notebooks/images")
    out = parser.parse_args(arguments).folder
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        course, home = copy_course(Path(folder) / "course"), Path(folder) / "home"
        home.mkdir()
        address = stack.enter_context(running_lab(course, home))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        stack.callback(browser.close)
        page = browser.new_page(viewport={"width": 1500, "height": 1300}, device_scale_factor=SCALE)
        page.set_default_timeout(PATIENCE)
        frames = [reduced(frame) for frame in trimmed(panel_frames(page, address))]
        print(f"{PANEL_CHAPTER}: {len(frames)} pictures", flush=True)
        attention_map = reduced(*trimmed([map_picture(page, address)]))
    out.mkdir(parents=True, exist_ok=True)
    save_still(frames[0], out / PANEL)
    save_still(attention_map, out / MAP)
    save_moving(frames, out / MOVING)
    sizes = {name: (out / name).stat().st_size for name in LIMITS}
    for name, size in sizes.items():
        print(f"{name}: {size / 1000:.0f} kB" + (f", more than {LIMITS[name] // 1000}" * (size > LIMITS[name])))
    return int(any(size > LIMITS[name] for name, size in sizes.items()))


if __name__ == "__main__":
    sys.exit(main())
