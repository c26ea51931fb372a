"""Refuse a notebook that is not what it claims to be: `python -m helpers.authoring.gates [NAMES]`."""

import argparse
import re
import sys
from pathlib import Path

from helpers.authoring import exercises
from helpers.authoring.clean import PICTURE, WIDGET_VIEW, as_bytes, clean
from helpers.authoring.fingerprint import fingerprint
from helpers.authoring.pairs import (
    EXERCISES,
    ROOT,
    as_source,
    cell_name,
    find_pairs,
    read_notebook,
    read_text,
    shared_metadata,
)

EXPECTED_ERROR = "raises-exception"
IGNORED_LIST = "tests/ignored_cells.md"
IGNORING_TAGS = {"nbval-ignore-output", "nbval-skip", "nbval-raises-exception"}
IGNORING_COMMENT = re.compile(r"#\s*(NBVAL_(?!TEST_NAME)\w+|PYTEST_VALIDATE_IGNORE_OUTPUT)", re.IGNORECASE)
MEMORY_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")


def check(pair, root=ROOT):
    """Return one sentence for each fault of a pair; an empty list means that it is as it should be."""
    if not pair.source.is_file():
        return [f"{pair.name}: {pair.notebook.name} has no text source; write {_below(pair.source, root)}."]
    if not pair.notebook.is_file():
        return [f"{pair.name}: the notebook was never built; run `make notebooks`."]
    notebook = read_notebook(pair.notebook)
    faults = exercises.text_faults(pair, notebook) or _pair_differs(pair, notebook)
    faults = faults or exercises.answer_faults(pair, notebook)
    faults += _notebook_faults(notebook)
    for number, cell in enumerate(notebook.cells):
        where = cell_name(notebook, number)
        faults += [f"{where}{fault}" for fault in _cell_faults(cell, _reasons(root).get((pair.name, cell.get("id"))))]
    return [f"{pair.name}, {fault}" for fault in faults or _stale(pair, notebook, root)]


def check_all(root=ROOT, names=()):
    """Return (pairs, faults) for all pairs below root, or those named; the list of ignored cells is checked too."""
    pairs = find_pairs(root, names)
    faults = [fault for pair in pairs for fault in check(pair, root)]
    return pairs, faults + ([] if names else _stale_reasons(pairs, root))


def _pair_differs(pair, notebook):
    source = pair.read()
    rebuild = "run `make notebooks`"
    for number, (built, written) in enumerate(zip(notebook.cells, source.cells, strict=False)):
        where = cell_name(notebook, number)
        if built.cell_type != written.cell_type:
            return [f"{where} is {built.cell_type} but {written.cell_type} in the text source; {rebuild}."]
        if built.source != written.source:
            return [f"{where} does not hold what the text source says: {_first_difference(built, written)}; {rebuild}."]
        if shared_metadata(built) != shared_metadata(written):
            return [
                f"{where} has {shared_metadata(built) or 'no tags'} but "
                f"{shared_metadata(written) or 'no tags'} in the text source; {rebuild}."
            ]
    if len(notebook.cells) != len(source.cells):
        return [f"the notebook has {len(notebook.cells)} cells, its text source {len(source.cells)}; {rebuild}."]
    return [] if pair.kind == EXERCISES else _not_as_jupytext_writes(pair, notebook)


def _not_as_jupytext_writes(pair, notebook):
    """JupyterLab refuses to open a pair whose text is not what Jupytext would write, when the notebook is newer."""
    text, saved = read_text(pair.source).splitlines(), as_source(notebook).splitlines()
    length = max(len(text), len(saved))
    padded = (lines + [""] * (length - len(lines)) for lines in (text, saved))
    for number, (line, expected) in enumerate(zip(*padded, strict=True), start=1):
        if line != expected:
            return [
                f"line {number} of the text source reads {line!r} but saving in JupyterLab makes it {expected!r}; "
                "write it that way (cell metadata stand in alphabetical order)."
            ]
    return []


def _stale(pair, notebook, root):
    """What no comparison of outputs sees: pictures drawn by older helpers, and what a save in JupyterLab adds."""
    if notebook.metadata["course"]["built_from"] != fingerprint(pair.read(), root):
        yield "the notebook was built from other helpers or pins than these; run `make notebooks`."
    elif as_bytes(clean(notebook, pair.name, root)) != pair.notebook.read_bytes().replace(b"\r\n", b"\n"):
        yield "the notebook is not as the build leaves it (saved in JupyterLab?); run `make notebooks`, which rewrites it."


def _notebook_faults(notebook):
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        yield f"the notebook asks for the kernel {kernel!r}; it must be 'python3', or learners have to choose."
    if "widgets" in notebook.metadata:
        yield "the notebook stores widget state; run `make notebooks`."
    if not notebook.metadata.get("course", {}).get("built_from"):
        yield "the notebook does not say what it was built from; run `make notebooks`."


