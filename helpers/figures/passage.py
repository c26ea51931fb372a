"""A text in lines, its words marked by more than colour, and under each word a bar for a weight."""

import functools

from matplotlib import font_manager
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.ft2font import FT2Font

from helpers import validate
from helpers.figures.canvas import Canvas
from helpers.figures.described import Described
from helpers.figures.glyphs import drawable
from helpers.figures.label import Label
from helpers.figures.style import BLACK, PALE, TEXT_SIZE, VERMILION, new_figure, tidy
from helpers.figures.words import number

WIDTH = 9.0  # inches of a line
LONGEST = 48  # characters of a word
LINE, BAND, TITLE = 0.31, 0.3, 0.5  # inches: a line of text, the bars under it, the title above
BLANK = 7.0  # points between two words
NUMBERS = 5  # so many of the largest weights carry their number


class MarkedPassage:
    """The words of a text in lines of `WIDTH` inches.

    words: texts. title: of the picture. bars: leave room for a bar under each word. A used word is bold and underlined;
    a foreign one (not in the other text) stands in a box.
    """

    def __init__(self, ax, words, title, bars=False):
        self.texts, self.title, self.bars = [drawable(word, LONGEST) or " " for word in words], title, bars
        self.places, lines = _lay_out(self.texts)
        self._pitch = 72 * (LINE + (BAND if bars else 0))
        tidy(ax, title)
        ax.set(xlim=(0, 72 * WIDTH), ylim=(self._pitch * lines, 0), xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        self.used = self.foreign = [False] * len(self.texts)
        self.weights = None
        middle = 72 * LINE / 2
        self.labels = [
            Label(ax, x, line * self._pitch + middle, text, ha="left", fontsize=TEXT_SIZE, color=BLACK)
            for text, (x, line, _) in zip(self.texts, self.places, strict=True)
        ]
        self.meters = ax.add_collection(PolyCollection([], facecolors=PALE, edgecolors="none"))
        self.lines = ax.add_collection(LineCollection([], colors=BLACK, linewidths=2))
        self.boxes = ax.add_collection(PolyCollection([], facecolors="none", edgecolors=VERMILION, linewidths=2))
        self.numbers = [Label(ax, 0, 0) for _ in range(NUMBERS if bars else 0)]
        self.artists = [self.meters, *self.labels, self.lines, self.boxes, *self.numbers]

    def update(self, used=None, foreign=None, weights=None):
        """Mark other words. used, foreign: True or False a word. weights: one number from 0 to 1 a word, if bars.

        The longest bar fills its band; the words say the scale. Returns self.
        """
        none = [False] * len(self.texts)
        self.used, self.foreign = (none if marks is None else list(marks) for marks in (used, foreign))
        for name, marks in (("used", self.used), ("foreign", self.foreign)):
            validate.same("length", name, len(marks), "words", len(self.texts))
        if (weights is not None) != self.bars:
            raise ValueError(f"weights must be {'given' if self.bars else 'None'} where bars is {self.bars}.")
        for text, label, marked in zip(self.texts, self.labels, self.used, strict=True):
            label.set_weight("bold" if marked and _bold_draws(text) else "normal")
        self.lines.set_segments([self._line(i) for i, marked in enumerate(self.used) if marked])
        self.boxes.set_verts([self._box(i) for i, marked in enumerate(self.foreign) if marked])
        if self.bars:
            self._draw_bars(validate.inside("weights", validate.numbers("weights", weights, (1,)), 0, 1 + 1e-4))
        return self

    def words(self):
        """Say the title and every word: *used*, [foreign], with its weight if there are bars."""
        signs = {(False, False): "{}", (True, False): "*{}*", (False, True): "[{}]", (True, True): "*[{}]*"}
        parts = [
            signs[bool(used), bool(foreign)].format(text)
            for text, used, foreign in zip(self.texts, self.used, self.foreign, strict=True)
        ]
        if self.bars:
            parts = [f"{part} {number(weight)}" for part, weight in zip(parts, self.weights, strict=True)]
        marks = [name for name, there in (("*underlined*", self.used), ("[boxed]", self.foreign)) if any(there)]
        notes = [*marks, f"bars from 0 to {number(self.weights.max())}"] if self.bars else marks
        scale = f" ({'; '.join(notes)})" if notes else ""
        said = (", " if self.bars else " ").join(parts)
        return f"Text, {self.title}{scale}: {said}{'' if said[-1] in '.!?' else '.'}"

    def _draw_bars(self, weights):
        validate.same("length", "weights", len(weights), "words", len(self.texts))
        self.weights = weights
        highest = max(float(weights.max()), 1e-9)
        bars = []
        for (x, line, width), weight in zip(self.places, weights, strict=True):
            top = line * self._pitch + 72 * LINE
            bottom = top + 72 * (BAND - 0.04) * float(weight) / highest
            bars.append([(x, top), (x + width, top), (x + width, bottom), (x, bottom)])
        self.meters.set_verts(bars)
        # Rounded first: a last bit that differs between machines must not choose another word.
        order = sorted(range(len(weights)), key=lambda i: (-round(float(weights[i]), 4), i))
        for label, i in zip(self.numbers, [*order[:NUMBERS], *[None] * NUMBERS]):
            label.set_text("" if i is None else number(weights[i]))
            if i is not None:
                x, line, width = self.places[i]
                label.set_position((x + width / 2, line * self._pitch + 72 * (LINE + 0.13)))

    def _line(self, i):
        x, line, width = self.places[i]
        y = line * self._pitch + 72 * (LINE - 0.03)
        return [(x, y), (x + width, y)]

    def _box(self, i):
        x, line, width = self.places[i]
        top, bottom = line * self._pitch + 72 * 0.02, line * self._pitch + 72 * (LINE - 0.01)
        left, right = x - 2.5, x + width + 2.5
        return [(left, top), (right, top), (right, bottom), (left, bottom)]


def passage_size(words, bars=False):
    """Return (width, height) in inches of a MarkedPassage of these words."""
    _, lines = _lay_out([drawable(word, LONGEST) or " " for word in words])
    return WIDTH + 0.3, TITLE + lines * (LINE + (BAND if bars else 0))


def show_passage(words, title, used=None, foreign=None, weights=None, point=""):
    """A text with marks, and bars if weights are given: see MarkedPassage. words: texts, in order."""
    words = validate.words("words", words, len(words))
    figure = new_figure(*passage_size(words, weights is not None))
    view = MarkedPassage(figure.subplots(), words, title, weights is not None).update(used, foreign, weights)
    return Described(Canvas(figure, view), point)


def _lay_out(texts):
    """Return ([(x, line, width)], lines): where each word begins and how wide it is, in points."""
    places, x, line = [], 4.0, 0
    for text in texts:
        width = _width(text)
        if x > 4 and x + width > 72 * WIDTH - 4:
            x, line = 4.0, line + 1
        places.append((x, line, width))
        x += width + BLANK
    return places, line + 1


@functools.cache
def _bold():
    return FT2Font(font_manager.findfont("DejaVu Sans:bold"))


@functools.lru_cache(5000)
def _width(text):
    """The width in points in bold, the wider of the two, so that a mark moves no word."""
    font = _bold()
    font.set_size(TEXT_SIZE, 72)
    font.set_text(text if _bold_draws(text) else "M" * len(text))
    return font.get_width_height()[0] / 64


def _bold_draws(text):
    """Whether the bold font has all letters: it lacks a few that the plain one has."""
    known = _bold().get_charmap()
    return all(ord(letter) in known for letter in text)
