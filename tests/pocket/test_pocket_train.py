import json
import shutil

import numpy as np
import pytest
import torch

from helpers.pocket import bert, bert_text, corpora, gpt2, t5, train


@pytest.fixture(autouse=True)
def small(monkeypatch, shrink):
    shrink(monkeypatch)


MODULES = {"t5": t5, "gpt2": gpt2, "bert": bert}


@pytest.mark.parametrize("name", MODULES)
def test_a_killed_run_goes_on_to_the_same_weights(name, fake_corpora, tmp_path):
    torch.set_num_threads(1)
    weights = []
    for breaks in ([None], [3, 4, None]):
        out = tmp_path / str(len(breaks))
        out.mkdir()
        if name == "bert" and weights:
            # The library's WordPiece trainer breaks ties differently each time: the vocabulary is part of the state.
            shutil.copy(tmp_path / "1" / "vocab.txt", out)
        for stop in breaks:
            recipe = MODULES[name].Recipe(fake_corpora, out, seed=5)
            model = train.train(recipe, out, steps=12, save_every=0.0, stop_after=stop, seed=5)
        weights.append(model.state_dict())
        curve = json.loads((out / "curve.json").read_text())
        assert curve["step"] == 12
        assert (out / "before-decay.pt").exists()
    for key, value in weights[0].items():
        assert torch.equal(value, weights[1][key]), key


def test_a_chunk_depends_only_on_seed_and_number(fake_corpora, tmp_path):
    for module in MODULES.values():
        one, two = (module.Recipe(fake_corpora, tmp_path, seed=5) for _ in range(2))
        one.chunk(0)
        for left, right in zip(one.chunk(1), two.chunk(1), strict=True):
            assert all(torch.equal(left[key], right[key]) for key in left)


def test_no_held_out_text_is_trained_on(fake_corpora, tmp_path):
    recipe = t5.Recipe(fake_corpora, tmp_path, seed=1)
    held = {
        corpora.normalise(e)
        for e, _ in corpora.read_pairs(fake_corpora)
        if corpora.split_of(corpora.normalise(e)) != "train"
    }
    assert held
    assert not held & {corpora.normalise(e) for e, _ in recipe.pairs + recipe.phrases}
    assert not held & {corpora.normalise(s) for s in recipe.short}
    student = bert.Recipe(fake_corpora, tmp_path, seed=1)
    apart = {corpora.normalise(s) for group in bert_text.held_groups(fake_corpora) for s in group}
    assert apart
    seen = {corpora.normalise(s) for s in student.words + [s for g in student.groups for s in g]}
    assert not (held | apart) & seen
    tuning, test = bert_text.review_parts(fake_corpora)
    assert not {s for s, _ in test} & {s for s, _ in tuning}
    assert not {corpora.normalise(s) for s, _ in test} & seen


def test_the_rate_rises_stays_and_falls():
    rates = [train.rate(step, 4000, 0.25) for step in range(4000)]
    assert rates[0] == 1 / 200 and rates[200] == rates[2999] == 1.0
    assert 0 < rates[-1] < 0.01
    assert np.all(np.diff(rates[3000:]) < 0)


def test_precision_is_checked(tmp_path):
    with pytest.raises(ValueError, match="precision: got 'half'"):
        train.train(None, tmp_path, 1, precision="half")


def test_the_state_is_replaced_in_one_step(tmp_path, monkeypatch):
    path = tmp_path / "resume.pt"
    train.save({"step": 1}, path)

    def broken(state, place):
        place.write_bytes(b"half a fi")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", broken)
    with pytest.raises(KeyboardInterrupt):
        train.save({"step": 2}, path)
    assert torch.load(path)["step"] == 1
