"""The helpers against PyTorch. This file needs torch; no other test of the maths does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import FLOATS, arrays, masked_inputs, proven

from helpers.attention import attention, causal_mask, softmax
from helpers.multi_head import multi_head_attention

torch = pytest.importorskip("torch")
functional = torch.nn.functional

CLOSE = {np.float32: {"rtol": 1e-4, "atol": 1e-5}, np.float64: {"rtol": 1e-10, "atol": 1e-12}}


@proven
@given(st.data(), st.sampled_from(FLOATS), st.sampled_from([10.0, 1e-30, 1e30]), st.sampled_from([0, 1, -1]))
def test_softmax_is_torchs(data, dtype, reach, axis):
    scores = data.draw(arrays(3, 4, dtype=dtype, reach=float(dtype(reach))))
    expected = functional.softmax(torch.tensor(scores), dim=axis)
    np.testing.assert_allclose(softmax(scores, axis=axis), expected.numpy(), **CLOSE[dtype])


@proven
@given(masked_inputs(leading=(2, 3)), st.booleans(), st.sampled_from(FLOATS), st.sampled_from([None, 1.0, 0.3]))
def test_attention_is_torchs_scaled_dot_product_attention(inputs, masked, dtype, scale):
    query, key, value = (array.astype(dtype) for array in inputs[:3])
    mask = inputs[3] if masked else None
    output, _ = attention(query, key, value, mask, scale)
    theirs = functional.scaled_dot_product_attention(
        *(torch.tensor(array) for array in (query, key, value)),
        attn_mask=torch.tensor(mask) if masked else None,
        scale=scale,
    )
    np.testing.assert_allclose(output, theirs.numpy(), **CLOSE[dtype])


def test_the_causal_mask_is_torchs_is_causal():
    query, key, value = np.random.default_rng(0).standard_normal((3, 2, 6, 4))
    output, _ = attention(query, key, value, causal_mask(6))
    theirs = functional.scaled_dot_product_attention(*map(torch.tensor, (query, key, value)), is_causal=True)
    np.testing.assert_allclose(output, theirs.numpy(), **CLOSE[np.float64])


@pytest.mark.parametrize("num_heads", [1, 2, 3, 6])
@pytest.mark.parametrize("causal", [False, True])
def test_multi_head_attention_is_torchs_module_with_the_same_matrices(num_heads, causal):
    rng = np.random.default_rng(num_heads)
    embeddings, matrices = rng.standard_normal((2, 5, 6)), rng.standard_normal((4, 6, 6))
    mask = causal_mask(5) if causal else None
    output, weights = multi_head_attention(embeddings, *matrices, num_heads, mask)

    module = torch.nn.MultiheadAttention(6, num_heads, bias=False, batch_first=True, dtype=torch.float64)
    with torch.no_grad():  # torch keeps W transposed, and query, key and value in one block
        module.in_proj_weight.copy_(torch.tensor(np.vstack([W.T for W in matrices[:3]])))
        module.out_proj.weight.copy_(torch.tensor(matrices[3].T.copy()))
        x = torch.tensor(embeddings)
        hidden = None if mask is None else torch.tensor(~mask)  # torch's mask says what is hidden
        theirs, their_weights = module(x, x, x, attn_mask=hidden, average_attn_weights=False)
    np.testing.assert_allclose(output, theirs.numpy(), **CLOSE[np.float64])
    np.testing.assert_allclose(weights, their_weights.numpy(), **CLOSE[np.float64])
