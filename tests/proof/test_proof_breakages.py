"""The mistakes of the proof: each still applies, a stale one is an error, and the course is as it was afterwards."""

import ast
import json
import shutil
from dataclasses import replace

import pytest

from helpers.proof import breakages, planted
from helpers.proof.breakages import Stale, changed_files, read_breakages, try_out
from helpers.proof.journal import Journal, deadline, key_of
from helpers.proof.sandbox import ROOT

ALL = read_breakages()


class Answers:
    """Stands for sandbox.Tests: notices what it is told to, and keeps what it was asked."""

    def __init__(self, *failing):
        self.failing, self.asked = failing, []

    def run(self, arguments):
        """Fail where one of the arguments is among the failing ones."""
        self.asked.append(arguments)
        found = [f"test_x::{one}" for one in self.failing if one in arguments]
        return not found, found, ""


@pytest.fixture
def course(tmp_path):
    """A copy of one helper and one chapter, enough to break."""
    for file in ("helpers/positions.py", "notebooks/source/01-attention.py", "notebooks/01-attention.ipynb"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, tmp_path / file)
    return tmp_path


def named(topic, file):
    """The first entry of a topic and file."""
    return next(one for one in ALL if one.topic == topic and one.file == file)


def test_every_mistake_applies_to_the_course_and_is_python():
    stale = []
    for one in ALL:
        try:
            text = list(changed_files(one).values())[0][1]
            ast.parse(text)
        except (Stale, SyntaxError) as problem:
            stale.append(str(problem))
    assert stale == []


def test_every_mistake_names_tests_that_are_there_and_a_topic_that_is_run():
    assert {one.topic for one in ALL} == set(breakages.ORDER)
    assert [(one.name, test) for one in ALL for test in one.tests if not (ROOT / test).is_file()] == []
    assert [one.name for one in ALL if not one.tests and not one.file.startswith(breakages.SOURCES)] == []
    assert len(ALL) >= 60


@pytest.mark.parametrize(
    "change", [{"old": "not in the file"}, {"old": "\n"}, {"new": "same"}, {"file": "helpers/gone.py"}]
)
def test_a_stale_mistake_is_an_error(course, change):
    one = named("maths", "helpers/positions.py")
    change = {"new": one.old} if change == {"new": "same"} else change
    tests = Answers()
    with pytest.raises(Stale, match=one.name):
        try_out(replace(one, **change), course, tests)
    assert tests.asked == []


def test_a_mistake_is_planted_and_taken_out_again(course):
    one, path = named("maths", "helpers/positions.py"), course / "helpers/positions.py"
    before, seen = path.read_bytes(), []
    tests = Answers(one.tests[0])
    tests.run = lambda arguments, run=tests.run: (seen.append(path.read_bytes()), run(arguments))[1]
    assert try_out(one, course, tests) == (breakages.UNIT, f"test_x::{one.tests[0]}")
    assert seen == [before.replace(one.old.encode(), one.new.encode())] and seen != [before]
    assert path.read_bytes() == before


def test_what_nobody_notices_is_a_survivor(course):
    one = named("maths", "helpers/positions.py")
    assert try_out(one, course, Answers()) == ("", "")


def test_what_the_tests_named_first_do_not_notice_is_asked_of_all(course, tmp_path):
    one, tests = named("maths", "helpers/positions.py"), Answers("tests")
    journal = Journal(tmp_path / "deep" / "journal")
    told = []
    tried = breakages._try_all([one], course, tests, told.append, journal, float("inf"))
    assert tried == [(one, breakages.UNIT, "test_x::tests")]
    assert [asked[1:] for asked in tests.asked] == [list(one.tests), ["tests"]]
    assert (
        breakages._try_all([one], course, tests, told.append, Journal(journal.path), float("inf"))[0][1:]
        == tried[0][1:]
    )
    assert len(tests.asked) == 2  # the second time the journal knew


