"""`python -m helpers.authoring.bench_browser` (`make bench-browser`): from key press to the new picture on the screen.

Panels 1 to 4, as their chapters make them, each side by side with the floor, a slider that only swaps two ready pictures in
`widgets.Image`, and with the usual `interact` and `plt.show()` of the same figure. The three take turns, key press by key
press, in one JupyterLab in one Chromium, so that whatever else the machine does meets all alike. It is a benchmark and not
a test: it prints what it measured and never fails.
"""

import argparse
import contextlib
import json
import statistics
import tempfile
from pathlib import Path

from helpers.authoring.browser import CHROMIUM_OPTIONS, find_chromium
from helpers.authoring.browser_ways import SLIDERS, WAYS, bench_notebook
from helpers.authoring.lab_server import copy_course, running_lab
from helpers.authoring.messages import Messages
from helpers.authoring.stopwatch import hold, press

ROUNDS, HELD = 25, 5  # key presses a panel and way; seconds
GOALS = """Goals: at most 1.5 times the floor, at least 5 times faster than interact, at most 500 ms after a release.
No panel can be faster than the floor, so interact / floor is the most that interact / panel can be."""
KERNEL = "window.jupyterapp?.shell.currentWidget?.context?.sessionContext.session?.kernel"
IDLE = f"() => {KERNEL}?.status === 'idle'"
ALL_RAN = """() => window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code')
  .every(cell => cell.model.sharedModel.execution_count)"""
RANGE = "handle => ['now', 'min', 'max'].map(name => +handle.getAttribute(`aria-value${name}`))"


class Way:
    """One slider with its picture on the page. root: the output that holds both. label: the slider's name in a panel."""

    def __init__(self, page, messages, root, label):
        self.page, self.messages, self.root = page, messages, root
        part = root.locator(f'xpath=.//label[text()="{label}"]/ancestor::div[contains(@class, "widget-vbox")][1]')
        self.handle = (part if part.count() else root).locator(".noUi-handle").first
        self.key, self.times, self.said = "ArrowRight", [], None

    def move(self):
        """Press the key once, to and fro between the ends of the slider; note the time and the messages."""
        now, low, high = self.handle.evaluate(RANGE)
        self.key = "ArrowLeft" if now >= high else "ArrowRight" if now <= low else self.key
        self.root.scroll_into_view_if_needed()
        self.handle.focus()
        self.messages.forget()
        self.times.append(press(self.page, self.root, self.key))
        self.page.wait_for_function(IDLE)
        self.said = (
            f"{self.messages.sent.total()} + {self.messages.received.total()}, {self.messages.bytes / 1000:.0f} kB"
        )

    def held(self):
        """Hold the key; return pictures a second meanwhile, and milliseconds from its release to the last picture."""
        self.root.scroll_into_view_if_needed()
        _, result = hold(self.page, self.root, self.handle, 20, HELD)
        self.page.wait_for_timeout(200)  # the page sends the last value when the last answer is there
        self.page.wait_for_function(IDLE)
        self.page.wait_for_timeout(200)
        during, _, late = result()
        return f"{during / HELD:.1f}/s, {late:.0f} ms"


def measure(page, messages, rounds):
    """Print two rows a panel, then the messages of one change, then what a held key leaves behind."""
    outputs = page.locator(".jp-OutputArea").filter(has=page.locator(".noUi-handle"))
    ways = {
        chapter: [Way(page, messages, outputs.nth(len(WAYS) * i + k), label) for k in range(len(WAYS))]
        for i, (chapter, label) in enumerate(SLIDERS.items())
    }
    _row("milliseconds", WAYS, "panel / floor", "interact / panel", "interact / floor")
    for chapter, three in ways.items():
        for way in three:
            way.move()  # the first change of all is not counted
            way.times.clear()
        for _ in range(rounds):
            for way in three:
                way.move()
        late = [statistics.quantiles(way.times, n=20, method="inclusive")[-1] for way in three]
        for name, row in (("median", [statistics.median(way.times) for way in three]), ("95th percentile", late)):
            ratios = f"{row[1] / row[0]:.2f}", f"{row[2] / row[1]:.1f}", f"{row[2] / row[0]:.1f}"
            _row(f"{chapter[:2]} {SLIDERS[chapter]}, {name}", [f"{time:.0f}" for time in row], *ratios)
    print(GOALS)
    _row("\nmessages of one change: to + from the kernel, bytes", WAYS)
    for chapter, three in ways.items():
        _row(chapter[:2], [way.said for way in three])
    _row(f"\na key held for {HELD} s: pictures, last one after the release", WAYS)
    for chapter, three in ways.items():
        _row(chapter[:2], [way.held() for way in three])


def _row(title, columns, *ratios):
    print(f"{title:54}" + "".join(f"{column:>18}" for column in (*columns, *ratios)), flush=True)


def main(arguments=None):
    """Start JupyterLab and Chromium, run the bench notebook, measure and print."""
    from playwright.sync_api import sync_playwright  # the bench notebook's kernel needs no browser

    parser = argparse.ArgumentParser(prog="python -m helpers.authoring.bench_browser", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help=f"key presses a panel and way; {ROUNDS} if not given"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        course, home = copy_course(Path(folder) / "course"), Path(folder) / "home"
        home.mkdir()
        notebook = course / "notebooks" / "bench.ipynb"
        notebook.write_text(json.dumps(bench_notebook(course / "notebooks")), encoding="utf-8")
        address = stack.enter_context(running_lab(course, home))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        stack.callback(browser.close)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(180_000)
        messages = Messages(page)
        page.goto(address.replace("00-start-here", "bench"))
        page.wait_for_function(IDLE)
        for place, name in ((".lm-MenuBar-itemLabel", "Run"), (".lm-Menu-itemLabel", "Run All Cells")):
            page.locator(place, has_text=name).first.click()
        page.wait_for_function(ALL_RAN)
        page.wait_for_function(IDLE)
        measure(page, messages, options.rounds)


if __name__ == "__main__":
    main()
