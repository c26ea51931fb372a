"""Mistakes that matter in this field, planted one at a time into a copy of the course: who notices?

Each is an entry in tests/proof/breakages. Its tests are run first, up to the first failure; what they do not notice is
run against every test, and then against every notebook that uses the file. `python -m helpers.proof.breakages TEXT ...`
tries only those whose topic and name hold one of the texts, and keeps nothing.
"""

import json
import sys
import tempfile
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from helpers.authoring import fingerprint
from helpers.authoring.pairs import find_pairs
from helpers.authoring.verify import TOOLS, notebook_command
from helpers.proof.journal import Journal, deadline, key_of
from helpers.proof.planted import plant_in_notebooks
from helpers.proof.result import Result
from helpers.proof.sandbox import ROOT, Tests, copy_course, write

FOLDER = "tests/proof/breakages"
ORDER = "maths models figures panels checks checkpoints preflight authoring data notebooks".split()
BAR = 0.95  # of the mistakes `make test` must notice
SOURCES = "notebooks/source/"
UNIT, TOOLS_UNIT = "unit tests", "tests of the tools"
JOURNAL = "build/proof/breakages.jsonl"


class Stale(ValueError):
    """An entry's text does not stand in its file any more, or more than once: it shows nothing and must be mended."""


@dataclass(frozen=True)
class Breakage:
    """One mistake: its name, the file, the text and what it becomes, why it matters, and where to look for it first."""

    name: str
    why: str
    file: str
    old: str
    new: str
    tests: tuple = ()
    harmless: str = ""
    topic: str = ""


