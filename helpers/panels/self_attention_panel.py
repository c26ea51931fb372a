"""Panel 3: pick a word, move its embedding, hide the later words, add positions: who looks at whom."""

import ipywidgets as widgets
import numpy as np

from helpers import validate
from helpers.attention import attention, causal_mask
from helpers.figures.heatmap import Heatmap
from helpers.figures.links import Links
from helpers.panels.control import Choice, Entry, Switch
from helpers.panels.panel import Panel
from helpers.positions import sinusoidal_positions

REACH = 3.0  # entries of an embedding lie in -3 to 3


class SelfAttentionPanel(Panel):
    """embeddings: (words, features). W_q, W_k: (features, d_k). W_v: (features, d_v). words: one name a row."""

    def __init__(self, embeddings, W_q, W_k, W_v, words):
        self.original = validate.numbers("embeddings", embeddings, (2,))
        validate.inside("embeddings", self.original, -REACH, REACH)
        words = validate.words("words", words, len(self.original))
        self.matrices = [validate.numbers(name, W, (2,)) for name, W in (("W_q", W_q), ("W_k", W_k), ("W_v", W_v))]
        for name, W in zip(("W_q", "W_k", "W_v"), self.matrices, strict=True):
            validate.same("features", "embeddings", self.original.shape[1], name, len(W))
        self.embeddings, self.sentence, self.picked = self.original.copy(), list(words), min(1, len(words) - 1)

        self.features = [f"feature [{j}]" for j in range(self.original.shape[1])]
        options = [(word, i) for i, word in enumerate(self.sentence)]
        entries = {"word": Choice("word", options, self.picked)}
        for name, start in zip(self.features, self.original[self.picked].tolist(), strict=True):
            entries[name] = Entry(name, start, -REACH, REACH, 0.1)
        entries |= {"hide later words": Switch("hide later words"), "add positions": Switch("add positions")}

        rows = ["word", "hide later words", "add positions"], self.features
        controls = [widgets.HBox([entries[name] for name in row], layout={"flex_flow": "row wrap"}) for row in rows]
        presets = {"the word shouts": {name: REACH for name in self.features}}
        super().__init__("self-attention in a sentence", (8.4, 3.4), controls, entries, presets)

    def place(self, figure):
        """The picked word's lines on the left, all words' weights on the right."""
        lines, cells = figure.subplots(1, 2)
        self.links = Links(lines, self.sentence, "the picked word looks at")
        self.map = Heatmap(cells, self.sentence, self.sentence, "weights", 0, 1, x_label="looked at", y_label="looks")
        return self.links, self.map

    def apply(self, preset):
        """Reset gives every word its own embedding back; any other preset acts on the picked word and leaves the rest."""
        if preset == "Reset":
            self.embeddings, self.picked = self.original.copy(), self.entries["word"].start
            super().apply(preset)
            return
        with self.held():
            for name, value in self.presets[preset].items():
                self.entries[name].value = value

    def show(self):
        """Attend with the embeddings as they stand; the sliders belong to the picked word."""
        self._follow_the_picked_word()
        x = self.embeddings
        if self.entries["add positions"].value:
            x = x + sinusoidal_positions(*x.shape)
        mask = causal_mask(len(x)) if self.entries["hide later words"].value else None
        _, weights = attention(*(x @ W for W in self.matrices), mask=mask)
        self.links.update(self.picked, weights[self.picked])
        self.map.update(weights)

    def says(self):
        """Say whom the picked word looks at most, as drawn."""
        drawn = [line.get_linewidth() if line.get_visible() else 0.0 for line in self.links.lines]
        most = self.links.right[int(np.argmax(np.round(drawn, 6)))].get_text().split("  ")
        return f"{self.sentence[self.links.picked]} looks most at {most[0]}, with the weight {most[1]}."

    def _follow_the_picked_word(self):
        """Another word: its embedding goes to the sliders. The same word: the sliders go to its embedding."""
        entries = [self.entries[name] for name in self.features]
        if self.entries["word"].value == self.picked:
            self.embeddings[self.picked] = [entry.value for entry in entries]
            return
        self.picked, held = self.entries["word"].value, self._held
        self._held = True  # the sliders' own changes must not draw: this call does
        for entry, number in zip(entries, self.embeddings[self.picked].tolist(), strict=True):
            entry.value = number
        self._held = held
