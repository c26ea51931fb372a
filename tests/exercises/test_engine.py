"""The engine of the checks: whatever a function does, there is an answer in words, and nothing comes through."""

import itertools
import sys
import time
import warnings

import numpy as np
import pytest

from helpers.checks import check
from helpers.checks.check import Exercise, Mistake
from helpers.checks.run import run
from helpers.checks.time_limit import OutOfTime, run_within
from helpers.checks.values import copied, difference, same_content, show

TEN = np.arange(10.0)


def exercise(**changes):
    """Return a small exercise: the rows of x, doubled, and their sum; with changes."""
    fields = {
        "name": "my_double",
        "task": "write my_double(x, factor).",
        "expected": lambda x, factor: x * factor,
        "cases": ((np.array([1.0, 2.0]), 2.0), (np.array([[1.0], [-3.0]]), 3.0)),
        "mistakes": (
            Mistake("added", "added, not multiplied.", lambda x, factor: x + factor, (np.array([0.0]), 2.0)),
            Mistake("squared", "squared.", lambda x, factor: x * x, (np.array([3.0]), 2.0)),
        ),
        "right": "it doubles.",
        "try_this": "a negative factor.",
        "seconds": 0.5,
    }
    return Exercise(**fields | changes)


def verdict(function, **changes):
    return exercise(**changes).verdict(function)


def nothing(x, factor):
    """A docstring."""


def passes(x, factor):
    pass


def not_implemented(x, factor):
    raise NotImplementedError


@pytest.mark.parametrize(
    "stub", [None, ..., nothing, passes, not_implemented, lambda x, factor: ..., lambda: (..., ...)]
)
def test_what_was_not_started_is_told_what_to_write(stub):
    said = verdict(stub)
    assert said.kind == "not started"
    assert said.text.startswith("Not started: write my_double(x, factor).\nReplace the line")


def test_a_stub_with_a_line_of_the_learners_is_not_started_either():
    def stub(x, factor):
        y = x * factor  # noqa: F841
        return ...

    assert verdict(stub).kind == "not started"


def test_right_says_what_was_shown_and_what_to_try(capsys):
    assert exercise()(lambda x, factor: factor * x) is None
    assert capsys.readouterr().out == "Right: it doubles.\nTry: a negative factor.\n"


def test_a_mistake_is_recognised_and_its_example_is_computed():
    said = verdict(lambda x, factor: factor + x)
    assert said.key == "added"
    assert said.text == (
        "Wrong: added, not multiplied.\nThe smallest example:\n"
        "  x         [0]\n  factor    2\n  that way  [2]\n  expected  [0]"
    )


def test_a_mistake_that_an_earlier_test_rules_out_is_not_named():
    """In the second test the answer is that of "added", but "added" would have been wrong in the first."""
    calls = itertools.count()
    said = verdict(lambda x, factor: x * factor if next(calls) == 0 else x + factor)
    assert said.key == "values" and "Test 2 of 2:" in said.text


def test_of_two_mistakes_that_give_the_same_answer_the_first_is_named():
    added = Mistake("added", "added, not multiplied.", lambda x, factor: x + factor, (np.array([0.0]), 2.0))
    again = Mistake("shifted", "shifted.", lambda x, factor: factor + x, (np.array([0.0]), 2.0))
    assert verdict(lambda x, factor: x + factor, mistakes=(added, again)).key == "added"
    assert verdict(lambda x, factor: x + factor, mistakes=(again, added)).key == "shifted"


def test_an_unforeseen_answer_is_not_recognised_and_shown_beside_the_expected():
    said = verdict(lambda x, factor: x * factor + [0, 0.25])
    assert said.key == "values"
    assert "The check does not know this mistake" in said.text.replace("\n", " ")
    assert said.text.startswith("Wrong: at [1] expected 4, but found 4.25.")
    assert said.text.endswith(
        "Test 1 of 2:\n  x         [1, 2]\n  factor    2\n  expected  [2, 4]\n  found     [   2, 4.25]"
    )


@pytest.mark.parametrize(
    ("answer", "key", "words"),
    [
        (np.zeros((2, 1)), "shape", "expected the shape (2,), but found the shape (2, 1)"),
        (3.0, "shape", "expected the shape (2,), but found the shape ()"),
        (np.array([True, False]), "type", "expected an array of numbers, but found an array of True and False"),
        ("text", "type", "expected an array of numbers, but found a text"),
        ({"a": 1}, "type", "expected an array of numbers, but found a dict"),
        ([[1], [1, 2]], "type", "expected an array of numbers, but found a list"),
        (np.array([2.0, np.nan]), "nan", "found nan, which is no number"),
        ((TEN, TEN), "type", "expected an array of numbers, but found 2 things"),
        (np.array([None, 3]), "type", "but found an array of objects"),
    ],
)
def test_type_shape_and_nan_are_told_before_the_numbers(answer, key, words):
    said = verdict(lambda x, factor: answer)
    assert said.key == key
    assert words in said.text.replace("\n", " ")


