"""`make bundle`, or `python -m helpers.authoring.bundle --out FOLDER`: the course in one folder, to use without network.

For a USB stick or a room server: the course's files, the packages for the platforms you name, the small models, the
originals if they were fetched, every notebook as a web page, the slides, and a README for the room. A second run goes on
where the first stopped, keeps the packages that are there, and adds the platforms that are new.
"""

import argparse
import errno
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from helpers.authoring.bundle_template.check import digest
from helpers.authoring.bundle_template.install import this_target
from helpers.authoring.bundle_wheels import PLATFORMS, BundleError, Target, collect, requirements
from helpers.authoring.pages import write_pages
from helpers.authoring.pairs import ROOT
from helpers.authoring.slides import write_decks
from helpers.checkpoints.folders import full_sizes, models_folder, wrong_size
from helpers.checkpoints.manifest import ORIGINALS

TEMPLATE = Path(__file__).with_name("bundle_template")
OUT = ROOT / "dist" / "attention-course"
NOTE = "bundle.json"  # what the folder is, and for which machines; install.py reads it
SUMS = "SHA256SUMS"
FAT_LIMIT = 4 * 2**30 - 1  # bytes of one file on a FAT32 stick
FAT_NAMES = re.compile(r'[<>:"\\|?*\x00-\x1f]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE)
LEFT_OUT = {"__pycache__", "build", "dist", "pages", "slides", "wheels", "node_modules"}  # made from the rest


def course_files(root=ROOT):
    """Return the course's files, relative to root: those git tracks, or without git all that no tool made."""
    done = None
    if (root / ".git").exists() and shutil.which("git"):
        done = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True)
    if done is not None and not done.returncode:
        names = [Path(name) for name in done.stdout.decode("utf-8").split("\0") if name]
        return sorted(name for name in names if (root / name).is_file())
    keep = []
    for path in root.rglob("*"):
        name = path.relative_to(root)
        hidden = any(part.startswith(".") and part not in (".github", ".ci") for part in name.parts[:-1])
        if path.is_file() and not hidden and not LEFT_OUT & set(name.parts[:-1]):
            keep.append(name)
    return sorted(keep)


def not_for_fat(names):
    """Return a sentence for each name that a FAT stick refuses, or that differs from another by case only."""
    wrong, seen = [], {}
    for name in map(str, names):
        if any(FAT_NAMES.search(part) for part in Path(name).parts):
            wrong.append(f"A stick refuses the name {name!r}.")
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            wrong.append(f"{name!r} and {other!r} differ by case only.")
    return wrong


def copy_file(source, target):
    """Copy a file's bytes unless the target has the same size and time already. Links become plain files."""
    there = target.stat() if target.is_file() else None
    here = source.stat()
    if there and there.st_size == here.st_size and abs(there.st_mtime - here.st_mtime) <= 2:  # FAT counts 2 seconds
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    os.replace(part, target)
    os.utime(target, (here.st_mtime, here.st_mtime))


def fill(folder, files):
    """Make the folder hold these files ({relative name: source}) and no others."""
    wrong = not_for_fat(files)
    if wrong:
        raise BundleError(" ".join(wrong))
    large = [str(name) for name, source in files.items() if source.stat().st_size > FAT_LIMIT]
    if large:
        raise BundleError(f"Larger than a FAT stick allows: {', '.join(large)}.")
    for name, source in files.items():
        copy_file(source, folder / name)
    wanted = {folder / name for name in files}
    for path in list(folder.rglob("*")):
        if path.is_file() and path not in wanted:
            path.unlink()


def originals(root=None):
    """Return {relative name: file} of the original checkpoints that are whole on this machine."""
    root, files = root or models_folder(), {}
    for name, original in ORIGINALS.items():
        sizes = full_sizes(root / name, original) if (root / name).is_dir() else None
        if sizes and not wrong_size(root / name, sizes):
            files |= {path.relative_to(root): path for path in (root / name).rglob("*") if path.is_file()}
    return files


def readme(targets, with_originals):
    """Return the README for the room."""
    pythons = sorted({target.python for target in targets}, key=lambda text: [int(part) for part in text.split(".")])
    extra = "  originals/   the original models. Set COURSE_MODELS=full and COURSE_MODELS_DIR=<this folder>/originals\n"
    return (
        (TEMPLATE / "README.txt")
        .read_text(encoding="utf-8")
        .format(
            pythons=" or ".join(pythons),
            python=pythons[0],
            platforms=", ".join(sorted({target.platform for target in targets})),
            targets="; ".join(map(str, targets)),
            originals=extra if with_originals else "",
        )
    )


