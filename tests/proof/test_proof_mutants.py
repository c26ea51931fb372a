"""Mutants: what is changed, and that the same ones are drawn each time."""

import ast

import pytest

from helpers.proof import mutants as part
from helpers.proof.journal import Journal
from helpers.proof.mutate import mutants
from helpers.proof.result import Result
from helpers.proof.sandbox import ROOT, NoTests


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a + b", ["(a - b)"]),
        ("a < b", ["(a <= b)"]),
        ("x = -1", ["x = (1)", "x = -2"]),
        ("x = True", ["x = False"]),
        ("a and b", ["(a or b)"]),
        ("not a", ["(a)"]),
        ("f(a, b)", ["f(b, a)"]),
        ("np.argmax(a)", ["np.argmin(a)"]),
        ("a if c else b", ["b if c else a"]),
        ("é = 'é'; x = a + b", ["é = 'é'; x = (a - b)"]),
        ('"""text 1"""', []),
        ("raise ValueError(f'{x + 1}')", []),
        ("import a", []),
        ("def f(a: int = 1): ...", ["def f(a: int = 2): ..."]),
    ],
)
def test_what_a_text_may_become(text, after):
    assert sorted(one.applied(text) for one in mutants(text)) == sorted(after)


def test_numbers_may_be_left_alone_and_the_order_of_two_equals_is():
    assert [one.after for one in mutants("x = 1 + y", numbers=False)] == ["(1 - y)"]
    assert not [one for one in mutants("min(a, b)") if one.after == "min(b, a)"]


@pytest.mark.parametrize("file", part.FILES)
def test_every_mutant_of_a_file_is_python_and_differs_and_its_tests_are_there(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    tree = ast.dump(ast.parse(text))
    chosen = part.sample(text, file)
    assert chosen and all(
        ast.dump(ast.parse(one.applied(text))) != tree for one in chosen[:: max(1, len(chosen) // 12)]
    )
    assert all((ROOT / test).is_file() for test in part.FILES[file])


def test_the_maths_is_tried_whole_and_any_other_file_in_a_sample():
    lines = "\n".join(f"x = {n} + y" for n in range(100))
    assert len(part.sample(lines, "helpers/attention.py")) == 200
    assert len(part.sample(lines, "helpers/figures/bars.py")) == part.SAMPLE
    assert part.sample(lines, "helpers/figures/bars.py") == part.sample(lines, "helpers/figures/bars.py")
    assert len(part.sample("x = 1 + y", "helpers/figures/bars.py")) == 1


def test_a_mutant_is_planted_and_taken_out_again(tmp_path):
    file = "helpers/positions.py"
    path = tmp_path / file
    path.parent.mkdir()
    path.write_bytes((ROOT / file).read_bytes())
    before, seen = path.read_bytes(), []

    class Tests:
        """Notices at the second file of tests."""

        def run(self, arguments, minutes):
            """Keep what lies there."""
            seen.append(path.read_bytes())
            return len(seen) < 2, [], ""

    one = part.sample(before.decode(), file)[0]
    assert part.try_out(one, file, tmp_path, Tests())
    assert path.read_bytes() == before
    assert len(seen) == 2 and before not in seen


def test_a_mutant_with_which_no_test_can_start_is_noticed(tmp_path):
    file = "helpers/positions.py"
    path = tmp_path / file
    path.parent.mkdir()
    path.write_bytes((ROOT / file).read_bytes())

    class Tests:
        """pytest with a conftest that the mutant breaks."""

        def run(self, arguments, minutes):
            """Say that there were no tests."""
            raise NoTests("status 4")

    before = path.read_bytes()
    assert part.try_out(part.sample(before.decode(), file)[0], file, tmp_path, Tests())
    assert path.read_bytes() == before


def test_tests_that_fail_unchanged_would_notice_everything_and_end_the_run(tmp_path):
    class Copies:
        """A copy of the course in which a test fails."""

        def use(self, function, *arguments):
            """Return what a failing run returns."""
            return False, ["test_a::test_b"], ""

    file, text = "helpers/positions.py", (ROOT / "helpers/positions.py").read_text(encoding="utf-8")
    asked = part.Asked(
        Journal(tmp_path / "journal"), Copies(), dict.fromkeys(part.FILES[file], b""), print, 1, float("inf")
    )
    with pytest.raises(RuntimeError, match="got test_a::test_b, expected that it passes unchanged"):
        asked.answer((file, part.sample(text, file)[0]), text)


def test_survivors_are_listed_but_for_those_with_a_reason_why_they_are_harmless():
    file, text = "helpers/figures/a.py", "def f(a, b):\n    return a + b  # why\n"
    one = mutants(text)[0]
    assert part.identity(one, file, text) == (file, "return a + b # why", "return (a - b) # why")
    told = f"{file}, line 2: `a + b` may become `(a - b)`"
    tried = [(file, one, answer) for answer in (True, True, False, None)]
    result = part._result({file: text}, tried, {})
    assert isinstance(result, Result) and not result.passed
    assert result.rows == [[file, 1, 3, 2, "67%"]]
    assert result.shortfalls == [f"{told}.", "1 more mutants of the sample were not tried: time ran out."]
    excused = part._result({file: text}, tried, {part.identity(one, file, text): "b is 0"})
    assert excused.passed and excused.shortfalls == result.shortfalls[1:] and "others 1 are harmless" in excused.summary


def test_every_reason_belongs_to_a_mutant_that_is_there():
    there, reasons = set(), set(part.read_harmless())
    for file in {file for file, _, _ in reasons}:
        text = (ROOT / file).read_text(encoding="utf-8")
        there |= {part.identity(one, file, text) for one in part.possible(text, file)}
    assert reasons <= there
