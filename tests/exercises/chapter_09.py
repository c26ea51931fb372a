"""Wrong answers planted for chapter 9: {check: [(name, source of the function, key of the hint that it must get)]}."""

PLANTED = {
    "check_rouge_l": [
        (
            "of the reference",
            """
def my_rouge_l(common, ours, theirs):
    return np.divide(common, theirs)
""",
            "recall only",
        ),
        (
            "of the summary",
            """
def my_rouge_l(common, ours, theirs):
    precision = common / ours
    return precision
""",
            "precision only",
        ),
        (
            "np.mean",
            """
def my_rouge_l(common, ours, theirs):
    return np.mean([common / ours, common / theirs])
""",
            "plain mean",
        ),
        (
            "a root",
            """
def my_rouge_l(common, ours, theirs):
    return np.sqrt(common / ours * common / theirs)
""",
            "geometric mean",
        ),
        (
            "the 2 forgotten",
            """
def my_rouge_l(common, ours, theirs):
    p, r = common / ours, common / theirs
    return p * r / (p + r) if common else 0.0
""",
            "half of it",
        ),
        (
            "Jaccard",
            """
def my_rouge_l(common, ours, theirs):
    return common / (ours + theirs - common)
""",
            "all words once",
        ),
        (
            "NumPy's 0 / 0",
            """
def my_rouge_l(common, ours, theirs):
    p, r = np.array([common / ours, common / theirs])
    return 2 * p * r / (p + r)
""",
            "0 divided by 0",
        ),
        (
            "Python's 0 / 0",
            """
def my_rouge_l(common, ours, theirs):
    p, r = common / ours, common / theirs
    return 2 * p * r / (p + r)
""",
            "raises",
        ),
        (
            "of the longer one",
            """
def my_rouge_l(common, ours, theirs):
    return common / max(ours, theirs) * 2
""",
            "values",
        ),
        (
            "both shares",
            """
def my_rouge_l(common, ours, theirs):
    return common / ours, common / theirs
""",
            "type",
        ),
    ],
    "check_lcs": [
        (
            "two bags",
            """
def my_lcs(a, b):
    left, found = list(b), 0
    for word in a:
        if word in left:
            left.remove(word)
            found += 1
    return found
""",
            "order ignored",
        ),
        (
            "membership",
            """
def my_lcs(a, b):
    return len([word for word in a if word in b])
""",
            "each word of a",
        ),
        (
            "sets",
            """
def my_lcs(a, b):
    return len(set(a).intersection(b))
""",
            "different words",
        ),
        (
            "the table of the longest run",
            """
def my_lcs(a, b):
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
    for i, word in enumerate(a):
        for j, other in enumerate(b):
            if word == other:
                table[i + 1, j + 1] = table[i, j] + 1
    return table.max()
""",
            "longest run",
        ),
        (
            "an iterator",
            """
def my_lcs(a, b):
    found = 0
    for word in a:
        if word in b:
            b, found = b[b.index(word) + 1 :], found + 1
    return found
""",
            "first come",
        ),
        (
            "zip",
            """
def my_lcs(a, b):
    return sum(x == y for x, y in zip(a, b))
""",
            "side by side",
        ),
        (
            "one neighbour forgotten",
            """
def my_lcs(a, b):
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
    for i, word in enumerate(a):
        for j, other in enumerate(b):
            table[i + 1, j + 1] = table[i, j] + 1 if word == other else table[i, j + 1]
    return int(table[-1, -1])
""",
            "values",
        ),
        (
            "the words themselves",
            """
def my_lcs(a, b):
    return [word for word in a if word in b]
""",
            "type",
        ),
    ],
    "check_invented": [
        (
            "in the text",
            """
def my_invented(summary, text):
    return [name for name in dict.fromkeys(names(summary)) if text.find(name) < 0]
""",
            "part of a word",
        ),
        (
            "what is left out",
            """
def my_invented(summary, text):
    return [name for name in dict.fromkeys(names(text)) if name not in names(summary)]
""",
            "turned round",
        ),
        (
            "lower case",
            """
def my_invented(summary, text):
    known = re.findall(r"\\w+", text.lower())
    return [name for name in dict.fromkeys(names(summary)) if name.lower() not in known]
""",
            "case ignored",
        ),
        (
            "no dict",
            """
def my_invented(summary, text):
    return [name for name in names(summary) if name not in names(text)]
""",
            "told twice",
        ),
        (
            "every word",
            """
def my_invented(summary, text):
    known = re.findall(r"\\w+", text)
    return [word for word in dict.fromkeys(re.findall(r"\\w+", summary)) if word not in known]
""",
            "all words",
        ),
        (
            "split",
            """
def my_invented(summary, text):
    known = text.split()
    return [name for name in dict.fromkeys(names(summary)) if name not in known]
""",
            "commas kept",
        ),
        (
            "sorted",
            """
def my_invented(summary, text):
    return sorted(set(names(summary)).difference(names(text)))
""",
            "order lost",
        ),
        (
            "True or False",
            """
def my_invented(summary, text):
    return bool(set(names(summary)) - set(names(text)))
""",
            "type",
        ),
        (
            "only the first",
            """
def my_invented(summary, text):
    return [name for name in dict.fromkeys(names(summary)) if name not in names(text)][:1]
""",
            "shape",
        ),
    ],
    "check_parts": [
        (
            "cumsum",
            """
def my_parts(lengths, limit, extra):
    before = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return before // (limit - extra)
""",
            "cut anywhere",
        ),
        (
            "the limit alone",
            """
def my_parts(lengths, limit, extra):
    part, used, parts = 0, 0, []
    for length in lengths:
        if used and used + length > limit:
            part, used = part + 1, 0
        used += length
        parts.append(part)
    return parts
""",
            "extra forgotten",
        ),
        (
            "reset to 0",
            """
def my_parts(lengths, limit, extra):
    part, used, parts = 0, extra, []
    for length in lengths:
        if parts and used + length > limit:
            part, used = part + 1, 0
        used += length
        parts.append(part)
    return parts
""",
            "extra once",
        ),
        (
            "closed when full",
            """
def my_parts(lengths, limit, extra):
    part, used, parts = 0, extra, []
    for length in lengths:
        parts.append(part)
        used += length
        if used >= limit:
            part, used = part + 1, extra
    return parts
""",
            "filled over",
        ),
        (
            "at the limit",
            """
def my_parts(lengths, limit, extra):
    part, used, parts = 0, extra, []
    for length in lengths:
        if used > extra and used + length >= limit:
            part, used = part + 1, extra
        used += length
        parts.append(part)
    return parts
""",
            "full is too full",
        ),
        (
            "range",
            """
def my_parts(lengths, limit, extra):
    return list(range(len(lengths)))
""",
            "one each",
        ),
        (
            "part 0 left empty",
            """
def my_parts(lengths, limit, extra):
    part, used, parts = 0, extra, []
    for length in lengths:
        if used + length > limit:
            part, used = part + 1, extra
        used += length
        parts.append(part + (length > limit))
    return parts
""",
            "values",
        ),
        (
            "how many parts",
            """
def my_parts(lengths, limit, extra):
    return 1 + sum(lengths) // (limit - extra)
""",
            "shape",
        ),
    ],
}