class Hostile:
    """An answer that resists being looked at."""

    def __array__(self, *_, **__):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    def detach(self):
        raise RuntimeError("no")


@pytest.mark.parametrize("answer", [Hostile(), [Hostile()], (Hostile(), 1), Hostile, iter([1]), print])
def test_an_answer_that_resists_is_survived(answer):
    assert verdict(lambda x, factor: answer).kind == "wrong"


def test_several_parts_are_named():
    two = {"expected": lambda x, factor: (x, x * factor), "returns": ("copy", "product"), "mistakes": ()}
    assert verdict(lambda x, factor: [x, factor * x], **two).kind == "right"
    assert "expected 2 things, copy and product, but found an array" in verdict(lambda x, factor: x, **two).text
    said = verdict(lambda x, factor: (x, x), **two)
    assert said.text.startswith("Wrong: product: at [0] expected 2, but found 1.")
    assert "\n  found product     [1, 2]" in said.text


def test_an_error_is_told_in_a_sentence_with_the_learners_line():
    def wrong(x, factor):
        y = x
        return y @ np.ones(5)  # the line

    said = verdict(wrong)
    assert said.key == "raises"
    assert said.text.startswith("Wrong: your function stops with an error.\n  ValueError: matmul")
    assert "return y @ np.ones(5)  # the line" in said.text and "Traceback" not in said.text
    assert __file__ not in said.text


@pytest.mark.parametrize("stop", [sys.exit, lambda: 1 / 0, lambda: [][0], lambda: copied.nothing, lambda: forever()])
def test_every_kind_of_error_is_survived(stop):
    assert verdict(lambda x, factor: stop()).key == "raises"


def forever():
    return forever()


def test_the_stop_button_ends_the_check_in_words():
    def stopped(x, factor):
        raise KeyboardInterrupt

    assert verdict(stopped).text.startswith("Wrong: you stopped it")


def loops(x, factor):
    while True:
        pass


def swallows_errors(x, factor):
    while True:
        try:
            x = x + 1
        except Exception:
            pass


def counts_without_end(x, factor):
    return sum(1 for _ in itertools.count())


def prints_without_end(x, factor):
    while True:
        print("again " * 100)


def catches_everything_once(x, factor):
    try:
        loops(x, factor)
    except BaseException:
        loops(x, factor)


@pytest.mark.parametrize(
    "function", [loops, swallows_errors, counts_without_end, prints_without_end, catches_everything_once]
)
def test_an_endless_function_is_stopped(function):
    start = time.monotonic()
    said = verdict(function)
    assert said.key == "endless" and "did not come to an end" in said.text
    assert 0.4 < time.monotonic() - start < 20 and len(said.text) < 5000


def test_all_tests_share_the_time(monkeypatch):
    given = []

    def slow(function, inputs, seconds):
        given.append(seconds)
        time.sleep(0.05)
        return run(function, inputs, seconds)

    monkeypatch.setattr(check, "run", slow)
    assert verdict(np.multiply, seconds=30).kind == "right"
    assert 29 < given[0] <= 30 and given[1] <= given[0] - 0.05


def test_nothing_is_raised_after_a_function_that_just_made_it():
    """The limit and the end of the function fall together again and again; what comes after must not be hit."""
    for wait in np.linspace(0.0, 0.06, 40):
        try:
            run_within(0.03, lambda wait=wait: time.sleep(wait))
        except OutOfTime:
            pass
        for _ in range(1000):
            pass
    until = time.monotonic() + 0.8  # longer than it takes to be raised again
    while time.monotonic() < until:
        pass


def test_prints_are_shown_below_and_do_not_come_through(capfd):
    def chatty(x, factor):
        print("\n".join(f"line {n}" for n in range(9)))
        print("oops", file=sys.stderr)
        warnings.warn("beware", stacklevel=1)
        return x * factor

    said = verdict(chatty)
    assert said.kind == "right" and said.text.endswith(
        "Your function printed:\n  line 0\n  line 1\n  line 2\n  line 3\n  line 4\n  ..."
    )
    assert capfd.readouterr() == ("", "")


def test_what_is_shown_whole_ends_without_dots():
    def chatty(x, factor):
        print("\n".join("abcde"))
        return x * factor

    assert verdict(chatty).text.endswith("Your function printed:\n  a\n  b\n  c\n  d\n  e")


