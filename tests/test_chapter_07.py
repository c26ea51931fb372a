"""Chapter 7 keeps the source's lines, its own functions agree with the library, and its texts hang on no last bit."""

import ast
import contextlib
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from test_models_gpt2 import by_transformers

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

NAME = "07-text-generation-with-gpt2"
NOTEBOOK = Path(__file__).parents[1] / "notebooks" / f"{NAME}.ipynb"
NOISE = 2e-5  # on logits: several times what they differ by between instruction sets


@pytest.fixture(scope="module")
def cells():
    """The notebook's cells: [(type, source, what was printed)]."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    found = []
    for cell in notebook["cells"]:
        printed = "".join("".join(output.get("text", "")) for output in cell.get("outputs", []))
        found.append((cell["cell_type"], "".join(cell["source"]), printed))
    return found


WANTED = {"name", "tokenizer", "model", "prompt", "inputs", "logits", "next_logits", "probabilities", "prompt_ids"}


@pytest.fixture(scope="module")
def space(cells):
    """What a learner has at the panel: imports, functions, the model and the prompt's logits. No text is generated."""
    space = {}
    for kind, source, _ in cells:
        if "NextTokenPanel(" in source:
            return space
        if kind == "code":
            kept = ast.Module([node for node in ast.parse(source).body if _defines(node)], [])
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(kept, "<chapter 7>", "exec"), space)
    raise AssertionError("the chapter shows no panel")


def _defines(node):
    if isinstance(node, ast.With):  # with torch.no_grad(): ...
        return all(map(_defines, node.body))
    if isinstance(node, ast.Assign):
        return {part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)} <= WANTED
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef))


def test_the_lines_of_the_source_are_there(cells):
    code = "\n".join(source for kind, source, _ in cells if kind == "code")
    for line in (
        "GPT2Tokenizer.from_pretrained(",
        "GPT2LMHeadModel.from_pretrained(",
        'checkpoint("gpt2")',
        'prompt = "Once upon a time in a faraway land,"',
        'inputs = tokenizer.encode(prompt, return_tensors="pt")',
        "output = model.generate(inputs, max_length=50, do_sample=True, temperature=0.1)",
        "generated_text = tokenizer.decode(output[0], skip_special_tokens=True)",
        'print("Generated Text:"',
    ):
        assert line in code


@pytest.mark.parametrize(
    "begins, lines",
    [
        ("batch = tokenizer(prompt", ["generate writes the same tokens: True"]),
        ("for temperature in (0.1, 2.0):", ["temperature 0.1: same tokens: True", "temperature 2.0: same tokens: True"]),
        ("from transformers import GenerationConfig", ["`temperature`", "only used in sample-based generation"]),
        ("from transformers import Temp", ["0.1: same probabilities: True", "40: same probabilities: True",
                                           "0.9: same probabilities: True"]),
        ("# Generate text", ["begins with the prompt: True", "at most 50 tokens:      True"]),
        ("def sampled", ["without a seed, same text: False", "with a seed, same text:    True"]),
        ("try:\n    model.generate(**batch", ["but `max_length` is set to 5"]),
        ("def first_probabilities", ["with the mask: largest change of a probability 0.000"]),
        ("with torch.no_grad():\n    answer", ["same as hidden_states[0]: True"]),
        ("output, weights = my_layer", ["same as hidden_states[1]: True", "same as attentions[0]:    True"]),
        ("cached, cache, processed", ["same tokens: True"]),
        ("story = ", ["at least twice as fast with the cache: True", "without it:   True", "with the cache:          True"]),
        ("too_long", ["IndexError, index out of range"]),
    ],
)  # fmt: skip
def test_the_stored_outputs_say_what_the_prose_says(cells, begins, lines):
    (printed,) = [printed for kind, source, printed in cells if kind == "code" and source.startswith(begins)]
    assert all(line in printed for line in lines), printed


def test_without_the_mask_the_answer_is_another(cells):
    (printed,) = [printed for _, source, printed in cells if source.startswith("def first_probabilities")]
    with_mask, without = (float(number) for number in re.findall(r"probability (\d\.\d+)", printed))
    assert with_mask == 0 and without > 0.01


def test_greedy_is_nearly_what_0_1_draws_and_not_what_1_0_draws(cells):
    (printed,) = [printed for _, source, printed in cells if "likeliest.mean()" in source]
    cold, warm, plain = (float(number) for number in re.findall(r"with (\d\.\d+) on average", printed))
    assert cold > 0.8 and cold > warm > plain


def test_a_last_token_that_changes_changes_no_earlier_logits(cells):
    (printed,) = [printed for _, source, printed in cells if source.startswith("changed_ids")]
    assert printed.count("True") == printed.count(",") >= 5 and printed.rstrip().endswith("False]")


def test_the_counts_of_the_cache_are_right(cells):
    (printed,) = [printed for _, source, printed in cells if source.startswith("cached, cache")]
    prompt, counts = 11, [int(n) for n in re.findall(r"cache:\s+(\d+)", printed)]
    new = counts[0] - prompt + 1  # pocket-gpt2's tokens of the prompt, and one more than went through
    assert counts[1] == sum(prompt + step for step in range(new))
    assert f", {counts[0]}, " in printed  # keys, as many as went through


