"""What chapter 9 says: its claims against its own variables, and its tasks driven through its panel."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
CELLS = json.loads((NOTEBOOKS / "09-summarization-with-t5.ipynb").read_text(encoding="utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]
PRINTED = "".join("".join(output.get("text", "")) for cell in CELLS for output in cell.get("outputs", []))
SWEEP = re.compile(r"(penalties = |for penalty in )\([^)]*\)")  # ten seconds of searches, whose lines are stored
PROSE = re.sub(r"\s+", " ", " ".join("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown"))


@pytest.fixture(scope="module")
def chapter():
    """Run all cells with the pocket models, but not what sweeps the penalty; return (variables, panel, stored lines).

    That the cells print what is stored is for the notebook's own run to show.
    """
    panels = []
    import torch

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_MODELS", "pocket")
        space = {}
        for source in (SWEEP.sub(r"\1()", cell) for cell in CODE):
            if re.search(r"^SummaryPanel\(", source, re.MULTILINE):
                before, call = source.split("\nSummaryPanel(")
                exec(before, space)
                panels.append(eval("SummaryPanel(" + call, space))
            else:
                exec(source, space)
    torch.set_grad_enabled(True)  # the notebook has it off for itself; other tests must not
    return space, panels[0], PRINTED


@pytest.fixture
def panel(chapter):
    chapter[1].apply("Reset")
    return chapter[1]


# the source


def test_the_lines_of_the_source_are_there():
    code = "\n".join(CODE)
    for line in (
        'input_text = "summarize: " + text',
        'inputs = tokenizer.encode(input_text, return_tensors="pt", max_length=512, truncation=True)',
        "max_length=50,  # Maximum length of the summary",
        "num_beams=4,  # Beam search with 4 beams for more coherent output",
        "early_stopping=True,  # Stop once an optimal summary is found",
        "summary = tokenizer.decode(summary_ids[0], skip_special_tokens=True)",
        'print("Summary:", summary)',
        'text = """\nThe Mona Lisa is a half-length portrait painting by the Italian artist Leonardo da Vinci.\n'
        "It is considered an archetypal masterpiece of the Italian Renaissance, and it has been described\n"
        'as the most famous, most visited, most written about, and most sung about work of art in the world.\n"""',
    ):
        assert line in code


def test_the_summary_is_that_of_the_source(chapter):
    space, _, printed = chapter
    raw = re.search(r'text = """(.*?)"""', "\n".join(CODE), re.DOTALL)[1]
    ids = space["tokenizer"].encode("summarize: " + raw, return_tensors="pt", max_length=512, truncation=True)
    answer = space["model"].generate(ids, max_length=50, num_beams=4, early_stopping=True)[0]
    assert space["summary"] == space["tokenizer"].decode(answer, skip_special_tokens=True)
    assert f"Summary: {space['summary']}\n" in printed


# what is printed


@pytest.mark.parametrize(
    "line, times",
    [
        ("newlines: 4", 1),
        ("the same ids on one line: True", 1),
        ("the same as 'world.' for T5: True, for GPT-2: False", 3),
        ("mask all ones: True", 1),
        ("max_length=5: 4 new tokens", 1),
        ("LCS: 3", 1),
        ("equal: True", 4),
        ("generate gives both: True", 3),
        ("the news is in: False", 1),
        ("nothing is lost: True", 1),
        ("each part fits:  True", 1),
        ("the news is in the last part: True", 1),
        ("words not in the text: [] invented: []".replace("] i", "]  i"), 1),
        ("equal within 1e-4 of the largest number: True", 3),
        ("the same summary: True", None),
        ("equal to rung 2: True", 4),
    ],
)
def test_what_must_be_true_is_true(chapter, line, times):
    found = chapter[2].count(line)
    assert found == times if times is not None else found >= 1


def test_the_rows_that_do_not_depend_on_the_model(chapter):
    printed = chapter[2]
    assert re.search(r"first sentence +16 +1\.00 +1\.00 +1\.00", printed)  # "1.00 everywhere"
    assert re.search(r"cut out +\d+ +1\.00 +0\.\d\d +1\.00", printed)  # all its words in order, runs broken
    assert re.search(r"own words +\d+ +0\.\d\d +0\.00 +0\.\d\d", printed)  # no run of four
    assert re.search(r"person +copied 0\.90, runs of 4 0\.27", printed)


def test_the_goats_mislead_with_eight_common_words_of_ten(chapter):
    space = chapter[0]
    at = [p.title for p in space["passages"]].index("some goats")
    assert f"{space['first_scores'][at]:.2f}" == "0.80" and np.isclose(sorted(space["first_scores"])[-2], 0.8)
    passage = space["passages"][at]
    first, reference = (space["words"](t) for t in (space["first_sentence"](passage.text), passage.reference))
    assert space["lcs_length"](first, reference) == 8 and len(first) == len(reference) == 10


def test_a_wrong_name_costs_less_than_another_order_and_only_the_check_sees_it(chapter):
    space = chapter[0]
    score = {name: space["rouge_l"](space["reference"], space[name]) for name in ("right", "wrong", "reordered")}
    assert score["right"] > score["wrong"] > 3 * score["reordered"] and score["right"] - score["wrong"] < 0.2
    found = [space["invented"](space[name], space["text"]) for name in ("right", "wrong", "reordered")]
    assert found == [[], ["Raphael", "Urbino"], []]


