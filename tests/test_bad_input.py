"""What does not fit is refused in one sentence that names the argument, what came and what was expected."""

import numpy as np
import pytest

from helpers import validate
from helpers.attention import attention, causal_mask, entropy, softmax
from helpers.models.text import check_text

NAN, INF = float("nan"), float("inf")


def call_attention(**changed):
    """Attention of two queries over three keys, with some arguments replaced."""
    fitting = {"query": np.ones((2, 4)), "key": np.ones((3, 4)), "value": np.ones((3, 2))}
    return attention(**(fitting | changed))


# (what came, the error, words that the message must hold after the argument's name)
NO_NUMBERS = [
    ("text", TypeError, "must hold real numbers, but it holds text: 'text'"),
    ([["1", "2"], ["3", "4"]], TypeError, "must hold real numbers, but it holds text: [['1', '2'], ['3', '4']]"),
    (b"bytes", TypeError, "must hold real numbers, but it holds text"),
    (None, TypeError, "must hold real numbers, but it holds Python objects: None"),
    ([[1, None]], TypeError, "must hold real numbers, but it holds Python objects: [[1, None]]"),
    ({"a": 1}, TypeError, "must hold real numbers, but it holds Python objects: {'a': 1}"),
    ([[True, False]], TypeError, "must hold real numbers, but it holds True and False: [[True, False]]"),
    ([[1j, 2]], TypeError, "must hold real numbers, but it holds complex numbers: [[1j, 2]]"),
    ([[10**400, 1]], TypeError, "must hold real numbers, but it holds Python objects: [[1000"),
    (np.array(["2026-11-23"], dtype="M8[D]"), TypeError, "must hold real numbers, but it holds datetime64[D]"),
    ([[1, 2], [3]], ValueError, "but its rows have different lengths"),
    ([[1, 2], 3], ValueError, "but its rows have different lengths"),
    ([], ValueError, "is empty: its shape is (0,), and every axis needs at least one entry"),
    (np.ones((0, 4)), ValueError, "is empty: its shape is (0, 4), and every axis needs at least one entry"),
    (np.ones((3, 0)), ValueError, "is empty: its shape is (3, 0), and every axis needs at least one entry"),
    ([[1, 2, NAN, 4]], ValueError, "must be finite, but it holds nan at position [0, 2]"),
    ([[1, 2], [NAN, INF]], ValueError, "must be finite, but it holds nan at position [1, 0]"),
    ([[1, INF, 3, 4]], ValueError, "must be finite, but it holds inf at position [0, 1]"),
    (
        np.array([[1, 2], [3, -INF]], dtype=np.float32),
        ValueError,
        "must be finite, but it holds -inf at position [1, 1]",
    ),
]


@pytest.mark.parametrize("name", ["query", "key", "value"])
@pytest.mark.parametrize("came, error, words", NO_NUMBERS)
def test_attention_refuses_what_is_not_finite_numbers_and_names_the_argument(name, came, error, words):
    with pytest.raises(error) as problem:
        call_attention(**{name: came})
    assert str(problem.value).startswith(f"{name} ") and words in str(problem.value)


@pytest.mark.parametrize("function, name", [(softmax, "scores"), (entropy, "weights")])
@pytest.mark.parametrize("came, error, words", [case for case in NO_NUMBERS if "-inf" not in case[2]])
def test_softmax_and_entropy_refuse_what_is_not_finite_numbers(function, name, came, error, words):
    with pytest.raises(error) as problem:
        function(came)
    assert str(problem.value).startswith(f"{name} ") and words in str(problem.value)


@pytest.mark.parametrize(
    "scores, axis", [([-INF, -INF], -1), ([[1, -INF], [2, -INF]], 0), ([[1, 2], [-INF, -INF]], 1), ([[-INF]], -1)]
)
def test_softmax_refuses_an_axis_without_a_finite_score(scores, axis):
    with pytest.raises(
        ValueError, match=r"^scores must hold a finite number along the axis, but everything there is -inf"
    ):
        softmax(scores, axis=axis)


@pytest.mark.parametrize("axis, axes", [(2, 2), (-3, 2)])
def test_softmax_refuses_an_axis_that_is_not_there(axis, axes):
    with pytest.raises(ValueError, match=f"^axis must count one of the {axes} axes of scores, but it is {axis}"):
        softmax(np.ones((2, 3)), axis=axis)


