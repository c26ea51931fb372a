"""A copy of the course in which things may be broken, and the tests run in it: the course itself is never touched."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[2]
HANGS = 124  # what warm_pytest.py answers for a run that it stopped
LEFT_OUT = (".git", ".venv", "__pycache__", ".hypothesis", ".ipynb_checkpoints", "pages", "slides", "wheels", "dist")
MINUTES = 10  # of one run of pytest; what takes longer hangs
_SECONDS = itertools.count(2_000_000_000)
# Their own tests would fail only because a text is not there any more, or take the proof for a part of itself.
NOT_THESE = ("--ignore=tests/proof",)


def copy_course(folder, root=ROOT):
    """Copy the course, without its environment and what git ignores, into a new folder; return that folder's path."""
    target = Path(folder).resolve() / "course"
    shutil.copytree(root, target, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    return target


def environment(course):
    """Return the environment in which a copy of the course uses its own helpers, and pytest only the plugins named."""
    return os.environ | {
        "PYTHONPATH": str(course),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONIOENCODING": "utf-8",
        "IPYTHONDIR": str(course.parent / "ipython"),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        "COURSE_MODELS": "pocket",
    }


def write(path, content):
    """Write bytes to a file of the copy, with a time that no earlier content had: compiled files are told apart by it."""
    path.write_bytes(content)
    second = next(_SECONDS)  # the file system's own clock could give two contents the same one
    os.utime(path, (second, second))


class NoTests(RuntimeError):
    """pytest ran no test: wrong arguments, or what all tests import is broken."""


class Tests:
    """Runs pytest in a copy of the course, again and again, without importing torch again: see warm_pytest.py."""

    def __init__(self, course):
        self.course = Path(course)
        command = [sys.executable, str(self.course / "helpers/proof/warm_pytest.py"), str(self.course)]
        self.process = subprocess.Popen(
            command,
            cwd=self.course,
            env=environment(self.course),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments, minutes=MINUTES):
        """Return (passed, failed: names of tests, last line of the output) of `pytest ARGUMENTS`.

        Raises NoTests if pytest ran no test, RuntimeError if its process has ended.
        """
        report = self.course.parent / "report.xml"
        report.unlink(missing_ok=True)
        given = ["-q", "-p", "no:cacheprovider", f"--junitxml={report}", *NOT_THESE, *arguments]
        self.process.stdin.write(json.dumps({"arguments": given, "seconds": 60 * minutes}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("tests: the process that runs pytest has ended")
        status, last = json.loads(line)
        if status in (4, 5):  # wrong arguments, or nothing collected
            raise NoTests(f"tests: got status {status} of pytest {' '.join(given)}, expected tests to run: {last}")
        if status == HANGS:
            return False, [], f"pytest did not end within {minutes} minutes"
        return status == 0, failed(report), last

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Copies:
    """Copies of the course with a warm pytest each, one for every mutant that is tried at the same time."""

    def __init__(self, number):
        self.folder = tempfile.TemporaryDirectory()
        self.free, self.every = SimpleQueue(), []
        for n in range(number):
            course = copy_course(Path(self.folder.name) / str(n))
            self.every.append((course, Tests(course)))
            self.free.put(self.every[-1])

    def use(self, function, *arguments):
        """Return function(*arguments, course, tests) with a copy that nobody else uses meanwhile."""
        copy = self.free.get()
        try:
            return function(*arguments, *copy)
        finally:
            self.free.put(copy)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for _, tests in self.every:
            tests.close()
        self.folder.cleanup()


def failed(report):
    """Return the names of the tests that failed in a junit report, or [] if there is none."""
    import xml.etree.ElementTree as ET

    if not report.is_file():
        return []
    cases = ET.parse(report).getroot().iter("testcase")
    return [
        f"{case.get('classname', '').removeprefix('tests.')}::{case.get('name')}"
        for case in cases
        if any(child.tag in ("failure", "error") for child in case)
    ]
