"""Build notebooks from their text, one way: `python -m helpers.authoring.build [NAMES] [--force]`.

Text becomes a notebook, is run whole in a fresh kernel, cleaned, and written. Only what changed is built again.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.reader import NotJSONError

from helpers.authoring import gates
from helpers.authoring.clean import as_bytes, clean
from helpers.authoring.fingerprint import fingerprint
from helpers.authoring.pairs import EXERCISES, ROOT, cell_name, find_pairs, read_notebook

CELL_TIMEOUT = 120  # seconds, the same as in the strict comparison


class BuildError(Exception):
    """A notebook could not be built; the message says which cell failed, and why."""


def build(pair, root=ROOT, force=False):
    """Build one notebook if anything it is made from changed.

    Returns True if it was run, False if it was up to date. Raises BuildError and leaves the old file as it was
    when a cell fails.
    """
    if not pair.source.is_file():
        raise BuildError(f"{pair.name}: there is no text source; {pair.notebook.name} cannot be built.")
    try:
        source = pair.read()
    except ValueError as problem:
        raise BuildError(f"{pair.name}: {problem}") from None
    kernel = source.metadata.get("kernelspec", {})
    if not isinstance(kernel, dict) or kernel.get("name") != "python3":
        raise BuildError(f"{pair.name}: the text source's header must name the kernel python3; copy another chapter's.")
    made_from = fingerprint(source, root)
    if not force and _up_to_date(pair, source, made_from, root):
        return False
    if not force:
        _spare_work(pair, root)
    source.metadata["course"] = {"built_from": made_from}
    executed = _execute(source, pair, root)
    content = as_bytes(clean(executed, pair.name, root))
    _replace(pair.notebook, content)
    return True


def _up_to_date(pair, source, made_from, root):
    if not pair.notebook.is_file():
        return False
    try:
        notebook = read_notebook(pair.notebook)
    except (NotJSONError, ValueError):
        return False
    stored = notebook.metadata.get("course", {}).get("built_from")
    same_cells = [cell.source for cell in notebook.cells] == [cell.source for cell in source.cells]
    # A notebook saved in JupyterLab has other bytes than a cleaned one: it is run again as well.
    cleaned = as_bytes(clean(notebook, pair.name, root)) == pair.notebook.read_bytes().replace(b"\r\n", b"\n")
    return stored == made_from and same_cells and cleaned


def _spare_work(pair, root):
    """Raise BuildError if somebody has worked in this exercise: the id of a cell is made from what was built in it."""
    if pair.kind != EXERCISES or not pair.notebook.is_file():
        return
    try:
        notebook = read_notebook(pair.notebook)
    except (NotJSONError, ValueError):
        return
    cells = zip(notebook.cells, clean(notebook, pair.name, root).cells, strict=True)
    edited = [number for number, (stored, built) in enumerate(cells) if stored.get("id") != built.id]
    if edited:
        raise BuildError(
            f"{pair.name}: {cell_name(notebook, edited[0])} was edited in the notebook. Is it somebody's work? Rename the "
            "file to keep it, or build with --force."
        )


def _execute(notebook, pair, root):
    pair.notebook.parent.mkdir(parents=True, exist_ok=True)  # the kernel starts there
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(pair.notebook.parent)}},
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=40"],  # else every kernel warns that it listens on a local port
        store_widget_state=False,
    )
    with tempfile.TemporaryDirectory() as profile:
        # An author's own IPython settings and start-up files must not reach the course's outputs.
        environment = os.environ | {
            "IPYTHONDIR": profile,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")])),
        }
        try:
            return client.execute(env=environment)
        except CellExecutionError as problem:
            reason = f"{problem.ename}: {problem.evalue}"
        except CellTimeoutError:
            reason = f"it ran for more than {CELL_TIMEOUT} seconds"
        except DeadKernelError:
            reason = "its kernel died (out of memory?)"
    raise BuildError(f"{pair.name}, {_failed_cell(notebook)} failed: {reason}")


def _failed_cell(notebook):
    """Return the name and first line of the cell that execution stopped at: the last one started."""
    started = [
        number for number, cell in enumerate(notebook.cells) if cell.get("outputs") or cell.get("execution_count")
    ]
    errors = [
        number
        for number in started
        if any(output.output_type == "error" for output in notebook.cells[number].outputs)
        and gates.EXPECTED_ERROR not in notebook.cells[number].metadata.get("tags", [])
    ]
    number = (errors or started or [0])[-1]
    lines = notebook.cells[number].source.strip().splitlines() or [""]
    return f"{cell_name(notebook, number)}, which begins with {lines[0]!r},"


def _replace(path, content):
    """Write a file in one step, so that an interrupted build leaves the old notebook whole. BuildError if the disk refuses."""
    beside = path.with_name(path.name + ".building")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as problem:
        raise BuildError(f"{path.name} could not be written: {problem.strerror or problem}.") from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def main(arguments=None, root=ROOT):
    """Build the notebooks named, or all; print a line each; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m helpers.authoring.build", description=__doc__)
    parser.add_argument(
        "names", nargs="*", help="notebooks to build, like 01-attention or exercises/01-attention; all if none is named"
    )
    parser.add_argument("--force", action="store_true", help="build even what did not change")
    options = parser.parse_args(arguments)
    try:
        pairs = find_pairs(Path(root), options.names)
    except ValueError as problem:
        print(problem)
        return 1
    failures = []
    width = max((len(pair.name) for pair in pairs), default=0)
    for number, pair in enumerate(pairs, start=1):
        print(f"[{number}/{len(pairs)}] {pair.name:{width}}  ", end="", flush=True)
        start = time.perf_counter()
        try:
            ran = build(pair, root, options.force)
            print(f"built in {time.perf_counter() - start:.1f} s" if ran else "up to date", flush=True)
            failures += gates.check(pair, root)
        except BuildError as problem:
            print("FAILED", flush=True)
            failures.append(f"{problem}\n    The old notebook was left as it was.")
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
