"""Wrong answers planted for chapter 3: {check: [(name, source of the function, key of the hint that it must get)]}."""


def _self(body):
    return f"def my_self_attention(x, W_q, W_k, W_v):\n    return {body}"


def _placed(body):
    return f"def placed_attention(x, W_q, W_k, W_v):\n    p = sinusoidal_positions(*x.shape)\n    return {body}"


def _causal(mask, scores="Q @ K.T / np.sqrt(K.shape[1])", rest="e / e.sum(axis=1, keepdims=True) @ V"):
    return (
        f"def causal_attention(Q, K, V):\n    n = len(Q)\n    s = {scores}\n    s = {mask}\n"
        f"    e = np.exp(s - s.max(axis=1, keepdims=True))\n    return {rest}"
    )


def _window(rule):
    return f"""
def window_mask(length, window, sinks):
    mask = np.zeros((length, length), dtype=bool)
    for i in range(length):
        for j in range(length):
            mask[i, j] = {rule}
    return mask
"""


PLANTED = {
    "check_self_attention": [
        ("no W_v", _self("attention(x @ W_q, x @ W_k, x)[0]"), "values are embeddings"),
        ("exchanged", _self("attention(query=x @ W_k, key=x @ W_q, value=x @ W_v)[0]"), "queries and keys swapped"),
        ("as PyTorch does", _self("attention(x @ W_q.T, x @ W_k.T, x @ W_v.T)[0]"), "matrices transposed"),
        ("W times x", _self("attention((W_q @ x.T).T, (W_k @ x.T).T, (W_v @ x.T).T)[0]"), "matrices transposed"),
        ("none of the matrices", _self("attention(x, x, x)[0]"), "no projections"),
        ("W_q twice", _self("attention(x @ W_q, x @ W_q, x @ W_v)[0]"), "one matrix"),
        ("no root", _self("softmax((x @ W_q) @ (x @ W_k).T) @ (x @ W_v)"), "not scaled"),
        (
            "columns",
            _self("softmax((x @ W_q) @ (x @ W_k).T / np.sqrt(W_q.shape[1]), axis=0) @ (x @ W_v)"),
            "wrong axis",
        ),
        ("index 1", _self("attention(x @ W_q, x @ W_k, x @ W_v)[1]"), "weights only"),
        ("both", _self("attention(x @ W_q, x @ W_k, x @ W_v)"), "type"),
        ("a residual", _self("x + attention(x @ W_q, x @ W_k, x @ W_v)[0]"), "values"),
    ],
    "check_causal": [
        ("nothing hidden", _causal("s"), "no mask"),
        (
            "zeros afterwards",
            _causal("s", rest="(e / e.sum(axis=1, keepdims=True) * np.tril(np.ones((n, n)))) @ V"),
            "mask after softmax",
        ),
        ("times the mask", _causal("s * np.tri(n)"), "hidden scores are 0"),
        ("triu", _causal("np.where(np.triu(np.ones((n, n))) == 1, s, -np.inf)"), "inverted"),
        ("strictly before", _causal("np.where(np.tri(n, k=-1) == 1, s, -np.inf)"), "self hidden"),
        ("one ahead", _causal("np.where(np.tri(n, k=1) == 1, s, -np.inf)"), "one too many"),
        ("no root", _causal("np.where(np.tri(n) == 1, s, -np.inf)", scores="Q @ K.T"), "not scaled"),
        ("minus one", _causal("np.where(np.tri(n) == 1, s, -1)"), "values"),
        ("added minus infinity times 0", _causal("s + np.triu(np.full((n, n), -np.inf), 1) * np.ones(n) * 0"), "nan"),
    ],
    "check_positions": [
        ("as before", _placed("my_self_attention(x, W_q, W_k, W_v)"), "not added"),
        (
            "afterwards",
            _placed("my_self_attention(x, W_q, W_k, W_v) + sinusoidal_positions(len(x), W_v.shape[1])"),
            "added to the output",
        ),
        ("times", _placed("my_self_attention(x * p, W_q, W_k, W_v)"), "multiplied"),
        ("the asker", _placed("attention((x + p) @ W_q, x @ W_k, x @ W_v)[0]"), "queries only"),
        ("for the scores", _placed("attention((x + p) @ W_q, (x + p) @ W_k, x @ W_v)[0]"), "not in the values"),
        ("row 0", _placed("my_self_attention(x + p[0], W_q, W_k, W_v)"), "one place for all"),
        (
            "from 1",
            _placed("my_self_attention(x + sinusoidal_positions(len(x) + 1, x.shape[1])[1:], W_q, W_k, W_v)"),
            "counted from 1",
        ),
        ("twice", _placed("my_self_attention(x + 2 * p, W_q, W_k, W_v)"), "values"),
        ("beside", _placed("my_self_attention(np.hstack([x, p]), W_q, W_k, W_v)"), "raises"),
        (
            "in place",
            "def placed_attention(x, W_q, W_k, W_v):\n    x += sinusoidal_positions(*x.shape)\n"
            "    return my_self_attention(x, W_q, W_k, W_v)",
            "changes input",
        ),
    ],
    "check_window": [
        ("up to and with", _window("j <= i and (i - j <= window or j < sinks)"), "one too many"),
        ("before only", _window("j <= i and (1 <= i - j <= window or j < sinks)"), "self hidden"),
        ("a band", _window("abs(i - j) < window or j < min(sinks, i + 1)"), "both sides"),
        ("sinks for all", _window("j < sinks or i - window < j <= i"), "sinks ahead"),
        ("sinks forgotten", _window("i - window < j <= i"), "no sinks"),
        ("causal", "def window_mask(length, window, sinks):\n    return np.tri(length, dtype=bool)", "no window"),
        ("columns look", _window("j >= i and (j - i < window or i < sinks)"), "transposed"),
        ("True hides", "def window_mask(length, window, sinks):\n    return "
         "~np.array([[j <= i and (i - j < window or j < sinks) for j in range(length)] for i in range(length)])",
         "inverted"),
        ("pieces", _window("j <= i and (i // window == j // window or j < sinks)"), "blocks"),
        ("ones and zeros", "def window_mask(length, window, sinks):\n    return np.tri(length) - np.tri(length, k=-window)",
         "type"),
        ("two sinks always", _window("j <= i and (i - j < window or j < 2)"), "values"),
    ],
}  # fmt: skip
