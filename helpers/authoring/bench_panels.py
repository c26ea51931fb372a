"""How fast the panels draw, against the usual `interact` with `plt.show()`: the first part of `make bench`.

Both ways draw the same figure from the same values, in turn, in one process: the ratio holds when the machine's speed
drifts. The times are from a value change to the new PNG in the kernel, without the browser.
"""

import contextlib
import gc
import io
import statistics
import time

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.text import Text
from matplotlib_inline.backend_inline import configure_inline_support

from helpers.figures.label import Label
from helpers.figures.style import DPI
from helpers.panels import AttentionPanel, MultiHeadPanel, ScalingPanel, SelfAttentionPanel

INLINE = "module://matplotlib_inline.backend_inline"
ROUNDS, BLOCK = 25, 5  # measurements a panel and way, and how many of one way in a row


def panels():
    """Return (name, panel, slider name, values) for each panel at 3x3 and at 6x6."""
    rng = np.random.default_rng(0)
    sweep, mixes = (np.round(np.linspace(*ends, ROUNDS), 2).tolist() for ends in ((-1.5, 1.5), (0, 1)))
    rows = []
    for n in (3, 6):
        words = ["The", "cat", "sat", "on", "the", "mat"][:n]
        query, key, value = rng.uniform(-1, 1, n), rng.uniform(-1, 1, (n, n)), rng.uniform(-3, 3, (n, 1))
        W = rng.standard_normal((4, n, n)) / 2
        rows += [
            (f"1 attention {n}x{n}", AttentionPanel(query, key, value, words), "query[0]", sweep),
            (f"2 scaling, {n} keys", ScalingPanel(*_wide(rng, n)), "d_k", list(range(1, ROUNDS + 1))),
            (f"3 self-attention {n}x{n}", SelfAttentionPanel(key, *W[:3], words), "feature [0]", sweep),
            (f"4 multi-head {n}x{n}", MultiHeadPanel(key, *W, words), "mixing", mixes),
        ]
    return rows


def measure(panel, name, values):
    """Return (milliseconds of the panel, milliseconds of the usual way), medians over the values."""
    drawn, usual = [], []
    figure_the_usual_way = _usual(panel)
    for start in range(0, len(values), BLOCK):  # by turns in blocks: a hand on a slider makes many changes in a row
        for value in values[start : start + BLOCK]:
            drawn.append(_milliseconds(lambda value=value: setattr(panel.entries[name], "value", value)))
        usual += [_milliseconds(figure_the_usual_way) for _ in values[start : start + BLOCK]]
    return statistics.median(drawn), statistics.median(usual)


def bench_panels():
    """Print one row a panel."""
    shell = InteractiveShell.instance(display_pub_class=CapturingDisplayPublisher)
    plt.switch_backend(INLINE)
    configure_inline_support(shell, INLINE)
    print(f"from value change to new picture, in the kernel, median of {ROUNDS}")
    print(f"{'panel':24} {'panel ms':>9} {'interact ms':>12} {'times faster':>13}")
    for title, panel, name, values in panels():
        with _silence():
            drawn, usual = measure(panel, name, values)
        print(f"{title:24} {drawn:9.1f} {usual:12.1f} {usual / drawn:13.1f}", flush=True)
        shell.display_pub.outputs.clear()


@contextlib.contextmanager
def _silence():
    """Keep to itself what `interact` writes to clear its output."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _wide(rng, keys):
    return rng.standard_normal(64), rng.standard_normal((keys, 64))


def _usual(panel):
    """A function that draws the panel's figure as `interact` would: a new pyplot figure each time, plain texts, plt.show."""

    def draw(_):
        views, canvas_views = {k: v for k, v in vars(panel).items() if not k.startswith("_")}, panel.canvas.views
        figure = plt.figure(figsize=panel.size, dpi=DPI, layout="constrained")
        panel.place(figure)
        panel.show()
        plt.show()  # draws, encodes, sends and closes the figure
        vars(panel).update(views)
        panel.canvas.views = canvas_views

    trigger = widgets.IntSlider(0, 0, 10**6)
    widgets.interactive(draw, _=trigger)

    def change():
        own, Label.draw = Label.draw, Text.draw
        try:
            trigger.value += 1
        finally:
            Label.draw = own

    return change


def _milliseconds(action):
    gc.collect()  # figures that the other way left behind are not this way's time
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000
