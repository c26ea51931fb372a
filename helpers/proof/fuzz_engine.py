"""Throw many inputs at one function: each must end in an answer or in an error that the course raises on purpose."""

import contextlib
import dis
import signal
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

WAITS = 20  # times its seconds that a call may take on a machine that does other things as well
CHUNK = 500  # inputs drawn with one seed: Hypothesis slows down when it has to remember many
ANSWER, REFUSAL = "answer", "refusal"
LONGEST = 1500  # characters of an error's text


class Undocumented(Exception):
    """A call ended in a way that its documentation does not name."""


class Hung(Exception):
    """A call did not end in its time."""


@dataclass(frozen=True)
class Target:
    """What is tried. check(input): tries one input and returns ANSWER or REFUSAL; any exception of it is a finding.

    count: how many inputs. seconds: how long one input may take.
    """

    group: str
    name: str
    inputs: SearchStrategy
    check: Callable
    count: int
    seconds: float = 10.0


@dataclass
class Outcome:
    """What came of a target: how many inputs were really run, how they ended, the slowest one in seconds of computing, and the
    findings.

    findings: (the smallest input, the error) as texts; the search of a chunk stops at its first.
    """

    target: Target
    answers: int = 0
    refusals: int = 0
    broken: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    findings: list = field(default_factory=list)

    @property
    def inputs(self):
        """Return how many inputs were run, those of the search for a smaller one included."""
        return self.answers + self.refusals + self.broken


def end_of(call, names=(), errors=(ValueError, TypeError)):
    """Return (ANSWER, what call() returns), or (REFUSAL, the error) if it raises one of `errors` on purpose.

    On purpose: of exactly one of these types, raised by a `raise` in the course's own code, with a text that holds one
    of `names`. Raises Undocumented for any other end.
    """
    try:
        return ANSWER, call()
    except Hung:
        raise
    except Exception as error:
        if type(error) not in errors:
            raise Undocumented(f"{type(error).__name__}: {_short(error)}") from error
        if not _raised_here(error.__traceback__):
            raise Undocumented(f"not raised by the course: {type(error).__name__}: {_short(error)}") from error
        text = str(error)
        if not text.strip() or len(text) > LONGEST:
            raise Undocumented(f"a text of {len(text)} characters: {_short(error)}") from error
        if names and not any(name in text for name in names):
            raise Undocumented(f"names none of {', '.join(names)}: {_short(error)}") from error
        return REFUSAL, error


def run_target(target, count=None):
    """Run a target with `count` inputs, or as many as it asks for; return its Outcome. Nothing depends on chance."""
    outcome, start, wanted = Outcome(target), time.perf_counter(), target.count if count is None else count
    chunks = [min(CHUNK, wanted - begin) for begin in range(0, wanted, CHUNK)]
    for number, size in enumerate(chunks):
        _run_chunk(outcome, number, size)
    outcome.seconds = time.perf_counter() - start
    return outcome


def _run_chunk(outcome, number, size):
    last = {}

    @seed(number)
    @settings(
        max_examples=size,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(outcome.target.inputs)
    def try_one(value):
        begin = time.process_time()
        try:
            with within(outcome.target.seconds):
                end = outcome.target.check(value)
        except Exception as problem:
            outcome.broken += 1
            last["input"], last["problem"] = _repr(value), problem
            raise
        finally:
            outcome.slowest = max(outcome.slowest, time.process_time() - begin)
        if end == ANSWER:
            outcome.answers += 1
        elif end == REFUSAL:
            outcome.refusals += 1
        else:
            raise TypeError(f"check: got {end!r}, expected {ANSWER!r} or {REFUSAL!r}")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            try_one()
        except Exception as problem:
            shown = last.get("problem", problem)  # Hypothesis ends with the smallest input that it found
            outcome.findings.append((last.get("input", ""), f"{type(shown).__name__}: {_short(shown)}"))


@contextlib.contextmanager
def within(seconds):
    """Raise Hung in the block once it has computed or waited for too long, again and again in case something swallows it.

    seconds: of computing,
    however busy the machine is; WAITS times as long by the clock. Only the main thread of a system
    with alarms can be interrupted; elsewhere a block that ends late is told at its end.
    """
    begin = time.process_time()
    can_ring = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def ring(*_):
        raise Hung(f"no end within {seconds:g} seconds")

    if can_ring:
        clocks = ((signal.ITIMER_PROF, signal.SIGPROF, seconds), (signal.ITIMER_REAL, signal.SIGALRM, WAITS * seconds))
        before = [signal.signal(alarm, ring) for _, alarm, _ in clocks]
        for clock, _, limit in clocks:
            signal.setitimer(clock, limit, 1)
    try:
        yield
    finally:
        if can_ring:
            for (clock, alarm, _), handler in zip(clocks, before, strict=True):
                signal.setitimer(clock, 0)
                signal.signal(alarm, handler)
    spent = time.process_time() - begin
    if spent > seconds:
        raise Hung(f"an end only after {spent:.1f} seconds, expected {seconds:g} at most")


def _raised_here(trace):
    """Return whether the innermost frame stands in a `raise` of the course: a library's own error does not count."""
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    raised = dis.opname[code.co_code[trace.tb_lasti]] in ("RAISE_VARARGS", "RERAISE")
    return raised and trace.tb_frame.f_globals.get("__name__", "").startswith("helpers.")


def _short(error):
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else text[:300] + "..."


def _repr(value):
    try:
        text = repr(value)
    except Exception as problem:
        text = f"a {type(value).__name__} that has no repr ({type(problem).__name__})"
    return text if len(text) <= 500 else text[:500] + "..."