def read_breakages(folder=ROOT / FOLDER):
    """Return all entries, file by file. Raises ValueError for a missing or unknown field, and for a name twice."""
    found, names = [], set()
    for path in sorted(Path(folder).glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["breakage"]:
            try:
                breakage = Breakage(topic=path.stem, **entry | {"tests": tuple(entry.get("tests", ()))})
            except TypeError as problem:
                raise ValueError(f"{path.name}: {entry.get('name')!r}: {problem}") from None
            if breakage.name in names:
                raise ValueError(f"{path.name}: the name {breakage.name!r} stands there twice")
            names.add(breakage.name)
            found.append(breakage)
    return found


def changed_files(breakage, root=ROOT):
    """Return {path: (bytes before, bytes after)}: the file, and for a chapter's text its built notebook. Raises Stale."""
    path = Path(root) / breakage.file
    if not path.is_file():
        raise Stale(f"{breakage.name}: there is no file {breakage.file}")
    text = path.read_text(encoding="utf-8")
    if text.count(breakage.old) != 1 or breakage.old == breakage.new:
        raise Stale(
            f"{breakage.name}: expected its text once in {breakage.file}, found it {text.count(breakage.old)} times"
        )
    files = {path: (path.read_bytes(), text.replace(breakage.old, breakage.new).encode("utf-8"))}
    if breakage.file.startswith(SOURCES):
        notebook = Path(root) / "notebooks" / f"{path.relative_to(Path(root) / SOURCES).with_suffix('.ipynb')}"
        before = notebook.read_bytes()
        content = json.loads(before)
        cells = [cell for cell in content["cells"] if breakage.old in "".join(cell["source"])]
        if len(cells) != 1:
            raise Stale(f"{breakage.name}: expected one cell with its text in {notebook.name}, found {len(cells)}")
        source = "".join(cells[0]["source"]).replace(breakage.old, breakage.new)
        cells[0]["source"] = source.splitlines(keepends=True)
        files[notebook] = (before, json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8"))
    return files


def try_out(breakage, course, tests, first=True):
    """Plant the mistake into the copy, ask who notices, and take it out again; return (who, where), ("", "") if nobody.

    first: ask the tests that the entry names (a chapter's entry: its notebook), or else all the others.
    """
    files = changed_files(breakage, course)
    for path, (_, after) in files.items():
        write(path, after)
    try:
        for who, arguments in (_first if first else _others)(breakage, course):
            passed, names, last = tests.run(["-x", *arguments])
            if not passed:
                return who, names[0] if names else last
        return "", ""
    finally:
        for path, (before, _) in files.items():
            write(path, before)


def _first(breakage, course):
    """Return [(who, arguments of pytest)]: where the mistake should be noticed."""
    if breakage.file.startswith(SOURCES):
        name = str((Path("notebooks") / Path(breakage.file).relative_to(SOURCES)).with_suffix(".ipynb"))
        return [("the notebook's outputs", _notebooks([name]))]
    return [(UNIT, list(breakage.tests))] if breakage.tests else []


def _others(breakage, course):
    """Yield (who, arguments of pytest): all tests, then one by one the notebooks that use the file."""
    if not breakage.file.startswith(SOURCES):
        yield UNIT, ["tests"]
        for name in users_of(breakage.file, course):
            yield "the outputs of notebooks", _notebooks([name])


def users_of(file, course):
    """Return the paths of the notebooks whose code imports this file, directly or through other helpers."""
    found = []
    for pair in find_pairs(course):
        code = [fingerprint.python_of(cell.source) for cell in pair.read().cells if cell.cell_type == "code"]
        if course / file in fingerprint.helper_files(code, course):
            found.append(pair.notebook.relative_to(course).as_posix())
    return found


def _notebooks(paths):
    """The arguments of pytest as `make test` has them, without workers beside this process."""
    given = list(notebook_command(paths))[2:]
    workers = given.index("-n")
    return ["-p", "nbval.plugin", *given[:workers], *given[workers + 4 :]]


def run(say):
    """Plant everything, and the changed outputs and pictures of planted.py; return the Result.

    PROOF_MINUTES in the environment stops it after that time; the next run goes on where this one stopped.
    """
    breakages = sorted(read_breakages(), key=lambda one: ORDER.index(one.topic))
    journal, end = Journal(ROOT / JOURNAL), deadline()
    with tempfile.TemporaryDirectory() as folder:
        course = copy_course(folder)
        for breakage in breakages:
            changed_files(breakage, course)  # a stale one is an error before hours are spent
        with Tests(course) as tests:
            tried = _try_all(breakages, course, tests, say, journal, end)
            anyway = _failing_anyway(tried, course, tests, say)
            void = [one for one in tried if one[1] == UNIT and _test_of(one[2], course) in anyway]
            tried = [one for one in tried if one not in void]
            tried = [(one, _by_whom(who, where, course), where) for one, who, where in tried]
            planted = plant_in_notebooks(course, tests, _notebooks, say, journal, end)
    caught, total = sum(bool(who) for _, who, _ in tried), len(tried)
    ways = Counter(who for _, who, _ in tried if who)
    rows = [
        [one.topic, one.name, one.file.removeprefix(SOURCES).removeprefix("helpers/"), who or "nobody", where]
        for one, who, where in tried
    ]
    at_once = caught - ways[TOOLS_UNIT]
    summary = (
        f"{total} mistakes were planted one at a time; {caught} of them ({caught / max(total, 1):.1%}) were noticed, "
        f"{at_once} ({at_once / max(total, 1):.1%}) by `make test` alone and the others by `make test-tools`: "
        f"{', '.join(f'{count} by {who}' for who, count in ways.items())}. That the gates ask to build the notebooks again "
        f"after any change of a helper is not counted. {planted.summary}"
    )
    shortfalls = [f"Nobody notices {one.name!r}: {one.harmless or one.why}." for one, who, _ in tried if not who]
    shortfalls += [f"{one.name!r} shows nothing: {where} fails on the course as it is." for one, _, where in void]
    if total + len(void) < len(breakages):
        shortfalls.append(
            f"{len(breakages) - total - len(void)} more mistakes are written down and were not tried: time ran out."
        )
    passed = total > 0 and at_once >= BAR * total and planted.passed
    headers = ["topic", "mistake", "file", "noticed by", "first failure"]
    title = "Checks that catch: mistakes planted on purpose"
    return Result(title, summary, headers, rows + planted.rows, passed, shortfalls + planted.shortfalls)


def _by_whom(who, where, course):
    """Tell the tests that `make test` leaves to `make test-tools` from the others."""
    apart = who == UNIT and _test_of(where, course).partition("::")[0] in TOOLS
    return TOOLS_UNIT if apart else who


def _try_all(breakages, course, tests, say, journal, end):
    """Return [(breakage, who, where)] of those that were tried before the end; what nobody noticed at first comes last."""
    answers = {}
    for first in (True, False):
        for number, breakage in enumerate(breakages, start=1):
            if not first and (breakage not in answers or answers[breakage][0]):
                continue
            changed = (_content(course / file) for file in (breakage.file, *breakage.tests))
            key = key_of(first, breakage, *changed)
            answer = journal.get(key)
            if answer is None:
                if time.monotonic() > end:
                    continue
                answer = try_out(breakage, course, tests, first)
                journal.put(key, answer)
                found = f"{answer[0]}, {answer[1]}" if answer[0] else "NOBODY"
                say(f"{number} of {len(breakages)}: {breakage.topic}: {breakage.name}: {found}")
            answers[breakage] = answer
    return [(breakage, *answers[breakage]) for breakage in breakages if breakage in answers]


def _content(path):
    return path.read_bytes() if path.is_file() else b""


def _failing_anyway(tried, course, tests, say):
    """Return those first failures that fail on the copy as it is, too: they have noticed nothing."""
    names = sorted({_test_of(where, course) for _, who, where in tried if who == UNIT} - {""})
    say(f"{len(names)} tests that noticed something, on the copy as it is")
    return {_test_of(name, course) for name in tests.run(names)[1]} if names else set()


def _test_of(where, course):
    """Return how pytest names a test of a junit report, all its parameters together: tests/test_x.py::test_y.

    A file that could not be collected stands for itself; what is no test (a run that hung) gives "".
    """
    module, _, name = where.partition("::")
    if not module:
        module, name = name.removeprefix("tests."), ""
    path = f"tests/{module.replace('.', '/')}.py"
    return "::".join(filter(None, [path, name.partition("[")[0]])) if (course / path).is_file() else ""


def main(parts):
    """Try the mistakes whose topic and name hold one of the texts, and print who notices; return the exit status."""
    chosen = [one for one in read_breakages() if any(part in f"{one.topic}: {one.name}" for part in parts or [""])]
    with tempfile.TemporaryDirectory() as folder:
        course = copy_course(folder)
        with Tests(course) as tests:
            journal = Journal(Path(folder) / "journal")
            tried = _try_all(chosen, course, tests, lambda text: print(text, flush=True), journal, deadline())
    return 0 if all(who for _, who, _ in tried) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
