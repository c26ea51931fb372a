"""What the panels of chapters 5 to 9 add: a model that takes its time, and buttons that do one more step."""

import html

import ipywidgets as widgets

from helpers.panels.panel import Panel


class ModelPanel(Panel):
    """A panel whose `show()` runs a model: while it does, a line says so, and the last picture stays.

    actions: dict from the name on a button to a function without arguments, which does its work on the panel's own
    state; the panel then draws. The rest is as in Panel. Sliders of such a panel take live=False: they wait for their
    release. A browser sends its next change only when the last one is answered, so changes do not pile up.
    """

    def __init__(self, title, size, controls, entries, presets=None, actions=None):
        self.actions = actions or {}
        self.status = widgets.HTML(layout={"min_height": "24px"})
        self.action_buttons = {
            name: widgets.Button(description=name, button_style="primary", layout={"width": "auto"})
            for name in self.actions
        }
        for name, button in self.action_buttons.items():
            button.on_click(lambda _, name=name: self.act(name))
        row = [widgets.HBox(list(self.action_buttons.values()), layout={"flex_flow": "row wrap"})] if actions else []
        super().__init__(title, size, [*controls, *row], entries, presets)
        children = list(self.children)
        children.insert(children.index(self.problem), self.status)
        self.children = children

    def act(self, name):
        """Do the action of this name, then draw. A ValueError or TypeError of the action is shown as its sentence."""
        self.refresh(self.actions[name])

    def refresh(self, action=None):
        """Say that the model runs, draw, and take the line away again, whatever happened."""
        if self._held:
            return
        self._busy("The model is running …")
        try:
            if action is None:
                super().refresh()
                return
            try:
                action()
            except (ValueError, TypeError) as problem:
                self._report(str(problem))
                return
            super().refresh()
        finally:
            self._busy("")

    def _busy(self, sentence):
        self.status.value = f"<p role='status'>{html.escape(sentence)}</p>" if sentence else ""
