"""Bad input: fuzz helpers, figures, panels, checks, checkpoints, preflight, readers and the build with Hypothesis.

Every input must end in an answer or in an error that the course raises on purpose, in time, and no file may be left
half-written. The same inputs come in every run. FUZZ_SHARE=0.01 runs a hundredth of them, FUZZ_ONLY=panels,build only
what begins with one of these words.
"""

import importlib
import os

from helpers.proof.fuzz_engine import run_target
from helpers.proof.result import Result

MODULES = ("maths", "checks", "checkpoints", "preflight", "readers", "build", "figures", "panels")
GOAL = 100_000


def targets(only=()):
    """Return all targets, or those whose group or module begins with one of `only`."""
    found = []
    for name in MODULES:
        for target in importlib.import_module(f"helpers.proof.fuzz_{name}").targets():
            if not only or name.startswith(tuple(only)) or target.group.startswith(tuple(only)):
                found.append(target)
    return found


def run(say, share=None, only=None, goal=GOAL):
    """Run all targets and return the Result. share: of each target's inputs; only, share: else as the environment says."""
    share = float(os.environ.get("FUZZ_SHARE", "1")) if share is None else share
    only = tuple(filter(None, os.environ.get("FUZZ_ONLY", "").split(","))) if only is None else only
    outcomes = []
    for target in targets(only):
        outcome = run_target(target, max(5, round(share * target.count)))
        outcomes.append(outcome)
        say(f"{target.group}, {target.name}: {outcome.inputs} inputs in {outcome.seconds:.0f} s")
        for smallest, problem in outcome.findings:
            say(f"  {problem}, for {smallest}")
    return as_result(outcomes, goal)


def as_result(outcomes, goal):
    """Return the Result of these outcomes; it passes with `goal` inputs or more and without a finding."""
    total = sum(outcome.inputs for outcome in outcomes)
    findings = [
        f"{outcome.target.group}, {outcome.target.name}: {problem}, for {smallest}"
        for outcome in outcomes
        for smallest, problem in outcome.findings
    ]
    headers = ["what", "target", "inputs", "answers", "refused with a sentence", "slowest, s of computing", "findings"]
    rows = [
        [o.target.group, o.target.name, o.inputs, o.answers, o.refusals, round(o.slowest, 2), len(o.findings)]
        for o in outcomes
    ]
    answers, refusals = sum(o.answers for o in outcomes), sum(o.refusals for o in outcomes)
    summary = (
        f"{total:,} inputs to {len(outcomes)} targets: {answers:,} ended in an answer, {refusals:,} in a documented error, "
        f"{total - answers - refusals:,} in anything else. None may hang; no file may be left half-written."
    )
    short = [f"{total:,} inputs were run, {goal:,} are asked for."] if total < goal else []
    return Result("Bad input", summary, headers, rows, not findings and not short, [*findings, *short])
