"""What all panels share: controls above, picture below, words under it; a mistake becomes a sentence, not a traceback."""

import contextlib
import html
import time

import ipywidgets as widgets

from helpers.figures.canvas import Canvas
from helpers.figures.described import mimebundle
from helpers.figures.style import new_figure
from helpers.panels.control import sliders
from helpers.panels.spoken import PANEL, PICTURE, SUMMARY, Spoken, unseen

PAUSE = 0.0002  # seconds: the kernel's other thread sends the picture now, not 1 ms later when the words are ready too


class Panel(widgets.VBox):
    """A live figure. A subclass gives `place(figure)`, which makes its views, `show()`, which reads its controls and
    updates the views, and `says()`.

    controls: widgets in reading order. entries: dict from name to a control of control.py: the parts
    that redraw the picture and that "Reset" sets back. size: of the figure, width x height inches. title: what
    the panel shows, in a few words. presets: dict from a name to {entry name: value}.
    """

    def __init__(self, title, size, controls, entries, presets=None):
        self.panel_title, self.size, self.entries = title, size, entries
        figure = new_figure(*size)
        self.canvas = Canvas(figure, *self.place(figure))
        self.presets = {"Reset": {}} | (presets or {})
        self._held = False
        look = {
            "max_width": "calc(100% - 4px)",
            "width": f"{int(figure.bbox.width)}px",
        }  # 2 pixels of margin on each side
        self.picture = widgets.Image(format="png", layout=look)
        self.picture.add_class(PICTURE)
        self.summary, self.problem, self.numbers = widgets.HTML(), widgets.HTML(layout={"display": "none"}), unseen()
        self.summary.add_class(SUMMARY)
        self.buttons = {name: widgets.Button(description=name, layout={"width": "auto"}) for name in self.presets}
        for name, button in self.buttons.items():
            button.on_click(lambda _, name=name: self.apply(name))
        for entry in self.entries.values():
            entry.on_change(self.refresh)
        buttons = widgets.HBox(list(self.buttons.values()), layout={"flex_flow": "row wrap"})
        names = [entry.label for entry in sliders(*controls)]
        spoken = Spoken(names, f"{title}; the words below the picture say what it shows")
        super().__init__([*controls, buttons, self.problem, self.picture, self.summary, self.numbers, spoken])
        self.add_class(PANEL)
        self._draw()

    def place(self, figure):
        """Make the views on an empty figure and return them in reading order."""
        raise NotImplementedError

    def show(self):
        """Compute from the entries' values and update the views. Raises ValueError or TypeError for a bad value."""
        raise NotImplementedError

    def says(self):
        """Return one or two sentences on what the picture shows now, read from the views."""
        raise NotImplementedError

    def apply(self, preset):
        """Set every entry to its start value, then those that the preset names; draw once."""
        with self.held():
            for name, entry in self.entries.items():
                entry.value = self.presets[preset].get(name, entry.start)

    @contextlib.contextmanager
    def held(self):
        """Let several entries change and draw once at the end."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self.refresh()

    def refresh(self):
        """Draw what the entries say now. A bad value shows its sentence and keeps the last good picture."""
        if self._held:
            return
        try:
            self._draw()
            self._report("")
        except (ValueError, TypeError) as problem:
            self._report(str(problem))
        except Exception as problem:
            self._report(f"The panel could not draw this ({type(problem).__name__}: {problem}). Press Reset to go on.")
            raise

    def words(self):
        """Say the title, the controls' values and all that is drawn: the panel's text equivalent."""
        return self._words

    def _draw(self):
        self.show()
        self.picture.value = self.canvas.png()
        time.sleep(PAUSE)
        says, drawn = self.says(), self.canvas.words()
        self.summary.value, self.numbers.value = (f"<p>{html.escape(text)}</p>" for text in (says, drawn))
        settings = ", ".join(f"{name} {entry.said}" for name, entry in self.entries.items())
        # Kept with the picture: after a bad value both still belong together.
        self._words = f"Panel, {self.panel_title}, at {settings}. {says} {drawn}"

    def _report(self, sentence):
        self.problem.value = f"<p role='alert'>{html.escape(sentence)}</p>" if sentence else ""
        self.problem.layout.display = "block" if sentence else "none"

    def __repr__(self):
        return self.words()

    def _repr_mimebundle_(self, include=None, exclude=None):
        """Add a picture and words to the live view, for whoever opens the notebook without a kernel."""
        live = super()._repr_mimebundle_(include=include, exclude=exclude) or {}
        data, metadata = mimebundle(self.picture.value, self.words())
        return live | data, metadata
