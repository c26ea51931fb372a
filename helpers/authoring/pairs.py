"""Find each notebook and the text it is built from, and read both.

Chapters and solutions are paired by Jupytext: the text holds every cell of the notebook. An exercise notebook has no
text of its own: it is made from the text of its solution, without the cells tagged `solution`.
"""

from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).resolve().parents[2]

CHAPTERS, EXERCISES, SOLUTIONS = "chapters", "exercises", "solutions"

# Folder of the notebooks: folder of their text sources, both below the course's root.
FOLDERS = {
    CHAPTERS: ("notebooks", "notebooks/source"),
    EXERCISES: ("notebooks/exercises", "notebooks/source/solutions"),
    SOLUTIONS: ("notebooks/solutions", "notebooks/source/solutions"),
}

STUB, SOLUTION = "stub", "solution"  # tags: where the learner writes, and what only the solutions show

SHARED_METADATA = ("slideshow", "tags")  # what a cell's two halves share besides type and source

# What an exercise notebook says of itself, so that saving it in JupyterLab writes no text beside it.
UNPAIRED = {"formats": "ipynb"}

# The filters of [tool.jupytext] in pyproject.toml, for the text that JupyterLab would write on saving.
_FILTERS = {"notebook_metadata_filter": "kernelspec,-all", "cell_metadata_filter": "tags,slideshow,-all"}


@dataclass(frozen=True)
class Pair:
    """A notebook and its text source; either file may still be missing."""

    notebook: Path
    source: Path
    kind: str = CHAPTERS

    @property
    def name(self):
        """Return the name that messages and commands use: 01-attention, exercises/01-attention."""
        return self.source.stem if self.kind == CHAPTERS else f"{self.kind}/{self.source.stem}"

    def read(self):
        """Return the notebook that the text source says, without outputs; an exercise comes without its solution."""
        notebook = read_source(self.source)
        if self.kind == EXERCISES:
            notebook.cells = [cell for cell in notebook.cells if not has_tag(cell, SOLUTION)]
            notebook.metadata["jupytext"] = dict(UNPAIRED)
        return notebook


def find_pairs(root=ROOT, names=()):
    """Return the pairs below root: chapters, exercises, solutions, each in order; all of them or those asked for.

    names: "01-attention" (the chapter), "exercises/01-attention", or a path to either half; the text of a solution
    stands for the solution and the exercise. Raises ValueError for a name that no pair has.
    """
    pairs = [pair for kind in FOLDERS for pair in _pairs_of(kind, Path(root))]
    if not names:
        return pairs
    wanted = [part for name in names for part in _names(str(name))]
    unknown = [name for name in wanted if name not in {pair.name for pair in pairs}]
    if unknown:
        known = ", ".join(pair.name for pair in pairs) or "none"
        raise ValueError(f"There is no notebook named {', '.join(unknown)}. There are: {known}.")
    return [pair for pair in pairs if pair.name in wanted]


def _pairs_of(kind, root):
    notebooks, sources = (root / folder for folder in FOLDERS[kind])
    stems = {path.stem for path in notebooks.glob("*.ipynb")} | {path.stem for path in sources.glob("*.py")}
    return [Pair(notebooks / f"{stem}.ipynb", sources / f"{stem}.py", kind) for stem in sorted(stems)]


def _names(name):
    """Return the pairs' names that a name or a path on the command line stands for."""
    parts = name.replace("\\", "/").removesuffix(".py").removesuffix(".ipynb").split("/")
    folder = parts[-2] if len(parts) > 1 else ""
    if folder not in (EXERCISES, SOLUTIONS):
        return [parts[-1]]
    both = folder == SOLUTIONS and parts[-3:-2] == ["source"]
    return [f"{kind}/{parts[-1]}" for kind in ((EXERCISES, SOLUTIONS) if both else (folder,))]


def read_text(path):
    """Return a text file with newlines as \\n, so that a Windows checkout reads the same."""
    return Path(path).read_text(encoding="utf-8").replace("\r\n", "\n")


def read_source(path):
    """Return the percent script as a notebook without outputs, in format 4.5, with the kernel that its header names.

    Raises ValueError that names the file for what Jupytext cannot read, and for tags that are no list of words.
    """
    name = Path(path).name
    try:
        notebook = jupytext.reads(read_text(path), fmt="py:percent")
    except Exception as problem:  # of YAML, JSON, Jupytext or the file: many kinds
        said = " ".join(str(problem).split())
        raise ValueError(f"{name} is not a text of cells: {type(problem).__name__}: {said}.") from None
    for number, cell in enumerate(notebook.cells, start=1):
        tags = cell.metadata.get("tags", [])
        if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
            raise ValueError(f"{name}, cell {number}: tags must be a list of words, but they are {tags!r}.")
    return _plain(notebook)


def read_notebook(path):
    """Return the notebook file as nbformat's NotebookNode, version 4."""
    return nbformat.reads(read_text(path), as_version=4)


def as_source(notebook):
    """Return the text that Jupytext writes for this notebook when it is saved in JupyterLab."""
    copy = nbformat.from_dict(notebook)
    copy.metadata["jupytext"] = dict(_FILTERS)
    return jupytext.writes(copy, fmt="py:percent")


def has_tag(cell, tag):
    """Return whether a cell has this tag."""
    return tag in cell.metadata.get("tags", [])


def shared_metadata(cell):
    """Return the part of a cell's metadata that both halves of a pair must hold alike."""
    return {key: cell.metadata[key] for key in SHARED_METADATA if cell.metadata.get(key)}


def cell_name(notebook, number):
    """Return how messages name the cell with this index: its place, and its In number where it has one."""
    count = notebook.cells[number].get("execution_count")
    return f"cell {number + 1}" + (f" (In [{count}])" if count else "")


def _plain(notebook):
    metadata = {"kernelspec": notebook.metadata["kernelspec"]} if "kernelspec" in notebook.metadata else {}
    return nbformat.v4.new_notebook(cells=notebook.cells, metadata=metadata)
