"""How long does each notebook run, and how much memory does it take? `make timings` measures it and writes it down.

Chapters and solutions run one after another, each in a real kernel of its own: with the small models, and the chapters
of the models with the originals too, if they are on this machine (COURSE_MODELS_DIR says where). The figures go into
notebooks/instructor/timings.md, and in short into the instructor's guide.
"""

import argparse
import os
import re
import sys
from pathlib import Path

from helpers.authoring import measure
from helpers.authoring.marked import put_between
from helpers.authoring.measure import MeasureError, Run
from helpers.authoring.pairs import CHAPTERS, ROOT, SOLUTIONS, find_pairs
from helpers.checkpoints.folders import full_sizes, is_stand_in, models_folder, wrong_size
from helpers.checkpoints.manifest import ORIGINALS

INSTRUCTOR = ROOT / "notebooks" / "instructor"
TIMINGS, GUIDE = INSTRUCTOR / "timings.md", INSTRUCTOR / "guide.md"
MARKS = "<!-- measured: begin -->", "<!-- measured: end -->"
SETS = {"pocket": "small models", "full": "originals"}
COLUMNS = ("notebook", "seconds per run", "seconds of the cells alone", "processor seconds", "peak memory, MB")
NOT_MEASURED, BUSY = "not measured", "so every second below is too high"
QUIET = 0.3  # cores of other work, from which on the seconds are doubted

HOW = """\
## What the figures are

- **Seconds per run**: from asking for a kernel to the end of the last cell. Without drawing in the browser.
- **Seconds of the cells alone**: the same without the kernel's start.
- **Processor seconds**: what the kernel used of all cores together. Two cores at work for a second are two.
- **Peak memory**: the most that the kernel's process had in memory at any moment (VmHWM on Linux, the peak working set
  on Windows), in MB of 1,000,000 bytes. On macOS only a process itself can ask for it, so it is not measured there.
  JupyterLab's server and the browser come on top, and what a cell starts as a process of its own: in chapter 0 the
  check of the machine tries the models in one."""

STAND_INS = """\
Measured with stand-ins for the originals: the same architectures and sizes, with random weights. Memory is the same
with both. The texts that random weights write end elsewhere, so the seconds may differ."""


def available(environ=os.environ):
    """Return (set names that can be measured here, whether the originals are stand-ins)."""
    folders = {name: models_folder(environ) / name for name in ORIGINALS}
    there = all(not wrong_size(folder, full_sizes(folder, ORIGINALS[name])) for name, folder in folders.items())
    return ("pocket", "full") if there else ("pocket",), any(map(is_stand_in, folders.values()))


def notebooks(models, root=ROOT):
    """Return the pairs to measure with a set: all chapters and solutions, or those that load a model."""
    pairs = [pair for pair in find_pairs(root) if pair.kind in (CHAPTERS, SOLUTIONS)]
    return [pair for pair in pairs if models == "pocket" or uses_models(pair)]


def uses_models(pair):
    """Return whether a cell of a notebook asks for a checkpoint."""
    return any(cell.cell_type == "code" and "checkpoint(" in cell.source for cell in pair.read().cells)


def page(runs, preflight, machine, other_cores, stand_ins=False, environ=os.environ):
    """Return the text of timings.md.

    runs: {"pocket": [Run], "full": [Run]}, the second may be missing. preflight: seconds. machine: the two texts of
    `describe_machine`. other_cores: how many cores other programs kept busy meanwhile.
    """
    threads = environ.get("OMP_NUM_THREADS", "")
    threads = f"{threads} by OMP_NUM_THREADS" if threads else "as many as the libraries choose"
    lines = [
        "# Machine times",
        "",
        "`make timings` wrote this page. Each notebook ran once, whole, in a kernel of its own, one after another.",
        "",
        f"- Machine: {machine[0]}.",
        f"- Programs: {machine[1]}.",
        f"- Threads of a kernel: {threads}.",
        f"- Other programs kept {other_cores:.1f} cores busy meanwhile{_warning(other_cores)}.",
        f"- `make preflight`, once set up, takes {preflight:.1f} seconds.",
    ]
    for models, name in SETS.items():
        made = runs.get(models, [])
        for title, kind in (("Chapters", False), ("Solutions to the exercises", True)):
            rows = [run for run in made if ("/" in run.name) == kind]
            if rows:
                lines += ["", f"## {title}, {name}", ""]
                lines += [STAND_INS, ""] if models == "full" and stand_ins else []
                lines += ["| " + " | ".join(COLUMNS) + " |", "|---" + "|---:" * (len(COLUMNS) - 1) + "|"]
                lines += [_row(run) for run in rows]
    if "full" not in runs:
        lines += ["", f"The originals were {NOT_MEASURED}: they were not on this machine."]
    return "\n".join([*lines, "", HOW]) + "\n"


