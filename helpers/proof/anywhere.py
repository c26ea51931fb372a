"""Same outputs anywhere: every notebook's strict re-run on other Pythons, packages, processors, systems and places.

`python -m helpers.proof.anywhere setup` makes the environments, once; `... run --only "odd path,no network"` does these
runs; `python -m helpers.proof anywhere` does what is still to be done and writes the table. A run is kept, and not done
again, until a notebook, a helper or a pin changes. COURSE_PROOF_FOLDER: where all this is kept (outside the course).
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

from helpers.authoring.pairs import ROOT, find_pairs, read_notebook
from helpers.authoring.verify import notebook_command
from helpers.proof import anywhere_inside
from helpers.proof.anywhere_pythons import Missing, environ, folder, python_of, set_up, versions_of
from helpers.proof.anywhere_runs import all_runs
from helpers.proof.result import Result

NEEDS_TORCH = re.compile(r"\b(torch|transformers|checkpoint|preflight)\b")
COMPARED = ("helpers", "notebooks", "pyproject.toml")  # what a run depends on
AT_MOST = 3600  # seconds of a run
SAID = 400  # characters of a failure that are shown


def course_files(root=ROOT):
    """Return the paths, below root, of the course as git sees it: tracked files and new ones that are not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout.decode(
        "utf-8", "surrogateescape"
    )
    return sorted(name for name in set(listed.split("\0")) if name and (root / name).is_file())


def digest(root=ROOT):
    """Return a short hash of all that a run depends on: notebooks, helpers (this proof left out) and pins."""
    total = hashlib.sha256()
    for name in course_files(root):
        if name.startswith(COMPARED) and not name.startswith("helpers/proof/"):
            total.update(name.encode() + b"\0" + (root / name).read_bytes())
    return total.hexdigest()[:16]


def needs_torch(notebook):
    """Return whether a code cell of this notebook names torch, transformers or a checkpoint."""
    return any(cell.cell_type == "code" and NEEDS_TORCH.search(cell.source) for cell in read_notebook(notebook).cells)


def counts(report):
    """Return ({notebook: [passed, failed, skipped]}, {notebook: the first failure's text}) of a junit report of nbval."""
    found, first = {}, {}
    for case in ET.parse(report).getroot().iter("testcase"):
        parts = case.get("classname", "").replace("/", ".").removeprefix("notebooks.").removesuffix(".ipynb").split(".")
        name = "/".join(parts[-2:])
        problem = next((child for child in case if child.tag in ("failure", "error")), None)
        place = 1 if problem is not None else 2 if case.find("skipped") is not None else 0
        found.setdefault(name, [0, 0, 0])[place] += 1
        if problem is not None:
            text = re.sub(r"#x1B\[\d*m", "", problem.text or problem.get("message") or "")  # colours of a terminal
            said = " ".join(text.split())
            first.setdefault(name, f"{case.get('name')}: {said}")
    return found, first


def do(run, root=ROOT, names=(), say=print):
    """Do one run on a fresh copy of the course and return what came of it, a dict. Raises Missing if it cannot be done."""
    python, first = python_of(run.environment)
    versions = versions_of(python, first)
    with tempfile.TemporaryDirectory(dir=_made(folder() / "copies")) as place:
        copy = Path(place) / run.folder
        for name in course_files(root):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copy / name)
        pairs = find_pairs(copy, names)
        chosen = [pair for pair in pairs if versions["torch"] != "absent" or not needs_torch(pair.notebook)]
        say(f"{run.name}: {len(chosen)} of {len(pairs)} notebooks, {run.what}")
        start, report = time.perf_counter(), Path(place) / "report.xml"
        paths = [pair.notebook.relative_to(copy).as_posix() for pair in chosen]
        arguments = notebook_command(paths, workers=run.workers)
        # -vv: what differs is told whole, so that it can be read whether a cell tells what it must.
        command = _shut(run, copy, [python, *arguments, "-vv", f"--junitxml={report}"])
        variables = {
            "IPYTHONDIR": f"{place}/ipython",
            "PYTHONIOENCODING": "utf-8",
            "OMP_NUM_THREADS": "1",
        } | run.variables
        with open(Path(place) / "log", "w+", encoding="utf-8", errors="replace") as log:
            options = {"cwd": copy, "stdout": log, "stderr": log, "timeout": AT_MOST}
            status = subprocess.run(command, env=environ([str(copy), *first], variables), **options).returncode
            log.seek(0)
            if not report.is_file():
                raise Missing(f"{run.name} did not run (status {status}): {' '.join(log.read()[-500:].split())}")
        cells, failures = counts(report)
        lacking = [pair.name for pair in chosen if pair.name not in cells]
        failures |= {name: "no cell was run" for name in lacking}
        cells |= {name: [0, 1, 0] for name in lacking}
        seconds = round(time.perf_counter() - start, 1)
    return {"run": run.name, "versions": versions, "cells": cells, "failures": failures, "seconds": seconds}


