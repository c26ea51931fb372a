"""The weekly run against the newest releases: loosen the pins, and say which cell broke.

    python -m helpers.authoring.newest loosen            in a throw-away checkout: `==` becomes `>=` in pyproject.toml
    python -m helpers.authoring.newest report junit.xml  print the issue's title and text; exit 1 if anything failed

Standard library only: it runs before and after set-up, under any Python from 3.11 on.
"""

import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from helpers.authoring.lab_settings import ROOT

LINES = 12  # of an error, in the issue
SHOWN = 10  # failures, in the issue
COLOUR = re.compile(r"(?:#x1B|\x1b)\[[0-9;]*m")


@dataclass(frozen=True)
class Failure:
    """One failed test or notebook cell: where, and the first lines of what was said."""

    where: str
    error: str


def loosen(text):
    """Return pyproject.toml's text with every exact pin of a requirement turned into a lower bound."""
    return re.sub(r'^(\s*"[A-Za-z0-9_.-]+)==([^"]+",)', r"\1>=\2", text, flags=re.MULTILINE)


def failures(junit):
    """Return the failures of a junit report that pytest wrote: notebook cells in order, then unit tests."""
    found = []
    for case in ET.parse(junit).getroot().iter("testcase"):
        problem = next((child for child in case if child.tag in ("failure", "error")), None)
        if problem is not None:
            text = COLOUR.sub("", problem.text or problem.get("message", ""))
            found.append(Failure(_where(case.get("classname", ""), case.get("name", "")), _first_lines(text)))
    return sorted(found, key=lambda failure: ", In [" not in failure.where)


def issue(junit):
    """Return (title, text) of the issue to open, or None if the report is there and holds no failure."""
    if not Path(junit).is_file():
        return (
            "Newest releases: the course could not be set up or started",
            "There is no test report. The log of the run says whether pip or pytest stopped, and why.",
        )
    found = failures(junit)
    if not found:
        return None
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    title = f"Newest releases: {found[0].where} fails{more}"
    parts = [f"**{failure.where}**\n\n```text\n{failure.error}\n```" for failure in found[:SHOWN]]
    if len(found) > SHOWN:
        parts.append(f"{len(found) - SHOWN} more are in the log of the run.")
    return title, "With the newest releases of all packages, this differs from what is stored:\n\n" + "\n\n".join(parts)


def _where(classname, name):
    """Name a notebook's cell as learners see it. nbval counts code cells from 0, JupyterLab's In from 1."""
    cell = re.fullmatch(r"Cell (\d+)", name)
    notebook = re.fullmatch(r"(?:.*\.)?([^.]+)\.ipynb", classname)
    if cell and notebook:
        return f"{notebook[1]}, In [{int(cell[1]) + 1}]"
    return f"{classname}, {name}" if classname else name


def _first_lines(text):
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    # nbval repeats the cell's source first; what went wrong comes after the word Traceback.
    marks = [number for number, line in enumerate(lines) if line.strip() == "Traceback:"]
    if marks:
        lines = lines[:1] + lines[marks[0] + 1 :]
    return "\n".join(lines[:LINES]).replace("```", "'''")


def main(arguments=None, root=ROOT):
    """Run one of the two commands; return the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments == ["loosen"]:
        path = Path(root) / "pyproject.toml"
        path.write_text(loosen(path.read_text(encoding="utf-8")), encoding="utf-8")
        return 0
    if len(arguments) == 2 and arguments[0] == "report":
        said = issue(arguments[1])
        print("\n\n".join(said) if said else "Newest releases: everything passes")
        return 1 if said else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
