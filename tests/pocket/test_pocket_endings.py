"""Checks of the last run of pocket-t5, on the tiny corpora: what learns, what an end costs, what is written down."""

import json

import pytest
import torch
from safetensors.torch import load_file

from helpers.pocket import card, export, t5, t5_endings, train

LEARN = ("decoder.block.0.layer.2.", "decoder.final_layer_norm.")


@pytest.fixture(scope="module")
def run(fake_corpora, tmp_path_factory, shrink):
    """Return (recipe, folder with the old weights, folder with the new ones) of a short run that was cut once."""
    state, out, old, new = (tmp_path_factory.mktemp(name) for name in ("state", "out", "old", "new"))
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        torch.set_num_threads(1)
        train.train(t5.Recipe(fake_corpora, state, seed=1), state, steps=20)
        export.export("t5", state, old)
        shrink(patch)  # the export has set the first configuration to float16
        start = train.start_from(old, out)
        recipe = t5_endings.Recipe(fake_corpora, out, seed=1)
        train.train(recipe, out, 40, stop_after=7, save_every=0.0, start=start)
        train.train(recipe, out, 40)
        export.export("t5", out, new)
        yield recipe, old, new


def test_few_weights_learn_and_the_others_stay_bit_for_bit(run):
    _, old, new = run
    before, after = (load_file(folder / "model.safetensors") for folder in (old, new))
    assert list(before) == list(after)
    changed = {name for name, weight in before.items() if not torch.equal(weight, after[name])}
    assert changed and all(name.startswith(LEARN) for name in changed)


def test_an_end_costs_inside_a_clause_only(run):
    recipe = run[0]
    word, stop = int(recipe.words[-1]), recipe.pieces.piece_to_id(".")
    assert 1 in recipe.ends and stop in recipe.ends and stop not in recipe.words
    labels = torch.tensor([[word, stop, 1, -100]])
    for place, cost in ((0, True), (1, False), (2, False), (3, False)):
        logits = torch.full((1, 4, 200), 0.0)
        logits[..., recipe.ends] = -50.0
        assert recipe.price(logits, labels) == 0
        logits[0, place, stop] = 0.0
        assert (recipe.price(logits, labels) > 1) == cost


def test_all_else_is_to_stay_as_it_was(run):
    recipe, old, _ = run
    for name, weight in load_file(old / "model.safetensors").items():
        assert torch.equal(recipe.before.state_dict()[name], weight.float())
    model = recipe.build_model().float().train()
    for layer in model.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
    model.load_state_dict(recipe.before.state_dict())
    batch = recipe.chunk(0)[0]
    given = {name: value for name, value in batch.items() if name != "labels"}
    apart = []
    for noise in (0.0, 0.5):
        with torch.no_grad():
            model.decoder.final_layer_norm.weight += noise * torch.randn(16, generator=torch.Generator().manual_seed(0))
            price = recipe.price(model(**given).logits, batch["labels"])
            apart.append(recipe.loss(model, batch) - t5_endings.WEIGHT * price)
    assert apart[0] < apart[1]  # without the price the least loss is that of the model as it was


def test_the_card_says_which_run_it_was(run):
    training = json.loads((run[2] / "training.json").read_text())
    assert (training["runs"], training["options"]) == ([20, 40], ["", "--endings"])
    assert card.later_runs(training) == ["--start DIR --steps 40 --endings"]
    assert "options" not in json.loads((run[1] / "training.json").read_text())


def test_the_option_is_for_t5_from_a_start(fake_corpora, tmp_path):
    for arguments in (["t5"], ["gpt2", "--start", str(tmp_path)]):
        with pytest.raises(SystemExit):
            train.main([*arguments, "--endings", "--corpora", str(fake_corpora), "--out", str(tmp_path)])
