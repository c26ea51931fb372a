"""The panels inside JupyterLab for whoever hears them, uses no mouse, enlarges the page or works in the dark theme."""

import pytest
from axe import faults
from lab import sentence_of

from helpers.panels.control import Choice, Entry, Switch, TextBox

PANELS = ".jp-NotebookPanel:not(.lm-mod-hidden) .live-panel"
WIDE = {"width": 1280, "height": 900}
# A width of 1024, and 1280 x 900 at 200 %: half as many pixels of the page's own measure.
WINDOWS = {"1024 px": {"width": 1024, "height": 700}, "200 %": {"width": 640, "height": 450}}
SAID = "panel => panel.querySelector('.panel-summary .widget-html-content')"
UNSEEN = """panel => {
  const words = panel.querySelector('.panel-unseen p'), range = document.createRange();
  range.selectNodeContents(words);
  const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top))).size;
  return [words.textContent, lines, words.closest('[aria-live]') !== null];
}"""
SETTLED = """root => new Promise(resolve => {
  let last = '';
  const look = () => {
    const now = JSON.stringify([...root.querySelectorAll('*')].map(part => part.getBoundingClientRect()));
    if (now === last) resolve();
    else { last = now; requestAnimationFrame(() => requestAnimationFrame(look)); }
  };
  look();
})"""
# Each control's box on the page, and that of the output which may cut it off.
BOXES = """root => {
  const box = part => { const {left, top, right, bottom} = part.getBoundingClientRect(); return {left, top, right, bottom}; };
  const seen = part => part.getClientRects().length && getComputedStyle(part).visibility !== 'hidden';
  const controls = [...root.querySelectorAll('input, select, textarea, button, .noUi-target, img.panel-picture')];
  const output = root.closest('.jp-OutputArea-output');
  return {
    output: {...box(output), inside: output.clientWidth, whole: output.scrollWidth},
    controls: controls.filter(seen).map(part => ({
      name: part.innerText || part.closest('.widget-vbox')?.innerText || part.tagName, ...box(part),
    })),
    cut: [...root.querySelectorAll('button, label, p')].filter(seen)
      .filter(part => part.scrollWidth > part.clientWidth + 1 && part.closest('.widget-html, button, .widget-inline-hbox')
        && getComputedStyle(part).display !== 'inline' && !part.closest('[style*="width: 1px"]'))
      .map(part => part.innerText),
  };
}"""
STOPS = """root => [...root.querySelectorAll('input, select, textarea, button, [tabindex="0"]')]
  .filter(part => part.getClientRects().length && !part.disabled && part.tabIndex >= 0)"""


def test_axe_finds_nothing(chapter):
    _, notebook, panels = chapter
    if panels:
        assert faults(notebook.page, PANELS) == []


def test_every_control_and_the_picture_have_a_name(chapter):
    for panel, twin in chapter[2]:
        root = panel.root
        for label, entry in twin.entries.items():
            roles = {
                Entry: ("spinbutton", "slider"),
                Switch: ("checkbox",),
                TextBox: ("textbox",),
                Choice: ("combobox",),
            }
            for role in roles[type(entry)]:
                assert root.get_by_role(role, name=label, exact=True).count() == 1, (label, role)
        assert root.get_by_role("img", name=twin.panel_title).count() == 1


def test_the_words_are_announced_politely_when_they_change(chapter):
    _, notebook, panels = chapter
    for panel, twin in panels:
        panel.root.scroll_into_view_if_needed()  # out of sight it has no text: JupyterLab skips what is not seen
        region = panel.root.evaluate_handle(SAID).as_element()
        assert region.get_attribute("aria-live") == "polite"
        notebook.wait(lambda r=region: r.inner_text().strip(), "the words to be drawn, a moment after the scroll")
        preset = list(twin.presets)[-1]
        for name in (preset, "Reset"):
            panel.button(name)
            twin.apply(name)
            notebook.wait(lambda p=panel, t=twin: p.agrees(t), name)
            # Announced is what changes in a region that stays where it is.
            assert region.evaluate("region => region.isConnected")
            assert region.inner_text().strip() == sentence_of(twin.summary.value)


def test_the_unseen_words_are_all_there_in_one_line_and_are_not_announced(chapter):
    """To break them into a box one pixel wide would take the browser longer than all else at a change."""
    for panel, twin in chapter[2]:
        panel.root.scroll_into_view_if_needed()
        text, lines, live = panel.root.evaluate(UNSEEN)
        assert " ".join(text.split()) == sentence_of(twin.numbers.value) and len(text) > 20
        assert lines == 1 and not live, twin.panel_title


def test_tab_goes_through_a_panel_in_reading_order(chapter):
    for panel, _ in chapter[2][:1]:
        stops = panel.root.evaluate_handle(STOPS)
        count = stops.evaluate("stops => stops.length")
        stops.evaluate("stops => stops[0].focus()")
        reached = []
        for _ in range(count):
            reached.append(stops.evaluate("stops => stops.indexOf(document.activeElement)"))
            panel.page.keyboard.press("Tab")
        assert reached == list(range(count))
        groups = stops.evaluate("""stops => stops.map(stop => stop.closest('button, .widget-vbox').getBoundingClientRect())
          .map(({left, top, bottom}) => ({left, top, bottom}))""")
        for first, second in zip(groups, groups[1:]):
            below = second["top"] >= first["bottom"] - 1
            assert below or second == first or second["left"] > first["left"], (first, second)


@pytest.mark.parametrize("window", WINDOWS)
def test_nothing_is_cut_off_or_overlaps_in_a_narrow_window(chapter, window):
    _, notebook, panels = chapter
    notebook.page.set_viewport_size(WINDOWS[window])
    try:
        for panel, twin in panels:
            panel.root.scroll_into_view_if_needed()
            panel.root.evaluate(SETTLED)
            seen = panel.root.evaluate(BOXES)
            output, controls = seen["output"], seen["controls"]
            assert output["whole"] <= output["inside"] + 1, (twin.panel_title, "scrolls sideways", output)
            outside = [c for c in controls if c["left"] < output["left"] - 1 or c["right"] > output["right"] + 1]
            assert not outside and not seen["cut"], (twin.panel_title, outside, seen["cut"])
            pairs = [(a, b) for i, a in enumerate(controls) for b in controls[i + 1 :] if overlap(a, b)]
            assert not pairs, (twin.panel_title, pairs)
    finally:
        notebook.page.set_viewport_size(WIDE)


def overlap(a, b, slack=2):
    """Return True if two boxes share more than a rim of pixels."""
    across = min(a["right"], b["right"]) - max(a["left"], b["left"])
    down = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
    return across > slack and down > slack


def test_the_dark_theme_is_readable(chapter):
    _, notebook, panels = chapter
    if not panels:
        return
    change_theme(notebook, "JupyterLab Dark", "false")
    try:
        for panel, _ in panels:
            panel.root.scroll_into_view_if_needed()
            # The picture brings its own white ground: black on white is readable in any theme.
            assert set(panel.corners()) == {(255, 255, 255)}
        assert faults(notebook.page, PANELS) == []
    finally:
        change_theme(notebook, "JupyterLab Light", "true")


def change_theme(notebook, theme, light):
    notebook.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    notebook.page.wait_for_selector(
        f'body[data-jp-theme-light="{light}"][data-jp-theme-name="{theme}"]', state="attached"
    )
