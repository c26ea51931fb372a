"""What a notebook is built from: everything that can change it counts, and nothing else."""

import pytest

from helpers.authoring.fingerprint import fingerprint, helper_files
from helpers.authoring.pairs import read_source


def now(course):
    return fingerprint(read_source(course.pair.source), course.root)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("notebooks/source/01-tiny.py", "second", "third"),
        ("notebooks/source/01-tiny.py", '"slide"}', '"skip"}'),
        ("helpers/small.py", "x, x", "x, 2 * x"),
        ("helpers/smaller.py", "x + y", "x - y"),  # imported by a helper, not by the notebook
        ("helpers/__init__.py", "", "# new\n"),
        ("pyproject.toml", "2.4.6", "2.5.0"),
    ],
)
def test_a_change_of_what_it_is_built_from_counts(course, path, old, new):
    before = now(course)
    text = (course.root / path).read_text()
    course.write(path, text.replace(old, new) if old else new)
    assert now(course) != before


def test_other_files_and_newlines_do_not_count(course):
    before = now(course)
    course.write("helpers/unused.py", "x = 2\n")
    for path in course.root.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert now(course) == before


@pytest.mark.parametrize(
    "text",
    ["import helpers.figures.bars", "from helpers.figures import bars", "def f():\n    from helpers import figures"],
)
def test_imports_are_followed_with_packages_and_their_data(course, text):
    course.write("helpers/figures/__init__.py", "from .bars import Bars\n")
    course.write("helpers/figures/bars.py", "from . import style\nfrom ..smaller import add\n")
    course.write("helpers/figures/style.py", "")
    course.write("helpers/figures/colours.txt", "blue")
    found = {path.relative_to(course.root).as_posix() for path in helper_files([text], course.root)}
    names = {"__init__.py", "figures/__init__.py", "figures/bars.py", "figures/style.py", "figures/colours.txt"}
    assert found == {f"helpers/{name}" for name in names | {"smaller.py"}}


def test_the_weights_count_where_checkpoints_are_used_and_only_there(course):
    manifest = "helpers/pocket/checkpoints/manifest.json"
    course.write(manifest, "{}")
    course.write("helpers/checkpoints/__init__.py", "")
    course.write("helpers/models.py", "def load():\n    from helpers.checkpoints import choose\n")
    before = now(course)
    course.write(manifest, '{"weights": 1}')
    assert now(course) == before
    for importing in ("from helpers.checkpoints import checkpoint", "import helpers.models"):
        course.write_source(f"# %%\n{importing}\n")
        before = now(course)
        course.write(manifest, course.root.joinpath(manifest).read_text() + " ")
        assert now(course) != before


def test_an_exercise_is_not_made_from_its_solution(course):
    pairs = course.add_exercises()
    before = {kind: fingerprint(pair.read(), course.root) for kind, pair in pairs.items()}
    text = pairs["exercises"].source
    text.write_text(text.read_text().replace("41 + 1", "6 * 7"))
    after = {kind: fingerprint(pair.read(), course.root) for kind, pair in pairs.items()}
    assert after["exercises"] == before["exercises"] and after["solutions"] != before["solutions"]
