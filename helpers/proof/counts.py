"""How many code cells the notebooks have, and how many of them the strict re-run executes and compares."""

from dataclasses import dataclass

from helpers.authoring import gates
from helpers.authoring.clean import PICTURE
from helpers.authoring.pairs import ROOT, find_pairs, read_notebook
from helpers.proof.result import Result


@dataclass
class Counts:
    """Of one notebook: code cells, those with a stored execution, those compared, and what they store.

    texts: outputs whose text is compared. silent: compared cells that must print nothing. pictures: their words are
    compared, not their pixels. ignored: [(cell, reason)].
    """

    code: int = 0
    executed: int = 0
    compared: int = 0
    texts: int = 0
    silent: int = 0
    pictures: int = 0
    errors: int = 0
    ignored: tuple = ()


def count(pair, reasons):
    """Return the Counts of a notebook. reasons: {(notebook, cell id): why it is left out of the comparison}."""
    found = Counts()
    for cell in read_notebook(pair.notebook).cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        tags = set(cell.metadata.get("tags", []))
        left_out = tags & gates.IGNORING_TAGS or gates.IGNORING_COMMENT.search(cell.source)
        executed = cell.execution_count is not None
        found.code += 1
        found.executed += executed
        found.compared += executed and not left_out
        found.texts += sum(_has_text(output) for output in cell.outputs)
        found.silent += executed and not cell.outputs
        found.pictures += sum(PICTURE in output.get("data", {}) for output in cell.outputs)
        found.errors += gates.EXPECTED_ERROR in tags
        if left_out:
            why = reasons.get((pair.name, cell.get("id")), "no reason given")
            found.ignored += ((f"{pair.name}, cell {cell.get('id')}", why),)
    return found


def run(say):
    """Count every notebook and return the Result; it passes if every cell is executed and none is ignored without a reason."""
    reasons = gates._reasons(ROOT)
    counted = {pair.name: count(pair, reasons) for pair in find_pairs(ROOT)}
    rows = [[name, *_figures(one)] for name, one in counted.items()]
    total = Counts(*(sum(getattr(one, name) for one in counted.values()) for name in list(vars(Counts()))[:-1]))
    total.ignored = tuple(row for one in counted.values() for row in one.ignored)
    rows.append([f"all {len(counted)}", *_figures(total)])
    say(f"{total.code} code cells in {len(counted)} notebooks")
    unexplained = [cell for cell, why in total.ignored if why == "no reason given"]
    shortfalls = [f"{cell} is not compared: {why}." for cell, why in total.ignored]
    if total.executed < total.code:
        shortfalls.append(f"{total.code - total.executed} code cells were never executed.")
    summary = (
        f"{total.code} code cells in {len(counted)} notebooks: {total.executed} executed, {total.compared} strictly compared, "
        f"{len(total.ignored)} ignored. They store {total.texts} texts, each compared, among them the words of all "
        f"{total.pictures} pictures; {total.silent} cells must print nothing"
        f"{f', and {total.errors} must raise the error that they store' if total.errors else ''}."
    )
    headers = ["notebook", "code cells", "executed", "compared", "texts", "silent", "pictures", "errors", "ignored"]
    passed = total.code == total.executed and not unexplained
    return Result("Nothing slips past: cells executed and compared", summary, headers, rows, passed, shortfalls)


def _figures(one):
    numbers = [one.code, one.executed, one.compared, one.texts, one.silent, one.pictures, one.errors]
    return [*numbers, len(one.ignored)]


def _has_text(output):
    if output.output_type in ("stream", "error"):
        return True
    return any(kind.startswith("text/") for kind in output.get("data", {}))
