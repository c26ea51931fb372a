"""Panel 8: a sentence translated by beam search, the search as a tree, and where each written token looks."""

import ipywidgets as widgets

from helpers.figures.alignment import ROW, TOP, Alignment
from helpers.figures.beam_tree import BeamTree, tree_size
from helpers.figures.glyphs import drawable
from helpers.figures.words import number
from helpers.models.t5 import TRANSLATE, beam_search, cross_attention
from helpers.models.text import check_text, check_tokens
from helpers.panels.control import Choice, Entry, TextBox
from helpers.panels.model_panel import ModelPanel

MOST_BEAMS, MOST_NEW, LONGEST, MOST_TOKENS = 4, 24, 300, 32  # beams, tokens written, characters and tokens read
COLUMNS = 8  # steps of the tree that are seen at a time
MEAN = 0  # the entry "mean" in the list of heads


class TranslationPanel(ModelPanel):
    """model, tokenizer: a T5 loaded with attn_implementation="eager", and its tokenizer. text: English.

    layer: the layer of the decoder, from 1, whose map is shown first; None for the last.
    """

    def __init__(self, model, tokenizer, text="The weather is sunny.", layer=None):
        self.model, self.tokenizer = model, tokenizer
        layers, heads = model.config.num_decoder_layers, model.config.num_heads
        entries = {
            "English": TextBox("English", text),
            "beams": Entry("beams", 3, 1, MOST_BEAMS, 1, live=False),
            "penalty": Entry("penalty", 1.0, 0.0, 2.0, 0.25, live=False),
            "first step": Entry("first step", 1, 1, MOST_NEW, 1, live=False),
            "layer": Choice("layer", list(range(1, layers + 1)), layers if layer is None else layer),
            "head": Choice("head", [("mean of all", MEAN), *((str(i), i) for i in range(1, heads + 1))], MEAN),
        }
        presets = {
            "greedy": {"beams": 1},
            "no length penalty": {"penalty": 0.0},
            "an idiom": {"English": "He let the cat out of the bag."},
            "an adjective": {"English": "I have a white cat."},
        }
        numbers = [entry for name, entry in entries.items() if name != "English"]
        controls = [entries["English"], widgets.HBox(numbers, layout={"flex_flow": "row wrap"})]
        self._asked = None
        self._search(text, 3, 1.0)
        width, height = self._sizes()
        super().__init__("a translation by beam search", (width, sum(height)), controls, entries, presets)

    def place(self, figure):
        """The tree above, the map below, for the search that was done last."""
        width, heights = self._sizes()
        figure.set_size_inches(width, sum(heights))
        grid = figure.add_gridspec(2, 1, height_ratios=heights)
        self.tree = BeamTree(figure.add_subplot(grid[0]), COLUMNS, self._rows(), "beam search")
        self.map = Alignment(figure.add_subplot(grid[1]), self.target, self.source, "cross-attention")
        self._placed = self._frame()
        return self.tree, self.map

    def show(self):
        """Search if the text, the beams or the penalty changed, then draw the steps and the map that are chosen."""
        english, beams, penalty, first, layer, head = (entry.value for entry in self.entries.values())
        self._search(english, beams, penalty)
        if self._frame() != self._placed:  # other tokens or another number of candidates: a new frame
            self.canvas.figure.clear()
            self.canvas.views = self.place(self.canvas.figure)
            self.canvas.forget()
        steps = self.search.tree(self.tokenizer)
        self.tree.update(steps, self.search.path(), min(first - 1, max(0, len(steps) - COLUMNS)))
        weights = self.weights[layer - 1]  # (heads, target, source)
        title = f"cross-attention, layer {layer}, {'mean of heads' if head == MEAN else f'head {head}'}"
        if title != self.map.title:
            self.canvas.forget()  # the title is part of the frame
        self.map.update(weights.mean(axis=0) if head == MEAN else weights[head - 1], title)

    def says(self):
        """Compare the answer with the greedy one, and count the tokens that look most at the sentence itself."""
        score, _, _ = self.search.answers[0]
        greedy, other = self._text(self.greedy), self.greedy.answers[0][0]
        beams = self.search_beams
        answer = (
            f'{beams} {"beam writes" if beams == 1 else "beams write"} "{self._text(self.search)}" ({number(score)})'
        )
        same = "the same" if self.search.best == self.greedy.best else f'"{greedy}" ({number(other)})'
        inside = sum(self.prefix <= column < len(self.source) - 1 for column in self.map.most)
        return (
            f"{answer}; greedy writes {same}. In the map {inside} of {len(self.target)} tokens look most at the "
            f"sentence, the others at the prefix or at </s>."
        )

    def _search(self, english, beams, penalty):
        """Translate unless just this was asked before. Raises ValueError for a text that cannot be shown."""
        text = check_text("English", english, LONGEST)
        if self._asked == (text, beams, penalty):
            return
        blank = self.tokenizer.convert_tokens_to_ids("▁")  # a low bar alone stands before an unknown word
        ids = self.tokenizer(text, add_special_tokens=False).input_ids
        check_tokens("English", [i for i in ids if i != blank], MOST_TOKENS, self.tokenizer.unk_token_id)
        prompt = TRANSLATE + text
        search = beam_search(self.model, self.tokenizer, prompt, beams, MOST_NEW, penalty)
        self.greedy = beam_search(self.model, self.tokenizer, prompt, 1, MOST_NEW, penalty) if beams > 1 else search
        self.source, self.target, self.weights = cross_attention(self.model, self.tokenizer, prompt, search.best)
        self.prefix = len(self.tokenizer(TRANSLATE.strip(), add_special_tokens=False).input_ids)
        self.search, self.search_beams, self._asked = search, beams, (text, beams, penalty)

    def _text(self, search):
        return drawable(self.tokenizer.decode(search.best, skip_special_tokens=True))

    def _rows(self):
        return max(len(step) for step in self.search.steps)

    def _frame(self):
        return self.source, self.target, self._rows()

    def _sizes(self):
        """Return the width and the two heights in inches."""
        width, height = tree_size(COLUMNS, self._rows())
        return width, (height, TOP + ROW * max(4, len(self.target)))
