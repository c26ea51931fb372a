"""What chapter 8 says and shows: the stored outputs keep its promises, and the tasks of its panel come out as told."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import T5ForConditionalGeneration, T5Tokenizer

from helpers.checkpoints import checkpoint
from helpers.models.t5 import TRANSLATE, beam_search, translate
from helpers.panels import TranslationPanel

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "08-translation-with-t5.ipynb"


@pytest.fixture(scope="module")
def cells():
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]


@pytest.fixture(scope="module")
def printed(cells):
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join("".join(output.get("text", "")) for output in outputs)


@pytest.fixture(scope="module")
def pair():
    name = checkpoint("t5-small", models="pocket")
    model = T5ForConditionalGeneration.from_pretrained(name, dtype=torch.float32, attn_implementation="eager")
    return model, T5Tokenizer.from_pretrained(name)


@pytest.fixture(scope="module")
def panel(pair, cells):
    layer = next(re.search(r"aligns best: (\d+)", "".join(o.get("text", ""))) for cell in cells
                 for o in cell.get("outputs", []) if "aligns best" in "".join(o.get("text", "")))  # fmt: skip
    return TranslationPanel(*pair, layer=int(layer[1]))


def code(cells):
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_the_lines_of_the_source_are_there(cells):
    for line in (
        "from transformers import T5ForConditionalGeneration, T5Tokenizer",
        "tokenizer = T5Tokenizer.from_pretrained(name)",
        'input_text = "translate English to French: The weather is sunny."',
        'inputs = tokenizer(input_text, return_tensors="pt")',
        "output = model.generate(inputs.input_ids, max_length=50)",
        "translation = tokenizer.decode(output[0], skip_special_tokens=True)",
        'print("Translation:", translation)',
    ):
        assert line in code(cells)


@pytest.mark.parametrize(
    "line",
    [
        "the same ids as generate: True",
        "one go gives the same tokens: True",
        "is the translation: False",
        "with the mask:    the first sentence's vectors stay the same: True",
        "without the mask: the first sentence's vectors stay the same: False",
        "the same as T5's norm: True",
        "the same as T5's: True",
        "bias 0 is attention(scale=1): True",
        "the factor in the query: True",
        "the same weights: True",
        "the same output:  True",
        "the same layer:   True",
        "the same weights as cross_attentions[0]: True",
    ],
)
def test_each_proof_was_seen_to_hold(printed, line):
    assert printed.count(line) == 1


def test_all_three_beam_searches_are_those_of_generate(printed):
    assert printed.count("the same as generate: True") == 3 and "the same as generate: False" not in printed


@pytest.mark.parametrize("measure", ["41.1", "38.8", "88.8"])
def test_the_measures_by_hand_are_those_of_sacrebleu(printed, measure):
    assert f"by hand {measure}, sacrebleu {measure}" in printed


def test_what_decides_the_drawn_search_is_no_near_tie(pair):
    """Another machine's last digits must not swap two candidates of the stored tree."""
    search = beam_search(*pair, TRANSLATE + "The weather is sunny.", 3, 20)
    gaps = [a.score - b.score for step in search.steps for a, b in zip(step, step[1:], strict=False)]
    assert min(gaps) > 1e-4
    scores = [score for score, _, _ in search.answers]
    assert min(-np.diff(scores)) > 1e-4


def test_the_greedy_task_keeps_one_candidate_a_step(panel):
    panel.apply("greedy")
    fates = [[candidate.fate for candidate in step] for step in panel.search.steps]
    assert all(step.count("kept") == 1 for step in fates) and "greedy writes the same" in panel.says()


def test_greedy_and_four_beams_part_in_the_task_about_the_birds(panel):
    panel.apply("Reset")
    panel.entries["English"].value = "My neighbour feeds the birds every morning."
    panel.entries["beams"].value = 4
    assert "oiseaux" in panel.says().partition("; greedy writes")[0]
    assert "oiseaux" not in panel.says().partition("; greedy writes")[2]
    panel.apply("Reset")


def test_a_penalty_of_0_likes_short_answers_and_one_of_2_long_ones(panel, pair):
    lengths = {}
    for english in ("The weather is sunny.", "I have a white cat.", "Their house has a green door."):
        for penalty in (0.0, 1.0, 2.0):
            lengths[penalty] = len(beam_search(*pair, TRANSLATE + english, 4, 24, penalty).best)
        assert lengths[0.0] <= lengths[1.0] <= lengths[2.0]


def test_the_maps_of_the_adjective_task_are_maps_of_that_sentence(panel):
    panel.apply("an adjective")
    assert panel.problem.value == "" and "▁cat" in panel.map.source
    assert panel.map.target[-1] == "</s>"


def test_the_pocket_model_translates_the_sources_sentence(pair):
    assert translate(*pair, "The weather is sunny.") in (
        "Le temps est ensoleillé.",
        "Il fait beau.",
        "Il y a du soleil.",
    )
