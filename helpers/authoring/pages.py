"""`python -m helpers.authoring.pages [FOLDER]`: every notebook as a web page with alt text, readable without a kernel.

nbconvert's own page leaves out the alt text that a notebook stores with each picture; our template puts it in.
"""

import sys
from pathlib import Path

from nbconvert import HTMLExporter

from helpers.authoring.pairs import ROOT, find_pairs

TEMPLATE = Path(__file__).with_name("page_template")


def page(notebook):
    """Return a notebook file as one HTML page (text)."""
    exporter = HTMLExporter(template_name=TEMPLATE.name, extra_template_basedirs=[str(TEMPLATE.parent)])
    return exporter.from_filename(str(notebook))[0]


def main(arguments):
    """Write all pages to a folder, `pages` unless another is named; return the exit status."""
    folder = Path(arguments[0]) if arguments else ROOT / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    pairs = find_pairs()
    for count, pair in enumerate(pairs, start=1):
        target = folder / f"{pair.name}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page(pair.notebook), encoding="utf-8")
        print(f"[{count}/{len(pairs)}] {pair.name}.html", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
