"""Look at the course in a real browser: `python -m helpers.authoring.browser` (`make browser`).

Installs what the browser tests need where it can (Playwright by pip, Chromium and npm by apt-get for root), and says what
to do where it cannot. Then it runs tests/browser. `make test` needs none of this.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from helpers.authoring.pairs import ROOT

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
CHROMIUM_OPTIONS = [
    "--no-sandbox",  # root in a container has no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Missing(Exception):
    """Something that could not be installed; the message says what to do."""


def find_chromium(environ=os.environ, which=shutil.which):
    """Return the path of a Chromium or Chrome: CHROMIUM, one on the PATH, or where the systems put it. Else Missing."""
    found = [environ.get("CHROMIUM"), *map(which, CHROMIUMS), *PLACES]
    for path in filter(None, found):
        if Path(path).is_file():
            return path
    raise Missing(
        "No Chromium or Chrome is here. Install one (Debian and Ubuntu: sudo apt-get install chromium), or say where it "
        "is: CHROMIUM=/path/to/it make browser."
    )


def install_chromium():
    """Return the path of a Chromium, installed by apt-get where this user may do that. Raises Missing."""
    try:
        return find_chromium()
    except Missing:
        if not _apt_installs("chromium"):
            raise
    return find_chromium()


def install_npm():
    """Install npm, which fetches axe-core (tests/browser/axe.py), where it is not there. Raises Missing."""
    if not shutil.which("npm") and not (_apt_installs("npm") and shutil.which("npm")):
        raise Missing(
            "npm is not here. Install Node.js, which brings it (Debian and Ubuntu: sudo apt-get install npm)."
        )


def _apt_installs(package):
    """Install a Debian package where this user may do that; return False elsewhere."""
    if not shutil.which("apt-get") or getattr(os, "geteuid", lambda: 1)() != 0:
        return False
    print(f"Installing {package} with apt-get ...", flush=True)
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package]):
        subprocess.run(command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL)
    return True


def install_packages(root=ROOT):
    """Install the extra `browser` of pyproject.toml unless it is there at its pinned versions. Raises Missing."""
    extras = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    wanted = [line for line in extras["browser"] if _installed(line.split("==")[0]) != line.split("==")[1]]
    if wanted:
        print(f"Installing {', '.join(wanted)} ...", flush=True)
        if subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *wanted]).returncode:
            raise Missing(f"pip could not install {', '.join(wanted)}. Is there a network? Run the command again then.")


def _installed(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def main(arguments=None):
    """Install, then run the browser tests; further arguments go to pytest. Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m helpers.authoring.browser", description=__doc__)
    parser.add_argument("--install-only", action="store_true", help="install what the tests need, and stop")
    options, for_pytest = parser.parse_known_args(arguments)
    try:
        install_packages()
        install_npm()
        print(f"Browser: {install_chromium()}", flush=True)
    except Missing as problem:
        print(problem)
        return 1
    if options.install_only:
        return 0
    command = [sys.executable, "-m", "pytest", "--confcutdir=tests/browser", "tests/browser", *for_pytest]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path}).returncode


if __name__ == "__main__":
    sys.exit(main())
