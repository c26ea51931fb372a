"""Targets: every figure that a chapter may call, with arrays and texts of any kind."""

import numpy as np
from hypothesis import strategies as st

from helpers.figures import show_bars, show_curves, show_heatmap, show_heatmaps, show_links, show_map
from helpers.figures.alignment import show_alignment
from helpers.figures.glyphs import drawable
from helpers.figures.signed_bars import show_signed_bars
from helpers.figures.token_bars import show_token_bars
from helpers.figures.words import number
from helpers.proof.fuzz_engine import ANSWER, Target, end_of
from helpers.proof.fuzz_inputs import number_arrays, odd, scalars, texts

PNG = b"\x89PNG\r\n\x1a\n"

# What surrounds the numbers is the chapter's own: its labels and titles fit. What may be anything is what is drawn.
labels = texts.map(lambda text: text[:40].encode("utf-8", "ignore").decode("utf-8"))  # whole characters
names = lambda count: st.lists(labels, min_size=count, max_size=count)  # noqa: E731
counts = st.integers(1, 4)
wrong = st.one_of(scalars, odd, st.integers(0, 4).flatmap(lambda n: number_arrays(n)), number_arrays(2, 3))


def _shows(function, errors):
    def check(arguments):
        end, figure = end_of(lambda: function(**arguments), errors)
        if end == ANSWER and not (figure.png.startswith(PNG) and figure.words):
            raise AssertionError(f"no picture or no words: {figure.words!r}")
        return end

    return check


@st.composite
def _drawn(draw, shape, changed, **others):
    """Arguments of one figure; `changed` may be anything. shape: makes what must fit together from two counts."""
    rows, columns = draw(counts), draw(counts)
    arguments = {name: draw(strategy) for name, strategy in others.items()}
    for name, part in shape(rows, columns).items():
        arguments[name] = draw(part)
    if draw(st.integers(0, 2)) == 2:
        arguments[changed] = draw(wrong)
    return arguments


def _positive(strategy):
    return strategy.map(lambda array: np.abs(np.asarray(array, dtype=float)) / 4)


def _target(name, function, shape, changed, words, count, **others):
    return Target("figures", name, _drawn(shape, changed, **others), _shows(function, words), count, seconds=30)


def _texts(text):
    shown = drawable(text, 12)
    if len(shown) > 12 or "\n" in shown:
        raise AssertionError(f"too long, or in two lines: {shown!r}")
    return ANSWER


def _numbers(value):
    text = number(value)
    if text.startswith("-") and not float(text):
        raise AssertionError(f"a minus before a zero: {text}")
    return ANSWER


def targets():
    """Return the targets of the figures."""
    title = {"title": labels}
    return [
        _target("show_bars", show_bars, lambda r, c: {"labels": names(r), "values": number_arrays(r)}, "values",
                ["values"], 100, **title),
        _target("show_heatmap", show_heatmap, lambda r, c: {"matrix": number_arrays(r, c), "rows": names(r),
        "columns": names(c)},
                "matrix", ["matrix"], 100, **title),
        _target("show_heatmaps", show_heatmaps, lambda r, c: {
            "matrices": st.lists(number_arrays(r, c), max_size=2), "titles": st.lists(labels, max_size=3),
            "rows": names(r), "columns": names(c)},
                "titles", ["matri", "title"], 100),
        _target("show_links", show_links, lambda r, c: {"words": names(r), "weights": _positive(number_arrays(r)),
                "picked": st.one_of(st.integers(-1, 4), scalars)}, "weights", ["weights", "picked"], 100, **title),
        _target("show_curves", show_curves, lambda r, c: {
            "x": number_arrays(r), "curves": st.dictionaries(labels, number_arrays(r), max_size=5),
            "x_log": st.booleans(), "y_log": st.booleans()}, "x", [], 100, x_label=labels, y_label=labels, **title),
        _target("show_map", show_map, lambda r, c: {"matrix": number_arrays(r * 7, c * 7)}, "matrix",
        ["matrix"], 100, **title),
        _target("show_alignment", show_alignment, lambda r, c: {
            "weights": _positive(number_arrays(r, c)), "target": names(r), "source": names(c)}, "weights",
            ["weights"], 100, **title),
        _target("show_signed_bars", show_signed_bars, lambda r, c: {
            "labels": names(r), "values": number_arrays(r), "reach": st.sampled_from([1.0, 6, 0.5])}, "values",
            ["values"], 100,
                **title),
        _target("show_token_bars", show_token_bars, lambda r, c: {
            "tokens": names(r), "series": st.dictionaries(st.sampled_from(["a", "b",
            "c"]), _positive(number_arrays(r)), max_size=3)},
                "series", ["series", "tokens", "a ", "b ", "c "], 100, **title),
        Target("figures", "text that a figure can draw", texts, _texts, 4000),
        Target("figures", "numbers as words", st.floats(-1e15, 1e15), _numbers, 4000),
    ]  # fmt: skip
