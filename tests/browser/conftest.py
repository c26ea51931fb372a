"""A real JupyterLab on loopback, in a copy of the course, and Chromium to look at it. Run by `make browser`."""

import contextlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lab import PATIENCE, Notebook
from playwright.sync_api import sync_playwright
from twins import twins_of

from helpers.authoring.browser import CHROMIUM_OPTIONS, find_chromium
from helpers.authoring.lab_server import copy_course, end_sessions, forget_tabs, running_lab

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
# Not ours, and harmless: JupyterLab asks for what a server without that extension does not have.
NOT_OURS = re.compile(r"favicon|/lsp/status|status of 404.*(?:workspaces|lsp|themes)", re.IGNORECASE)


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A copy of the course in a folder with a blank and an accent: what a learner runs, and what may be changed."""
    return copy_course(tmp_path_factory.mktemp("lab") / "mon été")


@pytest.fixture(scope="session")
def lab(course, tmp_path_factory):
    """The address that `make lab` opens, of a running JupyterLab with a fresh profile."""
    with running_lab(course, tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    """One headless Chromium for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def twins(course):
    """Return the panels of a notebook made in this process, by name; made when first asked for.

    `twins.prepare(name)` begins to make them meanwhile.
    """
    with ThreadPoolExecutor(1) as pool:
        kept = {}

        def prepare(name):
            if name not in kept:
                kept[name] = pool.submit(twins_of, course / "notebooks" / f"{name}.ipynb")
            return kept[name]

        def twins(name):
            return prepare(name).result()

        twins.prepare = prepare
        yield twins


@pytest.fixture(scope="session")
def in_front():
    """What closes the page of the chapter that was opened last: no two pages are open at once."""
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def page(chromium, lab, in_front):
    """A fresh page of 1280 x 900; at the end its console must hold no error and it must have asked this machine only."""
    in_front.close()
    with watched_page(chromium, lab) as page:
        yield page


@pytest.fixture(scope="session", params=NAMES)
def chapter(request, chromium, lab, twins, in_front):
    """Each notebook in turn, opened by its link and run once for all tests that take it; its panels are as at the start.

    Gives (name, notebook, list of (panel on the page, its twin)).
    """
    name = request.param
    page = in_front.enter_context(watched_page(chromium, lab))
    twins.prepare(name)
    notebook = Notebook(page).open_by_link(lab, name)
    notebook.run_all()
    yield name, notebook, list(zip(notebook.panels(), twins(name), strict=True))
    in_front.close()


@contextlib.contextmanager
def watched_page(chromium, address):
    """A page of 1280 x 900 whose console must hold no error, and which may ask this machine only."""
    forget_tabs(address)
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page, wrong = context.new_page(), []
    page.set_default_timeout(1000 * PATIENCE)
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" and not NOT_OURS.search(m.text) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda r: wrong.append(f"asked for {r.url}") if not stays_here(r.url) else None)
    yield page
    context.close()
    end_sessions(address)
    assert not wrong, "\n".join(wrong)


def stays_here(url):
    """Return True for an address on this machine, or one that is no network address."""
    return re.match(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|(blob|data|file|about|chrome)", url) is not None
