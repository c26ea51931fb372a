"""What a classifier says of a text and of the text without each word, against the transformers model asked one by one."""

import numpy as np
import pytest

from helpers.models.classify import check_sentence, leave_one_out, logits_of, without_each_word

FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}  # with other rows beside it a text is computed in another order


def one_by_one(classifier, text):
    """The logits of a text alone, without a batch and its padding."""
    import torch

    model, tokenizer = classifier
    with torch.no_grad():
        return model.eval()(**tokenizer(text, return_tensors="pt")).logits[0].double().numpy()


TEXTS = ["The movie was terrible.", "Great!", "I did not like the soup, but the bread was fresh and warm."]


def test_the_logits_of_a_batch_are_those_of_each_text_alone(classifier):
    found = logits_of(*classifier, TEXTS)
    assert found.shape == (3, 2) and found.dtype == np.float64
    np.testing.assert_allclose(found, [one_by_one(classifier, text) for text in TEXTS], **FLOAT32)


@pytest.mark.parametrize("learning", [True, False])
def test_asking_switches_dropout_off_and_leaves_the_model_as_it_was(classifier, learning):
    model, tokenizer = classifier
    model.train(learning)
    first, second = logits_of(model, tokenizer, TEXTS), logits_of(model, tokenizer, TEXTS)
    np.testing.assert_array_equal(first, second)
    assert model.training is learning
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_model_in_double_precision_answers_too(classifier):
    model, tokenizer = classifier
    single = logits_of(model, tokenizer, TEXTS)
    try:
        np.testing.assert_allclose(logits_of(model.double(), tokenizer, TEXTS), single, atol=1e-4)
    finally:
        model.float()


@pytest.mark.parametrize(
    "text, texts",
    [
        ("a b c", ["b c", "a c", "a b"]),
        ("one", [""]),
        ("so so good", ["so good", "so good", "so so"]),
        ("  wide   blanks ", ["blanks", "wide"]),
    ],
)
def test_each_word_is_left_out_once(text, texts):
    assert without_each_word(text) == (text.split(), texts)


@pytest.mark.parametrize("text", TEXTS)
def test_row_i_is_the_text_without_word_i(classifier, text):
    words, whole, without = leave_one_out(*classifier, text)
    assert words == text.split() and whole.shape == (2,) and without.shape == (len(words), 2)
    np.testing.assert_allclose(whole, one_by_one(classifier, text), **FLOAT32)
    for i in range(len(words)):
        rest = " ".join(word for j, word in enumerate(words) if j != i)
        np.testing.assert_allclose(without[i], one_by_one(classifier, rest), **FLOAT32)


@pytest.mark.parametrize(
    "text, kind, words",
    [
        ("", ValueError, "sentence is empty"),
        ("  \n\t", ValueError, "sentence is empty"),
        ("x" * 10_000, ValueError, "at most 300 characters here, but it has 10000"),
        ("no " * 21, ValueError, "at most 20 words here, but it has 21"),
        ("?" * 101, ValueError, "at most 100 tokens here, but it has 101"),
        ("🙂 🙂", ValueError, "vocabulary does not know"),
        ("\ud83d", ValueError, "half of a character"),
        (None, TypeError, "sentence must be text, but it is a NoneType"),
    ],
)
def test_what_cannot_be_shown_is_told_in_a_sentence(classifier, text, kind, words):
    with pytest.raises(kind, match=words):
        check_sentence("sentence", text, classifier[1])


def test_what_can_be_shown_loses_its_double_blanks_only(classifier):
    assert check_sentence("sentence", " Good  tea \n 🙂 ", classifier[1]) == "Good tea 🙂"
    assert check_sentence("sentence", "no " * 20, classifier[1]) == " ".join(["no"] * 20)


def test_a_text_beyond_the_models_positions_is_cut_and_answered(classifier):
    long = "the bread was fresh " * 200
    assert np.isfinite(logits_of(*classifier, [long, "Great!"])).all()
