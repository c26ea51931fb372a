"""Copy, compare and show the values that go into and come out of a learner's function: arrays, tensors, texts, tuples."""

import copy

import numpy as np

MANY = 48  # entries of an array; one with more is shown by its shape
DIGITS = 3


def copied(value):
    """Return a copy of arrays, tensors, lists, dicts and random generators; models and other objects as they are."""
    if isinstance(value, (np.ndarray, list, dict, tuple, set, np.random.Generator)):
        return copy.deepcopy(value)
    return value.clone() if hasattr(value, "clone") and hasattr(value, "detach") else value


def same_content(first, second):
    """Return whether two values that began equal still are; what is not copied, and the state of a generator, count as equal."""
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same_content(first[key], second[key]) for key in first)
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(map(same_content, first, second))
    first, second = plain(first), plain(second)
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return first.shape == second.shape and bool(((first == second) | ((first != first) & (second != second))).all())
    return True


def plain(value):
    """Return tensors, lists and numbers as NumPy arrays, and anything else as it is; never raises."""
    try:
        if hasattr(value, "detach"):
            value = value.detach().cpu().numpy()
        if isinstance(value, (np.ndarray, np.generic, list, tuple, str, bool, int, float)):
            array = np.asarray(value)
            return value if array.dtype == object else array
    except Exception:  # rows of different lengths, or an object that resists
        pass
    return value


def difference(found, expected, tolerance, names):
    """Return (kind, words) of the first way in which an answer is not the expected one, or None if it is.

    kind: "type", "shape", "nan" or "values". names: what the parts of the answer are called, one or several.
    """
    if isinstance(expected, tuple):
        if not isinstance(found, (tuple, list)) or len(found) != len(expected):
            came = f"{len(found)} things" if isinstance(found, (tuple, list)) else _kind(found)
            return "type", f"expected {len(expected)} things, {' and '.join(names)}, but found {came}"
        parts = (difference(*pair, tolerance, (name,)) for *pair, name in zip(found, expected, names, strict=True))
        return next(filter(None, parts), None)
    if isinstance(found, tuple):  # two things where one is asked for
        return "type", f"expected {_kind(expected)}, but found {len(found)} things"
    return _array_difference(plain(found), plain(expected), tolerance, f"{names[0]}: " if names[0] else "")


def _array_difference(found, expected, tolerance, name):
    if not isinstance(found, np.ndarray) or _family(found) != _family(expected):
        return "type", f"{name}expected {_kind(expected)}, but found {_kind(found)}"
    if found.shape != expected.shape:
        return "shape", f"{name}expected the shape {expected.shape}, but found the shape {found.shape}"
    if _family(expected) == "numbers":
        if (np.isnan(found) & ~np.isnan(expected)).any():
            return "nan", f"{name}found nan, which is no number, where one is expected"
        same = np.isclose(found, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
    else:
        same = found == expected
    if same.all():
        return None
    where = tuple(int(i) for i in np.argwhere(~same)[0])
    place = f"at {list(where)} " if where else ""
    return "values", f"{name}{place}expected {_exact(expected[where])}, but found {_exact(found[where])}"


def _family(array):
    return {"b": "True and False", "U": "text"}.get(
        array.dtype.kind, "numbers" if array.dtype.kind in "iufc" else "objects"
    )


def _kind(value):
    value = plain(value)
    if isinstance(value, np.ndarray):
        return (
            f"an array of {_family(value)}"
            if value.ndim
            else {"numbers": "a number", "text": "a text"}.get(_family(value), "True or False")
        )
    return f"a {type(value).__name__}"


def _exact(entry):
    return (
        repr(str(entry)) if isinstance(entry, np.str_) else f"{entry:.6g}" if entry.dtype.kind in "iuf" else str(entry)
    )


def show(value):
    """Return a value as text: arrays in rows, numbers with three decimals, large arrays by their shape."""
    array = plain(value)
    if isinstance(value, tuple) or isinstance(value, list) and array is value:
        return "\n".join(show(part) for part in value) if value else "nothing"
    if not isinstance(array, np.ndarray) or _family(array) == "objects":  # dates, bytes and tables too
        return f"a {type(value).__name__}"
    if array.size > MANY:
        return f"an array of shape {array.shape}"
    entries = [_entry(entry) for entry in array.ravel()]
    width = max(map(len, entries), default=0)
    texts = np.array([entry.rjust(width) for entry in entries], dtype=object).reshape(array.shape)
    return _rows(texts, 0) if array.ndim else entries[0]


def _entry(entry):
    if isinstance(entry, (np.bool_, np.str_)):
        return str(entry) if isinstance(entry, np.bool_) else repr(str(entry))
    return f"{np.round(entry, DIGITS) + 0:g}"  # + 0: never -0


def _rows(texts, depth):
    if texts.ndim == 1:
        return "[" + ", ".join(texts) + "]"
    return "[" + (",\n" + " " * (depth + 1)).join(_rows(part, depth + 1) for part in texts) + "]"
