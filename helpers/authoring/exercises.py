"""What the gates ask of exercises and solutions, besides what they ask of every notebook.

In a solution's text each task is: a cell tagged `stub`, one or more cells tagged `solution`, and a cell that calls the
check; more cells tagged `solution` may follow. The exercise is the same text without the cells tagged `solution`.
"""

import re

from helpers.authoring.pairs import CHAPTERS, EXERCISES, SOLUTION, SOLUTIONS, STUB, cell_name, has_tag, read_source

CHECK_CALL = re.compile(r"check_\w+\(")
TASKS = range(3, 5)  # three or four a chapter
FIRST_WORDS = {EXERCISES: "Not started:", SOLUTIONS: "Right:"}  # of what each check says in the stored notebook


def text_faults(pair, notebook):
    """Return what is wrong with the order of a solution's text, or with what an exercise gives away; sentences."""
    checks = {CHAPTERS: _nothing, EXERCISES: _given_away, SOLUTIONS: _order}
    return list(checks[pair.kind](notebook, read_source(pair.source)))


def answer_faults(pair, notebook):
    """Return each check that does not say "Not started" in an exercise, or "Right" in a solution; sentences."""
    return [] if pair.kind == CHAPTERS else list(_answers(pair.kind, notebook))


def is_check(cell):
    """Return whether a cell calls the check of an exercise."""
    return cell.cell_type == "code" and bool(CHECK_CALL.match(cell.source))


def _nothing(notebook, written):
    return ()


def _given_away(notebook, written):
    secret = {cell.source for cell in written.cells if has_tag(cell, SOLUTION)}
    for number, cell in enumerate(notebook.cells):
        if has_tag(cell, SOLUTION) or cell.source in secret:
            yield f"{cell_name(notebook, number)} gives the solution away; run `make notebooks`."


def _order(notebook, written):
    seen, tasks = [], 0
    for number, cell in enumerate(written.cells):
        where = f"{cell_name(written, number)} of the text source"
        tags = [tag for tag in (STUB, SOLUTION) if has_tag(cell, tag)]
        if len(tags) == 2:
            yield f"{where} is tagged both {STUB} and {SOLUTION}."
        if cell.cell_type != "code":
            if STUB in tags:
                yield f"{where} is tagged {STUB} but holds no code."
            continue
        seen += tags
        if is_check(cell):
            tasks += 1
            if seen.count(STUB) != 1 or seen[-1] != SOLUTION:
                yield f"{where} must have one {STUB} and then its {SOLUTION} before it, but it has: {', '.join(seen) or 'none'}."
            seen = []
    if STUB in seen:
        yield f"the text source ends in a {STUB} that nothing checks."
    if tasks not in TASKS:
        yield f"the text source has {tasks} checks; a chapter has {TASKS[0]} or {TASKS[-1]}."


def _answers(kind, notebook):
    for number, cell in enumerate(notebook.cells):
        if is_check(cell):
            said = "".join(output.get("text", "") for output in cell.outputs)
            if not said.startswith(FIRST_WORDS[kind]):
                first = said.strip().splitlines()[0] if said.strip() else ""
                yield f"{cell_name(notebook, number)} must say {FIRST_WORDS[kind]!r}, but it says {first!r}."
