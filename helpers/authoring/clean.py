"""Make an executed notebook the same bytes every time: no state, no timings, no paths of this machine."""

import hashlib
import json
from pathlib import Path

import nbformat

from helpers.authoring.pairs import UNPAIRED

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PICTURE = "image/png"


def clean(notebook, name, root):
    """Return a cleaned copy of an executed notebook.

    name: the notebook's name, part of every cell id. root: the course's folder, left out of stored tracebacks.
    """
    copy = nbformat.from_dict(json.loads(json.dumps(notebook)))
    copy.nbformat, copy.nbformat_minor = 4, 5
    copy.metadata = nbformat.from_dict(_notebook_metadata(copy.metadata))
    seen, count = {}, 0
    for cell in copy.cells:
        content = f"{name}\n{cell.cell_type}\n{cell.source}"
        seen[content] = seen.get(content, 0) + 1
        cell.id = hashlib.sha256(f"{content}\n{seen[content]}".encode()).hexdigest()[:8]
        cell.metadata = nbformat.from_dict(_cell_metadata(cell.metadata))
        if cell.cell_type == "code":
            ran = cell.execution_count is not None
            count += ran
            cell.execution_count = count if ran else None
            cell.outputs = _outputs(cell.outputs, cell.execution_count, Path(root))
    return copy


def as_bytes(notebook):
    """Return the notebook file: keys in order, one space of indent, \\n newlines, one at the end."""
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    return (text.rstrip("\n") + "\n").encode("utf-8")


def _notebook_metadata(metadata):
    kept = {key: metadata[key] for key in ("course", "kernelspec") if key in metadata}
    if metadata.get("jupytext", {}).get("formats") == UNPAIRED["formats"]:  # saving in JupyterLab adds more to it
        kept["jupytext"] = dict(UNPAIRED)
    # What every Python notebook has; the version is left out, or each Python would write another file.
    return kept | {"language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}}


def _cell_metadata(metadata):
    dropped = ("execution", "ExecuteTime", "trusted", "collapsed", "scrolled")
    kept = {key: value for key, value in metadata.items() if key not in dropped}
    jupyter = {key: value for key, value in kept.pop("jupyter", {}).items() if key != "outputs_hidden"}
    return kept | ({"jupyter": jupyter} if jupyter else {})


def _outputs(outputs, count, root):
    merged = []
    for output in outputs:
        output.pop("transient", None)
        if output.output_type == "stream" and merged and merged[-1].get("name") == output.name:
            merged[-1].text += output.text
            continue
        if output.output_type == "execute_result":
            output.execution_count = count
        if output.output_type == "error":
            output.traceback = [_without_paths(line, root) for line in output.traceback]
        if PICTURE in output.get("data", {}):
            # A stored view without its model shows an error instead of the picture.
            output.data.pop(WIDGET_VIEW, None)
        merged.append(output)
    return merged


def _without_paths(line, root):
    """Return a traceback line with the course's folder and the home folder left out (IPython writes ~ for home)."""
    homes = [str(root)]
    if root.is_relative_to(Path.home()):
        homes.append("~/" + root.relative_to(Path.home()).as_posix())
    for folder in homes:
        line = line.replace(folder + "/", "").replace(folder + "\\", "")
    return line.replace(str(Path.home()) + "/", "~/")