def _cell_faults(cell, reason):
    tags = set(cell.metadata.get("tags", []))
    if cell.cell_type == "markdown" and re.search(r"!\[\s*\]\(", cell.source):
        yield " shows an image without alt text."
    if cell.cell_type == "markdown" and re.search(r"^#+ #", cell.source, re.MULTILINE):
        yield " has a heading whose text begins with #."
    if cell.cell_type != "code":
        return
    if cell.source.strip() and cell.execution_count is None:
        yield " was never executed, so nothing compares its output; run `make notebooks`."
    ignoring = tags & IGNORING_TAGS or set(IGNORING_COMMENT.findall(cell.source))
    if ignoring and not reason:
        yield f" is left out of the comparison ({', '.join(sorted(ignoring))}) without a row in {IGNORED_LIST}."
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if errors and EXPECTED_ERROR not in tags:
        yield f" stores the error {errors[0].ename}: {errors[0].evalue}, and no tag {EXPECTED_ERROR} announces it."
    if EXPECTED_ERROR in tags and not errors and cell.execution_count is not None:
        yield f" has the tag {EXPECTED_ERROR} but raised nothing."
    for output in cell.outputs:
        yield from _output_faults(output)


def _output_faults(output):
    if output.output_type == "stream" and output.name == "stderr":
        yield f" stores text from stderr: {_first_line(output.text)!r}."
    address = MEMORY_ADDRESS.search(_all_text(output))
    if address:
        yield f" prints the memory address {address[0]}, which differs in every run."
    data = output.get("data", {})
    if WIDGET_VIEW in data:
        yield (
            " stores a widget view, which shows an error where no kernel runs; if the notebook was saved in JupyterLab, "
            "run `make notebooks`, which rewrites it; if not, the widget must also give an image/png."
        )
    if "image/svg+xml" in data:
        yield " stores an SVG picture, which differs with every Matplotlib; show a PNG."
    for kind in data:
        if kind in (PICTURE, "image/jpeg"):
            yield from _picture_faults(kind, data, output.get("metadata", {}))


def _picture_faults(kind, data, metadata):
    alt, words = metadata.get(kind, {}).get("alt", ""), data.get("text/plain", "")
    if not alt.strip():
        yield f" shows a picture without alt text; its metadata must hold {{'{kind}': {{'alt': 'what it shows'}}}}."
    elif words != alt:
        yield f" shows a picture whose text/plain is {_first_line(words)!r}, not the words of its alt text."
    elif len(re.findall(r"[^\W\d_]{2,}", words)) < 3 or re.match(r"<.*>$", words.strip()):
        yield f" shows a picture whose text equivalent, {_first_line(words)!r}, is not words."


def _reasons(root):
    """Return {(notebook, cell id): reason} from the table of ignored cells."""
    path = Path(root) / IGNORED_LIST
    if not path.is_file():
        return {}
    rows = [[part.strip(" `") for part in line.strip().strip("|").split("|")] for line in read_text(path).splitlines()]
    return {(row[0], row[1]): row[2] for row in rows if len(row) == 3 and row[0] != "notebook" and row[0].strip("-: ")}


def _stale_reasons(pairs, root):
    ids = {
        (pair.name, cell.get("id"))
        for pair in pairs
        if pair.notebook.is_file()
        for cell in read_notebook(pair.notebook).cells
    }
    stale = [key for key in _reasons(root) if key not in ids]
    return [
        f"{name}: {IGNORED_LIST} lists the cell {cell}, which is not there; delete the row." for name, cell in stale
    ]


def _all_text(output):
    texts = [output.get("text", ""), *output.get("traceback", []), output.get("evalue", "")]
    data = output.get("data", {})
    return "\n".join([*texts, *(str(data[kind]) for kind in data if kind.startswith("text/"))])


def _first_line(text):
    return text.strip().splitlines()[0][:100] if text.strip() else ""


def _first_difference(built, written):
    lines = zip([*built.source.splitlines(), ""], [*written.source.splitlines(), ""], strict=False)
    return next((f"{ours!r} is {theirs!r} there" for ours, theirs in lines if ours != theirs), "the length differs")


def _below(path, root):
    return path.relative_to(root).as_posix()


def main(arguments=None, root=ROOT):
    """Check the notebooks, print one line per fault, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m helpers.authoring.gates", description=__doc__)
    parser.add_argument("names", nargs="*", help="notebooks to check; all of them if none is named")
    try:
        pairs, faults = check_all(root, parser.parse_args(arguments).names)
    except ValueError as problem:
        faults, pairs = [str(problem)], []
    for fault in faults:
        print(fault)
    print(f"Gates: {len(pairs)} notebooks, {len(faults)} faults.")
    return 1 if faults or not pairs else 0


if __name__ == "__main__":
    sys.exit(main())
