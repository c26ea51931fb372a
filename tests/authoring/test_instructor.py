"""The instructor's guide says what is so: its minutes add up, its sections exist, its screens come out again."""

import ast
import contextlib
import io
import re

import numpy as np
import pytest

from helpers.authoring.pairs import CHAPTERS, ROOT, find_pairs, read_source

GUIDE = ROOT / "notebooks" / "instructor" / "guide.md"
TEXT = GUIDE.read_text(encoding="utf-8") if GUIDE.is_file() else ""
CELLS = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", TEXT, flags=re.DOTALL)
CHAPTER_PAIRS = [pair for pair in find_pairs() if pair.kind == CHAPTERS]


def screen(code):
    """Return what a learner's screen shows under this cell: what it prints, or the last line of its error."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(code, "cell", "exec"), {"np": np})
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
    return printed.getvalue()


def headings(number):
    """Return the `##` headings of a chapter."""
    source = next(path for path in (ROOT / "notebooks" / "source").glob(f"{number}-*.py"))
    cells = [cell.source for cell in read_source(source).cells if cell.cell_type == "markdown"]
    return re.findall(r"^## (.+)$", "\n".join(cells), flags=re.MULTILINE)


@pytest.mark.parametrize("code, shown", CELLS, ids=range(len(CELLS)))
def test_a_learners_screen_is_what_the_guide_shows(code, shown):
    assert screen(code) == shown


def test_every_cell_of_the_guide_has_its_screen():
    assert len(CELLS) == TEXT.count("```python") >= 9


@pytest.mark.parametrize("title, minutes", [("90 minutes", 90), ("Half a day", 210), ("A full day", 420)])
def test_the_minutes_of_a_timetable_add_up(title, minutes):
    part = TEXT.split(f"### {title}")[1].split("\n#")[0]
    assert sum(map(int, re.findall(r"^\| (\d+) \|", part, flags=re.MULTILINE))) == minutes


@pytest.mark.parametrize("row", re.findall(r"^\| \d+ \| \[(\d\d)\]\S* \| (.*?) \|", TEXT, flags=re.MULTILINE))
def test_every_section_of_a_timetable_is_a_heading_of_its_chapter(row):
    number, sections = row
    named = re.findall(r"\*(.+?)\*", sections)
    assert named or sections == "all"
    assert set(named) <= set(headings(number))


def test_every_link_of_the_guide_and_the_servers_recipe_leads_somewhere():
    for page in (GUIDE, ROOT / "notebooks" / "instructor" / "server" / "README.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert target.startswith("https://") or (page.parent / target).exists(), target


def test_the_guide_names_no_seconds_of_a_machine_that_were_not_measured():
    by_hand = re.sub(r"```.*?```|<!-- measured: begin -->.*<!-- measured: end -->", "", TEXT, flags=re.DOTALL)
    assert by_hand != TEXT and not re.search(r"\d+(\.\d+)? ?(s|ms|seconds|GB|MB)\b", by_hand)


@pytest.mark.parametrize("pair", CHAPTER_PAIRS, ids=lambda pair: pair.name)
def test_a_chapter_needs_nothing_that_another_made(pair):
    """It imports no notebook, and writes no file that a later one could read; %run and %store do not occur."""
    for cell in read_source(pair.source).cells:
        if cell.cell_type != "code":
            continue
        assert not re.search(r"^\s*[%!]", cell.source, flags=re.MULTILINE), cell.source
        for node in ast.walk(ast.parse(cell.source)):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in modules if name.split(".")[0] in ("notebooks", "source")]
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                assert name not in FILE_CALLS, f"{pair.name} calls {name}: a chapter keeps its results to itself"


FILE_CALLS = {
    "open", "save", "savez", "savetxt", "tofile", "dump", "save_pretrained", "to_csv", "savefig", "loadtxt", "load", "genfromtxt",
    "write_text", "write_bytes", "read_text", "read_bytes",
}  # fmt: skip
