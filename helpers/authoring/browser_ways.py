"""The kernel's half of `make bench-browser`: one figure and one slider in three ways, and the notebook that shows them."""

import ast
import json

import ipywidgets as widgets
import matplotlib.pyplot as plt
from matplotlib.image import AxesImage
from matplotlib.text import Text

from helpers.figures.cells import Cells
from helpers.figures.label import Label
from helpers.figures.style import DPI

SLIDERS = {  # chapter -> the slider of its panel that is moved
    "01-attention": "query[0]",
    "02-scaled-dot-product-attention": "d_k",
    "03-self-attention": "feature [0]",
    "04-multi-head-attention": "mixing",
}
WAYS = ("floor", "panel", "interact")  # in the order in which the notebook shows them


def floor(panel, name):
    """Return a slider like the panel's that only swaps two ready pictures of the panel."""
    entry, pictures = panel.entries[name], [panel.picture.value]
    entry.value = entry.slider.max
    pictures.append(panel.picture.value)
    slider = _slider_like(entry)
    picture = widgets.Image(value=pictures[0], layout=panel.picture.layout)
    slider.observe(lambda _: setattr(picture, "value", pictures[picture.value == pictures[0]]), "value")
    return widgets.VBox([slider, picture])


def usual(panel, name):
    """Show what most notebooks do: `interact` with a function that makes the panel's figure anew and shows it."""
    _close(panel)  # it only holds the values and knows the figure
    entry = panel.entries[name]
    entry.slider.unobserve_all("value")  # and does not draw by itself

    def draw(value):
        entry.value = value
        own = Label.draw, Cells.draw
        Label.draw, Cells.draw = Text.draw, AxesImage.draw  # plain texts and images, as anybody's figure has
        try:
            panel.place(plt.figure(figsize=panel.size, dpi=DPI, layout="constrained"))
            panel.show()
            plt.show()
        finally:
            Label.draw, Cells.draw = own

    widgets.interact(draw, value=_slider_like(entry))


def _close(widget):
    for part in getattr(widget, "children", ()):
        _close(part)
    widget.close()


def _slider_like(entry):
    kind = widgets.IntSlider if isinstance(entry.slider, widgets.IntSlider) else widgets.FloatSlider
    own = entry.slider
    return kind(value=entry.start, min=own.min, max=own.max, step=own.step, readout=False)


def bench_notebook(notebooks):
    """Return a notebook, as a dict: the code of chapters 1 to 4 up to their panels, each panel in its three ways."""
    sources = ["from helpers.authoring import browser_ways"]
    for chapter, slider in SLIDERS.items():
        for cell in json.loads((notebooks / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] != "code" or "raises-exception" in cell["metadata"].get("tags", []):
                continue
            last = ast.parse(source).body[-1:]
            made = ast.unparse(last[0]) if last and isinstance(last[0], ast.Expr) else ""
            if "Panel(" not in made:
                sources.append(source)
                continue
            sources.append("\n".join([*source.splitlines()[: last[0].lineno - 1], f"make = lambda: {made}"]))
            sources += [f"browser_ways.floor(make(), {slider!r})", "make()", f"browser_ways.usual(make(), {slider!r})"]
            break
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return {
        "cells": [cell | {"id": f"cell-{i}", "source": source} for i, source in enumerate(sources)],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
