"""The machine: its processor and how Python runs on it, memory, and disk."""

import os
import platform
import shutil
import subprocess
import sys

from helpers.preflight.python import check_bits
from helpers.preflight.result import COURSE, look, ready, stop

KNOWN = ("x86_64", "amd64", "arm64", "aarch64")
GB = 1e9
MEMORY_STOP, MEMORY_SMALL, MEMORY_FREE = 1.5 * GB, 3.5 * GB, 1.2 * GB  # a chapter's kernel takes up to 0.8 GB
DISK_STOP, DISK_LOOK = 0.1 * GB, 1 * GB
NATIVE_PYTHON = "Install the Python for {} from python.org, delete the folder .venv, and run `make lab` again."


def check_architecture(system=None, machine=None, bits=None, environ=os.environ, sysctl=None):
    """Check that Python has 64 bits, is made for this processor, and that PyTorch is made for both.

    system, machine: as from the platform module. sysctl: a function from a name to the text of that macOS setting.
    """
    system, machine = system or platform.system(), (machine or platform.machine())
    if wrong := check_bits(bits):
        return wrong
    here, name = f"A 64-bit Python for {machine} on {system}.", "Architecture"
    kind, sysctl = machine.lower(), sysctl or _sysctl
    if system == "Darwin" and kind == "x86_64":
        if sysctl("sysctl.proc_translated") == "1" or sysctl("hw.optional.arm64") == "1":
            found = "This Python is made for Intel and runs translated by Rosetta on an Apple processor."
            return stop(name, f"{found} There is no PyTorch of this age for it.", NATIVE_PYTHON.format("Apple silicon"))
        cure = "If set-up finds no torch, use conda (environment.yml) or Binder, as the README says."
        return look(name, "This is a Mac with an Intel processor, for which pip has no recent PyTorch.", cure)
    if system == "Windows" and kind == "amd64" and "ARM" in _windows_processor(environ):
        found = "This Python is made for Intel and runs emulated on an ARM processor, which is slow."
        return look(name, found, NATIVE_PYTHON.format("ARM64"))
    if kind not in KNOWN:
        return look(name, f"{here} PyTorch may have no packages for it.", "If set-up finds no torch, use Binder.")
    return ready(name, here)


def check_memory(measure=None):
    """Check the memory. measure: a function that returns (total, free) in bytes; None stands for unknown."""
    name, (total, free) = "Memory", (measure or memory)()
    if total is None or free is None:
        return look(name, "How much memory there is could not be found out.", "You need 4 GB, 1.5 GB of it free.")
    found = f"{total / GB:.1f} GB, {free / GB:.1f} GB of it free."
    if total < MEMORY_STOP:
        return stop(
            name, f"{found} That is too little for the models of chapters 5 to 9.", "Use Binder (see the README)."
        )
    if free < MEMORY_FREE:
        return look(
            name, f"{found} A chapter takes up to 0.8 GB, the browser more.", "Close other programs and notebooks."
        )
    if total < MEMORY_SMALL:
        return look(
            name, f"{found} That is little.", "Keep one notebook open at a time: menu Kernel, Shut Down All Kernels."
        )
    return ready(name, found)


def check_disk(folder=COURSE, usage=shutil.disk_usage):
    """Check the free space where the course lies. usage: as shutil.disk_usage."""
    name = "Disk"
    try:
        free = usage(folder).free
    except OSError as error:
        return look(name, f"The free space could not be found out ({error.strerror}).", "See that 1 GB is free.")
    found = f"{free / GB:.1f} GB are free."
    if free < DISK_STOP:
        return stop(name, f"{found} Notebooks cannot be saved on a full disk.", "Free 1 GB at least.")
    if free < DISK_LOOK:
        return look(
            name,
            f"{found} That is little.",
            "Free 1 GB at least; the original models (COURSE_MODELS=full) need 1.3 GB.",
        )
    return ready(name, found)


def memory():
    """Return (total, free) memory in bytes, the limit of a container included, or (None, None) if nothing tells."""
    try:
        import psutil  # a dependency of the course, but this runs before it is known to be there

        whole = psutil.virtual_memory()
        total, free = whole.total, whole.available
    except Exception:  # missing, damaged, or not for this system
        total, free = _memory_of_the_system()
    limit = _container_limit()
    if total and limit and limit < total:
        total, free = limit, min(free, limit)
    return total, free


def _memory_of_the_system():
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf, macOS not all names
        return None, None


def _container_limit(paths=("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")):
    for path in paths:
        try:
            with open(path, encoding="ascii") as file:
                return int(file.read())
        except (OSError, ValueError):  # not there, or "max"
            continue
    return None


def _sysctl(name):
    try:
        done = subprocess.run(["sysctl", "-n", name], capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _windows_processor(environ):
    """Return what Windows says about the real processor, also to an emulated program."""
    texts = [environ.get("PROCESSOR_IDENTIFIER", ""), environ.get("PROCESSOR_ARCHITEW6432", "")]
    if sys.platform == "win32":
        try:
            import winreg

            path = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:
                texts.append(winreg.QueryValueEx(key, "PROCESSOR_ARCHITECTURE")[0])
        except OSError:
            pass
    return " ".join(texts).upper()
