"""`make pages`, or `python -m helpers.authoring.pages [FOLDER]`: every notebook as a web page, readable without a kernel.

A page is one file that asks no network: pictures are inside it, links lead from page to page. nbconvert's own page leaves
out the alt text that a notebook stores with each picture, and loads scripts from the network for TeX, which no notebook
here uses; our template mends both. `jupyter nbconvert --to html` uses that template too (see lab_settings.py).
"""

import re
import sys
from functools import cache
from pathlib import Path

from nbconvert import HTMLExporter

from helpers.authoring.pairs import ROOT, SOLUTIONS, find_pairs, read_notebook

TEMPLATE = Path(__file__).with_name("page_template")


def page(pair):
    """Return a pair's notebook as one HTML page (text)."""
    notebook = read_notebook(pair.notebook)
    notebook.metadata["title"] = title(notebook, pair)
    resources = {"metadata": {"name": pair.name, "path": str(pair.notebook.parent)}}  # where relative images lie
    html = _exporter().from_notebook_node(notebook, resources=resources)[0]
    return re.sub(r'(<a [^>]*href="(?!\w+:)[^"#]+)\.ipynb(?=["#])', r"\1.html", html)


@cache  # reading the templates again costs a tenth of a second a page
def _exporter():
    return HTMLExporter(template_name=TEMPLATE.name, extra_template_basedirs=[str(TEMPLATE.parent)], embed_images=True)


def title(notebook, pair):
    """Return what the browser's tab says: the notebook's first heading, for a solution with that word."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = next((match[1] for text in texts if (match := re.search(r"^# (.*)", text, re.MULTILINE))), pair.name)
    return heading + (" (solutions)" if pair.kind == SOLUTIONS else "")


def write_pages(folder, say=print):
    """Write every notebook that is built as a page below a folder, and say how far it is."""
    pairs = [pair for pair in find_pairs() if pair.notebook.is_file()]
    for count, pair in enumerate(pairs, start=1):
        target = Path(folder) / f"{pair.name}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page(pair), encoding="utf-8")
        say(f"[{count}/{len(pairs)}] {pair.name}.html", flush=True)


def main(arguments):
    """Write all pages to a folder, `pages` unless another is named; return the exit status."""
    write_pages(arguments[0] if arguments else ROOT / "pages")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
