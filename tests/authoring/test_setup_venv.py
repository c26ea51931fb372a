"""Set-up: what it says to old Pythons, what it does once, and what makes it do it again."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.authoring import lab_settings, setup_venv
from helpers.authoring.pairs import ROOT
from helpers.authoring.setup_venv import SetupError, set_up, too_old, venv_python

PYPROJECT = """
[build-system]
requires = ["flit_core"]
[project]
version = "1"
dependencies = ["numpy==2.4.6"]
[project.optional-dependencies]
verify = ["pytest==9.2.0"]
"""


class Runner:
    """Stands for subprocess.run: notes each command, makes the venv's Python, and fails where it is told to."""

    def __init__(self, venv, failing=""):
        self.venv, self.failing, self.commands = venv, failing, []

    def __call__(self, command, **options):
        self.commands.append([str(part) for part in command])
        python = Path(venv_python(str(self.venv)))
        if "venv" in command:
            python.parent.mkdir(parents=True, exist_ok=True)
            python.touch()
        return SimpleNamespace(returncode=int(bool(self.failing) and self.failing in command))

    def names(self):
        return ["venv" if "venv" in command else "pip" if "pip" in command else "try" for command in self.commands]


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "Köln räum 1"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PYPROJECT)
    return str(folder)


def run(root, failing=""):
    runner = Runner(Path(root, ".venv"), failing)
    return runner, set_up(root, runner)


def test_the_second_run_has_nothing_to_do(root):
    runner, did = run(root)
    assert did and runner.names() == ["venv", "pip", "try"]
    runner, did = run(root)
    assert not did and runner.commands == []


def test_changed_pins_are_installed_into_the_same_venv(root):
    run(root)
    Path(root, "pyproject.toml").write_text(PYPROJECT.replace("2.4.6", "2.5.0"))
    assert run(root)[0].names() == ["pip", "try"]


def test_settings_that_are_no_pins_do_not_count(root):
    run(root)
    Path(root, "pyproject.toml").write_text(PYPROJECT + "[tool.ruff]\nline-length = 100\n")
    assert run(root)[0].commands == []


def test_a_moved_folder_is_set_up_anew(root):
    run(root)
    moved = root + " moved"
    os.rename(root, moved)
    assert run(moved)[0].names() == ["venv", "pip", "try"]


def test_another_python_makes_another_venv(root):
    run(root)
    stamp = Path(root, ".venv", setup_venv.STAMP)
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"python": "3.9"}))
    assert run(root)[0].names() == ["venv", "pip", "try"]


def test_a_venv_whose_python_is_gone_is_made_anew(root):
    run(root)
    os.remove(venv_python(os.path.join(root, ".venv")))
    assert run(root)[0].names() == ["venv", "pip", "try"]


def test_a_venv_without_a_note_is_kept_if_its_python_fits(root):
    run(root)
    venv = Path(root, ".venv")
    (venv / setup_venv.STAMP).unlink()
    (venv / "pyvenv.cfg").write_text("version = {}.{}.0\n".format(*sys.version_info[:2]))
    assert run(root)[0].names() == ["pip", "try"]


@pytest.mark.parametrize("failing", ["pip", "venv", "-c"])
def test_a_set_up_that_fails_is_said_and_repeated(root, failing):
    with pytest.raises(SetupError) as said:
        run(root, failing)
    assert str(said.value).count("\n") == 0
    runner, did = run(root)
    assert did and "pip" in runner.names()


def test_an_interrupted_set_up_is_repeated(root, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(setup_venv, "_install", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(root)
    monkeypatch.undo()
    assert run(root)[0].names() == ["pip", "try"]


def test_the_extra_index_is_passed_on(root, monkeypatch):
    monkeypatch.setenv("TORCH_INDEX", "https://example.org/cpu")
    runner, _ = run(root)
    assert runner.commands[1][-2:] == ["--extra-index-url", "https://example.org/cpu"]


def test_a_python_without_venv_is_said(root, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SetupError, match=r"sudo apt install python3\.\d+-venv"):
        run(root)


def test_an_old_python_is_told_what_to_do():
    assert too_old((3, 11, 0)) is None
    assert too_old((3, 14, 0)) is None
    said = too_old((3, 8, 18), find=lambda name: name == "python3.12")
    assert "this is 3.8; you have python3.12, so add PYTHON=python3.12" in said
    assert "install one from python.org" in too_old((3, 10, 1), find=lambda name: None)


@pytest.mark.parametrize(
    "path", ["__init__.py", *(f"authoring/{n}.py" for n in ("__init__", "setup_venv", "lab_settings"))]
)
def test_what_an_old_python_reads_parses_there(path):
    ast.parse((ROOT / "helpers" / path).read_text(encoding="utf-8"), feature_version=(3, 7))


def test_the_command_says_so_in_one_line_under_an_old_python():
    code = "import sys; sys.version_info = (3, 8, 0); from helpers.authoring import setup_venv; sys.exit(setup_venv.main())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.count("\n") == 1 and "needs Python 3.11 or newer and this is 3.8" in done.stdout
    assert done.stderr == ""


def test_windows_has_its_own_layout():
    assert venv_python("v", windows=True) == os.path.join("v", "Scripts", "python.exe")
    assert venv_python("v", windows=False) == os.path.join("v", "bin", "python")


def test_jupyterlab_asks_nothing_and_other_settings_stay(tmp_path):
    path = Path(lab_settings.write_overrides(tmp_path))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"other": {"theme": "dark"}}))
    lab_settings.write_overrides(tmp_path)
    settings = json.loads(path.read_text())
    assert settings["other"] == {"theme": "dark"}
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_the_settings_are_those_that_jupyterlab_has():
    for plugin, values in lab_settings.OVERRIDES.items():
        package, name = plugin.split(":")
        schema = Path(sys.prefix, "share/jupyter/lab/schemas", package, f"{name}.json")
        known = json.loads(schema.read_text(encoding="utf-8"))["properties"]
        assert set(values) <= set(known)
        for key, value in values.items():
            assert isinstance(value, bool if known[key]["type"] == "boolean" else str)
