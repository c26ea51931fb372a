"""Splitting, merging and multi-head attention against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import FLOATS, arrays, plain_attention, plain_matmul, proven

from helpers.attention import causal_mask
from helpers.multi_head import merge_heads, multi_head_attention, split_heads

WEIGHTS = ("W_q", "W_k", "W_v", "W_o")


def plain_multi_head(embeddings, W_q, W_k, W_v, W_o, num_heads, mask=None):
    """Each head sees its slice of the projected features; the outputs side by side go through W_o."""
    width = embeddings.shape[1] // num_heads
    outputs, weights = [], []
    for head in range(num_heads):
        columns = slice(head * width, (head + 1) * width)
        parts = [plain_matmul(embeddings, W)[:, columns] for W in (W_q, W_k, W_v)]
        output, row = plain_attention(*parts, mask=mask)
        outputs.append(output)
        weights.append(row)
    joined = [[x for output in outputs for x in output[word]] for word in range(len(embeddings))]
    return plain_matmul(joined, W_o), np.array(weights)


@st.composite
def sentences(draw):
    """Embeddings, four square matrices and a number of heads that divides the width."""
    num_heads, head_dim, words = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    width = num_heads * head_dim
    return draw(arrays(words, width, reach=2.0)), [draw(arrays(width, width, reach=2.0)) for _ in WEIGHTS], num_heads


@proven
@given(sentences(), st.booleans())
def test_multi_head_attention_is_the_plain_loop(sentence, causal):
    embeddings, matrices, num_heads = sentence
    mask = causal_mask(len(embeddings)) if causal else None
    output, weights = multi_head_attention(embeddings, *matrices, num_heads, mask)
    expected = plain_multi_head(embeddings, *matrices, num_heads, mask)
    np.testing.assert_allclose(output, expected[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(weights, expected[1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_batch_is_attended_sentence_by_sentence_and_the_float_type_is_kept(dtype):
    rng = np.random.default_rng(1)
    batch = rng.random((2, 3, 4)).astype(dtype)
    matrices = [rng.standard_normal((4, 4)).astype(dtype) for _ in WEIGHTS]
    output, weights = multi_head_attention(batch, *matrices, 2)
    assert output.shape == (2, 3, 4) and weights.shape == (2, 2, 3, 3)
    assert output.dtype == dtype and weights.dtype == dtype
    for sentence in range(2):
        expected = plain_multi_head(batch[sentence], *matrices, 2)
        np.testing.assert_allclose(output[sentence], expected[0], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(weights[sentence], expected[1], rtol=1e-4, atol=1e-5)


def test_every_head_can_have_a_mask_of_its_own():
    rng = np.random.default_rng(2)
    embeddings, matrices = rng.random((3, 4)), [rng.random((4, 4)) for _ in WEIGHTS]
    masks = np.stack([causal_mask(3), causal_mask(3).T])
    _, weights = multi_head_attention(embeddings, *matrices, 2, masks)
    for head in range(2):
        _, alone = multi_head_attention(embeddings, *matrices, 2, masks[head])
        np.testing.assert_allclose(weights[head], alone[head], rtol=1e-12)
        assert (weights[head][~masks[head]] == 0).all()


@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_split_puts_feature_h_times_head_dim_plus_d_into_head_h(leading):
    features = np.arange(np.prod((*leading, 5, 6)), dtype=float).reshape(*leading, 5, 6)
    heads = split_heads(features, 3)
    assert heads.shape == (*leading, 3, 5, 2)
    for head, word, feature in np.ndindex(3, 5, 2):
        np.testing.assert_array_equal(heads[..., head, word, feature], features[..., word, head * 2 + feature])
    assert not np.array_equal(heads, features.reshape(*leading, 3, 5, 2))  # a plain reshape would mix the words


@proven
@given(st.data(), st.sampled_from([(), (2,), (1, 2)]), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))
def test_merge_undoes_split_and_split_undoes_merge(data, leading, num_heads, head_dim, words):
    features = data.draw(arrays(*leading, words, num_heads * head_dim))
    np.testing.assert_array_equal(merge_heads(split_heads(features, num_heads)), features)
    heads = data.draw(arrays(*leading, num_heads, words, head_dim))
    np.testing.assert_array_equal(split_heads(merge_heads(heads), num_heads), heads)


@pytest.mark.parametrize("dtype", FLOATS)
def test_split_and_merge_keep_the_float_type(dtype):
    heads = split_heads(np.ones((2, 4), dtype=dtype), 2)
    assert heads.dtype == dtype and merge_heads(heads).dtype == dtype


def test_no_input_is_changed_in_place():
    rng = np.random.default_rng(3)
    inputs = [rng.random((3, 4)), *(rng.random((4, 4)) for _ in WEIGHTS)]
    copies = [array.copy() for array in inputs]
    for array in inputs:
        array.flags.writeable = False
    multi_head_attention(*inputs, 2)
    merge_heads(split_heads(inputs[0], 2))
    for array, copy in zip(inputs, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


# what is refused


@pytest.mark.parametrize(
    "num_heads, error, words",
    [
        (2, ValueError, "num_heads must divide the 3 features, but 3 / 2 leaves 1 over"),
        (6, ValueError, "num_heads must divide the 3 features"),
        (0, ValueError, "num_heads must be at least 1, but it is 0"),
        (-1, ValueError, "num_heads must be at least 1, but it is -1"),
        (True, TypeError, "num_heads must be a whole number, but it is True"),
        (2.0, TypeError, "num_heads must be a whole number, but it is 2.0"),
        ("3", TypeError, "num_heads must be a whole number, but it is '3'"),
        (None, TypeError, "num_heads must be a whole number, but it is None"),
    ],
)
def test_a_number_of_heads_that_does_not_fit_is_refused(num_heads, error, words):
    for call in (
        lambda: split_heads(np.ones((5, 3)), num_heads),
        lambda: multi_head_attention(np.ones((5, 3)), *[np.eye(3)] * 4, num_heads),
    ):
        with pytest.raises(error) as problem:
            call()
        assert words in str(problem.value)


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize(
    "matrix, error, words",
    [
        (np.ones((4, 3)), ValueError, "must have shape (4, 4), but its shape is (4, 3)"),
        (np.ones((3, 4)), ValueError, "must have shape (4, 4), but its shape is (3, 4)"),
        (np.ones((1, 1)), ValueError, "must have shape (4, 4), but its shape is (1, 1)"),
        (np.ones(4), ValueError, "must have 2 axes, but its shape is (4,)"),
        (np.ones((2, 4, 4)), ValueError, "must have 2 axes, but its shape is (2, 4, 4)"),
        (np.full((4, 4), np.nan), ValueError, "must be finite, but it holds nan at position [0, 0]"),
        (None, TypeError, "must hold real numbers, but it holds Python objects: None"),
        (np.eye(4, dtype=complex), TypeError, "must hold real numbers, but it holds complex numbers"),
    ],
)
def test_a_matrix_that_does_not_fit_is_refused_by_its_name(name, matrix, error, words):
    matrices = dict.fromkeys(WEIGHTS, np.eye(4)) | {name: matrix}
    with pytest.raises(error) as problem:
        multi_head_attention(np.ones((5, 4)), **matrices, num_heads=2)
    assert f"{name} {words}" in str(problem.value)


@pytest.mark.parametrize(
    "embeddings, error, words",
    [
        (np.ones(4), ValueError, "embeddings must have 2 or more axes (words, features), but its shape is (4,)"),
        (np.ones((0, 4)), ValueError, "embeddings is empty: its shape is (0, 4)"),
        ([[1, 2], [3]], ValueError, "but its rows have different lengths"),
        ([["a"]], TypeError, "embeddings must hold real numbers, but it holds text"),
        ([[np.inf]], ValueError, "embeddings must be finite, but it holds inf at position [0, 0]"),
    ],
)
def test_embeddings_that_do_not_fit_are_refused(embeddings, error, words):
    with pytest.raises(error) as problem:
        multi_head_attention(embeddings, *[np.eye(4)] * 4, 2)
    assert words in str(problem.value)


@pytest.mark.parametrize(
    "call, words",
    [
        (
            lambda: split_heads([1.0, 2.0], 1),
            "features must have 2 or more axes (words, features), but its shape is (2,)",
        ),
        (lambda: merge_heads(np.ones((2, 2))), "heads must have 3 or more axes (heads, words, head_dim)"),
        (
            lambda: multi_head_attention(np.ones((3, 2)), *[np.eye(2)] * 4, 2, np.ones((2, 3, 2), bool)),
            "mask must have",
        ),
        (
            lambda: multi_head_attention(np.ones((3, 2)), *[np.eye(2)] * 4, 2, np.ones((1, 3, 3), bool)),
            "mask must have",
        ),
        (
            lambda: multi_head_attention(
                np.ones((2, 2)), *[np.eye(2)] * 4, 1, np.array([[True, True], [False, False]])
            ),
            "mask hides every key of query [1]",
        ),
    ],
)
def test_shapes_and_masks_that_do_not_fit_are_refused(call, words):
    with pytest.raises(ValueError) as problem:
        call()
    assert words in str(problem.value)


@pytest.mark.filterwarnings("error")
def test_projections_beyond_the_float_range_are_one_sentence_and_no_warning():
    with pytest.raises(ValueError, match="the product of embeddings and W_q leaves the range of float64"):
        multi_head_attention(np.full((2, 2), 1e200), *[np.full((2, 2), 1e200)] * 4, 1)
