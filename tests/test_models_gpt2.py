"""What panel 7 asks GPT-2 for equals what transformers gives for the same ids and settings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import arrays, proven

from helpers.models.gpt2 import LONGEST, draw, next_logits, next_token_probabilities, prompt_ids, visible

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

PROMPT = "Once upon a time in a faraway land,"


def by_transformers(logits, temperature, top_k, top_p):
    """The probabilities that generate draws from: its own classes, in its order, in float64."""
    scores = torch.tensor(np.asarray(logits, dtype=float))[None]
    scores = transformers.TemperatureLogitsWarper(float(temperature))(None, scores)
    if top_k:
        scores = transformers.TopKLogitsWarper(top_k)(None, scores)
    if top_p < 1:
        scores = transformers.TopPLogitsWarper(top_p)(None, scores)
    return torch.softmax(scores, dim=-1)[0].numpy()


# ids and logits


def test_a_prompt_becomes_its_tokens_without_doubled_and_outer_blanks(gpt2):
    _, tokenizer = gpt2
    assert prompt_ids(tokenizer, f"  {PROMPT.replace(' ', '  ')} \n", 256) == tokenizer(PROMPT).input_ids
    assert prompt_ids(tokenizer, PROMPT, len(tokenizer(PROMPT).input_ids)) == tokenizer(PROMPT).input_ids


@pytest.mark.parametrize("text", ["🙂", "שלום", "漢字", "qwzx qwzx", "\u200b", "<|endoftext|>", "x\x00y"])
def test_no_text_is_unknown(gpt2, text):
    _, tokenizer = gpt2
    assert tokenizer.decode(prompt_ids(tokenizer, text, 256)) == text


@pytest.mark.parametrize(
    "text, most, error, words",
    [
        ("", 9, ValueError, "prompt is empty"),
        (" \n\t", 9, ValueError, "prompt is empty"),
        ("\ud83d", 9, ValueError, "prompt holds half of a character"),
        ("a" * 10_000, 9, ValueError, f"prompt may have at most {LONGEST} characters here, but it has 10000"),
        ("a b c d", 3, ValueError, "prompt may have at most 3 tokens here, but it has 4"),
        (None, 9, TypeError, "prompt must be text, but it is a NoneType"),
    ],
)
def test_a_bad_prompt_is_a_sentence(gpt2, text, most, error, words):
    with pytest.raises(error) as problem:
        prompt_ids(gpt2[1], text, most)
    assert str(problem.value).startswith(words)


def test_the_logits_are_those_of_the_last_token(gpt2):
    model, tokenizer = gpt2
    ids = tokenizer(PROMPT).input_ids
    for length in (1, 4, len(ids)):
        with torch.no_grad():
            expected = model(torch.tensor([ids[:length]])).logits[0, -1].numpy()
        logits = next_logits(model, ids[:length])
        assert logits.dtype == np.float64 and logits.shape == (model.config.vocab_size,)
        np.testing.assert_allclose(logits, expected, rtol=1e-5, atol=1e-4)


def test_as_many_tokens_as_there_are_positions_and_not_one_more(gpt2):
    most = gpt2[0].config.n_positions
    assert next_logits(gpt2[0], [5] * most).shape == (gpt2[0].config.vocab_size,)
    with pytest.raises(ValueError, match=f"the text may have at most {most} tokens here, but it has {most + 1}"):
        next_logits(gpt2[0], [5] * (most + 1))
    with pytest.raises(ValueError, match="the text has no tokens"):
        next_logits(gpt2[0], [])


# temperature, top-k, top-p


@proven
@given(
    arrays(12, reach=8.0),
    st.sampled_from([0.1, 0.5, 1.0, 2.0]),
    st.sampled_from([0, 1, 3, 11, 12, 50]),
    st.sampled_from([0.05, 0.3, 0.62, 0.95, 1.0]),
)
def test_probabilities_are_those_of_transformers(logits, temperature, top_k, top_p):
    logits = logits + np.arange(12) * 1e-3  # equal logits at the border of top-p are dropped in another order there
    mine = next_token_probabilities(logits, temperature, top_k, top_p)
    assert mine.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(mine, by_transformers(logits, temperature, min(top_k, 12), top_p), atol=1e-9)


@pytest.mark.parametrize("settings", [(0.1, 0, 1.0), (1.5, 40, 1.0), (1.0, 0, 0.9), (0.7, 100, 0.5), (2.0, 3, 0.8)])
def test_probabilities_of_a_real_step_are_those_of_transformers(gpt2, settings):
    model, tokenizer = gpt2
    logits = next_logits(model, tokenizer(PROMPT).input_ids)
    mine, theirs = next_token_probabilities(logits, *settings), by_transformers(logits, *settings)
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-12)
    assert ((mine > 0) == (theirs > 0)).all()


def test_top_p_keeps_the_token_that_reaches_the_share_and_never_none():
    logits = np.log([0.5, 0.3, 0.15, 0.05])
    for top_p, kept in ((0.01, 1), (0.45, 1), (0.55, 2), (0.79, 2), (0.81, 3), (0.94, 3), (0.96, 4), (1.0, 4)):
        assert (next_token_probabilities(logits, top_p=top_p) > 0).sum() == kept
    np.testing.assert_allclose(next_token_probabilities(logits, top_p=0.55), [0.625, 0.375, 0, 0])
    assert next_token_probabilities([3.0, 3.0], top_p=0.5).tolist() == [1, 0]  # the first alone holds the share


def test_the_logits_that_go_in_stay_as_they_are():
    logits = np.array([1.0, 2.0, 3.0])
    next_token_probabilities(logits, 0.5, 2, 0.5)
    assert logits.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "settings, error, words",
    [
        ({"temperature": 0}, ValueError, "temperature must be above 0, but it is 0"),
        ({"temperature": -1}, ValueError, "temperature must be above 0, but it is -1"),
        ({"temperature": "hot"}, TypeError, "temperature must hold real numbers"),
        ({"top_k": -1}, ValueError, "top_k must be at least 0, but it is -1"),
        ({"top_k": 2.5}, TypeError, "top_k must be a whole number, but it is 2.5"),
        ({"top_p": 0}, ValueError, "top_p must be above 0 and at most 1, but it is 0"),
        ({"top_p": 1.1}, ValueError, "top_p must be above 0 and at most 1, but it is 1.1"),
        ({"logits": [[1.0]]}, ValueError, "logits must have 1 axes"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_by_its_name(settings, error, words):
    with pytest.raises(error) as problem:
        next_token_probabilities(**({"logits": [0.0, 1.0]} | settings))
    assert str(problem.value).startswith(words)


# drawing


def test_tokens_are_drawn_with_their_probabilities_and_one_that_is_cut_never():
    probabilities, rng = np.array([0.5, 0.0, 0.3, 0.15, 0.05]), np.random.default_rng(3)
    counts = np.bincount([draw(probabilities, rng) for _ in range(20_000)], minlength=5)
    # Five standard deviations of a binomial count.
    assert (np.abs(counts - 20_000 * probabilities) <= 5 * np.sqrt(20_000 * probabilities * (1 - probabilities))).all()
    assert counts[1] == 0


def test_the_same_seed_draws_the_same_and_a_last_bit_changes_nothing():
    probabilities = np.random.default_rng(0).dirichlet(np.full(5000, 0.1))
    slipped = probabilities * (1 + 1e-6 * np.random.default_rng(1).standard_normal(5000))
    runs = []
    for p in (probabilities, probabilities, slipped):
        rng = np.random.default_rng(7)
        runs.append([draw(p, rng) for _ in range(300)])
    assert runs[0] == runs[1] == runs[2] and len(set(runs[0])) > 50


def test_with_top_k_1_the_drawn_text_is_what_generate_writes_greedily(gpt2):
    model, tokenizer = gpt2
    batch, rng = tokenizer(PROMPT, return_tensors="pt"), np.random.default_rng(0)
    expected = model.generate(**batch, do_sample=False, max_new_tokens=12, eos_token_id=-1, pad_token_id=0)[0].tolist()
    ids = batch.input_ids[0].tolist()
    for _ in range(12):
        ids.append(draw(next_token_probabilities(next_logits(model, ids), 2.0, 1), rng))
    assert ids == expected


# tokens as text


def test_blanks_newlines_and_halves_of_characters_are_made_visible(gpt2):
    _, tokenizer = gpt2
    assert [visible(tokenizer, i) for i in tokenizer(" a\n\t").input_ids[:2]] == ["␣a", "↵"]
    assert visible(tokenizer, tokenizer("\t").input_ids[0]) == "⇥"
    assert visible(tokenizer, tokenizer.eos_token_id) == "<|endoftext|>"
    bytes_of_smile = [visible(tokenizer, i) for i in tokenizer("🙂").input_ids]
    assert " ".join(bytes_of_smile).replace("<", "").replace(">", "") == "🙂".encode().hex(" ").upper()


def test_every_token_of_the_vocabulary_is_visible_and_says_its_text(gpt2):
    _, tokenizer = gpt2
    for token in range(len(tokenizer)):
        shown, text = visible(tokenizer, token), tokenizer.decode([token])
        assert shown and not any(letter.isspace() for letter in shown if not shown.startswith("<"))
        if "\ufffd" not in text:
            assert shown == "".join({"\n": "↵", "\r": "↵", "\t": "⇥"}.get(c, "␣") if c.isspace() else c for c in text)
        else:
            assert bytes.fromhex(shown[1:-1]).decode("utf-8", "replace") == text
