"""The panels of a notebook, made once more in this process: what the browser shows is compared with them."""

import ast
import contextlib
import io
import json
import os

from helpers.panels.panel import Panel


def twins_of(path):
    """Run a notebook's code cells here and return its panels, in order."""
    notebook, panels, space = json.loads(path.read_text(encoding="utf-8")), [], {"__name__": "__main__"}
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        for cell in notebook["cells"]:
            if cell["cell_type"] != "code":
                continue
            expected = contextlib.suppress(Exception) if "raises-exception" in cell["metadata"].get("tags", []) else (
                contextlib.nullcontext())  # fmt: skip
            with expected, contextlib.redirect_stdout(io.StringIO()):
                last = run("".join(cell["source"]), space)
            if isinstance(last, Panel):
                panels.append(last)
    finally:
        os.chdir(here)
    return panels


def run(source, space):
    """Run a cell's source; return the value of its last expression, or None."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), space)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), space) if last else None
