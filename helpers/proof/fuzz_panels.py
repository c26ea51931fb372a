"""Targets: the panels, made from anything, and moved as a browser moves them: valid values, values of any kind, buttons."""

import functools

import numpy as np
import traitlets
from hypothesis import strategies as st

from helpers.checkpoints import checkpoint, quiet_loading
from helpers.panels import (
    AttentionPanel,
    BertAttentionPanel,
    ClassificationPanel,
    MultiHeadPanel,
    NextTokenPanel,
    ScalingPanel,
    SelfAttentionPanel,
    SentenceMapPanel,
    SummaryPanel,
    TranslationPanel,
)
from helpers.panels.control import Choice, Switch, TextBox
from helpers.proof.fuzz_engine import ANSWER, REFUSAL, Target, end_of
from helpers.proof.fuzz_figures import labels
from helpers.proof.fuzz_inputs import nearly, number_arrays, scalars, texts

SENTENCES = (
    "The cat sat on the mat.",
    "I love this film.",
    "translate",
    "Zwölf Boxkämpfer",
    "a " * 200,
    "один два",
    "日本語",
    "x" * 90,
)
PNG = b"\x89PNG"

typed = st.one_of(texts, st.sampled_from(SENTENCES), st.lists(st.sampled_from(SENTENCES), max_size=9).map("\n".join))
moves = st.lists(
    st.tuples(
        st.integers(0, 40), st.sampled_from(["set", "set", "set", "any", "button"]), st.floats(0, 1), typed, scalars
    ),
    min_size=1,
    max_size=3,
)


class Moved:
    """A check that moves one and the same panel: whatever it is told, it stays usable and says what it shows."""

    def __init__(self, make):
        self.make, self.panel = make, None

    def __call__(self, steps):
        panel, self.panel = self.panel or self.make(), None  # after a finding comes a new one
        panel.apply("Reset")
        self._move(panel, steps)
        self.panel = panel
        return REFUSAL if panel.problem.value else ANSWER

    def _move(self, panel, steps):
        for place, kind, share, text, anything in steps:
            entry = list(panel.entries.values())[place % len(panel.entries)]
            if kind == "button":
                buttons = [*panel.buttons.values(), *getattr(panel, "action_buttons", {}).values()]
                buttons[place % len(buttons)].click()
            elif kind == "any":
                box = entry.box if hasattr(entry, "box") else entry.slider
                try:
                    box.set_state({"value": anything})  # what arrives from a browser comes in here
                except traitlets.TraitError:
                    pass  # ipywidgets refuses it, and the panel never sees it
            else:
                entry.value = _fitting(entry, share, text)
        alert = panel.problem.value
        status = getattr(panel, "status", None)
        if not bytes(panel.picture.value).startswith(PNG) or not panel.words() or not panel.summary.value:
            raise AssertionError("the panel shows nothing")
        if "could not draw" in alert or (status is not None and status.value):
            raise AssertionError(f"the panel is stuck: {alert} {status and status.value}")


def _fitting(entry, share, text):
    if isinstance(entry, TextBox):
        return text
    if isinstance(entry, Switch):
        return share > 0.5
    if isinstance(entry, Choice):
        options = [option[1] if isinstance(option, tuple) else option for option in entry.box.options]
        return options[min(int(share * len(options)), len(options) - 1)]
    low, high = entry.slider.min, entry.slider.max
    value = low + share * (high - low)
    return round(value) if isinstance(low, int) else value


def _made(kind):
    def check(arguments):
        return end_of(lambda: kind(**arguments), [*arguments, "embeddings", "words"])[0]

    return check


names = st.lists(st.one_of(st.sampled_from(["a", "b", "c"]), labels), min_size=1, max_size=3)


@st.composite
def _attention_arguments(draw):
    words, features = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    shapes = {"query": (features,), "key": (words, features), "value": (words, 1)}
    return {name: draw(number_arrays(*shape)) for name, shape in shapes.items()} | {"words": list("abc"[:words])}


@st.composite
def _sentence_arguments(draw, square):
    words, features = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    arguments = {name: draw(number_arrays(features, features)) for name in ("W_q", "W_k", "W_v", *square)}
    return arguments | {"embeddings": draw(number_arrays(words, features)), "words": draw(names)}


_scaling = st.integers(1, 4).flatmap(
    lambda n: st.fixed_dictionaries({"query": number_arrays(n), "key": number_arrays(3, n)})
)


@functools.cache
def _pocket(name, model, tokenizer):
    import torch
    import transformers

    quiet_loading()
    folder = checkpoint(name, models="pocket")
    loaded = getattr(transformers, model).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    return loaded.eval(), getattr(transformers, tokenizer).from_pretrained(folder)


def _bert():
    return _pocket("bert-base-uncased", "BertModel", "BertTokenizer")


def _t5():
    return _pocket("t5-small", "T5ForConditionalGeneration", "T5Tokenizer")


def _self_attention():
    rng = np.random.default_rng(0)
    return SelfAttentionPanel(rng.uniform(-1, 1, (4, 3)), *rng.normal(size=(3, 3, 3)), ["a", "$x$", "", "a"])


def _heads():
    rng = np.random.default_rng(0)
    return MultiHeadPanel(rng.normal(size=(3, 4)), *rng.normal(size=(4, 4, 4)), ["a", "b", "a"])


def targets():
    """Return the targets of the panels. The last ones run the pocket models."""
    rng = np.random.default_rng(0)
    query, key = rng.normal(size=4), rng.normal(size=(3, 4))
    moved = {
        "panel 1, attention": (lambda: AttentionPanel([1.0, 0, -1], [[1.0, 1, 0], [0, -1, 1]], [[5.0], [0]], ["a",
        "b"]), 250),
        "panel 2, scaling": (lambda: ScalingPanel(query, key), 150),
        "panel 3, self-attention": (_self_attention, 150),
        "panel 4, heads": (_heads, 100),
        "panel 5, BERT's attention": (lambda: BertAttentionPanel(*_bert(), "The cat sat."), 80),
        "panel 5, sentences": (lambda: SentenceMapPanel(*_bert(), ["The cat sat.", "A dog ran."]), 80),
        "panel 6, classifier": (lambda: ClassificationPanel(
            *_pocket("bert-base-uncased", "BertForSequenceClassification", "BertTokenizer"), "A good film."), 80),
        "panel 7, next token": (lambda: NextTokenPanel(*_pocket("gpt2", "GPT2LMHeadModel", "GPT2Tokenizer"),
        "Once upon"), 60),
        "panel 8, translation": (lambda: TranslationPanel(*_t5()), 40),
        "panel 9, summary": (lambda: SummaryPanel(*_t5(), "The cat sat on the mat. It was a warm day."), 40),
    }  # fmt: skip
    made = [
        Target("panels, made", "panel 1", nearly(_attention_arguments()), _made(AttentionPanel), 120, 60),
        Target("panels, made", "panel 2", nearly(_scaling), _made(ScalingPanel), 120, 60),
        Target("panels, made", "panel 3", nearly(_sentence_arguments(())), _made(SelfAttentionPanel), 120, 60),
        Target("panels, made", "panel 4", nearly(_sentence_arguments(("W_o",))), _made(MultiHeadPanel), 120, 60),
    ]
    return made + [
        Target("panels, moved", name, moves, Moved(make), count, 120) for name, (make, count) in moved.items()
    ]
