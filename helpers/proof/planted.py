"""Change every stored output of every notebook of a copy: the re-run must fail at each changed cell, and at no other."""

import json
import re
import time
from dataclasses import dataclass

from helpers.authoring import gates
from helpers.authoring.clean import PICTURE
from helpers.authoring.pairs import find_pairs
from helpers.proof.journal import key_of
from helpers.proof.sandbox import write


@dataclass
class Planted:
    """The summary, the rows for the table of breakages.py, whether all were noticed, and what was not."""

    summary: str
    rows: list
    passed: bool
    shortfalls: list


def plant_in_notebooks(course, tests, command, say, journal, end):
    """Plant changed outputs and swapped pictures in the notebooks of the copy; return what came of it, as Planted.

    tests: sandbox.Tests of the copy. command: from paths to the arguments of pytest that re-run these notebooks.
    journal, end: as in journal.py; notebooks that were not reached are told.
    """
    rows, wrong, changed, noticed, swapped, seen, left = [], [], 0, 0, 0, 0, []
    for pair in find_pairs(course):
        key = key_of("planted", pair.name, pair.notebook.read_bytes())
        answer = journal.get(key)
        if answer is None and time.monotonic() > end:
            left.append(pair.name)
            continue
        if answer is None:
            answer = _plant(pair, course, tests, command)
            journal.put(key, answer)
            say(f"{pair.name}: {len(answer['changed'])} outputs changed, at {len(answer['failed'])} cells noticed")
        cells, found = set(answer["changed"]), set(answer["failed"])
        changed, noticed = changed + len(cells), noticed + len(cells & found)
        swapped, seen = swapped + answer["swapped"], seen + answer["seen"]
        if not cells or found != cells:
            wrong.append(f"{pair.name}: of changed and failed cells, {sorted(cells ^ found)} are only one of both.")
        words = f"{len(cells & found)} of {len(cells)} changed outputs fail, and {len(found - cells)} others"
        rows.append(["outputs", "every stored text changed", pair.name, "the notebook's outputs", words])
    passed = bool(rows) and noticed == changed and not wrong
    summary = (
        f"In {len(rows)} notebooks {changed} stored outputs were changed, and the re-run noticed {noticed} of them."
    )
    if left:
        wrong.append(f"Not reached in this run, outputs not changed: {', '.join(left)}.")
    if seen < swapped:
        wrong.append(
            f"In {swapped} notebooks two stored pictures were exchanged by hand, and {seen} of these were noticed: pictures "
            "differ with the version of Matplotlib, so the re-run compares their words. That a figure draws what its words "
            "say is tested where it is drawn (topic figures)."
        )
    return Planted(summary, rows, passed, wrong)


def _plant(pair, course, tests, command):
    """Return the numbers of the cells changed and failed; and whether pictures were swapped, and the gates saw it."""
    before = pair.notebook.read_bytes()
    try:
        notebook = json.loads(before)
        swapped = swap_pictures(notebook)
        write(pair.notebook, _bytes(notebook))
        seen = swapped and bool(gates.check(pair, course))
        notebook = json.loads(before)
        cells = change_outputs(notebook)
        write(pair.notebook, _bytes(notebook))
        _, failed, _ = tests.run(command([pair.notebook.relative_to(course).as_posix()]))
        found = {int(name.rpartition("Cell ")[2]) for name in failed}
        return {"changed": sorted(cells), "failed": sorted(found), "swapped": swapped, "seen": seen}
    finally:
        write(pair.notebook, before)


def change_outputs(notebook):
    """Change one letter or digit in the text of every code cell's last output; return the numbers of these cells.

    The numbers are those of nbval: code cells from 0.
    """
    found = set()
    for number, cell in enumerate(cell for cell in notebook["cells"] if cell["cell_type"] == "code"):
        for output in reversed(cell["outputs"]):
            place, key = _text_of(output)
            if place is not None:
                place[key] = _changed("".join(place[key]))
                found.add(number)
                break
    return found


def swap_pictures(notebook):
    """Exchange the first two stored pictures that differ; return whether there were two."""
    pictures = [output["data"] for cell in notebook["cells"] for output in cell.get("outputs", []) if "data" in output]
    pictures = [data for data in pictures if PICTURE in data]
    other = next((data for data in pictures if data[PICTURE] != pictures[0][PICTURE]), None)
    if other is None:
        return False
    pictures[0][PICTURE], other[PICTURE] = other[PICTURE], pictures[0][PICTURE]
    return True


def _text_of(output):
    """Return the dict that holds an output's text and the key, or (None, "")."""
    if output["output_type"] == "stream":
        return output, "text"
    if output["output_type"] == "error":
        return output, "evalue"
    return (output["data"], "text/plain") if "text/plain" in output.get("data", {}) else (None, "")


def _changed(text):
    """The text with its last digit one higher, or else its last letter another one."""
    digit = re.search(r"\d(?=\D*$)", text)
    if digit:
        return f"{text[: digit.start()]}{(int(digit[0]) + 1) % 10}{text[digit.end() :]}"
    return re.sub(r"\w(?=\W*$)", lambda letter: "q" if letter[0] != "q" else "z", text, count=1) if text else "x"


def _bytes(notebook):
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
