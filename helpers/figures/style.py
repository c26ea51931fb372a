"""How every figure looks: sizes that can be read from the back row, colours that do not carry the meaning alone."""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

DPI = 100
TEXT_SIZE = 13  # points; titles are larger
TITLE_SIZE = 15
SMALL_SIZE = 12  # numbers inside cells and on bars

# Okabe and Ito's palette (2008) stays apart for every common kind of colour blindness; their vermilion is a little darker
# here, so that words in it can be read on white. tests/test_colours.py measures all of it.
BLUE, ORANGE, GREEN, VERMILION, GREY, BLACK = "#0072B2", "#E69F00", "#009E73", "#C05300", "#8A8A8A", "#111111"
DARK_GREY = "#4D4D4D"  # beside GREEN, which looks like GREY to eyes without green cones
PALE = "#9CCBE8"  # a light blue, on which a black number can be read
MAP = "cividis"  # perceptually even, and the same order in greyscale


def new_figure(width, height):
    """Return an empty white figure of width x height inches that belongs to no global state."""
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def tidy(ax, title, x_label="", y_label=""):
    """Give one pair of axes its title, its labels and no frame at the top and on the right. A $ in them is a $."""
    ax.set_title(title, fontsize=TITLE_SIZE, color=BLACK, parse_math=False)
    ax.set_xlabel(x_label, fontsize=TEXT_SIZE, parse_math=False)
    ax.set_ylabel(y_label, fontsize=TEXT_SIZE, parse_math=False)
    ax.tick_params(labelsize=TEXT_SIZE)
    ax.spines[["top", "right"]].set_visible(False)
