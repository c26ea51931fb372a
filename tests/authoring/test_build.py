"""The build: one way, whole, the same bytes every time, and nothing lost when a cell fails."""

import os
from pathlib import Path

import nbformat
import pytest

from helpers.authoring import build, gates
from helpers.authoring.build import BuildError
from helpers.authoring.clean import clean
from helpers.authoring.pairs import read_notebook


def bytes_of(course):
    return course.pair.notebook.read_bytes()


def test_a_built_notebook_is_executed_clean_and_stays_the_same_bytes(course, capsys):
    course.pair.notebook.unlink()
    assert build.main([], course.root) == 0
    first = bytes_of(course)
    notebook = read_notebook(course.pair.notebook)
    assert [cell.execution_count for cell in notebook.cells[1:]] == [1, 2, 3]
    assert notebook.cells[1].outputs[0].data["text/plain"] == "4"
    assert notebook.cells[2].outputs[0].ename == "TypeError"
    assert str(course.root) not in first.decode()  # not even in the traceback
    assert notebook.cells[3].outputs[0].text == "first\nsecond\n"
    assert "version" not in notebook.metadata.language_info
    assert gates.check(course.pair, course.root) == []
    assert first.endswith(b"}\n") and b"\r" not in first

    assert build.main([], course.root) == 0
    assert "up to date" in capsys.readouterr().out
    assert build.main(["01-tiny", "--force"], course.root) == 0
    assert "[1/1] 01-tiny  built in" in capsys.readouterr().out
    assert bytes_of(course) == first


def test_a_stored_traceback_names_no_folder_of_this_machine(tmp_path):
    lines = [f"File {tmp_path}/helpers/attention.py:3, in softmax", f"File {Path.home()}/lib/numpy.py:1"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    notebook.cells[0].outputs = [nbformat.v4.new_output("error", ename="E", evalue="e", traceback=lines)]
    (output,) = clean(notebook, "01-tiny", tmp_path).cells[0].outputs
    assert output.traceback == ["File helpers/attention.py:3, in softmax", "File ~/lib/numpy.py:1"]


@pytest.mark.parametrize("failing", ["1 / 0", "import os, signal\nos.kill(os.getpid(), 9)"])
def test_a_failing_cell_is_named_and_the_old_notebook_stays(course, capsys, failing):
    if "kill" in failing and os.name == "nt":
        pytest.skip("Windows has no signal 9")
    before = bytes_of(course)
    course.write_source(f"# %%\nfine = 1\n\n# %%\n{failing}\n")
    assert build.main([], course.root) == 1
    said = capsys.readouterr().out
    assert "FAILED" in said
    assert "01-tiny, cell " in said
    assert "ZeroDivisionError: division by zero" in said or "its kernel died" in said
    assert bytes_of(course) == before
    assert not list(course.pair.notebook.parent.glob("*.building"))


def test_a_cell_that_never_ends_is_named(course, monkeypatch):
    monkeypatch.setattr(build, "CELL_TIMEOUT", 1)
    course.write_source("# %%\nimport time\n\ntime.sleep(60)\n")
    with pytest.raises(BuildError, match="cell 1.* ran for more than 1 seconds"):
        build.build(course.pair, course.root)


def test_a_notebook_saved_in_jupyterlab_is_run_again(course):
    assert not build.build(course.pair, course.root)  # what the fixture stored is up to date
    notebook = read_notebook(course.pair.notebook)
    notebook.cells[1].metadata["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
    course.store(notebook)
    assert build.build(course.pair, course.root)


def test_a_header_without_the_kernel_is_said(course):
    course.write("notebooks/source/01-tiny.py", "# %%\n1\n")
    with pytest.raises(BuildError, match="header must name the kernel python3"):
        build.build(course.pair, course.root)


def test_an_unknown_name_and_a_missing_source_are_said(course, capsys):
    assert build.main(["02-none"], course.root) == 1
    assert "There is no notebook named 02-none. There are: 01-tiny." in capsys.readouterr().out
    course.pair.source.unlink()
    with pytest.raises(BuildError, match="there is no text source"):
        build.build(course.pair, course.root)