@pytest.mark.parametrize("k, p, temperature", [(1, 0.1, 0.1), (5, 0.5, 1.0), (40, 0.9, 1.5), (300, 0.99, 2.0)])
def test_the_learners_functions_give_the_librarys_probabilities(space, k, p, temperature):
    logits = space["next_logits"] / temperature
    softmax = space["softmax"]
    for mine, settings in ((space["keep_top_k"](logits, k), (k, 1.0)), (space["keep_top_p"](logits, p), (0, p))):
        expected = by_transformers(space["next_logits"], temperature, *settings)
        np.testing.assert_allclose(softmax(mine), expected, rtol=0, atol=1e-10)
    both = space["keep_top_p"](space["keep_top_k"](logits, k), p)
    np.testing.assert_allclose(softmax(both), by_transformers(space["next_logits"], temperature, k, p), atol=1e-10)


@pytest.mark.parametrize(
    "settings",
    [{"temperature": t} for t in (0.1, 0.7, 1.0, 1.5)]
    + [{"temperature": 1.5, "top_k": 20}, {"temperature": 1.5, "top_p": 0.7}],
)
def test_a_last_bit_of_the_logits_changes_no_printed_text(space, cells, settings, monkeypatch):
    """If this fails after a training, another seed in the chapter's `write` cures it."""
    ids, logits_after, random = space["prompt_ids"], space["logits_after"], np.random.default_rng(1)
    text = space["write"](ids, 30, **settings)
    assert any(space["tokenizer"].decode(text, skip_special_tokens=True) in printed for _, _, printed in cells)
    noisy = lambda ids: logits_after(ids) + NOISE * random.uniform(-1, 1, len(space["next_logits"]))  # noqa: E731
    monkeypatch.setitem(space, "logits_after", noisy)
    assert space["write"](ids, 30, **settings) == text


def test_no_two_tokens_are_so_close_that_greedy_hangs_on_a_last_bit(space):
    ids = space["write_greedily"](space["prompt_ids"], 40)
    with torch.no_grad():
        rows = space["model"](torch.tensor([ids])).logits[0, len(space["prompt_ids"]) - 1 : -1].double().numpy()
    first, second = np.sort(rows, axis=-1)[:, -1], np.sort(rows, axis=-1)[:, -2]
    assert (first - second).min() > 2 * NOISE


# the tasks under the panel


@pytest.fixture
def panel(space):
    from helpers.panels import NextTokenPanel

    return NextTokenPanel(space["model"], space["tokenizer"], space["prompt"])


def drawn(panel, place=1):
    return [label.get_text() for label in panel.bars.tokens], [bar.get_width() for bar in panel.bars.bars[place]]


def test_task_1_the_order_never_changes_and_the_others_grow_with_the_heat(panel):
    shares, orders = [], []
    for temperature in (0.1, 1.0, 2.0):
        panel.entries["temperature"].value = temperature
        names, widths = drawn(panel)
        orders.append(names)
        shares.append((widths[0], widths[-1]))
        assert widths[:-1] == sorted(widths[:-1], reverse=True)
    assert orders[0] == orders[1] == orders[2]
    assert shares[0][0] > shares[1][0] > shares[2][0] and shares[0][1] < shares[1][1] < shares[2][1]
    assert shares[0][1] < shares[1][1] / 5


def test_task_2_with_top_k_1_one_token_is_left_whatever_the_temperature(panel):
    panel.entries["top-k"].value = 1
    for temperature in (0.1, 1.0, 2.0):
        panel.entries["temperature"].value = temperature
        assert drawn(panel)[1] == [1.0] + [0.0] * 8 and panel.kept == 1


def test_task_3_top_p_keeps_few_tokens_here_and_many_there_and_top_k_always_as_many(panel):
    kept = {"top-p 0.5": set(), "top-k 5": set()}
    for preset, seen in kept.items():
        panel.apply("Reset")
        panel.apply(preset)
        for _ in range(8):
            seen.add(panel.kept)
            panel.act("add 1 token")
    assert len(kept["top-p 0.5"]) > 2 and kept["top-k 5"] == {5}


def test_task_4_the_panel_writes_the_learners_text_and_another_seed_another(panel, space):
    texts = []
    for seed in (0, 0, 1):
        panel.entries["seed"].value = seed
        panel.act("start over")
        panel.act("add 10 tokens")
        texts.append(list(panel.ids))
    assert texts[0] == texts[1] == space["write"](space["prompt_ids"], 10) and texts[2] != texts[0]


def test_the_tasks_have_their_answers(cells):
    prose = " ".join(source for kind, source, _ in cells if kind == "markdown")
    assert prose.count("Try this:") == prose.count("What you should have seen") == 1
    assert prose.count("Predict, then run") >= 5 and prose.count("## Pitfall: ") >= 6
