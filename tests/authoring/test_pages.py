"""A notebook as a web page: every picture arrives with its words."""

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from helpers.authoring.lab_settings import write_page_settings
from helpers.authoring.pages import main, page
from helpers.authoring.pairs import CHAPTERS, find_pairs, read_notebook


class _Images(HTMLParser):
    def __init__(self):
        super().__init__()
        self.alts = []

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.alts.append(dict(attrs).get("alt"))


@pytest.mark.parametrize("pair", find_pairs(), ids=lambda pair: pair.name)
def test_every_stored_picture_has_its_words_as_alt_text_on_the_page(pair):
    stored = [
        output.metadata["image/png"]["alt"]
        for cell in read_notebook(pair.notebook).cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    images = _Images()
    images.feed(page(pair.notebook))
    assert images.alts == stored
    assert stored or pair.kind != CHAPTERS


def test_plain_nbconvert_keeps_the_alt_text_once_set_up(tmp_path):
    settings = Path(write_page_settings(tmp_path)).parent
    pair = find_pairs()[0]
    command = ["-m", "jupyter", "nbconvert", "--to", "html", "--output-dir", tmp_path, pair.notebook]
    subprocess.run([sys.executable, *command], check=True, env=os.environ | {"JUPYTER_CONFIG_PATH": str(settings)})
    images = _Images()
    images.feed((tmp_path / f"{pair.name}.html").read_text(encoding="utf-8"))
    assert images.alts and all("attention" in alt for alt in images.alts)


def test_the_command_writes_a_page_a_notebook(tmp_path, capsys):
    assert main([str(tmp_path / "out")]) == 0
    pages = [path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.html")]
    names = {path.with_suffix("").as_posix() for path in pages}
    assert names == {pair.name for pair in find_pairs()}
    assert f"[{len(names)}/{len(names)}]" in capsys.readouterr().out
