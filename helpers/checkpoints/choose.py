"""checkpoint(name): the folder that `from_pretrained` gets, from the set that is in use."""

import os

from helpers.checkpoints.folders import (
    POCKET,
    file_size,
    full_sizes,
    is_stand_in,
    models_folder,
    pocket_files,
    wrong_size,
)
from helpers.checkpoints.manifest import ORIGINALS, WEIGHTS, find
from helpers.checkpoints.problems import CheckpointError, disk_problem, megabytes
from helpers.wording import short

SETS = ("pocket", "full")


def checkpoint(name, models=None):
    """Return the local folder of a checkpoint as text, and print one line: which set, how large, how to switch.

    name: "bert-base-uncased", "gpt2" or "t5-small". models: "pocket" for the small models that ship with the course,
    "full" for the originals, or None for what the environment variable COURSE_MODELS says (pocket if it is not set).
    Asks no network and writes nothing. Raises ValueError for a name or set that does not exist, CheckpointError if the
    checkpoint is not on this machine.
    """
    return choose(name, models)


def choose(name, models=None, originals=ORIGINALS, pocket=POCKET, environ=os.environ):
    """Do what `checkpoint` does, with the manifest, the pocket folder and the environment given."""
    original = find(name, originals)
    if chosen_set(models, environ) == "full":
        folder = models_folder(environ) / name
        line = _full(name, original, folder)
    else:
        folder = pocket / original.pocket
        line = _pocket(name, original, pocket)
    print(line)
    return str(folder)


def chosen_set(models=None, environ=os.environ):
    """Return "pocket" or "full". Raises ValueError that names what came and where it came from."""
    source, value = ("models", models) if models is not None else ("COURSE_MODELS", environ.get("COURSE_MODELS", ""))
    value = value.strip().lower() if isinstance(value, str) else value
    if models is None and value == "":
        return SETS[0]
    if not isinstance(value, str) or value not in SETS:
        raise ValueError(f"{source} must be pocket or full, but it is {short(value)}.")
    return value


def _pocket(name, original, pocket):
    sizes = {file: entry.size for file, entry in pocket_files(original, pocket).items()}
    problem = wrong_size(pocket / original.pocket, sizes) if sizes else "it is not listed in the manifest"
    if problem:
        raise CheckpointError(
            f"The pocket checkpoint {original.pocket} is not whole in this copy of the course ({problem}). Get the "
            f"course again, or use the original: python -m helpers.checkpoints fetch {name}, then COURSE_MODELS=full."
        )
    # No folder and nothing of this machine in this line: the re-run compares it.
    return (
        f"{name}: pocket set, {original.pocket}, weights {megabytes(sizes[WEIGHTS])}. "
        f'To switch: COURSE_MODELS=full, or checkpoint("{name}", models="full").'
    )


def _full(name, original, folder):
    fetch = f"python -m helpers.checkpoints fetch {name}"
    pocket = f'or use the small model: COURSE_MODELS=pocket, or checkpoint("{name}", models="pocket")'
    try:
        there = folder.is_dir()
    except OSError as error:  # a folder above it that may not be looked into
        raise disk_problem(error, folder.parent) from None
    if not there:
        size = megabytes(original.size)
        raise CheckpointError(
            f"The original {name} ({size}) is not in {folder.parent}. Get it with {fetch}, say where it is with "
            f"COURSE_MODELS_DIR, {pocket}."
        )
    sizes = full_sizes(folder, original)
    if problem := wrong_size(folder, sizes):
        raise CheckpointError(
            f"The original {name} in {folder} is not whole: {problem}. Repair it with {fetch}, {pocket}."
        )
    what = f"{original.repo} at {original.revision[:8]}"
    if is_stand_in(folder):
        what = f"a STAND-IN WITH RANDOM WEIGHTS for {original.repo}"
    return (
        f"{name}: full set, {what}, weights {megabytes(file_size(folder / WEIGHTS))}. "
        f'To switch: COURSE_MODELS=pocket, or checkpoint("{name}", models="pocket").'
    )
