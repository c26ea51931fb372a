"""What a figure draws is its data, and what it says is what it draws."""

import base64
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from PIL import Image
from strategies import proven, seldom

from helpers.figures import show_bars, show_curves, show_heatmap, show_heatmaps, show_links, show_map
from helpers.figures.bars import Bars
from helpers.figures.blend import Blend
from helpers.figures.canvas import Canvas
from helpers.figures.curves import Curves
from helpers.figures.described import Described
from helpers.figures.heatmap import Heatmap
from helpers.figures.links import THICKEST, Links
from helpers.figures.style import BLACK, new_figure
from helpers.figures.words import extremes, listing, number

WORDS = ["pizza", "but", "olives"]
MATRIX = np.array([[0.1, 0.9], [0.25, 0.75], [1.0, 0.0]])


def axes():
    return new_figure(6, 4).subplots()


def bars(low=0, high=1, **look):
    return Bars(axes(), WORDS, "weights", low, high, **look)


def heatmap(**look):
    return Heatmap(axes(), WORDS, ["a", "b"], "weights", 0, 1, **look)


def links():
    return Links(axes(), WORDS, "who looks")


def blend():
    return Blend(axes(), WORDS, "output", -5, 5)


def curves(**look):
    return Curves(axes(), [1, 2, 4], {"up": [1, 3, 9], "down": [5, 5, 2]}, "growth", "size", "time", **look)


# numbers and lists in words


@pytest.mark.parametrize(
    "value, digits, text",
    [
        (0.0, 2, "0.00"),
        (-0.0, 2, "0.00"),
        (-0.004, 2, "0.00"),
        (-1e-17, 0, "0"),
        (-0.006, 2, "-0.01"),
        (2 / 3, 2, "0.67"),
        (12.5, 1, "12.5"),
        (np.float32(0.25), 2, "0.25"),
        (7, 3, "7.000"),
        (-123.456, 1, "-123.5"),
    ],
)
def test_a_number_has_its_decimals_and_no_minus_before_zero(value, digits, text):
    assert number(value, digits) == text


@proven
@given(st.integers(-4000, 4000), st.integers(-40, 40))
def test_a_last_bit_does_not_change_a_printed_number(eighths, bits):
    value = eighths / 8  # every x.xx5 that a float can hold exactly, among others
    assert number(value + bits * np.spacing(value), 2) == number(value, 2)


@pytest.mark.parametrize("tie", [0.125, 0.375, 0.005, 0.015, 2.675, -0.125, -1.005])
def test_a_tie_is_rounded_the_same_way_a_bit_above_and_a_bit_below(tie):
    assert len({number(tie + slip, 2) for slip in (-1e-16, 0, 1e-16)}) == 1


@proven
@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_a_printed_number_is_within_half_a_last_digit(value, digits):
    assert abs(float(number(value, digits)) - value) <= 0.5 * 10**-digits + 1e-8
    assert not number(value, digits).startswith("-0." + "0" * digits if digits else "-0.")


def test_a_listing_names_every_label_and_refuses_one_too_many():
    assert listing(WORDS, [0.26, -0.001, 0.705]) == "pizza 0.26, but 0.00, olives 0.70"
    with pytest.raises(ValueError):
        listing(WORDS, [1, 2])


def test_extremes_name_the_first_highest_and_lowest_and_say_when_all_are_equal():
    assert extremes(WORDS, [0.2, 0.7, 0.1]) == "Highest: but (0.70); lowest: olives (0.10)."
    assert extremes(WORDS, [0.5, 0.5, 0.1]) == "Highest: pizza (0.50); lowest: olives (0.10)."
    assert extremes(WORDS, [0.333, 0.334, 0.333]) == "All about 0.33."
    assert extremes(WORDS, [0.33, 0.34, 0.33]) == "Highest: but (0.34); lowest: pizza (0.33)."


# bars


@seldom
@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_bars_are_as_high_as_their_values_up_to_the_end_of_the_scale_and_the_number_is_the_true_one(values):
    view = bars(-1, 1).update(values)
    for i, (bar, label, value) in enumerate(zip(view.bars, view.numbers, values, strict=True)):
        end = min(max(value, -1), 1)
        assert bar.get_height() == end and bar.get_y() == 0
        assert bar.get_x() + bar.get_width() / 2 == pytest.approx(i)
        assert label.get_text() == number(value)
        x, y = label.get_position()
        assert x == i
        assert y > end if value >= 0 else y < end  # above a bar that goes up, below one that goes down
        low, high = bar.axes.get_ylim()
        assert low < y < high


