"""Where the course lies: can it be written to, is it synced, is its path too long, and does its name have odd signs."""

import os
import re
import sys

from helpers.preflight.result import COURSE, look, ready

# What a folder of the path is called, or begins with, where a program copies it to a cloud.
SYNCED = {
    "OneDrive": r"onedrive\b.*",
    "Dropbox": r"dropbox\b.*",
    "iCloud": r"icloud ?drive.*|mobile documents|com~apple~clouddocs|.*icloud.*",
    "Google Drive": r"google ?drive.*|my drive|drivefs",
    "Box": r"box|box sync|box-box",
    "Nextcloud": r"nextcloud.*",
    "ownCloud": r"owncloud.*",
    "MEGA": r"mega(sync)?",
    "a cloud": r"cloudstorage|syncthing",
}
START = "00-start-here.ipynb"
MOVE = "Close JupyterLab, move the folder"
LONGEST_WINDOWS = 55  # letters: the longest file below .venv has about 200 more, and Windows stops at 260


def check_folder(
    root=COURSE, windows=os.name == "nt", environ=os.environ, can_write=os.access, long_paths=None, here=None
):
    """Check the folder of the course: synced, too long for Windows, on a network, read-only.

    can_write: as os.access. long_paths: whether this Windows allows more than 260 letters; None asks it. here: the
    folder of the notebook that asks; None is the current one.
    """
    name, parts = "Folder", [part for part in re.split(r"[\\/]", root) if part]
    cloud = synced_by(parts) or ("OneDrive" if _below_onedrive(root, environ) else None)
    if cloud:
        found = f"The course lies in a folder that {cloud} copies while you work: {root}."
        return look(name, found, f"{MOVE} out of it, to your home folder for example, and run `make lab` there.")
    if windows and root.startswith(("\\\\", "//")):
        found = f"The course lies on a network drive: {root}."
        return look(name, found, f"{MOVE} to a disk of this machine, and run `make lab` there.")
    if windows and len(root) > LONGEST_WINDOWS and not (_long_paths() if long_paths is None else long_paths):
        found = (
            f"The path of the course has {len(root)} letters, and Windows stops at 260 for the files below it: {root}."
        )
        return look(name, found, f"{MOVE} to a short path such as C:\\course, and run `make lab` there.")
    here = os.getcwd() if here is None else here
    # As on a room's server: all share the course, and each learner has notebooks.
    if _is_a_copy(here, root) and can_write(here, os.W_OK):
        return ready(name, f"The notebooks are a copy of your own, in {here}, which can be written to.")
    closed = [folder for folder in ("notebooks", ".") if not can_write(os.path.join(root, folder), os.W_OK)]
    if closed:
        found = f"You may not write to the course's folder, {root}: notebooks run, but cannot be saved."
        return look(name, found, "Copy the course to a folder of your own, and run `make lab` there.")
    return ready(name, "It can be written to, and no known program syncs it.")


def check_folder_name(root=COURSE):
    """Check the path of the course for spaces, letters beyond ASCII, and signs that some programs stumble over."""
    name, rename = (
        "Folder name",
        "If something fails, move the course to a path of plain letters, and run `make lab` there.",
    )
    plain = re.sub(r"^[A-Za-z]:", "", root)  # the drive of Windows
    if os.pathsep in plain:
        return look(name, f"The path has a {os.pathsep!r}, which separates paths: {root}.", rename)
    if not root.isascii():
        return look(name, f"The path has letters beyond plain English ones: {root}.", rename)
    if " " in plain:
        return look(name, f"The path has a space: {root}.", f"Put it between quotes in commands. {rename}")
    odd = sorted(set(re.findall(r"[^\w./\\~:-]", plain)))
    if odd:
        return look(name, f"The path has {' '.join(odd)} in it: {root}.", rename)
    return ready(name, "Plain letters only.")


def _is_a_copy(folder, root):
    """Return whether a folder holds the course's notebooks but is not the course's own."""
    try:
        folder, root = (os.path.realpath(path) for path in (folder, root))
    except ValueError:  # a null character: there is no such path
        return False
    return not folder.startswith(os.path.join(root, "")) and os.path.isfile(os.path.join(folder, START))


def synced_by(parts):
    """Return the name of the program that syncs a path with these folders, or None."""
    for cloud, pattern in SYNCED.items():
        if any(re.fullmatch(pattern, part, re.IGNORECASE) for part in parts):
            return cloud
    return None


def _below_onedrive(root, environ):
    """Windows names the synced folder in the environment: it may have any name."""
    folders = [environ.get(name) for name in ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")]
    inside = os.path.normcase(root).rstrip("\\/")
    return any(inside.startswith(os.path.normcase(folder).rstrip("\\/") + os.sep) for folder in filter(None, folders))


def _long_paths():
    if sys.platform != "win32":
        return False
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            return winreg.QueryValueEx(key, "LongPathsEnabled")[0] == 1
    except OSError:
        return False
