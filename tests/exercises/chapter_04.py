"""Wrong answers planted for chapter 4: {check: [(name, source of the function, key of the hint that it must get)]}."""


def _cut(body):
    return f"def cut_into_heads(x, num_heads):\n    n, d = x.shape\n    width = d // num_heads\n    return {body}"


def _layer(body, cut="cut_into_heads(x @ W, num_heads)"):
    return f"""
def my_multi_head(x, W_q, W_k, W_v, W_o, num_heads):
    n, d = x.shape
    width = d // num_heads
    Q, K, V = ({cut} for W in (W_q, W_k, W_v))
    heads = attention(Q, K, V)[0]
    return {body}
"""


def _off(body, before=""):
    return f"""
def without_head(x, W_q, W_k, W_v, W_o, num_heads, head):
    width = x.shape[1] // num_heads
    mine = slice(head * width, (head + 1) * width)
    heads = heads_of(x, W_q, W_k, W_v, num_heads)
    join = lambda heads: heads.swapaxes(0, 1).reshape(x.shape)
    whole = my_multi_head(x, W_q, W_k, W_v, W_o, num_heads)
    others = [h for h in range(num_heads) if h != head]
    {before}
    return {body}
"""


def _group(body):
    return f"""
def grouped_attention(Q, K, V):
    group = len(Q) // len(K)
    def serve(key_heads, value_heads=None, scale=None):
        value_heads = key_heads if value_heads is None else value_heads
        return np.stack([attention(q, K[k], V[v], scale=scale)[0] for q, k, v in zip(Q, key_heads, value_heads)])
    heads = range(len(Q))
    return {body}
"""


PLANTED = {
    "check_split": [
        ("one reshape", _cut("x.reshape(num_heads, n, width)"), "view"),
        ("no swap", _cut("x.reshape(n, num_heads, width)"), "words first"),
        ("everything for all", _cut("np.array([x for head in range(num_heads)])"), "copies"),
        ("np.repeat", _cut("np.repeat(x[None], num_heads, axis=0)"), "copies"),
        ("a slice that stays", _cut("np.array([x[:, :width] for head in range(num_heads)])"), "same slice"),
        ("dealt", _cut("x.reshape(n, width, num_heads).transpose(2, 0, 1)"), "every other feature"),
        ("too far", _cut("x.reshape(n, num_heads, width).transpose(1, 2, 0)"), "features first"),
        ("backwards", _cut("x.reshape(n, num_heads, width).swapaxes(0, 1)[::-1]"), "values"),
        ("one too few", _cut("x.reshape(n, num_heads, width).swapaxes(0, 1)[:-1]"), "shape"),
    ],
    "check_multi_head": [
        ("no W_o", _layer("heads.swapaxes(0, 1).reshape(n, d)"), "no output projection"),
        (
            "root of hidden_size",
            _layer("attention(Q, K, V, scale=d**-0.5)[0].swapaxes(0, 1).reshape(n, d) @ W_o"),
            "scaled by hidden_size",
        ),
        ("no root", _layer("attention(Q, K, V, scale=1)[0].swapaxes(0, 1).reshape(n, d) @ W_o"), "not scaled"),
        (
            "the source's slices",
            """
def my_multi_head(x, W_q, W_k, W_v, W_o, num_heads):
    width = x.shape[1] // num_heads
    outputs = []
    for head in range(num_heads):
        s = slice(head * width, (head + 1) * width)
        outputs.append(attention(x[:, s] @ W_q[s, s], x[:, s] @ W_k[s, s], x[:, s] @ W_v[s, s])[0])
    return np.concatenate(outputs, axis=1) @ W_o
""",
            "heads see slices",
        ),
        ("full width", _layer("attention(x @ W_q, x @ W_k, x @ W_v)[0] @ W_o"), "one head"),
        ("reshape at the end", _layer("heads.reshape(n, d) @ W_o"), "joined by a reshape"),
        (
            "reshape at the start",
            _layer("heads.swapaxes(0, 1).reshape(n, d) @ W_o", cut="(x @ W).reshape(num_heads, n, width)"),
            "cut by a reshape",
        ),
        ("head 0 again", _layer("np.concatenate([heads[0]] * num_heads, axis=1) @ W_o"), "copies of a head"),
        ("W_o transposed", _layer("heads.swapaxes(0, 1).reshape(n, d) @ W_o.T"), "values"),
        ("the heads as they are", _layer("heads"), "shape"),
    ],
    "check_ablated": [
        ("all heads", _off("whole"), "nothing switched off"),
        ("scores of 0", _off("join(heads) @ W_o", "heads[head] = (x @ W_v)[:, mine].mean(axis=0)"), "even weights"),
        ("columns of the output", _off("whole", "whole[:, mine] = 0"), "features of the output"),
        ("the others off", _off("join(heads) @ W_o", "heads[others] = 0"), "only this head"),
        ("off by one", _off("join(heads) @ W_o", "heads[head - 1] = 0"), "counted from 1"),
        (
            "scaled up",
            _off("join(heads) @ W_o * num_heads / (num_heads - 1)", "heads[head] = 0"),
            "others louder",
        ),
        ("no W_o", _off("join(heads)", "heads[head] = 0"), "not projected"),
        ("only a feature", _off("join(heads) @ W_o", "heads[head, :, 0] = 0"), "values"),
        ("cut out", _off("np.delete(join(heads), mine, axis=1) @ W_o", ""), "raises"),
        (
            "W_o changed for good",
            _off("join(heads) @ W_o", "W_o[mine] = 0"),
            "changes input",
        ),
    ],
    "check_grouped": [
        ("modulo", _group("serve([head % len(K) for head in heads])"), "dealt out"),
        ("np.tile", _group("attention(Q, np.tile(K, (group, 1, 1)), np.tile(V, (group, 1, 1)))[0]"), "dealt out"),
        ("multi-query", _group("serve([0] * len(Q))"), "first key head"),
        ("averaged", _group("np.stack([attention(q, K.mean(0), V.mean(0))[0] for q in Q])"), "mean of the keys"),
        ("no root", _group("serve([head // group for head in heads], scale=1)"), "not scaled"),
        ("backwards", _group("serve([(len(Q) - 1 - head) // group for head in heads])"), "groups reversed"),
        (
            "values by modulo",
            _group("serve([head // group for head in heads], [head % len(V) for head in heads])"),
            "values not grouped",
        ),
        ("too few heads", _group("serve(range(len(K)))"), "shape"),
        (
            "values averaged",
            _group("np.stack([attention(q, K[h // group], V.mean(0))[0] for h, q in enumerate(Q)])"),
            "values",
        ),
    ],
}
