"""What the tests share: how Hypothesis runs, the arrays it makes, and attention written as plain loops."""

import io
import math

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

# The same examples in every run, however slow the machine is.
proven = settings(deadline=None, derandomize=True, max_examples=40, database=None)
seldom = settings(proven, max_examples=12)  # where every example makes a figure

FLOATS = (np.float32, np.float64)
sizes = st.integers(1, 5)


def entries(dtype=np.float64, reach=4.0):
    """Finite numbers between -reach and reach that fit the float type."""
    return st.floats(-reach, reach, width=np.dtype(dtype).itemsize * 8, allow_subnormal=False)


def arrays(*shape, dtype=np.float64, reach=4.0):
    """Arrays of one shape and float type."""
    return hnp.arrays(dtype, shape, elements=entries(dtype, reach))


@st.composite
def attention_inputs(draw, dtype=np.float64, leading=(), reach=4.0):
    """A query, key and value that fit: sizes of their own for queries, keys, d_k and d_v."""
    queries, keys, d_k, d_v = (draw(sizes) for _ in range(4))
    shapes = ((queries, d_k), (keys, d_k), (keys, d_v))
    return tuple(draw(arrays(*leading, *shape, dtype=dtype, reach=reach)) for shape in shapes)


@st.composite
def masked_inputs(draw, leading=()):
    """attention_inputs and a mask of one row a query, each with at least one True."""
    query, key, value = draw(attention_inputs(leading=leading))
    mask = draw(hnp.arrays(bool, (*leading, query.shape[-2], key.shape[-2])))
    mask[..., draw(st.integers(0, key.shape[-2] - 1))] = True
    return query, key, value, mask


def plain_softmax(scores):
    """Softmax of a list of numbers, term by term."""
    highest = max(scores)
    exponentials = [math.exp(score - highest) for score in scores]
    return [exponential / math.fsum(exponentials) for exponential in exponentials]


def plain_attention(query, key, value, scale=None, mask=None):
    """Attention of one sentence (2-D lists or arrays) in plain loops over Python floats: (output, weights)."""
    query, key, value = ([[float(x) for x in row] for row in array] for array in (query, key, value))
    scale = 1 / math.sqrt(len(key[0])) if scale is None else scale
    output, weights = [], []
    for i, question in enumerate(query):
        scores = []
        for j, offer in enumerate(key):
            score = math.fsum(a * b for a, b in zip(question, offer, strict=True)) * scale
            scores.append(score if mask is None or mask[i][j] else -math.inf)
        row = plain_softmax(scores)
        weights.append(row)
        output.append([math.fsum(w * v[f] for w, v in zip(row, value, strict=True)) for f in range(len(value[0]))])
    return np.array(output), np.array(weights)


def plain_matmul(left, right):
    """A matrix product in plain loops."""
    columns = list(zip(*right, strict=True))
    return np.array([[math.fsum(a * b for a, b in zip(row, col, strict=True)) for col in columns] for row in left])


def picture_size(png):
    """(width, height) in pixels of a picture's bytes."""
    return Image.open(io.BytesIO(png)).size


def descendants(widget):
    """Every widget that is in a box, at any depth, in reading order."""
    found = []
    for child in getattr(widget, "children", ()):
        found += [child, *descendants(child)]
    return found
