"""Wrong answers planted for chapter 1: {check: [(name, source of the function, key of the hint that it must get)]}."""

PLANTED = {
    "check_scores": [
        (
            "products side by side",
            """
def my_scores(query, keys):
    return query * keys
""",
            "not added up",
        ),
        (
            "sum over the first axis",
            """
def my_scores(query, keys):
    return np.sum(keys * query, axis=0)
""",
            "added over keys",
        ),
        (
            "query on the left",
            """
def my_scores(query, keys):
    return np.dot(query, keys) if keys.shape[0] == keys.shape[1] else keys.T @ np.resize(query, len(keys))
""",
            "keys transposed",
        ),
        (
            "cosine similarity",
            """
def my_scores(query, keys):
    length = lambda x: np.sqrt((x**2).sum(-1))
    return np.array([query @ key / length(query) / length(key) for key in keys])
""",
            "cosine",
        ),
        (
            "the query left out",
            """
def my_scores(query, keys):
    return [sum(key) for key in keys]
""",
            "keys only",
        ),
        (
            "a column of scores",
            """
def my_scores(query, keys):
    return keys @ query[:, None]
""",
            "shape",
        ),
        (
            "numbers learnt by heart",
            """
def my_scores(query, keys):
    return [1, 5]
""",
            "shape",
        ),
        (
            "shapes that do not fit",
            """
def my_scores(query, keys):
    return np.dot(query, keys[:1])
""",
            "raises",
        ),
    ],
    "check_softmax": [
        (
            "shares of the scores",
            """
def my_softmax(scores):
    return scores / np.sum(scores)
""",
            "no exp",
        ),
        (
            "exp only",
            """
def my_softmax(scores):
    return np.exp(scores)
""",
            "not divided",
        ),
        (
            "shifted exp only",
            """
def my_softmax(scores):
    return np.exp(scores - max(scores))
""",
            "largest is 1",
        ),
        (
            "divided by the largest",
            """
def my_softmax(scores):
    e = np.exp(scores)
    return e / e.max()
""",
            "largest is 1",
        ),
        (
            "numerator shifted",
            """
def my_softmax(scores):
    return np.exp(scores - np.max(scores)) / np.sum(np.exp(scores))
""",
            "shift on one side",
        ),
        (
            "the textbook's",
            """
def my_softmax(scores):
    return np.exp(scores) / np.sum(np.exp(scores))
""",
            "no shift",
        ),
        (
            "shift by the mean",
            """
def my_softmax(scores):
    e = np.exp(scores - scores.mean())
    return e / e.sum()
""",
            "shift by the mean",
        ),
        (
            "shift by the minimum",
            """
def my_softmax(scores):
    e = np.exp(scores - min(scores))
    return e / e.sum()
""",
            "shift by the smallest",
        ),
        (
            "in place",
            """
def my_softmax(scores):
    scores -= scores.max()
    np.exp(scores, out=scores)
    scores /= scores.sum()
    return scores
""",
            "changes input",
        ),
        (
            "powers of two",
            """
def my_softmax(scores):
    e = 2 ** (scores - scores.max())
    return e / e.sum()
""",
            "values",
        ),
    ],
    "check_blend": [
        (
            "argmax",
            """
def my_attention(query, keys, values):
    return values[np.argmax(keys @ query)]
""",
            "best match",
        ),
        (
            "mean",
            """
def my_attention(query, keys, values):
    return np.ones(len(keys)) / len(keys) @ values
""",
            "plain mean",
        ),
        (
            "softmax forgotten",
            """
def my_attention(query, keys, values):
    return values.T @ (keys @ query)
""",
            "scores as weights",
        ),
        (
            "keys and values swapped at the end",
            """
def my_attention(query, keys, values):
    return my_softmax(keys @ query) @ keys
""",
            "keys blended",
        ),
        (
            "no sum",
            """
def my_attention(query, keys, values):
    return np.array([w * v for w, v in zip(my_softmax(keys @ query), values)])
""",
            "not added up",
        ),
        (
            "ahead of the chapter",
            """
def my_attention(query, keys, values):
    return my_softmax(keys @ query / len(query) ** 0.5) @ values
""",
            "scaled",
        ),
        (
            "the weights as well",
            """
def my_attention(query, keys, values):
    weights = my_softmax(keys @ query)
    return weights @ values, weights
""",
            "type",
        ),
    ],
    "check_lookup": [
        (
            "far is near",
            """
def soft_lookup(question, keys, values, sharpness):
    return my_softmax(sharpness * ((question - keys) ** 2).sum(-1)) @ values
""",
            "minus forgotten",
        ),
        (
            "attention as before",
            """
def soft_lookup(question, keys, values, sharpness):
    return my_softmax(sharpness * my_scores(question, keys)) @ values
""",
            "dot product",
        ),
        (
            "a plain distance",
            """
def soft_lookup(question, keys, values, sharpness):
    return my_softmax(-sharpness * np.linalg.norm(keys - question, axis=1)) @ values
""",
            "not squared",
        ),
        (
            "a hard lookup",
            """
def soft_lookup(question, keys, values, sharpness):
    nearest = min(range(len(keys)), key=lambda i: np.sum((keys[i] - question) ** 2))
    return values[nearest]
""",
            "nearest only",
        ),
        (
            "sharpness unused",
            """
def soft_lookup(question, keys, values, sharpness):
    return my_softmax(-np.sum((keys - question) ** 2, axis=1)) @ values
""",
            "sharpness ignored",
        ),
        (
            "like a temperature",
            """
def soft_lookup(question, keys, values, sharpness):
    return my_softmax(-np.sum((keys - question) ** 2, axis=1) / sharpness) @ values
""",
            "divided by the sharpness",
        ),
        (
            "a softmax without its shift",
            """
def soft_lookup(question, keys, values, sharpness):
    e = np.exp(-sharpness * np.sum((keys - question) ** 2, axis=1))
    return e @ values / e.sum()
""",
            "underflow",
        ),
        (
            "the features are not added up",
            """
def soft_lookup(question, keys, values, sharpness):
    return my_softmax(-sharpness * (keys - question)[:, 0] ** 2) @ values
""",
            "values",
        ),
    ],
}
