"""A notebook as a web page: every picture with its words, headings in order, links that lead on, and no network."""

import os
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath

import nbformat
import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from helpers.authoring import pages
from helpers.authoring.clean import as_bytes
from helpers.authoring.lab_settings import write_page_settings
from helpers.authoring.pairs import CHAPTERS, Pair, find_pairs, read_notebook

PAIRS = find_pairs()
# With this scope all tests of one notebook come together, and two workers share the notebooks, not the tests.
EACH = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name, scope="module")
LOADING = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}
# The tags that GitHub keeps of the HTML in a Markdown text, and their attributes (its sanitiser, html-pipeline). Styles,
# scripts, classes and ids go.
KEPT = {"details": {"open"}, "summary": set(), "a": {"href"}, "img": {"src", "alt"}} | dict.fromkeys(
    ("b", "i", "em", "strong", "br", "p", "sub", "sup", "kbd", "code", "pre", "ul", "ol", "li"), set()
)


class Tags(HTMLParser):
    """What a page holds: its tags with their attributes, its headings' levels, its text outside code and style."""

    def __init__(self, html):
        super().__init__()
        self.html, self.tags, self.text, self.open = html, [], "", []
        self.feed(html)
        self.alts = [attrs.get("alt") for tag, attrs in self.tags if tag == "img"]
        self.levels = [int(tag[1]) for tag, _ in self.tags if re.fullmatch("h[1-6]", tag)]
        self.links = [attrs["href"] for tag, attrs in self.tags if tag == "a" and "href" in attrs]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("pre", "code", "style", "script", "title"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            self.open.remove(tag)

    def handle_data(self, data):
        self.text += "" if self.open else data


@cache
def made(pair):
    return Tags(pages.page(pair))


def words_of_pictures(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.metadata["image/png"]["alt"] for output in outputs if "image/png" in output.get("data", {})]


@EACH
def test_every_stored_picture_has_its_words_as_alt_text_on_the_page(pair):
    stored = words_of_pictures(read_notebook(pair.notebook))
    alts = made(pair).alts
    assert [alt for alt in alts if alt in stored] == stored
    assert all(alts) and (stored or pair.kind != CHAPTERS)


@EACH
def test_every_panel_is_a_picture(pair):
    for cell in read_notebook(pair.notebook).cells:
        made_here = re.search(r"^(?:\w+ = )?\w+Panel\((?:.|\n)*\)$", cell.source) if cell.cell_type == "code" else None
        if made_here and not re.match(r"\w+ =", made_here[0].splitlines()[-1]):
            kinds = [set(output.get("data", {})) for output in cell.outputs]
            assert any("image/png" in kind for kind in kinds), cell.source


@EACH
def test_headings_are_in_order(pair):
    levels = made(pair).levels
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), levels


@EACH
def test_a_page_asks_for_nothing_outside_itself(pair):
    tags, html = made(pair).tags, made(pair).html
    asked = [attrs[LOADING[tag]] for tag, attrs in tags if LOADING.get(tag) in attrs]
    assert all(address.startswith("data:") for address in asked), asked
    assert not [tag for tag, _ in tags if tag == "script"]
    styles = "".join(re.findall(r"<style.*?</style>", html, re.DOTALL))
    assert len(styles) > 1000 and not re.search(r"@import|url\(\s*['\"]?(?!data:|['\"]?#)", styles)


@EACH
def test_links_lead_to_pages_that_are_written(pair):
    names = {f"{other.name}.html" for other in PAIRS}
    for link in made(pair).links:
        if not re.match(r"https://|#", link):
            assert normpath(join(dirname(pair.name), link.split("#")[0])) in names, link


@EACH
def test_no_page_needs_a_script_to_show_its_maths(pair):
    assert not re.search(r"\$[^$]+\$|\\\(|\\\[", made(pair).text)


@EACH
def test_github_shows_all_of_the_html_in_the_text(pair):
    for cell in read_notebook(pair.notebook).cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"```.*?```|`[^`\n]*`", "", cell.source, flags=re.DOTALL)
            for tag, attrs in Tags(text).tags:
                assert tag in KEPT and set(attrs) <= KEPT[tag], (tag, attrs)
            for block in re.findall(r"<details>.*?</details>", cell.source, re.DOTALL):
                assert re.match(r"<details>\s*<summary>.+?</summary>\n\n", block, re.DOTALL), (
                    block
                )  # else Markdown stays raw
        for output in cell.get("outputs", []):
            assert "text/html" not in output.get("data", {})  # a table of a library; text and pictures show everywhere


@EACH
def test_no_markdown_is_left_raw(pair):
    assert not re.search(r"\*\*|\]\(|^#+ |```", made(pair).text, re.MULTILINE)


def small(tmp_path, *cells):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text) for text in cells])
    path = tmp_path / "01-small.ipynb"
    path.write_bytes(as_bytes(notebook))
    return Pair(path, tmp_path / "source/01-small.py")


def test_links_to_notebooks_become_links_to_pages_and_others_stay(tmp_path):
    text = "# T\n\n[a](../02-b.ipynb) [b](03-c.ipynb#part) [c](https://x.org/y.ipynb) [d](guide.md) `e.ipynb`"
    page = pages.page(small(tmp_path, text))
    found = [link for link in Tags(page).links if link != "#T"]
    assert found == ["../02-b.html", "03-c.html#part", "https://x.org/y.ipynb", "guide.md"]
    assert "e.ipynb" in page and "<title>T</title>" in page


def test_a_picture_of_the_text_travels_inside_the_page(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images/a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    tags = Tags(pages.page(small(tmp_path, "# T\n\n![a red dot](images/a.png)"))).tags
    image = next(attrs for tag, attrs in tags if tag == "img")
    assert image["alt"] == "a red dot" and image["src"].startswith("data:image/png;base64,")


def test_the_gate_on_raw_markdown_sees_a_fault():
    assert "**bold**" in Tags(markdown2html_mistune("<details><summary>Q</summary>\n**bold**\n</details>")).text


def test_plain_nbconvert_keeps_the_alt_text_once_set_up(tmp_path):
    settings = Path(write_page_settings(tmp_path)).parent
    pair = PAIRS[0]
    command = ["-m", "jupyter", "nbconvert", "--to", "html", "--output-dir", tmp_path, pair.notebook]
    subprocess.run([sys.executable, *command], check=True, env=os.environ | {"JUPYTER_CONFIG_PATH": str(settings)})
    alts = Tags((tmp_path / f"{pair.name}.html").read_text(encoding="utf-8")).alts
    panel, photograph = alts
    assert panel.startswith("Panel, attention") and "sliders" in photograph


def test_the_command_writes_a_page_a_notebook(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pages, "find_pairs", lambda: [PAIRS[0], PAIRS[-1]])
    assert pages.main([str(tmp_path / "out")]) == 0
    names = {path.relative_to(tmp_path / "out").with_suffix("").as_posix() for path in tmp_path.rglob("*.html")}
    assert names == {PAIRS[0].name, PAIRS[-1].name}
    assert "[2/2]" in capsys.readouterr().out
