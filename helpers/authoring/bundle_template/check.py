"""Is this folder whole? `python3 check.py` compares every file with SHA256SUMS. Needs the standard library only."""

import hashlib
import os
import sys
from pathlib import Path

LIST = "SHA256SUMS"


def digest(path):
    """Return the SHA-256 of a file as hex."""
    sha = hashlib.sha256()
    with open(str(path), "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            sha.update(block)
    return sha.hexdigest()


def faults(folder):
    """Yield a line for each file that is missing, changed or cannot be read, and "" for each that is as it was."""
    for line in (folder / LIST).read_text(encoding="utf-8").splitlines():
        wanted, name = line.split("  ", 1)
        path = folder / name
        try:
            yield "" if digest(path) == wanted else "changed: " + name
        except OSError as error:
            yield f"missing: {name}" if not path.exists() else f"cannot be read ({error.strerror}): {name}"


def main(folder=None):
    """Check the folder that this file lies in; return the exit status."""
    folder = folder or Path(os.path.abspath(__file__)).parent
    if not (folder / LIST).is_file():
        print(f"There is no {LIST} beside this file: copy the whole folder again.")
        return 1
    count, found = 0, []
    for line in faults(folder):
        count += 1
        if line:
            found.append(line)
            print(line)
        if count % 50 == 0:
            print(f"{count} files checked", flush=True)
    if found:
        print(f"{len(found)} of {count} files are not as they were: copy the folder again.")
        return 1
    print(f"All {count} files are as they were.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