def test_time_that_is_over_leaves_mistakes_untried(course, tmp_path):
    one = named("maths", "helpers/positions.py")
    assert breakages._try_all([one], course, Answers(), print, Journal(tmp_path / "j"), float("-inf")) == []


def test_a_chapters_mistake_goes_into_text_and_notebook_but_not_into_the_outputs(course):
    one = named("notebooks", "notebooks/source/01-attention.py")
    files = changed_files(one, course)
    assert [path.name for path in files] == ["01-attention.py", "01-attention.ipynb"]
    before, after = (json.loads(content) for content in files[course / "notebooks/01-attention.ipynb"])
    different = [(old, new) for old, new in zip(before["cells"], after["cells"], strict=True) if old != new]
    assert len(different) == 1
    assert one.new in "".join(different[0][1]["source"])
    assert different[0][0] | {"source": ""} == different[0][1] | {"source": ""}


def test_names_of_the_report_become_names_for_pytest():
    where = "checkpoints.test_checkpoint_faults::test_x[a-b::c]"
    assert breakages._test_of(where, ROOT) == "tests/checkpoints/test_checkpoint_faults.py::test_x"
    assert breakages._test_of("::tests.test_attention", ROOT) == "tests/test_attention.py"
    assert breakages._test_of("pytest did not end within 10 minutes", ROOT) == ""


def test_every_stored_text_is_changed_and_nothing_else():
    notebook = json.loads((ROOT / "notebooks/01-attention.ipynb").read_text(encoding="utf-8"))
    before = json.loads(json.dumps(notebook))
    cells = planted.change_outputs(notebook)
    code = [
        (old, new) for old, new in zip(before["cells"], notebook["cells"], strict=True) if old["cell_type"] == "code"
    ]
    assert cells == {number for number, (old, new) in enumerate(code) if old != new} and cells
    assert cells == {number for number, (old, _) in enumerate(code) if old["outputs"]}
    assert all(old["source"] == new["source"] for old, new in code)


@pytest.mark.parametrize(
    ("text", "changed"), [("a 1.29\n", "a 1.20\n"), ("9", "0"), ("True", "Truq"), ("q!", "z!"), ("", "x")]
)
def test_a_text_is_changed_at_its_end(text, changed):
    assert planted._changed(text) == changed


def test_pictures_are_swapped_where_two_differ():
    def cell(picture):
        return {"cell_type": "code", "outputs": [{"output_type": "display_data", "data": {"image/png": picture}}]}

    notebook = {"cells": [cell("a"), cell("a"), cell("b")]}
    assert planted.swap_pictures(notebook)
    assert [one["outputs"][0]["data"]["image/png"] for one in notebook["cells"]] == ["b", "a", "a"]
    assert not planted.swap_pictures({"cells": [cell("a")]})
    assert not planted.swap_pictures({"cells": []})


def test_a_journal_goes_on_behind_a_line_that_was_cut_off(tmp_path):
    journal = Journal(tmp_path / "deep" / "journal")
    journal.put("a", ["unit tests", "x"])
    with open(journal.path, "a", encoding="utf-8") as file:
        file.write('["b", tr')
    assert Journal(journal.path).answers == {"a": ["unit tests", "x"]}
    assert key_of(1, b"x") == key_of(1, b"x") != key_of(1, b"y")


def test_the_deadline_is_a_number_of_minutes_or_never():
    assert deadline({}) == float("inf")
    assert 0 < deadline({"PROOF_MINUTES": "2"}) < float("inf")


@pytest.mark.parametrize(
    "who, where, told",
    [
        (breakages.UNIT, "authoring.test_bundle::test_x[1]", breakages.TOOLS_UNIT),
        (breakages.UNIT, "test_attention::test_x", breakages.UNIT),
        (breakages.UNIT, "", breakages.UNIT),
        ("notebook", "authoring.test_bundle::test_x", "notebook"),
        ("", "", ""),
    ],
)
def test_what_make_test_leaves_to_the_tools_is_not_counted_as_its_own(who, where, told):
    assert breakages._by_whom(who, where, ROOT) == told
