"""Panel 7 draws the model's own probabilities beside those after the settings, and draws tokens from the latter."""

import numpy as np
import pytest
from test_models_gpt2 import PROMPT, by_transformers

from helpers.figures.style import new_figure
from helpers.figures.token_bars import TokenBars, show_token_bars
from helpers.figures.words import number
from helpers.models.gpt2 import visible
from helpers.panels import NextTokenPanel, next_token_panel

torch = pytest.importorskip("torch")


@pytest.fixture
def panel(gpt2):
    return NextTokenPanel(*gpt2, PROMPT)


def settings_of(panel):
    return [panel.entries[name].value for name in ("temperature", "top-k", "top-p")]


def logits_of(panel, ids):
    with torch.no_grad():
        return panel.model(torch.tensor([ids])).logits[0, -1].double().numpy()


def assert_draws(panel, ids):
    """Compare the bars, their numbers and the sentence with the model and transformers' own classes."""
    logits = logits_of(panel, ids)
    before, after = by_transformers(logits, 1.0, 0, 1.0), by_transformers(logits, *settings_of(panel))
    best = np.argsort(-before)[:8]
    tokens = [visible(panel.tokenizer, token) for token in best]
    assert [label.get_text().strip("“”") for label in panel.bars.tokens] == [*tokens, f"{len(logits) - 8} others"]
    for place, p in enumerate((before, after)):
        expected = [*p[best], np.delete(p, best).sum()]
        np.testing.assert_allclose([bar.get_width() for bar in panel.bars.bars[place]], expected, atol=1e-5)
        for label, value, old in zip(panel.bars.numbers[place], expected, [*before[best], 1], strict=True):
            cut = place == 1 and value == 0 and old > 0
            assert label.get_text() == "cut" if cut else abs(float(label.get_text()) - value) < 0.00502
    kept = int((after > 0).sum())
    assert panel.kept == kept and f"{kept} of {len(logits)} tokens can be drawn" in panel.says()
    assert panel.picture.value == panel.canvas.png() and panel.problem.value == ""
    assert panel.tokenizer.decode(ids[: panel.start]) in panel.story.value.replace("&#x27;", "'").replace("&quot;", '"')


def written(panel, ids, count, seed, settings):
    """The text that the race writes with transformers' probabilities: what the panel must write."""
    ids, rng = list(ids), np.random.default_rng(seed)
    for _ in range(count):
        p = by_transformers(logits_of(panel, ids), *settings)
        ids.append(int(np.argmin(rng.exponential(size=len(p)) / np.maximum(p, 1e-300))))
    return ids


def test_every_setting_is_drawn_alone_and_together(panel):
    ids = panel.tokenizer(PROMPT).input_ids
    assert_draws(panel, ids)
    for values in [(0.1, 0, 1.0), (2.0, 0, 1.0), (1.0, 5, 1.0), (1.0, 0, 0.5), (1.3, 20, 0.8), (0.7, 1, 0.05)]:
        for name, value in zip(("temperature", "top-k", "top-p"), values, strict=True):
            panel.entries[name].value = value
        assert_draws(panel, ids)


def test_settings_wait_for_the_release_of_their_slider(panel):
    assert not any(panel.entries[name].slider.continuous_update for name in ("temperature", "top-k", "top-p", "seed"))
    assert panel.entries["prompt"].box.continuous_update is False


def test_the_model_runs_once_for_a_text_whatever_the_settings(panel, monkeypatch):
    asked = []
    forward = panel.model.forward
    monkeypatch.setattr(panel.model, "forward", lambda *a, **k: asked.append(1) or forward(*a, **k))
    panel.entries["temperature"].value = 0.5
    panel.apply("top-k 5")
    assert asked == []
    panel.act("add 1 token")
    assert len(asked) == 1


@pytest.mark.parametrize("settings", [(1.0, 0, 1.0), (0.7, 30, 0.9)])
def test_ten_tokens_are_drawn_from_the_settings_with_the_seed(panel, settings):
    ids = panel.tokenizer(PROMPT).input_ids
    panel.entries["seed"].value = 5
    for name, value in zip(("temperature", "top-k", "top-p"), settings, strict=True):
        panel.entries[name].value = value
    panel.action_buttons["add 10 tokens"].click()
    expected = written(panel, ids, 10, 5, settings)
    assert panel.ids == expected
    assert_draws(panel, expected)
    new = panel.tokenizer.decode(expected[len(ids) :])
    assert f"<mark>{new}</mark>" in panel.story.value.replace("&#x27;", "'").replace("&quot;", '"')
    assert "Added 10 tokens" in panel.says() and "".join(visible(panel.tokenizer, i) for i in panel.ids[-10:]) in repr(
        panel
    )


