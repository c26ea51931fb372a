"""A real JupyterLab on loopback, in a copy of the course, and Chromium to look at it. Run by `make browser`."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from helpers.authoring.browser import CHROMIUM_OPTIONS, find_chromium

ROOT = Path(__file__).resolve().parents[2]
# Not ours, and harmless: JupyterLab asks for what a server without that extension does not have.
NOT_OURS = re.compile(r"favicon|/lsp/status|status of 404.*(?:workspaces|lsp|themes)", re.IGNORECASE)


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A copy of the course in a folder with a blank and an accent: what a learner runs, and what may be changed."""
    folder = tmp_path_factory.mktemp("lab") / "mon été"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def lab(course, tmp_path_factory):
    """The address of a running `jupyter lab` with a fresh profile; its log must hold no error at the end."""
    home = tmp_path_factory.mktemp("home")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR",
             "JUPYTERLAB_WORKSPACES_DIR")  # fmt: skip
    environment = os.environ | {name: str(home / name) for name in names} | {"PYTHONPATH": str(course)}
    log = home / "lab.log"
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.root_dir=.",
        "--IdentityProvider.token=course", "--LabApp.default_url=/lab/tree/notebooks/00-start-here.ipynb",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=course, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token=course", timeout=2).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                time.sleep(0.2)
        # A fresh workspace each time, as a newcomer has: JupyterLab would open again what was open before.
        yield f"http://127.0.0.1:{port}/lab/tree/notebooks/00-start-here.ipynb?reset&token=course"
    finally:
        server.terminate()
        server.wait(30)
    wrong = [line for line in log.read_text().splitlines() if re.search(r"^\[E |Traceback|^\w*Error\b", line)]
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="session")
def chromium():
    """One headless Chromium for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, lab):
    """A fresh page of 1280 x 900; at the end its console must hold no error and it must have asked this machine only."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page, wrong = context.new_page(), []
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" and not NOT_OURS.search(m.text) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda r: wrong.append(f"asked for {r.url}") if not stays_here(r.url) else None)
    yield page
    context.close()
    shut_down_kernels(lab)
    assert not wrong, "\n".join(wrong)


def shut_down_kernels(address):
    """End all sessions, so that the next test begins with none."""
    root, query = address.split("/lab/")[0], "token=course"
    with urllib.request.urlopen(f"{root}/api/sessions?{query}") as answer:
        sessions = json.load(answer)
    for session in sessions:
        request = urllib.request.Request(f"{root}/api/sessions/{session['id']}?{query}", method="DELETE")
        urllib.request.urlopen(request).close()


def stays_here(url):
    """Return True for an address on this machine, or one that is no network address."""
    return re.match(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|(blob|data|file|about|chrome)", url) is not None
