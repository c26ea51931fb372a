"""Targets: the maths of chapters 1 to 4, the checks of what goes into it, and the samplers and word counts of 5 to 9."""

import warnings

import numpy as np
from hypothesis import strategies as st

from helpers import validate
from helpers.attention import attention, causal_mask, entropy, softmax
from helpers.models.bert import cosines
from helpers.models.gpt2 import draw as draw_token
from helpers.models.gpt2 import next_token_probabilities
from helpers.models.summary import foreign_words, lcs, used_words, whole_words, words
from helpers.multi_head import merge_heads, multi_head_attention, split_heads
from helpers.positions import sinusoidal_positions
from helpers.proof.fuzz_engine import ANSWER, Target, end_of
from helpers.proof.fuzz_inputs import junk, nearly, number_arrays, texts, wholes

sizes = st.integers(1, 3)
leading = st.sampled_from([(), (), (2,), (1, 2)])


def _loud(call, names):
    """As end_of; a warning of NumPy's is an end that nobody documented, too."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return end_of(call, names)


def calls(function, holds=lambda answer, arguments: True, *more):
    """Return a check that calls function(**arguments) and sees that an answer is what `holds` says.

    A refusal must name an argument, or one of `more`: what the function makes of its arguments.
    """

    def check(arguments):
        end, answer = _loud(lambda: function(**arguments), [*arguments, *more])
        if end == ANSWER and not holds(answer, arguments):
            raise AssertionError(f"a wrong answer: {answer!r}")
        return end

    return check


def _sums_to_one(weights, axis=-1):
    weights = np.asarray(weights, dtype=float)
    return bool((weights >= 0).all() and np.allclose(weights.sum(axis=axis), 1, atol=1e-3))


@st.composite
def attention_arguments(draw):
    queries, keys, d_k, d_v, lead = draw(sizes), draw(sizes), draw(sizes), draw(sizes), draw(leading)
    shapes = {"query": (*lead, queries, d_k), "key": (*lead, keys, d_k), "value": (*lead, keys, d_v)}
    if draw(st.integers(0, 5)) == 5:
        shapes[draw(st.sampled_from(sorted(shapes)))] = draw(
            st.sampled_from([(), (2,), (2, 2), (3, 1), (2, 1, 2), (0, 2)])
        )
    arguments = {name: draw(number_arrays(*shape)) for name, shape in shapes.items()}
    if draw(st.booleans()):
        shape = draw(st.sampled_from([(queries, keys), (queries, keys), (*lead, queries, keys), (keys,)]))
        bits = draw(st.lists(st.booleans(), min_size=2, max_size=4))
        arguments["mask"] = np.resize(np.array(bits), shape)
    if draw(st.booleans()):
        arguments["scale"] = draw(st.one_of(st.floats(-3, 3), st.sampled_from([0, 1e-300, 1e300, "1", None, [1]])))
    return arguments


def _is_blend(answer, arguments):
    output, weights = answer
    value = np.asarray(arguments["value"], dtype=float)
    low, high = value.min(axis=-2, keepdims=True), value.max(axis=-2, keepdims=True)
    slack = 1e-5 * np.maximum(np.abs(low), np.abs(high)) + 1e-6
    inside = (output >= low - slack) & (output <= high + slack)
    return _sums_to_one(weights) and bool(np.isfinite(output).all() and inside.all())


@st.composite
def head_arguments(draw):
    words_, hidden, lead = draw(sizes), draw(st.sampled_from([1, 2, 3, 4, 6])), draw(leading)
    arguments = {name: draw(number_arrays(hidden, hidden)) for name in ("W_q", "W_k", "W_v", "W_o")}
    arguments["embeddings"] = draw(number_arrays(*lead, words_, hidden))
    arguments["num_heads"] = draw(st.sampled_from([1, 1, 1, 2, 2, 3])) if draw(st.integers(0, 4)) else draw(wholes)
    if draw(st.integers(0, 3)) == 3:
        arguments["mask"] = draw(
            st.sampled_from([np.tri(words_, dtype=bool), np.zeros((words_, words_), bool), np.eye(2)])
        )
    return arguments


split = st.tuples(number_arrays(2, 6), st.one_of(st.sampled_from([1, 2, 3, 6]), wholes)).map(
    lambda pair: {"features": pair[0], "num_heads": pair[1]}
)
lengths = st.one_of(st.integers(-2, 40), st.sampled_from([True, "3", 2.0, None, 10**30, 2**63, np.int64(4), [3]]))
tables = st.integers(0, 3).flatmap(lambda n: number_arrays(*(2, 1, 3)[:n]))
one = lambda name, strategy: strategy.map(lambda value: {name: value})  # noqa: E731
either = lambda *strategies: st.one_of(*strategies, junk)  # noqa: E731

logit_arguments = st.fixed_dictionaries({
    "logits": st.integers(1, 12).flatmap(number_arrays),
    "temperature": st.one_of(st.floats(0.05, 3), st.sampled_from([0, -1, 1e-300, 1e300, float("nan"), "1"])),
    "top_k": st.one_of(st.integers(-1, 14), st.sampled_from([10**30, 1.0, True])),
    "top_p": st.one_of(st.floats(0, 1), st.sampled_from([1e-300, 1, -0.1, 1.1, None])),
})
word_lists = st.lists(
    st.sampled_from(["the", "cat", "sat", "a", "", "</s>", "▁", "▁the", "▁▁", "half-length", "é", "…"]), max_size=9
)


def _word_checks(pair):
    first, second = pair
    pairs = lcs(first, second)
    if any(first[i] != second[j] for i, j in pairs) or sorted(pairs) != pairs:
        raise AssertionError(f"no common subsequence: {pairs}")
    found, place = whole_words(first)
    if len(place) != len(first) or (len(place) and place.max() >= len(found)):
        raise AssertionError(f"pieces without a word: {found}, {place}")
    if len(used_words(first, " ".join(second))) != len(first) or len(foreign_words(second, " ".join(first))) != len(
        second
    ):
        raise AssertionError("one mark a word is expected")
    words(" ".join(first))
    return ANSWER


def _cosines(table):
    end, answer = _loud(lambda: cosines(table["vectors"]), ["vectors"])
    if end == ANSWER and not (np.abs(answer) <= 1 + 1e-9).all():
        raise AssertionError(f"a wrong answer: {answer!r}")
    return end


def _draw(arguments):
    end, answer = _loud(lambda: next_token_probabilities(**arguments), arguments)
    if end == ANSWER:
        token = draw_token(answer, np.random.default_rng(0))
        if not _sums_to_one(answer) or not answer[token] > 0:
            raise AssertionError(f"token {token} of {answer!r}")
    return end


VALIDATORS = {
    "numbers": lambda v: validate.numbers("x", v),
    "numbers, 2 axes": lambda v: validate.numbers("x", v, (2,)),
    "numbers, -inf": lambda v: validate.numbers("x", v, minus_infinity=True),
    "boolean": lambda v: validate.boolean("x", v, [(2,), (2, 2)]),
    "whole_number": lambda v: validate.whole_number("x", v),
    "inside": lambda v: validate.inside("x", v, -1, 1),
    "words": lambda v: validate.words("x", v, 2),
}


def _validators(value):
    ends = [_loud(lambda function=function: function(value), ["x"])[0] for function in VALIDATORS.values()]
    return ANSWER if ANSWER in ends else ends[0]


def targets():
    """Return the targets of the maths."""
    maths = "maths"
    return [
        Target("validate", "each of its 7 checks", junk, _validators, 14000),
        Target(maths, "softmax", st.fixed_dictionaries({"scores": either(tables, tables),
        "axis": st.one_of(st.just(-1), wholes)}),
               calls(softmax, lambda w, a: _sums_to_one(w, a["axis"])), 9000),
        Target(maths, "attention", nearly(attention_arguments()), calls(attention, _is_blend), 14000),
        Target(maths, "causal_mask", one("length", lengths), calls(causal_mask), 600),
        Target(maths, "entropy", one("weights", either(tables, tables, st.sampled_from([[0.5, 0.5], [1, 0],
        [[0.25] * 4]]))),
               calls(entropy, lambda bits, _: bool((bits >= 0).all())), 6000),
        Target(maths, "split_heads", nearly(split), calls(split_heads), 6000),
        Target(maths, "merge_heads", one("heads", either(tables)), calls(merge_heads), 4000),
        Target(maths, "multi_head_attention", nearly(head_arguments()),
               calls(multi_head_attention, lambda answer, _: _sums_to_one(answer[1]), "query", "key"), 9000),
        Target(maths, "sinusoidal_positions", st.fixed_dictionaries({"length": lengths, "width": lengths}),
               calls(sinusoidal_positions), 1500),
        Target("models, maths", "next_token_probabilities and draw", nearly(logit_arguments), _draw, 10000),
        Target("models, maths", "words, lcs, whole_words, used_words, foreign_words", st.tuples(word_lists, word_lists),
               _word_checks, 4000),
        Target("models, maths", "words of any text", texts,
        lambda text: ANSWER if words(text) is not None else "", 2000),
    ]  # fmt: skip
