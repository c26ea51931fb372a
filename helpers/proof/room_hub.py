"""The hub of a room, started by systemd just as notebooks/instructor/server/README.md says, but on loopback only.

Its folders and units have names of their own, so that a real room's files on the same machine are not touched.
"""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from helpers.proof.room_learner import Learner
from helpers.proof.room_notebook import RoomError

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "notebooks" / "instructor" / "server" / "jupyterhub_config.py"
ADDRESS, WORD, NAME = "http://127.0.0.1:8000", "the room's word", "course-proof"
UNIT, FOLDER, LOG = f"{NAME}-hub", Path(f"/var/lib/{NAME}-hub"), Path(f"/var/lib/{NAME}-hub.log")
GROUPS = Path("/sys/fs/cgroup")


def start(seconds=120):
    """Start the hub and wait until its log-in page comes. Raises RoomError, with the end of its log, if it does not."""
    settings = {
        "COURSE_WORD": WORD,
        "COURSE_ADDRESS": ADDRESS,
        "COURSE_LEARNERS": NAME,
        "COURSE_HUB": str(FOLDER),
        "PATH": os.environ["PATH"],
    }
    command = ["systemd-run", f"--unit={UNIT}", "--collect", f"--working-directory={ROOT}"]
    command += [f"--property=Standard{stream}=append:{LOG}" for stream in ("Output", "Error")]
    command += [f"--setenv={name}={value}" for name, value in settings.items()]
    done = subprocess.run(
        [*command, sys.executable, "-m", "jupyterhub", "-f", str(CONFIG)], capture_output=True, text=True
    )
    end = time.monotonic() + seconds
    while time.monotonic() < end and done.returncode == 0 and shown(UNIT, "ActiveState") in ("active", "activating"):
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"{ADDRESS}/hub/login", timeout=10
            ).close()
            return
        except OSError:
            time.sleep(0.3)
    raise RoomError(f"hub: got {done.stderr} {end_of_log()}, expected that it starts")


def end_of_log(length=1500):
    """Return the last that the hub said."""
    return LOG.read_text(errors="replace").strip()[-length:] if LOG.is_file() else ""


def kill():
    """Kill the hub and its proxy at once, as a power cut would; the learners' servers are units of their own."""
    subprocess.run(["systemctl", "kill", "--signal=KILL", UNIT], check=True, capture_output=True)
    while shown(UNIT, "ActiveState") in ("active", "deactivating"):
        time.sleep(0.1)


def clean():
    """Stop the hub and the learners' servers, and take away all that they wrote."""
    command = ["systemctl", "list-units", "--all", "--plain", "--no-legend", f"{NAME}-*", f"jupyter-{NAME}-*"]
    for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines():
        subprocess.run(["systemctl", "stop", line.split()[0]], capture_output=True)
        subprocess.run(["systemctl", "reset-failed", line.split()[0]], capture_output=True)
    for path in [*Path("/var/lib").glob(f"{NAME}-*"), *Path("/var/lib/private").glob(f"{NAME}-*")]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def learner(name):
    """Return the Learner who types in this name; the hub puts its own word before it."""
    return Learner(name, f"{WORD} {name} own", ADDRESS, f"{NAME}-{name}")


def home(name):
    """Return the folder of a learner's files."""
    return Path("/var/lib/private") / f"{NAME}-{name}"


def unit_of(name):
    """Return the unit of a learner's server."""
    return f"jupyter-{NAME}-{name}-singleuser.service"


def shown(unit, what):
    """Return one property of a unit, as systemctl shows it."""
    asked = subprocess.run(["systemctl", "show", "--property", what, "--value", unit], capture_output=True, text=True)
    return asked.stdout.strip()


def memory(name):
    """Return (bytes that a learner's processes hold, the most of all memory that was ever charged to them).

    The first counts anonymous memory only: what programs, numbers and models take, without cached files, which the
    system drops when it needs the room. The second is what the limit is held against. Raises FileNotFoundError for a
    learner without a running server.
    """
    group = shown(unit_of(name), "ControlGroup").lstrip("/")
    if not group:  # or this would be the whole machine's
        raise FileNotFoundError(f"{name}: has no running server")
    old = (GROUPS / "memory").is_dir()  # version 1 of the control groups, where each controller has a folder
    folder = (GROUPS / "memory" / group) if old else (GROUPS / group)
    stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    most = (folder / ("memory.max_usage_in_bytes" if old else "memory.peak")).read_text()
    return int(stat["total_rss" if old else "anon"]), int(most)
