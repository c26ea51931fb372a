"""The engine of the checks: an exercise as data, and what is said of a learner's function."""

import dis
import inspect
import textwrap
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from helpers.checks.run import run
from helpers.checks.values import copied, difference, show

WIDTH = 88  # of a line of prose

# All that the body of a function that was not written yet does: return a constant, or nothing.
_IDLE = {"RESUME", "LOAD_CONST", "LOAD_SMALL_INT", "RETURN_VALUE", "RETURN_CONST", "NOP", "POP_TOP", "NOT_TAKEN"}


@dataclass(frozen=True)
class Mistake:
    """A misconception, recognised by what it computes."""

    key: str  # short, for the tests: "wrong axis"
    says: str  # the hint: what the answer shows, and why it is wrong; never how to write it right
    answer: Callable  # what the misconception gives for the inputs of a test
    example: tuple  # the smallest inputs on which it shows


@dataclass(frozen=True)
class Verdict:
    """What a check says. kind: "right", "not started" or "wrong"; key: a mistake's key, or the engine's own word."""

    kind: str
    key: str
    text: str


@dataclass(frozen=True)
class Exercise:
    """What a learner's function must give, on which inputs, and which mistakes are known. Called, it checks."""

    name: str  # of the function, as in the stub
    task: str  # what to write, for the one who has not started
    expected: Callable  # computes the right answer; has the argument names of the stub
    cases: tuple | Callable  # of tuples of inputs, the smallest first; or a function that makes them when needed
    mistakes: tuple  # of Mistakes; of two that match, the first is told
    right: str  # what was shown
    try_this: str  # one thing to try
    returns: tuple = ("",)  # what the parts of the answer are called, if it has several
    tolerance: float = 1e-6  # relative and absolute
    seconds: float = 5.0  # for all tests together

    def __call__(self, function):
        """Print what the check says of this function."""
        print(self.verdict(function).text)

    @property
    def arguments(self):
        """Return the names of the function's arguments."""
        return tuple(inspect.signature(self.expected).parameters)

    @property
    def call(self):
        """Return how the tests call the function, like my_softmax(scores)."""
        return f"{self.name}({', '.join(self.arguments)})"

    def verdict(self, function):
        """Return the Verdict on this function; nothing that it does comes through."""
        if function is None or function is ... or _is_idle(function):
            return self._not_started()
        if not callable(function):
            return _wrong("no function", f"give the check the function itself, without brackets: {self.name}.")
        tests = self.cases() if callable(self.cases) else self.cases
        if not _takes(function, tests[0]):
            return _wrong("arguments", f"the tests call {self.call}, but your function takes other arguments.")
        start, printed, changed = time.monotonic(), "", None
        for number, inputs in enumerate(tests, start=1):
            outcome = run(function, inputs, max(0.1, self.seconds - (time.monotonic() - start)))
            printed = printed or outcome.printed
            found = self._judged(outcome, tests[:number], f"Test {number} of {len(tests)}:")
            if found:
                return _with_prints(found, printed)
            if changed is None and outcome.changed >= 0:
                changed = outcome.changed, inputs[outcome.changed], outcome.after
        if changed:
            return _with_prints(self._changed(*changed), printed)
        text = f"{_wrapped('Right: ' + self.right)}\n{_wrapped('Try: ' + self.try_this)}"
        return _with_prints(Verdict("right", "", text), printed)

    def _judged(self, outcome, tests, test):
        """Return the Verdict on the last of these tests, or None if its answer is right; the ones before it were right."""
        *passed, inputs = tests
        if outcome.kind == "not started" or outcome.answer is ...:
            return self._not_started()
        if outcome.kind:
            return _wrong(outcome.kind, _PROBLEMS[outcome.kind].format(outcome.problem), self._rows(inputs), test)
        if outcome.answer is None:
            return _wrong("nothing returned", "your function returns nothing. Is a line with return missing?")
        expected = self._quietly(self.expected, inputs)
        differs = difference(outcome.answer, expected, self.tolerance, self.returns)
        if differs is None:
            return None
        for mistake in self.mistakes:
            if self._gives(mistake, inputs, outcome.answer) and all(map(partial(self._hides, mistake), passed)):
                return self._recognised(mistake)
        kind, words = differs
        rows = self._rows(inputs) + self._parts("expected", expected) + self._parts("found", outcome.answer)
        return _wrong(kind, f"{words}. The check does not know this mistake, so look at the numbers.", rows, test)

    def _gives(self, mistake, inputs, answer):
        """Return whether the answer is what the mistake gives on these inputs."""
        try:
            wrong = self._quietly(mistake.answer, inputs)
        except Exception:  # the mistake may be possible for some inputs only
            return False
        return self._same(answer, wrong)

    def _hides(self, mistake, inputs):
        """Return whether the mistake does not show on these inputs, on which the function was right."""
        try:
            return self._same(self._quietly(mistake.answer, inputs), self._quietly(self.expected, inputs))
        except Exception:
            return False

    def _same(self, found, expected):
        return difference(found, expected, self.tolerance, self.returns) is None

    def _recognised(self, mistake):
        example = mistake.example
        rows = self._rows(example) + self._parts("that way", self._quietly(mistake.answer, example))
        rows += self._parts("expected", self._quietly(self.expected, example))
        return _wrong(mistake.key, mistake.says, rows, "The smallest example:")

    def _changed(self, place, before, after):
        name = self.arguments[place]
        says = f"the answer is right, but your function changes its argument {name}, which the caller may still need."
        return _wrong("changes input", says, [(f"{name} before", show(before)), (f"{name} after", show(after))])

    def _not_started(self):
        return Verdict("not started", "", f"{_wrapped(f'Not started: {self.task}')}\n{_HOW_TO_START}")

    def _rows(self, inputs):
        return [(name, show(value)) for name, value in zip(self.arguments, inputs, strict=True)]

    def _parts(self, label, answer):
        if len(self.returns) == 1 or not isinstance(answer, (tuple, list)) or len(answer) != len(self.returns):
            return [(label, show(answer))]
        return [(f"{label} {name}", show(part)) for name, part in zip(self.returns, answer, strict=True)]

    @staticmethod
    def _quietly(function, inputs):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*(copied(value) for value in inputs))


