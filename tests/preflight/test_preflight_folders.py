"""Where the course lies: synced, networked, too long, read-only, and names with odd signs."""

import contextlib
import os
import sys
from types import SimpleNamespace

import pytest

from helpers.preflight import paths
from helpers.preflight.paths import LONGEST_WINDOWS, check_folder, check_folder_name
from helpers.preflight.result import LOOK, READY


def writable(path, mode):
    return True


@pytest.mark.parametrize(
    "root, cloud",
    [
        (r"C:\Users\ann\OneDrive\course", "OneDrive"),
        (r"C:\Users\ann\OneDrive - Great School\course", "OneDrive"),
        ("/Users/ann/Library/CloudStorage/OneDrive-Personal/course", "OneDrive"),
        ("/home/ann/Dropbox/course", "Dropbox"),
        ("/home/ann/Dropbox (School)/course", "Dropbox"),
        ("/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/course", "iCloud"),
        (r"C:\Users\ann\iCloudDrive\course", "iCloud"),
        (r"G:\My Drive\course", "Google Drive"),
        ("/Users/ann/Library/CloudStorage/GoogleDrive-ann@example.org/My Drive/course", "Google Drive"),
        ("/home/ann/Nextcloud/course", "Nextcloud"),
        ("/Users/ann/Library/CloudStorage/Anything/course", "a cloud"),
    ],
)
def test_synced_folders(root, cloud):
    result = check_folder(root, windows=False, environ={}, can_write=writable)
    assert result.state == LOOK and f"that {cloud} copies" in result.found and "move the folder" in result.cure


@pytest.mark.parametrize(
    "root", ["/home/ann/course", "/home/boxer/megaphone/course", "/srv/dropboxes/course", "/a/my drives"]
)
def test_folders_that_only_sound_like_it(root):
    assert check_folder(root, windows=False, environ={}, can_write=writable).state == READY


def test_windows_names_its_synced_folder():
    inside = os.path.join("D:" + os.sep, "Work", "course")
    environ = {"OneDriveCommercial": os.path.join("D:" + os.sep, "Work")}
    assert "OneDrive" in check_folder(inside, windows=False, environ=environ, can_write=writable).found
    environ = {"OneDriveCommercial": os.path.join("D:" + os.sep, "Wor")}
    assert check_folder(inside, windows=False, environ=environ, can_write=writable).state == READY


def test_a_long_path_on_windows():
    long = "C:\\" + "a" * LONGEST_WINDOWS
    options = dict(windows=True, environ={}, can_write=writable)
    result = check_folder(long, long_paths=False, **options)
    assert result.state == LOOK and str(len(long)) in result.found and "C:\\course" in result.cure
    assert check_folder(long, long_paths=True, **options).state == READY
    assert check_folder("C:\\course", long_paths=False, **options).state == READY
    assert check_folder("/" + "a" * 200, windows=False, environ={}, can_write=writable).state == READY
    here = check_folder("/" + "a" * 200, environ={}, can_write=writable, long_paths=False)  # as on this system
    assert (here.state == READY) == (os.name != "nt")


@pytest.mark.parametrize("setting, allowed", [(1, True), (0, False), (None, False)])
def test_windows_is_asked_whether_it_allows_long_paths(monkeypatch, setting, allowed):
    """A registry is planted, so that this can be tried on every system."""

    def open_key(root, path):
        assert (root, path) == ("machine", r"SYSTEM\CurrentControlSet\Control\FileSystem")
        return contextlib.nullcontext("key")

    def query(key, name):
        assert (key, name) == ("key", "LongPathsEnabled")
        if setting is None:
            raise FileNotFoundError(name)
        return setting, 4  # the value, and the kind of a whole number

    registry = SimpleNamespace(HKEY_LOCAL_MACHINE="machine", OpenKey=open_key, QueryValueEx=query)
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(paths.sys, "platform", "win32")
    assert paths._long_paths() is allowed
    monkeypatch.setattr(paths.sys, "platform", "linux")
    assert paths._long_paths() is False


def test_a_network_drive():
    result = check_folder(r"\\server\share\course", windows=True, environ={}, can_write=writable, long_paths=True)
    assert result.state == LOOK and "network" in result.found


def test_a_folder_that_is_read_only(tmp_path):
    result = check_folder(str(tmp_path), False, {}, can_write=lambda path, mode: "notebooks" not in path)
    assert result.state == LOOK and "cannot be saved" in result.found
    if os.name == "posix" and os.geteuid() != 0:  # root may write everywhere
        (tmp_path / "notebooks").mkdir(mode=0o555)
        assert check_folder(str(tmp_path), False, {}).state == LOOK


def test_a_copy_of_the_notebooks_may_be_written_to_where_the_course_may_not(tmp_path):
    course, mine, other = (tmp_path / name for name in ("course", "course of ada", "other"))
    for folder in (course / "notebooks", mine, other):
        folder.mkdir(parents=True)
    for folder in (course / "notebooks", mine):
        (folder / "00-start-here.ipynb").write_text("{}")

    def state(here, closed=course):
        def can_write(path, mode):
            return not path.startswith(f"{closed}{os.sep}")

        result = check_folder(str(course), False, {}, can_write, here=str(here))
        assert result.name == "Folder"
        return result.state

    assert state(mine) == READY
    assert state(mine, closed=tmp_path) == state(course / "notebooks") == state(other) == LOOK


@pytest.mark.parametrize(
    "root, word",
    [
        ("/home/ann/my course", "space"),
        ("/home/jürgen/course", "beyond plain English"),
        ("/home/李/course", "beyond plain English"),
        ("/home/ann/a:b" if os.pathsep == ":" else "C:\\a;b", "separates"),
        ("/home/ann/100%&more", "% &"),
        ("/home/ann/it's", "'"),
    ],
)
def test_odd_names(root, word):
    result = check_folder_name(root)
    assert result.state == LOOK and word in result.found and result.cure


@pytest.mark.parametrize("root", ["/home/ann/course-1.0_b", r"C:\Users\ANN~1\course"])
def test_plain_names(root):
    assert check_folder_name(root).state == READY
