"""The result of one part of the proof, and the file that keeps it."""

import datetime
import json
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("numpy", "torch", "transformers", "matplotlib")


class Missing(Exception):
    """A part cannot be run on this machine; the message says what it needs."""


@dataclass
class Result:
    """What one part tried, how often, and what came out: plain text and numbers, one table.

    title: heading of the part in the report. summary: one or a few sentences with the figures.
    headers, rows: the table; each row as long as headers, of strings and numbers; both may be empty.
    passed: whether the part's own bar was met. shortfalls: one sentence for each thing that fell short or was left out.
    """

    title: str
    summary: str
    headers: list
    rows: list
    passed: bool
    shortfalls: list = field(default_factory=list)

    def __post_init__(self):
        self.headers, self.rows = list(self.headers), [list(row) for row in self.rows]
        self.shortfalls = list(self.shortfalls)
        for row in self.rows:
            if len(row) != len(self.headers):
                raise ValueError(f"rows: got a row of {len(row)} cells, expected {len(self.headers)}: {row}")
        if not isinstance(self.passed, bool):
            raise TypeError(f"passed: got {self.passed!r}, expected True or False")


@dataclass
class Kept:
    """A result with what it was measured on: the part, the day, minutes, the versions, the system."""

    part: str
    date: str
    minutes: float
    versions: dict
    result: Result


def keep(path, part, result, seconds):
    """Write a result to this JSON file, with date and versions of now; return what was kept."""
    kept = Kept(part, datetime.date.today().isoformat(), round(seconds / 60, 1), versions(), result)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(kept), indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    return kept


def read(path):
    """Return what a file keeps. Raises ValueError, with the file's name, if it is not a kept result."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Kept(**data | {"result": Result(**data["result"])})
    except (OSError, ValueError, TypeError, KeyError) as problem:
        raise ValueError(f"{path.name}: got {problem}, expected a result of the proof; run that part again") from None


def versions():
    """Return the versions that a result depends on: Python, the system, and the packages, "absent" where not there."""
    found = {"Python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found