def test_stopping_early_is_at_or_before_the_patient_rule_and_never_scores_better(chapter):
    space = chapter[0]
    steps = [
        int(n) for pair in re.findall(r"True stops after (\d+) tokens, False after (\d+)", chapter[2]) for n in pair
    ]
    assert len(steps) == 6 and all(early <= late for early, late in zip(steps[::2], steps[1::2]))
    for penalty in (0.0, 1.0, 2.0):
        search = space["beam_search"](space["model"], space["tokenizer"], space["input_text"], 4, 49, penalty)
        _, late, answer, _ = space["stopping_steps"](search.steps, penalty)
        ended = {c.ids: c.score / n**penalty for n, step in enumerate(search.steps, 1)
                 for c in step if c.fate == "finished"}  # fmt: skip
        assert late == len(search.steps) and ended[tuple(answer)] <= ended[search.best] + 1e-6


def test_a_high_penalty_gives_longer_summaries_and_stopping_early_keeps_it_from_most_of_them(chapter):
    rows = re.findall(r"^ *(-?\d\.\d) +(\d+) +(\d+) +\d of 8$", chapter[2], re.MULTILINE)
    early, late = ({float(row[0]): int(row[column]) for row in rows} for column in (1, 2))
    assert list(late) == [-1.0, 0.0, 2.0, 8.0]
    assert late[8.0] > late[-1.0] and late[8.0] - late[-1.0] > early[8.0] - early[-1.0]


def test_the_stopping_rule_on_steps_made_by_hand(chapter):
    from helpers.models.t5 import Candidate

    def step(*candidates):
        return [Candidate(ids, -1, score, fate) for ids, score, fate in candidates]

    steps = [
        step(((1,), -1.0, "finished"), ((7,), -1.2, "kept")),
        step(((7, 8), -1.3, "kept"), ((7, 1), -3.0, "finished")),
        step(((7, 8, 1), -1.5, "finished"), ((7, 8, 9), -9.0, "kept")),
    ]
    rule = chapter[0]["stopping_steps"]
    early, late, answer, hopeful = rule(steps, 1.0, beams=1)
    # After one token: -1 has ended, -1.2 still runs and is worse. Nobody can be preferred now: both stop.
    assert (early, late, answer, hopeful) == (1, 1, [1], False)
    early, late, answer, hopeful = rule(steps, 1.0, beams=2)
    # Two have ended after two tokens: -1 and -1.5. The runner has -0.65 a token: True stops, False goes on.
    assert (early, late, answer, hopeful) == (2, 3, [1], True)


# the ladder


def test_the_learners_function_ran_in_every_attention_of_each_model(chapter):
    space = chapter[0]
    t5 = space["model"].config
    runs = [int(n) for n in re.findall(r"your function ran (\d+) times", chapter[2])]
    assert runs[0] == t5.num_layers + 2 * t5.num_decoder_layers
    assert len(runs) == 3 and min(runs) >= 1


def test_a_wrong_attention_is_noticed(chapter, monkeypatch):
    """The comparison must be able to fail: leave the position bias out."""
    import torch
    from transformers import AttentionInterface

    space, _, _ = chapter
    monkeypatch.setattr("builtins.print", lambda *parts, **_: said.append(" ".join(map(str, parts))))
    said, mine = [], space["my_attention"]

    def without_bias(*parts, position_bias=None, **others):
        return mine(*parts, **others)

    AttentionInterface.register("mine", without_bias)
    try:
        with torch.no_grad():
            space["compare"](space["model"], "logits", **space["prompt"], decoder_input_ids=space["summary_ids"])
    finally:
        AttentionInterface.register("mine", mine)
    assert "equal within 1e-4 of the largest number: False" in said[-1]


def test_every_link_leads_to_a_chapter():
    links = re.findall(r"\]\((\d\d-[^)#]+\.ipynb)\)", PROSE)
    assert len(links) >= 8
    assert all((NOTEBOOKS / "source" / link.replace(".ipynb", ".py")).is_file() for link in links)


# the panel


def test_the_tasks_have_their_answers(panel, chapter):
    space = chapter[0]
    assert PROSE.count("Try this:") == PROSE.count("What you should have seen") == 1
    greedy = "greedy"
    panel.apply(greedy)
    before = panel.answer
    for penalty, early in ((-2.0, True), (4.0, False)):  # neither has a part
        panel.entries["penalty"].value, panel.entries["early stopping"].value = penalty, early
        assert panel.answer == before
    panel.apply("cut")
    if len(space["summary_ids"][0]) > 9:  # the summary of the Mona Lisa is longer than the limit
        assert "was cut at the limit" in panel.says()
    panel.apply("some goats")
    assert panel.text_view.texts[-5:] == ["She", "had", "been", "wrong.", "</s>"]
    shares = set()
    for _, layer in panel.entries["layer"].box.options:
        panel.entries["layer"].value = layer
        shares.add(re.search(r"underlined words get (\d\.\d\d)", panel.says())[1])
        assert np.isclose(panel.text_view.weights.sum(), 1, atol=1e-4)  # "they add up to 1"
    assert len(shares) > 1 or "0.00" in shares  # "it differs from layer to layer"


def test_the_buttons_are_three_of_the_passages(panel):
    assert list(panel.buttons) == ["Reset", "greedy", "cut", "a bridge", "a match", "some goats"]