def test_ten_single_steps_are_one_of_ten_and_starting_over_repeats_them(panel):
    panel.act("add 10 tokens")
    ten = list(panel.ids)
    panel.action_buttons["start over"].click()
    assert len(panel.ids) == panel.start and "Added 0 tokens" in panel.says()
    for _ in range(10):
        panel.act("add 1 token")
    assert panel.ids == ten


def test_another_seed_writes_another_text_and_the_old_one_the_old(panel):
    texts = []
    for seed in (0, 1, 0):
        panel.entries["seed"].value = seed
        panel.act("start over")
        panel.act("add 10 tokens")
        texts.append(list(panel.ids))
    assert texts[0] == texts[2] != texts[1]


def test_another_prompt_starts_over_and_presets_leave_prompt_seed_and_text(panel):
    panel.act("add 1 token")
    panel.entries["prompt"].value, panel.entries["seed"].value = "The king had three", 4
    ids = panel.tokenizer("The king had three").input_ids
    assert panel.ids == ids
    panel.act("add 1 token")
    for name, values in (
        ("nearly greedy", (0.1, 0, 1)),
        ("hot", (2, 0, 1)),
        ("top-k 5", (1, 5, 1)),
        ("top-p 0.5", (1, 0, 0.5)),
    ):
        panel.buttons[name].click()
        assert settings_of(panel) == list(values) and len(panel.ids) == len(ids) + 1
        assert (panel.entries["prompt"].value, panel.entries["seed"].value) == ("The king had three", 4)
        assert_draws(panel, panel.ids)


def test_reset_brings_everything_back_also_the_random_numbers(panel):
    first = panel.picture.value, repr(panel)
    panel.act("add 10 tokens")
    ten = list(panel.ids)
    panel.apply("hot")
    panel.buttons["Reset"].click()
    assert (panel.picture.value, repr(panel)) == first
    panel.act("add 10 tokens")
    assert panel.ids == ten


class OtherEnd:
    """The tokenizer with another end token."""

    def __init__(self, tokenizer, end):
        self.tokenizer, self.eos_token_id = tokenizer, end

    def __getattr__(self, name):
        return getattr(self.tokenizer, name)

    def __call__(self, text):
        return self.tokenizer(text)


def test_the_end_token_ends_the_text_is_not_shown_and_no_more_are_added(panel):
    ids = written(panel, panel.ids, 3, 0, (1.0, 1, 1.0))
    end = next(place for place in range(panel.start, len(ids)) if ids[place] not in ids[panel.start : place])
    ended = NextTokenPanel(panel.model, OtherEnd(panel.tokenizer, ids[end]), PROMPT)
    ended.apply("top-k 5")
    ended.entries["top-k"].value = 1
    ended.act("add 10 tokens")
    assert ended.ended and ended.ids == ids[:end] and "the model has ended its text" in ended.says()
    assert "has ended" in ended.story.value and ended.problem.value == ""
    ended.act("add 1 token")
    assert "this text is finished. Press start over" in ended.problem.value
    ended.act("start over")
    assert not ended.ended and ended.problem.value == "" and ended.ids == ids[: panel.start]


def test_a_text_that_fills_the_window_takes_no_more(gpt2, monkeypatch):
    length = len(gpt2[1](PROMPT).input_ids)
    monkeypatch.setattr(next_token_panel, "MOST_TOKENS", length + 3)
    panel = NextTokenPanel(*gpt2, PROMPT)
    panel.act("add 10 tokens")
    assert len(panel.ids) == length + 3 and panel.problem.value == ""
    panel.act("add 1 token")
    assert f"The text has {length + 3} tokens, and here is room for {length + 3}" in panel.problem.value
    panel.entries["prompt"].value = PROMPT + " " + PROMPT
    assert f"prompt may have at most {length + 3} tokens here" in panel.problem.value


def test_the_window_is_never_larger_than_the_model(panel):
    assert panel.most <= panel.model.config.n_positions


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "text", ["🙂 👩‍👩‍👧", "שלום עולם", "漢字 $x_1$ <b>&", "qwzx" * 9, "<|endoftext|>", "x\x00\u200b\u202ey", "'"]
)
def test_strange_texts_are_answered(panel, text):
    panel.entries["prompt"].value = text
    assert panel.problem.value == "" and panel.ids == panel.tokenizer(text).input_ids
    panel.act("add 1 token")
    assert len(panel.ids) == panel.start + 1 or panel.ended
    assert "\n" not in repr(panel) and "<b>" not in panel.story.value


