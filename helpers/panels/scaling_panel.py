"""Panel 2: what the width d_k and the temperature do to the spread of the scores, the weights and their entropy."""

import ipywidgets as widgets
import numpy as np

from helpers import validate
from helpers.attention import attention, entropy
from helpers.figures.bars import Bars
from helpers.figures.style import GREEN, VERMILION
from helpers.figures.words import number
from helpers.panels.control import Entry, Switch
from helpers.panels.panel import Panel

HIGHEST_SCORE = 40.0  # the scale of the scores; a longer bar ends at the edge, and its number says how long it is


class ScalingPanel(Panel):
    """query: (features,), key: (keys, features): random entries of variance 1. The panel uses the first d_k features."""

    def __init__(self, query, key):
        self.query, self.key = validate.numbers("query", query, (1,)), validate.numbers("key", key, (2,))
        validate.same("number of features", "query", len(self.query), "key", self.key.shape[1])
        entries = {
            "d_k": Entry("d_k", min(4, len(self.query)), 1, len(self.query), 1),
            "temperature": Entry("temperature", 1.0, 0.1, 10.0, 0.1),
            "divide by sqrt(d_k)": Switch("divide by sqrt(d_k)"),
        }
        presets = {
            "wide, not scaled": {"d_k": len(self.query)},
            "wide, scaled": {"d_k": len(self.query), "divide by sqrt(d_k)": True},
            "cold": {"temperature": 0.1},
            "hot": {"temperature": 10.0},
        }
        controls = [widgets.HBox(list(entries.values()), layout={"flex_flow": "row wrap", "align_items": "flex-end"})]
        super().__init__("width, temperature and the weights", (9, 3.4), controls, entries, presets)

    def place(self, figure):
        """The scores and their spread, the weights and their entropy."""
        names = [str(i) for i in range(len(self.key))]
        scores, spread, weights, bits = figure.subplots(1, 4, width_ratios=[4, 1.1, 4, 1.1])
        self.scores = Bars(scores, names, "scores", -HIGHEST_SCORE, HIGHEST_SCORE, digits=1)
        self.spread = Bars(spread, ["std"], "spread", 0, HIGHEST_SCORE, digits=1)
        self.weights = Bars(weights, names, "weights", 0, 1, colour=GREEN)
        self.bits = Bars(bits, ["bits"], "entropy", 0, max(1.0, float(np.log2(len(self.key)))), colour=VERMILION)
        return self.scores, self.spread, self.weights, self.bits

    def show(self):
        """Attend with the first d_k features and a scale of 1 / temperature, divided by sqrt(d_k) where it is ticked."""
        d_k, scale = self.entries["d_k"].value, 1 / self.entries["temperature"].value
        if self.entries["divide by sqrt(d_k)"].value:
            scale = scale / np.sqrt(d_k)
        query, key = self.query[:d_k], self.key[:, :d_k]
        scores = key @ query * scale
        _, weights = attention(query, key, np.eye(len(key)), scale=scale)
        self.scores.update(scores)
        self.spread.update([scores.std()])
        self.weights.update(weights)
        self.bits.update([entropy(weights)])

    def says(self):
        """Say the spread, the entropy and the largest weight, as drawn."""
        spread, bits = self.spread.numbers[0].get_text(), self.bits.numbers[0].get_text()
        return (
            f"The scores spread by {spread}. The weights have {bits} of at most {number(self.bits.high)} bits of entropy; "
            f"the largest weight is {number(max(bar.get_height() for bar in self.weights.bars))}."
        )
