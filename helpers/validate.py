"""Turns what a learner passes in into arrays, or into one clear sentence about what is wrong.

Every check names the argument, says what came and what was expected. Nothing here knows about attention.
"""

from pathlib import Path

import numpy as np

from helpers.wording import short


def numbers(name, value, dimensions=None, minus_infinity=False):
    """Return `value` as an array of finite real numbers.

    name: the argument's name, for the message. dimensions: the allowed numbers of axes, such as (1, 2), or None for any.
    minus_infinity: let -inf pass, which stands for a hidden key. float32 and float64 are kept; the rest becomes float64.
    Raises TypeError for text, complex numbers and objects; ValueError for ragged lists, empty arrays, NaN, infinities
    and a wrong number of axes.
    """
    array = _array(name, value, "numbers")
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold real numbers, but it holds {_kind(array)}: {short(value)}.")
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.float64)
    if dimensions is not None and array.ndim not in dimensions:
        expected = " or ".join(str(d) for d in dimensions)
        raise ValueError(f"{name} must have {expected} axes, but its shape is {array.shape}.")
    if array.size == 0:
        raise ValueError(f"{name} is empty: its shape is {array.shape}, and every axis needs at least one entry.")
    allowed = np.isfinite(array) | (np.isneginf(array) & minus_infinity)
    if not allowed.all():
        where = tuple(int(i) for i in np.argwhere(~allowed)[0])
        position = f" at position {list(where)}" if where else ""
        raise ValueError(f"{name} must be finite, but it holds {array[where]}{position}.")
    return array


def boolean(name, value, shapes):
    """Return `value` as a boolean array whose shape is one of `shapes` (a list of tuples).

    Raises TypeError when the entries are not True or False, ValueError when the shape is none of those allowed.
    """
    array = _array(name, value, "True and False")
    if array.dtype != bool:
        raise TypeError(
            f"{name} must hold True (may look) and False (may not), but it holds {_kind(array)}: {short(value)}."
        )
    if array.shape not in shapes:
        expected = " or ".join(str(shape) for shape in dict.fromkeys(shapes))
        raise ValueError(f"{name} must have shape {expected}, but its shape is {array.shape}.")
    return array


def whole_number(name, value, low=1, high=None):
    """Return `value` as an int from `low` to `high` (None: any). Raises TypeError for anything else, ValueError outside."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be a whole number, but it is {short(value)}.")
    if low is not None and value < low:
        raise ValueError(f"{name} must be at least {low}, but it is {short(int(value))}.")
    if high is not None and value > high:
        raise ValueError(f"{name} must be at most {high}, but it is {short(int(value))}.")
    return int(value)


def inside(name, value, low, high):
    """Return an array of finite numbers that all lie between low and high, ends included; else raise ValueError."""
    array = numbers(name, value)
    outside = (array < low) | (array > high)
    if outside.any():
        raise ValueError(f"{name} must lie between {low:g} and {high:g}, but it holds {array[outside].flat[0]:g}.")
    return array


def words(name, value, count):
    """Return `value` as a list of `count` texts. Raises TypeError or ValueError that names the argument."""
    try:
        texts = None if isinstance(value, str) else list(value)
    except TypeError:  # also an array without axes, which has an __iter__ all the same
        texts = None
    if texts is None:
        raise TypeError(f"{name} must be a list of texts, but it is {short(value)}.")
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"{name} must be a list of texts, but it is {short(value)}.")
    if len(texts) != count:
        raise ValueError(f"{name} must hold {count} texts, one a row, but it holds {len(texts)}.")
    return texts


def lines(path):
    """Return the lines of a text file. Raises ValueError that names the file if it is not UTF-8, OSError as open does."""
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as problem:
        raise ValueError(f"{Path(path).name} must be text in UTF-8, but it is not ({problem}).") from None


def in_range(what, array):
    """Return the array, or raise ValueError that says what was computed if a number left the float's range."""
    if not np.isfinite(array).all():
        raise ValueError(f"{what} leaves the range of {array.dtype}: the numbers are too large.")
    return array


def same(what, first_name, first, second_name, second):
    """Raise ValueError unless two sizes are equal. `what` says what is counted, such as "features"."""
    if first != second:
        raise ValueError(
            f"{first_name} and {second_name} must have the same {what}, but {first_name} has {first} "
            f"and {second_name} has {second}."
        )


def _array(name, value, content):
    rows = value if isinstance(value, (list, tuple)) else [value]
    if any(isinstance(row, np.ma.MaskedArray) for row in rows):  # np.asarray would use the hidden entries
        raise TypeError(f"{name} must be a plain array, but it is a masked one; fill it first.")
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be a full grid of {content}, but its rows have different lengths.") from None
    except Exception as problem:  # a tensor that will not become an array says so in its own way
        kind = type(value).__name__
        raise TypeError(f"{name} must be an array or a list of {content}, but it is a {kind}: {problem}") from None


def _kind(array):
    names = {"U": "text", "S": "text", "b": "True and False", "c": "complex numbers", "O": "Python objects"}
    return names.get(array.dtype.kind, str(array.dtype))