@pytest.mark.parametrize("text", ["", "   ", "a" * 10_000, "a b " * 400, "\ud83d"])
def test_bad_texts_are_a_sentence_and_keep_the_last_picture_and_text(panel, text):
    panel.act("add 1 token")
    before = panel.picture.value, repr(panel), list(panel.ids), panel.story.value
    panel.entries["prompt"].value = text
    assert "prompt" in panel.problem.value and panel.status.value == ""
    panel.act("add 1 token")
    assert "prompt" in panel.problem.value
    assert (panel.picture.value, repr(panel), list(panel.ids), panel.story.value) == before
    panel.entries["prompt"].value = "Good again"
    assert panel.problem.value == "" and panel.ids == panel.tokenizer("Good again").input_ids


def test_two_fresh_panels_say_the_same_and_a_setting_says_something_else(gpt2, panel):
    before = repr(panel)
    assert before == repr(NextTokenPanel(*gpt2, PROMPT)) and "0x" not in before and "\n" not in before
    panel.entries["temperature"].value = 1.1
    assert repr(panel) != before


# the bars


def bars(series=("before", "after"), count=3):
    return TokenBars(new_figure(7, 4).subplots(), count, "next", series)


def test_bars_are_as_wide_as_their_values_and_stand_beside_their_token():
    view = bars().update(["␣a", ",", "long" * 9], [0.5, 0.25, 0.125], [0.75, 0.25, 0.0])
    for place, values in enumerate(([0.5, 0.25, 0.125], [0.75, 0.25, 0.0])):
        for row, (bar, label, value) in enumerate(zip(view.bars[place], view.numbers[place], values, strict=True)):
            middle = bar.get_y() + bar.get_height() / 2
            assert bar.get_x() == 0 and bar.get_width() == value
            assert (middle < row) == (place == 0) and abs(middle - row) < 0.4  # the upper bar is the first series
            assert label.get_position() == pytest.approx((value + 0.015, middle))
            assert view.tokens[row].get_position() == (-0.02, row)
    assert [label.get_text() for label in view.tokens] == ["␣a", "“,”", "longlonglonglon…"]
    assert [label.get_text() for label in view.numbers[1]] == ["0.75", "0.25", "cut"]


def test_the_words_of_the_bars_say_all_that_is_drawn():
    view = bars().update(["␣a", "b", "🙂"], [0.5, 0.25, 0.125], [1.0, 0.0, 0.0])
    assert view.words() == (
        "Horizontal bars, next (scale 0 to 1; before, after): ␣a 0.50, 1.00; b 0.25, cut; “□” 0.12, cut."
    )
    one = show_token_bars(["a", "b"], {"probability": [0.0, 0.25]}, "t", point="See b.")
    assert repr(one) == "Horizontal bars, t (scale 0 to 1; probability): a 0.00; b 0.25. See b."


def test_a_legend_names_the_upper_and_the_lower_bar_and_one_series_needs_none():
    texts = [text.get_text() for text in bars().bars[0][0].axes.get_legend().get_texts()]
    assert texts == ["before (upper bar)", "after (lower bar)"]
    assert bars(("p",)).bars[0][0].axes.get_legend() is None


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: bars(("a", "b", "c")), ValueError, "series must be 1 or 2 names"),
        (lambda: bars("ab"), TypeError, "series must be a list of texts"),
        (lambda: bars(count=0), ValueError, "count must be at least 1"),
        (lambda: bars().update(["a"], [0, 0, 0], [0, 0, 0]), ValueError, "tokens must hold 3 texts"),
        (lambda: bars().update(["a"] * 3, [0, 0, 0]), ValueError, "values and series must have the same series"),
        (
            lambda: bars().update(["a"] * 3, [0, 0, 0], [0, 0]),
            ValueError,
            "after and tokens must have the same entries",
        ),
        (lambda: bars().update(["a"] * 3, [0, 0, 0], [0, 0, 1.5]), ValueError, "after must lie between 0 and 1"),
        (lambda: bars().update(["a"] * 3, [0, -0.1, 0], [0, 0, 0]), ValueError, "before must lie between 0 and 1"),
        (lambda: show_token_bars(["a"], [0.5], "t"), TypeError, "series must be a dict"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(call, error, words):
    with pytest.raises(error) as problem:
        call()
    assert str(problem.value).startswith(words)


def test_numbers_are_written_like_all_numbers_of_the_course():
    view = bars(("p",)).update(["a", "b", "c"], [0.125, 1.0, 0.004])
    assert [label.get_text() for label in view.numbers[0]] == [number(x) for x in (0.125, 1.0, 0.004)]
