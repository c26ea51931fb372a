"""Panel 6: type a sentence; see the probabilities, and what each word changes when it is left out."""

import ipywidgets as widgets

from helpers import validate
from helpers.attention import softmax
from helpers.figures.bars import Bars
from helpers.figures.signed_bars import SignedBars, height_for
from helpers.figures.words import number
from helpers.models.classify import check_sentence, leave_one_out
from helpers.panels.control import Choice, TextBox
from helpers.panels.model_panel import ModelPanel

WIDTH, LOWEST = 9, 3.3  # inches
MEASURES = {"probability": 1.0, "logits": 6.0}  # what the bars are measured in, and the end of their scale


class ClassificationPanel(ModelPanel):
    """model, tokenizer: a BertForSequenceClassification with two labels and its BertTokenizer. text: the first sentence.

    labels: the names of label 0 and label 1. examples: dict from the name on a button to a sentence. A bar to the right
    says that label 1 loses so much without the word, a bar to the left that it gains. Measured in logits, a bar is the
    change of the second logit minus the first.
    """

    def __init__(self, model, tokenizer, text, labels=("negative", "positive"), examples=None):
        self.model, self.tokenizer = model, tokenizer
        self.names = validate.words("labels", labels, 2)
        entries = {
            "sentence": TextBox("sentence", text),
            "measured in": Choice("measured in", list(MEASURES), "probability"),
        }
        self.entries, self._asked = entries, None
        self._ask()
        presets = {name: {"sentence": example} for name, example in (examples or {}).items()}
        controls = [entries["sentence"], widgets.HBox([entries["measured in"]])]
        size = (WIDTH, max(LOWEST, height_for(len(self.words_shown))))
        super().__init__("a classifier and the words it listens to", size, controls, entries, presets)

    def place(self, figure):
        """The two probabilities on the left, one bar a word on the right."""
        self._drawn = self.words_shown, self.entries["measured in"].value
        measure, reach = self._drawn[1], MEASURES[self._drawn[1]]
        figure.set_size_inches(WIDTH, max(LOWEST, height_for(len(self.words_shown))))
        left, right = figure.subplots(1, 2, width_ratios=[1, 2])
        self.bars = Bars(left, self.names, "probabilities", 0, 1)
        direction = f"{measure}: ← towards {self.names[0]} | towards {self.names[1]} →"
        self.parts = SignedBars(right, self.words_shown, "what each word adds", reach, direction)
        return self.bars, self.parts

    def show(self):
        """Ask the model about the sentence, and about the sentence without each of its words."""
        self._ask()
        if (self.words_shown, self.entries["measured in"].value) != self._drawn:  # other words or scale: a new frame
            self.canvas.figure.clear()
            self.canvas.views = self.place(self.canvas.figure)
            self.canvas.forget()
        whole, without = softmax(self.whole), softmax(self.without)  # (2,), (words, 2)
        self.bars.update(whole)
        if self.entries["measured in"].value == "probability":
            self.parts.update(whole[1] - without[:, 1])  # (words,)
        else:
            self.parts.update((self.whole[1] - self.whole[0]) - (self.without[:, 1] - self.without[:, 0]))  # (words,)

    def says(self):
        """Name the answer, and the word that speaks most for it, read from what is drawn."""
        drawn = [float(label.get_text()) for label in self.bars.numbers]
        winner = int(drawn[1] >= drawn[0])
        sign = 1 if winner else -1
        parts = [sign * float(label.get_text()) for label in self.parts.numbers]
        answer = f"The model says {self.names[winner]}, with the probability {number(drawn[winner])}."
        if max(parts) <= 0:
            return f"{answer} No word speaks for it."
        best = parts.index(max(parts))
        return f"{answer} The word that speaks most for it is {self.parts.labels[best]} ({number(max(parts))})."

    def _ask(self):
        """Read the box and run the model, unless it has answered this very text. Raises for what it cannot read."""
        text = check_sentence("sentence", self.entries["sentence"].value, self.tokenizer)
        if text != self._asked:
            self.words_shown, self.whole, self.without = leave_one_out(self.model, self.tokenizer, text)
            self._asked = text
