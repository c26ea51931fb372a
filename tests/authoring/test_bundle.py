"""The bundle: which wheels it needs, what a stick can hold, how it installs; and, when asked for, the whole of it.

COURSE_TEST_BUNDLE=1 makes a real bundle for this machine in a folder with a space in its name, installs from it with the
network cut, and runs chapter 1 there. It takes minutes and gigabytes of disk. COURSE_TEST_BUNDLE=<folder> takes a bundle
that is there.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

from helpers.authoring import bundle, bundle_wheels
from helpers.authoring.bundle_template import check, install
from helpers.authoring.bundle_wheels import BundleError, Target, collect
from helpers.authoring.pairs import ROOT

LINUX, WINDOWS, MAC = (Target(name, "3.11") for name in ("linux_x86_64", "windows_x86_64", "macos_arm64"))


def wheel(folder, name, version="1.0", tag="py3-none-any", needs=()):
    """Write a small wheel that asks for these packages."""
    path = Path(folder) / f"{name.replace('-', '_')}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        lines = "".join(f"Requires-Dist: {line}\n" for line in needs)
        archive.writestr(f"{name}-{version}.dist-info/METADATA", f"Name: {name}\nVersion: {version}\n{lines}")
    return path


class Index:
    """Stands for pip and an index: `pip download` writes the wheel that the index has, else fails with these words."""

    def __init__(self, **packages):
        self.packages, self.asked, self.words = packages, [], "ERROR: No matching distribution found for {}"

    def __call__(self, command, **options):
        lines = [part for part in command[command.index("pip") :] if part.split("==")[0] in self.packages]
        self.asked.append(lines)
        if "wheel" in command:
            options = self.packages[lines[0].split("==")[0]]
            folder = command[command.index("--wheel-dir") + 1]
            wheel(folder, lines[0], tag=options["built"]) if "built" in options else None
            return SimpleNamespace(returncode=int("built" not in options), stderr="error: no compiler")
        platforms = {command[i + 1] for i, part in enumerate(command) if part == "--platform"}
        for line in lines:
            options = self.packages[line]
            tag = next((tag for tag in options.get("tags", ["any"]) if tag == "any" or tag in platforms), None)
            if tag is None:
                return SimpleNamespace(returncode=1, stderr=self.words.format(line))
            tag = f"py3-none-{tag}" if tag == "any" else f"cp311-cp311-{tag}"
            wheel(command[command.index("--dest") + 1], line, tag=tag, needs=options.get("needs", []))
        return SimpleNamespace(returncode=0, stderr="")


def gather(index, target, folder, *lines):
    return collect(target, [Requirement(line) for line in lines], folder, run=index, say=lambda _: None)


def test_markers_are_read_for_the_target_and_not_for_this_machine(tmp_path):
    needs = ["zz-win; sys_platform == 'win32'", "zz-mac; platform_system == 'Darwin'", "zz-old; python_version < '3.9'"]
    index = Index(**{"zz-top": {"needs": needs}, "zz-win": {}, "zz-mac": {}, "zz-old": {}})
    names = {target: gather(index, target, tmp_path, "zz-top") for target in (LINUX, WINDOWS, MAC)}
    assert names[LINUX] == {"zz_top-1.0-py3-none-any.whl"}
    assert names[WINDOWS] - names[LINUX] == {"zz_win-1.0-py3-none-any.whl"}
    assert names[MAC] - names[LINUX] == {"zz_mac-1.0-py3-none-any.whl"}


def test_what_an_extra_needs_is_fetched_also_when_the_package_comes_first(tmp_path):
    index = Index(**{"zz-a": {"needs": ["zz-c; extra == 'fast'"]}, "zz-b": {"needs": ["zz-a[fast]"]}, "zz-c": {}})
    assert len(gather(index, LINUX, tmp_path, "zz-a", "zz-b")) == 3
    assert len(gather(index, LINUX, tmp_path, "zz-a")) == 1


def test_wheels_that_are_there_are_not_asked_for_again(tmp_path):
    index = Index(**{"zz-a": {"needs": ["zz-b"]}, "zz-b": {}})
    first = gather(index, LINUX, tmp_path, "zz-a")
    index.asked.clear()
    assert gather(index, LINUX, tmp_path, "zz-a") == first and index.asked == []


def test_a_wheel_of_another_platform_does_not_count(tmp_path):
    index = Index(**{"zz-a": {"tags": ["manylinux_2_28_x86_64", "win_amd64"]}})
    assert gather(index, LINUX, tmp_path, "zz-a") != gather(index, WINDOWS, tmp_path, "zz-a")


def test_a_package_that_comes_as_source_is_built_if_it_is_pure(tmp_path):
    index = Index(**{"zz-a": {"tags": [], "built": "py3-none-any"}, "zz-b": {}})
    assert len(gather(index, WINDOWS, tmp_path, "zz-a", "zz-b")) == 2


@pytest.mark.parametrize("options", [{"tags": []}, {"tags": [], "built": "cp311-cp311-linux_x86_64"}])
def test_a_package_without_a_wheel_for_the_platform_is_named(tmp_path, options):
    with pytest.raises(BundleError, match="no wheel of zz-a for windows_x86_64, Python 3.11.*--platforms"):
        gather(Index(**{"zz-a": options}), WINDOWS, tmp_path, "zz-a")


@pytest.mark.parametrize(
    "words, said",
    [
        ("NewConnectionError('...'): Failed to establish\nERROR: No matching distribution found for {}", "no network"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device {}", "disk is full"),
        ("ERROR: something else {}", "something else"),
    ],
)
def test_what_stops_pip_is_said(tmp_path, words, said):
    index = Index(**{"zz-a": {"tags": []}})
    index.words = words
    with pytest.raises(BundleError, match=said):
        gather(index, LINUX, tmp_path, "zz-a")


def test_torch_with_cuda_is_refused_before_its_gigabytes(tmp_path):
    index = Index(**{"torch": {"needs": ["nvidia-cublas; platform_system == 'Linux'"]}, "nvidia-cublas": {}})
    index.packages["torch==2.13.0"] = index.packages["torch"]
    with pytest.raises(BundleError, match="TORCH_INDEX"):
        collect(LINUX, [Requirement("torch")], tmp_path, run=_torch(index), say=lambda _: None)
    assert list(tmp_path.iterdir()) == []
    assert collect(MAC, [Requirement("torch")], tmp_path, run=_torch(index), say=lambda _: None)


def _torch(index):
    def run(command, **options):
        wheel(command[command.index("--dest") + 1], "torch", "2.13.0", needs=index.packages["torch"]["needs"])
        return SimpleNamespace(returncode=0, stderr="")

    return run


def test_the_courses_own_requirements_hold_its_builder():
    names = {requirement.name for requirement in bundle_wheels.requirements(ROOT)}
    assert {"flit_core", "torch", "jupyterlab", "nbval"} <= names


@pytest.mark.parametrize("name", ["a:b.txt", "what?.py", "con.txt", "dir./x", "LPT1", "tab\there", "end "])
def test_names_that_a_stick_refuses(name):
    assert bundle.not_for_fat([Path(name)])


def test_names_that_differ_by_case_only():
    assert "case only" in bundle.not_for_fat([Path("a/Read.me"), Path("A/read.me")])[0]
    assert bundle.not_for_fat([Path("a/read.me"), Path("torch-2.13.0+cpu-cp311.whl"), Path("constant.py")]) == []


def test_the_course_can_go_on_a_stick():
    assert bundle.not_for_fat(bundle.course_files()) == []


def course(root):
    """Make a folder that looks like the course, without git."""
    for name in ("pyproject.toml", "helpers/a.py", "notebooks/01.ipynb", ".github/workflows/x.yml", ".gitignore"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for name in (".venv/bin/python", "helpers/__pycache__/a.pyc", "dist/attention-course/course/x", "slides/01.html"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("made")
    return root


WITHOUT_GIT = {"pyproject.toml", "helpers/a.py", "notebooks/01.ipynb", ".github/workflows/x.yml", ".gitignore"}


def test_without_git_the_course_is_what_no_tool_made(tmp_path):
    assert {path.as_posix() for path in bundle.course_files(course(tmp_path))} == WITHOUT_GIT


@pytest.fixture
def made(tmp_path):
    """Return (folder of a bundle with spaces in its path, function that makes it again)."""
    root, out = course(tmp_path / "course"), tmp_path / "My Stick" / "course bundle"

    def gather(target, wanted, folder, index, say):
        path = folder / f"x-1-py3-none-{target.platform}.whl"
        path.write_text("wheel")
        return {path.name}

    def one_page(folder):
        folder.mkdir(exist_ok=True)
        (folder / "01.html").write_text("page")

    def again(targets=(LINUX,), gather=gather, models=tmp_path / "none"):
        bundle.make(out, targets, root=root, models=models, gather=gather, pages=one_page, decks=lambda folder: None)
        return out

    return again(), again


def test_a_bundle_has_plain_files_a_readme_and_right_checksums(made, capsys):
    out, _ = made
    assert {path.name for path in out.iterdir()} == {
        "README.txt", "SHA256SUMS", "bundle.json", "check.py", "course", "install.py", "pages", "wheels",
    }  # fmt: skip
    assert {
        path.relative_to(out / "course").as_posix() for path in (out / "course").rglob("*") if path.is_file()
    } == WITHOUT_GIT
    assert not [path for path in out.rglob("*") if path.is_symlink()]
    page = (out / "README.txt").read_text()
    assert "python3 install.py" in page and "linux_x86_64, Python 3.11" in page and "{" not in page
    done = subprocess.run([sys.executable, out / "check.py"], capture_output=True, text=True)
    assert done.returncode == 0 and "files are as they were" in done.stdout


@pytest.mark.parametrize("fault", ["changed", "missing"])
def test_check_names_the_file_that_is_not_whole(made, fault):
    path = made[0] / "course" / "helpers" / "a.py"
    path.unlink() if fault == "missing" else path.write_text("helpers/b.py")
    done = subprocess.run([sys.executable, made[0] / "check.py"], capture_output=True, text=True)
    assert (
        done.returncode == 1
        and f"{fault}: course/helpers/a.py" in done.stdout
        and "copy the folder again" in done.stdout
    )


def test_a_second_run_adds_platforms_and_drops_what_is_no_longer_there(made):
    out, again = made
    (out / "course" / "helpers" / "gone.py").write_text("of an earlier version")
    (out / "wheels" / "old-1-py3-none-any.whl").write_text("of an earlier version")
    again([MAC])
    assert [pair[0] for pair in json.loads((out / "bundle.json").read_text())["targets"]] == [
        "linux_x86_64",
        "macos_arm64",
    ]
    assert not (out / "course" / "helpers" / "gone.py").exists()
    names = {path.name for path in (out / "wheels").iterdir()}
    assert names == {"x-1-py3-none-linux_x86_64.whl", "x-1-py3-none-macos_arm64.whl"}
    assert check.main(out) == 0


def test_a_bundle_is_not_made_over_other_files(tmp_path):
    (tmp_path / "thesis.txt").write_text("dear")
    with pytest.raises(BundleError, match="Name an empty folder with --out"):
        bundle.make(tmp_path, [LINUX])
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("words", [["--platforms", "amiga"], ["--python", "3.11.4"], ["--python", "x"]])
def test_the_command_refuses_what_it_does_not_know(words, capsys):
    with pytest.raises(SystemExit):
        bundle.main(words)
    assert "amiga" in capsys.readouterr().err or words[0] == "--python"


@pytest.mark.parametrize(
    "error, said", [(OSError(28, "No space left on device"), "disk is full"), (BundleError("why"), "why")]
)
def test_the_command_says_what_went_wrong_in_one_line(monkeypatch, capsys, error, said):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(bundle, "make", fail)
    assert bundle.main([]) == 1
    printed = capsys.readouterr().out
    assert said in printed and printed.count("\n") == 1


# Installing


@pytest.mark.parametrize("name", ["install", "check"])
def test_an_old_python_gets_as_far_as_its_sentence(name):
    ast.parse((bundle.TEMPLATE / f"{name}.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_pip_is_sent_to_the_wheels_and_nowhere_else(tmp_path):
    wheels = tmp_path / "My Stick" / "wheels"
    came = {
        "PIP_INDEX_URL": "https://x",
        "PIP_CONSTRAINT": "c",
        "TORCH_INDEX": "https://y",
        "HOME": "/h",
        "PYTHONPATH": "z",
    }
    given = install.offline(came, wheels)
    assert given == {
        "HOME": "/h",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": wheels.resolve().as_uri(),
        "PIP_CONFIG_FILE": os.devnull,
    }
    assert " " not in given["PIP_FIND_LINKS"] and "My%20Stick" in given["PIP_FIND_LINKS"]


def test_a_machine_that_the_bundle_is_not_for_is_told_what_to_do():
    targets = [["linux_x86_64", "3.11"], ["windows_x86_64", "3.12"]]
    assert install.why_not(targets, ("linux_x86_64", "3.11")) is None
    assert "this is Python 3.13. Run it with `python3.11`" in install.why_not(targets, ("linux_x86_64", "3.13"))
    assert "`py -3.12`" in install.why_not(targets, ("windows_x86_64", "3.11"))
    assert "this machine is macos_arm64" in install.why_not(targets, ("macos_arm64", "3.11"))


def test_this_machine_is_one_that_bundles_are_made_for():
    assert install.this_target()[0] in bundle_wheels.PLATFORMS


class Pip:
    """Stands for set-up: notes how it was called."""

    def __init__(self, status=0):
        self.calls, self.status = [], status

    def __call__(self, command, **options):
        self.calls.append((command, options))
        return SimpleNamespace(returncode=self.status)


@pytest.fixture
def here(made):
    """Return the folder of a bundle for this very machine."""
    out, again = made
    again([Target(*install.this_target())])
    return out


def test_install_copies_sets_up_and_leaves_a_learners_work(here, tmp_path, capsys):
    target, pip = tmp_path / "my course", Pip()
    assert install.main([str(target)], here, pip) == 0
    assert (target / "helpers" / "a.py").read_text() == "helpers/a.py"
    (command, options), said = pip.calls[0], capsys.readouterr().out
    assert command[1:] == ["-m", "helpers.authoring.setup_venv"] and options["cwd"] == str(target.resolve())
    assert options["env"]["PIP_FIND_LINKS"] == (here / "wheels").resolve().as_uri()
    assert f'cd "{target.resolve()}"' in said or os.name == "nt"
    (target / "notebooks" / "01.ipynb").write_text("mine")
    (target / "helpers" / "a.py").unlink()
    assert install.main([str(target)], here, pip) == 0
    assert (target / "notebooks" / "01.ipynb").read_text() == "mine" and (target / "helpers" / "a.py").exists()


def test_install_refuses_a_folder_with_other_files_and_the_stick_itself(here, tmp_path, capsys):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "thesis.txt").write_text("dear")
    for target in (tmp_path / "docs", here, here / "inside"):
        assert install.main([str(target)], here, Pip()) == 1
    assert "Name a folder" in capsys.readouterr().out and not (here / "inside").exists()


def test_install_says_when_set_up_failed(here, tmp_path, capsys):
    assert install.main([str(tmp_path / "c")], here, Pip(1)) == 1
    assert "python3 check.py" in capsys.readouterr().out


# The whole, when asked for

WHOLE = os.environ.get("COURSE_TEST_BUNDLE", "")
CUT = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"]


@pytest.mark.skipif(not WHOLE, reason="COURSE_TEST_BUNDLE is not set: it downloads hundreds of megabytes")
def test_the_course_installs_and_runs_with_the_network_cut(tmp_path):
    if not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("cutting the network needs unshare and ip (Linux)")
    out = Path(WHOLE) if os.path.isdir(WHOLE) else tmp_path / "My Stick" / "bundle"
    if not out.is_dir():
        subprocess.run([sys.executable, "-m", "helpers.authoring.bundle", "--out", out], cwd=ROOT, check=True)
    target = tmp_path / "my course"
    python = getattr(sys, "_base_executable", None) or sys.executable
    reach = "import socket; socket.create_connection(('1.1.1.1', 443), 3)"
    assert subprocess.run([*CUT, python, "-c", reach], stderr=subprocess.DEVNULL).returncode  # it is cut indeed
    subprocess.run([*CUT, python, str(out / "install.py"), str(target)], check=True)
    command = [
        target / ".venv/bin/python",
        "-m",
        "pytest",
        "-q",
        "--nbval",
        "--nbval-current-env",
        "--nbval-cell-timeout=120",
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    chapter = "notebooks/01-attention.ipynb"
    subprocess.run([*CUT, *map(str, command), chapter], cwd=target, env=environment, check=True)
