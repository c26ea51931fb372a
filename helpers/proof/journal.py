"""What a part that takes hours has done so far, so that a run which was cut off goes on where it stopped."""

import hashlib
import json
import os
import time


class Journal:
    """Answers by key, in a file below build/, which git ignores. A key changes with everything that its answer rests on."""

    def __init__(self, path):
        self.path, self.answers = path, {}
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    key, answer = json.loads(line)
                except ValueError:  # the last line of a run that was killed
                    continue
                self.answers[key] = answer

    def get(self, key):
        """Return the answer of this key, or None."""
        return self.answers.get(key)

    def put(self, key, answer):
        """Keep an answer: something that JSON can hold."""
        self.answers[key] = answer
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps([key, answer]) + "\n")


def key_of(*parts):
    """Return a short hash of texts and bytes."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def deadline(environ=os.environ):
    """Return the moment, as time.monotonic counts, at which PROOF_MINUTES are over; infinity if it is not set."""
    minutes = environ.get("PROOF_MINUTES", "").strip()
    return time.monotonic() + 60 * float(minutes) if minutes else float("inf")
