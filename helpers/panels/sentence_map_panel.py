"""Panel 5, second half: how near your own sentences are to each other, as BERT's mean vectors see it."""

import numpy as np

from helpers import validate
from helpers.figures.glyphs import drawable
from helpers.figures.heatmap import Heatmap
from helpers.figures.words import number
from helpers.models.bert import cosines, sentence_embeddings
from helpers.panels.control import Switch, TextBox
from helpers.panels.model_panel import ModelPanel

MOST_SENTENCES = 8
MOST_TOKENS = 64  # of a sentence, with [CLS] and [SEP]
LONGEST_LABEL = 32  # letters


class SentenceMapPanel(ModelPanel):
    """model, tokenizer: a BertModel and its BertTokenizer. sentences: 2 to 8 texts, one a line in the box.

    The switch "count the padding" takes the plain mean of all tokens in the batch, as chapter 5's pitfall does.
    """

    def __init__(self, model, tokenizer, sentences):
        self.model, self.tokenizer = model, tokenizer
        sentences = validate.words("sentences", sentences, len(sentences) if hasattr(sentences, "__len__") else 0)
        entries = {
            "sentences": TextBox("sentences", "\n".join(sentences), rows=MOST_SENTENCES),
            "count the padding": Switch("count the padding", False),
        }
        self.entries = entries
        self._compute()
        super().__init__("how near sentences are", (9, 4.6), list(entries.values()), entries)

    def place(self, figure):
        """One map; rows are the sentences with their numbers, columns the numbers."""
        self._drawn = self._sentences
        rows = [f"[{i}] {drawable(text, LONGEST_LABEL)}" for i, text in enumerate(self._sentences, start=1)]
        columns = [f"[{i}]" for i in range(1, len(rows) + 1)]
        self.map = Heatmap(figure.subplots(), rows, columns, "cosine of two sentences", 0, 1)
        return (self.map,)

    def show(self):
        """Embed all sentences in one batch and compare every two of them."""
        matrix = self._compute()
        if self._sentences != self._drawn:  # other labels: a new frame
            self.canvas.figure.clear()
            self.canvas.views = self.place(self.canvas.figure)
            self.canvas.forget()
        self.map.update(matrix)

    def says(self):
        """Name the two nearest and the two farthest sentences, and what the mean counts."""
        drawn = np.asarray(self.map.image.get_array(), dtype=float).round(6)  # a last bit picks no other pair
        pairs = [(drawn[i, j], i + 1, j + 1) for i in range(len(drawn)) for j in range(i + 1, len(drawn))]
        near, far = max(pairs, key=lambda pair: pair[0]), min(pairs, key=lambda pair: pair[0])
        text = f"Nearest: sentences {near[1]} and {near[2]} ({number(near[0])}). "
        if len(pairs) > 1:
            text += f"Farthest: {far[1]} and {far[2]} ({number(far[0])}). "
        return text + f"The means count {self._padding} padding tokens."

    def _compute(self):
        """Read the box and return the cosines, (sentences, sentences). Raises ValueError for what it cannot read."""
        sentences = [line.strip() for line in self.entries["sentences"].value.splitlines() if line.strip()]
        if not 2 <= len(sentences) <= MOST_SENTENCES:
            raise ValueError(
                f"sentences must be 2 to {MOST_SENTENCES}, each on a line of its own, but there are {len(sentences)}."
            )
        counted = self.entries["count the padding"].value
        vectors, lengths = sentence_embeddings(self.model, self.tokenizer, sentences, MOST_TOKENS, counted)
        self._sentences = sentences
        self._padding = max(lengths) * len(lengths) - sum(lengths) if counted else 0
        return cosines(vectors)
