"""Each gate: plant the fault, and see it refused with a sentence that names notebook and cell."""

import nbformat
import pytest

from helpers.authoring import gates

PNG = "iVBORw0KGgo="
WORDS = "A bar chart with three bars, the last is the largest."


def code(notebook, number=0):
    return [cell for cell in notebook.cells if cell.cell_type == "code"][number]


def picture(text=WORDS, alt=WORDS, **more):
    metadata = {"image/png": {"alt": alt}} if alt is not None else {}
    return nbformat.v4.new_output("display_data", {"image/png": PNG, "text/plain": text, **more}, metadata=metadata)


def faults(course):
    return gates.check_all(course.root)[1]


def test_a_clean_notebook_passes(course):
    assert faults(course) == []


def test_a_clean_picture_passes(course):
    notebook = course.executed()
    code(notebook).outputs.append(picture())
    course.store(notebook)
    assert faults(course) == []


def never_executed(notebook):
    code(notebook).execution_count, code(notebook).outputs = None, []


def unannounced_error(notebook):
    code(notebook).outputs = [nbformat.v4.new_output("error", ename="ValueError", evalue="bad", traceback=[])]


def announced_but_silent(notebook):
    code(notebook, 1).outputs = []


def stderr(notebook):
    code(notebook).outputs.append(nbformat.v4.new_output("stream", name="stderr", text="Warning: old\n"))


def widget_state(notebook):
    notebook.metadata["widgets"] = {"state": {}}


def widget_view(notebook):
    data = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "A panel of sliders."}
    code(notebook).outputs.append(nbformat.v4.new_output("display_data", data))


def no_alt(notebook):
    code(notebook).outputs.append(picture(alt=None))


def other_words(notebook):
    code(notebook).outputs.append(picture(text="<Figure size 640x480 with 1 Axes>"))


def not_words(notebook):
    code(notebook).outputs.append(picture("<Figure size 1x1>", "<Figure size 1x1>"))


def svg(notebook):
    code(notebook).outputs.append(nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg/>"}))


def address(notebook):
    code(notebook).outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "<A at 0x7f6a3c1d>"})]


def no_origin(notebook):
    del notebook.metadata["course"]


def other_source(notebook):
    code(notebook).source += "\n1"


def other_type(notebook):
    notebook.cells[0] = nbformat.v4.new_raw_cell("# Count to four", id="abcd")


def other_tags(notebook):
    code(notebook, 2).metadata["tags"] = ["hide-input"]


def other_slide(notebook):
    notebook.cells[0].metadata["slideshow"] = {"slide_type": "skip"}


def missing_cell(notebook):
    notebook.cells.pop()


def other_helpers(notebook):
    notebook.metadata["course"]["built_from"] = "0" * 32


def other_id(notebook):
    code(notebook).id = "abcdabcd"


def timings(notebook):
    code(notebook).metadata["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}


def other_count(notebook):
    code(notebook).execution_count = 99


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (never_executed, "cell 2 was never executed"),
        (unannounced_error, "cell 2 (In [1]) stores the error ValueError: bad"),
        (announced_but_silent, "cell 3 (In [2]) has the tag raises-exception but raised nothing"),
        (stderr, "stores text from stderr: 'Warning: old'"),
        (widget_state, "stores widget state"),
        (widget_view, "stores a widget view"),
        (no_alt, "shows a picture without alt text"),
        (other_words, "whose text/plain is '<Figure size 640x480 with 1 Axes>'"),
        (not_words, "is not words"),
        (svg, "stores an SVG picture"),
        (address, "the memory address 0x7f6a3c1d"),
        (no_origin, "does not say what it was built from"),
        (other_source, "does not hold what the text source says: '1' is '' there"),
        (other_type, "cell 1 is raw but markdown"),
        (other_tags, "has {'tags': ['hide-input']} but no tags"),
        (other_slide, "cell 1 has {'slideshow': {'slide_type': 'skip'}}"),
        (missing_cell, "has 3 cells, its text source 4"),
        (other_helpers, "built from other helpers or pins"),
        (other_id, "is not as the build leaves it"),
        (timings, "is not as the build leaves it"),
        (other_count, "is not as the build leaves it"),
    ],
)
def test_a_planted_fault_is_refused(course, plant, said):
    notebook = course.executed()
    plant(notebook)
    course.store(notebook)
    found = faults(course)
    assert len(found) == 1, found
    assert found[0].startswith("01-tiny, ")
    assert said in found[0]


def test_another_kernel_is_refused(course):
    course.pair.source.write_text(course.pair.source.read_text().replace("name: python3", "name: conda-env-x"))
    course.store(course.executed())
    (found,) = faults(course)
    assert "asks for the kernel 'conda-env-x'" in found


def test_a_source_without_notebook_is_refused(course):
    course.pair.notebook.unlink()
    assert "was never built" in faults(course)[0]


def test_a_notebook_without_source_is_refused(course):
    course.pair.source.unlink()
    assert "has no text source" in faults(course)[0]


def test_a_source_that_jupyterlab_would_rewrite_is_refused(course):
    course.write_source('# %% [markdown] tags=["b"] slideshow={"slide_type": "slide"}\n# # Title\n')
    notebook = course.executed()
    course.store(notebook)
    (found,) = faults(course)
    assert "line 9 of the text source" in found
    assert "alphabetical" in found


def test_a_heading_that_begins_with_a_hash_is_refused(course):
    course.write_source("# %% [markdown]\n# # # Count\n")
    course.store(course.executed())
    assert "cell 1 has a heading whose text begins with #" in faults(course)[0]


def test_a_changed_helper_makes_its_notebook_stale(course):
    course.write("helpers/smaller.py", "def add(x, y):\n    return y + x\n")
    (found,) = faults(course)
    assert "built from other helpers or pins" in found


def test_an_image_in_prose_needs_alt_text(course):
    course.write_source("# %% [markdown]\n# ![](picture.png)\n")
    course.store(course.executed())
    assert "cell 1 shows an image without alt text" in faults(course)[0]


@pytest.mark.parametrize("mark", ['# %% tags=["nbval-ignore-output"]\n', "# %%\n# NBVAL_IGNORE_OUTPUT\n"])
def test_a_cell_left_out_of_the_comparison_needs_a_reason(course, mark):
    course.write_source(mark + "double = 2\ndouble\n")
    notebook = course.executed()
    course.store(notebook)
    (found,) = faults(course)
    assert "is left out of the comparison" in found
    row = f"| 01-tiny | {notebook.cells[0].id} | the clock shows |\n"
    course.write(gates.IGNORED_LIST, "| notebook | cell | reason |\n|---|---|---|\n" + row)
    assert faults(course) == []


def test_a_reason_for_a_cell_that_is_gone_is_refused(course):
    course.write(gates.IGNORED_LIST, "| notebook | cell | reason |\n|---|---|---|\n| 01-tiny | 12345678 | old |\n")
    assert "lists the cell 12345678, which is not there" in faults(course)[0]


def test_the_command_counts_and_fails(course, capsys):
    assert gates.main([], course.root) == 0
    assert "1 notebooks, 0 faults" in capsys.readouterr().out
    course.pair.notebook.unlink()
    assert gates.main(["01-tiny"], course.root) == 1
    assert gates.main(["99-none"], course.root) == 1
    assert "no notebook named 99-none" in capsys.readouterr().out


def test_no_notebooks_at_all_is_not_a_pass(tmp_path):
    assert gates.main([], tmp_path) == 1
