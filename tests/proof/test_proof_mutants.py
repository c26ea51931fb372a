"""Mutants: what is changed, and that the same ones are drawn each time."""

import ast

import pytest

from helpers.proof import mutants as part
from helpers.proof.mutate import mutants
from helpers.proof.result import Result
from helpers.proof.sandbox import ROOT


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


def test_every_mutant_of_the_maths_is_python_and_differs():
    for file in part.MATHS:
        text = (ROOT / file).read_text(encoding="utf-8")
        tree = ast.dump(ast.parse(text))
        chosen = part.sample(text, file)
        assert len(chosen) == min(part.SAMPLE, len(mutants(text))) > 0
        assert chosen == part.sample(text, file)
        assert all(ast.dump(ast.parse(one.applied(text))) != tree for one in chosen)


def test_a_mutant_is_planted_and_taken_out_again(tmp_path):
    file = "helpers/positions.py"
    path = tmp_path / file
    path.parent.mkdir()
    path.write_bytes((ROOT / file).read_bytes())
    before, seen = path.read_bytes(), []

    class Tests:
        """Notices at the second file of tests."""

        def run(self, arguments):
            """Keep what lies there."""
            seen.append(path.read_bytes())
            return len(seen) < 2, [], ""

    one = part.sample(before.decode(), file)[0]
    assert part.try_out(one, file, tmp_path, Tests())
    assert path.read_bytes() == before
    assert len(seen) == 2 and before not in seen


def test_survivors_are_listed_and_lower_the_score():
    one = mutants("a + b")[0]
    result = part._result({"a.py": 10, "b.py": 5}, {"a.py": 3, "b.py": 0}, {"a.py": [one], "b.py": []}, left=2)
    assert isinstance(result, Result)
    assert result.rows == [["a.py", 10, 4, 3, "75%"], ["b.py", 5, 0, 0, ""]]
    assert not result.passed
    assert result.shortfalls == [
        "a.py, line 1: `a + b` may become `(a - b)`.",
        "2 more mutants of the sample were not tried: time ran out.",
    ]
