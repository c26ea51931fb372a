"""Panel 5, first half: who looks at whom in a text of your own, in every layer and head of a BERT."""

import ipywidgets as widgets
import numpy as np

from helpers.figures.glyphs import drawable
from helpers.figures.heatmap import Heatmap
from helpers.figures.words import number
from helpers.models.bert import LONGEST, attention_maps
from helpers.models.text import check_text
from helpers.panels.control import Entry, Switch, TextBox
from helpers.panels.model_panel import ModelPanel

MOST_TOKENS = 24  # with [CLS] and [SEP]: more labels would run into each other
MOST_PRINTED = 13  # more columns leave no room for a number in each cell
LONGEST_LABEL = 12  # letters


class BertAttentionPanel(ModelPanel):
    """model, tokenizer: a BertModel with eager attention and its BertTokenizer. text: what the panel shows first.

    presets: as in Panel. The switch "special tokens" shows or hides the rows and columns of [CLS] and [SEP]; the model
    always reads them, and the weights that are left stay as they are.
    """

    def __init__(self, model, tokenizer, text, presets=None):
        self.tokenizer, self.model, self._read_text = tokenizer, model, None
        check_text("text", text, LONGEST)  # the box would turn None into an empty text
        entries = {
            "text": TextBox("text", text),
            "layer": Entry("layer", 1, 1, model.config.num_hidden_layers, 1, live=False),
            "head": Entry("head", 1, 1, model.config.num_attention_heads, 1, live=False),
            "special tokens": Switch("special tokens", True),
        }
        rest = [entry for name, entry in entries.items() if name != "text"]
        controls = [entries["text"], widgets.HBox(rest, layout={"flex_flow": "row wrap"})]
        self.entries = entries
        self._read()  # before Panel asks for the axes, which have a label for each token
        super().__init__("who looks at whom in BERT", (9, 6), controls, entries, presets)

    def place(self, figure):
        """One map with the tokens that are shown as rows and columns."""
        self._drawn = self._names
        names = [drawable(token, LONGEST_LABEL) for token in self._names]
        few = len(names) <= MOST_PRINTED
        look = {"x_label": "looked at", "y_label": "looks", "printed": few, "turn": 50}
        # The title does not name the layer: the frame stays when only the weights change.
        self.map = Heatmap(figure.subplots(), names, names, "attention weights", 0, 1, **look)
        return (self.map,)

    def show(self):
        """Read the text if it is new, and take the map of the chosen layer and head."""
        self._read()
        if self._names != self._drawn:  # other tokens: a new frame
            self.canvas.figure.clear()
            self.canvas.views = self.place(self.canvas.figure)
            self.canvas.forget()
        self.map.update(self._head()[self._shown, self._shown])

    def says(self):
        """Name the strongest look on the map, and how much of the weight the special tokens get."""
        drawn = np.asarray(self.map.image.get_array(), dtype=float)
        row, column = np.unravel_index(np.argmax(drawn.round(6)), drawn.shape)  # a last bit picks no other cell
        special = self._head()[:, [0, -1]].sum(axis=1).mean()
        return (
            f"Layer {self.entries['layer'].value}, head {self.entries['head'].value}: {self.map.rows[row]} looks at "
            f"{self.map.columns[column]} with {number(drawn[row, column])}, the largest weight on the map. "
            f"[CLS] and [SEP] get {number(special)} of a token's weight on average."
        )

    def _read(self):
        """Run the model unless this text was the last one; the rest only picks from its answer."""
        text = self.entries["text"].value
        if text != self._read_text:
            self._tokens, self._weights = attention_maps(self.model, self.tokenizer, text, MOST_TOKENS)
            self._read_text = text
        self._shown = slice(None) if self.entries["special tokens"].value else slice(1, -1)
        self._names = self._tokens[self._shown]

    def _head(self):
        return self._weights[self.entries["layer"].value - 1, self.entries["head"].value - 1]