def test_the_scale_of_the_bars_stays_while_the_values_move():
    view = bars(-1, 1)
    before = view.bars[0].axes.get_ylim(), view.bars[0].axes.get_xlim()
    view.update([-50, 0, 50])
    assert (view.bars[0].axes.get_ylim(), view.bars[0].axes.get_xlim()) == before


def test_bars_say_every_number_and_the_extremes_and_wear_their_labels():
    view = bars().update([0.26, 0.04, 0.7])
    assert view.words() == (
        "Bar chart, weights (scale 0 to 1): pizza 0.26, but 0.04, olives 0.70. Highest: olives (0.70); lowest: but (0.04)."
    )
    assert [tick.get_text() for tick in view.bars[0].axes.get_xticklabels()] == WORDS
    assert view.bars[0].axes.get_title() == "weights"


def test_bars_print_the_digits_that_were_asked_for():
    assert [label.get_text() for label in bars(digits=0).update([0, 1, 0.6]).numbers] == ["0", "1", "1"]
    assert bars(digits=3).update([0.1234, 0, 1]).numbers[0].get_text() == "0.123"


def test_a_clipped_bar_says_its_true_number():
    view = bars().update([0.5, 7.25, -3])
    assert [bar.get_height() for bar in view.bars] == [0.5, 1, 0]
    assert "but 7.25" in view.words() and "olives -3.00" in view.words()


# heatmaps


@seldom
@given(st.lists(st.floats(-2, 2), min_size=6, max_size=6))
def test_a_heatmap_holds_the_matrix_and_prints_each_entry_in_its_cell(numbers):
    matrix = np.reshape(numbers, (3, 2))
    view = heatmap().update(matrix)
    np.testing.assert_array_equal(view.image.get_array(), matrix)
    assert len(view.numbers) == 6
    for (i, j), label in view.numbers.items():
        assert label.get_text() == number(matrix[i, j])
        assert label.get_position() == (j, i)  # column to the right, row downward
        assert f"{WORDS[i]}: " in view.words() and f"{'ab'[j]} {number(matrix[i, j])}" in view.words()


def test_the_colour_scale_of_a_heatmap_stays_while_the_matrix_moves():
    view = heatmap().update(MATRIX)
    colour = view.image.cmap(view.image.norm(0.25))
    view.update(MATRIX * 100 - 30)
    assert view.image.get_clim() == (0, 1)
    assert view.image.cmap(view.image.norm(0.25)) == colour


def test_a_heatmap_says_its_size_its_rows_and_its_extremes():
    assert heatmap().update(MATRIX).words() == (
        "Heatmap, weights (colours from 0 to 1): 3 rows, 2 columns. "
        "pizza: a 0.10, b 0.90; but: a 0.25, b 0.75; olives: a 1.00, b 0.00. "
        "Highest: olives to a (1.00); lowest: olives to b (0.00)."
    )


def test_a_heatmap_of_one_number_says_so_and_equal_cells_do_not_swap_by_a_last_bit():
    assert heatmap().update(np.full((3, 2), 0.5)).words().endswith("All about 0.50.")
    matrix = np.array([[0.9, 0.2], [0.9 + 1e-16, 0.5], [0.5, 0.2 - 3e-17]])
    assert heatmap().update(matrix).words().endswith("Highest: pizza to a (0.90); lowest: pizza to b (0.20).")


def test_a_heatmap_without_numbers_says_its_extremes_and_the_means_of_its_columns():
    view = heatmap(digits=None).update(MATRIX)
    assert view.numbers == {}
    assert view.words() == (
        "Heatmap, weights (colours from 0 to 1): 3 rows, 2 columns. Means of the columns: 0.45, 0.55. "
        "Means of the rows in 3 bands: 0.50, 0.50, 0.50. "
        "Highest: row 2, column 0 (1.00); lowest: row 2, column 1 (0.00)."
    )


def test_the_axes_are_said_too():
    view = heatmap(x_label="looked at", y_label="looks").update(MATRIX)
    assert "(rows: looks; columns: looked at; colours from 0 to 1)" in view.words()


