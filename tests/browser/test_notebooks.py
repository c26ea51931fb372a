"""Every notebook in JupyterLab, opened by its link, run from the menu, each control moved by mouse and by keyboard."""

import pytest
from lab import Notebook

from helpers.authoring.pairs import ROOT
from helpers.panels.control import Entry, Switch, TextBox

EXERCISES = ROOT / "notebooks" / "exercises"
BAD_TEXT = " "  # a text box takes it, and no model does


def test_a_newcomer_opens_it_by_its_link_and_runs_it(chapter):
    name, notebook, _ = chapter
    seen = notebook.look()
    assert seen["path"].endswith(f"{name}.ipynb") and seen["kernel"] == "python3"
    assert not notebook.page.locator(".jp-Dialog").count()
    assert not [error for error, expected in seen["errors"] if not expected]


def test_every_control_moves_picture_and_words_by_mouse_and_by_keyboard(chapter):
    _, notebook, panels = chapter
    for panel, twin in panels:
        panel.root.scroll_into_view_if_needed()
        notebook.wait(lambda p=panel, t=twin: p.agrees(t), "the first picture to be as computed here")
        for label, entry in twin.entries.items():
            for move in (by_mouse, by_keyboard):
                before = entry.value
                move(panel, entry)
                notebook.wait(lambda p=panel, t=twin, e=entry, b=before: followed(p, t, e, b),
                              f"{label}, moved {move.__name__} from {before}")  # fmt: skip
        if any(isinstance(entry, TextBox) for entry in twin.entries.values()):
            type_bad_text(notebook, panel, twin)
        panel.button("Reset")
        twin.apply("Reset")
        notebook.wait(lambda p=panel, t=twin: p.agrees(t), "Reset")


@pytest.mark.parametrize("name", sorted(path.stem for path in EXERCISES.glob("*.ipynb")))
def test_exercises_open_by_the_link_of_their_chapter_and_say_what_to_write(page, lab, name):
    notebook = Notebook(page).open_by_link(lab, name)
    notebook.follow_link(f"exercises/{name}")
    seen = notebook.run_all()
    assert not seen["errors"]  # none is expected either: who has not begun sees a sentence and no traceback
    checks = (EXERCISES / f"{name}.ipynb").read_text(encoding="utf-8").count("Not started:")
    assert checks >= 3 and seen["said"].count("Not started:") == checks


def opened(page, lab, name):
    notebook = Notebook(page).open_by_link(lab, name)
    assert not [error for error, expected in notebook.run_all()["errors"] if not expected]
    return notebook


def by_mouse(panel, entry):
    """Change a control with the mouse."""
    part = panel.control(entry.label)
    if isinstance(entry, Entry):
        part.scroll_into_view_if_needed()  # the panel may be higher than the window
        track = part.locator(".noUi-target").bounding_box()
        share = 0.8 if entry.value <= (entry.slider.min + entry.slider.max) / 2 else 0.2
        panel.page.mouse.click(track["x"] + share * track["width"], track["y"] + track["height"] / 2)
    elif isinstance(entry, Switch):
        part.locator("input[type=checkbox]").click()
    elif isinstance(entry, TextBox):
        part.locator("input, textarea").fill(f"{entry.start} Really?")
        panel.page.mouse.click(5, 300)  # leaves the box
    else:
        last = part.locator("option").count() - 1
        part.locator("select").select_option(index=last if entry.box.index != last else 0)


def by_keyboard(panel, entry):
    """Change a control with the keyboard."""
    part, keyboard = panel.control(entry.label), panel.page.keyboard
    if isinstance(entry, Entry):
        part.locator(".noUi-handle").focus()
        middle = (entry.slider.min + entry.slider.max) / 2
        keyboard.press("ArrowLeft" if panel.number(entry.label) > middle else "ArrowRight")
    elif isinstance(entry, Switch):
        part.locator("input[type=checkbox]").focus()
        keyboard.press("Space")
    elif isinstance(entry, TextBox):
        part.locator("input, textarea").focus()
        keyboard.press("ControlOrMeta+A")
        keyboard.type(entry.start)
        keyboard.press("Tab")
    else:
        part.locator("select").focus()
        keyboard.press("Home" if entry.box.index else "End")


def followed(panel, twin, entry, before):
    """Return True once the control has another value and the panel shows what that value means."""
    follow(panel, entry)
    choices = getattr(entry.box, "options", None)
    return (entry.value != before or (choices is not None and len(choices) == 1)) and panel.agrees(twin)


