"""Slides: what the rule makes of a notebook, and that a deck asks no network and loses no words of a picture."""

import re
from html.parser import HTMLParser

import nbformat
import pytest

from helpers.authoring import slides
from helpers.authoring.pairs import CHAPTERS, find_pairs, read_notebook

PAIRS = [pair for pair in find_pairs() if pair.kind == CHAPTERS and pair.notebook.is_file()]


def notebook(*cells):
    """Return a notebook of ("markdown" or "code", source, slide_type, outputs) cells."""
    made = nbformat.v4.new_notebook()
    for kind, source, *rest in cells:
        cell = nbformat.v4.new_markdown_cell(source) if kind == "markdown" else nbformat.v4.new_code_cell(source)
        if rest and rest[0]:
            cell.metadata["slideshow"] = {"slide_type": rest[0]}
        if len(rest) > 1:
            cell.outputs = rest[1]
        made.cells.append(cell)
    return made


def test_each_heading_begins_a_slide_also_inside_a_cell():
    made = slides.slides_of(notebook(("markdown", "# T\n\none\n\n## A\n\ntwo\n\n## B"), ("code", "1 + 1")))
    assert [(slide.heading, slide.level, len(slide.blocks)) for slide in made] == [
        ("T", 1, 1),
        ("A", 2, 1),
        ("B", 2, 1),
    ]


def test_metadata_overrides_the_rule():
    text = notebook(
        ("markdown", "# T\n\n## A\n\nshown"),
        ("markdown", "left out", "skip"),
        ("markdown", "only said", "notes"),
        ("markdown", "later", "fragment"),
        ("code", "page = 2", "subslide"),
        ("code", "slide = 3", "slide"),
    )
    first, second = slides.slides_of(text)[1:]
    assert [(block.fragment, block.new_page) for block in first.blocks] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert "left out" not in str(slides.slides_of(text)) and "only said" in first.notes[0]
    assert "only said" not in str(first.blocks) and second.heading == "A" and "slide" in second.blocks[0].html


def test_a_slide_type_that_does_not_exist_is_said():
    with pytest.raises(ValueError, match="slide_type must be one of slide, .* but it is 'slides'"):
        slides.slides_of(notebook(("markdown", "# T", "slides")))


def test_a_long_paragraph_is_opened_on_the_slide_and_whole_in_the_notes():
    sentence = "This is a sentence of some length, with `code. here` and **bold. words** in it. "
    long = (sentence * 5).strip()
    slide = slides.slides_of(notebook(("markdown", f"# T\n\n{long}")))[0]
    shown = re.sub("<[^>]+>", "", slide.blocks[0].html).strip()
    assert shown.endswith("in it.") and shown.count("This is") == 2
    assert slide.notes[0].count("This is") == 5


@pytest.mark.parametrize("part", ["- a list " * 40, "| a | table " * 40, "1. first " * 40, "<details>" + "x. " * 99])
def test_lists_tables_and_folded_answers_stay_whole(part):
    assert slides.opening(part) == part


def test_text_is_split_where_a_reader_sees_a_gap_but_not_inside_an_answer_or_code():
    text = "one\ntwo\n\n<details><summary>Q</summary>\n\nA\n\nB\n</details>\n\n```\nx\n\ny\n```\n\n- a\n- b"
    parts = slides.split_text(text)
    assert parts == ["one\ntwo", "<details><summary>Q</summary>\n\nA\n\nB\n</details>", "```\nx\n\ny\n```", "- a\n- b"]


@pytest.mark.parametrize(
    "source, left_out",
    [
        ("import numpy as np\n\nfrom x import y", True),
        ("from x import quiet\n\nquiet()", True),
        ("from x import f\n\nf(1)", False),
        ("import x\ny = 1", False),
        ("%time 1", False),
        ("", False),
    ],
)
def test_cells_that_only_import_are_left_out(source, left_out):
    assert slides.only_imports(source) is left_out


def test_long_code_and_long_output_are_cut_into_pieces_that_fit():
    code = "\n".join(f"x{i} = {i}" for i in range(40))
    printed = nbformat.v4.new_output("stream", text="\n".join(map(str, range(31))))
    made = slides.slides_of(notebook(("markdown", "# T"), ("code", code, None, [printed])))[0]
    counts = [len(re.sub("<[^>]+>", "", block.html).strip("\n").splitlines()) for block in made.blocks]
    assert max(counts) <= slides.LINES and sum(counts) == 71


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.alts, self.asked = [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "img":
            self.alts.append(attrs.get("alt"))
        if tag in ("script", "link", "img", "iframe", "source"):
            self.asked += [attrs[name] for name in ("src", "href") if name in attrs]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_deck_has_every_picture_with_its_words_and_asks_no_network(pair):
    stored = read_notebook(pair.notebook)
    page = slides.deck(stored, pair.name)
    tags = _Tags()
    tags.feed(page)
    outputs = [
        output for cell in stored.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})
    ]
    assert tags.alts == [output.metadata["image/png"]["alt"] for output in outputs]
    assert all(address.startswith("data:") for address in tags.asked)
    assert not re.search(r"@import|url\(|fetch\(|XMLHttp|import\(", page.split("<main>")[0] + page.split("</main>")[1])
    headings = re.findall(r"^## ", "\n".join(c.source for c in stored.cells if c.cell_type == "markdown"), re.MULTILINE)
    assert page.count('class="slide level-2"') == len(headings)


def test_the_command_writes_the_decks(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(slides, "find_pairs", lambda root: PAIRS[:1])
    assert slides.main([str(tmp_path / "out")]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{PAIRS[0].name}.html"]
    assert "[1/1]" in capsys.readouterr().out


def test_a_long_table_goes_on_with_its_head_on_the_next_page():
    rows = [f"| {i} | x |" for i in range(25)]
    parts = slides.split_table("\n".join(["| a | b |", "|---|---|", *rows]))
    assert [len(part.splitlines()) - 2 for part in parts] == [9, 9, 7]
    assert all(part.startswith("| a | b |\n|---|---|\n") for part in parts)
    assert [line for part in parts for line in part.splitlines()[2:]] == rows
    for short in ("no table", "\n".join(["| a | b |", "|---|---|", *rows[:11]])):
        assert slides.split_table(short) == [short]
