"""The course without a kernel: each notebook as a web page and as GitHub shows it, in Chromium without network."""

import re
from urllib.parse import unquote, urlsplit

import bleach  # comes with nbconvert
import pytest
from axe import faults

from helpers.authoring.pages import page as as_page
from helpers.authoring.pairs import find_pairs

PAIRS = find_pairs()
EACH = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
# What GitHub's sanitiser (github.com/gjtorikian/html-pipeline, SanitizationFilter) keeps; no style, class, id or script.
GITHUB_TAGS = """h1 h2 h3 h4 h5 h6 br b i strong em a pre code img div ins del sup sub p ol ul table thead tbody tfoot
blockquote dl dt dd kbd q samp var hr li tr td th s details summary caption figure figcaption small span""".split()
GITHUB_ATTRIBUTES = {"a": ["href"], "img": ["src", "alt"], "details": ["open"], "*": ["align", "title"]}
PICTURES = """() => Array.from(document.images).map(image => ({
  alt: image.alt, width: image.complete ? image.naturalWidth : 0, source: image.src.slice(0, 60)}))"""
OVERFLOW = "() => document.documentElement.scrollWidth - innerWidth"


def github_view(pair):
    """Return a notebook's page with what GitHub's sanitiser leaves of it."""
    body = re.search(r"<main>(.*)</main>", as_page(pair), re.DOTALL)[1]
    kept = bleach.clean(
        body, tags=GITHUB_TAGS, attributes=GITHUB_ATTRIBUTES, protocols=["https", "data", "mailto"], strip=True
    )
    # Where an attribute holds quotation marks, bleach escapes its < and > twice.
    kept = re.sub(r"<img [^>]*>", lambda image: image[0].replace("&amp;lt;", "&lt;").replace("&amp;gt;", "&gt;"), kept)
    return f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{pair.name}</title><main>{kept}</main></html>'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An empty folder for pages, with a blank in its name."""
    return tmp_path_factory.mktemp("web pages") / "web pages"


@pytest.fixture(scope="module")
def written(folder):
    """Return a function that gives the file of a pair's page, as `make pages` writes it; made when first asked for."""

    def file_of(pair):
        path = folder / f"{pair.name}.html"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(as_page(pair), encoding="utf-8")
        return path

    return file_of


@pytest.fixture
def look(chromium):
    """Return a function that opens a file in a page without network; at the end it must have asked for nothing else."""
    contexts, wrong = [], []

    def opened(path, **options):
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: wrong.append(r.url[:200]) if not re.match("file:|data:", r.url) else None)
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong, "\n".join(wrong)


@EACH
def test_a_page_is_whole_without_network_and_for_everyone(look, written, pair):
    page = look(written(pair))
    pictures = page.evaluate(PICTURES)
    assert all(picture["width"] > 100 and len(picture["alt"].split()) > 3 for picture in pictures), pictures
    assert page.locator("h1:visible").count() == 1 and page.title() != pair.name
    closed = faults(page)
    page.evaluate("() => document.querySelectorAll('details').forEach(box => { box.open = true; })")
    assert not closed + faults(page)
    page.set_viewport_size({"width": 640, "height": 450})  # as 1280 x 900 at 200 %
    assert page.evaluate(OVERFLOW) <= 0


@EACH
def test_as_github_shows_it_nothing_is_lost(look, written, pair, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(github_view(pair), encoding="utf-8")
    page, full = look(path, java_script_enabled=False), look(written(pair))
    text, whole = (re.sub(r"[\s¶]+", " ", shown.locator("main").text_content()).strip() for shown in (page, full))
    assert text == whole
    assert page.evaluate(PICTURES) == full.evaluate(PICTURES)
    assert [len(page.locator(tag).all()) for tag in ("h1", "h2", "details")] == [
        len(full.locator(tag).all()) for tag in ("h1", "h2", "details")
    ]
    for box in page.locator("details").all():
        box.locator("summary").click()  # opens without a script
        assert box.get_attribute("open") is not None


def test_every_link_between_pages_leads_to_a_page(look, folder, written):
    for pair in PAIRS:
        written(pair)
    page = look(folder / "00-start-here.html")
    due, seen = [page.url], set()
    while due:
        address = due.pop()
        page.goto(address)
        assert page.locator("h1").count() == 1, address
        seen.add(address)
        links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href.split('#')[0])")
        due += [link for link in {*links} if link.startswith("file:") and link not in {*seen, *due}]
    names = {unquote(urlsplit(address).path).removeprefix(f"{folder}/").removesuffix(".html") for address in seen}
    assert names >= {pair.name for pair in PAIRS if "/" not in pair.name}  # each chapter can be reached
