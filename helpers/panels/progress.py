"""A bar that fills while a model learns, and that leaves the same picture and words in every stored notebook."""

import time

import ipywidgets as widgets
from IPython.display import display

from helpers import validate
from helpers.figures.canvas import Canvas
from helpers.figures.described import mimebundle
from helpers.figures.style import BLUE, TEXT_SIZE, new_figure


class ProgressBar(widgets.HBox):
    """A bar of `steps` steps with the steps done, the time left and a note beside it.

    tqdm writes its bar to stderr, where each redraw and each second would be part of the notebook. Here only the live
    widget moves. What is stored is a picture of the full bar, with words that name the steps.
    """

    def __init__(self, what, steps):
        self.what, self.steps = what, validate.whole_number("steps", steps)
        self.bar = widgets.IntProgress(value=0, min=0, max=steps, description=what, layout={"width": "420px"})
        self.bar.style.description_width = "initial"
        self.text = widgets.Label(value=f"0 of {steps} steps")
        self._start = time.monotonic()
        super().__init__([self.bar, self.text])

    def step(self, note=""):
        """Fill the bar by one step. note: a few words shown beside it, such as the loss."""
        self.bar.value += 1
        done = self.bar.value
        left = (time.monotonic() - self._start) / done * (self.steps - done)
        time_left = f"about {left:.0f} s left" if done < self.steps else "done"
        self.text.value = ", ".join(part for part in (f"{done} of {self.steps} steps", note, time_left) if part)
        if done == self.steps:
            self.bar.bar_style = "success"

    def words(self):
        """Say what the bar counts; the same before, during and after."""
        return f"Progress bar, {self.what}: {self.steps} steps, filled one by one while the cell runs."

    def __repr__(self):
        return self.words()

    def _repr_mimebundle_(self, include=None, exclude=None):
        live = super()._repr_mimebundle_(include=include, exclude=exclude) or {}
        data, metadata = mimebundle(self._picture(), self.words())
        return live | data, metadata

    def _picture(self):
        figure = new_figure(7, 0.5)
        ax = figure.subplots()
        ax.axis("off")
        ax.set(xlim=(0, 10), ylim=(0, 1))
        ax.text(0, 0.5, self.what, fontsize=TEXT_SIZE, va="center", parse_math=False)
        ax.barh(0.5, 3.5, left=3, height=0.6, color=BLUE)
        ax.text(6.8, 0.5, f"{self.steps} of {self.steps} steps", fontsize=TEXT_SIZE, va="center")
        return Canvas(figure).png()


def with_progress(what, items):
    """Show a ProgressBar and hand out the items one by one: `for batch in with_progress("fine-tuning", batches)`."""
    items = list(items)
    bar = ProgressBar(what, len(items))
    display(bar)
    for item in items:
        yield item
        bar.step()