def follow(panel, entry):
    """Set the twin's control to what the browser shows now."""
    part = panel.control(entry.label)
    if isinstance(entry, Entry):
        value = panel.number(entry.label)
        entry.value = int(value) if isinstance(entry.start, int) else value
    elif isinstance(entry, Switch):
        entry.value = part.locator("input[type=checkbox]").is_checked()
    elif isinstance(entry, TextBox):
        entry.value = part.locator("input, textarea").input_value()
    else:
        entry.box.index = part.locator("select").evaluate("list => list.selectedIndex")


def type_bad_text(notebook, panel, twin):
    """A text that no model takes shows its sentence, and the picture stays."""
    entry = next(entry for entry in twin.entries.values() if isinstance(entry, TextBox))
    picture = panel.picture()
    panel.control(entry.label).locator("input, textarea").fill(BAD_TEXT)
    panel.page.keyboard.press("Tab")
    entry.value = BAD_TEXT
    notebook.wait(lambda: panel.agrees(twin), "the sentence about a bad text")
    assert twin.problem.value and panel.picture() == picture


def test_a_number_beyond_the_slider_stops_at_its_end(page, lab, twins):
    notebook = opened(page, lab, "01-attention")
    panel, twin = notebook.panels()[0], twins("01-attention")[0]
    box = panel.control("query[0]").locator("input[type=number]")
    box.fill("99")
    page.keyboard.press("Enter")
    twin.apply("Reset")
    twin.entries["query[0]"].value = 2.0
    notebook.wait(lambda: panel.number("query[0]") == 2.0 and panel.agrees(twin), "the end of the slider")
    twin.apply("Reset")


def test_a_number_typed_between_two_steps_is_taken_as_it_is(page, lab, twins):
    notebook = opened(page, lab, "01-attention")
    panel, twin = notebook.panels()[0], twins("01-attention")[0]
    box = panel.control("olives key[0]").locator("input[type=number]")  # beside the longest of the names
    for number in (-1.75, 0.123):
        box.fill(str(number))
        page.keyboard.press("Enter")
        twin.entries["olives key[0]"].value = number
        notebook.wait(lambda: panel.agrees(twin) and notebook.look()["status"] == "idle", "the panel to follow")
        page.wait_for_timeout(500)  # the handle has moved to its step by now, and must not take the number along
        assert panel.number("olives key[0]") == number and panel.agrees(twin)
        assert box.evaluate("box => box.scrollWidth <= box.clientWidth")  # all of it can be read
    twin.apply("Reset")


def test_after_a_reload_it_runs_again_and_the_panel_lives(page, lab, twins):
    notebook = opened(page, lab, "01-attention")
    page.reload()
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
    notebook.wait(lambda: notebook.look()["status"] == "idle", "the kernel after the reload")
    notebook.run_all()
    usable(notebook, twins("01-attention")[0])


def test_two_notebooks_in_two_tabs_do_not_disturb_each_other(page, lab, twins):
    notebook = opened(page, lab, "01-attention")
    usable(notebook, twins("01-attention")[0])
    notebook.to_tab("00-start-here")
    notebook.follow_link("03-self-attention")
    notebook.run_all()
    twin = twins("03-self-attention")[0]
    notebook.panels()[0].button("the word shouts")
    twin.apply("the word shouts")
    notebook.wait(lambda: notebook.panels()[0].agrees(twin), "the other notebook's panel")
    twin.apply("Reset")
    notebook.to_tab("01-attention")
    usable(notebook, twins("01-attention")[0])


def test_a_restarted_kernel_under_a_live_panel_leaves_a_usable_notebook(page, lab, twins):
    notebook = opened(page, lab, "01-attention")
    notebook.restart()
    assert notebook.panels()[0].picture()  # the last picture stays on the page
    notebook.run_all()
    usable(notebook, twins("01-attention")[0])


def usable(notebook, twin):
    """A control of the first panel moves picture and text."""
    panel = notebook.panels()[0]
    panel.button("nothing matches")
    twin.apply("nothing matches")
    notebook.wait(lambda: panel.agrees(twin), "the panel to follow")
    twin.apply("Reset")
    panel.button("Reset")
    notebook.wait(lambda: panel.agrees(twin), "the panel to go back")
