"""Run a notebook in a kernel of its own and measure it: seconds, processor time, and the peak memory of the kernel.

Only `make timings` and `make bench` use this. Nothing is written: the notebook comes from its text source and its outputs
are thrown away.
"""

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from helpers.authoring.pairs import ROOT, cell_name
from helpers.preflight.machine import memory as memory_of_the_machine

CELL_SECONDS = 1800  # longer than the strict run allows: with the originals on a slow machine a cell may take minutes
MB = 1e6
PACKAGES = ("numpy", "matplotlib", "ipykernel", "torch", "transformers")  # whose version changes the figures most
MAKERS = {"GenuineIntel": "Intel", "AuthenticAMD": "AMD", "Apple": "Apple", "Qualcomm": "Qualcomm"}


class MeasureError(Exception):
    """A notebook or the preflight did not run to its end; the message says where and why."""


@dataclass(frozen=True)
class Run:
    """What one run of a notebook took. Times in seconds; memory in MB (1,000,000 bytes), None where nothing tells it.

    seconds: from asking for a kernel to the end of the last cell. cells: without the kernel's start. processor: what the
    kernel used of all cores together.
    """

    name: str
    seconds: float
    cells: float
    processor: float
    memory: float | None


def measure(pair, models="pocket", root=ROOT, clock=time.perf_counter):
    """Return the Run of a pair's text source. models: "pocket" or "full", what COURSE_MODELS says in that kernel.

    Raises MeasureError if a cell fails, takes longer than CELL_SECONDS, or the kernel dies.
    """
    notebook = pair.read()
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(pair.notebook.parent)}},
        extra_arguments=["--IPKernelApp.log_level=40"],
    )
    with tempfile.TemporaryDirectory() as profile:  # no IPython settings of this user reach the kernel
        environment = os.environ | {
            "IPYTHONDIR": profile,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")])),
            "COURSE_MODELS": models,
        }
        begin, here = clock(), "the kernel's start"
        try:
            with client.setup_kernel(env=environment):
                ready = clock()
                for index, cell in enumerate(notebook.cells):
                    here = f"{cell_name(notebook, index)}, which begins with {cell.source.strip().split(chr(10))[0]!r},"
                    client.execute_cell(cell, index, execution_count=client.code_cells_executed + 1)
                end = clock()
                kernel = client.km.provisioner.pid
                return Run(pair.name, end - begin, end - ready, processor_time(kernel), peak_memory(kernel))
        except CellExecutionError as problem:
            reason = f"{problem.ename}: {problem.evalue}"
        except CellTimeoutError:
            reason = f"it ran for more than {CELL_SECONDS} seconds"
        except (DeadKernelError, RuntimeError) as problem:
            reason = f"its kernel died (out of memory?): {problem}"
    raise MeasureError(f"{pair.name}, {here} failed: {reason}")


def peak_memory(pid, status=None, platform_name=sys.platform):
    """Return the most MB that a process had in memory since it began, or None where the system keeps no such figure.

    Linux: VmHWM of /proc/PID/status. Windows: the peak working set, of the process and its children, because a virtual
    environment's Python starts the real one as a child. macOS tells it to the process itself only: None. status: a
    function that returns the text of /proc/PID/status.
    """
    if platform_name == "win32":
        return sum(process.memory_info().peak_wset for process in _family(pid)) / MB
    try:
        text = status() if status else Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"^VmHWM:\s*(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 / MB if found else None


def processor_time(pid):
    """Return the seconds that a process used of all cores together (on Windows with its children, as above)."""
    times = [process.cpu_times() for process in (_family(pid) if sys.platform == "win32" else [psutil.Process(pid)])]
    return sum(each.user + each.system for each in times)


def _family(pid):
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def measure_preflight(root=ROOT, clock=time.perf_counter, command=("-m", "helpers.preflight")):
    """Return the seconds that the check of the machine takes. Raises MeasureError if it does not come to its end."""
    begin = clock()
    done = subprocess.run([sys.executable, *command], cwd=root, capture_output=True, text=True)
    seconds = clock() - begin
    if done.returncode not in (0, 1):  # 1: some check says stop, which takes the same time
        raise MeasureError(f"The preflight failed: {(done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]}")
    return seconds


def cores():
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe_machine():
    """Return (machine, programs): the machine in general words, without a name of it, and the versions that matter."""
    total, _ = memory_of_the_machine()
    kind = "Apple" if sys.platform == "darwin" else _processor_text()
    maker = next((name for mark, name in MAKERS.items() if mark in kind), "")
    processor = platform.machine() + (f" ({maker})" if maker else "")
    size = f"{total / 1e9:.0f} GB of memory" if total else "memory unknown"
    count = cores()
    machine = f"{platform.system()} on {processor}, {count} core{'s' * (count > 1)}, {size}"
    programs = ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)])
    return machine, programs


def _processor_text():
    try:
        return Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return platform.processor()


class OtherWork:
    """How many cores other programs kept busy while this one measured: on a quiet machine about 0."""

    def __init__(self):
        self.begin = self._now()

    def cores(self, runs):
        """Return that number since this object was made. runs: the Runs in between, whose work is not other work."""
        seconds, busy, own = (now - before for now, before in zip(self._now(), self.begin))
        return max(0.0, busy - own - sum(run.processor for run in runs)) / seconds

    @staticmethod
    def _now():
        times, mine = psutil.cpu_times(), psutil.Process().cpu_times()
        # Guests are already in user and nice; what the machine's host took away is nobody's work here.
        idle = ("idle", "iowait", "steal", "guest", "guest_nice")
        busy = sum(value for name, value in times._asdict().items() if name not in idle)
        return time.perf_counter(), busy, mine.user + mine.system