_HOW_TO_START = "Replace the line `return ...`, run that cell, and then this one again."

_PROBLEMS = {
    "raises": "your function stops with an error.\n  {}",
    "endless": "your function did not come to an end: {}. Look at what ends its loop.",
    "stopped": "{}, so there is no answer to check.",
}


def _is_idle(function):
    """Return whether a function's body is not written yet: a docstring, `pass`, or the return of None or `...`."""
    code = getattr(function, "__code__", None)
    steps = list(dis.get_instructions(code)) if code else []
    constants = [step.argval for step in steps if step.opname in ("LOAD_CONST", "RETURN_CONST")]
    empty = (None, ..., (..., ...), (..., ..., ...))
    return bool(steps) and all(step.opname in _IDLE for step in steps) and all(one in empty for one in constants)


def _takes(function, inputs):
    try:
        inspect.signature(function).bind(*inputs)
    except TypeError:
        return False
    except ValueError:  # a function written in C may not tell its arguments
        return True
    return True


def _wrong(key, says, rows=(), head=""):
    width = max((len(label) for label, _ in rows), default=0) + 2
    lines = [_wrapped(f"Wrong: {says}"), *([head] if head else [])]
    for label, text in rows:
        first, *rest = text.splitlines() or [""]
        lines += [f"  {label:{width}}{first}", *(" " * (width + 2) + line for line in rest)]
    return Verdict("wrong", key, "\n".join(lines))


def _with_prints(verdict, printed):
    if not printed:
        return verdict
    lines = textwrap.indent(printed, "  ")
    return Verdict(verdict.kind, verdict.key, f"{verdict.text}\nYour function printed:\n{lines}")


def _wrapped(text):
    return "\n".join(
        textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
        if len(line) > WIDTH and not line.startswith(" ")
        else line
        for line in text.splitlines()
    )
