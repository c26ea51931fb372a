"""What chapter 8's and 9's helpers compute is what transformers computes: text, beams, every step, cross-attention."""

import numpy as np
import pytest
import torch
from tiny_t5 import Letters, tiny_t5

from helpers.models.t5 import TRANSLATE, beam_search, cross_attention, generate_text, pieces, translate

TOKENIZER = Letters()
PROMPT = TRANSLATE + "the cat sat"


@pytest.fixture(scope="module")
def models():
    return [tiny_t5(seed) for seed in (0, 3, 4, 6)]  # some of their texts end with </s>, some run to the limit


def library(model, beams, most, penalty, prompt=PROMPT):
    """Return (ids without the start and the padding, score) of transformers' own beam search."""
    inputs = TOKENIZER(prompt, return_tensors="pt")
    options = {"length_penalty": penalty} if beams > 1 else {}
    found = model.generate(
        **inputs, num_beams=beams, max_new_tokens=most, return_dict_in_generate=True, output_scores=True, **options
    )
    ids = found.sequences[0, 1:].tolist()
    ids = ids[: ids.index(1) + 1] if 1 in ids else ids
    return ids, float(found.sequences_scores[0]) if beams > 1 else None


@pytest.mark.parametrize("penalty", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("beams", [1, 2, 4])
def test_the_beam_search_is_that_of_transformers(models, beams, penalty):
    ended = []
    for model in models:
        for most in (2, 12):
            search = beam_search(model, TOKENIZER, PROMPT, beams, most, penalty)
            ids, score = library(model, beams, most, penalty)
            assert list(search.best) == ids
            if score is not None:
                assert search.answers[0][0] == pytest.approx(score, abs=1e-4)
            ended.append(ids[-1] == 1)
    assert len(set(ended)) == 2  # some searches end with </s> and some at the limit: both are compared


def test_a_step_holds_the_best_continuations_of_what_was_kept_and_their_sums(models):
    model, beams = models[0], 3
    search = beam_search(model, TOKENIZER, PROMPT, beams, 6)
    inputs = TOKENIZER(PROMPT, return_tensors="pt")
    for number, step in enumerate(search.steps):
        before = [(-1, (), 0.0)] if number == 0 else [
            (place, c.ids, c.score) for place, c in enumerate(search.steps[number - 1]) if c.fate == "kept"
        ]  # fmt: skip
        every = {}
        for place, ids, score in before:
            with torch.no_grad():
                logits = model(**inputs, decoder_input_ids=torch.tensor([[0, *ids]])).logits[0, -1].double()
            for token, log in enumerate(torch.log_softmax(logits, dim=-1).tolist()):
                every[(*ids, token)] = (score + log, place)
        best = sorted(every, key=lambda ids: -every[ids][0])[: 2 * beams]
        assert [c.ids for c in step] == best
        assert [c.parent for c in step] == [every[ids][1] for ids in best]
        np.testing.assert_allclose([c.score for c in step], [every[ids][0] for ids in best], atol=1e-4)


def test_each_candidate_has_the_fate_that_its_end_and_its_place_give_it(models):
    for model in models:
        search = beam_search(model, TOKENIZER, PROMPT, 2, 12)
        for step in search.steps[:-1]:
            kept = 0
            for place, candidate in enumerate(step):
                ends = candidate.ids[-1] == 1
                wanted = ("finished" if place < 2 else "dropped") if ends else "kept" if kept < 2 else "dropped"
                assert candidate.fate == wanted
                kept += candidate.fate == "kept"
            assert kept == 2
        assert len(search.answers) <= 2
        assert [answer[0] for answer in search.answers] == sorted((a[0] for a in search.answers), reverse=True)


def test_the_path_leads_from_the_first_token_to_the_answer(models):
    for model in models:
        search = beam_search(model, TOKENIZER, PROMPT, 4, 12)
        path = search.path()
        assert [search.steps[i][place].ids[-1] for i, place in enumerate(path)] == list(search.best)
        tree = search.tree(TOKENIZER)
        assert [tree[i][place][0] for i, place in enumerate(path)] == pieces(TOKENIZER, search.best)
        assert [row[1:] for row in tree[-1]] == [(c.parent, c.score, c.fate) for c in search.steps[-1]]


@pytest.mark.parametrize("beams", [1, 4])
def test_translate_adds_the_prefix_and_takes_its_options(models, beams):
    ids, _ = library(models[1], beams, 5, 0.5)
    assert translate(models[1], TOKENIZER, "the cat sat", beams, 5, 0.5) == TOKENIZER.decode(ids, True)
    default = library(models[1], 4, 64, 1.0)[0]
    assert translate(models[1], TOKENIZER, "the cat sat") == TOKENIZER.decode(default, True)


def test_generate_text_leaves_the_prompt_as_it_is_and_hands_its_options_on(models):
    plain = generate_text(models[0], TOKENIZER, "ab", max_new_tokens=4)
    assert plain == TOKENIZER.decode(library(models[0], 1, 4, 1.0, "ab")[0], True)
    assert generate_text(models[0], TOKENIZER, "ab", num_beams=3, max_new_tokens=4) == TOKENIZER.decode(
        library(models[0], 3, 4, 1.0, "ab")[0], True
    )
    ids = TOKENIZER("\na  b", return_tensors="pt")
    expected = models[0].generate(**ids, max_new_tokens=4)[0]
    assert generate_text(models[0], TOKENIZER, "\na  b", max_new_tokens=4) == TOKENIZER.decode(expected, True)


@pytest.mark.parametrize("target", ["le chat", [5, 9, 3, 11]])
def test_cross_attention_is_the_models_with_the_target_shifted_by_one(models, target):
    source_tokens, target_tokens, weights = cross_attention(models[2], TOKENIZER, PROMPT, target)
    ids = TOKENIZER(target).input_ids if isinstance(target, str) else target
    inputs = TOKENIZER(PROMPT, return_tensors="pt")
    with torch.no_grad():
        looks = models[2](
            **inputs, decoder_input_ids=torch.tensor([[0, *ids[:-1]]]), output_attentions=True
        ).cross_attentions
    assert source_tokens == TOKENIZER.convert_ids_to_tokens(inputs.input_ids[0])
    assert target_tokens == TOKENIZER.convert_ids_to_tokens(ids)
    assert isinstance(weights, np.ndarray) and weights.shape == (2, 2, len(ids), len(source_tokens))
    for layer in range(2):
        np.testing.assert_allclose(weights[layer], looks[layer][0].numpy(), atol=1e-7)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)


