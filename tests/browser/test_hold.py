"""An arrow key held for five seconds: the panel keeps up, the last value wins, and nothing is left to catch up with."""

import pytest

from helpers.authoring.browser_ways import SLIDERS
from helpers.authoring.stopwatch import hold


@pytest.mark.parametrize("chapter", SLIDERS, indirect=True)
def test_a_held_arrow_key_leaves_the_last_value_and_no_backlog(chapter):
    name, notebook, ((panel, twin), *_) = chapter
    label, entry = SLIDERS[name], twin.entries[SLIDERS[name]]
    panel.root.scroll_into_view_if_needed()
    low, high, step = entry.slider.min, entry.slider.max, entry.slider.step
    directions, result = hold(
        notebook.page, panel.root, panel.control(label).locator(".noUi-handle"), round((high - low) / step)
    )
    for direction in directions:
        entry.value = min(high, max(low, entry.value + direction * step))  # what the keys ask for, none lost
    notebook.wait(lambda: panel.agrees(twin) and notebook.look()["status"] == "idle", "the last value's picture")
    during, after, _ = result()
    assert panel.number(label) == entry.value  # nothing came late and moved the slider back
    assert during  # it moved along while the key was down, on however slow a machine
    assert after <= 2  # one picture may be on its way at the release, and one is drawn for the last value
    for one in (panel.button, twin.apply):
        one("Reset")
    notebook.wait(lambda: panel.agrees(twin), "Reset")
