"""The decks of `make slides` in Chromium without network: every page fits, and the arrow key walks through it."""

import re

import pytest

from helpers.authoring.pairs import CHAPTERS, find_pairs, read_notebook
from helpers.authoring.slides import deck

PAIRS = [pair for pair in find_pairs() if pair.kind == CHAPTERS]
EACH = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
SIZES = [(1280, 720), (1920, 1080)]
# What stands out of its page, in words: taller or wider than 1280 x 720 units, or cut off inside a box.
OUTSIDE = """() => Array.from(document.querySelectorAll('main > section')).flatMap((page, number) => {
  const frame = page.getBoundingClientRect(), wrong = [];
  for (const part of page.querySelectorAll('h1, h2, .block, .block *')) {
    if (part.closest('aside')) continue;
    const box = part.getBoundingClientRect(), name = `page ${number + 1}: ${part.tagName} ${part.textContent.slice(0, 40)}`;
    if (box.height && (box.bottom > frame.bottom + 1 || box.right > frame.right + 1)) wrong.push(name);
    if (part.tagName === 'PRE' && part.scrollWidth > part.clientWidth + 1) wrong.push('cut off, ' + name);
  }
  return wrong;
})"""
LAID_OUT = "() => document.documentElement.dataset.pages > 0"


@pytest.fixture
def opened(chromium, tmp_path):
    """Return a function that opens a pair's deck; at the end it must have asked for nothing but itself."""
    contexts, wrong = [], []

    def show(pair, size=SIZES[0], **options):
        path = tmp_path / "deck.html"
        path.write_text(deck(read_notebook(pair.notebook), pair.name), encoding="utf-8")
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: wrong.append(r.url[:200]) if not re.match("file:|data:", r.url) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_function(LAID_OUT)
        return page

    yield show
    for context in contexts:
        context.close()
    assert not wrong, "\n".join(wrong)


def place(page):
    return page.locator("#place").text_content().split(" / ")[0]


@EACH
def test_every_page_fits_on_both_screens(opened, pair):
    page = opened(pair)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => document.querySelectorAll('details').forEach(box => { box.open = true; })")
        assert page.evaluate("() => document.documentElement.dataset.over") == ""
        assert page.evaluate(OUTSIDE) == []


@EACH
def test_the_arrow_key_walks_through_the_whole_deck(opened, pair):
    page = opened(pair)
    pages = int(page.evaluate("() => document.documentElement.dataset.pages"))
    hidden = page.locator(".fragment, details").count()
    for _ in range(pages - 1 + hidden):
        page.keyboard.press("ArrowRight")
    assert place(page) == str(pages) and page.locator("details:not([open])").count() == 0
    page.keyboard.press("ArrowRight")  # there is no page after the last
    page.keyboard.press("ArrowLeft")
    assert place(page) == str(pages - 1)
    assert page.locator("main > section.shown").count() == 1


def test_the_speakers_keys_do_what_the_help_says(opened):
    page = opened(PAIRS[1])
    assert not page.locator("#help").is_visible()
    page.keyboard.press("?")
    assert "notes here: N, in a window: S" in page.locator("#help").inner_text()
    page.keyboard.press("?")
    assert not page.locator("#help").is_visible()
    pages = page.evaluate("() => document.documentElement.dataset.pages")
    for key, number in (("End", pages), ("Home", "1"), ("PageDown", "2"), ("PageUp", "1"), (" ", "2")):
        page.keyboard.press(key)
        assert place(page) == number, key
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement")
    page.keyboard.press("F")
    page.wait_for_function("() => !document.fullscreenElement")


def test_notes_come_below_the_page_or_in_a_window_that_follows(opened):
    page = opened(PAIRS[1])
    notes = page.locator("main > section.shown aside.notes")
    while not notes.text_content().strip():
        page.keyboard.press("ArrowRight")
    assert not notes.is_visible()
    page.keyboard.press("n")
    assert notes.is_visible() and notes.inner_text().strip()
    page.keyboard.press("n")
    assert not notes.is_visible()
    with page.expect_popup() as opening:
        page.keyboard.press("s")
    window = opening.value
    said = " ".join(notes.text_content().split())
    assert f"{place(page)} / " in window.inner_text("h2") and said in " ".join(window.inner_text("body").split())
    before = window.inner_text("h2")
    page.bring_to_front()
    page.keyboard.press("End")
    assert window.inner_text("h2") != before and window.inner_text("h2").startswith(f"{place(page)} / ")


def test_a_finger_walks_through_the_deck(opened):
    page = opened(PAIRS[1], has_touch=True)
    finger = page.context.new_cdp_session(page)

    def swipe(start, end):
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": start, "y": 300}]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": end, "y": 300}]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    for start, end, number in ((900, 300, "2"), (300, 900, "1"), (600, 570, "1")):  # the last is no more than a touch
        swipe(start, end)
        assert place(page) == number
