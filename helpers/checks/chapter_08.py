"""The exercises of chapter 8: what a decoder reads, T5's attention, clipped precision, a beam search."""

from collections import Counter
from functools import reduce
from operator import or_

import numpy as np

from helpers.attention import attention, softmax
from helpers.checks.chapter_08_beams import check_beam_search as check_beam_search
from helpers.checks.check import Exercise, Mistake

_RANDOM = np.random.default_rng(8)

_TWO = np.array([[21, 22, 1]]), np.array([[31, 32, 1]]), 0  # source, target, start
_BATCH = np.array([[5, 6, 7, 1], [8, 1, 0, 0]]), np.array([[9, 8, 7, 6, 1], [4, 3, 1, 0, 0]]), 0

check_decoder_input = Exercise(
    name="my_decoder_input",
    task="write my_decoder_input(source, target, start). It returns the ids that the decoder reads in training, as many as "
    "the target has: (batch, target tokens).",
    expected=lambda source, target, start: np.array([[start, *row[:-1]] for row in target.tolist()]),
    cases=(_TWO, _BATCH, (_BATCH[0], _BATCH[1] + 3, 2), (np.array([[4, 1]]), np.array([[1]]), 0)),
    mistakes=(
        Mistake(
            "the English",
            "the decoder reads the English. That is for the encoder; the decoder reads the French so far, and would take an "
            "English sentence for the beginning of a French one.",
            lambda source, target, start: source,
            _TWO,
        ),
        Mistake(
            "the English, late",
            "the tokens are one place late, but they are the encoder's. The decoder meets the English in cross-attention only.",
            lambda source, target, start: np.insert(source[:, :-1], 0, start, axis=1),
            _TWO,
        ),
        Mistake(
            "not shifted",
            "at each place the decoder reads the very token that it must write there. It would learn to copy, and at the first "
            "place of a new sentence it would have nothing to copy.",
            lambda source, target, start: target,
            _TWO,
        ),
        Mistake(
            "shifted the other way",
            "at each place the decoder reads the token after the one that it must write. That is the future.",
            lambda source, target, start: np.append(target[:, 1:], np.full((len(target), 1), start), axis=1),
            _TWO,
        ),
        Mistake(
            "rolled",
            "the last token of the target has come round to the front. When the decoder writes, that one is not known yet.",
            lambda source, target, start: np.roll(target, 1, axis=1),
            _TWO,
        ),
        Mistake(
            "first word overwritten",
            "the start token stands in the place of the first word, and nothing has moved. The first word is lost, and all "
            "others are read where they must be written.",
            lambda source, target, start: np.insert(target[:, 1:], 0, start, axis=1),
            _TWO,
        ),
        Mistake(
            "one too many",
            "the start token is in front, but there is one id more than the target has. The last one would ask for a token "
            "behind the end.",
            lambda source, target, start: np.insert(target, 0, start, axis=1),
            _TWO,
        ),
    ),
    right="the decoder reads the French one place late, so at each place it has seen only what stands before.",
    try_this="a target that is the end token alone. What does the decoder read, and what must it write?",
)


def _one_head(x, memory, W_q, W_k, W_v, bias, divisor=1.0, before=1, after=0):
    """before, after: how often the bias is added before and after softmax."""
    scores = (x @ W_q) @ (memory @ W_k).T / divisor
    weights = softmax(scores + bias if before else scores) + (bias if after else 0)
    return weights @ (memory @ W_v), weights


def _columns(x, memory, W_q, W_k, W_v, bias):
    weights = softmax((x @ W_q) @ (memory @ W_k).T + bias, axis=0)
    return weights @ (memory @ W_v), weights


def _by_the_helper(x, memory, W_q, W_k, W_v, bias):
    """The bias as one feature more for each key: the query of place i holds a 1 at feature i of the added ones."""
    hidden = np.isneginf(bias)
    query = np.hstack([x @ W_q, np.eye(len(x))])
    key = np.hstack([memory @ W_k, np.where(hidden, 0.0, bias).T])
    return attention(query, key, memory @ W_v, mask=~hidden, scale=1)


def _inputs(queries, keys, features, d_k, d_v):
    sizes = (queries, features), (keys, features), (features, d_k), (features, d_k), (features, d_v), (queries, keys)
    return tuple(_RANDOM.normal(size=size) for size in sizes)


_SMALL = tuple(map(np.array, ([[1, 0], [1, 1]], [[0, 1], [1, 1]], [[1, 0], [0, 2]], [[0, 1], [1, 0]], [[4, 0], [0, 8]],
                              [[0, 2], [1, 0]])))  # fmt: skip
_FUTURE_HIDDEN = (*_inputs(4, 4, 5, 3, 2)[:5], np.where(np.tri(4) > 0, 0.5, -np.inf))

