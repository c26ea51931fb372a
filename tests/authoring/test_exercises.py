"""Exercises are made from the text of their solutions: found, named, built, gated, and safe to work in."""

import shutil

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from jupytext.sync_contentsmanager import build_sync_jupytext_contents_manager_class

from helpers.authoring import build, gates
from helpers.authoring.pairs import ROOT, find_pairs, read_notebook, read_text

SOURCE = "notebooks/source/solutions/01-tiny.py"


@pytest.fixture
def pairs(course):
    return course.add_exercises()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("01-tiny", ["01-tiny"]),
        ("notebooks/01-tiny.ipynb", ["01-tiny"]),
        ("notebooks/source/01-tiny.py", ["01-tiny"]),
        ("exercises/01-tiny", ["exercises/01-tiny"]),
        ("notebooks/exercises/01-tiny.ipynb", ["exercises/01-tiny"]),
        ("solutions/01-tiny", ["solutions/01-tiny"]),
        (r"notebooks\solutions\01-tiny.ipynb", ["solutions/01-tiny"]),
        (SOURCE, ["exercises/01-tiny", "solutions/01-tiny"]),
    ],
)
def test_a_name_or_a_path_stands_for_its_notebooks(course, pairs, wanted, found):
    assert [pair.name for pair in find_pairs(course.root, [wanted])] == found


def test_all_pairs_come_chapters_first(course, pairs):
    assert [pair.name for pair in find_pairs(course.root)] == ["01-tiny", "exercises/01-tiny", "solutions/01-tiny"]
    with pytest.raises(ValueError, match="no notebook named exercises/02-none. There are: 01-tiny, exercises/01-tiny"):
        find_pairs(course.root, ["exercises/02-none"])


def test_an_exercise_is_the_solution_without_what_is_tagged(course, pairs):
    exercise, solution = pairs["exercises"].read(), pairs["solutions"].read()
    kept = [cell for cell in solution.cells if cell.metadata.get("tags") != ["solution"]]
    assert [(cell.source, cell.metadata) for cell in kept] == [(cell.source, cell.metadata) for cell in exercise.cells]
    assert len(solution.cells) - len(exercise.cells) == 2 * len(course.tasks)
    assert "41 + 1" not in str(exercise) and "is 42" not in str(exercise)


def test_both_are_built_run_and_gated(course, pairs, capsys):
    for pair in pairs.values():
        pair.notebook.unlink()
        pair.notebook.parent.rmdir()
    assert build.main([SOURCE], course.root) == 0, capsys.readouterr().out
    assert gates.check_all(course.root)[1] == []
    exercise = read_notebook(pairs["exercises"].notebook)
    said = [output.text for cell in exercise.cells for output in cell.get("outputs", [])]
    assert said == [f"Not started: write {name}.\n" for name in course.tasks]
    capsys.readouterr()
    assert build.main([SOURCE], course.root) == 0
    assert capsys.readouterr().out.count("up to date") == 2


def test_a_change_of_the_solution_leaves_the_exercise_as_it_is(course, pairs):
    course.write(SOURCE, pairs["exercises"].source.read_text().replace("41 + 1", "6 * 7"))
    assert not build.build(pairs["exercises"], course.root)
    found = gates.check_all(course.root)[1]
    assert len(found) == 1 and "solutions/01-tiny, cell 4 (In [3]) does not hold what the text source says" in found[0]


def code(notebook, start):
    return next(cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.startswith(start))


def solution_cell(notebook):
    cell = nbformat.v4.new_code_cell(
        "def one():\n    return 41 + 1", metadata={"tags": ["solution"]}, execution_count=3
    )
    notebook.cells.insert(3, cell)


def solution_without_its_tag(notebook):
    code(notebook, "def one").source = "def one():\n    return 41 + 1"


def solution_prose(notebook):
    notebook.cells.append(nbformat.v4.new_markdown_cell("Why two is 42."))


def other_stub(notebook):
    code(notebook, "def one").source += "  # old"


def silent(notebook):
    code(notebook, "check_two").outputs = []


def passes(notebook):
    code(notebook, "check_two").outputs[0].text = "Right: 42.\n"


def fails(notebook):
    code(notebook, "check_two").outputs[0].text = "Wrong: 41.\n"


@pytest.mark.parametrize(
    ("kind", "plant", "said"),
    [
        ("exercises", solution_cell, "cell 4 (In [3]) gives the solution away"),
        ("exercises", solution_without_its_tag, "cell 3 (In [2]) gives the solution away"),
        ("exercises", solution_prose, "cell 11 gives the solution away"),
        ("exercises", other_stub, "does not hold what the text source says"),
        ("exercises", silent, "must say 'Not started:', but it says ''"),
        ("exercises", passes, "cell 7 (In [5]) must say 'Not started:', but it says 'Right: 42.'"),
        ("solutions", fails, "must say 'Right:', but it says 'Wrong: 41.'"),
        ("solutions", silent, "must say 'Right:', but it says ''"),
    ],
)
def test_a_planted_fault_is_refused(course, pairs, kind, plant, said):
    course.store_answers(pairs[kind], plant)
    found = gates.check_all(course.root)[1]
    assert len(found) == 1, found
    assert found[0].startswith(f"{kind}/01-tiny, ") and said in found[0]


