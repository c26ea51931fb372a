"""A changed number in a figure or a panel fails the strict re-run of its notebook, and an unchanged one passes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
NO_PLUGINS = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"  # set where the planted mistakes are run; nbval is a plugin
LIVE_VIEW = "application/vnd.jupyter.widget-view+json"

# name: (source, a number in it, what that is changed to)
CELLS = {
    "figure": ("from helpers.figures import show_bars\nshow_bars(['a', 'b'], [0.25, 0.75], 'weights')", "0.75", "0.76"),
    "panel": (
        "from helpers.panels import AttentionPanel\n"
        "AttentionPanel([1, 0], [[1, 0], [0, 1]], [[1.5], [-2]], ['a', 'b'])",
        "1.5",
        "2.0",
    ),
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Variables for kernels: the helpers are found, this Python is used, and the home folder is left alone."""
    home = str(tmp_path_factory.mktemp("home"))
    return {"PYTHONPATH": str(ROOT)} | dict.fromkeys(("IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"), home)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory, environment):
    """A notebook with each cell twice, executed and cleaned as the build does; then the second half is changed."""
    path = tmp_path_factory.mktemp("notebooks") / "small.ipynb"
    sources = [source for source, _, _ in CELLS.values()] * 2
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(path.parent)}}).execute()
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for output in cell.outputs:
            output.data.pop(LIVE_VIEW, None)
    for cell, (_, number, other) in zip(notebook.cells[len(CELLS) :], CELLS.values(), strict=True):
        assert number in cell.source
        cell.source = cell.source.replace(number, other)
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def report(notebook, environment):
    """What strict nbval says of the notebook: {cell number: outcome}, and its log."""
    strict = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", "-rA", "-q", "-p", "no:cacheprovider"]
    here = ["--rootdir", str(notebook.parent), "--confcutdir", str(notebook.parent)]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *strict, *here, str(notebook)],
        cwd=notebook.parent,
        env={name: value for name, value in os.environ.items() if name != NO_PLUGINS} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = re.findall(r"^(PASSED|FAILED|ERROR) small\.ipynb::Cell (\d+)", run.stdout, re.MULTILINE)
    return {int(cell): outcome for outcome, cell in found}, run.stdout


def test_the_stored_outputs_hold_picture_words_and_alt_text_and_no_live_view(notebook):
    for cell in nbformat.read(notebook, as_version=4).cells:
        (output,) = cell.outputs
        assert set(output.data) == {"image/png", "text/plain"}
        assert output.metadata["image/png"]["alt"] == output.data["text/plain"]
        assert cell.execution_count is not None


@pytest.mark.parametrize("place, name", list(enumerate(CELLS)))
def test_an_unchanged_figure_and_an_unchanged_panel_pass(report, place, name):
    outcomes, log = report
    assert outcomes[place] == "PASSED", log


@pytest.mark.parametrize("place, name", list(enumerate(CELLS, start=len(CELLS))))
def test_a_changed_number_in_a_figure_and_in_a_panel_fails(report, place, name):
    outcomes, log = report
    assert outcomes[place] == "FAILED", log
    assert "mismatch 'text/plain'" in log
