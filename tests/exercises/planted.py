"""Bring together, for each chapter: its exercises, the text of its solutions, and the wrong answers planted for it."""

import importlib
import importlib.util
import linecache
from dataclasses import dataclass

from helpers.authoring.exercises import is_check
from helpers.authoring.pairs import ROOT, SOLUTIONS, STUB, find_pairs, has_tag
from helpers.checks.check import Exercise


@dataclass(frozen=True)
class Chapter:
    """A chapter's checks by name, the code cells of its solutions in order, and its planted wrong answers."""

    number: str
    checks: dict
    cells: list
    planted: dict

    def space(self, without=(STUB,)):
        """Return the names defined by the code cells, in order, except those with one of these tags and the checks.

        What stands behind the last check only shows what the functions can do, some of it with a model: it is left out.
        """
        names, last = {}, max(number for number, cell in enumerate(self.cells) if is_check(cell))
        for cell in self.cells[:last]:
            if not is_check(cell) and not any(has_tag(cell, tag) for tag in without):
                exec(compile(cell.source, f"<chapter {self.number}>", "exec"), names)
        return names

    def function(self, check, source):
        """Return the function that a planted source defines; it may use what the notebook imports and the solutions."""
        names, file = self.space(), f"<planted for {check}>"
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        exec(compile(source, file, "exec"), names)
        return names[self.checks[check].name]


def chapters():
    """Return every Chapter that has a text of solutions."""
    return [_chapter(pair) for pair in find_pairs() if pair.kind == SOLUTIONS]


def _chapter(pair):
    number = pair.source.stem[:2]
    module = importlib.import_module(f"helpers.checks.chapter_{number}")
    checks = {name: value for name, value in vars(module).items() if isinstance(value, Exercise)}
    return Chapter(number, checks, [cell for cell in pair.read().cells if cell.cell_type == "code"], _planted(number))


def _planted(number):
    path = ROOT / "tests" / "exercises" / f"chapter_{number}.py"
    spec = importlib.util.spec_from_file_location(f"planted_{number}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PLANTED
