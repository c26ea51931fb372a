"""Lines from one word to the words it looks at: the thicker the line, the larger the weight."""

import numpy as np

from helpers import validate
from helpers.figures.label import Label
from helpers.figures.style import BLACK, BLUE, GREY, TEXT_SIZE, tidy
from helpers.figures.words import extremes, listing, number

THICKEST = 14  # points, for the weight 1


class Links:
    """The sentence twice, one column beside the other, and lines from the picked word on the left to all on the right.

    words: the sentence. A word whose weight is 0 gets no line: it is hidden.
    """

    def __init__(self, ax, words, title):
        self.sentence, self.title, self.picked, self.weights = list(words), title, 0, np.zeros(len(words))
        tidy(ax, title)
        ax.set(xlim=(0, 1), ylim=(len(words) - 0.4, -0.6), xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        rows = range(len(words))
        self.lines = [ax.plot([0.24, 0.66], [0, row], color=BLUE, solid_capstyle="round")[0] for row in rows]
        self.left = [Label(ax, 0.22, row, ha="right", fontsize=TEXT_SIZE, text=words[row]) for row in rows]
        self.right = [Label(ax, 0.68, row, ha="left", fontsize=TEXT_SIZE) for row in rows]
        self.artists = [*self.lines, *self.left, *self.right]

    def update(self, picked, weights):
        """Show what word number `picked` (from 0) gives its weights to. weights: one number a word. Returns self."""
        self.weights = validate.inside("weights", validate.numbers("weights", weights, (1,)), 0, np.inf)
        validate.same("entries", "weights", len(self.weights), "words", len(self.sentence))
        self.picked = validate.whole_number("picked", picked, 0)
        if self.picked >= len(self.sentence):
            raise ValueError(f"picked must be below {len(self.sentence)}, the number of words, but it is {picked}.")
        for row, (line, weight) in enumerate(zip(self.lines, self.weights, strict=True)):
            line.set_ydata([self.picked, row])
            line.set_linewidth(THICKEST * float(weight))
            line.set_visible(weight != 0)
            self.right[row].set_text(f"{self.sentence[row]}  {number(weight)}")
            self.right[row].set_color(BLACK if weight else GREY)
            self.left[row].set_weight("bold" if row == self.picked else "normal")
            self.left[row].set_color(BLACK if row == self.picked else GREY)
        return self

    def words(self):
        """Say who looks, at whom, and how much, from what is drawn."""
        drawn = [line.get_linewidth() / THICKEST if line.get_visible() else 0.0 for line in self.lines]
        who = self.sentence[self.picked]
        return f"Lines, {self.title}: {who} looks at {listing(self.sentence, drawn)}. {extremes(self.sentence, drawn)}"
