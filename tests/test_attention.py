"""softmax, attention, causal_mask and entropy against plain loops, and the properties that hold for any numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import FLOATS, arrays, attention_inputs, masked_inputs, plain_attention, plain_softmax, proven, sizes

from helpers.attention import attention, causal_mask, entropy, softmax

EXACT = {"rtol": 1e-10, "atol": 1e-12}


# softmax


@proven
@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8))
def test_softmax_is_the_plain_loop(scores):
    np.testing.assert_allclose(softmax(scores), plain_softmax(scores), **EXACT)


@proven
@given(st.data(), st.sampled_from(FLOATS))
def test_softmax_of_any_finite_scores_is_finite_sums_to_1_and_keeps_the_float_type(data, dtype):
    scores = data.draw(arrays(data.draw(sizes), data.draw(sizes), dtype=dtype, reach=float(np.finfo(dtype).max) / 2))
    weights = softmax(scores)
    assert weights.dtype == dtype and weights.shape == scores.shape
    assert ((weights >= 0) & (weights <= 1)).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-5)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype, huge", [(np.float32, 3e38), (np.float64, 1e300), (np.float64, 1.7e308)])
def test_softmax_survives_scores_at_the_end_of_the_float_range_without_a_warning(dtype, huge):
    np.testing.assert_array_equal(softmax(np.array([huge, -huge, 0], dtype=dtype)), [1, 0, 0])
    np.testing.assert_array_equal(softmax(np.array([huge, huge], dtype=dtype)), [0.5, 0.5])


@pytest.mark.parametrize("dtype, tiny", [(np.float32, 1e-45), (np.float64, 5e-324), (np.float64, 1e-300)])
def test_softmax_of_tiny_scores_is_even(dtype, tiny):
    np.testing.assert_array_equal(softmax(np.array([tiny, -tiny, 0, tiny], dtype=dtype)), [0.25] * 4)


@pytest.mark.parametrize("scores", [[2, 1], [True + 1, 1], np.array([2, 1], dtype=np.int8), np.float16([2, 1])])
def test_softmax_of_whole_numbers_and_half_floats_is_float64(scores):
    assert softmax(scores).dtype == np.float64
    np.testing.assert_allclose(softmax(scores), plain_softmax([2, 1]), **EXACT)


@proven
@given(arrays(2, 3, 4), st.sampled_from([-3, -2, -1, 0, 1, 2]))
def test_softmax_runs_along_the_axis_that_was_asked_for(scores, axis):
    expected = np.empty_like(scores)
    moved, target = np.moveaxis(scores, axis, -1), np.moveaxis(expected, axis, -1)
    for place in np.ndindex(moved.shape[:-1]):
        target[place] = plain_softmax(moved[place].tolist())
    np.testing.assert_allclose(softmax(scores, axis=axis), expected, **EXACT)


def test_softmax_of_one_score_is_1():
    np.testing.assert_array_equal(softmax([-7.5]), [1.0])


def test_softmax_gives_minus_infinity_the_weight_0_and_the_others_what_they_get_without_it():
    weights = softmax([0.5, -math.inf, 2.0])
    assert weights[1] == 0
    np.testing.assert_allclose(weights[[0, 2]], plain_softmax([0.5, 2.0]), **EXACT)


@proven
@given(arrays(6), st.floats(-100, 100))
def test_softmax_does_not_change_when_the_same_number_is_added_to_every_score(scores, shift):
    np.testing.assert_allclose(softmax(scores + shift), softmax(scores), rtol=1e-9, atol=1e-12)


# attention against the loops


@proven
@given(attention_inputs())
def test_attention_is_the_plain_loop(inputs):
    for got, expected in zip(attention(*inputs), plain_attention(*inputs), strict=True):
        np.testing.assert_allclose(got, expected, **EXACT)


@proven
@given(attention_inputs(), st.sampled_from([1, 1.0, 0.25, -2, 0, np.float32(0.5)]))
def test_attention_multiplies_the_scores_by_the_given_scale(inputs, scale):
    for got, expected in zip(attention(*inputs, scale=scale), plain_attention(*inputs, float(scale)), strict=True):
        np.testing.assert_allclose(got, expected, **EXACT)


@proven
@given(masked_inputs())
def test_attention_with_a_mask_is_the_plain_loop_and_hidden_keys_weigh_exactly_0(inputs):
    query, key, value, mask = inputs
    output, weights = attention(query, key, value, mask)
    expected = plain_attention(query, key, value, mask=mask)
    np.testing.assert_allclose(output, expected[0], **EXACT)
    np.testing.assert_allclose(weights, expected[1], **EXACT)
    assert (weights[~mask] == 0).all()


@proven
@given(masked_inputs(leading=(2, 3)))
def test_every_batch_and_head_is_attended_for_itself(inputs):
    query, key, value, mask = inputs
    output, weights = attention(query, key, value, mask)
    assert output.shape == (2, 3, query.shape[-2], value.shape[-1])
    assert weights.shape == (2, 3, query.shape[-2], key.shape[-2])
    for place in np.ndindex(2, 3):
        expected = plain_attention(query[place], key[place], value[place], mask=mask[place])
        np.testing.assert_allclose(output[place], expected[0], **EXACT)
        np.testing.assert_allclose(weights[place], expected[1], **EXACT)


@proven
@given(masked_inputs(), st.integers(1, 3))
def test_one_mask_of_queries_by_keys_serves_every_head(inputs, heads):
    query, key, value, mask = inputs
    stacked = [np.stack([array] * heads) for array in (query, key, value)]
    output, weights = attention(*stacked, mask=mask)
    alone = attention(query, key, value, mask)
    for head in range(heads):
        np.testing.assert_allclose(output[head], alone[0], **EXACT)
        np.testing.assert_allclose(weights[head], alone[1], **EXACT)


@proven
@given(masked_inputs(), st.booleans())
def test_a_single_query_gets_the_row_that_it_gets_among_others(inputs, masked):
    query, key, value, mask = inputs
    output, weights = attention(query, key, value, mask if masked else None)
    for i in range(len(query)):
        one, row = attention(query[i], key, value, mask[i] if masked else None)
        assert one.shape == (value.shape[1],) and row.shape == (len(key),)
        np.testing.assert_allclose(one, output[i], **EXACT)
        np.testing.assert_allclose(row, weights[i], **EXACT)


@proven
@given(st.data(), st.sampled_from(FLOATS))
def test_attention_keeps_the_float_type(data, dtype):
    inputs = data.draw(attention_inputs(dtype=dtype))
    output, weights = attention(*inputs)
    assert output.dtype == dtype and weights.dtype == dtype
    np.testing.assert_allclose(output, plain_attention(*inputs)[0], rtol=1e-4, atol=1e-5)


def test_float32_with_float64_gives_float64():
    output, weights = attention(np.float32([[1, 2]]), np.float32([[1, 0], [0, 1]]), np.float64([[1.0], [2.0]]))
    assert output.dtype == np.float64 and weights.dtype == np.float64


# what holds for any numbers


@proven
@given(attention_inputs(reach=100.0))
def test_weights_sum_to_1_and_the_output_lies_between_the_lowest_and_highest_value(inputs):
    output, weights = attention(*inputs)
    value = inputs[2]
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-12)
    assert (weights >= 0).all()
    slack = 1e-12 * (1 + np.abs(value).max())
    assert (output >= value.min(axis=0) - slack).all() and (output <= value.max(axis=0) + slack).all()


@proven
@given(masked_inputs(), st.randoms(use_true_random=False))
def test_shuffling_keys_values_and_mask_together_changes_nothing(inputs, chance):
    query, key, value, mask = inputs
    order = chance.sample(range(len(key)), len(key))
    output, weights = attention(query, key, value, mask)
    shuffled_output, shuffled_weights = attention(query, key[order], value[order], mask[:, order])
    np.testing.assert_allclose(shuffled_output, output, **EXACT)
    np.testing.assert_allclose(shuffled_weights, weights[:, order], **EXACT)


@proven
@given(attention_inputs(), st.randoms(use_true_random=False))
def test_shuffling_the_queries_shuffles_the_outputs(inputs, chance):
    query, key, value = inputs
    order = chance.sample(range(len(query)), len(query))
    output, weights = attention(query, key, value)
    shuffled_output, shuffled_weights = attention(query[order], key, value)
    np.testing.assert_allclose(shuffled_output, output[order], **EXACT)
    np.testing.assert_allclose(shuffled_weights, weights[order], **EXACT)


@proven
@given(attention_inputs())
def test_a_query_of_zeros_gets_the_plain_mean_of_the_values(inputs):
    query, key, value = inputs
    output, _ = attention(np.zeros_like(query), key, value)
    np.testing.assert_allclose(output, np.tile([sum(col) / len(col) for col in value.T], (len(query), 1)), **EXACT)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype, huge", [(np.float32, 1e18), (np.float64, 1e150)])
def test_attention_with_scores_near_the_end_of_the_float_range_picks_the_best_key(dtype, huge):
    query, key = np.array([[huge, 0]], dtype=dtype), np.array([[huge, 0], [0, 0], [-huge, 0]], dtype=dtype)
    output, weights = attention(query, key, np.array([[7], [8], [9]], dtype=dtype))
    np.testing.assert_array_equal(weights, [[1, 0, 0]])
    np.testing.assert_array_equal(output, [[7]])


# the causal mask


@pytest.mark.parametrize("length", [1, 2, 5])
def test_the_causal_mask_shows_a_word_itself_and_what_stands_before(length):
    expected = [[column <= row for column in range(length)] for row in range(length)]
    mask = causal_mask(length)
    assert mask.dtype == bool
    assert mask.tolist() == expected


@proven
@given(st.data(), st.integers(2, 5))
def test_with_a_causal_mask_later_words_change_no_earlier_output(data, length):
    query, key, value = (data.draw(arrays(length, 3)) for _ in range(3))
    output, weights = attention(query, key, value, causal_mask(length))
    assert weights[0].tolist() == [1.0] + [0.0] * (length - 1)
    np.testing.assert_array_equal(output[0], value[0])
    word = data.draw(st.integers(1, length - 1))
    key[word:], value[word:] = data.draw(arrays(length - word, 3)), data.draw(arrays(length - word, 3))
    changed, _ = attention(query, key, value, causal_mask(length))
    np.testing.assert_allclose(changed[:word], output[:word], **EXACT)


# entropy


@proven
@given(st.lists(st.floats(-20, 20), min_size=1, max_size=8))
def test_entropy_is_the_plain_sum(scores):
    weights = plain_softmax(scores)
    expected = -math.fsum(weight * math.log2(weight) for weight in weights if weight > 0)
    assert entropy(weights) == pytest.approx(expected, abs=1e-12)


@pytest.mark.filterwarnings("error")
def test_entropy_is_0_bits_for_one_key_and_log2_of_the_keys_for_equal_weights():
    assert f"{entropy([0.0, 1.0, 0.0])}" == "0.0"  # and not -0.0
    np.testing.assert_allclose(entropy([[0.125] * 8, [1] + [0] * 7, [0.5, 0.5] + [0] * 6]), [3, 0, 1], **EXACT)


# what goes in is left alone


@pytest.mark.parametrize("dtype", FLOATS)
def test_no_input_is_changed_in_place(dtype):
    rng = np.random.default_rng(0)
    query, key, value = (rng.random((2, 3, 3)).astype(dtype) for _ in range(3))
    mask, weights = np.tril(np.ones((3, 3), dtype=bool)), np.full((2, 4), 0.25, dtype=dtype)
    given_arrays = (query, key, value, mask, weights)
    copies = [array.copy() for array in given_arrays]
    for array in given_arrays:
        array.flags.writeable = False  # writing would raise
    attention(query, key, value, mask)
    attention(query[0, 0], key[0], value[0], mask[2], scale=1)
    softmax(query)
    entropy(weights)
    for array, copy in zip(given_arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_what_comes_back_is_not_the_memory_of_what_went_in():
    value = np.array([[1.0, 2.0]])
    output, _ = attention(np.array([[1.0]]), np.array([[1.0]]), value)
    output[:] = 99
    assert value.tolist() == [[1.0, 2.0]]
