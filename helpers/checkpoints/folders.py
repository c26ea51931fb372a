"""Where checkpoints lie on this machine, and what lies in a folder. Nothing here writes or asks the network."""

import json
import os
import sys
from pathlib import Path

from helpers.checkpoints.manifest import WEIGHTS, File

COURSE = Path(__file__).resolve().parents[2]
POCKET = COURSE / "helpers" / "pocket" / "checkpoints"
RECORD = "fetched.json"  # beside the weights: what was fetched, with every size and hash


def models_folder(environ=os.environ):
    """Return the folder of the originals: COURSE_MODELS_DIR, or a cache folder of this user.

    A relative COURSE_MODELS_DIR is taken from the course's own folder, so that notebooks and the command line agree.
    """
    chosen = environ.get("COURSE_MODELS_DIR", "").strip()
    if chosen:
        return COURSE / os.path.expanduser(chosen)  # ~somebody who is not there stays as it is
    if sys.platform == "win32":
        cache = environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        cache = Path.home() / "Library" / "Caches"
    else:
        cache = environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "attention-course" / "models"


def staging_folder(root, name):
    """Return the folder in which a checkpoint is put together before it gets its name."""
    return Path(root) / f"{name}.part"


def file_size(path):
    """Return the size of a plain file in bytes, or None if there is none that can be seen."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def read_record(folder):
    """Return what RECORD says, or {} if it is missing or damaged."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) and isinstance(record.get("files"), dict) else {}


def is_stand_in(folder):
    """Return True if the folder says that it holds random weights in the original's architecture (see tests)."""
    return bool(read_record(folder).get("stand_in"))


def recorded(folder, original):
    """Return {file: {"size", "sha256"}} of the first download of this very commit, or {}."""
    record = read_record(folder)
    return record["files"] if record.get("revision") == original.revision else {}


def wrong_size(folder, sizes):
    """Return a phrase about the first file that is missing or has another size, or "" if all are as expected.

    sizes: {file: bytes, or None if only its presence can be checked}. Looks at sizes only, so it takes no time.
    """
    for name, expected in sizes.items():
        found = file_size(folder / name)
        if found is None:
            return f"{name} is missing"
        if expected is not None and found != expected:
            return f"{name} has {found} bytes, expected {expected}"
    return ""


def full_sizes(folder, original):
    """Return {file: size or None} of what must lie in the folder of an original, or of its stand-in."""
    if is_stand_in(folder):
        listed = read_record(folder)["files"].items()
        return {WEIGHTS: None} | {name: entry.get("size") for name, entry in listed if isinstance(entry, dict)}
    return {name: file.size for name, file in original.files.items()}


def pocket_files(original, pocket=POCKET):
    """Return {file: File} of a pocket checkpoint as the shipped manifest lists it, without cards and pictures; or {}.

    pocket: the folder of manifest.json, which helpers/pocket/export.py writes as {checkpoint: {file: {size, sha256}}}.
    """
    try:
        listed = json.loads((pocket / "manifest.json").read_text(encoding="utf-8"))[original.pocket]
        files = {
            name: File(entry["size"], entry["sha256"])
            for name, entry in listed.items()
            if not name.endswith((".md", ".png", ".svg"))
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # missing, or not what export.py writes
        return {}
    return files if WEIGHTS in files else {}
