"""What a check returns, and the folder of the course."""

import os
from collections import namedtuple

READY, LOOK, STOP = "ready", "look", "stop"

# As a path: this file is read by Pythons of any age.
COURSE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

REPAIR = (
    "Run `make lab` again (without make: `python -m helpers.authoring.setup_venv`); if it still stops here, delete the "
    "folder .venv first."
)


class Result(namedtuple("Result", "name state found cure")):
    """One check: its name, READY, LOOK (it may disturb) or STOP (it will), what was found, and the cure, a sentence each."""

    __slots__ = ()

    def line(self, short=False):
        """Return the check as one line; short: without what was found where it is ready."""
        if short and self.state == READY:
            return "%s: %s" % (self.name, self.state)
        text = "%s: %s. %s %s" % (self.name, self.state, self.found, self.cure)
        return " ".join(text.split())  # a message of another program may have several lines


def ready(name, found):
    """Return the Result of a check that found all as it should be."""
    return Result(name, READY, found, "")


def look(name, found, cure):
    """Return the Result of a check that found what may disturb."""
    return Result(name, LOOK, found, cure)


def stop(name, found, cure):
    """Return the Result of a check that found what will not work."""
    return Result(name, STOP, found, cure)


def said(error):
    """Return an exception as a phrase without a full stop, with its kind where the text alone says too little."""
    kind = "" if len(str(error).split()) > 4 else "%s: " % type(error).__name__
    return ("%s%s" % (kind, error)).rstrip(".")
