"""Sinusoidal positions against a plain loop, and sizes that are refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import proven

from helpers.positions import sinusoidal_positions


@proven
@given(st.integers(1, 20), st.integers(1, 9))
def test_positions_are_the_plain_loop_for_even_and_odd_widths(length, width):
    expected = []
    for place in range(length):
        row = []
        for feature in range(width):
            angle = place / 10000 ** (2 * (feature // 2) / width)
            row.append(math.sin(angle) if feature % 2 == 0 else math.cos(angle))
        expected.append(row)
    np.testing.assert_allclose(sinusoidal_positions(length, width), expected, rtol=0, atol=1e-12)


def test_the_first_row_is_0_1_0_1_and_no_entry_leaves_minus_1_to_1():
    positions = sinusoidal_positions(500, 6)
    assert positions.shape == (500, 6)
    assert positions[0].tolist() == [0, 1, 0, 1, 0, 1]
    assert np.abs(positions).max() <= 1


def test_every_place_has_a_vector_of_its_own():
    positions = sinusoidal_positions(200, 8)
    apart = np.abs(positions[:, np.newaxis] - positions).max(axis=-1)
    assert (apart + np.eye(200) > 0.01).all()


@pytest.mark.parametrize("name", ["length", "width"])
@pytest.mark.parametrize(
    "size, error, words",
    [
        (0, ValueError, "must be at least 1, but it is 0"),
        (-3, ValueError, "must be at least 1, but it is -3"),
        (2.0, TypeError, "must be a whole number, but it is 2.0"),
        (True, TypeError, "must be a whole number, but it is True"),
        ("4", TypeError, "must be a whole number, but it is '4'"),
        (None, TypeError, "must be a whole number, but it is None"),
    ],
)
def test_a_size_that_is_no_whole_number_above_0_is_refused(name, size, error, words):
    with pytest.raises(error) as problem:
        sinusoidal_positions(**({"length": 4, "width": 4} | {name: size}))
    assert f"{name} {words}" in str(problem.value)


def test_a_numpy_integer_is_a_size():
    assert sinusoidal_positions(np.int64(2), np.int32(3)).shape == (2, 3)


def test_10000_places_or_features_are_the_most():
    assert sinusoidal_positions(10_000, 1).shape == (10_000, 1)
    for size in ({"length": 10_001, "width": 1}, {"length": 1, "width": 10_001}):
        with pytest.raises(ValueError, match="must be at most 10000, but it is 10001"):
            sinusoidal_positions(**size)
