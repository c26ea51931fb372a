"""The packages against the pins, and the environment that they are in."""

import os
from importlib.metadata import PackageNotFoundError

import pytest

from helpers.authoring.fingerprint import pins
from helpers.preflight.packages import check_environment, check_packages, read_pins
from helpers.preflight.result import COURSE, LOOK, READY, STOP

PINS = {"numpy": "2.4.6", "torch": "2.13.0", "anything": None}


def versions(**installed):
    def version_of(package):
        if package not in installed:
            raise PackageNotFoundError(package)
        return installed[package]

    return version_of


@pytest.mark.parametrize(
    "installed, state, word",
    [
        (dict(numpy="2.4.6", torch="2.13.0+cpu", anything="1"), READY, "3 packages"),
        (dict(numpy="2.4.6", torch="2.13.0"), STOP, "anything is not installed"),
        (dict(anything="1"), STOP, "numpy, torch are not installed"),
        (dict(numpy=None, torch="2.13.0", anything="1"), STOP, "numpy is not installed"),
        (dict(numpy="1.26.4", torch="2.13.0", anything="1"), LOOK, "numpy 1.26.4 instead of 2.4.6"),
        (dict(numpy="2.4.6", torch="2.12.0+cu130", anything="1"), LOOK, "torch 2.12.0+cu130"),
    ],
)
def test_versions(installed, state, word):
    result = check_packages(PINS, versions(**installed))
    assert result.state == state and word in result.found and bool(result.cure) == (state != READY)


def test_all_missing_is_still_one_short_line():
    line = check_packages(read_pins(), versions()).line()
    assert "and 16 more are not installed" in line and len(line) < 300


def test_four_missing_packages_are_all_named():
    line = check_packages(dict.fromkeys("abcd", "1"), versions()).line()
    assert "a, b, c, d are not installed" in line and "more" not in line


def test_the_pins_are_those_of_the_project(tmp_path):
    assert sorted(f"{name}=={version}" for name, version in read_pins().items()) == pins(COURSE)
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["numpy>=2.4.6,<3", "torch"]\n')
    assert read_pins(str(tmp_path)) == {"numpy": None, "torch": None}  # as the weekly run loosens them


@pytest.mark.parametrize("text", [None, "[project", "[project]\nname = 'x'\n"])
def test_a_course_without_pins(tmp_path, monkeypatch, text):
    if text:
        (tmp_path / "pyproject.toml").write_text(text)
    read = read_pins
    monkeypatch.setattr("helpers.preflight.packages.read_pins", lambda: read(str(tmp_path)))
    assert check_packages().state == STOP


@pytest.fixture
def course(tmp_path):
    (tmp_path / ".venv").mkdir()
    return str(tmp_path)


def test_the_courses_own_python(course):
    own = check_environment(os.path.join(course, ".venv"), course, {}, installed=False)
    assert (own.name, own.state) == ("Environment", READY) and "the course's own" in own.found
    conda = check_environment("/opt/conda/envs/attention-course", course, {}, installed=True)
    assert conda.state == READY and "installed in this Python" in conda.found


def test_another_python(course, tmp_path):
    result = check_environment("/usr", course, {}, installed=False)
    assert result.state == LOOK and "in /usr" in result.found and ".venv" in result.cure
    result = check_environment("/usr", str(tmp_path / "none"), {}, installed=False)
    assert result.state == LOOK and "make lab" in result.cure


@pytest.mark.parametrize(
    "environ, state, word",
    [
        ({"PYTHONHOME": "/usr"}, STOP, "PYTHONHOME"),
        ({"PYTHONPATH": "/opt/other/site-packages"}, LOOK, "/opt/other"),
        ({"PYTHONPATH": os.pathsep.join([COURSE, "/opt/other"])}, LOOK, "/opt/other"),
        ({"CONDA_PREFIX": "/opt/conda/envs/work", "CONDA_DEFAULT_ENV": "work"}, LOOK, "conda environment work"),
        ({"CONDA_PREFIX": "/opt/conda", "CONDA_DEFAULT_ENV": "base"}, READY, ""),
        ({"PYTHONPATH": COURSE}, READY, ""),
    ],
)
def test_what_mixes_in(environ, state, word):
    result = check_environment(os.path.join(COURSE, ".venv"), COURSE, environ, installed=True)
    assert result.state == state and word in result.found
