"""Importing the maths, the figures and the panels is light, and touches no global Matplotlib state."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("torch", "transformers", "pandas", "matplotlib.pyplot")

USE_EVERYTHING = """
from helpers.figures import *
from helpers.panels import *
show_bars(["a", "b"], [0.2, 0.8], "t"); show_heatmap([[1]], ["a"], ["b"], "t"); show_links(["a"], [1], 0, "t")
show_curves([1, 2], {"c": [1, 2]}, "t", "x", "y")
AttentionPanel([1, 0], [[1, 0], [0, 1]], [[1], [2]], ["a", "b"])
"""


def loaded_after(code):
    """Run the code in a fresh interpreter and return which of the heavy modules it brought in."""
    check = f"\nimport sys; print('loaded:', *[name for name in {HEAVY!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code + check], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return run.stdout.split("loaded:")[1].split()


def test_the_check_sees_a_heavy_module():
    assert loaded_after("import matplotlib.pyplot") == ["matplotlib.pyplot"]


@pytest.mark.parametrize(
    "code",
    [
        "import helpers.attention, helpers.multi_head, helpers.positions",
        "import helpers.figures",
        "import helpers.panels",
        "import helpers.checkpoints, helpers.models.text",
        USE_EVERYTHING,
    ],
    ids=["maths", "figures", "panels", "models", "used"],
)
def test_no_torch_no_transformers_no_pandas_and_no_pyplot(code):
    assert loaded_after(code) == []


def test_the_maths_brings_in_neither_matplotlib_nor_widgets():
    code = "import sys, helpers.multi_head, helpers.positions; print({'matplotlib', 'ipywidgets'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.strip() == "set()"
