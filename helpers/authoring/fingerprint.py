"""Say in one short hash what a notebook is built from, so that only what changed is built again."""

import ast
import hashlib
import json
import re
import tomllib
from pathlib import Path

from helpers.authoring.pairs import read_text, shared_metadata

PACKAGE = "helpers"

# The weights that a notebook loads are not read here: their hashes stand in the manifest.
CHECKPOINTS, MANIFEST = "helpers/checkpoints/__init__.py", "helpers/pocket/checkpoints/manifest.json"


def fingerprint(source, root):
    """Return the hash of a notebook's cells, of the helpers they import (and those import), and of the pins.

    source: the notebook without outputs. root: the folder that holds helpers/ and pyproject.toml.
    The same on every system: paths are relative, newlines and the order of files do not matter.
    """
    cells = [[cell.cell_type, cell.source, shared_metadata(cell)] for cell in source.cells]
    code = [python_of(cell.source) for cell in source.cells if cell.cell_type == "code"]
    files = {path.relative_to(root).as_posix(): _hash(path) for path in helper_files(code, Path(root))}
    text = json.dumps([cells, files, pins(root)], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def pins(root):
    """Return the pinned run-time requirements of pyproject.toml, in order."""
    return sorted(tomllib.loads(read_text(Path(root) / "pyproject.toml"))["project"]["dependencies"])


def python_of(source):
    """Return a code cell's source without IPython's own lines (%magic, !command), which Python cannot parse."""
    return re.sub(r"^\s*[%!].*$", "", source, flags=re.MULTILINE)


def helper_files(sources, root):
    """Return the files of every helper module that these Python texts import, directly or through another helper.

    A package also brings the data files that lie in its folder, and the checkpoints bring the manifest of the weights.
    """
    found, waiting = set(), [name for text in sources for name in _imports(text, "", False)]
    while waiting:
        path = _file_of(waiting.pop(), root)
        if path is None or path in found:
            continue
        found.add(path)
        module = path.relative_to(root).with_suffix("").parts
        package = path.name == "__init__.py"
        name = ".".join(module[:-1] if package else module)
        waiting += _imports(read_text(path), name, package)
        if package and name != PACKAGE:
            found.update(_data_files(path.parent))
    if root / CHECKPOINTS in found and (root / MANIFEST).is_file():
        found.add(root / MANIFEST)
    return sorted(found)


def _imports(text, module, package):
    """Return the dotted names that a Python text imports from the helpers, parents included."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a cell may show a syntax error on purpose
        return []
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".") if node.level else []
            climb = node.level - 1 if package else node.level
            base = ".".join([*parts[: len(parts) - climb], *([node.module] if node.module else [])])
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    inside = [name.split(".") for name in names if name.split(".")[0] == PACKAGE]
    return [".".join(parts[:length]) for parts in inside for length in range(1, len(parts) + 1)]


def _file_of(name, root):
    path = root.joinpath(*name.split("."))
    candidates = path / "__init__.py", path.with_suffix(".py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _data_files(folder):
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]


def _hash(path):
    content = path.read_bytes()
    if b"\0" not in content:  # text: a Windows checkout may have other newlines
        content = content.replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()
