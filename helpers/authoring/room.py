"""How large must a room's server be? `python -m helpers.authoring.room [--timings FILE]`

Reads what `make timings` measured (notebooks/instructor/timings.md), measures what JupyterLab's server itself takes, and
writes the table in notebooks/instructor/server/README.md, the limits in values.yaml, and limits.json. It guesses nothing:
without measurements it writes nothing.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from helpers.authoring import timings
from helpers.authoring.marked import put_between

SERVER = timings.INSTRUCTOR / "server"
LEARNERS = (5, 10, 20, 30, 40)
SYSTEM = 2000  # MB kept for the system and the hub
PATIENCE = 180  # seconds in which everyone's run of a whole chapter ends when all start at once, if one core can


class RoomError(Exception):
    """There is nothing to compute from; the message says what to do."""


def figures(text):
    """Return {"pocket": (MB, seconds), "full": ...}: the largest kernel, and the most processor seconds of one run.

    text: timings.md. Processor seconds, not seconds: when a whole room works at once, the cores are what is shared.
    Raises RoomError if the page holds no measured memory.
    """
    found = {}
    for which, runs in timings.read(text).items():
        if any(run.memory is None for run in runs):
            raise RoomError("Memory was not measured on that system. Run `make timings` on Linux, then this again.")
        found[which] = max(run.memory for run in runs), max(run.processor for run in runs)
    if not found:
        raise RoomError("There are no measured figures. Run `make timings` first, then this again.")
    return found


def server_memory(patience=60):
    """Return the MB, rounded up, that JupyterLab's server takes for one learner, measured by starting it here."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--port=0",
            "--IdentityProvider.token=",
            "--allow-root",
        ]
        command += [f"--ServerApp.root_dir={folder}", "--ServerApp.ip=127.0.0.1"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                port = _port_of(server.pid, patience)
                for path in ("api/status", "lab", "lab/api/settings"):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=patience).read()
                return math.ceil(psutil.Process(server.pid).memory_info().rss / 1e6)
            finally:
                server.terminate()


def _port_of(pid, patience):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        ports = [c.laddr.port for c in psutil.Process(pid).net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        for port in ports:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=5).read()
                return port
            except (OSError, urllib.error.URLError):
                continue
        time.sleep(0.2)
    raise RoomError(f"JupyterLab did not start within {patience} seconds on this machine.")


def wait(seconds):
    """Return the seconds in which all are done who start the longest run at once: three minutes, or one run on one core."""
    return max(PATIENCE, math.ceil(seconds))


def sizes(learners, kernel, seconds, server):
    """Return (GB of memory with one notebook open each, GB with two, cores) of the machine for this many learners.

    kernel, server: MB. seconds: processor seconds of the longest run. Memory: each has a server and one kernel of the
    largest notebook at work, or two because the chapter before is still open, and the system has 2 GB. Cores: if all
    start the longest run at once, all are done within `wait(seconds)`.
    """
    one, two = (math.ceil((SYSTEM + learners * (server + n * kernel)) / 1000) for n in (1, 2))
    return one, two, max(2, math.ceil(learners * seconds / wait(seconds)))


def limit(kernel, server):
    """Return the MB at which one learner is stopped: a server and two kernels of the largest notebook, in half GB."""
    return math.ceil((server + 2 * kernel) / 500) * 500


def table(found, server):
    """Return the Markdown between the marks of README.md."""
    names = {"pocket": "the small models", "full": "the originals"}
    lines = [
        f"From [the measured times](../timings.md): the largest kernel takes {_all(found, 0, 'MB')}; the longest run takes "
        f"{_all(found, 1, 'processor seconds')}. JupyterLab's server takes {server:.0f} MB a learner.",
        "",
        "| learners | " + " | ".join(f"memory, {names[w]} | cores, {names[w]}" for w in found) + " |",
        "|---" * (1 + 2 * len(found)) + "|",
    ]
    for learners in LEARNERS:
        cells = [sizes(learners, kernel, seconds, server) for kernel, seconds in found.values()]
        lines.append(
            f"| {learners} | " + " | ".join(f"{one} to {two} GB | {cores}" for one, two, cores in cells) + " |"
        )
    stop = ", ".join(f"{limit(kernel, server)} MB with {names[w]}" for w, (kernel, _) in found.items())
    done = ", ".join(f"{wait(seconds)} seconds with {names[w]}" for w, (_, seconds) in found.items())
    lines += [
        "",
        "Memory: 2 GB are the system's, and each learner has a server and one kernel of the largest notebook at work; the "
        "second figure is for two such kernels, for people who leave the chapter before open. "
        f"Cores: if all start the longest run at once, the last one ends within {done}. Limit of one learner (a server "
        f"and two such kernels): {stop}.",
    ]
    return "\n".join(lines)


def _all(found, place, unit):
    return ", ".join(f"{both[place]:.0f} {unit} ({which})" for which, both in found.items())


def limits_yaml(found, server):
    """Return the lines between the marks of values.yaml, for the small models unless only the originals were measured."""
    kernel = next(iter(found.values()))[0]
    lines = [f"memory: {{ guarantee: {math.ceil(server + kernel)}M, limit: {limit(kernel, server)}M }}"]
    if len(found) > 1:
        lines.append(f"# with the originals: limit: {limit(found['full'][0], server)}M")
    return "\n".join(["  " + line for line in [*lines, "cpu: { guarantee: 0.1, limit: 1 }"]])


def write(found, server, folder=SERVER):
    """Write table, limits.json and the limits of values.yaml."""
    found = {which: found[which] for which in timings.SETS if which in found}
    marks = {
        "README.md": (table(found, server), *timings.MARKS),
        "values.yaml": (limits_yaml(found, server), "  # measured: begin", "  # measured: end"),
    }
    new = {name: put_between((folder / name).read_text(encoding="utf-8"), *marks[name]) for name in marks}
    limits = {which: {"memory_limit_mb": limit(found[which][0], server)} for which in found}
    new["limits.json"] = json.dumps(limits, indent=1) + "\n"
    for name, text in new.items():
        (folder / name).write_bytes(text.encode("utf-8"))


def main(arguments=None):
    """Write the figures into the recipe and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m helpers.authoring.room", description=__doc__)
    parser.add_argument("--timings", type=Path, default=timings.TIMINGS)
    parser.add_argument("--folder", type=Path, default=SERVER)
    options = parser.parse_args(arguments)
    try:
        if not options.timings.is_file():
            raise RoomError(f"{options.timings.name} is not there. Run `make timings` first, then this again.")
        found = figures(options.timings.read_text(encoding="utf-8"))
        server = server_memory()
        write(found, server, options.folder)
    except (RoomError, ValueError) as problem:
        print(problem)
        return 1
    print(table(found, server))
    return 0


if __name__ == "__main__":
    sys.exit(main())
