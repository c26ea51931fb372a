"""Targets: the checks of the exercises, given functions that no learner should write, and values that nobody foresaw."""

import contextlib
import importlib
import io
import pkgutil
import warnings

import numpy as np
from hypothesis import strategies as st

import helpers.checks
from helpers.checks.check import Exercise, Verdict
from helpers.checks.values import copied, difference, plain, same_content, show
from helpers.proof.fuzz_engine import ANSWER, REFUSAL, Target
from helpers.proof.fuzz_inputs import Resists, junk

BEGINNINGS = {"right": "Right: ", "not started": "Not started: ", "wrong": "Wrong: "}


class Odd:
    """A callable object that is no function."""

    def __init__(self, value):
        self.value = value

    def __call__(self, *arguments):
        return self.value


class Sly(BaseException):
    """What `except Exception` does not catch."""


def exercises():
    """Return {name: Exercise} of every chapter, each once: a module may pass on what another defines."""
    found = {}
    for module in pkgutil.iter_modules(helpers.checks.__path__):
        if module.name.startswith("chapter_"):
            entries = vars(importlib.import_module(f"helpers.checks.{module.name}"))
            new = {f"{module.name}.{name}": value for name, value in entries.items() if isinstance(value, Exercise)}
            found |= {name: value for name, value in new.items() if value not in found.values()}
    return found


def _right(exercise, value):
    return exercise.expected


def _wrapped(exercise, value):
    def function(*inputs):
        answer = exercise.expected(*inputs)
        with contextlib.suppress(Exception):
            return {0: [answer], 1: (answer, answer), 2: str(answer), 3: np.asarray(answer, dtype=complex)}[value]
        return answer

    return function


def _spoils(exercise, value):
    def function(*inputs):
        answer = exercise.expected(*inputs)
        for argument in inputs:
            with contextlib.suppress(Exception):
                argument[...] = value
            with contextlib.suppress(Exception):
                argument.clear()
        return answer

    return function


def _raises(exercise, value):
    def function(*inputs):
        raise value

    return function


def _prints(exercise, value):
    def function(*inputs):
        print(value)
        return exercise.expected(*inputs)

    return function


def _nearly(exercise, value):
    def function(*inputs):
        answer = exercise.expected(*inputs)
        answer = answer[0] if isinstance(answer, tuple) else answer
        with contextlib.suppress(Exception):
            answer = np.array(answer)
            answer.flat[0] = value
        return answer

    return function


def _returns(exercise, value):
    return lambda *inputs: value


def _itself(exercise, value):
    return value


def _object(exercise, value):
    return Odd(value)


def _yields(exercise, value):
    def function(*inputs):
        yield value

    return function


async def _coroutine(*inputs):
    return 1


ERRORS = (
    ValueError(), ValueError("a\nb"), KeyError(""), SystemExit(3), GeneratorExit(), RecursionError("deep"),
    StopIteration(1), Sly(),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), NotImplementedError(), MemoryError(), ExceptionGroup("many",
    [ValueError()]),
    AssertionError("\ud83d"), OSError(2, "no"), Warning("w"),
)  # fmt: skip
behaviours = st.one_of(
    st.tuples(st.just(_returns), junk),
    st.tuples(
        st.just(_itself), st.one_of(junk, st.sampled_from([len, print, int, dict, _coroutine, "x".join, np.add, Odd]))
    ),
    st.tuples(st.just(_wrapped), st.integers(0, 4)),
    st.tuples(st.just(_nearly), st.one_of(st.floats(), junk)),
    st.tuples(st.just(_spoils), st.integers(-3, 3)),
    st.tuples(st.just(_raises), st.sampled_from(ERRORS)),
    st.tuples(st.just(_prints), junk),
    st.tuples(st.just(_object), junk),
    st.tuples(st.just(_yields), junk),
    st.tuples(st.just(_right), st.none()),
)


def verdicts(known):
    """Return a check of (exercise name, (behaviour, value)): a Verdict comes, and nothing else comes through."""

    def check(case):
        name, (make, value) = case
        exercise, out = known[name], io.StringIO()
        before = warnings.filters[:]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            verdict = exercise.verdict(make(exercise, value))
        if not isinstance(verdict, Verdict) or not verdict.text.startswith(BEGINNINGS[verdict.kind]):
            raise AssertionError(f"no verdict: {verdict!r}")
        if out.getvalue() or warnings.filters != before:
            raise AssertionError(f"what the function does comes through: {out.getvalue()!r}")
        if make is _right and verdict.kind != "right":
            raise AssertionError(f"the right answer is refused: {verdict.text}")
        if make is _raises and verdict.kind == "right":
            raise AssertionError("an error is an answer")
        return ANSWER if verdict.kind == "right" else REFUSAL

    return check


def _values(pair):
    found, expected = pair
    for value in pair:
        if not isinstance(show(value), str):
            raise AssertionError("show must give text")
        plain(value)
    same_content(found, found)
    expected = plain(expected)
    # What is expected comes from the course: arrays of numbers, texts or truths.
    expected = expected if isinstance(expected, np.ndarray) and expected.dtype.kind in "biufcU" else np.zeros(2)
    if not same_content(expected, copied(expected)):
        raise AssertionError("a copy is not the same")
    answer = difference(found, expected, 1e-6, ("x",))
    if answer is not None and (answer[0] not in ("type", "shape", "nan", "values") or not isinstance(answer[1], str)):
        raise AssertionError(f"no difference: {answer!r}")
    return ANSWER if answer is None else REFUSAL


def targets():
    """Return the targets of the checks."""
    known = exercises()
    resisting = st.sampled_from([Resists(), Odd(1), {"a": Resists()}, [Resists()], (Resists(), 1), ...])
    values = st.one_of(junk, junk, resisting)
    return [
        Target("checks", f"verdict of each of the {len(known)} exercises", st.tuples(st.sampled_from(sorted(known)),
        behaviours),
               verdicts(known), 12000),
        Target("checks", "copy, compare and show values", st.tuples(values, junk), _values, 8000),
    ]  # fmt: skip
