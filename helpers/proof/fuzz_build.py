"""Targets: the build of notebooks and exercises from texts of any kind, also where the disk refuses or a cell fails."""

import contextlib
import io
import os
import shutil
import tempfile
from pathlib import Path
from unittest import mock

import nbformat
from hypothesis import strategies as st
from nbformat.v4 import new_output

from helpers.authoring import build as building
from helpers.authoring import exercises, gates
from helpers.authoring.pairs import EXERCISES, SOLUTION, find_pairs, has_tag, read_notebook
from helpers.proof.fuzz_engine import ANSWER, REFUSAL, Target
from helpers.proof.fuzz_inputs import texts

KERNEL = "#   kernelspec:\n#     display_name: Python 3\n#     language: python\n#     name: python3\n"
HEADER = f"# ---\n# jupyter:\n{KERNEL}# ---\n\n"
OLD = '{"cells": [], "metadata": {"course": {"built_from": "before"}}, "nbformat": 4, "nbformat_minor": 5}\n'

cell = st.sampled_from([
    "# %%\n", '# %% tags=["stub"]\n', '# %% tags=["solution"]\n', "# %% [markdown]\n",
    '# %% [markdown] tags=["solution"]\n', "# %% tags=3\n",
    '# %% tags=["stub", "solution"]\n', '# %% tags=["nbval-skip"]\n', "# %% [raw]\n", "# %%%\n", "# ---\n", "# %% {\n",
])  # fmt: skip
body = st.one_of(
    st.sampled_from(["check_one(one)\n", "def one():\n    return ...\n", "# # Title\n", "# ![](x.png)\n",
    "%time x\n", "!ls\n", "import helpers\n",
                     "from helpers.attention import softmax\n", "x = (\n",
                     "'''\n", "# +\n", "\\\n", "\r\n", "print('é')\n", "1 / 0\n"]),
    texts.map(lambda text: text.encode("utf-8", "ignore").decode("utf-8") + "\n"),
)  # fmt: skip
sources = st.tuples(
    st.sampled_from([
        HEADER,
        HEADER,
        HEADER,
        "",
        "# ---\n# jupyter: 3\n# ---\n",
        "# ---\n# jupyter: [\n# ---\n",
        "# ---\n",
    ]),
    st.lists(st.tuples(cell, st.lists(body, max_size=2)), max_size=6),
).map(lambda pair: pair[0] + "".join(head + "".join(lines) for head, lines in pair[1]))
TASK = """# %% [markdown]
# # A task

# %% tags=["stub"]
def one():
    return ...

# %% tags=["solution"]
def one():
    return 1

# %%
check_one(one)
"""
FITS = (HEADER + "\n".join([TASK] * 3)).splitlines(keepends=True)
nearly = st.tuples(st.integers(0, len(FITS) - 1), st.sampled_from(["keep", "keep", "drop", "twice"])).map(
    lambda pair: "".join(
        line * {"keep": 1, "drop": 0, "twice": 2}[pair[1]] if place == pair[0] else line
        for place, line in enumerate(FITS)
    )
)
FAULTS = ("", "", "", "cell", "write", "replace", "interrupt")


def _executed(fault):
    """Stand in for the kernel: outputs of a kind for every cell; a kernel a text would take seconds."""

    def execute(notebook, pair, root):
        pair.notebook.parent.mkdir(parents=True, exist_ok=True)
        if fault == "cell":
            raise building.BuildError(f"{pair.name}, cell 1, failed: planted")
        if fault == "interrupt":
            raise KeyboardInterrupt
        for count, part in enumerate((one for one in notebook.cells if one.cell_type == "code"), start=1):
            part.execution_count = count
            says = "Not started: x\n" if pair.kind == EXERCISES else "Right: x\n"
            part.outputs = [new_output("stream", name="stdout", text=says)]
        return notebook

    return execute


def _refuses(fault):
    """Let the disk refuse what the build writes, half-way through, or the last step."""
    stack = contextlib.ExitStack()
    write = Path.write_bytes

    def half(path, content):
        write(path, content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    if fault == "write":
        stack.enter_context(mock.patch.object(Path, "write_bytes", half))
    if fault == "replace":
        stack.enter_context(mock.patch.object(os, "replace", mock.Mock(side_effect=PermissionError(13, "closed"))))
    return stack


def _build(case):
    text, fault, chapter = case
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as place:
        root = Path(place)
        shutil.copy(building.ROOT / "pyproject.toml", root)
        source = root / "notebooks" / "source" / ("" if chapter else "solutions") / "01-x.py"
        source.parent.mkdir(parents=True)
        source.write_bytes(text.encode())
        kinds = (
            ("notebooks/01-x.ipynb",)
            if chapter
            else ("notebooks/exercises/01-x.ipynb", "notebooks/solutions/01-x.ipynb")
        )
        for name in kinds:
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(OLD)
        out, status = io.StringIO(), None
        with (
            mock.patch.object(building, "_execute", _executed(fault)),
            _refuses(fault),
            contextlib.redirect_stdout(out),
        ):
            try:
                status = building.main(["--force"], root)
            except KeyboardInterrupt:
                if fault != "interrupt":
                    raise
        _whole_files(root, kinds, fault)
        if "Traceback" in out.getvalue() or (status and not out.getvalue().strip()):
            raise AssertionError(f"status {status}: {out.getvalue()}")
        if status == 0:
            _fits(root)
    return ANSWER if status == 0 else REFUSAL


def _whole_files(root, kinds, fault):
    """See that each notebook is the old one or a whole new one, and that nothing half-written stays under its name."""
    for name in kinds:
        stored = (root / name).read_text(encoding="utf-8")
        if stored != OLD:
            nbformat.validate(nbformat.reads(stored, as_version=4))
            if fault in ("cell", "write", "replace", "interrupt"):
                raise AssertionError(f"{name} was changed by a build that failed")
    left = [path for path in (root / "notebooks").rglob("*") if path.is_file() and path.suffix not in (".py", ".ipynb")]
    if left:
        raise AssertionError(f"left behind: {[path.name for path in left]}")


def _fits(root):
    """See that a notebook which the gates let pass is what its text says, without what only solutions show."""
    for pair in find_pairs(root):
        stored = read_notebook(pair.notebook)
        if pair.kind == EXERCISES and any(has_tag(one, SOLUTION) for one in stored.cells):
            raise AssertionError("an exercise gives its solution away")
        if exercises.answer_faults(pair, stored) or gates.check(pair, root):
            raise AssertionError("gates that let pass what they refuse")


def targets():
    """Return the targets of the build."""
    cases = st.tuples(st.one_of(sources, nearly), st.sampled_from(FAULTS), st.booleans())
    return [Target("build", "notebooks, exercises and solutions from a text", cases, _build, 2500, 30)]
