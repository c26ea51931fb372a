"""`make slides`, or `python -m helpers.authoring.slides [FOLDER]`: one deck a chapter, from the notebooks themselves.

A deck is one HTML file that asks no network. The rule, so that no chapter needs marks: the title and each `##` heading
begin a slide; what follows is laid out on as many pages as it needs, by deck.js, which measures in the browser. Of a long
paragraph the slide shows the opening sentences; the speaker's notes (key N, or S for a window) have it whole. A folded
answer opens with the next key. Cells that only import are left out.

Cell metadata `slideshow` overrides the rule: slide, subslide (a new page), fragment (comes with the next key), skip,
notes (for the speaker only). The engine is our own, because nbconvert's slides load reveal.js, MathJax and require.js
from the network and none of them comes with the packages.
"""

import ast
import re
import sys
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from nbconvert.filters import ansi2html
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from pygments.formatters import HtmlFormatter

from helpers.authoring.pairs import CHAPTERS, ROOT, find_pairs, read_notebook

TEMPLATE = Path(__file__).with_name("slides_template")
OPENING = 210  # characters of a paragraph that a slide shows: three lines in the size of the deck
LINES = 15  # lines of code or output on one page
ROWS = 11  # rows of a table on one page, beside its head
KINDS = ("slide", "subslide", "fragment", "skip", "notes", "-")


@dataclass
class Block:
    """What is never torn apart between two pages, as HTML."""

    html: str
    fragment: bool = False
    new_page: bool = False
    with_next: bool = False  # stays on the page of the next block: code with its output, a line that ends with a colon


@dataclass
class Slide:
    """A heading (HTML), its blocks and what the speaker says (HTML). deck.js makes pages of it."""

    heading: str
    level: int
    blocks: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def slides_of(notebook):
    """Return the Slides of a notebook. Raises ValueError for a slide_type that does not exist."""
    slides = [Slide("", 1)]
    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type") or "-"
        if kind not in KINDS:
            raise ValueError(f"slide_type must be one of {', '.join(KINDS)}, but it is {kind!r}.")
        if kind == "skip":
            continue
        if kind == "slide" and not re.match(r"##? ", cell.source):
            slides.append(Slide(slides[-1].heading, 2))
        first = len(slides), len(slides[-1].blocks)
        if kind == "notes":
            slides[-1].notes.append(_markdown(cell.source))
        elif cell.cell_type == "markdown":
            _add_text(slides, cell.source)
        elif cell.cell_type == "code" and cell.source.strip() and (cell.outputs or not only_imports(cell.source)):
            code, outputs = code_blocks(cell.source), output_blocks(cell.outputs)
            code[-1].with_next = bool(outputs)
            slides[-1].blocks += code + outputs
        added = slides[-1].blocks[first[1] :] if len(slides) == first[0] else slides[-1].blocks
        for number, block in enumerate(added):
            block.fragment = block.fragment or kind == "fragment"
            block.new_page = block.new_page or (kind == "subslide" and number == 0)
    return [slide for slide in slides if slide.heading and (slide.blocks or slide.notes or slide.level == 1)]


def _add_text(slides, text):
    for part in split_text(text):
        heading = re.match(r"(#{1,2}) (.*)", part)
        if heading:
            slides.append(Slide(_inline(heading[2]), len(heading[1])))
            continue
        shown = opening(part)
        slides[-1].blocks += [Block(_markdown(block), with_next=block.endswith(":")) for block in split_table(shown)]
        if shown != part:
            slides[-1].notes.append(_markdown(part))


def split_text(text):
    """Return the blocks of a Markdown text: paragraphs, lists, tables, headings, fenced code, folded answers."""
    parts, block, inside = [], [], ""
    for line in text.splitlines():
        if inside:
            block.append(line)
            inside = "" if line.strip().startswith(inside) else inside
        elif line.startswith("```") or line.lstrip().startswith("<details"):
            inside = "```" if line.startswith("```") else "</details>"
            block.append(line)
            inside = "" if "</details>" in line else inside
        elif not line.strip() or re.match(r"#{1,2} ", line):
            parts.append(block)
            block = []
            parts.append([line] if line.strip() else [])
        else:
            block.append(line)
    return ["\n".join(part) for part in [*parts, block] if part]


