"""A beam search as a tree: a column a step, its candidates from the best down, and what became of each."""

from matplotlib.collections import LineCollection

from helpers import validate
from helpers.figures.canvas import Canvas
from helpers.figures.described import Described
from helpers.figures.glyphs import drawable
from helpers.figures.label import Label
from helpers.figures.style import BLACK, BLUE, GREY, TEXT_SIZE, VERMILION, new_figure, tidy
from helpers.figures.words import number

FATES = {"kept": "●", "finished": "■", "dropped": "×"}  # the sign before the score: colour is not needed to tell
INKS = {"kept": BLACK, "finished": VERMILION, "dropped": "#666666"}
KEY = "● kept   ■ finished   × dropped   thick line: the answer"
COLUMN, ROW = 1.3, 0.47  # inches
LONGEST = 9  # characters of a token
TEXT, LINE = -0.36, (-0.66, -0.4)  # where, in columns from a step's middle, its texts begin and the lines to it run
BELOW = (
    0.22  # rows: how far under a candidate's middle its score stands, and the lines, which long tokens leave free there
)


class BeamTree:
    """Candidates with their scores and lines to what they continue; `columns` steps are seen at a time.

    rows: the most candidates of a step. A candidate is (token, parent, score, fate): the text that it adds, its
    parent's place in the step before (-1 in the first), its sum of log-probabilities, and a key of FATES.
    """

    def __init__(self, ax, columns, rows, title):
        self.columns, self.rows, self.title = columns, rows, title
        self.steps, self.path, self.first = [], [], 0
        tidy(ax, title)
        ax.set(xlim=(-0.42, columns - 0.42), ylim=(rows - 0.4, -1.1), xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        ax.set_xlabel(KEY, fontsize=TEXT_SIZE, parse_math=False)
        self.heads = [Label(ax, x + TEXT, -0.8, ha="left", fontsize=TEXT_SIZE, color=BLUE) for x in range(columns)]
        cells = [(x, y) for x in range(columns) for y in range(rows)]
        self.tokens = {(x, y): Label(ax, x + TEXT, y - 0.2, ha="left", fontsize=TEXT_SIZE) for x, y in cells}
        self.scores = {(x, y): Label(ax, x + TEXT, y + BELOW, ha="left") for x, y in cells}
        self.lines = LineCollection([], capstyle="round")
        ax.add_collection(self.lines, autolim=False)
        self.artists = [self.lines, *self.heads, *self.tokens.values(), *self.scores.values()]

    def update(self, steps, path, first=0):
        """Show the steps from number `first` (from 0) on. path: the answer's place in each step. Returns self."""
        self.first = validate.whole_number("first", first, 0)
        if not steps:
            raise ValueError("steps must hold one step or more, but it is empty.")
        for step in steps:
            if len(step) > self.rows:
                raise ValueError(f"steps may hold {self.rows} candidates each, but one holds {len(step)}.")
        self.steps, self.path = steps, list(path)
        for x, head in enumerate(self.heads):
            head.set_text(f"step {self.first + x + 1}" if self.first + x < len(steps) else "")
        for (x, y), label in self.tokens.items():
            candidate = self._at(x, y)
            token, _, score, fate = candidate or ("", -1, 0.0, "dropped")
            label.set_text(drawable(token, LONGEST))
            self.scores[x, y].set_text(f"{FATES[fate]} {number(score, 1)}" if candidate else "")
            label.set_color(INKS[fate])
            self.scores[x, y].set_color(INKS[fate])
            label.set_weight("bold" if self._on_path(x, y) else "normal")
        self._draw_lines()
        return self

    def words(self):
        """Say each candidate that is drawn: its place, token, score, fate and the place of what it continues."""
        parts = []
        for x in range(self.columns):
            drawn = [self._said(x, y) for y in range(self.rows) if self.scores[x, y].get_text()]
            if drawn:
                parts.append(f"{self.heads[x].get_text()}: {'; '.join(drawn)}")
        answer = " ".join(drawable(self.steps[i][place][0], LONGEST) for i, place in enumerate(self.path))
        return f"Tree, {self.title} ({len(self.steps)} steps): {'. '.join(parts)}. The answer: {answer}."

    def _at(self, x, y):
        step = self.first + x
        return self.steps[step][y] if step < len(self.steps) and y < len(self.steps[step]) else None

    def _on_path(self, x, y):
        step = self.first + x
        return step < len(self.path) and self.path[step] == y

    def _said(self, x, y):
        _, parent, _, fate = self._at(x, y)
        sign, score = self.scores[x, y].get_text().split()
        fate = next(name for name, drawn in FATES.items() if drawn == sign)
        after = f" after {parent + 1}" if parent >= 0 else ""
        return f"{y + 1} {self.tokens[x, y].get_text()} {score}{after} {fate}"

    def _draw_lines(self):
        segments, widths, inks, dashes = [], [], [], []
        for (x, y), label in self.tokens.items():
            candidate = self._at(x, y)
            if x == 0 or candidate is None:  # what the first column continues is out of sight
                continue
            _, parent, _, fate = candidate
            best = self._on_path(x, y)
            segments.append([(x + LINE[0], parent + BELOW), (x + LINE[1], y + BELOW)])
            widths.append(4 if best else 1.5 if fate != "dropped" else 1)
            inks.append(BLUE if best else label.get_color() if fate != "dropped" else GREY)
            dashes.append("-" if fate != "dropped" else ":")
        self.lines.set(segments=segments, linewidths=widths, colors=inks, linestyles=dashes)


def tree_size(columns, rows):
    """Return (width, height) in inches of a tree of this many steps and candidates a step."""
    return COLUMN * columns, 1.1 + ROW * (rows + 0.7)


def show_beam_tree(steps, path, title, first=0, columns=8, point=""):
    """The candidates of a beam search, `columns` steps of it from number `first` on. steps, path: as in BeamTree."""
    rows = max(len(step) for step in steps)
    columns = min(columns, len(steps) - first)
    figure = new_figure(*tree_size(max(columns, 4), rows))
    view = BeamTree(figure.subplots(), columns, rows, title).update(steps, path, first)
    return Described(Canvas(figure, view), point)
