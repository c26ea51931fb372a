"""The start page and the README: every chapter is in their tables, with the minutes that the chapter itself names."""

import re
from pathlib import Path

import pytest

from helpers.preflight.result import COURSE

ROOT = Path(COURSE)
START = ROOT / "notebooks" / "source" / "00-start-here.py"
ROW = re.compile(r"\| \[[^]]+\]\((?:notebooks/)?(0[1-9][\w-]*)\.ipynb\) \| [^|]+ \| (\d+) \|")


def minutes():
    """Return {chapter: minutes} as the chapters say themselves."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(START.parent.glob("0[1-9]*.py"))}
    return {name: re.search(r"\*\*Minutes:\*\* (\d+)", text)[1] for name, text in texts.items()}


@pytest.mark.parametrize("page", [START, ROOT / "README.md"], ids=["start", "readme"])
def test_the_table_agrees_with_the_chapters(page):
    assert dict(ROW.findall(page.read_text(encoding="utf-8"))) == minutes()


def test_the_words_stand_in_the_order_of_the_chapters_and_are_used_there():
    table = START.read_text(encoding="utf-8").partition("## Learn the words")[2].partition("# %%")[0]
    rows = re.findall(r"^# \| ([^|]+) \| [^|]+\(.*?chapter (\d)\) \|$", table, re.MULTILINE)
    assert len(rows) > 15 and [int(chapter) for _, chapter in rows] == sorted(int(chapter) for _, chapter in rows)
    for words, chapter in rows:
        text = next(START.parent.glob(f"0{chapter}-*.py")).read_text(encoding="utf-8").lower().replace("-", " ")
        for word in words.split(", "):
            assert word.lower().replace("-", " ") in text, f"chapter {chapter} does not use {word}"


def test_every_file_that_the_license_names_is_there():
    named = re.findall(
        r"\b((?:helpers|notebooks|tests|binder)/[\w/.-]*\w)", (ROOT / "LICENSE").read_text(encoding="utf-8")
    )
    assert len(named) > 3 and [name for name in named if not (ROOT / name).exists()] == []
