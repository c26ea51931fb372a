"""Is this file, or this folder, what was pinned? By size, SHA-256 and use. Nothing here writes or asks the network."""

import hashlib
import json
from dataclasses import replace

from helpers.checkpoints.folders import RECORD, file_size, is_stand_in, pocket_files, recorded
from helpers.checkpoints.problems import CheckpointError, disk_problem


def sha256(path):
    """Return the SHA-256 of a file as hex."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def wrong_content(path, file):
    """Return a phrase about what is wrong with the file at `path`, or "" if it is what `file` says."""
    size = file_size(path)
    if size is None:
        return "is missing"
    if file.size is not None and size != file.size:
        return f"has {size} bytes, expected {file.size}"
    if file.sha256 is not None:
        return "" if sha256(path) == file.sha256 else "has another SHA-256 than the pinned one"
    if path.name.removesuffix(".part").endswith(".json"):
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            return "is not JSON"
        if not isinstance(found, dict) or any(found.get(key) != value for key, value in file.holds.items()):
            return f"does not hold {file.holds}"
    return ""


def wrong_use(tokenizer_file, original):
    """Return a phrase if this tokenizer.json has another vocabulary or encodes the known text in another way."""
    from tokenizers import Tokenizer  # light, but only needed here

    try:
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
    except Exception as error:  # the library raises plain Exception for a file that it cannot read
        return f"tokenizer.json cannot be used ({error})"
    if tokenizer.get_vocab_size() != original.vocabulary:
        return f"the vocabulary has {tokenizer.get_vocab_size()} tokens, expected {original.vocabulary}"
    ids = tokenizer.encode(original.text).ids
    return "" if ids == list(original.ids) else f"{original.text!r} becomes {ids}, expected {list(original.ids)}"


def expected_files(folder, original):
    """Return {file: File} with the size and hash of the first download filled in where no hash is pinned."""
    first, files = recorded(folder, original), dict(original.files)
    for name, file in files.items():
        entry = first.get(name) if file.sha256 is None else None
        if isinstance(entry, dict) and isinstance(entry.get("size"), int) and isinstance(entry.get("sha256"), str):
            files[name] = replace(file, size=entry["size"], sha256=entry["sha256"])
    return files


def wrong_files(folder, original):
    """Return [(file, phrase)] of every file of the folder that is not what was pinned or first recorded."""
    checked = ((name, wrong_content(folder / name, file)) for name, file in expected_files(folder, original).items())
    return [(name, problem) for name, problem in checked if problem]


def strange_files(folder, original):
    """Return the names of files that do not belong: `from_pretrained` may read them. Hidden files do not count."""
    known = {*original.files, RECORD}
    return sorted(path.name for path in folder.iterdir() if path.name not in known and not path.name.startswith("."))


def verify(name, original, folder):
    """Check every hash of one original; return a line that says so. Raises CheckpointError with what is wrong."""
    fetch = f"python -m helpers.checkpoints fetch {name}"
    if is_stand_in(folder):
        raise CheckpointError(f"{name} in {folder} is a stand-in with random weights. Delete the folder, then {fetch}.")
    try:
        problems = [f"{file} {problem}" for file, problem in wrong_files(folder, original)]
        strange = strange_files(folder, original)
    except OSError as error:
        raise disk_problem(error, folder) from None
    if problems:
        raise CheckpointError(f"{name} in {folder} is damaged: {'; '.join(problems)}. Repair it with {fetch}.")
    if problem := wrong_use(folder / "tokenizer.json", original):
        raise CheckpointError(f"{name} in {folder} cannot be used: {problem}. Delete the folder, then {fetch}.")
    if strange:
        raise CheckpointError(f"{name} in {folder} has files that do not belong: {', '.join(strange)}. Remove them.")
    new = [file for file, expected in expected_files(folder, original).items() if not expected.sha256]
    note = f" ({', '.join(new)}: by use only, no hash is recorded)" if new else ""
    return (
        f"{name}: {len(original.files)} files of {original.repo} at {original.revision[:8]}, every hash is right{note}."
    )


def verify_pocket(original, pocket):
    """Check every hash of one pocket checkpoint; return a line that says so. Raises CheckpointError with what is wrong."""
    files = pocket_files(original, pocket)
    if not files:
        return f"{original.pocket}: not in this copy of the course."
    checked = ((name, wrong_content(pocket / original.pocket / name, file)) for name, file in files.items())
    if problems := [f"{name} {problem}" for name, problem in checked if problem]:
        raise CheckpointError(f"{original.pocket} is damaged: {'; '.join(problems)}. Get the course again.")
    return f"{original.pocket}: {len(files)} files, every hash is right."
