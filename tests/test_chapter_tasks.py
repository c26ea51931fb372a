"""What "What you should have seen" says in chapters 1 to 4: the panels of the stored notebooks, driven as a learner would."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def cells(name):
    """Return (code, prose) of a notebook: the sources of its code cells, and its text as one line."""
    notebook = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    sources = {kind: ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == kind] for kind in
               ("code", "markdown")}  # fmt: skip
    return sources["code"], re.sub(r"\s+", " ", " ".join(sources["markdown"]))


def panel_of(name, monkeypatch):
    """Run a notebook's code up to its panel, without the torch cells behind it; return the panel and the prose."""
    code, prose = cells(name)
    monkeypatch.setattr("builtins.print", lambda *_, **__: None)
    space = {}
    for source in code:
        if re.match(r"[A-Z]\w+Panel\(", source):
            return eval(source, space), prose
        exec(source, space)
    raise AssertionError(f"{name} shows no panel")


def test_chapter_1(monkeypatch):
    panel, prose = panel_of("01-attention", monkeypatch)
    for preset, output in (("love meets pizza", "2.75"), ("nothing matches", "0.67"), ("one key wins", "-2.98")):
        panel.apply(preset)
        assert panel.blend.numbers[-1].get_text() == output and output in prose
    panel.apply("Reset")
    for j in range(3):
        panel.entries[f"query[{j}]"].value = 2.0
    assert panel.blend.numbers[-1].get_text() == "4.77" and "the output is 4.77" in prose


def test_chapter_2(monkeypatch):
    panel, prose = panel_of("02-scaled-dot-product-attention", monkeypatch)
    seen = []
    for preset in ("wide, not scaled", "wide, scaled", "cold", "hot"):
        panel.apply(preset)
        seen.append(panel.bits.numbers[0].get_text())
    assert seen == ["0.00", "2.07", "0.21", "2.57"]
    assert "the entropy is 0.00 bits. With the division it is 2.07 bits" in prose
    assert "0.21 bits when cold" in prose and "2.57 bits when hot" in prose

    panel.apply("Reset")
    panel.entries["d_k"].value, panel.entries["temperature"].value = 64, 8.0
    by_temperature = [bar.get_height() for bar in panel.weights.bars]
    panel.entries["temperature"].value, panel.entries["divide by sqrt(d_k)"].value = 1.0, True
    np.testing.assert_allclose(by_temperature, [bar.get_height() for bar in panel.weights.bars])
    assert "8, the square root of 64" in prose


def test_chapter_3(monkeypatch):
    panel, prose = panel_of("03-self-attention", monkeypatch)
    panel.entries["word"].value = 3
    panel.apply("the word shouts")
    assert (np.argmax(panel.map.image.get_array(), axis=1) == 3).all()
    panel.apply("Reset")
    panel.entries["word"].value = 3
    assert panel.says() == "on looks most at sat, with the weight 0.28."
    panel.entries["add positions"].value = True
    assert panel.says() == "on looks most at on, with the weight 0.29."
    assert "At first at *sat* (0.28). With positions at itself (0.29)." in prose


def test_chapter_4(monkeypatch):
    panel, prose = panel_of("04-multi-head-attention", monkeypatch)
    outputs = []
    for mixing in (0.0, 0.05, 1.0):
        panel.entries["mixing"].value = mixing
        outputs.append(np.asarray(panel.mix.image.get_array())[-1])
        assert panel.says().startswith("In the output for cat, " + ("4" if mixing else "0"))
    assert (np.sign(outputs[0]) != np.sign(outputs[2])).tolist() == [False, True, False, True]
    assert "[1] and [3] change their sign" in prose
    panel.apply("one head a feature")
    orders = [np.argsort(row).tolist() for row in np.asarray(panel.maps[2].image.get_array())]
    assert orders[0] == orders[1] == orders[2] == orders[3][::-1] == orders[4][::-1]


@pytest.mark.parametrize("name", ["01-attention", "02-scaled-dot-product-attention", "03-self-attention"])
def test_each_list_of_tasks_has_its_answers(name):
    prose = cells(name)[1]
    assert prose.count("Try this:") == prose.count("What you should have seen") == 1
