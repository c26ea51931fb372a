"""Run a learner's function so that nothing it does reaches the notebook: errors, endless loops, prints, changed inputs."""

import contextlib
import io
import linecache
import sysconfig
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

from helpers.checks.time_limit import OutOfTime, run_within
from helpers.checks.values import copied, same_content

SHOWN_LINES = 5  # of what the function prints
KEPT_CHARACTERS = 10_000
_NOT_THE_LEARNERS = (str(Path(__file__).parents[1]), sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"))


@dataclass(frozen=True)
class Outcome:
    """What came of one call: the answer, or the problem in words; which argument changed; what was printed."""

    answer: object = None
    problem: str = ""
    kind: str = ""  # of the problem: "not started", "raises", "endless" or "stopped"
    changed: int = -1  # the place of the first argument that was changed, or -1
    after: object = None  # that argument as the function left it
    printed: str = ""


class _Kept(io.StringIO):
    """Keeps the beginning of what is printed, so that an endless loop of prints does not fill the memory."""

    def write(self, text):
        if self.tell() < KEPT_CHARACTERS:
            super().write(text[:KEPT_CHARACTERS])
        return len(text)


def run(function, inputs, seconds):
    """Call the function on a copy of the inputs and return the Outcome; raises nothing that the function raises."""
    given, out, start = [copied(value) for value in inputs], _Kept(), time.monotonic()
    found = {}
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found["answer"] = run_within(seconds, lambda: function(*given))
    except OutOfTime:
        found = {"kind": "endless", "problem": f"it was still running after {time.monotonic() - start:.0f} seconds"}
    except NotImplementedError:
        found = {"kind": "not started", "problem": "it raises NotImplementedError"}
    except KeyboardInterrupt:
        found = {"kind": "stopped", "problem": "you stopped it"}
    except BaseException as problem:  # sys.exit() too
        found = {"kind": "raises", "problem": _in_words(problem)}
    for place, (before, after) in enumerate(zip(inputs, given, strict=True)):
        if not same_content(before, after):
            found |= {"changed": place, "after": after}
            break
    return Outcome(printed=_beginning(out.getvalue()), **found)


def _in_words(problem):
    """Return the error and the last line of the learner's own code that led to it."""
    said = str(problem).strip().splitlines()
    text = f"{type(problem).__name__}: {said[0]}" if said else type(problem).__name__
    place, trace = "", problem.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if not name.startswith(_NOT_THE_LEARNERS):
            line = linecache.getline(name, trace.tb_lineno).strip()
            place = f"\n  in line {trace.tb_lineno}: {line}" if line else f"\n  in line {trace.tb_lineno}"
        trace = trace.tb_next
    return text + place


def _beginning(text):
    lines = text.strip().splitlines()
    return "\n".join(lines[:SHOWN_LINES] + (["..."] if len(lines) > SHOWN_LINES else []))