def _warning(other_cores):
    return f", {BUSY}: repeat it on a quiet machine" if other_cores >= QUIET else ""


def _row(run):
    memory = NOT_MEASURED if run.memory is None else f"{run.memory:.0f}"
    return f"| {run.name} | {run.seconds:.1f} | {run.cells:.1f} | {run.processor:.1f} | {memory} |"


def read(text):
    """Return {"pocket": [Run], "full": [Run]} of a page that `page` wrote; sets without rows are left out."""
    found, models = {}, "pocket"
    for line in text.splitlines():
        if line.startswith("## "):
            models = "full" if line.endswith(SETS["full"]) else "pocket"
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(COLUMNS) and re.match(r"(\w+/)?\d\d-", cells[0]):
            memory = None if cells[4] == NOT_MEASURED else float(cells[4])
            found.setdefault(models, []).append(Run(cells[0], *map(float, cells[1:4]), memory))
    return found


def summary(text):
    """Return the guide's sentences from timings.md: the quickest and the longest chapter, and the largest kernel."""
    runs, machine = read(text), re.search(r"^- Machine: (.*)\.$", text, re.MULTILINE)[1]
    busy = " while other programs ran, so a quiet one is faster" if BUSY in text else ""
    sentences = [f"Measured on one machine ({machine}){busy}:"]
    for models, name in SETS.items():
        chapters = [run for run in runs.get(models, []) if "/" not in run.name]
        if not chapters:
            continue
        if models == "full" and STAND_INS in text:
            name = f"stand-ins for the {name}"
        quick, long = (pick(chapters, key=lambda run: run.seconds) for pick in (min, max))
        sentence = (
            f"with the {name} a chapter runs from its first cell to its last in {quick.seconds:.0f} to "
            f"{long.seconds:.0f} seconds, chapter {int(long.name[:2])} the longest"
        )
        known = [run for run in chapters if run.memory is not None]
        if known:
            large = max(known, key=lambda run: run.memory)
            sentence += f", and its kernel takes up to {large.memory:.0f} MB (chapter {int(large.name[:2])})"
        sentences.append(f"{sentence};" if models == "pocket" and runs.get("full") else f"{sentence}.")
    return _wrapped(" ".join(sentences))


def _wrapped(text, width=120):
    lines = [""]
    for word in text.split():
        lines = (
            [*lines, word] if len(lines[-1]) + 1 + len(word) > width else [*lines[:-1], f"{lines[-1]} {word}".strip()]
        )
    return "\n".join(lines)


def measure_all(sets, root=ROOT, run=measure.measure):
    """Run and return {set: [Run]}, with a line for each as it ends. Raises MeasureError at the first that fails."""
    runs = {}
    for models in sets:
        for pair in notebooks(models, root):
            print(f"{SETS[models]:12}  {pair.name:48}", end="", flush=True)
            made = run(pair, models, root)
            runs.setdefault(models, []).append(made)
            print(
                f"{made.seconds:7.1f} s  {NOT_MEASURED if made.memory is None else f'{made.memory:.0f} MB'}", flush=True
            )
    return runs


def main(arguments=None):
    """Measure, write both pages, and return the exit status; nothing is written if a notebook fails."""
    parser = argparse.ArgumentParser(prog="python -m helpers.authoring.timings", description=__doc__)
    parser.add_argument("--small-only", action="store_true", help="do not measure the originals")
    parser.add_argument("--folder", type=Path, default=INSTRUCTOR, help="where timings.md and guide.md are")
    options = parser.parse_args(arguments)
    sets, stand_ins = available()
    guide = options.folder / GUIDE.name
    try:
        put_between(guide.read_text(encoding="utf-8"), "", *MARKS)  # before the long work
        other = measure.OtherWork()
        runs = measure_all(sets[:1] if options.small_only else sets)
        other_cores = other.cores([run for made in runs.values() for run in made])
        machine = measure.describe_machine()
        text = page(runs, measure.measure_preflight(), machine, other_cores, stand_ins)
        (options.folder / TIMINGS.name).write_bytes(text.encode("utf-8"))
        new = put_between(guide.read_text(encoding="utf-8"), summary(text), *MARKS)
        guide.write_bytes(new.encode("utf-8"))
    except (MeasureError, ValueError) as problem:
        print(f"\n{problem}\nNothing was written.")
        return 1
    print(f"Written: {TIMINGS.name}, and the figures in {GUIDE.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
