"""Small changes of a Python text, each of which should make some test fail: from its syntax tree, one place at a time."""

import ast
from dataclasses import dataclass

SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "argmax": "argmin", "argmin": "argmax", "sum": "max",
         "sin": "cos", "cos": "sin", "tril": "triu", "zeros": "ones", "ones": "zeros", "mean": "sum"}  # fmt: skip
EITHER_WAY = ("min", "max", "_same", "same_content")  # of two things, in any order


@dataclass(frozen=True)
class Mutant:
    """One change: the line (from 1), the text before and after, and where it lies, as places in the whole text."""

    line: int
    before: str
    after: str
    start: int
    end: int

    def applied(self, text):
        """Return the text with the change."""
        return text[: self.start] + self.after + text[self.end :]


def mutants(text, numbers=True):
    """Return every Mutant of a Python text, in order; docstrings and the texts of messages are left alone.

    numbers: whether a number may become the next one.
    """
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    found = set()
    for node in _visited(ast.parse(text)):
        for changed in _changes(node, numbers):
            start, end = (
                _place(text, lines, node.lineno, node.col_offset),
                _place(text, lines, node.end_lineno, node.end_col_offset),
            )
            after = ast.unparse(changed)
            if isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare | ast.UnaryOp):
                after = f"({after})"
            mutant = Mutant(node.lineno, text[start:end], after, start, end)
            if ast.dump(ast.parse(mutant.applied(text))) != ast.dump(ast.parse(text)):
                found.add(mutant)
    return sorted(found, key=lambda mutant: (mutant.start, mutant.end, mutant.after))


def _visited(tree):
    """Yield the nodes of the tree, without messages (f-strings, what is raised), docstrings, imports and annotations."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.JoinedStr | ast.Raise | ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        yield node
        hidden = {id(part) for part in (getattr(node, "annotation", None), getattr(node, "returns", None)) if part}
        waiting += [child for child in ast.iter_child_nodes(node) if id(child) not in hidden]


def _changes(node, numbers):
    """Yield what a node may become."""
    if isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPS:
        yield _copy(node, op=SWAPS[type(node.op)]())
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in SWAPS:
        yield _copy(node, ops=[SWAPS[type(node.ops[0])]()])
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Invert):
        yield node.operand
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        yield node.operand
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif numbers and isinstance(node.value, int | float):
            yield ast.Constant(node.value + 1)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in CALLS and isinstance(node.func, ast.Attribute):
            yield _copy(node, func=_copy(node.func, attr=CALLS[name]))
        elif name in CALLS:
            yield _copy(node, func=ast.Name(CALLS[name]))
        if len(node.args) == 2 and not node.keywords and name not in EITHER_WAY:
            yield _copy(node, args=node.args[::-1])
    if isinstance(node, ast.IfExp):
        yield _copy(node, body=node.orelse, orelse=node.body)
    if isinstance(node, ast.Slice) and node.lower and node.upper:
        yield _copy(node, lower=None)


def _copy(node, **changed):
    """The same node with some fields changed."""
    return type(node)(**{name: getattr(node, name) for name in node._fields if hasattr(node, name)} | changed)


def _place(text, lines, number, column):
    """The place in the whole text of a line and a column, which Python's trees count in bytes."""
    line = text[lines[number - 1] : lines[number]]
    return lines[number - 1] + len(line.encode("utf-8")[:column].decode("utf-8"))