def split_table(part, rows=ROWS):
    """Return a Markdown table as tables of at most so many rows, each with the head; another text as it is."""
    lines = part.splitlines()
    if not part.startswith("|") or len(lines) <= 2 + rows:
        return [part]
    head, body = lines[:2], lines[2:]
    count = -(-len(body) // rows)  # so many tables, equally long
    size = -(-len(body) // count)
    return ["\n".join(head + body[i : i + size]) for i in range(0, len(body), size)]


def opening(part, limit=OPENING):
    """Return the first sentences of a paragraph, as many as fit, at least one; lists, tables and the like stay whole."""
    if len(part) <= limit or re.match(r"\s*([-*|#<>]|\d+\.|```|###)", part) and not part.startswith("**"):
        return part
    ends = [match.end() for match in re.finditer(r"[.?!][*_`\")]*(?=\s)", part)]
    whole = [end for end in ends if all(part[:end].count(mark) % 2 == 0 for mark in ("`", "**", "*", '"'))]
    fitting = [end for end in whole if end <= limit] or whole[:1]
    return part[: fitting[-1]] if fitting else part


def only_imports(source):
    """Return whether a code cell only imports, or sets up what prints nothing: nothing for a room to look at."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False  # a line for IPython, like %timeit
    return bool(body) and isinstance(body[0], ast.Import | ast.ImportFrom) and all(_quiet(line) for line in body)


def _quiet(line):
    call = isinstance(line, ast.Expr) and isinstance(line.value, ast.Call) and not line.value.args
    return isinstance(line, ast.Import | ast.ImportFrom) or call


def code_blocks(source):
    """Return code as blocks of at most LINES lines, coloured."""
    colour = Highlight2HTML(pygments_lexer="python3")
    return [Block(f'<div class="code" role="group" aria-label="code">{colour(part)}</div>') for part in _cut(source)]


def output_blocks(outputs):
    """Return a code cell's outputs as blocks: pictures with their words, text as it was printed, HTML as it is."""
    blocks = []
    for output in outputs:
        data = output.get("data", {})
        text = output.get("text") or data.get("text/plain", "")
        if output.output_type == "error":
            text = f"{output.ename}: {output.evalue}"
        if "image/png" in data:
            alt = escape(output.metadata.get("image/png", {}).get("alt", ""))
            source = "".join(data["image/png"].split())
            blocks.append(Block(f'<img src="data:image/png;base64,{source}" alt="{alt}">'))
        elif "text/html" in data:
            blocks.append(Block(f'<div class="html">{data["text/html"]}</div>'))
        else:
            blocks += [Block(f'<pre class="output">{ansi2html(part)}</pre>') for part in _cut(text)]
    return blocks


def _cut(text):
    """Return a text in pieces of at most LINES lines, of about the same length."""
    lines = text.strip("\n").splitlines()
    pieces = -(-len(lines) // LINES)
    size = -(-len(lines) // pieces) if pieces else 1
    return ["\n".join(lines[start : start + size]) for start in range(0, len(lines), size)]


def _markdown(text):
    html = markdown2html_mistune(text)
    html = re.sub(r'<a class="anchor-link".*?</a>', "", html)
    return re.sub(r'href="([\w./-]+)\.ipynb"', r'href="\1.html"', html)


def _inline(text):
    return re.sub(r"^<p>|</p>$", "", _markdown(text).strip())


def deck(notebook, name):
    """Return one chapter's deck as an HTML page (text)."""
    slides = slides_of(notebook)
    title = re.sub(r"<[^>]+>", "", slides[0].heading)
    environment = Environment(loader=FileSystemLoader(TEMPLATE), autoescape=False, trim_blocks=True)
    style = HtmlFormatter(style="default").get_style_defs(".code .highlight")
    return environment.get_template("deck.html.j2").render(
        slides=slides,
        title=title,
        chapter=name.split("-")[0],
        css=(TEMPLATE / "deck.css").read_text(encoding="utf-8") + style,
        script=(TEMPLATE / "deck.js").read_text(encoding="utf-8"),
    )


def write_decks(folder, root=ROOT):
    """Write the deck of every chapter that is built, and print how far it is."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pairs = [pair for pair in find_pairs(root) if pair.kind == CHAPTERS and pair.notebook.is_file()]
    for count, pair in enumerate(pairs, start=1):
        target = folder / f"{pair.name}.html"
        target.write_text(deck(read_notebook(pair.notebook), pair.name), encoding="utf-8")
        print(f"[{count}/{len(pairs)}] {target.name}", flush=True)


def main(arguments):
    """Write all decks to a folder, `slides` unless another is named; return the exit status."""
    write_decks(arguments[0] if arguments else ROOT / "slides")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
