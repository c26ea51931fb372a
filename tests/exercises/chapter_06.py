"""Wrong answers planted for chapter 6: {check: [(name, source of the function, key of the hint that it must get)]}."""

PLANTED = {
    "check_probabilities": [
        (
            "logits as they are",
            """
def my_probabilities(logits):
    return logits
""",
            "logits read as probabilities",
        ),
        (
            "divided by the sum",
            """
def my_probabilities(logits):
    return logits / logits.sum(axis=1, keepdims=True)
""",
            "shares of the logits",
        ),
        (
            "cut to the range",
            """
def my_probabilities(logits):
    return np.minimum(np.maximum(logits, 0), 1)
""",
            "clipped",
        ),
        (
            "sigmoid",
            """
def my_probabilities(logits):
    return 1 / (1 + np.exp(-logits))
""",
            "each label alone",
        ),
        (
            "softmax over the texts",
            """
def my_probabilities(logits):
    e = np.exp(logits - logits.max(axis=0))
    return e / e.sum(axis=0)
""",
            "wrong axis",
        ),
        (
            "axis forgotten",
            """
def my_probabilities(logits):
    e = np.exp(logits - logits.max())
    return e / e.sum()
""",
            "whole table",
        ),
        (
            "textbook",
            """
def my_probabilities(logits):
    e = np.exp(logits)
    return e / e.sum(axis=1)[:, None]
""",
            "no shift",
        ),
        (
            "maximum of the table",
            """
def my_probabilities(logits):
    e = np.exp(logits - np.max(logits))
    return e / e.sum(axis=1, keepdims=True)
""",
            "one shift for all",
        ),
        (
            "powers of two",
            """
def my_probabilities(logits):
    e = 2 ** (logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
""",
            "values",
        ),
        (
            "label 1 only",
            """
def my_probabilities(logits):
    return 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))
""",
            "shape",
        ),
    ],
    "check_loss": [
        (
            "no minus",
            """
def my_loss(probabilities, labels):
    return np.mean([np.log(row[label]) for row, label in zip(probabilities, labels)])
""",
            "minus forgotten",
        ),
        (
            "sum",
            """
def my_loss(probabilities, labels):
    return sum(-np.log(row[label]) for row, label in zip(probabilities, labels))
""",
            "not averaged",
        ),
        (
            "no mean",
            """
def my_loss(probabilities, labels):
    return [-np.log(row[label]) for row, label in zip(probabilities, labels)]
""",
            "one loss a text",
        ),
        (
            "mean first",
            """
def my_loss(probabilities, labels):
    return -np.log(np.mean([row[label] for row, label in zip(probabilities, labels)]))
""",
            "logarithm of the mean",
        ),
        (
            "mean over everything",
            """
def my_loss(probabilities, labels):
    return np.mean(-np.log(probabilities))
""",
            "all labels",
        ),
        (
            "second column",
            """
def my_loss(probabilities, labels):
    return -np.log(probabilities[:, 1]).mean()
""",
            "label 1 always",
        ),
        (
            "the winner's probability",
            """
def my_loss(probabilities, labels):
    return -np.log(np.max(probabilities, axis=1)).mean()
""",
            "largest probability",
        ),
        (
            "error rate",
            """
def my_loss(probabilities, labels):
    return 1 - np.mean(np.argmax(probabilities, axis=1) == labels)
""",
            "share of mistakes",
        ),
        (
            "base two",
            """
def my_loss(probabilities, labels):
    return -np.mean([np.log2(row[label]) for row, label in zip(probabilities, labels)])
""",
            "values",
        ),
    ],
    "check_table": [
        (
            "predicted first",
            """
def my_table(labels, predicted, count):
    table = np.zeros((count, count))
    for is_label, said in zip(labels, predicted):
        table[said, is_label] += 1
    return table
""",
            "rows and columns swapped",
        ),
        (
            "fancy indices",
            """
def my_table(labels, predicted, count):
    table = np.zeros((count, count))
    table[labels, predicted] += 1
    return table
""",
            "counted once",
        ),
        (
            "hits",
            """
def my_table(labels, predicted, count):
    table = np.zeros((count, count))
    for a, b in zip(labels, predicted):
        table[a, b] += a == b
    return table
""",
            "right ones only",
        ),
        (
            "misses",
            """
def my_table(labels, predicted, count):
    table = np.zeros((count, count))
    for a, b in zip(labels, predicted):
        table[a, b] += a != b
    return table
""",
            "wrong ones only",
        ),
        (
            "divided by all",
            """
def my_table(labels, predicted, count):
    table = np.zeros((count, count))
    for a, b in zip(labels, predicted):
        table[a, b] += 1 / len(labels)
    return table
""",
            "shares",
        ),
        (
            "divided by the rows",
            """
def my_table(labels, predicted, count):
    return np.array([[np.mean(predicted[labels == i] == j) for j in range(count)] for i in range(count)])
""",
            "shares of the rows",
        ),
        (
            "one off",
            """
def my_table(labels, predicted, count):
    table = np.ones((count, count))
    for a, b in zip(labels, predicted):
        table[a, b] += 1
    return table
""",
            "values",
        ),
    ],
    "check_added": [
        (
            "minus on the other side",
            """
def my_added(words, positive):
    return [positive(words[:i] + words[i + 1:]) - positive(words) for i in range(len(words))]
""",
            "sign turned round",
        ),
        (
            "no difference",
            """
def my_added(words, positive):
    return [positive(words[:i] + words[i + 1:]) for i in range(len(words))]
""",
            "whole not subtracted",
        ),
        (
            "one word",
            """
def my_added(words, positive):
    return [positive([word]) for word in words]
""",
            "word alone",
        ),
        (
            "whole and one word",
            """
def my_added(words, positive):
    return [positive(words) - positive([word]) for word in words]
""",
            "word alone, compared",
        ),
        (
            "growing list",
            """
def my_added(words, positive):
    found, before = [], positive([])
    for i in range(len(words)):
        now = positive(words[:i + 1])
        found.append(now - before)
        before = now
    return found
""",
            "one after the other",
        ),
        (
            "only what is before",
            """
def my_added(words, positive):
    return [positive(words) - positive(words[:i]) for i in range(len(words))]
""",
            "cut off",
        ),
        (
            "filtered by the word",
            """
def my_added(words, positive):
    return [positive(words) - positive([other for other in words if other != word]) for word in words]
""",
            "every copy left out",
        ),
        (
            "remove on a copy",
            """
def my_added(words, positive):
    found = []
    for word in words:
        rest = list(words)
        rest.remove(word)
        found.append(positive(words) - positive(rest))
    return found
""",
            "first copy left out",
        ),
        (
            "half of it",
            """
def my_added(words, positive):
    return [(positive(words) - positive(words[:i] + words[i + 1:])) / 2 for i in range(len(words))]
""",
            "values",
        ),
    ],
}
