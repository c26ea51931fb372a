"""What panel 9 computes, against transformers, ROUGE's own code and plain search."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score import rouge_scorer

from helpers.checkpoints import checkpoint, quiet_loading
from helpers.models import summary as module
from helpers.models.summary import (
    check_passage,
    foreign_words,
    lcs,
    source_words,
    summarize,
    used_words,
    whole_words,
    words,
)
from helpers.passages import read_passages

TEXT = "The river Drossel flows through the town of Ampherby. Many people swim in it in summer."


@pytest.fixture(scope="module")
def t5():
    quiet_loading()
    import torch
    from transformers import T5ForConditionalGeneration, T5Tokenizer

    name = checkpoint("t5-small", models="pocket")
    model = T5ForConditionalGeneration.from_pretrained(name, dtype=torch.float32, attn_implementation="eager")
    return model, T5Tokenizer.from_pretrained(name)


# words and what is common


def test_words_are_runs_of_letters_and_digits_in_lower_case():
    assert words("A half-length portrait, of 1503!") == ["a", "half", "length", "portrait", "of", "1503"]
    assert words("É_t été") == ["é", "t", "été"] and words(" .,🙂 ") == []
    for passage in read_passages():
        assert words(passage.text) == rouge_scorer.tokenizers.DefaultTokenizer(False).tokenize(passage.text)


LISTS = st.lists(st.sampled_from("abc"), max_size=6)


def plain_search(a, b):
    """Return (length, neighbours kept together) of the best common subsequence, by trying all."""
    for r in range(min(len(a), len(b)), -1, -1):
        found = [
            sum(x + 1 == y and u + 1 == v for (x, u), (y, v) in itertools.pairwise(zip(i, j)))
            for i in itertools.combinations(range(len(a)), r)
            for j in itertools.combinations(range(len(b)), r)
            if all(a[x] == b[y] for x, y in zip(i, j))
        ]
        if found:
            return r, max(found)


@given(LISTS, LISTS)
def test_the_common_subsequence_is_the_longest_and_keeps_most_neighbours_together(a, b):
    pairs = lcs(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in itertools.pairwise(pairs))
    together = sum(i + 1 == k and j + 1 == m for (i, j), (k, m) in itertools.pairwise(pairs))
    assert (len(pairs), together) == plain_search(a, b)


def test_its_length_is_rouges():
    for passage in read_passages():
        a, b = words(passage.text), words(passage.reference)
        assert len(lcs(a, b)) == rouge_scorer._lcs_table(a, b)[-1][-1]


def test_used_and_foreign_words_are_told_by_the_words_shown():
    shown = ["A", "half-length", "portrait,", "a", "portrait", "—", "by", "Leonardo."]
    assert used_words(shown, "Length portrait by Raphael") == [False, True, True, False, False, False, True, False]
    assert used_words(shown, "A portrait by leonardo") == [False, False, False, True, True, False, True, True]
    assert used_words(shown, "") == [False] * 8 and used_words([], "a") == []
    assert foreign_words(["A", "full-length", "Portrait", "—"], " ".join(shown)) == [False, True, False, False]


# what the model is asked


@pytest.mark.parametrize(
    "options, theirs",
    [
        ({}, {"num_beams": 4, "early_stopping": True}),
        ({"beams": 1, "length_penalty": 3.0}, {"num_beams": 1}),
        ({"length_penalty": 2.0}, {"num_beams": 4, "early_stopping": True, "length_penalty": 2.0}),
        ({"early_stopping": False, "beams": 3}, {"num_beams": 3, "early_stopping": False}),
        ({"max_new_tokens": 5}, {"num_beams": 4, "early_stopping": True, "max_length": 6}),
    ],
)
def test_a_summary_is_what_generate_writes_for_the_prompt(t5, options, theirs):
    model, tokenizer = t5
    ids = tokenizer.encode("summarize: " + TEXT, return_tensors="pt")
    expected = model.generate(ids, **({"max_length": 50} | theirs))[0].tolist()[1:]
    summary = summarize(model, tokenizer, TEXT, **options)
    assert list(summary.ids) == expected
    assert summary.text == tokenizer.decode(expected, skip_special_tokens=True)
    assert summary.ended == (expected[-1] == 1)


def test_the_options_reach_generate(t5, monkeypatch):
    """Weak weights may write the same whatever the options: so look at what is asked, not only at the answer."""
    model, tokenizer = t5
    asked, real = [], model.generate
    monkeypatch.setattr(model, "generate", lambda **options: asked.append(options) or real(**options))
    summarize(model, tokenizer, TEXT, 2, -1.0, "never", 4)
    summarize(model, tokenizer, TEXT, 1, -1.0, "never", 4)
    summarize(model, tokenizer, TEXT)
    first, second, source = (
        {k: v for k, v in options.items() if "mask" not in k and k != "input_ids"} for options in asked
    )
    assert first == {"num_beams": 2, "length_penalty": -1.0, "early_stopping": "never", "max_new_tokens": 4}
    assert second == {"num_beams": 1, "max_new_tokens": 4}
    assert source == {"num_beams": 4, "length_penalty": 1.0, "early_stopping": True, "max_new_tokens": 49}
    assert all("attention_mask" in options for options in asked)


@pytest.mark.parametrize("option", [{"beams": 0}, {"max_new_tokens": 0}])
def test_options_out_of_range_are_refused(t5, option):
    with pytest.raises(ValueError, match=next(iter(option))):
        summarize(*t5, TEXT, **option)


def test_the_weights_of_the_source_words_are_sums_of_the_models_cross_attention(t5):
    import torch

    model, tokenizer = t5
    target = tokenizer("Drossel flows through Ampherby.").input_ids
    found, weights = source_words(model, tokenizer, TEXT, target)
    assert found == ["summarize:", *TEXT.split(), "</s>"]
    assert weights.shape == (model.config.num_decoder_layers, len(found))
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)

    inputs = tokenizer("summarize: " + TEXT, return_tensors="pt")
    with torch.no_grad():
        output = model(**inputs, decoder_input_ids=torch.tensor([[0, *target[:-1]]]), output_attentions=True)
    start = 0
    for column, word in enumerate([*found[:-1]]):
        end = start + len(tokenizer(word, add_special_tokens=False).input_ids)  # its pieces, alone
        for layer, attentions in enumerate(output.cross_attentions):
            expected = attentions[0, :, :, start:end].sum(dim=-1).mean().item()
            assert weights[layer, column] == pytest.approx(expected, abs=1e-6)
        start = end


def test_pieces_become_words():
    tokens = ["▁", "<unk>", "▁Li", "s", "a", ".", "▁", "▁a", "</s>"]
    found, place = whole_words(tokens)
    assert found == ["<unk>", "Lisa.", "a", "</s>"] and place.tolist() == [0, 0, 1, 1, 1, 1, 2, 2, 3]
    assert whole_words(["x", "</s>"])[0] == ["x", "</s>"]


# texts


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("x " * 5000, "at most 1200 characters"),
        ("q" * 1000, "tokens"),
        ("日本 日本", "vocabulary does not know"),
        ("🙂", "vocabulary does not know"),
        ("\ud83d", "half of a character"),
    ],
)
def test_a_text_that_cannot_be_shown_is_a_sentence(t5, text, words):
    with pytest.raises(ValueError) as problem:
        check_passage("text", text, t5[1])
    assert str(problem.value).startswith("text ") and words in str(problem.value)


def test_a_good_text_comes_back_with_single_blanks(t5):
    assert check_passage("text", "\n The\n\nriver  Drossel ", t5[1]) == "The river Drossel"
    with pytest.raises(TypeError, match="text must be text, but it is a int"):
        check_passage("text", 7, t5[1])
    assert module.MOST_TOKENS + 4 < t5[1].model_max_length  # with prefix and </s> still as long as in training
