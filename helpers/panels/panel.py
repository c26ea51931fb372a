"""What all panels share: controls above, picture below, and words under it; a mistake becomes a sentence, not a traceback."""

import contextlib
import html

import ipywidgets as widgets

from helpers.figures.canvas import Canvas
from helpers.figures.described import mimebundle
from helpers.figures.style import new_figure


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
        self.picture = widgets.Image(format="png", layout={"max_width": "100%", "width": f"{int(figure.bbox.width)}px"})
        self.summary, self.problem = widgets.HTML(), widgets.HTML(layout={"display": "none"})
        self.buttons = {name: widgets.Button(description=name, layout={"width": "auto"}) for name in self.presets}
        for name, button in self.buttons.items():
            button.on_click(lambda _, name=name: self.apply(name))
        for entry in self.entries.values():
            entry.on_change(self.refresh)
        buttons = widgets.HBox(list(self.buttons.values()), layout={"flex_flow": "row wrap"})
        super().__init__([*controls, buttons, self.problem, self.picture, self.summary])
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
        self.summary.value = f"<p>{html.escape(self.says())}</p>"
        settings = ", ".join(f"{name} {entry.said}" for name, entry in self.entries.items())
        # Kept with the picture: after a bad value both still belong together.
        self._words = f"Panel, {self.panel_title}, at {settings}. {self.says()} {self.canvas.words()}"

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
