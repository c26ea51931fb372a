"""The runs of the part `anywhere`: under what each lets every notebook run again."""

import re
import subprocess
from dataclasses import dataclass, field

from helpers.authoring.verify import WORKERS

OLDEST = {"numpy": "2.0.2", "matplotlib": "3.10.0"}  # older ones than the pins, with which the course is known to run
ZONE = "Asia/Kathmandu"  # a quarter of an hour off
LOCALES = ("tr_TR", "de_DE", "fr_FR", "ar_EG")  # other letters i, commas in numbers, other digits
OLD_PROCESSOR = {
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_CBWR": "COMPATIBLE",
    "OPENBLAS_CORETYPE": "Prescott",  # what NumPy multiplies matrices with
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX",
}


@dataclass(frozen=True)
class Run:
    """One run. environment: from anywhere_pythons. folder: what the copy of the course is called.

    pinned: whether the versions are those that the course pins; NumPy and Matplotlib of other versions may differ.
    tells: {notebook: words} of the one cell that must differ there, since it tells the learner what is other than usual.
    workers: notebooks at a time. Two with two threads each wait for one another on two cores.
    """

    name: str
    what: str
    environment: str = "course"
    variables: dict = field(default_factory=dict)
    folder: str = "course"
    read_only: bool = False
    network: bool = True
    pinned: bool = True
    tells: dict = field(default_factory=dict)
    workers: str = WORKERS


def other_locale(listed=None):
    """Return the name of an installed locale that is not English, or "C". listed: what `locale -a` says."""
    if listed is None:
        try:
            listed = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout
        except OSError:
            listed = ""
    names = [line.strip() for line in listed.splitlines()]
    for start in LOCALES:
        found = next((name for name in names if re.fullmatch(rf"{start}\.utf-?8", name, re.IGNORECASE)), None)
        if found:
            return found
    return "C"


def all_runs(locale=None):
    """Return {name: Run}, in the order of the table."""
    locale = other_locale() if locale is None else locale
    abroad = {"LC_ALL": locale, "LANG": locale, "LANGUAGE": "", "TZ": ZONE}
    folder = {"00-start-here": "Ready; have a look at: Folder."}
    packages = {"00-start-here": "Ready; have a look at: Environment, Packages."}
    odd = "Kurs für Mädchen, ein Übungsheft 注意"
    runs = [
        Run("as here", "the course's own environment, one thread"),
        Run("2 threads", "two threads in NumPy and torch", variables={"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"},
            workers="1"),
        Run("old processor", "only the instructions that every 64-bit processor has", variables=OLD_PROCESSOR),
        Run("abroad", f"locale {locale}, time zone {ZONE}", variables=abroad),
        Run("odd path", "a path with spaces and letters beyond ASCII", folder=odd),
        Run("read-only", "a checkout that cannot be written to", read_only=True, tells=folder),
        Run("no network", "a network namespace with nothing but loopback", network=False),
        Run("all at once", "abroad, odd path, read-only, no network and an old processor together",
            variables=abroad | OLD_PROCESSOR, folder=odd, read_only=True, network=False, tells=folder),
        Run("Python 3.12", "Python 3.12 with the pinned packages", "python3.12"),
        Run("Python 3.13", "Python 3.13 with the pinned packages", "python3.13"),
        Run("oldest", f"NumPy {OLDEST['numpy']}, Matplotlib {OLDEST['matplotlib']}", "oldest", pinned=False,
            tells=packages),
        Run("newest", "the newest NumPy and Matplotlib, on Python 3.12", "newest", pinned=False,
            tells=packages),
    ]  # fmt: skip
    return {run.name: run for run in runs}
