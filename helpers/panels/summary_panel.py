"""Panel 9: a summary by beam search, the words of the text that it took, and where the decoder looked meanwhile."""

import ipywidgets as widgets

from helpers.figures.glyphs import drawable
from helpers.figures.passage import TITLE, MarkedPassage, passage_size
from helpers.figures.words import number
from helpers.models.summary import (
    check_passage,
    foreign_words,
    source_words,
    summarize,
    used_words,
    words,
)
from helpers.panels.control import Choice, Entry, Switch, TextBox
from helpers.panels.model_panel import ModelPanel

MOST_BEAMS, MOST_NEW = 6, 60
MEAN = 0  # the entry "mean of all" in the list of layers


class SummaryPanel(ModelPanel):
    """model, tokenizer: a T5 loaded with attn_implementation="eager", and its tokenizer. text: what is summarised first.

    passages: dict from the name on a button to a text.
    """

    def __init__(self, model, tokenizer, text, passages=None):
        self.model, self.tokenizer = model, tokenizer
        layers = [("mean of all", MEAN), *((str(i), i) for i in range(1, model.config.num_decoder_layers + 1))]
        entries = {
            "text": TextBox("text", text, rows=5),
            "beams": Entry("beams", 4, 1, MOST_BEAMS, 1, live=False),
            "penalty": Entry("penalty", 1.0, -2.0, 4.0, 0.5, live=False),
            "most tokens": Entry("most tokens", 49, 4, MOST_NEW, 1, live=False),
            "early stopping": Switch("early stopping", True),
            "layer": Choice("layer", layers, MEAN),
        }
        presets = {"greedy": {"beams": 1}, "cut": {"most tokens": 8}}
        presets |= {name: {"text": passage} for name, passage in (passages or {}).items()}
        others = [entry for name, entry in entries.items() if name != "text"]
        controls = [entries["text"], widgets.HBox(others, layout={"flex_flow": "row wrap"})]
        self._asked = None
        self._summarize(text, 4, 1.0, True, 49)
        super().__init__("a summary and what it took from the text", self._size(), controls, entries, presets)

    def place(self, figure):
        """The summary above, the text below, for what was asked last."""
        sizes = passage_size(self.said)[1] - TITLE, passage_size(self.source, bars=True)[1] - TITLE
        figure.set_size_inches(*self._size())
        grid = figure.add_gridspec(2, 1, height_ratios=sizes)
        self.summary_view = MarkedPassage(figure.add_subplot(grid[0]), self.said, "the summary; boxed: not in the text")
        self.text_view = MarkedPassage(figure.add_subplot(grid[1]), self.source, self._title(), bars=True)
        self._placed = self._frame()
        return self.summary_view, self.text_view

    def show(self):
        """Summarise if the text or an option of the search changed, then mark the words and draw the layer's bars."""
        text, beams, penalty, most, early, self.layer = (entry.value for entry in self.entries.values())
        self._summarize(text, beams, penalty, early, most)
        if self._frame() != self._placed:  # other words or another title: a new frame
            self.canvas.figure.clear()
            self.canvas.views = self.place(self.canvas.figure)
            self.canvas.forget()
        # The prefix is no part of the text: it can be looked at, but not used.
        self.used = [False, *used_words(self.source[1:], self.answer.text)]
        weights = self.weights.mean(axis=0) if self.layer == MEAN else self.weights[self.layer - 1]
        self.summary_view.update(foreign=foreign_words(self.said, " ".join(self.source[1:])))
        self.text_view.update(used=self.used, weights=weights)

    def says(self):
        """Say the summary, how much of it stands in the text, and how much weight lies on the words it took."""
        said = words(self.answer.text)
        there = set(words(" ".join(self.source[1:])))
        foreign = sorted({word for word in said if word not in there})
        beams = "1 beam writes" if self.beams == 1 else f"{self.beams} beams write"
        end = "and ended by itself" if self.answer.ended else "and was cut at the limit"
        weights = self.text_view.weights
        inside = float(sum(weight for weight, used in zip(weights, self.used, strict=True) if used))
        missing = f"not in the text: {drawable(', '.join(foreign))}" if foreign else "all of them stand in the text"
        return (
            f'{beams} "{drawable(self.answer.text)}". It has {len(said)} words in {len(self.answer.ids)} tokens '
            f"{end}; {missing}. The underlined words get {number(inside)} of the weight, "
            f"the prefix and </s> {number(weights[0] + weights[-1])}."
        )

    def _summarize(self, text, beams, penalty, early, most):
        """Run the model unless just this was asked before. Raises ValueError for a text that cannot be shown."""
        text = check_passage("text", text, self.tokenizer)
        if beams == 1:  # both have no part in greedy decoding
            penalty, early = 1.0, True
        asked = (text, beams, penalty, early, most)
        if self._asked == asked:
            return
        summary = summarize(self.model, self.tokenizer, text, beams, penalty, early, most)
        self.source, self.weights = source_words(self.model, self.tokenizer, text, summary.ids)
        self.answer, self.said, self.beams, self._asked = summary, summary.text.split() or ["(nothing)"], beams, asked

    def _title(self):
        layer = getattr(self, "layer", MEAN)
        where = "mean of all layers" if layer == MEAN else f"layer {layer}"
        return f"the text; underlined: used; bars: cross-attention, {where}"

    def _frame(self):
        return self.said, self.source, self._title()

    def _size(self):
        width, below = passage_size(self.source, bars=True)
        return width, passage_size(self.said)[1] + below + 0.2
