"""Fetch, verify and list the models of chapters 5 to 9: python -m helpers.checkpoints fetch|verify|list [NAME ...]

COURSE_MODELS_DIR: the folder of the originals; copy it to a stick or share it read-only. HF_ENDPOINT: a mirror of the
hub. HTTPS_PROXY, HTTP_PROXY, NO_PROXY: as everywhere. Exit status 0: all is well; 1: not, and a sentence says why.
"""

import argparse
import sys

from helpers.checkpoints.choose import chosen_set
from helpers.checkpoints.folders import (
    POCKET,
    file_size,
    full_sizes,
    is_stand_in,
    models_folder,
    pocket_files,
    staging_folder,
    wrong_size,
)
from helpers.checkpoints.manifest import ORIGINALS, find
from helpers.checkpoints.problems import CheckpointError, disk_problem, megabytes
from helpers.checkpoints.verify import verify, verify_pocket


def main(arguments=None, originals=ORIGINALS, patience=None, pocket=POCKET):
    """Run the command line; return the exit status: 0, 1 for a problem (one sentence on stderr), 130 for Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers.checkpoints", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["fetch", "verify", "list"])
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"{', '.join(originals)} (default: all)")
    chosen = parser.parse_args(arguments)
    try:
        for name in chosen.names:
            find(name, originals)
        command = {"fetch": _fetch, "verify": _verify, "list": _list}[chosen.command]
        return command(chosen.names, originals, pocket, patience)
    except (CheckpointError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(disk_problem(error, models_folder()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What has arrived is kept: run the same command again to go on.", file=sys.stderr)
        return 130


def _fetch(names, originals, _, patience):
    from helpers.checkpoints.fetch import fetch  # brings in the HTTP client, which the other commands do not need

    for name in names or originals:
        fetch(name, originals, patience)
    print("Use it with COURSE_MODELS=full. To share it, copy the folder and point COURSE_MODELS_DIR to the copy.")
    return 0


def _verify(names, originals, pocket, _):
    root, status = models_folder(), 0
    for name in names or originals:
        checks = [lambda original: verify_pocket(original, pocket)]
        if (root / name).is_dir():
            checks.append(lambda original, name=name: verify(name, original, root / name))
        else:
            print(f"{name}: not in {root}. Get it with: python -m helpers.checkpoints fetch {name}")
            status = 1 if names else status
        for check in checks:
            try:
                print(check(originals[name]))
            except CheckpointError as error:
                print(error, file=sys.stderr)
                status = 1
    return status


def _list(names, originals, pocket, _):
    root = models_folder()
    print(f"In use: the {chosen_set()} set (COURSE_MODELS). Originals are looked for in {root} (COURSE_MODELS_DIR).")
    for name in names or originals:
        original = originals[name]
        sizes = {file: entry.size for file, entry in pocket_files(original, pocket).items()}
        whole = sizes and not wrong_size(pocket / original.pocket, sizes)
        print(f"{name}")
        print(f"  pocket: {original.pocket}, {megabytes(sum(sizes.values())) if whole else 'not whole in this copy'}")
        print(
            f"  full:   {original.repo} at {original.revision[:8]}, {original.licence}, {_state(name, original, root)}"
        )
    return 0


def _state(name, original, root):
    """Return what is there of an original, by sizes only."""
    folder, size = root / name, megabytes(original.size)
    if folder.is_dir():
        problem = wrong_size(folder, full_sizes(folder, original))
        if is_stand_in(folder):
            return "a stand-in with random weights" + (f", damaged: {problem}" if problem else "")
        return f"damaged: {problem}; repair it with fetch" if problem else f"{size}, here"
    staging = staging_folder(root, name)
    arrived = sum(file_size(path) or 0 for path in staging.iterdir()) if staging.is_dir() else 0
    return f"{megabytes(arrived)} of {size} fetched; go on with fetch" if arrived else f"{size}, not here"


if __name__ == "__main__":
    sys.exit(main())