STUB, SOLUTION = '# %% tags=["stub"]\n', '# %% tags=["solution"]\n'
ONE = "def one():\n    return "


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (SOLUTION + ONE, "# %%\n" + ONE, "must have one stub and then its solution before it, but it has: stub"),
        (STUB + ONE, "# %%\n" + ONE, "must have one stub and then its solution before it, but it has: solution"),
        (SOLUTION + ONE, '# %% tags=["solution", "stub"]\n' + ONE, "is tagged both stub and solution"),
        ("# %%\ncheck_three(three)", "# %%\nthree()", "ends in a stub that nothing checks"),
        (
            "# %% [markdown]\n# ## Write one",
            '# %% [markdown] tags=["stub"]\n# ## Write one',
            "is tagged stub but holds no code",
        ),
    ],
)
def test_a_solutions_text_out_of_order_is_refused(course, pairs, old, new, said):
    text = pairs["solutions"].source.read_text()
    assert old in text
    course.write(SOURCE, text.replace(old, new, 1))
    course.store_answers(pairs["solutions"])
    assert any(said in fault for fault in gates.check(pairs["solutions"], course.root))


def test_two_tasks_are_too_few_and_five_too_many(course, pairs):
    text = pairs["solutions"].source.read_text()
    few = text[: text.index("# %% [markdown]\n# ## Write three")].rstrip() + "\n"
    many = text + "".join(
        text[text.index("# %% [markdown]\n# ## Write one") :].replace("# %%", "\n# %%", 1) for _ in "1"
    )
    for source, count in ((few, 2), (many, 6)):
        course.write(SOURCE, source)
        course.store_answers(pairs["solutions"])
        (fault,) = gates.check(pairs["solutions"], course.root)
        assert f"the text source has {count} checks; a chapter has 3 or 4" in fault


def test_an_exercise_without_a_solution_is_refused(course, pairs):
    pairs["exercises"].source.unlink()
    found = gates.check_all(course.root)[1]
    assert any(fault.startswith("exercises/01-tiny: 01-tiny.ipynb has no text source") for fault in found)


def test_somebodys_work_in_an_exercise_is_not_overwritten(course, pairs, capsys):
    def work(notebook):
        code(notebook, "def one").source = "def one():\n    return 42"

    course.store_answers(pairs["exercises"], work)
    before = pairs["exercises"].notebook.read_bytes()
    assert build.main(["exercises/01-tiny"], course.root) == 1
    assert "exercises/01-tiny: cell 3 (In [2]) was edited in the notebook" in capsys.readouterr().out
    assert pairs["exercises"].notebook.read_bytes() == before
    assert build.main(["exercises/01-tiny", "--force"], course.root) == 0
    assert gates.check_all(course.root)[1] == []


def test_an_exercise_that_is_only_out_of_date_is_built(course, pairs):
    course.write(SOURCE, pairs["exercises"].source.read_text().replace("## Write one", "## Write one now"))
    assert build.build(pairs["exercises"], course.root)


def saved_in_jupyterlab(pair, root):
    """Copy a pair below root and save its notebook as JupyterLab with Jupytext does; return the texts that are there then."""
    shutil.copy(ROOT / "pyproject.toml", root)
    for path in {pair.notebook, pair.source} if pair.kind != "exercises" else {pair.notebook}:
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    manager = build_sync_jupytext_contents_manager_class(LargeFileManager)(root_dir=str(root))
    place = pair.notebook.relative_to(ROOT).as_posix()
    model = manager.get(place)
    model["content"]["cells"][0]["source"] += "\n\nMine."
    manager.save(model, place)
    assert "Mine." in (root / place).read_text(encoding="utf-8")
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in root.rglob("*.py")}


@pytest.mark.parametrize(
    "pair", [p for p in find_pairs() if p.source.stem == "01-attention"], ids=lambda pair: pair.name
)
def test_saving_in_jupyterlab_writes_the_text_of_chapters_and_solutions_and_none_of_exercises(pair, tmp_path):
    texts = saved_in_jupyterlab(pair, tmp_path)
    if pair.kind == "exercises":
        assert texts == {}
    else:
        before = read_text(pair.source)
        assert list(texts) == [pair.source.relative_to(ROOT).as_posix()]
        (text,) = texts.values()
        assert text.replace("#\n# Mine.\n", "", 1) == before


def test_a_saved_exercise_keeps_its_mark_and_is_built_anew(course, pairs):
    def saved(notebook):
        notebook.metadata["jupytext"] = {"formats": "ipynb", "text_representation": {"extension": ".py"}}

    course.store_answers(pairs["exercises"], saved)
    assert "is not as the build leaves it" in gates.check(pairs["exercises"], course.root)[0]
    assert build.build(pairs["exercises"], course.root)
    assert read_notebook(pairs["exercises"].notebook).metadata["jupytext"] == {"formats": "ipynb"}