@pytest.mark.parametrize("axis", [None, "0", 0.5, True])
def test_softmax_refuses_an_axis_that_is_no_whole_number_by_its_name(axis):
    with pytest.raises(TypeError, match=r"^axis must .*"):
        softmax(np.ones((2, 3)), axis=axis)


@pytest.mark.parametrize(
    "changed, words",
    [
        (
            {"key": np.ones((3, 5))},
            "query and key must have the same number of features, but query has 4 and key has 5",
        ),
        ({"query": np.ones(3)}, "query and key must have the same number of features, but query has 3 and key has 4"),
        ({"value": np.ones((2, 2))}, "key and value must have the same number of rows, but key has 3 and value has 2"),
        ({"value": np.ones((1, 2))}, "key and value must have the same number of rows, but key has 3 and value has 1"),
        (
            {"key": np.ones((3, 1))},
            "query and key must have the same number of features, but query has 4 and key has 1",
        ),
        ({"query": 5.0}, "query must have 2 or more axes (rows, features), but its shape is ()"),
        ({"key": np.ones(4)}, "key must have 2 or more axes (rows, features), but its shape is (4,)"),
        ({"value": np.ones(3)}, "value must have 2 or more axes (rows, features), but its shape is (3,)"),
        (
            {"query": np.ones((2, 2, 4))},
            "query and key must have the same leading axes, but query has (2,) and key has ()",
        ),
        (
            {"key": np.ones((2, 3, 4))},
            "query and key must have the same leading axes, but query has () and key has (2,)",
        ),
        (
            {"value": np.ones((2, 3, 2))},
            "key and value must have the same leading axes, but key has () and value has (2,)",
        ),
        (
            {"query": np.ones((2, 2, 4)), "key": np.ones((1, 3, 4)), "value": np.ones((2, 3, 2))},
            "query and key must have the same leading axes, but query has (2,) and key has (1,)",
        ),
        (
            {"query": np.ones((2, 2, 4)), "key": np.ones((2, 3, 4)), "value": np.ones((1, 3, 2))},
            "key and value must have the same leading axes, but key has (2,) and value has (1,)",
        ),
        (
            {"query": np.ones(4), "key": np.ones((2, 3, 4)), "value": np.ones((2, 3, 2))},
            "query and key must have the same leading axes, but query has () and key has (2,)",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_refused_and_never_broadcast(changed, words):
    with pytest.raises(ValueError) as problem:
        call_attention(**changed)
    assert words in str(problem.value)


@pytest.mark.parametrize(
    "mask, words",
    [
        (np.ones((2, 3), dtype=int), "mask must hold True (may look) and False (may not), but it holds int64"),
        (np.ones((2, 3)), "mask must hold True (may look) and False (may not), but it holds float64"),
        ("yes", "mask must hold True (may look) and False (may not), but it holds text: 'yes'"),
        ([[True, None, False]], "mask must hold True (may look) and False (may not), but it holds Python objects"),
    ],
)
def test_a_mask_of_anything_but_true_and_false_is_refused(mask, words):
    with pytest.raises(TypeError) as problem:
        call_attention(mask=mask)
    assert words in str(problem.value)


@pytest.mark.parametrize("shape", [(), (3,), (1, 3), (2, 1), (3, 2), (2, 4), (1, 2, 3), (0, 3)])
def test_a_mask_of_another_shape_is_refused_and_never_broadcast(shape):
    with pytest.raises(ValueError) as problem:
        call_attention(mask=np.ones(shape, dtype=bool))
    assert f"mask must have shape (2, 3), but its shape is {shape}" in str(problem.value)


@pytest.mark.parametrize("shape", [(3,), (1, 2, 3), (5, 1, 3), (5, 3, 2), (2, 5, 2, 3)])
def test_a_mask_with_leading_axes_fits_all_of_them_or_none(shape):
    stacked = {"query": np.ones((5, 2, 4)), "key": np.ones((5, 3, 4)), "value": np.ones((5, 3, 2))}
    with pytest.raises(ValueError) as problem:
        call_attention(**stacked, mask=np.ones(shape, dtype=bool))
    assert f"mask must have shape (2, 3) or (5, 2, 3), but its shape is {shape}" in str(problem.value)


@pytest.mark.parametrize("shape", [(1, 3), (2,), ()])
def test_the_mask_of_a_single_query_is_one_entry_a_key(shape):
    with pytest.raises(ValueError) as problem:
        call_attention(query=np.ones(4), mask=np.ones(shape, dtype=bool))
    assert f"mask must have shape (3,), but its shape is {shape}" in str(problem.value)


@pytest.mark.parametrize(
    "changed, words",
    [
        (
            {"mask": [[True, True, True], [False] * 3]},
            "mask hides every key of query [1]: softmax needs at least one key",
        ),
        ({"query": np.ones(4), "mask": [False] * 3}, "mask hides every key of query: softmax needs at least one key"),
    ],
)
def test_a_mask_that_hides_every_key_of_a_query_is_refused(changed, words):
    with pytest.raises(ValueError) as problem:
        call_attention(**changed)
    assert words in str(problem.value)


def test_a_mask_that_hides_every_key_in_one_head_says_which_head_and_query():
    mask = np.ones((5, 2, 3), dtype=bool)
    mask[3, 1] = False
    stacked = {"query": np.ones((5, 2, 4)), "key": np.ones((5, 3, 4)), "value": np.ones((5, 3, 2))}
    with pytest.raises(ValueError, match=r"mask hides every key of query \[3, 1\]"):
        call_attention(**stacked, mask=mask)


class _Stubborn:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("detach me first")


def test_what_will_not_become_an_array_is_refused_by_its_name_and_reason():
    with pytest.raises(TypeError, match="query must be an array .* _Stubborn: detach me first"):
        call_attention(query=_Stubborn())


def test_one_large_negative_score_is_no_hidden_key():
    with pytest.raises(ValueError, match="leaves the range"):
        attention(np.full((1, 1), 1e200), np.array([[-1e200], [1.0]]), np.ones((2, 1)))


def test_a_list_of_masked_rows_is_refused():
    with pytest.raises(TypeError, match="scores must be a plain array"):
        softmax([np.ma.array([1.0, 2.0], mask=[False, True]), np.ma.array([1.0, 2.0])])


@pytest.mark.parametrize("words", [5, "abc", [1, 2, 3], None])
def test_words_that_are_no_list_of_texts_are_refused(words):
    with pytest.raises(TypeError, match="^words must be a list of texts, but it is "):
        validate.words("words", words, 3)


def test_a_ragged_mask_is_refused_by_its_name():
    with pytest.raises((TypeError, ValueError), match=r"^mask must "):
        call_attention(mask=[[True], [True, False, True]])


@pytest.mark.parametrize(
    "scale, error, words",
    [
        ("1", TypeError, "scale must hold real numbers, but it holds text: '1'"),
        (True, TypeError, "scale must hold real numbers, but it holds True and False: True"),
        (1j, TypeError, "scale must hold real numbers, but it holds complex numbers: 1j"),
        (NAN, ValueError, "scale must be finite, but it holds nan"),
        (INF, ValueError, "scale must be finite, but it holds inf"),
        ([1.0], ValueError, "scale must have 0 axes, but its shape is (1,)"),
    ],
)
def test_a_scale_that_is_not_one_finite_number_is_refused(scale, error, words):
    with pytest.raises(error) as problem:
        call_attention(scale=scale)
    assert words in str(problem.value)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype, huge", [(np.float32, 1e30), (np.float64, 1e300)])
def test_scores_beyond_the_float_range_are_refused_in_a_sentence(dtype, huge):
    with pytest.raises(ValueError, match=f"the dot product of query and key leaves the range of {np.dtype(dtype)}"):
        call_attention(
            query=np.full((2, 4), huge, dtype), key=np.full((3, 4), huge, dtype), value=np.ones((3, 2), dtype)
        )


@pytest.mark.parametrize(
    "length, error, words",
    [
        (0, ValueError, "length must be at least 1, but it is 0"),
        (-1, ValueError, "length must be at least 1, but it is -1"),
        (2.0, TypeError, "length must be a whole number, but it is 2.0"),
        (True, TypeError, "length must be a whole number, but it is True"),
        (np.True_, TypeError, "length must be a whole number, but it is np.True_"),
        ("3", TypeError, "length must be a whole number, but it is '3'"),
        (None, TypeError, "length must be a whole number, but it is None"),
    ],
)
def test_a_causal_mask_needs_a_whole_number_of_words(length, error, words):
    with pytest.raises(error) as problem:
        causal_mask(length)
    assert words in str(problem.value)


@pytest.mark.parametrize("weights", [[0.5, 0.6], [-0.5, 1.5], [[0.5, 0.5], [0.5, 0.4]], 1.0])
def test_entropy_refuses_what_are_no_weights(weights):
    with pytest.raises(ValueError, match=r"^weights must be 0 or more and sum to 1 along the last axis"):
        entropy(weights)


def test_entropy_says_what_came():
    with pytest.raises(ValueError, match=r"0\.9|position|row"):
        entropy([[0.5, 0.5], [0.5, 0.4]])


def test_the_hidden_entries_of_a_masked_array_are_not_silently_used():
    with pytest.raises((TypeError, ValueError), match="scores"):
        softmax(np.ma.array([1.0, 2.0, 300.0], mask=[False, False, True]))


# validate itself


def test_numbers_keeps_floats_and_turns_the_rest_into_float64():
    for dtype, expected in [("f4", "f4"), ("f8", "f8"), ("f2", "f8"), ("i1", "f8"), ("u8", "f8")]:
        assert validate.numbers("x", np.ones(2, dtype=dtype)).dtype == np.dtype(expected)
    assert validate.numbers("x", 3).tolist() == 3.0


@pytest.mark.parametrize("dimensions, words", [((1,), "must have 1 ax"), ((1, 3), "must have 1 or 3 axes")])
def test_numbers_says_how_many_axes_were_expected(dimensions, words):
    with pytest.raises(ValueError) as problem:
        validate.numbers("x", [[1, 2]], dimensions)
    assert f"x {words}" in str(problem.value) and "its shape is (1, 2)" in str(problem.value)


def test_minus_infinity_passes_only_where_it_is_allowed_and_nan_and_infinity_never():
    assert validate.numbers("x", [1, -INF], minus_infinity=True).tolist() == [1, -INF]
    for bad in (NAN, INF):
        with pytest.raises(ValueError, match=f"^x must be finite, but it holds {bad} at position \\[1\\]"):
            validate.numbers("x", [-INF, bad], minus_infinity=True)


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(TypeError) as problem:
        validate.numbers("x", "long " * 1000)
    assert len(str(problem.value)) < 150 and "..." in str(problem.value)


def test_the_lowest_whole_number_can_be_chosen():
    assert validate.whole_number("x", 0, low=0) == 0
    assert type(validate.whole_number("x", np.int64(7))) is int
    with pytest.raises(ValueError, match="^x must be at least 3, but it is 2"):
        validate.whole_number("x", 2, low=3)


def test_same_says_both_names_and_both_sizes():
    validate.same("size", "a", 2, "b", 2)
    with pytest.raises(ValueError, match="^a and b must have the same size, but a has 2 and b has 3"):
        validate.same("size", "a", 2, "b", 3)


def test_the_ends_of_a_range_lie_in_it_and_nothing_beyond_does():
    assert validate.whole_number("n", 5, low=2, high=5) == 5 and validate.whole_number("n", 2, low=2, high=5) == 2
    assert validate.inside("x", [2, 5], 2, 5).tolist() == [2, 5]
    for outside in ([2, 5.1], [1.9, 5], [1.9, 5.1]):
        with pytest.raises(ValueError, match=r"^x must lie between 2 and 5, but it holds (5\.1|1\.9)\.$"):
            validate.inside("x", outside, 2, 5)


def test_a_causal_mask_may_have_10000_words_and_not_one_more():
    with pytest.raises(ValueError, match=r"^length must be at most 10000, but it is 10001"):
        causal_mask(10_001)


def test_words_come_back_as_a_list_and_their_number_must_fit():
    assert validate.words("words", ("a", "b"), 2) == ["a", "b"]
    for wrong in (["a", 1], [1, 2]):
        with pytest.raises(TypeError, match="^words must be a list of texts, but it is"):
            validate.words("words", wrong, 2)
    with pytest.raises(ValueError, match="^words must hold 3 texts, one a row, but it holds 2"):
        validate.words("words", ["a", "b"], 3)


def test_a_text_may_be_as_long_as_the_limit_and_one_more_is_too_long():
    assert check_text("text", " ab  cd ", 5) == "ab cd"
    with pytest.raises(ValueError, match="^text may have at most 5 characters here, but it has 6"):
        check_text("text", "ab cde", 5)
