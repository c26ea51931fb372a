"""Panel 4: one map a head, and what the output projection mixes out of the heads."""

import ipywidgets as widgets
import numpy as np

from helpers import validate
from helpers.attention import attention
from helpers.figures.heatmap import Heatmap
from helpers.multi_head import project, split_heads
from helpers.panels.control import Choice, Entry
from helpers.panels.panel import Panel

HIGHEST_WEIGHT = 0.5  # the colour scale of the maps; a larger weight keeps the lightest colour, and its number says it
HIGHEST = 2.0  # the colour scale of what a head gives to an output feature: -2 to 2


class MultiHeadPanel(Panel):
    """embeddings: (words, hidden_size). W_q, W_k, W_v, W_o: (hidden_size, hidden_size). words: one name a row.

    The slider "mixing" leads W_o from the identity (0: heads stay apart) to the given matrix (1).
    """

    def __init__(self, embeddings, W_q, W_k, W_v, W_o, words):
        self.embeddings = validate.numbers("embeddings", embeddings, (2,))
        self.sentence = words = validate.words("words", words, len(self.embeddings))
        hidden_size = self.embeddings.shape[1]
        names = ("W_q", "W_k", "W_v")
        self.matrices = [validate.numbers(n, W, (2,)) for n, W in zip(names, (W_q, W_k, W_v), strict=True)]
        self.W_o = validate.numbers("W_o", W_o, (2,))
        for name, W in zip([*names, "W_o"], [*self.matrices, self.W_o], strict=True):
            validate.same("shape", name, W.shape, "the embeddings' square", (hidden_size, hidden_size))

        divisors = [n for n in range(1, hidden_size + 1) if hidden_size % n == 0]
        entries = {
            "heads": Choice("heads", divisors, divisors[min(1, len(divisors) - 1)]),
            "word": Choice("word", [(word, i) for i, word in enumerate(self.sentence)], min(1, len(words) - 1)),
            "mixing": Entry("mixing", 0.0, 0.0, 1.0, 0.05),
        }
        presets = {"mix the heads": {"mixing": 1.0}, "one head a feature": {"heads": hidden_size}}
        controls = [widgets.HBox(list(entries.values()), layout={"flex_flow": "row wrap"})]
        super().__init__("several heads and their output projection", (9, 4.4), controls, entries, presets)

    def place(self, figure):
        """One map a head on the left, and on the right what each head gives to the picked word."""
        num_heads = self.entries["heads"].value
        across = min(num_heads, 2)
        grid = figure.add_gridspec(-(-num_heads // across), across + 1, width_ratios=[1] * across + [1.1])
        self.maps = []
        for i in range(num_heads):
            ax = figure.add_subplot(grid[i // across, i % across])
            size = 12 if num_heads <= 2 else 9  # smaller numbers for smaller maps
            self.maps.append(Heatmap(ax, self.sentence, self.sentence, f"head {i + 1}", 0, HIGHEST_WEIGHT, size=size))
        rows = [f"head {i + 1}" for i in range(num_heads)] + ["output"]
        features = [f"[{j}]" for j in range(len(self.W_o))]
        title = "what each head gives\nto the picked word"
        self.mix = Heatmap(figure.add_subplot(grid[:, -1]), rows, features, title, -HIGHEST, HIGHEST)
        return (*self.maps, self.mix)

    def show(self):
        """Attend in every head, then send each head's part of the picked word through its rows of W_o."""
        num_heads, picked, mixing = (self.entries[name].value for name in ("heads", "word", "mixing"))
        if len(self.maps) != num_heads:  # other axes: a new frame
            self.canvas.figure.clear()
            self.canvas.views = self.place(self.canvas.figure)
            self.canvas.forget()
        named = zip(("W_q", "W_k", "W_v"), self.matrices, strict=True)
        query, key, value = (split_heads(project(self.embeddings, *pair), num_heads) for pair in named)
        output, weights = attention(query, key, value)  # (heads, words, head_dim), (heads, words, words)
        projection = (1 - mixing) * np.eye(len(self.W_o)) + mixing * self.W_o
        rows = projection.reshape(num_heads, -1, len(self.W_o))  # (heads, head_dim, hidden_size)
        parts = np.einsum("hd,hdo->ho", output[:, picked], rows)  # (heads, hidden_size)
        for view, matrix in zip(self.maps, weights, strict=True):
            view.update(matrix)
        self.mix.update(np.vstack([parts, parts.sum(axis=0)]))

    def says(self):
        """Count the output features that more than one head feeds, from what is drawn."""
        parts = np.asarray(self.mix.image.get_array())[:-1]
        shared = int((np.sum(np.abs(parts) > 1e-9, axis=0) > 1).sum())
        word = self.sentence[self.entries["word"].value]
        return f"In the output for {word}, {shared} of {parts.shape[1]} features are fed by more than one head."