def _made(path):
    path.mkdir(parents=True, exist_ok=True)
    return path


def _shut(run, copy, command):
    if run.network and not run.read_only:
        return command
    if shutil.which("unshare") is None:
        raise Missing(f"{run.name}: there is no `unshare` on this machine (util-linux has it)")
    mapped = [] if os.geteuid() == 0 else ["--map-root-user"]
    room = ["unshare", *mapped, "--mount", *([] if run.network else ["--net"])]
    options = [] if run.network else ["--no-network"]
    options += ["--read-only", str(copy)] if run.read_only else []
    return [*room, sys.executable, anywhere_inside.__file__, *options, "--", *command]


def kept(root=ROOT):
    """Return {run: what came of it} of this very state of the course, and the folder where that is kept."""
    place = _made(folder() / "results" / digest(root))
    found = [json.loads(path.read_text(encoding="utf-8")) for path in place.glob("*.json")]
    return {result["run"]: result for result in found}, place


def do_all(say, only=(), names=(), again=False, root=ROOT):
    """Do the runs named, or all, that are not kept yet; return ({run: result}, sentences on what could not be done)."""
    runs, (results, place), problems = all_runs(), kept(root), []
    unknown = [name for name in only if name not in runs]
    if unknown:
        raise ValueError(f"--only: got {', '.join(unknown)}, expected some of {', '.join(runs)}")
    for name in only or runs:
        if name in results and not again and not names:
            say(f"{name}: kept from before")
            continue
        try:
            results[name] = result = do(runs[name], root, names, say)
        except (Missing, subprocess.TimeoutExpired) as problem:
            problems.append(f"{name} was not run: {problem}.")
            say(problems[-1])
            continue
        wrong = sum(numbers[1] for numbers in result["cells"].values())
        say(f"{name}: {sum(numbers[0] for numbers in result['cells'].values())} cells the same, {wrong} not, "
            f"in {result['seconds']:.0f} s")  # fmt: skip
        for notebook, text in result["failures"].items():
            say(f"  {notebook}, {text[:SAID]}")
        if not names:  # a part of the notebooks is a trial
            (place / f"{name.replace(' ', '-')}.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    return results, problems


def as_result(results, problems, notebooks):
    """Return the Result: a row a notebook, a column a run. It passes if nothing differs where the pins are kept.

    A cell that must differ in a run, see Run.tells, must do so with its words: one that stays silent is wrong.
    """
    runs = {name: run for name, run in all_runs().items() if name in results}
    rows = [["Python"] + [results[name]["versions"]["Python"] for name in runs]]
    rows += [
        [what] + [results[name]["versions"][what.lower()] for name in runs] for what in ("NumPy", "Matplotlib", "torch")
    ]
    rows.append(["the course's pins"] + ["kept" if run.pinned else "**not kept**" for run in runs.values()])
    rows.append(["seconds"] + [round(results[name]["seconds"]) for name in runs])
    wrong, total, told, short = {}, 0, 0, list(problems)
    for notebook in notebooks:
        row = [notebook]
        for name in runs:
            passed, failed, skipped = results[name]["cells"].get(notebook, (0, 0, 0))
            total += passed
            text, words = results[name]["failures"].get(notebook, ""), runs[name].tells.get(notebook)
            if words and failed == 1 and words in text:
                told += 1
                row.append(f"{passed}, and 1 tells")
                continue
            row.append(f"**{failed} of {passed + failed} differ**" if failed else str(passed) if passed else "-")
            if failed:
                wrong[name] = wrong.get(name, 0) + failed
                short.append(f"{name}, {notebook}, {text[:SAID]}")
            elif words and passed:
                wrong[name] = wrong.get(name, 0) + 1
                short.append(f"{name}, {notebook}: nothing differs, expected a cell that says {words!r}.")
        rows.append(row)
    left_out = {name: sum(notebook not in results[name]["cells"] for notebook in notebooks) for name in runs}
    short += [
        f"{name}: {count} notebooks were left out, because they need torch, which is not there."
        for name, count in left_out.items() if count
    ]  # fmt: skip
    minutes = sum(results[name]["seconds"] for name in runs) / 60  # of all runs, also those that are kept from before
    whole = sum(not wrong.get(name) for name in runs)
    summary = (
        f"{len(runs)} runs of the {len(notebooks)} notebooks, {total:,} cells the same as stored, {sum(wrong.values())} not. "
        f"{told} more rightly differ: the check of 00 tells that the folder is read-only, or the versions are others. In "
        f"{whole} runs nothing else differs. Together they took {minutes:.0f} minutes. A cell of the table: code cells that "
        "were run again and compared; - means not run. "
        + " ".join(f"{name}: {run.what}." for name, run in runs.items())
    )
    passed = bool(runs) and not problems and not any(wrong.get(name) for name, run in runs.items() if run.pinned)
    return Result("Same outputs anywhere", summary, ["notebook", *runs], rows, passed, short)


def run(say):
    """Do the runs that are still to be done (those of ANYWHERE_ONLY, or all) and return the Result of all kept ones."""
    only = [name.strip() for name in os.environ.get("ANYWHERE_ONLY", "").split(",") if name.strip()]
    results, problems = do_all(say, only)
    told = [name for name in all_runs() if any(problem.startswith(f"{name} was not") for problem in problems)]
    problems += [f"{name} was not run." for name in all_runs() if name not in results and name not in told]
    return as_result(results, problems, [pair.name for pair in find_pairs()])


def main(arguments=None):
    """Set up the environments, do runs, or list both; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m helpers.proof.anywhere", description=__doc__)
    parser.add_argument("command", choices=["setup", "run", "list"])
    parser.add_argument("--only", default="", help="runs, with commas between; all if it is not given")
    parser.add_argument("--notebooks", default="", help="notebooks, with commas between: a trial, which is not kept")
    parser.add_argument("--again", action="store_true", help="also what is kept")
    options = parser.parse_args(arguments)
    only, names = (
        [part.strip() for part in text.split(",") if part.strip()] for text in (options.only, options.notebooks)
    )
    try:
        if options.command == "run":
            results, problems = do_all(print, only, names, options.again)
            chosen = [results[name] for name in only or results if name in results]
            return 1 if problems or any(result["failures"] for result in chosen) else 0
        runs, done, status = all_runs(), kept()[0], 0
        wanted = [runs[name] for name in only or runs]
        for name in dict.fromkeys(one.environment for one in wanted):
            if options.command == "setup":
                status = _try_set_up(name) or status
        for one in wanted if options.command == "list" else ():
            print(f"{one.name}: {one.what} ({one.environment}){', done' if one.name in done else ''}")
        return status
    except (ValueError, KeyError) as problem:
        print(problem)
        return 1


def _try_set_up(name):
    try:
        set_up(name, ROOT, print)
    except Missing as problem:
        print(f"{name}: {problem}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
