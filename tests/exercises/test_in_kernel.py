"""The checks in a real kernel: what the learner reads, and that the kernel goes on."""

import os

import nbformat
import pytest
from nbclient import NotebookClient

from helpers.authoring.pairs import ROOT

CELLS = {
    "start": "import numpy as np\nfrom helpers.checks.chapter_01 import check_softmax",
    "endless": "def f(scores):\n    while True:\n        scores = scores + 1\n\n\ncheck_softmax(f)",
    "error": "def g(scores):\n    x = scores\n    return x[10]  # too far\n\n\ncheck_softmax(g)",
    "prints": "def h(scores):\n    print('largest', scores.max())\n    return np.exp(scores)\n\n\ncheck_softmax(h)",
    "exit": "def k(scores):\n    raise SystemExit\n\n\ncheck_softmax(k)",
    "right": "def m(scores):\n    e = np.exp(scores - scores.max())\n    return e / e.sum()\n\n\ncheck_softmax(m)",
    "alive": "print(sum(range(100_000)))",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Return what each cell printed, all in one kernel."""
    home = str(tmp_path_factory.mktemp("home"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.execute(env=os.environ | {"PYTHONPATH": str(ROOT), "IPYTHONDIR": home})
    outputs = zip(CELLS, notebook.cells, strict=True)
    assert all(output.get("name") == "stdout" for _, cell in outputs for output in cell.outputs)
    return {name: "".join(o.text for o in cell.outputs) for name, cell in zip(CELLS, notebook.cells, strict=True)}


def test_an_endless_loop_ends_after_some_seconds(said):
    assert said["endless"].startswith("Wrong: your function did not come to an end: it was still running after ")


def test_an_error_shows_the_learners_line_and_no_path(said):
    assert said["error"].startswith("Wrong: your function stops with an error.\n  IndexError: ")
    assert "\n  in line 3: return x[10]  # too far\n" in said["error"]
    assert "ipykernel" not in said["error"] and "File" not in said["error"]


def test_prints_stand_below_the_hint(said):
    assert said["prints"].startswith("Wrong: every score went through exp")
    assert said["prints"].endswith("Your function printed:\n  largest 3.0\n")


def test_leaving_the_kernel_is_no_way_out(said):
    assert said["exit"].startswith("Wrong: your function")


def test_the_kernel_goes_on(said):
    assert said["right"].startswith("Right: ") and said["alive"] == "4999950000\n"
