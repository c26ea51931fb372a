"""Inputs of every kind: what fits, what nearly fits, and what nobody meant."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

DTYPES = ("f8", "f4", "f2", "i8", "i1", "u8", "?", "c16", "O", "U3", "S2", "M8[D]", "m8[s]", "g")


class Resists:
    """An object that will not become an array."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array of this")

    def __repr__(self):
        return "Resists()"


class Mute:
    """An object whose repr fails, as half-made objects do."""

    def __repr__(self):
        raise RuntimeError("no repr of this")


class Fresh:
    """Stands in ODD for what is used up when it is read: made anew for each input."""

    def __init__(self, make):
        self.make = make


ODD = (
    Decimal("1.5"), Fraction(1, 3), datetime.date(2026, 1, 1), range(3), {1, 2}, {"a": 1}, {}, (), [], [[]], [[[]]],
    "", b"",
    len, int, object(), Resists(), Mute(), ..., NotImplemented, 10**400, -0.0, 5e-324, 1.7e308, -1.7e308, np.float16(3),
    np.float32(1e30), np.int8(-128), np.uint64(2**64 - 1), np.bool_(True), np.str_("x"), np.datetime64("2026-01-01"),
    np.ma.masked, np.ma.array([1.0, 2.0], mask=[True, False]), np.array([1, None], dtype=object),
    np.zeros((0, 3)), np.zeros((2, 0)), np.array(1.0), np.array([("a", 1)], dtype=[("n", "U1"), ("i", "i4")]),
    Fresh(lambda: iter([1, 2])),
    memoryview(b"ab"), bytearray(b"ab"), [1, [2]], [[1, 2], [3]], [[True]], [["1"]], [float("nan")], [[float("inf")]],
)  # fmt: skip

texts = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "Co", "Mn", "So", "Zs"]), max_size=6),
    st.sampled_from([
        "",
        " ",
        "\0",
        "\n",
        "a\tb",
        "$x$",
        "$",
        "\ud83d",
        "👩‍🏫",
        "й" * 40,
        "a" * 3000,
        "[MASK]",
        "</s>",
        "../x",
    ]),
)


def _odd(place):
    return ODD[place].make() if isinstance(ODD[place], Fresh) else ODD[place]


odd = st.integers(0, len(ODD) - 1).map(_odd)  # by its place: Hypothesis asks what it samples from for its repr
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-4, 4),
    st.integers(),
    st.floats(),
    st.floats(-4, 4),
    st.complex_numbers(max_magnitude=9),
    texts,
    st.binary(max_size=6),
)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
arrays = st.sampled_from(DTYPES).flatmap(lambda dtype: hnp.arrays(np.dtype(dtype), shapes))
nested = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=6)
junk = st.one_of(scalars, nested, odd, arrays)
wholes = st.one_of(st.integers(-3, 9), st.integers(), odd, scalars)

POISON = (float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 1e200, 3e38, 1e-320, 5e-324, 0.0)
entries = st.floats(-4, 4)


@st.composite
def number_arrays(draw, *shape):
    """Arrays of a shape, most of them plain, some with a number in them that is not finite, or at the edge of its range."""
    dtype = draw(st.sampled_from([np.float64, np.float64, np.float32, np.int64]))
    array = np.array(draw(st.lists(entries, min_size=3, max_size=3)))
    array = np.resize(array, shape).astype(dtype)
    if array.size and draw(st.integers(0, 9)) == 5:
        place = draw(st.integers(0, array.size - 1))
        with np.errstate(all="ignore"):
            array = array.astype(float) if dtype is np.int64 else array
            array.flat[place] = draw(st.sampled_from(POISON))
    return array.tolist() if draw(st.integers(0, 5)) == 3 else array


@st.composite
def nearly(draw, fitting, others=junk):
    """A dict of arguments that fits, or with one argument replaced."""
    arguments = dict(draw(fitting))
    if draw(st.integers(0, 2)) == 2:
        arguments[draw(st.sampled_from(sorted(arguments)))] = draw(others)
    return arguments
