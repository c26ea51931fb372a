"""Set everything up in .venv, once: `python3 -m helpers.authoring.setup_venv` (`make lab` and `make test` run it).

Runs under the system's Python with the standard library only, and parses on old Pythons to say that they are too old.
TORCH_INDEX in the environment names an extra package index, for torch's CPU build on Linux (see the README).
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys

from helpers.authoring.lab_settings import ROOT, write_overrides, write_page_settings

OLDEST = (3, 11)
NEWEST_TRIED = (3, 13)
STAMP = "course-set-up.json"


class SetupError(Exception):
    """Set-up cannot go on; the message is one sentence that says what to do."""


def too_old(version, find=shutil.which):
    """Return None if this Python version will do, else the sentence that says what to do instead."""
    if tuple(version[:2]) >= OLDEST:
        return None
    here = ".".join(str(part) for part in version[:2])
    names = ["python3.%d" % minor for minor in range(NEWEST_TRIED[1], OLDEST[1] - 1, -1)]
    found = next((name for name in names if find(name)), None)
    if found:
        return "The course needs Python 3.11 or newer and this is %s; you have %s, so add PYTHON=%s to the command." % (
            here,
            found,
            found,
        )
    return "The course needs Python 3.11 or newer and this is %s; install one from python.org and try again." % here


def venv_python(venv, windows=os.name == "nt"):
    """Return where the Python of a virtual environment lies: Scripts on Windows, bin elsewhere."""
    return os.path.join(venv, "Scripts", "python.exe") if windows else os.path.join(venv, "bin", "python")


def wanted_stamp(root):
    """Return what the stamp of a finished set-up of this folder must say: folder, Python, and a hash of the pins."""
    import tomllib  # here, because an old Python has none and must get as far as its sentence

    with open(os.path.join(root, "pyproject.toml"), encoding="utf-8") as file:
        settings = tomllib.loads(file.read())
    project = settings["project"]
    pins = [settings["build-system"], project["dependencies"], project["optional-dependencies"], project["version"]]
    return {
        "folder": root,
        "python": "%d.%d" % sys.version_info[:2],
        "pins": hashlib.sha256(json.dumps(pins, sort_keys=True).encode()).hexdigest(),
        "finished": True,
    }


def read_stamp(venv):
    """Return what the last set-up noted, or {} if there was none or its note cannot be read."""
    try:
        with open(os.path.join(venv, STAMP), encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def why_new_venv(venv, stamp, wanted):
    """Return why .venv must be made from scratch, or None if packages can be installed into it as it is."""
    if not os.path.isdir(venv):
        return "there is none yet"
    if not os.path.exists(venv_python(venv)):
        return "the Python it was made with is gone"
    if stamp.get("folder", wanted["folder"]) != wanted["folder"]:
        return "this folder was moved"
    if (stamp.get("python") or _version_of(venv)) != wanted["python"]:
        return "it was made with another Python"
    return None


def set_up(root=ROOT, run=subprocess.run):
    """Bring .venv up to date with pyproject.toml; return True if there was something to do."""
    venv = os.path.join(root, ".venv")
    stamp, wanted = read_stamp(venv), wanted_stamp(root)
    if stamp == wanted and os.path.exists(venv_python(venv)):
        return False
    reason = why_new_venv(venv, stamp, wanted)
    if reason:
        _say("Set-up, step 1 of 3: making .venv with Python %s (%s)." % (wanted["python"], reason))
        _make_venv(venv, run)
    else:
        _say("Set-up, step 1 of 3: .venv is there and will be brought up to date.")
    # Until the last step is done the note says "not finished": an interrupted set-up is repeated.
    _write_stamp(venv, dict(wanted, finished=False))
    _say("Set-up, step 2 of 3: installing the packages. The first time this takes minutes.")
    _install(root, venv, run)
    _say("Set-up, step 3 of 3: JupyterLab's settings.")
    write_overrides(venv)
    write_page_settings(venv)
    _write_stamp(venv, wanted)
    _say("Set-up is done.")
    return True


def _make_venv(venv, run):
    try:
        import ensurepip  # noqa: F401  Debian and Ubuntu leave it out
        import venv as _  # noqa: F401
    except ImportError:
        raise SetupError(
            "This Python lacks the venv module; on Debian and Ubuntu install it with "
            "`sudo apt install python%d.%d-venv`, then try again." % sys.version_info[:2]
        ) from None
    # When .venv itself is active, sys.executable lies in the folder that is about to be cleared.
    python = getattr(sys, "_base_executable", None) or sys.executable
    if run([python, "-m", "venv", "--clear", venv]).returncode:
        raise SetupError("Python could not make %s; is the folder writable, and the disk not full?" % venv)


def _install(root, venv, run):
    command = [venv_python(venv), "-m", "pip", "install", "--disable-pip-version-check", "-e", ".[verify]"]
    index = os.environ.get("TORCH_INDEX")
    if index:
        command += ["--extra-index-url", index]
    elif sys.platform.startswith("linux"):
        _say("(pip's torch for Linux can bring gigabytes of CUDA. The README says how TORCH_INDEX avoids it.)")
    if run(command, cwd=root).returncode:
        raise SetupError(_pip_failed())
    # From another folder, so that it is the installed course that answers and not the current directory.
    if run([venv_python(venv), "-c", "import helpers, numpy, jupyterlab"], cwd=venv).returncode:
        raise SetupError("The packages were installed but cannot be imported; delete the folder .venv and try again.")


def _pip_failed():
    if sys.version_info[:2] > NEWEST_TRIED:
        return (
            "pip could not install the packages (see above); this Python %d.%d is newer than those the course was "
            "tried with, so try 3.11, 3.12 or 3.13." % sys.version_info[:2]
        )
    return (
        "pip could not install the packages (see above); check the network and the free disk space, then run the "
        "same command again: it goes on where it stopped."
    )


def _version_of(venv):
    """Return the "3.11" of a virtual environment that has no note of set-up yet."""
    try:
        with open(os.path.join(venv, "pyvenv.cfg"), encoding="utf-8") as file:
            lines = dict(line.split(" = ", 1) for line in file if " = " in line)
    except (OSError, UnicodeDecodeError):
        return ""
    return ".".join(lines.get("version", lines.get("version_info", "")).strip().split(".")[:2])


def _write_stamp(venv, stamp):
    with open(os.path.join(venv, STAMP), "w", encoding="utf-8") as file:
        json.dump(stamp, file, indent=1)


def _say(text):
    print(text)
    sys.stdout.flush()  # before pip, which writes by itself


def main():
    """Set up the course in its own folder; return the exit status."""
    problem = too_old(sys.version_info)
    if problem:
        print(problem)
        return 1
    try:
        set_up()
    except SetupError as problem:
        print(problem)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up was interrupted; the next `make lab` or `make test` takes it up again.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
