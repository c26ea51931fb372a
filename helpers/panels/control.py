"""A slider with a number box beside it: the box has a name for screen readers and takes an exact value."""

import functools

import ipywidgets as widgets

from helpers import validate

WIDTH = 190  # pixels of a list or of a box to tick
DECIMALS = 9  # the browser counts steps in binary and sends 0.8999999999999999: the learner meant 0.9
ENTRY_WIDTH = "136px"  # four entries fit into a window 1024 pixels wide, beside the file list


def _wide(pixels):
    """A layout of so many pixels, or of less where an enlarged page has less."""
    return {"width": f"{pixels}px", "max_width": "100%"}


class Entry(widgets.VBox):
    """One number on a slider and in a box. The box holds it; the handle stands on the slider's nearest step.

    label: the name that the box shows. low, high, step: the range; whole numbers when all of them are int.
    live: redraw while the slider moves; False waits for its release (slow models).
    Raises ValueError for a start value outside the range.
    """

    def __init__(self, label, value, low, high, step, live=True):
        whole = all(isinstance(part, int) for part in (value, low, high, step))
        slider, box = (
            (widgets.IntSlider, widgets.BoundedIntText) if whole else (widgets.FloatSlider, widgets.BoundedFloatText)
        )
        validate.inside(label, value, low, high)
        value = round(value, DECIMALS)
        self.label, self.start = label, value
        limits = {"value": value, "min": low, "max": high, "step": step}
        look = {"width": ENTRY_WIDTH, "margin": "0 4px"}
        self.box = box(**limits, description=label, style={"description_width": "initial"}, layout=look)
        self.slider = slider(**limits, readout=False, continuous_update=live, layout=look)
        self.slider.observe(self._tell_box, "value")
        self.box.observe(self._tell_slider, "value")
        super().__init__([self.box, self.slider], layout={"width": "146px", "margin": "0"})

    @property
    def value(self):
        """The number in the box."""
        return self.box.value

    @value.setter
    def value(self, value):
        self.box.value = value

    def _tell_box(self, change):
        # The browser moves a handle that was sent between two steps to one of them, and says so: nobody moved it.
        old, new, step = change["old"], change["new"], self.slider.step
        steps = (old - self.slider.min) / step
        between = abs(steps - round(steps)) > 1e-6
        if not (between and abs(new - old) < step):
            self.value = round(new, DECIMALS)

    def _tell_slider(self, _):
        self.value = round(self.value, DECIMALS)
        # Never correct the slider by a rounding: the answer comes late, and throws a moving handle back.
        if round(self.slider.value, DECIMALS) != self.value:
            self.slider.value = self.value

    @property
    def said(self):
        """The value in words."""
        return f"{self.value:g}"

    def on_change(self, callback):
        """Call `callback()` whenever the value has changed."""
        self.box.observe(lambda _: callback(), "value")


def sliders(*widgets_in_order):
    """Return every Entry in these widgets and in their children, in reading order."""
    found = []
    for widget in widgets_in_order:
        found += [widget] if isinstance(widget, Entry) else sliders(*getattr(widget, "children", ()))
    return found


class Choice(widgets.VBox):
    """One of several options from a drop-down list with its name beside it; the list is as wide as its longest option."""

    def __init__(self, label, options, value):
        self.label, self.start = label, value
        longest = max(len(str(option[0] if isinstance(option, tuple) else option)) for option in options)
        width = WIDTH + 8 * max(0, longest - 5)  # pixels; WIDTH holds an option of five letters
        look = {"description_width": "110px"}
        self.box = widgets.Dropdown(options=options, value=value, description=label, style=look, layout=_wide(width))
        super().__init__([self.box], layout=_wide(width + 10))

    @property
    def value(self):
        """The chosen option."""
        return self.box.value

    @value.setter
    def value(self, value):
        self.box.value = value

    @property
    def said(self):
        """The chosen option as the list shows it."""
        return str(self.box.label)

    def on_change(self, callback):
        """Call `callback()` whenever another option is chosen."""
        self.box.observe(lambda _: callback(), "value")


class Switch(Choice):
    """A named box to tick: True or False."""

    def __init__(self, label, value=False):
        self.label, self.start = label, value
        self.box = widgets.Checkbox(value=value, description=label, indent=False, layout=_wide(WIDTH))
        widgets.VBox.__init__(self, [self.box], layout=_wide(WIDTH + 10))

    @property
    def said(self):
        """Whether the box is ticked."""
        return "on" if self.value else "off"


class TextBox(Choice):
    """A text in a box of `rows` lines; the panel is redrawn when the box is left, or on Enter in a box of one line."""

    def __init__(self, label, value, rows=1):
        self.label, self.start = label, value
        kind = widgets.Text if rows == 1 else functools.partial(widgets.Textarea, rows=rows)
        self.box = kind(
            value=value,
            description=label,
            continuous_update=False,
            style={"description_width": "84px"},
            layout={"width": "auto", "max_width": "720px"},  # 100 % would add its margin and stick out
        )
        widgets.VBox.__init__(self, [self.box], layout={"width": "100%"})

    @property
    def said(self):
        """The text in quotation marks, a long one cut."""
        text = " ".join(self.value.split())
        return f'"{text if len(text) <= 80 else text[:77] + "..."}"'
