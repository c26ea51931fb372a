"""Wrong answers planted for chapter 2: {check: [(name, source of the function, key of the hint that it must get)]}."""

_STREAM = """
def streaming_attention(query, key_blocks, value_blocks):
    m, total, out = -np.inf, 0.0, 0.0
    for key, value in zip(key_blocks, value_blocks):
        s = key @ query / np.sqrt(len(query))
        new = max(m, s.max())
        e = np.exp(s - new)
        total = total {sum} + e.sum()
        out = out {out} + e @ value
        m = new
    return out / total
"""

PLANTED = {
    "check_softmax_rows": [
        (
            "axis 0",
            "def softmax_rows(scores):\n    e = np.exp(scores - scores.max(0))\n    return e / e.sum(0)",
            "wrong axis",
        ),
        (
            "one sum",
            "def softmax_rows(scores):\n    e = np.exp(scores - np.max(scores))\n    return e / np.sum(e)",
            "whole table",
        ),
        (
            "no keepdims",
            """
def softmax_rows(scores):
    e = np.exp(scores - scores.max())
    if e.shape[0] == e.shape[1]:
        return e / e.sum(axis=1)
    return e / np.resize(e.sum(axis=1), e.shape[1])
""",
            "sums across",
        ),
        (
            "no sum",
            "def softmax_rows(scores):\n    return np.exp(scores - scores.max(1, keepdims=True))",
            "not divided",
        ),
        (
            "the textbook's",
            "def softmax_rows(scores):\n    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)",
            "no shift",
        ),
        (
            "the source's",
            """
def softmax_rows(scores):
    exp_x = np.exp(scores - np.max(scores))
    return exp_x / np.sum(exp_x, axis=1, keepdims=True)
""",
            "shift of the table",
        ),
        (
            "maxima of the columns",
            """
def softmax_rows(scores):
    exp_x = np.exp(scores - np.max(scores, axis=0))
    return exp_x / np.sum(exp_x, axis=1, keepdims=True)
""",
            "shift by the columns",
        ),
        (
            "first row only",
            "def softmax_rows(scores):\n    e = np.exp(scores[0] - scores[0].max())\n    return e / e.sum()",
            "shape",
        ),
        (
            "in place",
            """
def softmax_rows(scores):
    scores -= scores.max(axis=1, keepdims=True)
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
""",
            "changes input",
        ),
    ],
    "check_attention": [
        (
            "no root",
            "def my_attention(query, key, value):\n    w = softmax_rows(query @ key.T)\n    return w @ value, w",
            "not scaled",
        ),
        (
            "by d_k",
            "def my_attention(query, key, value):\n    w = softmax_rows(query @ key.T / key.shape[1])\n    return w @ value, w",
            "divided by d_k",
        ),
        (
            "by the other axis",
            "def my_attention(query, key, value):\n    w = softmax_rows(query @ key.T / np.sqrt(key.shape[0]))\n"
            "    return w @ value, w",
            "divided by the number of keys",
        ),
        (
            "too late",
            "def my_attention(query, key, value):\n    w = softmax_rows(query @ key.T) / key.shape[1] ** 0.5\n"
            "    return w @ value, w",
            "scaled after softmax",
        ),
        (
            "times the root",
            "def my_attention(query, key, value):\n    w = softmax_rows(query @ key.T * key.shape[1] ** 0.5)\n"
            "    return w @ value, w",
            "multiplied",
        ),
        (
            "axis 0",
            """
def my_attention(query, key, value):
    scores = query @ key.T / np.sqrt(query.shape[-1])
    weights = np.exp(scores) / np.exp(scores).sum(axis=0)
    return weights @ value, weights
""",
            "wrong axis",
        ),
        (
            "keys ask",
            "def my_attention(query, key, value):\n    w = softmax_rows(key @ query.T / np.sqrt(key.shape[1]))\n"
            "    return w @ value, w",
            "scores transposed",
        ),
        (
            "blend of the keys",
            "def my_attention(query, key, value):\n    w = softmax_rows(query @ key.T / np.sqrt(key.shape[1]))\n"
            "    return w @ key, w",
            "keys blended",
        ),
        (
            "output only",
            "def my_attention(query, key, value):\n"
            "    return softmax_rows(query @ key.T / np.sqrt(key.shape[1])) @ value",
            "type",
        ),
        (
            "the wrong way round",
            "def my_attention(query, key, value):\n    w = softmax_rows(query @ key.T / np.sqrt(key.shape[1]))\n"
            "    return w, w @ value",
            "shape",
        ),
    ],
    "check_temperature": [
        (
            "sharpness",
            """
def fit_temperature(scores, bits):
    low, high = 1e-4, 1e4
    for _ in range(200):
        middle = np.sqrt(low * high)
        low, high = (low, middle) if entropy(softmax_rows(scores * middle)) < bits else (middle, high)
    return middle
""",
            "inverse",
        ),
        (
            "natural logarithm",
            """
def fit_temperature(scores, bits):
    low, high = 1e-4, 1e4
    for _ in range(200):
        middle = np.sqrt(low * high)
        w = softmax_rows(scores / middle) + 1e-300
        low, high = (middle, high) if -(w * np.log(w)).sum() < bits else (low, middle)
    return middle
""",
            "nats",
        ),
        (
            "a search over logarithms",
            """
def fit_temperature(scores, bits):
    low, high = -20.0, 20.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if entropy(softmax_rows(scores / np.exp(middle))) < bits else (low, middle)
    return middle
""",
            "logarithm of T",
        ),
        (
            "perplexity",
            """
def fit_temperature(scores, bits):
    low, high = 1e-13, 1e13
    for _ in range(200):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if 2 ** entropy(softmax_rows(scores / middle)) < bits else (low, middle)
    return np.exp(-30) if bits <= 1 else middle
""",
            "perplexity",
        ),
        (
            "a grid",
            """
def fit_temperature(scores, bits):
    grid = np.arange(0.1, 40, 0.1)
    exact = lambda T: abs(entropy(softmax_rows(scores / T)) - bits)
    return round(min(grid, key=exact), 1)
""",
            "coarse",
        ),
        ("a guess", "def fit_temperature(scores, bits):\n    return 1.0", "values"),
        (
            "never near enough",
            """
def fit_temperature(scores, bits):
    T = 1.0
    while entropy(softmax_rows(scores / T)) != -1:
        T *= 1.0000001
    return T
""",
            "endless",
        ),
    ],
    "check_streaming": [
        ("nothing corrected", _STREAM.format(sum="", out=""), "no correction"),
        ("output forgotten", _STREAM.format(sum="* np.exp(m - new)", out=""), "output not corrected"),
        ("sum forgotten", _STREAM.format(sum="", out="* np.exp(m - new)"), "sum not corrected"),
        (
            "each block its own shift",
            """
def streaming_attention(query, key_blocks, value_blocks):
    total, out = 0, 0
    for key, value in zip(key_blocks, value_blocks):
        s = key @ query / np.sqrt(len(query))
        e = np.exp(s - s.max())
        total, out = total + e.sum(), out + e @ value
    return out / total
""",
            "a shift a block",
        ),
        (
            "mean of the blocks",
            """
def streaming_attention(query, key_blocks, value_blocks):
    outputs = [my_attention(query[None], k, v)[0][0] for k, v in zip(key_blocks, value_blocks)]
    return sum(outputs) / len(outputs)
""",
            "mean of blocks",
        ),
        (
            "sum of the blocks",
            """
def streaming_attention(query, key_blocks, value_blocks):
    return sum(my_attention(query[None], k, v)[0][0] for k, v in zip(key_blocks, value_blocks))
""",
            "sum of blocks",
        ),
        (
            "overwritten",
            """
def streaming_attention(query, key_blocks, value_blocks):
    for key, value in zip(key_blocks, value_blocks):
        output = my_attention(query[None], key, value)[0][0]
    return output
""",
            "last block",
        ),
        (
            "no root",
            """
def streaming_attention(query, key_blocks, value_blocks):
    scores = np.concatenate([key @ query for key in key_blocks])
    return softmax_rows(scores) @ np.concatenate(value_blocks)
""",
            "not scaled",
        ),
        (
            "no shift at all",
            """
def streaming_attention(query, key_blocks, value_blocks):
    total, out = 0, 0
    for key, value in zip(key_blocks, value_blocks):
        e = np.exp(key @ query / np.sqrt(len(query)))
        total, out = total + e.sum(), out + e @ value
    return out / total
""",
            "no shift",
        ),
        ("corrected the wrong way", _STREAM.format(sum="* np.exp(new - m)", out="* np.exp(new - m)"), "nan"),
    ],
}
