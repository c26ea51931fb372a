"""Find each notebook and the text it is built from, and read both."""

from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).resolve().parents[2]

# Folder of the notebooks: folder of their text sources, both below the course's root.
FOLDERS = {"notebooks": "notebooks/source"}

SHARED_METADATA = ("slideshow", "tags")  # what a cell's two halves share besides type and source

# The filters of [tool.jupytext] in pyproject.toml, for the text that JupyterLab would write on saving.
_FILTERS = {"notebook_metadata_filter": "kernelspec,-all", "cell_metadata_filter": "tags,slideshow,-all"}


@dataclass(frozen=True)
class Pair:
    """A notebook and its text source; either file may still be missing."""

    notebook: Path
    source: Path

    @property
    def name(self):
        """Return the name that messages use: the file's name without its ending."""
        return self.source.stem


def find_pairs(root=ROOT, names=()):
    """Return the pairs below root in order of name, all of them or those asked for.

    names: "01-attention", or a path to either half. Raises ValueError for a name that no pair has.
    """
    pairs = []
    for notebooks, sources in FOLDERS.items():
        folders = (Path(root) / notebooks, ".ipynb"), (Path(root) / sources, ".py")
        stems = {path.stem for folder, ending in folders for path in folder.glob("*" + ending)}
        pairs += [Pair(*(folder / (stem + ending) for folder, ending in folders)) for stem in sorted(stems)]
    if not names:
        return pairs
    wanted = [Path(name).name.removesuffix(".py").removesuffix(".ipynb") for name in names]
    unknown = [name for name in wanted if name not in {pair.name for pair in pairs}]
    if unknown:
        known = ", ".join(pair.name for pair in pairs) or "none"
        raise ValueError(f"There is no notebook named {', '.join(unknown)}. There are: {known}.")
    return [pair for pair in pairs if pair.name in wanted]


def read_text(path):
    """Return a text file with newlines as \\n, so that a Windows checkout reads the same."""
    return Path(path).read_text(encoding="utf-8").replace("\r\n", "\n")


def read_source(path):
    """Return the percent script as a notebook without outputs, in format 4.5, with the kernel that its header names."""
    return _plain(jupytext.reads(read_text(path), fmt="py:percent"))


def read_notebook(path):
    """Return the notebook file as nbformat's NotebookNode, version 4."""
    return nbformat.reads(read_text(path), as_version=4)


def as_source(notebook):
    """Return the text that Jupytext writes for this notebook when it is saved in JupyterLab."""
    copy = nbformat.from_dict(notebook)
    copy.metadata["jupytext"] = dict(_FILTERS)
    return jupytext.writes(copy, fmt="py:percent")


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