check_t5_attention = Exercise(
    name="my_t5_attention",
    task="write my_t5_attention(x, memory, W_q, W_k, W_v, bias), one head of T5. The queries come from x, the keys and values "
    "from memory. It returns the output (queries, d_v) and the weights (queries, keys).",
    expected=_by_the_helper,
    cases=(_SMALL, _inputs(3, 3, 4, 4, 4), _inputs(3, 5, 4, 2, 3), _FUTURE_HIDDEN),
    returns=("output", "weights"),
    mistakes=(
        Mistake(
            "divided by sqrt(d_k)",
            "the scores are divided by sqrt(d_k). T5 uses them as they are; what was learnt in W_q reckons with that.",
            lambda *a: _one_head(*a, divisor=np.sqrt(a[3].shape[1])),
            _SMALL,
        ),
        Mistake(
            "bias after softmax",
            "the bias is added to the weights. Then a row does not sum to 1 any more, and a weight can be negative.",
            lambda *a: _one_head(*a, before=0, after=1),
            _SMALL,
        ),
        Mistake(
            "no bias",
            "the bias has no effect. Without it T5 does not know the order of the words: it has no other positions.",
            lambda *a: _one_head(*a, before=0),
            _SMALL,
        ),
        Mistake(
            "sides exchanged",
            "the queries come from memory, the keys and values from x: here each English word looks at the French. The side "
            "that asks is the one that is written.",
            lambda x, memory, *a: _one_head(memory, x, *a),
            _SMALL,
        ),
        Mistake(
            "x looks at itself",
            "queries, keys and values all come from x. That is self-attention: the French looks at the French, and nothing of "
            "the English arrives.",
            lambda x, memory, *a: _one_head(x, x, *a),
            _SMALL,
        ),
        Mistake(
            "values from x",
            "the keys come from memory, but the values from x. A weight was found for a token of memory, and must hand over the "
            "value of that token.",
            lambda x, memory, W_q, W_k, W_v, bias: (
                _one_head(x, memory, W_q, W_k, W_v, bias)[1] @ (x @ W_v),
                _one_head(x, memory, W_q, W_k, W_v, bias)[1],
            ),
            _SMALL,
        ),
        Mistake(
            "wrong axis",
            "every column of the weights sums to 1. A row is a token that looks, and shares itself out over the keys.",
            _columns,
            _SMALL,
        ),
    ),
    right="no division, the bias before softmax, queries from one side and keys and values from the other.",
    try_this="memory=x and a bias with -inf above the diagonal. Which attention of the decoder is that?",
)


def _runs(words, n):
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _theirs(references, n):
    return reduce(or_, (_runs(reference, n) for reference in references))  # of two counts of a run the larger one


def _clipped(candidate, references, n):
    ours = _runs(candidate, n)
    return (ours & _theirs(references, n)).total() / max(1, ours.total())


def _added_up(candidate, references, n):
    theirs = sum((_runs(reference, n) for reference in references), Counter())
    return (_runs(candidate, n) & theirs).total() / max(1, _runs(candidate, n).total())


_ONE_REFERENCE = "le chat le chat le loup".split(), ["le chien et le chat dorment ici".split()], 1
_TWO_REFERENCES = "un chat noir dort dort".split(), ["le chat dort là".split(), "un chat noir dormait".split()], 1
_ADDED = ["non", "non"], [["oui", "non"], ["non"]], 1
_SHORT = ["oui", "."], [["oui", "."]], 3

check_precision = Exercise(
    name="my_precision",
    task="write my_precision(candidate, references, n). It returns which share of the candidate's runs of n words stands in the "
    "references, from 0 to 1; each run matches at most as often as it stands in one of them.",
    expected=_clipped,
    cases=(_ONE_REFERENCE, (*_ONE_REFERENCE[:2], 2), _TWO_REFERENCES, (*_TWO_REFERENCES[:2], 2), _ADDED, _SHORT),
    mistakes=(
        Mistake(
            "not clipped",
            "a run matches however often the candidate repeats it. A translation that says one right word a hundred times "
            "would be perfect.",
            lambda candidate, references, n: np.mean([
                run in _theirs(references, n) for run in _runs(candidate, n).elements()
            ]),
            (["le", "le"], [["le", "chat"]], 1),
        ),
        Mistake(
            "different runs",
            "it counts different runs, so one that stands twice counts once. Repeating a word then costs nothing.",
            lambda candidate, references, n: np.mean([run in _theirs(references, n) for run in _runs(candidate, n)]),
            (["le", "le", "chien"], [["le", "chat"]], 1),
        ),
        Mistake(
            "recall",
            "the matches are divided by the runs of the reference. That is recall: how much of the reference was said. BLEU asks "
            "how much of what was said is right.",
            lambda candidate, references, n: (
                (_runs(candidate, n) & _theirs(references, n)).total() / _runs(references[0], n).total()
            ),
            (["le"], [["le", "chat"]], 1),
        ),
        Mistake(
            "single words",
            "single words are counted, whatever n is. So the order of the words has no part.",
            lambda candidate, references, n: _clipped(candidate, references, 1),
            (["chat", "le"], [["le", "chat"]], 2),
        ),
        Mistake(
            "first reference only",
            "only the first reference is used. Another person's words are as right.",
            lambda candidate, references, n: _clipped(candidate, references[:1], n),
            (["un"], [["le"], ["un"]], 1),
        ),
        Mistake(
            "best reference",
            "each reference is compared by itself, and the best share is taken. In BLEU one run may match in this reference and "
            "the next one in that.",
            lambda candidate, references, n: max(_clipped(candidate, [one], n) for one in references),
            (["un", "chien"], [["le", "chien"], ["un", "chat"]], 1),
        ),
        Mistake(
            "references added up",
            "what stands once in each of two references may match twice. No single person said it twice.",
            _added_up,
            _ADDED,
        ),
        Mistake(
            "0 divided by 0",
            "a candidate of fewer than n words has no run, so 0 is divided by 0. Nothing of it can match.",
            lambda candidate, references, n: _clipped(candidate, references, n) if len(candidate) >= n else np.nan,
            _SHORT,
        ),
    ),
    right="a run matches as often as one person wrote it, and repeating the right word does not help.",
    try_this="a candidate of one word that is right. What is its share, and which other part of BLEU must punish it?",
)
