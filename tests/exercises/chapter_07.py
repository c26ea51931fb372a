"""Wrong answers planted for chapter 7: {check: [(name, source of the function, key of the hint that it must get)]}."""

PLANTED = {
    "check_draw": [
        (
            "the likeliest each time",
            """
def my_draw(logits, temperature, times):
    probabilities = softmax(logits / temperature)
    return np.array([probabilities.argmax() for _ in times])
""",
            "temperature without sampling",
        ),
        (
            "no temperature",
            """
def my_draw(logits, temperature, times):
    return (softmax(logits) / times).argmax(-1)
""",
            "temperature without effect",
        ),
        (
            "temperature after softmax",
            """
def my_draw(logits, temperature, times):
    return np.array([np.argmin(row * temperature / softmax(logits)) for row in times])
""",
            "temperature without effect",
        ),
        (
            "multiplied",
            """
def my_draw(logits, temperature, times):
    return np.argmax(softmax(logits * temperature)[None] / times, axis=1)
""",
            "temperature turned round",
        ),
        (
            "no softmax",
            """
def my_draw(logits, temperature, times):
    return np.argmax(logits / temperature / times, axis=1)
""",
            "logits race",
        ),
        (
            "the longest time",
            """
def my_draw(logits, temperature, times):
    return np.argmax(times / softmax(logits / temperature), axis=1)
""",
            "slowest wins",
        ),
        (
            "softmax of chapter 1 without its shift",
            """
def my_draw(logits, temperature, times):
    e = np.exp(logits / temperature)
    return np.argmax(e / e.sum() / times, axis=1)
""",
            "no shift",
        ),
        (
            "one race of all",
            """
def my_draw(logits, temperature, times):
    return np.argmax(softmax(logits / temperature) / times)
""",
            "shape",
        ),
        (
            "over the races",
            """
def my_draw(logits, temperature, times):
    return np.argmax(softmax(logits / temperature) / times, axis=0)
""",
            "shape",
        ),
        (
            "random times of one's own",
            """
def my_draw(logits, temperature, times):
    rng = np.random.default_rng(0)
    return np.argmax(softmax(logits / temperature) / rng.exponential(size=times.shape), axis=1)
""",
            "values",
        ),
    ],
    "check_top_p": [
        (
            "zeros only",
            """
def my_top_p(probabilities, p):
    order = np.argsort(-probabilities)
    before = np.cumsum(probabilities[order]) - probabilities[order]
    kept = probabilities.copy()
    kept[order[before >= p]] = 0
    return kept
""",
            "not shared out",
        ),
        (
            "sorted",
            """
def my_top_p(probabilities, p):
    ordered = -np.sort(-probabilities)
    kept = np.where(np.cumsum(ordered) - ordered < p, ordered, 0)
    return kept / kept.sum()
""",
            "in the order of size",
        ),
        (
            "cumsum up to p",
            """
def my_top_p(probabilities, p):
    order = np.argsort(-probabilities)
    kept = np.zeros_like(probabilities)
    chosen = order[np.cumsum(probabilities[order]) <= p]
    kept[chosen] = probabilities[chosen]
    return kept / kept.sum()
""",
            "last one missing",
        ),
        (
            "each token by itself",
            """
def my_top_p(probabilities, p):
    kept = probabilities * (probabilities >= 1 - p)
    return kept / kept.sum()
""",
            "p as a threshold",
        ),
        (
            "ascending",
            """
def my_top_p(probabilities, p):
    kept, held = np.zeros_like(probabilities), 0
    for i in np.argsort(probabilities):
        if held < p:
            kept[i] = probabilities[i]
        held += probabilities[i]
    return kept / sum(kept)
""",
            "least likely kept",
        ),
        (
            "p of the vocabulary",
            """
def my_top_p(probabilities, p):
    k = max(1, round(p * len(probabilities)))
    kept = np.where(probabilities < np.sort(probabilities)[-k], 0, probabilities)
    return kept / kept.sum()
""",
            "share of the tokens",
        ),
        (
            "not sorted",
            """
def my_top_p(probabilities, p):
    kept = np.where(np.cumsum(probabilities) - probabilities < p, probabilities, 0)
    return kept / kept.sum()
""",
            "order of the vocabulary",
        ),
        (
            "the argument itself",
            """
def my_top_p(probabilities, p):
    order = np.argsort(-probabilities)
    before = np.cumsum(probabilities[order]) - probabilities[order]
    probabilities[order[before >= p]] = 0
    return probabilities / probabilities.sum()
""",
            "changes input",
        ),
        (
            "only what is kept",
            """
def my_top_p(probabilities, p):
    ordered = np.sort(probabilities)[::-1]
    kept = ordered[np.cumsum(ordered) - ordered < p]
    return kept / kept.sum()
""",
            "shape",
        ),
        (
            "softmax again",
            """
def my_top_p(probabilities, p):
    order = np.argsort(-probabilities)
    before = np.cumsum(probabilities[order]) - probabilities[order]
    kept = probabilities.copy()
    kept[order[before >= p]] = -np.inf
    return softmax(kept)
""",
            "values",
        ),
    ],
    "check_write": [
        (
            "length of the whole",
            """
def my_write(next_logits, ids, new_tokens, end):
    ids = list(ids)
    while len(ids) < new_tokens:
        ids.append(int(next_logits(ids).argmax()))
        if ids[-1] == end:
            return ids
    return ids
""",
            "prompt counted",
        ),
        (
            "the answer alone",
            """
def my_write(next_logits, ids, new_tokens, end):
    new = []
    for _ in range(new_tokens):
        new.append(int(np.argmax(next_logits(ids + new))))
        if new[-1] == end:
            break
    return new
""",
            "prompt left out",
        ),
        (
            "nothing fed back",
            """
def my_write(next_logits, ids, new_tokens, end):
    new = []
    for _ in range(new_tokens):
        new.append(int(np.argmax(next_logits(ids))))
        if new[-1] == end:
            break
    return ids + new
""",
            "always the prompt",
        ),
        (
            "as with a cache",
            """
def my_write(next_logits, ids, new_tokens, end):
    ids = list(ids)
    for _ in range(new_tokens):
        ids.append(int(np.argmax(next_logits([ids[-1]]))))
        if ids[-1] == end:
            break
    return ids
""",
            "last token only",
        ),
        (
            "no stop",
            """
def my_write(next_logits, ids, new_tokens, end):
    ids = list(ids)
    for _ in range(new_tokens):
        ids.append(int(np.argmax(next_logits(ids))))
    return ids
""",
            "end ignored",
        ),
        (
            "stop before the end token",
            """
def my_write(next_logits, ids, new_tokens, end):
    ids = list(ids)
    for _ in range(new_tokens):
        token = int(np.argmax(next_logits(ids)))
        if token == end:
            break
        ids.append(token)
    return ids
""",
            "end dropped",
        ),
        (
            "the caller's list grows",
            """
def my_write(next_logits, ids, new_tokens, end):
    for _ in range(new_tokens):
        ids.append(int(np.argmax(next_logits(ids))))
        if ids[-1] == end:
            break
    return ids
""",
            "changes input",
        ),
        (
            "the logits themselves",
            """
def my_write(next_logits, ids, new_tokens, end):
    return next_logits(ids)
""",
            "shape",
        ),
        (
            "until the end token",
            """
def my_write(next_logits, ids, new_tokens, end):
    ids = list(ids)
    while ids[-1] != end:
        ids = ids + [int(np.argmax(next_logits(ids[-9:])))]
    return ids
""",
            "endless",
        ),
        (
            "the least likely",
            """
def my_write(next_logits, ids, new_tokens, end):
    ids = list(ids)
    for _ in range(new_tokens):
        ids.append(int(np.argmin(next_logits(ids))))
    return ids
""",
            "values",
        ),
    ],
    "check_step": [
        (
            "the past alone",
            """
def my_step(query, key, value, old_keys, old_values):
    weights = softmax(old_keys @ query / np.sqrt(len(query)))
    return weights @ old_values, np.vstack([old_keys, key]), np.vstack([old_values, value])
""",
            "past only",
        ),
        (
            "no look back",
            """
def my_step(query, key, value, old_keys, old_values):
    return value, np.vstack([old_keys, key]), np.vstack([old_values, value])
""",
            "now only",
        ),
        (
            "the old cache",
            """
def my_step(query, key, value, old_keys, old_values):
    keys, values = np.vstack([old_keys, key]), np.vstack([old_values, value])
    return softmax(keys @ query / np.sqrt(len(query))) @ values, old_keys, old_values
""",
            "cache stays",
        ),
        (
            "stacked the other way round",
            """
def my_step(query, key, value, old_keys, old_values):
    keys, values = np.vstack([key, old_keys]), np.vstack([value, old_values])
    return softmax(keys @ query / np.sqrt(len(query))) @ values, keys, values
""",
            "new token in front",
        ),
        (
            "no division",
            """
def my_step(query, key, value, old_keys, old_values):
    keys, values = np.vstack([old_keys, key]), np.vstack([old_values, value])
    return softmax(keys @ query) @ values, keys, values
""",
            "forgotten sqrt(d_k)",
        ),
        (
            "keys for values",
            """
def my_step(query, key, value, old_keys, old_values):
    keys, values = np.vstack([old_keys, key]), np.vstack([old_values, value])
    return softmax(keys @ query / np.sqrt(len(query))) @ keys, keys, values
""",
            "keys blended",
        ),
        (
            "the output alone",
            """
def my_step(query, key, value, old_keys, old_values):
    keys, values = np.vstack([old_keys, key]), np.vstack([old_values, value])
    return softmax(keys @ query / np.sqrt(len(query))) @ values
""",
            "type",
        ),
        (
            "a row too many axes",
            """
def my_step(query, key, value, old_keys, old_values):
    keys, values = np.vstack([old_keys, key]), np.vstack([old_values, value])
    return softmax(keys @ query / np.sqrt(len(query)))[None] @ values, keys, values
""",
            "shape",
        ),
        (
            "hstack",
            """
def my_step(query, key, value, old_keys, old_values):
    keys, values = np.hstack([old_keys, key]), np.hstack([old_values, value])
    return softmax(keys @ query / np.sqrt(len(query))) @ values, keys, values
""",
            "raises",
        ),
        (
            "divided by the number of tokens",
            """
def my_step(query, key, value, old_keys, old_values):
    keys, values = np.vstack([old_keys, key]), np.vstack([old_values, value])
    return softmax(keys @ query / np.sqrt(len(query) + len(keys))) @ values, keys, values
""",
            "values",
        ),
    ],
}
