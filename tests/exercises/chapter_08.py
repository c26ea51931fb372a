"""Wrong answers planted for chapter 8: {check: [(name, source of the function, key of the hint that it must get)]}."""

_BEAMS = """
def my_beam_search(next_logs, start, end, beams, longest, penalty):
    running, finished = [(0.0, [start])], []
    for n in range(1, longest + 1):
        grown = [(total + float(log), [*ids, t]) for total, ids in running for t, log in enumerate(next_logs(ids))]
        kept = sorted(grown, reverse=True)[:beams]
        finished += [(total / n**penalty, ids) for total, ids in kept if ids[-1] == end or n == longest]
        running = [one for one in kept if one[1][-1] != end]
        if not running:
            break
    return max(finished)
"""  # a right one, of which one change makes each of the wrong ones


def _beams(right, wrong):
    assert _BEAMS.count(right) == 1
    return _BEAMS.replace(right, wrong)


PLANTED = {
    "check_decoder_input": [
        (
            "the encoder's ids",
            """
def my_decoder_input(source, target, start):
    return source.copy()
""",
            "the English",
        ),
        (
            "the encoder's ids, shifted",
            """
def my_decoder_input(source, target, start):
    return np.hstack([np.full((len(source), 1), start), source[:, :-1]])
""",
            "the English, late",
        ),
        (
            "the French as it is",
            """
def my_decoder_input(source, target, start):
    return target
""",
            "not shifted",
        ),
        (
            "to the left",
            """
def my_decoder_input(source, target, start):
    return np.hstack([target[:, 1:], np.full((len(target), 1), start)])
""",
            "shifted the other way",
        ),
        (
            "np.roll",
            """
def my_decoder_input(source, target, start):
    return np.array([np.roll(row, 1) for row in target])
""",
            "rolled",
        ),
        (
            "the first replaced",
            """
def my_decoder_input(source, target, start):
    read = target.copy()
    read[:, 0] = start
    return read
""",
            "first word overwritten",
        ),
        (
            "the last not dropped",
            """
def my_decoder_input(source, target, start):
    return np.hstack([np.full((len(target), 1), start), target])
""",
            "one too many",
        ),
        (
            "shifted in place",
            """
def my_decoder_input(source, target, start):
    target[:, 1:] = target[:, :-1].copy()
    target[:, 0] = start
    return target
""",
            "changes input",
        ),
        (
            "along the batch",
            """
def my_decoder_input(source, target, start):
    read = np.roll(target, 1, axis=0)
    read[0] = start
    return read
""",
            "values",
        ),
        (
            "no start",
            """
def my_decoder_input(source, target, start):
    return target[:, :-1]
""",
            "shape",
        ),
    ],
    "check_t5_attention": [
        (
            "as in chapter 2",
            """
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    query, key = x @ W_q, memory @ W_k
    weights = softmax(query @ key.T / key.shape[-1] ** 0.5 + bias)
    return weights @ memory @ W_v, weights
""",
            "divided by sqrt(d_k)",
        ),
        (
            "added to the weights",
            """
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    weights = softmax(x @ W_q @ W_k.T @ memory.T) + bias
    return weights @ (memory @ W_v), weights
""",
            "bias after softmax",
        ),
        (
            "not added",
            """
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    weights = softmax((x @ W_q) @ (memory @ W_k).T)
    return weights @ (memory @ W_v), weights
""",
            "no bias",
        ),
        (
            "the English asks",
            """
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    query, key, value = memory @ W_q, x @ W_k, x @ W_v
    weights = softmax(query @ key.T + bias)
    return weights @ value, weights
""",
            "sides exchanged",
        ),
        (
            "self-attention",
            """
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    weights = softmax(query @ key.T + bias)
    return weights @ value, weights
""",
            "x looks at itself",
        ),
        (
            "the French handed over",
            """
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    weights = softmax((x @ W_q) @ (memory @ W_k).T + bias)
    return weights @ (x @ W_v), weights
""",
            "values from x",
        ),
        (
            "the first axis",
            """
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    scores = (x @ W_q) @ (memory @ W_k).T + bias
    weights = np.exp(scores) / np.exp(scores).sum(axis=0)
    return weights @ (memory @ W_v), weights
""",
            "wrong axis",
        ),
        (
            "the bias multiplied",
            """
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    weights = softmax((x @ W_q) @ (memory @ W_k).T * (1 + bias))
    return weights @ (memory @ W_v), weights
""",
            "values",
        ),
        (
            "the output alone",
            """
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    return softmax((x @ W_q) @ (memory @ W_k).T + bias) @ (memory @ W_v)
""",
            "type",
        ),
        (
            "not transposed",
            """
def my_t5_attention(x, memory, W_q, W_k, W_v, bias):
    weights = softmax((memory @ W_k) @ (x @ W_q) + bias)
    return weights @ (memory @ W_v), weights
""",
            "values",
        ),
    ],
    "check_precision": [
        (
            "any",
            """
def my_precision(candidate, references, n):
    ours = list(runs(candidate, n).elements())
    return sum(any(run in runs(r, n) for r in references) for run in ours) / max(1, len(ours))
""",
            "not clipped",
        ),
        (
            "sets",
            """
def my_precision(candidate, references, n):
    ours = set(runs(candidate, n))
    theirs = set().union(*(runs(reference, n) for reference in references))
    return len(ours & theirs) / max(1, len(ours))
""",
            "different runs",
        ),
        (
            "divided by the reference",
            """
def my_precision(candidate, references, n):
    shares = []
    for reference in references:
        found = sum((runs(candidate, n) & runs(reference, n)).values())
        shares.append(found / max(1, sum(runs(reference, n).values())))
    return max(shares)
""",
            "recall",
        ),
        (
            "n forgotten",
            """
def my_precision(candidate, references, n):
    most = Counter()
    for reference in references:
        most |= Counter(reference)
    return sum((Counter(candidate) & most).values()) / len(candidate)
""",
            "single words",
        ),
        (
            "references[0]",
            """
def my_precision(candidate, references, n):
    ours = runs(candidate, n)
    return sum((ours & runs(references[0], n)).values()) / max(1, sum(ours.values()))
""",
            "first reference only",
        ),
        (
            "the best of all",
            """
def my_precision(candidate, references, n):
    ours = runs(candidate, n)
    found = [sum((ours & runs(reference, n)).values()) for reference in references]
    return max(found) / max(1, sum(ours.values()))
""",
            "best reference",
        ),
        (
            "all references in one",
            """
def my_precision(candidate, references, n):
    ours, theirs = runs(candidate, n), Counter()
    for reference in references:
        theirs += runs(reference, n)
    return sum((ours & theirs).values()) / max(1, sum(ours.values()))
""",
            "references added up",
        ),
        (
            "NumPy's 0 / 0",
            """
def my_precision(candidate, references, n):
    ours, most = runs(candidate, n), Counter()
    for reference in references:
        most |= runs(reference, n)
    return np.sum(list((ours & most).values())) / np.float64(sum(ours.values()))
""",
            "0 divided by 0",
        ),
        (
            "Python's 0 / 0",
            """
def my_precision(candidate, references, n):
    ours, most = runs(candidate, n), Counter()
    for reference in references:
        most |= runs(reference, n)
    return sum((ours & most).values()) / sum(ours.values())
""",
            "raises",
        ),
        (
            "the number of matches",
            """
def my_precision(candidate, references, n):
    most = Counter()
    for reference in references:
        most |= runs(reference, n)
    return sum((runs(candidate, n) & most).values())
""",
            "values",
        ),
        (
            "one share a reference",
            """
def my_precision(candidate, references, n):
    ours = runs(candidate, n)
    return [sum((ours & runs(r, n)).values()) / max(1, sum(ours.values())) for r in references]
""",
            "shape",
        ),
    ],
    "check_beam_search": [
        (
            "argmax",
            """
def my_beam_search(next_logs, start, end, beams, longest, penalty):
    total, ids = 0.0, [start]
    while ids[-1] != end and len(ids) <= longest:
        logs = next_logs(ids)
        total, ids = total + float(logs.max()), [*ids, int(logs.argmax())]
    return total / (len(ids) - 1) ** penalty, ids
""",
            "greedy",
        ),
        (
            "greedy from each of the best first tokens",
            """
def my_beam_search(next_logs, start, end, beams, longest, penalty):
    answers, first = [], next_logs([start])
    for token in np.argsort(-first)[:beams]:
        total, ids = float(first[token]), [start, int(token)]
        while ids[-1] != end and len(ids) <= longest:
            logs = next_logs(ids)
            total, ids = total + float(logs.max()), [*ids, int(logs.argmax())]
        answers.append((total / (len(ids) - 1) ** penalty, ids))
    return max(answers)
""",
            "beams apart",
        ),
        (
            "a tree that only grows",
            """
def my_beam_search(next_logs, start, end, beams, longest, penalty):
    running, finished = [(0.0, [start])], []
    for n in range(1, longest + 1):
        kept = []
        for total, ids in running:
            logs = next_logs(ids)
            kept += [(total + float(logs[t]), [*ids, int(t)]) for t in np.argsort(-logs)[:beams]]
        finished += [(total / n**penalty, ids) for total, ids in kept if ids[-1] == end or n == longest]
        running = [one for one in kept if one[1][-1] != end]
    return max(finished)
""",
            "nobody dropped",
        ),
        ("sums not carried on", _beams("total + float(log)", "float(log)"), "last token's score"),
        ("not divided", _beams("total / n**penalty", "total"), "sums compared"),
        ("multiplied", _beams("total / n**", "total * n**"), "penalty turned round"),
        ("the length of the list", _beams("total / n**", "total / len(ids) **"), "start counted"),
        ("returns at the first end", _beams("if not running:", "if finished:"), "first one wins"),
        ("finished and running", _beams("[one for one in kept if one[1][-1] != end]", "kept"), "runs on"),
        (
            "runs to the limit",
            """
def my_beam_search(next_logs, start, end, beams, longest, penalty):
    running = [(0.0, [start])]
    for _ in range(longest):
        grown = [(total + float(log), [*ids, t]) for total, ids in running for t, log in enumerate(next_logs(ids))]
        running = sorted(grown, reverse=True)[:beams]
    total, ids = running[0]
    return total / longest**penalty, ids
""",
            "end ignored",
        ),
        (
            "the search of chapter 8",
            """
def my_beam_search(next_logs, start, end, beams, longest, penalty):
    running, finished = [(0.0, [start])], []
    for n in range(1, longest + 1):
        totals = np.array([score + next_logs(ids) for score, ids in running])
        best = [divmod(int(place), totals.shape[1]) for place in np.argsort(-totals, axis=None)[: 2 * beams]]
        found = [(float(totals[h, token]), [*running[h][1], token]) for h, token in best]
        ended = [(s, ids) for s, ids in found[:beams] if ids[-1] == end or n == longest]
        finished += [(score / n**penalty, ids) for score, ids in ended]
        finished = sorted(finished, reverse=True)[:beams]
        running = [(score, ids) for score, ids in found if ids[-1] != end][:beams]
        if len(finished) == beams and running[0][0] / n**penalty <= finished[-1][0]:
            break
    return finished[0]
""",
            "places filled",
        ),
        ("only those with an end", _beams(" or n == longest", ""), "cut ones lost"),
        ("as with a cache", _beams("next_logs(ids)", "next_logs(ids[-1:])"), "last token only"),
        ("the worst of all", _beams("reverse=True", "reverse=False"), "values"),
        ("without the start", _beams("[(0.0, [start])]", "[(0.0, [])]"), "raises"),
        ("the ids alone", _beams("max(finished)", "max(finished)[1]"), "type"),
        ("an array of ids", _beams("max(finished)", "(max(finished)[0], np.array(max(finished)[1])[None])"), "shape"),
        ("no limit", _beams("for n in range(1, longest + 1):", "n = 0\n    while n := n + 1:"), "endless"),
    ],
}
