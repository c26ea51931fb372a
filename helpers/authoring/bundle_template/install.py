"""Install the course from this folder, without network: python3 install.py FOLDER

Copies the course to FOLDER on this machine's own disk and installs the packages from `wheels` beside this file. Run the
same command again after an interruption: it goes on, and leaves what you changed in FOLDER alone.
Needs Python and its standard library only.
"""

import argparse
import errno
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SYSTEMS = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}
MACHINES = {"amd64": "x86_64", "x64": "x86_64", "aarch64": "arm64"}


def this_target():
    """Return (platform, Python) of this machine, in the words that bundle.json uses: ("macos_arm64", "3.11")."""
    system = SYSTEMS.get(platform.system(), platform.system())
    machine = MACHINES.get(platform.machine().lower(), platform.machine().lower())
    if system == "linux" and machine == "arm64":
        machine = "aarch64"
    return f"{system}_{machine}", "{}.{}".format(*sys.version_info[:2])


def why_not(targets, here):
    """Return None if the bundle has packages for this machine, else the sentence that says what it has."""
    if list(here) in [list(target) for target in targets]:
        return None
    name, version = here
    pythons = sorted({python for platform_name, python in targets if platform_name == name})
    if pythons:
        commands = [f"`py -{python}`" if name.startswith("windows") else f"`python{python}`" for python in pythons]
        return (
            f"This folder has packages for Python {' and '.join(pythons)} on {name}, and this is Python {version}. "
            f"Run it with {' or '.join(commands)}."
        )
    names = ", ".join(sorted({platform_name for platform_name, _ in targets}))
    return (
        f"This folder has packages for {names}, and this machine is {name}. "
        f"Ask for a folder made with --platforms {name}."
    )


def offline(environ, wheels):
    """Return the environment in which pip looks into the folder `wheels` and nowhere else.

    The folder goes as a file: address, because pip takes a space in PIP_FIND_LINKS for the end of a path.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith("PIP_") and name != "TORCH_INDEX"}
    kept.pop("PYTHONPATH", None)
    kept.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=Path(wheels).resolve().as_uri(), PIP_CONFIG_FILE=os.devnull)
    return kept


def copy_course(source, target):
    """Copy every file of the course that the target lacks; print how far it is."""
    files = sorted(path for path in source.rglob("*") if path.is_file())
    for number, path in enumerate(files, start=1):
        copy = target / path.relative_to(source)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            part = copy.with_name(copy.name + ".part")  # a file that was cut off must not look whole
            shutil.copyfile(str(path), str(part))
            os.replace(str(part), str(copy))
        if number % 50 == 0 or number == len(files):
            print(f"Copying the course: {number} of {len(files)} files", flush=True)


def how_to_start(target, windows=os.name == "nt"):
    """Return the second command: what opens the course from now on."""
    # No file as argument: its folder would become JupyterLab's root, where the texts of the notebooks are not found.
    lab = "-m jupyterlab --LabApp.default_url=/lab/tree/notebooks/00-start-here.ipynb"
    if windows:
        return f'pushd "{target}"\n.venv\\Scripts\\python {lab}'
    return f'cd "{target}"\n.venv/bin/python {lab}'


def main(arguments=None, here=HERE, run=subprocess.run):
    """Copy and install; print the command that opens the course; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", help="where the course goes, like attention-course")
    parser.add_argument("--wheels", default=str(here / "wheels"), help="the packages, if they lie somewhere else")
    options = parser.parse_args(arguments)
    target = Path(options.folder).expanduser().resolve()
    if target == here or here in target.parents:
        print("Name a folder on this machine's own disk, not in the folder that you install from.")
        return 1
    if target.is_dir() and any(target.iterdir()) and not (target / "pyproject.toml").is_file():
        print(f"{target} has other files in it. Name a folder that is empty or does not exist yet.")
        return 1
    problem = why_not(json.loads((here / "bundle.json").read_text(encoding="utf-8"))["targets"], this_target())
    if problem:
        print(problem)
        return 1
    try:
        copy_course(here / "course", target)
    except OSError as error:
        full = "; the disk is full" if error.errno == errno.ENOSPC else ""
        print(f"The course could not be copied to {target} ({error.strerror}{full}). Run the same command again.")
        return 1
    command = [sys.executable, "-m", "helpers.authoring.setup_venv"]
    if run(command, cwd=str(target), env=offline(os.environ, options.wheels)).returncode:
        print("It did not work. If a package is named above, check this folder with: python3 check.py")
        return 1
    print(f"\nThe course is installed. To open it:\n\n{how_to_start(target)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
