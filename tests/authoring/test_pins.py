"""Versions, licences and addresses are said in one place; what repeats them must agree."""

import os
import re
import tomllib

import pytest
import yaml

from helpers.authoring.pairs import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = dict(pin.split("==") for pin in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["verify"])
CONDA_NAMES = {"pytorch": "torch"}
ENVIRONMENTS = ["environment.yml", "binder/environment.yml"]


def read_environment(path):
    """Return ({package: [version, build]}, [lines for pip]) of a conda environment file."""
    packages, pip = {}, []
    for line in yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))["dependencies"]:
        if isinstance(line, dict):
            pip = line["pip"]
        else:
            name, *rest = line.split("=")
            packages[CONDA_NAMES.get(name, name)] = rest
    return packages, pip


def test_every_dependency_is_pinned_exactly_and_says_what_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name, version in PINS.items():
        assert re.fullmatch(r"[0-9]+(\.[0-9]+)+", version), name
        assert re.search(rf'"{re.escape(name)}=={re.escape(version)}",  # .{{10}}', text), f"{name} has no comment"


@pytest.mark.parametrize("path", ENVIRONMENTS)
def test_conda_and_binder_agree_with_pyproject(path):
    packages, pip = read_environment(path)
    versions = {name: rest[0] for name, rest in packages.items() if rest}
    assert versions.pop("python") == PROJECT["requires-python"].removeprefix(">=")
    assert {name: PINS[name] for name in versions} == versions
    assert {"numpy", "torch"} <= set(versions)
    assert packages["torch"][1].startswith("cpu_")
    # All else comes from pyproject.toml itself, so that it cannot disagree.
    installs = pip or re.findall(r"pip install (?:--no-cache-dir )?(.*)", (ROOT / "binder/postBuild").read_text())
    assert installs == ["-e ."]


def test_binder_stops_at_the_first_error():
    lines = (ROOT / "binder/postBuild").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["#!/bin/bash", "set -e"]
    assert os.name == "nt" or os.access(ROOT / "binder/postBuild", os.X_OK)


def test_the_repositorys_address_is_the_same_everywhere():
    home = PROJECT["urls"]["Repository"]
    owner_and_name = home.removeprefix("https://github.com/")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"git clone {home}" in readme
    assert f"https://mybinder.org/v2/gh/{owner_and_name}/HEAD?urlpath=lab/tree/notebooks/00-start-here.ipynb" in readme
    named = set(re.findall(r"(?:github\.com|/gh)/([\w-]+/[\w-]+)", readme))
    assert named == {owner_and_name}


def test_no_package_index_is_named():
    files = [
        ROOT / name
        for name in ("pyproject.toml", "Makefile", "README.md", ".ci/run", *ENVIRONMENTS, "binder/postBuild")
    ]
    files += [*(ROOT / ".github/workflows").glob("*.yml"), *(ROOT / "helpers/authoring").glob("*.py")]
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"index-url\s+http|download\.pytorch|pypi\.org/simple", text), path


def test_licence_and_readme_say_both_licences():
    for name in ("LICENSE", "README.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "BSD-3-Clause" in text and "CC BY 4.0" in text, name


@pytest.mark.parametrize("path", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.stem)
def test_workflows_ask_for_no_more_rights_than_they_need(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 90  # .ci/run opens every notebook in a browser too
        assert job.get("permissions", {}).get("issues") in ((None, "write") if name == "issue" else (None,))


def test_the_strict_workflow_uses_the_locked_python():
    steps = yaml.safe_load((ROOT / ".github/workflows/verify.yml").read_text(encoding="utf-8"))["jobs"]["strict"][
        "steps"
    ]
    versions = [step["with"]["python-version"] for step in steps if "setup-python" in step.get("uses", "")]
    assert versions == [PROJECT["requires-python"].removeprefix(">=")]
    assert steps[-1]["run"] == ".ci/run"
