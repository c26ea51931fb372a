"""`python -m helpers.authoring.bench [NAMES]`: how fast the panels draw, then what each notebook takes against its goals.

Each notebook runs in a real kernel of its own, with the set of models that COURSE_MODELS says. It is a benchmark and
not a test: it prints what it measured, says which goals are met, and fails only if a notebook does.
"""

import argparse
import sys
from dataclasses import dataclass

from helpers.authoring.bench_panels import bench_panels
from helpers.authoring.measure import MeasureError, cores, measure
from helpers.authoring.pairs import CHAPTERS, ROOT, SOLUTIONS, find_pairs
from helpers.checkpoints.choose import chosen_set

CORES = 2  # that the goals of seconds are for
SECONDS, LONGER = 25, {"06-text-classification-with-bert": 60}  # the last one trains
MEMORY = {"pocket": 800, "full": 1600}  # MB of a kernel


@dataclass(frozen=True)
class Verdict:
    """What was measured of one notebook, and its goals; a goal is None where there is none."""

    run: object
    seconds: float | None
    memory: float

    @property
    def faults(self):
        """Return the goals that were missed, or could not be judged, in words."""
        run, words = self.run, []
        if self.seconds is not None and run.seconds > self.seconds:
            words.append(f"{run.seconds:.1f} s, goal {self.seconds} s")
        if run.memory is None:
            words.append("memory not measured on this system")
        elif run.memory > self.memory:
            words.append(f"{run.memory:.0f} MB, goal {self.memory} MB")
        return words


def judge(run, models):
    """Return the Verdict of a Run with a set of models. Seconds have a goal only in chapters and with the small models."""
    timed = models == "pocket" and "/" not in run.name
    return Verdict(run, LONGER.get(run.name, SECONDS) if timed else None, MEMORY[models])


def row(verdict):
    """Return the line of a notebook: each figure beside its goal, then "met" or what was missed."""
    run = verdict.run
    memory = "?" if run.memory is None else f"{run.memory:.0f}"
    goal = "none" if verdict.seconds is None else str(verdict.seconds)
    said = "MISSED: " + "; ".join(verdict.faults) if verdict.faults else "met"
    return f"{run.name:46} {run.seconds:7.1f} {goal:>6} {run.processor:10.1f} {memory:>7} {verdict.memory:>6}  {said}"


def bottom_line(verdicts, failed, count=None):
    """Return the sentences under the table: how many notebooks meet their goals, and whether the seconds can count."""
    missed = [verdict.run.name for verdict in verdicts if verdict.faults]
    met = len(verdicts) - len(missed)
    lines = [f"{met} of {len(verdicts) + len(failed)} notebooks meet every goal that they have."]
    lines += [f"Missed: {', '.join(missed)}."] if missed else []
    lines += [f"Failed: {', '.join(failed)}."] if failed else []
    if (count or cores()) != CORES:
        lines.append(f"The goals of seconds are for {CORES} cores; here are {count or cores()}.")
    return "\n".join(lines)


def bench_notebooks(names=(), models="pocket", root=ROOT, run=measure):
    """Print a line a notebook and what it comes to; return the names of those that failed."""
    pairs = [pair for pair in find_pairs(root, names) if pair.kind in (CHAPTERS, SOLUTIONS)]
    print(
        f"notebooks, each in its own kernel, {models} models; seconds with the kernel's start, memory at its peak in MB"
    )
    print(f"{'notebook':46} {'seconds':>7} {'goal':>6} {'processor':>10} {'memory':>7} {'goal':>6}")
    verdicts, failed = [], []
    for pair in pairs:
        try:
            verdicts.append(judge(run(pair, models, root), models))
            print(row(verdicts[-1]), flush=True)
        except MeasureError as problem:
            failed.append(pair.name)
            print(f"{pair.name:46} FAILED: {problem}", flush=True)
    print(bottom_line(verdicts, failed))
    return failed


def main(arguments=None):
    """Print both parts, or only the notebooks if some are named; return 1 if a notebook failed."""
    parser = argparse.ArgumentParser(prog="python -m helpers.authoring.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these notebooks, like 06-text-classification-with-bert")
    parser.add_argument("--only", choices=("panels", "notebooks"), help="one part only")
    options = parser.parse_args(arguments)
    try:
        models = chosen_set()
        find_pairs(ROOT, options.names)
    except ValueError as problem:
        print(problem)
        return 1
    only = options.only or ("notebooks" if options.names else None)
    if only != "notebooks":
        bench_panels()
        print()
    return 1 if only != "panels" and bench_notebooks(options.names, models) else 0


if __name__ == "__main__":
    sys.exit(main())