def test_a_model_that_keeps_no_weights_and_an_empty_target_are_told(models):
    with pytest.raises(ValueError, match='attn_implementation="eager"'):
        cross_attention(tiny_t5(attention="sdpa"), TOKENIZER, PROMPT, "le")
    with pytest.raises(ValueError, match="target has no tokens"):
        cross_attention(models[0], TOKENIZER, PROMPT, [])


@pytest.mark.parametrize("beams, most, name", [(0, 5, "beams"), (2, 0, "max_new_tokens"), (1.5, 5, "beams")])
def test_a_bad_number_is_told_by_its_name(models, beams, most, name):
    with pytest.raises((ValueError, TypeError), match=name):
        beam_search(models[0], TOKENIZER, PROMPT, beams, most)


def test_a_length_penalty_reaches_generate_with_beams_only(models, monkeypatch):
    """Weak weights may write the same whatever the penalty: so look at what is asked, not only at the answer."""
    asked, real = [], models[0].generate
    monkeypatch.setattr(models[0], "generate", lambda **options: asked.append(options) or real(**options))
    for beams in (2, 1):
        translate(models[0], TOKENIZER, "the cat sat", beams, 4, 2.0)
    assert [(options["num_beams"], options.get("length_penalty")) for options in asked] == [(2, 2.0), (1, None)]


def test_what_is_not_said_is_greedy_for_a_text_and_four_beams_for_a_translation(models, monkeypatch):
    asked, real = [], models[0].generate
    monkeypatch.setattr(models[0], "generate", lambda **options: asked.append(options) or real(**options))
    generate_text(models[0], TOKENIZER, "ab")
    translate(models[0], TOKENIZER, "ab")
    wanted = [(options["num_beams"], options["max_new_tokens"], options.get("length_penalty")) for options in asked]
    assert wanted == [(1, 64, None), (4, 64, 1.0)]


def test_a_beam_search_without_options_is_that_of_the_translation(models):
    longest = 0
    for model in models:
        said, plain = beam_search(model, TOKENIZER, PROMPT, 4, 64, 1.0), beam_search(model, TOKENIZER, PROMPT)
        assert (plain.steps, plain.answers) == (said.steps, said.answers)
        longest = max(longest, len(said.steps))
    assert longest == 64  # one runs to the limit


def test_a_candidate_and_a_search_cannot_be_changed(models):
    search = beam_search(models[0], TOKENIZER, PROMPT, 2, 3)
    for thing, name in ((search, "steps"), (search.steps[0][0], "score")):
        with pytest.raises(AttributeError):
            setattr(thing, name, None)
