"""The packages against the pins of pyproject.toml, and the environment they are in."""

import os
import re
import sys
from importlib import metadata

from helpers.preflight.result import COURSE, REPAIR, look, ready, stop

PROJECT = "attention-course"
_PIN = re.compile(r"([A-Za-z0-9._-]+)\s*(?:==\s*([^;,\s]+))?")


def read_pins(root=COURSE):
    """Return {package: version} of what the course needs; the version is None where it is not pinned. Raises OSError."""
    import tomllib  # not at the top: this file is named in messages of Pythons that have none

    with open(os.path.join(root, "pyproject.toml"), "rb") as file:
        lines = tomllib.load(file)["project"]["dependencies"]
    return dict(_PIN.match(line).groups() for line in lines)


def check_packages(pins=None, version_of=metadata.version):
    """Check that every package is there, at its pinned version.

    pins: as from read_pins. version_of: the installed version of a package; raises PackageNotFoundError.
    """
    name = "Packages"
    try:
        pins = read_pins() if pins is None else pins
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:  # not there, or edited
        return stop(name, f"The pins in pyproject.toml cannot be read ({error}).", "Get the course again.")
    missing, other = [], []
    for package, pinned in pins.items():
        try:
            version = version_of(package)
        except metadata.PackageNotFoundError:
            version = None
        if version is None:  # a damaged installation has no version
            missing.append(package)
        elif pinned and version.partition("+")[0] != pinned:  # torch's CPU build adds "+cpu"
            other.append(f"{package} {version} instead of {pinned}")
    if missing:
        return stop(
            name, f"{_some(missing)} {'is' if len(missing) == 1 else 'are'} not installed in this Python.", REPAIR
        )
    if other:
        return look(name, f"Other versions than the course's: {_some(other)}.", REPAIR)
    return ready(name, f"{len(pins)} packages at the course's versions.")


def check_environment(prefix=None, root=COURSE, environ=os.environ, installed=None):
    """Check that this Python is the course's own, and that nothing from another mixes in.

    prefix: as sys.prefix. installed: whether the course is installed in this Python (with conda and on Binder it is).
    """
    prefix, name = prefix or sys.prefix, "Environment"
    own = os.path.join(root, ".venv")
    installed = _course_is_installed() if installed is None else installed
    if not installed and not _same(prefix, own):
        cure = "Run `make lab`, which makes the course's own in .venv."
        if os.path.isdir(own):
            python = os.path.join(".venv", "Scripts" if os.name == "nt" else "bin", "python")
            cure = (
                f"In a terminal run {python} instead of python; in JupyterLab choose Kernel, Change Kernel, Python 3 "
                "(ipykernel), and start it with `make lab`."
            )
        return look(name, f"This Python, in {prefix}, is not the course's.", cure)
    if environ.get("PYTHONHOME"):
        return stop(name, "PYTHONHOME is set, which makes one Python load another's library.", "Unset PYTHONHOME.")
    strange = [part for part in environ.get("PYTHONPATH", "").split(os.pathsep) if part and not _same(part, root)]
    if strange:
        found = f"PYTHONPATH puts other packages before the course's: {_some(strange)}."
        return look(name, found, "Unset PYTHONPATH, then start JupyterLab again.")
    conda = environ.get("CONDA_PREFIX", "")
    if conda and environ.get("CONDA_DEFAULT_ENV") != "base" and not _same(conda, prefix):
        found = (
            f"The conda environment {environ.get('CONDA_DEFAULT_ENV') or conda} is active, but this Python is another."
        )
        return look(name, found, "Run `conda deactivate`, then `make lab`; or use conda alone (environment.yml).")
    where = (
        "This Python is the course's own, in .venv."
        if _same(prefix, own)
        else "The course is installed in this Python."
    )
    return ready(name, where)


def _course_is_installed():
    try:
        return bool(metadata.version(PROJECT))
    except metadata.PackageNotFoundError:
        return False


def _same(one, other):
    return os.path.realpath(one) == os.path.realpath(other)


def _some(names, most=4):
    """Return the first names of a list as text, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