@pytest.mark.parametrize(
    "show, same, other",
    [
        (lambda data: show_bars(WORDS, data, "t"), [0.1, 0.2, 0.7], [0.1, 0.3, 0.7]),
        (lambda data: show_links(WORDS, data, 0, "t"), [0.1, 0.2, 0.7], [0.1, 0.3, 0.7]),
        (lambda data: show_heatmap(data, WORDS, ["a", "b"], "t"), MATRIX, MATRIX + [[0, 0], [0.1, 0], [0, 0]]),
        (
            lambda data: show_curves(range(7), {"c": data}, "t", "x", "y"),
            [0, 1, 2, 3, 4, 5, 6],
            [0, 1, 2, 2.5, 4, 5, 6],
        ),
        (lambda data: show_map(data, "t"), np.tri(50, 16) / 2, np.flipud(np.tri(50, 16)) / 2),
    ],
)
def test_a_changed_number_in_the_middle_changes_the_words_of_every_figure(show, same, other):
    assert show(same).words == show(same).words != show(other).words


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: show_map([1, 2], "t"), ValueError, "matrix must have 2 axes"),
        (lambda: show_map(np.ones((0, 3)), "t"), ValueError, "matrix is empty"),
        (lambda: show_heatmaps([], WORDS, WORDS, []), ValueError, "matrices must hold one matrix or more"),
        (lambda: show_curves([1, 2], [[1, 2]], "t", "x", "y"), TypeError, "curves must be a dict"),
    ],
)
def test_a_figure_call_says_what_was_expected(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_dollar_in_a_word_is_a_dollar():
    assert r"$\frac$" in show_bars([r"$\frac$", "b"], [0.5, 0.5], r"$\bad$").words


def test_a_large_map_draws_the_matrix_counts_its_axes_and_notices_a_changed_number():
    matrix = np.linspace(-1, 1, 200).reshape(20, 10)
    shown = show_map(matrix, "waves", low=-1)
    assert "20 rows, 10 columns" in shown.words and "lowest: row 0, column 0 (-1.00)" in shown.words
    changed = matrix.copy()
    changed[7, 3] = 1
    assert show_map(changed, "waves", low=-1).words != shown.words


def test_a_heatmap_can_leave_its_numbers_to_its_words_and_keeps_every_label():
    names = [f"word{i}" for i in range(15)]
    matrix = np.linspace(0, 1, 225).reshape(15, 15)
    figure = new_figure(6, 4)
    view = Heatmap(figure.subplots(), names, names, "weights", 0, 1, printed=False).update(matrix)
    assert view.numbers == {} and len(figure.axes) == 2  # a colour bar stands beside it
    for labels in (view.image.axes.get_xticklabels(), view.image.axes.get_yticklabels()):
        assert [label.get_text() for label in labels] == names
    assert "word7: " + listing(names, matrix[7]) in view.words()
    assert view.words().endswith("Highest: word14 to word14 (1.00); lowest: word0 to word0 (0.00).")
    changed = matrix.copy()
    changed[7, 3] = 0.9
    before = view.words()
    assert view.update(changed).words() != before


def test_a_heatmap_with_its_numbers_says_the_same_as_one_without():
    assert heatmap(printed=False).update(MATRIX).words() == heatmap().update(MATRIX).words()


@pytest.mark.parametrize("turn", [0, 50])
def test_the_column_labels_of_a_heatmap_are_turned_when_asked_and_the_row_labels_never(turn):
    ax = heatmap(turn=turn).image.axes
    assert {label.get_rotation() for label in ax.get_xticklabels()} == {turn}
    assert {label.get_rotation() for label in ax.get_yticklabels()} == {0}


def test_turned_labels_end_under_their_column_and_do_not_touch_each_other():
    names = ["grandmother", "embeddings", "everybody", "tomorrow"] * 5
    figure = new_figure(9, 6)
    view = Heatmap(figure.subplots(), names, names, "weights", 0, 1, printed=False, turn=50)
    Canvas(figure, view).png()
    ax, renderer = view.image.axes, figure.canvas.get_renderer()
    for column, label in enumerate(ax.get_xticklabels()):
        box, centre = label.get_window_extent(renderer), ax.transData.transform((column, 0))[0]
        assert abs(box.x1 - centre) < 16 and box.y0 > 0  # the last letter is at the column, the first on the sheet
    step = np.diff(ax.transData.transform([(0, 0), (1, 0)])[:, 0])[0]
    assert step * np.sin(np.deg2rad(50)) > 13 * 100 / 72  # pixels between two lines of 13 points


def test_row_0_of_a_heatmap_is_at_the_top_and_the_axes_wear_their_names():
    view = heatmap(x_label="looked at", y_label="looks").update(MATRIX)
    ax = view.image.axes
    assert ax.get_ylim() == (2.5, -0.5) and ax.get_xlim() == (-0.5, 1.5)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == WORDS
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["a", "b"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("looked at", "looks")


def luminance(colour):
    """WCAG's relative luminance."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("value", np.linspace(0, 1, 21).round(2))
def test_the_number_in_a_cell_can_be_read_on_its_colour(value):
    view = heatmap().update(np.full((3, 2), value))
    label, cell = (luminance(colour) for colour in (
        to_rgb(view.numbers[0, 0].get_color()), view.image.cmap(view.image.norm(value)))
    )  # fmt: skip
    assert (max(label, cell) + 0.05) / (min(label, cell) + 0.05) >= 4.5


# links


@seldom
@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.integers(0, 2))
def test_links_start_at_the_picked_word_and_are_as_thick_as_their_weights(weights, picked):
    view = links().update(picked, weights)
    for row, (line, label, weight) in enumerate(zip(view.lines, view.right, weights, strict=True)):
        assert list(line.get_ydata()) == [picked, row]
        assert line.get_linewidth() == pytest.approx(THICKEST * weight)
        assert line.get_visible() == (weight != 0)
        assert label.get_text() == f"{WORDS[row]}  {number(weight)}" and label.get_position()[1] == row
    assert [label.get_weight() == "bold" for label in view.left] == [row == picked for row in range(3)]
    assert [label.get_color() == BLACK for label in view.left] == [row == picked for row in range(3)]
    assert [label.get_color() == BLACK for label in view.right] == [weight != 0 for weight in weights]
    assert [label.get_text() for label in view.left] == WORDS
    listed = ", ".join(f"{word} {number(weight)}" for word, weight in zip(WORDS, weights, strict=True))
    assert view.words().startswith(f"Lines, who looks: {WORDS[picked]} looks at {listed}. ")


def test_a_hidden_word_comes_back_when_it_gets_a_weight_again():
    view = links().update(0, [0.5, 0, 0.5])
    assert [line.get_visible() for line in view.lines] == [True, False, True]
    assert [line.get_visible() for line in view.update(0, [0.5, 0.5, 0]).lines] == [True, True, False]


@pytest.mark.parametrize(
    "picked, error, words",
    [
        (3, ValueError, "picked must be below 3, the number of words, but it is 3"),
        (-1, ValueError, "picked must be at least 0, but it is -1"),
        (1.0, TypeError, "picked must be a whole number, but it is 1.0"),
    ],
)
def test_links_refuse_a_word_that_is_not_there(picked, error, words):
    with pytest.raises(error) as problem:
        links().update(picked, [0.2, 0.3, 0.5])
    assert words in str(problem.value)


def test_links_do_not_lose_the_sign_of_a_weight_in_words():
    try:
        view = links().update(0, [-0.5, 0.5, 1])
    except ValueError:
        return  # refusing is as good
    assert "pizza -0.50" in view.words()


# blend


@seldom
@given(st.lists(st.floats(-9, 9), min_size=3, max_size=3), st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_a_blend_puts_values_and_output_on_the_line_and_sizes_the_dots_by_weight(values, weights):
    output = sum(a * b for a, b in zip(values, weights, strict=True))
    view = blend().update(values, weights, output)
    ends = [min(max(value, -5), 5) for value in [*values, output]]
    np.testing.assert_array_equal(view.dots.get_offsets(), [[end, -row] for row, end in enumerate(ends[:-1])])
    assert list(view.diamond.get_xdata()) == [ends[-1]] and list(view.diamond.get_ydata()) == [-3]
    assert [label.get_text() for label in view.numbers] == [number(value) for value in [*values, output]]
    for label, end, row in zip(view.numbers, ends, [0, -1, -2, -3], strict=True):
        assert label.get_position()[0] > end and label.get_position()[1] == row
    order = np.argsort(weights, kind="stable")
    assert (np.diff(view.dots.get_sizes()[order]) >= 0).all()
    assert view.words() == f"Number line, output (-5 to 5): values {listing(WORDS, values)}; output {number(output)}."


@pytest.mark.parametrize("output", [float("nan"), "text", None, [1.0, 2.0]])
def test_a_blend_refuses_an_output_that_is_not_one_finite_number(output):
    with pytest.raises((TypeError, ValueError), match="output must"):
        blend().update([1, 2, 3], [0.2, 0.3, 0.5], output)


# curves


def test_curves_draw_their_points_and_say_where_they_start_end_and_turn():
    view = curves()
    drawn = {line.get_label(): [list(data) for data in line.get_data()] for line in view.lines}
    assert drawn == {"up": [[1, 2, 4], [1, 3, 9]], "down": [[1, 2, 4], [5, 5, 2]]}
    assert view.words() == (
        "Curves, growth, time over size: up is 1.00 at 1, 3.00 at 2, 9.00 at 4; highest 9.00 at 4, lowest 1.00 at 1; "
        "down is 5.00 at 1, 5.00 at 2, 2.00 at 4; highest 5.00 at 1, lowest 2.00 at 4."
    )


def test_curves_are_told_apart_without_colour():
    looks = [(line.get_linestyle(), line.get_marker()) for line in curves().lines]
    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize("x_log, y_log", [(False, False), (True, False), (False, True)])
def test_curves_take_logarithmic_axes(x_log, y_log):
    logarithmic = {name: True for name, asked in (("x_log", x_log), ("y_log", y_log)) if asked}  # else the default
    ax = curves(**logarithmic).lines[0].axes
    assert (ax.get_xscale(), ax.get_yscale()) == ("log" if x_log else "linear", "log" if y_log else "linear")


@pytest.mark.parametrize(
    "x, y, axis", [([1, 2], [0, 5], "y_log"), ([0, 2], [3, 5], "x_log"), ([1, 2], [-1, 5], "y_log")]
)
def test_a_logarithmic_axis_refuses_what_it_cannot_show(x, y, axis):
    with pytest.raises(ValueError, match="positive|above 0"):
        show_curves(x, {"cost": y}, "t", "x", "y", **{axis: True})


@pytest.mark.parametrize("count", [0, 5])
def test_curves_refuse_none_and_more_than_four(count):
    with pytest.raises(ValueError, match=f"curves must hold 1 to 4 curves, but it holds {count}"):
        show_curves([1, 2], {str(i): [1, 2] for i in range(count)}, "t", "x", "y")


# bad input to every view


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: bars().update([1, 2]), ValueError, "values and labels must have the same entries, but values has 2"),
        (lambda: bars().update([1, 2, np.nan]), ValueError, "values must be finite, but it holds nan at position [2]"),
        (lambda: bars().update([[1, 2, 3]]), ValueError, "values must have 1 ax"),
        (lambda: bars().update("abc"), TypeError, "values must hold real numbers, but it holds text"),
        (lambda: heatmap().update(MATRIX.T), ValueError, "matrix and the heatmap must have the same shape"),
        (lambda: heatmap().update(MATRIX[0]), ValueError, "matrix must have 2 axes, but its shape is (2,)"),
        (lambda: heatmap().update(np.full((3, 2), np.inf)), ValueError, "matrix must be finite"),
        (lambda: links().update(0, [1]), ValueError, "weights and words must have the same entries, but weights has 1"),
        (lambda: blend().update([1, 2], [1, 2, 3], 1), ValueError, "values and labels must have the same entries"),
        (lambda: blend().update([1, 2, 3], [1, 2], 1), ValueError, "weights and labels must have the same entries"),
        (
            lambda: show_curves([1, 2], {"up": [1, 2, 3]}, "t", "x", "y"),
            ValueError,
            "x and up must have the same points",
        ),
        (lambda: show_curves([1, 2], {"up": [1, np.nan]}, "t", "x", "y"), ValueError, "up must be finite"),
    ],
)
def test_a_view_refuses_what_does_not_fit(call, error, words):
    with pytest.raises(error) as problem:
        call()
    assert words in str(problem.value)


@pytest.mark.parametrize("titles", [["one"], ["one", "two", "three"]])
def test_several_heatmaps_need_a_title_each_and_say_so(titles):
    with pytest.raises(ValueError, match="titles"):
        show_heatmaps([MATRIX, MATRIX], WORDS, ["a", "b"], titles)


@pytest.mark.parametrize(
    "make, values",
    [
        (bars, ([0.1, 0.2, 0.3],)),
        (heatmap, (MATRIX.copy(),)),
        (links, (1, np.array([0.1, 0.2, 0.7]))),
        (blend, (np.array([1.0, 2, 9]), np.array([0.2, 0.3, 0.5]), 3.0)),
    ],
)
def test_a_view_changes_no_array_that_it_is_given(make, values):
    copies = [np.copy(value) for value in values]
    for value in values:
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    Canvas(new_figure(2, 2), make().update(*values)).words()
    for value, copy in zip(values, copies, strict=True):
        np.testing.assert_array_equal(value, copy)


# the calls of the chapters


def decoded(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


FIGURES = {
    "bars": lambda x: show_bars(WORDS, [x, 0.25, 0.5], "t", point="A point."),
    "heatmap": lambda x: show_heatmap([[x, 0.25]], ["a"], ["b", "c"], "t", point="A point."),
    "heatmaps": lambda x: show_heatmaps([[[0.5]], [[x]]], ["a"], ["b"], ["s", "t"], point="A point."),
    "links": lambda x: show_links(WORDS, [0.25, 0.5, x], 1, "t", point="A point."),
    "curves": lambda x: show_curves([1, 2, 3], {"up": [0, 0.25, x]}, "t", "x", "y", point="A point."),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_changed_number_changes_the_words_and_the_picture(name):
    first, again, changed = FIGURES[name](0.75), FIGURES[name](0.75), FIGURES[name](0.86)
    assert repr(first) == repr(again) and first.png == again.png
    assert "0.75" in repr(first) and "0.86" not in repr(first)
    assert "0.86" in repr(changed) and "0.75" not in repr(changed)
    assert (decoded(first.png) != decoded(changed.png)).any()


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_gives_the_page_its_picture_its_words_and_the_words_as_alt_text(name):
    figure = FIGURES[name](0.75)
    data, metadata = figure._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}
    assert base64.b64decode(data["image/png"]) == figure.png
    assert figure.png.startswith(b"\x89PNG") and decoded(figure.png).std() > 10
    assert data["text/plain"] == repr(figure) == figure.words
    assert metadata == {"image/png": {"alt": figure.words}}
    assert figure.words.endswith(" A point.") and "0x" not in figure.words


def test_words_without_a_point_end_with_the_views_words():
    view = bars().update([0.1, 0.2, 0.7])
    assert Described(Canvas(view.bars[0].figure, view)).words == view.words()


def test_several_heatmaps_share_one_scale_and_say_both_titles():
    words = repr(show_heatmaps([[[0.5]], [[7.0]]], ["a"], ["b"], ["first", "second"], low=0, high=10))
    assert "Heatmap, first" in words and "Heatmap, second" in words and "7.00" in words


# the words are read from the artists, not from the arrays that were passed in


def test_words_follow_what_is_drawn_even_when_an_artist_is_changed_by_hand():
    bar_view = bars().update([0.1, 0.2, 0.7])
    bar_view.numbers[1].set_text("0.95")
    assert "but 0.95" in bar_view.words() and "Highest: but (0.95)" in bar_view.words()
    map_view = heatmap().update(MATRIX)
    map_view.numbers[0, 1].set_text("0.33")
    map_view.image.set_data(MATRIX[::-1])
    assert "pizza: a 0.10, b 0.33" in map_view.words() and "Highest: pizza to a (1.00)" in map_view.words()
    link_view = links().update(0, [0.1, 0.2, 0.7])
    link_view.lines[0].set_linewidth(THICKEST * 0.9)
    assert "pizza looks at pizza 0.90" in link_view.words()
    blend_view = blend().update([5, 0, -3], [0.3, 0.1, 0.6], -0.3)
    blend_view.numbers[-1].set_text("1.25")
    assert "output 1.25" in blend_view.words()
    curve_view = curves()
    curve_view.lines[0].set_ydata([1, 3, 7])
    assert "up is 1.00 at 1, 3.00 at 2, 7.00 at 4" in curve_view.words()
