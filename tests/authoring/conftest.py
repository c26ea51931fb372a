"""A tiny course in a temporary folder, so that the tools can be tried on faults without touching the real one."""

import textwrap

import nbformat
import pytest

from helpers.authoring.clean import as_bytes, clean
from helpers.authoring.fingerprint import fingerprint
from helpers.authoring.pairs import CHAPTERS, EXERCISES, Pair, find_pairs, read_source

HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

"""

TINY = """\
# %% [markdown] slideshow={"slide_type": "slide"}
# # Count to four

# %%
from helpers.small import double

double(2)

# %% tags=["raises-exception"]
double("no") + 1

# %%
print("first")
print("second")
"""

TASKS = ("one", "two", "three")

TASK = """\
# %% [markdown]
# ## Write {name}

# %% tags=["stub"]
def {name}():
    return ...


# %% tags=["solution"]
def {name}():
    return 41 + 1


# %% [markdown] tags=["solution"]
# Why {name} is 42.

# %%
check_{name}({name})

"""

CHECKS = "from helpers.small import double\n\n\n" + "\n\n".join(
    f"def check_{name}(f):\n    print('Not started: write {name}.' if f() is ... else 'Right: 42.')\n" for name in TASKS
)


class Course:
    """The folder of a tiny course with one notebook, 01-tiny, and room for its exercises."""

    tasks = TASKS

    def __init__(self, root):
        self.root = root
        self.pair = Pair(root / "notebooks/01-tiny.ipynb", root / "notebooks/source/01-tiny.py")
        self.write("pyproject.toml", '[project]\ndependencies = ["numpy==2.4.6"]\n')
        self.write("helpers/__init__.py", "")
        self.write(
            "helpers/small.py", "from helpers import smaller\n\n\ndef double(x):\n    return smaller.add(x, x)\n"
        )
        self.write("helpers/smaller.py", "def add(x, y):\n    return x + y\n")
        self.write("helpers/unused.py", "x = 1\n")
        self.write_source(TINY)

    def write(self, path, text):
        """Write one file of the course, with \\n newlines on every system."""
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(textwrap.dedent(text).encode("utf-8"))

    def add_exercises(self):
        """Write the text of the solutions to 01-tiny and store both notebooks; return the pairs by kind."""
        self.write("helpers/checks.py", CHECKS)
        imports = f"# %%\nfrom helpers.checks import {', '.join(f'check_{name}' for name in TASKS)}\n\n"
        self.write_solutions(imports + "".join(TASK.format(name=name) for name in TASKS).rstrip() + "\n")
        pairs = {pair.kind: pair for pair in find_pairs(self.root) if pair.kind != CHAPTERS}
        for pair in pairs.values():
            self.store_answers(pair)
        return pairs

    def write_solutions(self, cells):
        """Write the text source of the solutions: the header, then these cells."""
        self.write("notebooks/source/solutions/01-tiny.py", HEADER + cells)

    def store_answers(self, pair, change=lambda notebook: None):
        """Store the notebook of an exercise or a solution as built, its outputs filled in by hand, then changed."""
        notebook = pair.read()
        notebook.metadata["course"] = {"built_from": fingerprint(notebook, self.root)}
        for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
            cell.execution_count = count
            if cell.source.startswith("check_"):
                said = (
                    f"Not started: write {cell.source[6:].split('(')[0]}." if pair.kind == EXERCISES else "Right: 42."
                )
                cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=said + "\n")]
        notebook = clean(notebook, pair.name, self.root)
        change(notebook)
        pair.notebook.parent.mkdir(parents=True, exist_ok=True)
        pair.notebook.write_bytes(as_bytes(notebook))

    def write_source(self, cells):
        """Write the notebook's text source: the header, then these cells."""
        self.write("notebooks/source/01-tiny.py", HEADER + cells)

    def executed(self):
        """Return the notebook as a build makes it, its outputs filled in by hand, which takes no kernel."""
        notebook = read_source(self.pair.source)
        notebook.metadata["course"] = {"built_from": fingerprint(notebook, self.root)}
        outputs = iter([
            [nbformat.v4.new_output("execute_result", {"text/plain": "4"}, execution_count=1)],
            [nbformat.v4.new_output("error", ename="TypeError", evalue="no", traceback=["TypeError: no"])],
            [nbformat.v4.new_output("stream", name="stdout", text="first\nsecond\n")],
        ])
        for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
            cell.outputs, cell.execution_count = next(outputs), count
        return clean(notebook, self.pair.name, self.root)

    def store(self, notebook):
        """Write this notebook as the built one."""
        self.pair.notebook.write_bytes(as_bytes(notebook))


@pytest.fixture
def course(tmp_path):
    """Return a Course whose notebook is stored and clean."""
    made = Course(tmp_path)
    made.store(made.executed())
    return made
