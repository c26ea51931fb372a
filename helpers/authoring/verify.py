"""Prove the course, step by step: `python -m helpers.authoring.verify` (`make test` runs it after set-up).

Stops at the first step that fails and says what to do. `--lint` runs only the quick checks of style and imports;
`--tools` (`make test-tools`) the tests of what is around the course; `--lax`, for other systems and Pythons, all tests
and the notebooks, whose outputs are not compared; `--newest FILE` all tests in one go, for the weekly report.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from helpers.authoring.pairs import ROOT, find_pairs

CHECKED = ("helpers", "tests", "notebooks/source")
PINS_TEST = "tests/authoring/test_pins.py"
WARM_KERNELS = "helpers.authoring.warm_kernels"
WORKERS = "2"  # notebooks at a time, one a core
TEST_WORKERS = "3"  # one more: some unit tests wait for what hangs or for another process
# Tests of what builds, measures, packs, trains or breaks the course, and shows nothing of the course itself.
TOOLS = (
    "tests/test_rerun.py",
    *(f"tests/authoring/test_{name}.py" for name in "bench build bundle exercises lab_server".split()),
    *(f"tests/authoring/test_{name}.py" for name in "measure pages room warm_kernels".split()),
    *(f"tests/pocket/test_pocket_{name}.py" for name in "corpora endings train".split()),
    *(f"tests/proof/test_{name}.py" for name in "anywhere fuzz".split()),
    *(f"tests/proof/test_proof_{name}.py" for name in "breakages mutants report room".split()),
)
_LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"  # it has no -m of its own


@dataclass(frozen=True)
class Step:
    """One check: its title, the command after `python`, what to do if it fails, and what its report counts."""

    title: str
    command: tuple
    advice: str
    counts: str = ""


def _unit_tests(title, counts, *what):
    # Each worker begins with its share of the files, so that what a file prepares is mostly prepared once. nbval is for
    # notebooks: its import takes seconds in each process.
    command = ("-m", "pytest", "-p", "no:nbval", "-n", TEST_WORKERS, "--dist", "worksteal", *what)
    return Step(title, command, "read the first failure above", counts)


_UNIT_TESTS = _unit_tests("Unit tests", "unit tests", "tests", *(f"--ignore={path}" for path in TOOLS))
TOOL_TESTS = _unit_tests("Tests of the tools", "tests of tools", *TOOLS)


def lint_steps():
    """Return the checks of style and imports."""
    return [
        Step(
            "Lint",
            ("-m", "ruff", "check", *CHECKED),
            "mend the lines named above; `ruff check --fix` mends some itself",
        ),
        Step(
            "Format",
            ("-m", "ruff", "format", "--check", *CHECKED),
            "run `.venv/bin/ruff format helpers tests notebooks`",
        ),
        Step("Imports", ("-c", _LINT_IMPORTS), "a helper imports upward, or imports torch; move the code down"),
    ]


def notebook_command(notebooks, strict=True, warm=False, workers=WORKERS):
    """Return the pytest command that runs notebooks again and compares every output (strict) or none.

    warm: let the kernels share what they import, see warm_kernels.py. workers: notebooks at a time, as text.
    """
    return (
        "-m",
        "pytest",
        *(("-p", WARM_KERNELS) if warm else ()),
        "--nbval" if strict else "--nbval-lax",
        "--nbval-current-env",
        "--nbval-cell-timeout=120",
        *("-n", workers, "--dist", "loadfile"),
        *notebooks,
    )


def test_steps(root=ROOT, strict=True):
    """Return the unit tests, and the run of every notebook: strict; or all tests, and a run that compares no outputs."""
    notebooks = sorted(str(pair.notebook.relative_to(root)) for pair in find_pairs(root))
    if not strict:
        advice = "a cell fails on this system or Python; read the first failure above"
        run = Step("Notebooks, run", notebook_command(notebooks, strict), advice, "notebook cells")
        return [_UNIT_TESTS, TOOL_TESTS, run]
    return [
        _UNIT_TESTS,
        Step(
            "Notebooks, run again and compared",
            notebook_command(notebooks, warm=True),
            "a stored output is not what the code gives now; run `make notebooks` and look at what changed",
            "notebook cells",
        ),
    ]


def all_steps(root=ROOT):
    """Return every check, the quick ones first."""
    advice = "do what each sentence says, mostly `make notebooks`"
    return [*lint_steps(), Step("Gates", ("-m", "helpers.authoring.gates"), advice), *test_steps(root)]


def newest(report, root=ROOT):
    """Run unit tests and notebooks, strictly, in one pytest that writes this junit file; return the exit status."""
    notebooks = sorted(str(pair.notebook.relative_to(root)) for pair in find_pairs(root))
    # The pins are loosened in this run, so the test that compares them has nothing to say.
    what = ["tests", f"--ignore={PINS_TEST}", *notebooks]
    command = [sys.executable, *notebook_command(what), f"--junitxml={Path(report).resolve()}"]
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(command, cwd=root, env=_environment(root, folder)).returncode


def run_steps(steps, root=ROOT, run=subprocess.run):
    """Run the steps in order up to the first that fails; print the counts; return the exit status."""
    start, counts, failed = time.perf_counter(), {}, None
    with tempfile.TemporaryDirectory() as folder:
        for number, step in enumerate(steps, start=1):
            print(f"\n== {number} of {len(steps)}: {step.title} ==", flush=True)
            report = Path(folder) / f"{number}.xml"
            options = [f"--junitxml={report}"] if step.counts else []
            status = run([sys.executable, *step.command, *options], cwd=root, env=_environment(root, folder)).returncode
            counts[step.counts or "checks"] = _add(counts.get(step.counts or "checks", [0, 0, 0]), report, status, step)
            if status:
                failed = step
                break
    print()
    if failed:
        print(f"Stopped at {failed.title!r}: {failed.advice}.")
    passed, wrong, skipped = (sum(column) for column in zip(*counts.values(), strict=True))
    parts = ", ".join(f"{what} {sum(numbers)}" for what, numbers in counts.items())
    left_out = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {wrong} failed{left_out} in {time.perf_counter() - start:.0f} s ({parts})")
    return 1 if failed else 0


def count_report(path):
    """Return (passed, failed, skipped) of a junit report, errors counted as failed."""
    passed = failed = skipped = 0
    for case in ET.parse(path).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            failed += 1
        elif "skipped" in kinds:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def _add(numbers, report, status, step):
    if not step.counts:
        new = (0, 1, 0) if status else (1, 0, 0)
    elif report.is_file():
        new = count_report(report)
        # pytest may fail without a failed test, for one because it found none.
        new = (new[0], max(new[1], 1), new[2]) if status else new
    else:
        new = (0, 1, 0)
    return [old + more for old, more in zip(numbers, new, strict=True)]


def _environment(root, folder):
    """Return the environment of a step: this checkout's helpers, and no settings of the user's own IPython."""
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    ipython = str(Path(folder) / "ipython")
    # One thread for each worker: two workers with two threads each wait for one another, ten times as long as they work.
    threads = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
    return os.environ | threads | {"PYTHONPATH": path, "IPYTHONDIR": ipython, "PYTHONIOENCODING": "utf-8"}


def main(arguments=None):
    """Run all steps, or with an option some of them; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m helpers.authoring.verify", description=__doc__)
    parser.add_argument("--lint", action="store_true", help="only the quick checks of style and imports")
    parser.add_argument("--tools", action="store_true", help="only the tests of what is around the course")
    parser.add_argument("--lax", action="store_true", help="only all tests and the notebooks, outputs not compared")
    parser.add_argument("--newest", metavar="FILE", help="all tests in one go, reported in this junit file")
    options = parser.parse_args(arguments)
    if options.newest:
        return newest(options.newest)
    if options.lint or options.tools:
        return run_steps(lint_steps() if options.lint else [TOOL_TESTS])
    return run_steps(test_steps(strict=False) if options.lax else all_steps())


if __name__ == "__main__":
    sys.exit(main())
