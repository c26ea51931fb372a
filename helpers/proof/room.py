"""A room that holds: a real JupyterHub on loopback, many learners at once, accidents, and attempts on a neighbour.

Needs Linux, root, systemd's programs, and what notebooks/instructor/server/README.md installs. Where systemd does not run, a
closed-in one is started (room_systemd.py). Not to be run on a machine whose room is at work: it takes port 8000 and all cores.
"""

import contextlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys

import psutil

from helpers.proof import room_systemd
from helpers.proof.result import Missing, Result
from helpers.proof.room_hub import CONFIG, ROOT
from helpers.proof.room_inside import RESULT
from helpers.proof.room_load import CHAPTERS, MOVES, Load
from helpers.proof.room_notebook import RoomError

STEPS = (1, 2, 4, 8, 16, 32, 64)
FREE = 4000  # MB that are left to the machine
SHARES = 1024  # of the processor: as much for the whole room as for any other program
MINUTES = 60  # for the loads together
NEEDS = ("systemctl", "systemd-run", "configurable-http-proxy", "unshare", "nsenter", "setpriv", "ip")
HEADERS = [
    "what was tried",
    "memory a learner, MB",
    "most of one learner, MB",
    "server starts, s (median)",
    f"chapters {', '.join(chapter[:2] for chapter in CHAPTERS)}, s (median)",
    "the slowest learner, s",
    "slider, ms (95th percentile)",
    "result",
]


def run(say, steps=STEPS, minutes=MINUTES, shares=SHARES):
    """Do the trials and the loads; return the Result. Raises Missing where it cannot be run, RoomError where it breaks off."""
    missing = what_is_missing()
    if missing:
        page = (CONFIG.parent / "README.md").relative_to(ROOT)
        raise Missing(f"it lacks {', '.join(missing)}. {page} says how to install the hub, and on what machine")
    memory = int(psutil.virtual_memory().available / 1e6) - FREE
    with contextlib.ExitStack() as stack:
        own = not room_systemd.running()
        enter = stack.enter_context(room_systemd.own_systemd(memory * 10**6, cpu_shares=shares)) if own else []
        say("systemd of its own started" if own else "the machine's systemd is used")
        found = _inside(
            [*enter, "env", "-C", str(ROOT)], [f"--memory={memory}", f"--minutes={minutes}", *map(str, steps)], say
        )
    return result(found, own, steps)


def what_is_missing():
    """Return what this machine lacks for the trials, in words."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return ["Linux with root"]
    packages = [
        name for name in ("jupyterhub", "systemdspawner", "firstuseauthenticator") if not importlib.util.find_spec(name)
    ]
    return packages + [name for name in NEEDS if not shutil.which(name)]


def _inside(enter, arguments, say):
    command = [*enter, sys.executable, "-m", "helpers.proof.room_inside", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        last = ""
        for line in process.stdout:
            last = line.strip()
            if not last.startswith(RESULT):
                say(last)
    if process.returncode or not last.startswith(RESULT):
        raise RoomError(f"room: got {last!r} and status {process.returncode}, expected a result")
    return json.loads(last.removeprefix(RESULT))


def result(found, own, steps):
    """Return the Result of what was found. own: whether systemd was the closed-in one."""
    loads, trials = [Load(**each) for each in found["loads"]], found["trials"]
    if not loads:
        raise RoomError(f"room: got no load, because {found['why']}")
    rows = [
        [*load.row(), "held" + (f"; {load.lost} lost connections were made again" if load.lost else "")]
        for load in loads
    ]
    rows += [
        [name, *[""] * (len(HEADERS) - 2), ("held: " if held else "DID NOT HOLD: ") + said]
        for name, said, held in trials
    ]
    held, most = sum(held for _, _, held in trials), loads[-1]
    busy = ", ".join(f"{load.others:.1f}" for load in loads)
    summary = (
        f"A JupyterHub as the recipe sets it up, on {psutil.cpu_count()} cores and {psutil.virtual_memory().total / 1e9:.0f} GB, "
        f"{'in a systemd of its own' if own else 'with the system’s systemd'}. {most.learners} learners at once ran chapters "
        f"1, 5 and 7 and moved a slider {MOVES} times in each; other programs kept {busy} cores busy just before each step. "
        f"{held} of {len(trials)} accidents and attempts ended as promised."
    )
    shortfalls = [f"{name}: {said}" for name, said, held in trials if not held]
    if found["why"]:
        shortfalls.append(f"Of the steps {', '.join(map(str, steps))} not all were run: {found['why']}.")
    return Result("A room", summary, HEADERS, rows, held == len(trials), shortfalls)
