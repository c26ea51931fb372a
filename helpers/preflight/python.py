"""The Python itself: the one check that must also run where Python is too old for the others."""

import shutil
import struct
import sys

from helpers.preflight.result import look, ready, stop

OLDEST = (3, 11)
NEWEST_TRIED = (3, 13)


def check_python(version=None, find=shutil.which):
    """Check the version: older than OLDEST stops, newer than NEWEST_TRIED is worth a look.

    version: as in sys.version_info. find: returns the path of a command, or None.
    """
    version = sys.version_info if version is None else version
    here = "This is Python %s." % ".".join(str(part) for part in version[:3])
    if tuple(version[:2]) < OLDEST:
        names = ["python3.%d" % minor for minor in range(NEWEST_TRIED[1], OLDEST[1] - 1, -1)]
        found = next((name for name in names if find(name)), None)
        cure = "You have %s: run `make lab PYTHON=%s`." % (found, found)
        if not found:
            cure = "Install Python 3.12 from python.org, then run `make lab PYTHON=python3.12`."
        return stop("Python", here + " The course needs 3.11 or newer.", cure)
    if tuple(version[:2]) > NEWEST_TRIED:
        return look(
            "Python", here + " The course was tried with 3.11 to 3.13.", "If set-up or a chapter fails, take 3.13."
        )
    return ready("Python", here)


def check_bits(bits=None):
    """Return None for a 64-bit Python, else the Result that stops: torch has no 32-bit packages."""
    bits = struct.calcsize("P") * 8 if bits is None else bits
    if bits == 64:
        return None
    cure = "Install the 64-bit Python from python.org, delete the folder .venv, and run `make lab` again."
    return stop("Architecture", "This is a %d-bit Python; PyTorch needs 64 bits." % bits, cure)
