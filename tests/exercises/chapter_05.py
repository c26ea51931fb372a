"""Wrong answers planted for chapter 5: {check: [(name, source of the function, key of the hint that it must get)]}."""

PLANTED = {
    "check_masked_mean": [
        (
            "the source's mean",
            """
def my_masked_mean(states, mask):
    return states.mean(axis=1)
""",
            "padding counted",
        ),
        (
            "mean of what is left",
            """
def my_masked_mean(states, mask):
    return np.mean(states * mask[:, :, None], axis=1)
""",
            "divided by all",
        ),
        (
            "one count for all",
            """
def my_masked_mean(states, mask):
    return np.einsum("stf,st->sf", states, mask) / np.sum(mask)
""",
            "divided by the batch",
        ),
        (
            "sum only",
            """
def my_masked_mean(states, mask):
    return np.einsum("stf,st->sf", states, mask)
""",
            "not divided",
        ),
        (
            "selects the padding",
            """
def my_masked_mean(states, mask):
    return np.array([s[m == 0].mean(axis=0) for s, m in zip(states, mask)])
""",
            "mask turned round",
        ),
        (
            "CLS",
            """
def my_masked_mean(states, mask):
    return np.stack([sentence[0] for sentence in states])
""",
            "first token",
        ),
        (
            "one mean for all sentences",
            """
def my_masked_mean(states, mask):
    return states[mask == 1].mean(axis=0)
""",
            "shape",
        ),
        (
            "mean over the features",
            """
def my_masked_mean(states, mask):
    return states.mean(axis=2)
""",
            "shape",
        ),
        (
            "the mask as it is",
            """
def my_masked_mean(states, mask):
    return (states * mask).sum(axis=1)
""",
            "raises",
        ),
        (
            "in place",
            """
def my_masked_mean(states, mask):
    states *= mask[:, :, None]
    return states.sum(axis=1) / mask.sum(axis=1)[:, None]
""",
            "changes input",
        ),
    ],
    "check_nearest": [
        (
            "largest of the whole row",
            """
def my_nearest(vectors):
    unit = vectors / np.sqrt((vectors**2).sum(axis=1))[:, None]
    return (unit @ unit.T).argmax(axis=1)
""",
            "itself",
        ),
        (
            "no lengths",
            """
def my_nearest(vectors):
    table = vectors @ vectors.T
    return np.argmax(np.where(np.eye(len(table)), -np.inf, table), axis=1)
""",
            "dot product",
        ),
        (
            "distance",
            """
def my_nearest(vectors):
    table = np.array([[np.linalg.norm(a - b) for b in vectors] for a in vectors])
    return np.argmin(table + 1e9 * np.eye(len(table)), axis=1)
""",
            "distance",
        ),
        (
            "smallest cosine",
            """
def my_nearest(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.argmin(unit @ unit.T, axis=1)
""",
            "farthest",
        ),
        (
            "the cosines themselves",
            """
def my_nearest(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T
""",
            "shape",
        ),
        (
            "counted from 1",
            """
def my_nearest(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.argmax(unit @ unit.T - 3 * np.eye(len(vectors)), axis=1) + 1
""",
            "values",
        ),
    ],
    "check_padded_attention": [
        (
            "no mask",
            """
def my_padded_attention(query, key, value, mask):
    return softmax(query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1])) @ value
""",
            "padding attended",
        ),
        (
            "weights cut off",
            """
def my_padded_attention(query, key, value, mask):
    weights = softmax(query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1]))
    return np.where(mask[:, None, :] == 1, weights, 0) @ value
""",
            "mask after softmax",
        ),
        (
            "values of padding set to 0",
            """
def my_padded_attention(query, key, value, mask):
    weights = softmax(query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1]))
    return weights @ (value * mask[:, :, None])
""",
            "mask after softmax",
        ),
        (
            "zero instead of minus infinity",
            """
def my_padded_attention(query, key, value, mask):
    scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1])
    return softmax(np.where(mask[:, None, :] == 1, scores, 0)) @ value
""",
            "score 0",
        ),
        (
            "padding may not look",
            """
def my_padded_attention(query, key, value, mask):
    weights = softmax(query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1]))
    return (weights * mask[:, :, None]) @ value
""",
            "queries masked",
        ),
        (
            "sqrt forgotten",
            """
def my_padded_attention(query, key, value, mask):
    scores = query @ key.swapaxes(1, 2)
    return softmax(np.where(mask[:, None, :] == 1, scores, -np.inf)) @ value
""",
            "not scaled",
        ),
        (
            "hides the words",
            """
def my_padded_attention(query, key, value, mask):
    scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1])
    return softmax(np.where(mask[:, None, :] == 0, scores, -1e9)) @ value
""",
            "mask turned round",
        ),
        (
            "softmax over the queries",
            """
def my_padded_attention(query, key, value, mask):
    scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1])
    scores = np.where(mask[:, None, :] == 1, scores, -1e9)
    return softmax(scores, axis=1) @ value
""",
            "values",
        ),
        (
            "a whole query hidden",
            """
def my_padded_attention(query, key, value, mask):
    scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1])
    return softmax(np.where(mask[:, :, None] == 1, scores, -np.inf)) @ value
""",
            "raises",
        ),
    ],
    "check_block": [
        (
            "a chain",
            """
def my_block(x, attend, feed, norm):
    x = norm(attend(x))
    return norm(feed(x))
""",
            "nothing added",
        ),
        (
            "one residual",
            """
def my_block(x, attend, feed, norm):
    x = norm(x + attend(x))
    return norm(feed(x))
""",
            "added once",
        ),
        (
            "the layer's input again",
            """
def my_block(x, attend, feed, norm):
    middle = norm(x + attend(x))
    return norm(feed(middle) + x)
""",
            "first input twice",
        ),
        (
            "norm inside",
            """
def my_block(x, attend, feed, norm):
    x = x + norm(attend(x))
    return x + norm(feed(x))
""",
            "normalised before the sum",
        ),
        (
            "as in GPT-2",
            """
def my_block(x, attend, feed, norm):
    x = x + attend(norm(x))
    return x + feed(norm(x))
""",
            "normalised on the way in",
        ),
        (
            "norm at the end",
            """
def my_block(x, attend, feed, norm):
    x = x + attend(x)
    return norm(x + feed(x))
""",
            "normalised once",
        ),
        (
            "parallel",
            """
def my_block(x, attend, feed, norm):
    return norm(x + feed(x) + attend(x))
""",
            "side by side",
        ),
        (
            "feed before attend",
            """
def my_block(x, attend, feed, norm):
    x = norm(x + feed(x))
    return norm(x + attend(x))
""",
            "values",
        ),
        (
            "in place",
            """
def my_block(x, attend, feed, norm):
    x += attend(x)
    middle = norm(x)
    return norm(middle + feed(middle))
""",
            "changes input",
        ),
    ],
}
