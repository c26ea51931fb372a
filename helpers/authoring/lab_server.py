"""A real JupyterLab on loopback, started by the Makefile's own line for `make lab`: for the browser's tests and timings."""

import contextlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

from helpers.authoring.pairs import ROOT

TOKEN = "course"
HOMES = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
         "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")  # fmt: skip
WRONG = re.compile(r"^\[E |Traceback|^\w*Error\b")  # lines of the server's log
# Tornado says this at length when a page is closed while the kernel has something to say to it.
PAGE_GONE = re.compile(
    r"^Task exception was never retrieved\n(?:(?!\[|Task ).*\n)*?.*WebSocketClosedError\n", re.MULTILINE
)


def copy_course(folder, root=ROOT):
    """Copy what git knows of the course, and what it would take, to `folder`: what a learner has. Return the folder."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    return folder


def make_lab(root=ROOT):
    """Return the command, as a list of words, that `make lab` runs once everything is set up."""
    recipe = re.search(r"^lab:.*\n((?:\t.*\n?)+)", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[1]
    line = recipe.strip().splitlines()[-1].strip().removeprefix("@")
    words = shlex.split(line.replace("$(BIN)/python", "PYTHON").replace("$(ARGS)", ""))
    return [sys.executable if word == "PYTHON" else word for word in words]


@contextlib.contextmanager
def running_lab(course, home):
    """Run JupyterLab in the folder `course` with a fresh profile in the folder `home`, as a newcomer has.

    Gives the address that `make lab` would open in the browser, and lets a script look into JupyterLab
    (`window.jupyterapp`). Raises AssertionError at the end if the server's log holds an error.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {name: str(home / name) for name in HOMES} | {"PYTHONPATH": str(course)}
    options = ["--no-browser", "--ServerApp.ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={TOKEN}",
               "--LabApp.expose_app_in_browser=True"]  # fmt: skip
    if getattr(os, "geteuid", lambda: 1)() == 0:
        options.append("--allow-root")
    log = home / "lab.log"
    with log.open("w") as out:
        command = [*make_lab(course), *options]
        server = subprocess.Popen(command, cwd=course, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield _first_address(server, home, log)
    finally:
        server.terminate()
        server.wait(30)
    wrong = wrong_lines(log.read_text())
    assert not wrong, "\n".join(wrong)


def wrong_lines(log):
    """Return the lines of the server's log that tell of an error."""
    return [line for line in PAGE_GONE.sub("", log).splitlines() if WRONG.search(line)]


def _first_address(server, home, log, seconds=300):
    """Wait for the page that the server writes for the browser to open; return the address it leads to."""
    for _ in range(seconds * 5):
        for page in Path(home / "JUPYTER_RUNTIME_DIR").glob("jpserver-*-open.html"):
            address = re.search(r'href="(http[^"]+)"', page.read_text(encoding="utf-8"))
            with contextlib.suppress(OSError):
                if address:
                    urllib.request.urlopen(_api(address[1], "status"), timeout=2).close()
                    return address[1]
        assert server.poll() is None, log.read_text()
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not answer within {seconds} s: {log.read_text()}")


def end_sessions(address):
    """End all kernels of the server at this address."""
    for session in _asked(_api(address, "sessions")):
        _asked(_api(address, f"sessions/{session['id']}"), "DELETE")


def forget_tabs(address):
    """Forget which tabs were open: JupyterLab brings them back, and the one that was in front to the front again, late."""
    for name in _asked(_api(address, "workspaces", "lab/api"))["workspaces"]["ids"]:
        _asked(_api(address, f"workspaces/{urllib.parse.quote(name, safe='')}", "lab/api"), "DELETE")


def _asked(address, method="GET"):
    with urllib.request.urlopen(urllib.request.Request(address, method=method)) as answer:
        return json.loads(answer.read() or b"null")


def _api(address, name, root="api"):
    return f"{address.split('/lab')[0]}/{root}/{name}?token={TOKEN}"
