"""The models: every file of the pocket checkpoints by its hash, and one answer that must come out, without network."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers.checkpoints.choose import chosen_set
from helpers.checkpoints.folders import POCKET, models_folder
from helpers.checkpoints.manifest import ORIGINALS
from helpers.checkpoints.problems import CheckpointError
from helpers.checkpoints.verify import verify, verify_pocket
from helpers.preflight.result import COURSE, REPAIR, ready, stop
from helpers.preflight.trial import EXPECTED, MODEL, PACKAGES, SENTENCE

TRIAL_SECONDS = 180  # the first import after installation is slow: everything is read from disk
AGAIN = "Run `git checkout -- helpers/pocket/checkpoints`, or get the course again."
VISUAL = "Install the Microsoft Visual C++ Redistributable (x64) from microsoft.com, then try again. "


def check_checkpoints(pocket=POCKET, originals=ORIGINALS, environ=os.environ):
    """Check every file of the pocket checkpoints against the manifest, and of the originals where they are in use."""
    name, wrong = "Checkpoints", []
    try:
        full = chosen_set(None, environ) == "full"
    except ValueError as error:
        return stop(name, str(error), "Set COURSE_MODELS to pocket or full, or unset it.")
    for original in originals.values():
        try:
            said = verify_pocket(original, Path(pocket))
            wrong += [] if "every hash" in said else [f"{original.pocket} is not in the manifest."]
        except (CheckpointError, OSError) as error:
            wrong.append(str(error).removesuffix(" Get the course again."))
    if wrong:
        return stop(name, " ".join(wrong), AGAIN)
    if not full:
        return ready(name, f"{len(originals)} pocket checkpoints, every hash is right.")
    for key, original in originals.items():
        folder = models_folder(environ) / key
        try:
            if not folder.is_dir():
                raise CheckpointError(f"COURSE_MODELS is full, but {key} is not in {folder.parent}.")
            verify(key, original, folder)
        except (CheckpointError, OSError) as error:
            cure = f"Run `python -m helpers.checkpoints fetch {key}`, or unset COURSE_MODELS to use the small models."
            return stop(name, str(error), cure)
    return ready(name, f"{len(originals)} pocket checkpoints and {len(originals)} originals, every hash is right.")


class Trial:
    """What came of importing the packages and asking pocket-bert, in a process of its own that may also die or hang."""

    def __init__(self, folder=None, command=None, seconds=TRIAL_SECONDS):
        """folder: the checkpoint. command: what to run instead of helpers.preflight.trial. seconds: how long to wait."""
        folder = str(folder or POCKET / ORIGINALS["bert-base-uncased"].pocket)
        self.command = command or [sys.executable, "-m", "helpers.preflight.trial", folder]
        self.seconds, self._came = seconds, None

    def check_imports(self):
        """Check that every package can be imported, not only that its files are there."""
        said, problem = self._run()
        imported = [line["imported"] for line in said if "imported" in line]
        missing = next((package for package in PACKAGES if package not in imported), None)
        if missing is None:
            return ready("Imports", "Every package that the chapters import can be imported.")
        failed = next((line["error"] for line in said if "failed" in line), problem)
        cure = (VISUAL if os.name == "nt" and missing == "torch" else "") + REPAIR
        return stop("Imports", f"{missing} cannot be imported: {failed}.", cure)

    def check_answer(self, expected=EXPECTED):
        """Check that pocket-bert guesses the word which it must guess."""
        name, (said, problem) = "Model", self._run()
        answer = next((line["answer"] for line in said if "answer" in line), None)
        failed = next((line for line in said if "failed" in line), None)
        if answer == expected:
            return ready(name, f"Without network, pocket-bert reads {SENTENCE!r} and guesses {answer!r}.")
        if answer is not None:
            found = f"pocket-bert reads {SENTENCE!r} and guesses {answer!r}; it must guess {expected!r}."
            return stop(name, found, f"See to the lines Packages and Checkpoints first. {REPAIR}")
        if failed and failed["failed"] != MODEL:
            return stop(name, "It could not be tried, because an import fails.", "See to the line Imports first.")
        found = f"pocket-bert gives no answer: {failed['error'] if failed else problem}."
        return stop(name, found, f"See to the lines Packages and Checkpoints first. {REPAIR}")

    def _run(self):
        """Return (what the process said, how it ended if not well); run it the first time."""
        if self._came is None:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                self._came = self._start(folder)
        return self._came

    def _start(self, folder):
        path = os.pathsep.join(filter(None, [COURSE, os.environ.get("PYTHONPATH")]))
        environ = os.environ | {
            "PYTHONPATH": path,
            "PYTHONIOENCODING": "utf-8",
            "PYTHONDONTWRITEBYTECODE": "1",  # nothing is written but in the temporary folder
            "HF_HUB_OFFLINE": "1",
            "HF_HOME": folder,
            "MPLCONFIGDIR": folder,
        }
        options = dict(capture_output=True, env=environ, cwd=folder, stdin=subprocess.DEVNULL, timeout=self.seconds)
        try:
            done = subprocess.run(self.command, **options)
        except subprocess.TimeoutExpired as late:
            return _lines(late.stdout), f"no end within {self.seconds:g} seconds"
        except OSError as error:
            return [], f"Python does not start ({error.strerror})"
        return _lines(done.stdout), _end(done)


def _lines(stdout):
    """Return the JSON objects of the output; other programs' lines, and one that was cut off, are left out."""
    found = []
    for line in (stdout or b"").decode("utf-8", "replace").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        found += [said] if isinstance(said, dict) else []
    return found


def _end(done):
    """Return how a process ended, as a phrase: killed by a signal, or the last line that it wrote to stderr."""
    if done.returncode < 0:
        try:
            name = signal.Signals(-done.returncode).name
        except ValueError:
            name = f"signal {-done.returncode}"
        why = {"SIGKILL": ", often because memory ran out", "SIGILL": ": this processor is too old for the package"}
        return f"it was ended by {name}{why.get(name, '')}"
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].rstrip(".") if lines else f"it ended with status {done.returncode}"