def test_changed_input_is_told_and_does_not_reach_the_tests():
    def in_place(x, factor):
        x *= factor
        return x

    tests = exercise().cases
    said = verdict(in_place, cases=tests)
    assert said.key == "changes input"
    assert "changes its argument x" in said.text
    assert said.text.endswith("\n  x before  [1, 2]\n  x after   [2, 4]")
    np.testing.assert_array_equal(tests[0][0], [1, 2])


def test_a_wrong_answer_comes_before_a_changed_input():
    def in_place(x, factor):
        x += factor
        return x

    assert verdict(in_place).key == "added"


def test_a_missing_return_is_named():
    def forgets(x, factor):
        x * factor

    assert verdict(forgets).key == "nothing returned"


@pytest.mark.parametrize("given", [np.zeros(3), 5, "my_double"])
def test_a_result_instead_of_the_function_is_named(given):
    assert verdict(given).text == "Wrong: give the check the function itself, without brackets: my_double."


@pytest.mark.parametrize("function", [lambda x: x, lambda: 1, lambda x, factor, more: x])
def test_other_arguments_are_named(function):
    said = verdict(function)
    assert said.key == "arguments" and "the tests call my_double(x, factor)" in said.text


def test_a_function_written_in_c_can_be_checked():
    assert verdict(np.multiply).kind == "right"


def test_cases_can_be_made_when_they_are_needed():
    made = []

    def cases():
        made.append(1)
        return exercise().cases

    lazy = exercise(cases=cases)
    assert not made
    assert lazy.verdict(np.multiply).kind == "right" and made == [1]


def test_a_mistake_that_fails_on_some_inputs_is_passed_over():
    broken = Mistake("broken", "broken.", lambda x, factor: x @ np.ones(99), (np.ones(99), 2.0))
    assert verdict(lambda x, factor: x + factor, mistakes=(broken, *exercise().mistakes)).key == "added"


def test_a_generator_of_random_numbers_is_the_same_in_every_test():
    draws = exercise(
        expected=lambda x, rng: x + rng.random(), cases=((TEN, np.random.default_rng(3)),), mistakes=(), name="draw"
    )
    for _ in range(2):
        assert draws.verdict(lambda x, rng: x + rng.random()).kind == "right"
    assert draws.verdict(lambda x, rng: x + rng.random() + rng.random()).kind == "wrong"


def test_tensors_are_compared_and_copied():
    torch = pytest.importorskip("torch")
    given = torch.tensor([1.0, 2.0])
    tensors = exercise(cases=((given, 2.0),), tolerance=1e-5)
    assert tensors.verdict(lambda x, factor: x * factor).kind == "right"
    assert tensors.verdict(lambda x, factor: (x * factor).requires_grad_()).kind == "right"
    assert tensors.verdict(lambda x, factor: x.mul_(factor)).key == "changes input"
    assert tensors.verdict(lambda x, factor: x + factor).key == "added"
    assert given.tolist() == [1.0, 2.0]


def test_texts_and_truths_are_compared():
    words = np.array(["cat", "sat"])
    assert difference(["cat", "sat"], words, 1e-6, ("",)) is None
    assert difference("cat", "sat", 1e-6, ("",)) == ("values", "expected 'sat', but found 'cat'")
    assert difference([True, False], np.array([True, True]), 1e-6, ("",))[1] == "at [1] expected True, but found False"
    assert difference([1, 0], np.array([True, False]), 1e-6, ("",))[0] == "type"
    assert difference(np.array([-np.inf, np.nan]), np.array([-np.inf, np.nan]), 1e-6, ("",)) is None


def test_values_are_shown_short():
    assert show(np.array([[0.12345, -1.0], [-0.00001, 1000.0]])) == "[[0.123,    -1],\n [    0,  1000]]"
    assert show(np.array([True, False])) == "[ True, False]"
    assert show(["a", "bc"]) == "[ 'a', 'bc']"
    assert show(np.zeros((10, 10))) == "an array of shape (10, 10)"
    assert show(np.float32(0.1)) == "0.1" and show(7) == "7" and show(True) == "True"
    assert show(np.zeros((0,))) == "[]"


def test_equal_content():
    assert same_content({"a": [np.ones(2), 1]}, {"a": [np.ones(2), 1]})
    assert not same_content({"a": [np.ones(2)]}, {"a": [np.zeros(2)]})
    assert not same_content({"a": 1, "b": [1]}, {"a": 1, "b": [2]})
    assert not same_content([1], [1, 2]) and not same_content({"a": 1}, {"b": 1})
    assert same_content(np.array([np.nan]), np.array([np.nan]))
