"""The fuzz: it counts what it ran, it catches what it must, and a few inputs of each target are tried in every run."""

import time
from dataclasses import replace

import pytest
from hypothesis import strategies as st

from helpers import validate
from helpers.checkpoints.problems import CheckpointError
from helpers.proof import fuzz
from helpers.proof.fuzz_engine import ANSWER, REFUSAL, Hung, Target, Undocumented, end_of, run_target, within

TARGETS = [target for target in fuzz.targets() if target.group != "panels, moved"]  # those load the models


def whole(check, seconds=10.0):
    return Target("test", "whole numbers", st.integers(0, 1000), check, 300, seconds)


def test_answers_and_refusals_are_counted():
    outcome = run_target(whole(lambda value: end_of(lambda: validate.whole_number("n", value, 500), ["n"])[0]))
    assert outcome.findings == [] and outcome.answers > 0 and outcome.refusals > 0
    assert outcome.inputs == outcome.answers + outcome.refusals == 300


def test_a_finding_comes_with_its_smallest_input():
    def check(value):
        if value >= 77:
            raise KeyError("planted")
        return ANSWER

    outcome = run_target(whole(check))
    assert outcome.findings[0] == ("77", "KeyError: 'planted'")
    assert outcome.broken > 0 and outcome.inputs == outcome.answers + outcome.broken


def test_two_runs_are_the_same():
    seen = ([], [])
    for values in seen:
        run_target(whole(lambda value, values=values: values.append(value) or ANSWER))
    assert seen[0] == seen[1] and len(set(seen[0])) > 100


def test_a_check_that_says_nothing_is_a_finding():
    assert "expected 'answer'" in run_target(whole(lambda value: None)).findings[0][1]


def test_a_loop_without_end_is_cut_off_and_told():
    def forever(value):
        while True:
            time.sleep(0.01)

    outcome = run_target(whole(forever, seconds=0.005), count=1)
    assert "Hung: no end within 0.005 seconds" in outcome.findings[0][1]


def test_a_loop_that_swallows_the_cut_is_told_all_the_same():
    with pytest.raises(Hung, match="an end only after"):
        with within(0.05):
            start, done = time.process_time(), False
            while not done:
                try:
                    while time.process_time() - start < 0.2:  # here the cut comes, and nowhere else
                        pass
                    done = True
                except Exception:
                    pass


@pytest.mark.parametrize(
    "call, errors",
    [
        (lambda: int("x"), (ValueError,)),  # Python's own
        (lambda: {}["x"], (ValueError, TypeError)),
        (lambda: validate.whole_number("n", 0), (TypeError,)),  # of a type that is not documented
        (lambda: "é".encode("ascii"), (ValueError,)),  # a subclass of it
    ],
)
def test_an_error_that_nobody_raised_on_purpose_is_a_finding(call, errors):
    with pytest.raises(Undocumented):
        end_of(call, errors=errors)


def test_an_error_that_names_no_argument_is_a_finding():
    with pytest.raises(Undocumented, match="names none of query, key"):
        end_of(lambda: validate.whole_number("n", 0), ["query", "key"])


def test_the_result_passes_only_with_enough_inputs_and_no_finding():
    good = run_target(whole(lambda value: REFUSAL), count=20)
    bad = run_target(whole(lambda value: 1 / 0), count=20)
    assert fuzz.as_result([good], 20).passed and not fuzz.as_result([good], 21).passed
    failed = fuzz.as_result([good, bad], 1)
    assert not failed.passed and "ZeroDivisionError" in failed.shortfalls[0] and failed.rows[1][-1] == 1


def test_all_targets_together_ask_for_enough_inputs():
    assert sum(target.count for target in fuzz.targets()) > 1.05 * fuzz.GOAL
    assert {target.group for target in fuzz.targets(["build"])} == {"build"}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.group}-{target.name}".replace(" ", "_"))
def test_a_few_inputs_of_each_target(target):
    costly = target.group in ("figures", "panels, made", "build", "checkpoints")
    patient = replace(target, seconds=600)  # a slow or shared machine must not fail a test by time
    assert run_target(patient, 5 if costly else 20).findings == []


def test_the_error_types_of_the_checkpoints_are_exact():
    def fails():
        raise CheckpointError("x")

    with pytest.raises(Undocumented, match="not raised by the course"):
        end_of(fails, errors=(CheckpointError,))