def earlier_targets(out):
    """Return the targets of the bundle that lies in this folder, [] for none. Raises BundleError for another folder."""
    if not out.exists() or not any(out.iterdir()):
        return []
    try:
        note = json.loads((out / NOTE).read_text(encoding="utf-8"))
        return [Target(*pair) for pair in note["targets"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise BundleError(f"{out} holds something else than a bundle. Name an empty folder with --out.") from None


def write_sums(out):
    """Write SHA256SUMS of all files in the folder; return (files, bytes)."""
    paths = sorted(path for path in out.rglob("*") if path.is_file() and path != out / SUMS)
    wrong = not_for_fat(path.relative_to(out) for path in paths)
    if wrong:
        raise BundleError(" ".join(wrong))
    lines = [f"{digest(path)}  {path.relative_to(out).as_posix()}\n" for path in paths]
    (out / SUMS).write_bytes("".join(lines).encode("utf-8"))
    return len(paths), sum(path.stat().st_size for path in paths)


def make(out, targets, index=None, root=ROOT, models=None, gather=collect, pages=write_pages, decks=write_decks):
    """Make or bring up to date the bundle in the folder `out` for these targets."""
    earlier = earlier_targets(out)
    targets = sorted({*targets, *earlier}, key=str)
    out.mkdir(parents=True, exist_ok=True)
    note = {"targets": [[target.platform, target.python] for target in targets]}
    (out / NOTE).write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    _say(f"Step 1 of 5: the course's files, into {out}")
    fill(out / "course", {name: root / name for name in course_files(root)})
    _say("Step 2 of 5: the packages")
    (out / "wheels").mkdir(exist_ok=True)
    wheels = set()
    for target in targets:
        wheels |= gather(target, requirements(root), out / "wheels", index, say=_say)
    for path in (out / "wheels").iterdir():
        if path.name not in wheels:
            path.unlink()  # of an earlier version of the course
    _say(f"Step 3 of 5: the original models from {models or models_folder()}")
    large = originals(models)
    if large:
        fill(out / "originals", large)
    else:
        _say("  none is there; `python -m helpers.checkpoints fetch` gets them. The small ones are in the course.")
    _say("Step 4 of 5: web pages and slides")
    pages(out / "pages")
    decks(out / "slides")
    for name in ("install.py", "check.py"):
        shutil.copyfile(TEMPLATE / name, out / name)
    (out / "README.txt").write_text(readme(targets, large), encoding="utf-8")
    _say("Step 5 of 5: checksums")
    count, size = write_sums(out)
    _say(f"Done: {count} files, {size / 1e6:.0f} MB in {out}. Copy the whole folder, then run check.py in the copy.")


def _say(text):
    print(text, flush=True)


def main(arguments=None):
    """Make the bundle that the command line asks for; return the exit status."""
    platform, python = this_target()
    parser = argparse.ArgumentParser(prog="python -m helpers.authoring.bundle", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, metavar="FOLDER", help="default: dist/attention-course")
    parser.add_argument("--platforms", default=platform, help=f"with commas, from: {', '.join(PLATFORMS)}")
    parser.add_argument("--python", default=python, help=f"the Pythons of the room, with commas; default: {python}")
    options = parser.parse_args(arguments)
    platforms, pythons = (text.replace(" ", "").split(",") for text in (options.platforms, options.python))
    if unknown := [name for name in platforms if name not in PLATFORMS]:
        parser.error(f"there is no platform {', '.join(unknown)}; there are {', '.join(PLATFORMS)}")
    if wrong := [name for name in pythons if not re.fullmatch(r"3\.\d+", name)]:
        parser.error(f"a Python is named like 3.11, not {', '.join(wrong)}")
    index = os.environ.get("TORCH_INDEX") or None
    try:
        make(options.out.resolve(), [Target(name, version) for name in platforms for version in pythons], index)
    except BundleError as problem:
        _say(str(problem))
        return 1
    except OSError as error:
        full = error.errno == errno.ENOSPC
        _say("The disk is full. Make room and run the command again: it goes on." if full else str(error))
        return 1
    except KeyboardInterrupt:
        _say("\nStopped. What is there is kept: run the same command again to go on.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
