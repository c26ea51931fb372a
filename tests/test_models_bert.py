"""What chapter 5's panels ask BERT for is what the transformers model itself says."""

import numpy as np
import pytest

from helpers.models.bert import LONGEST, attention_maps, bert_ids, cosines, sentence_embeddings

TEXT = "The cat sat on the mat."
SENTENCES = ["I am hungry.", "The cat sat on the mat.", "My grandmother told us a long story about a fox and a bear."]


def states_alone(bert, text):
    """Return the last hidden states (tokens, hidden_size) of a text that is in no batch."""
    import torch

    model, tokenizer = bert
    with torch.no_grad():
        return model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].numpy()


def test_the_ids_are_those_of_the_tokenizer_with_its_special_tokens(bert):
    _, tokenizer = bert
    for text in [TEXT, "unbelievably 🙂 embeddings", "[MASK] it", "é 漢字 dog"]:
        assert bert_ids("text", tokenizer, f"  {text}\n", 24) == tokenizer(text)["input_ids"]


def test_the_maps_are_the_models_own_attentions(bert):
    import torch

    model, tokenizer = bert
    tokens, weights = attention_maps(model, tokenizer, TEXT, 24)
    assert tokens == ["[CLS]", "the", "cat", "sat", "on", "the", "mat", ".", "[SEP]"]
    with torch.no_grad():
        attentions = model(**tokenizer(TEXT, return_tensors="pt"), output_attentions=True).attentions
    assert weights.shape == (4, 8, 9, 9)
    for layer in range(4):
        np.testing.assert_allclose(weights[layer], attentions[layer][0].numpy(), rtol=0, atol=1e-6)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)  # rows look


def test_a_model_that_keeps_its_weights_is_told(bert):
    from transformers import BertModel

    model, tokenizer = bert
    silent = BertModel(model.config.__class__(**(model.config.to_dict() | {"_attn_implementation": "sdpa"})))
    silent.set_attn_implementation("sdpa")
    with pytest.raises(ValueError, match='attn_implementation="eager"'):
        attention_maps(silent.eval(), tokenizer, TEXT, 24)


def test_an_embedding_is_the_mean_over_the_sentences_own_tokens_whatever_the_batch(bert):
    vectors, lengths = sentence_embeddings(*bert, SENTENCES, 64)
    assert lengths == [len(bert[1](text)["input_ids"]) for text in SENTENCES] and vectors.shape == (3, 256)
    for vector, text in zip(vectors, SENTENCES, strict=True):
        np.testing.assert_allclose(vector, states_alone(bert, text).mean(axis=0), rtol=0, atol=1e-5)
    turned, _ = sentence_embeddings(*bert, SENTENCES[::-1], 64)
    np.testing.assert_allclose(turned[::-1], vectors, rtol=0, atol=1e-5)


def test_counting_the_padding_is_the_plain_mean_of_a_masked_batch(bert):
    import torch

    model, tokenizer = bert
    vectors, _ = sentence_embeddings(*bert, SENTENCES, 64, count_padding=True)
    with torch.no_grad():
        states = model(**tokenizer(SENTENCES, padding=True, return_tensors="pt")).last_hidden_state
    np.testing.assert_allclose(vectors, states.mean(dim=1).numpy(), rtol=0, atol=1e-5)
    own, _ = sentence_embeddings(*bert, SENTENCES, 64)
    moved = np.abs(vectors - own).max(axis=1)
    assert (moved[:2] > 0.05).all() and moved[2] < 1e-5  # the longest has no padding


def test_cosines_of_known_vectors():
    vectors = np.array([[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0], [1.0, 1.0]])
    half = 2**-0.5
    expected = [[1, 0, -1, half], [0, 1, 0, half], [-1, 0, 1, -half], [half, half, -half, 1]]
    np.testing.assert_allclose(cosines(vectors), expected, atol=1e-12)


def test_the_cosine_of_a_vector_with_itself_is_1_to_the_last_digits_of_float64():
    vectors = np.random.default_rng(0).standard_normal((20, 256)).astype(np.float32)
    assert np.abs(np.diag(cosines(vectors)) - 1).max() < 1e-12


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "is empty"),
        (" \n ", "is empty"),
        ("a" * 10_000, f"at most {LONGEST} characters"),
        ("a " * 30, "at most 22 tokens here, but it has 30"),
        ("🙂 🙂", "does not know"),
        ("שלום עולם", "does not know"),
        ("\ud83d", "half of a character"),
        ("\u200b", "no tokens"),
    ],
)
def test_a_text_that_cannot_be_read_gets_a_sentence_that_begins_with_its_name(bert, text, words):
    with pytest.raises(ValueError) as problem:
        attention_maps(*bert, text, 24)
    assert str(problem.value).startswith("text ") and words in str(problem.value)
    with pytest.raises(ValueError) as problem:
        sentence_embeddings(*bert, [TEXT, text], 24)
    assert str(problem.value).startswith("sentence 2 ") and words in str(problem.value)


def test_the_most_tokens_that_are_allowed_pass_and_one_more_does_not(bert):
    _, tokenizer = bert
    assert len(bert_ids("text", tokenizer, "cat " * 22, 24)) == 24
    with pytest.raises(ValueError, match="at most 22 tokens"):
        bert_ids("text", tokenizer, "cat " * 23, 24)


def test_what_is_no_text_is_a_type_error(bert):
    with pytest.raises(TypeError, match="text must be text, but it is a int"):
        attention_maps(*bert, 7, 24)
