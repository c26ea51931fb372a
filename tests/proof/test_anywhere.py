"""The runs of `anywhere`: what each changes, how a report is counted, and that shutting off really shuts off."""

import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from helpers.authoring import verify
from helpers.authoring.pairs import ROOT, find_pairs
from helpers.proof import anywhere, anywhere_inside, anywhere_pythons
from helpers.proof.anywhere_pythons import Missing, environ, find_python, python_of, requirements
from helpers.proof.anywhere_runs import all_runs, other_locale

REPORT = """<testsuites><testsuite>
<testcase classname="notebooks.01-attention" name="ipynb::Cell 0"/>
<testcase classname="notebooks.01-attention" name="ipynb::Cell 1">
<failure message="x">#x1B[94mTraceback:#x1B[0m\n 0.5 is not 0.4</failure></testcase>
<testcase classname="notebooks.exercises.02-x" name="ipynb::Cell 0"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROOF_FOLDER", str(tmp_path / "kept"))


def kept_result(run, cells):
    return {
        "run": run,
        "versions": {"Python": "3.11.7", "numpy": "2", "matplotlib": "3", "torch": "absent"},
        "cells": cells,
        "failures": {name: "Cell 1: differs" for name, numbers in cells.items() if numbers[1]},
        "seconds": 3.0,
    }


def test_every_run_differs_from_the_plain_one_in_what_it_is_named_for():
    runs = all_runs("de_DE.utf8")
    plain = runs["as here"]
    for name, run in runs.items():
        changed = [
            part
            for part in ("environment", "variables", "folder", "read_only", "network")
            if getattr(run, part) != getattr(plain, part)
        ]
        assert bool(changed) == (name != "as here")
    assert not runs["oldest"].pinned and runs["Python 3.12"].pinned
    assert runs["abroad"].variables["LC_ALL"] == "de_DE.utf8" and " " in runs["odd path"].folder
    assert not runs["odd path"].folder.isascii()


@pytest.mark.parametrize(
    "listed, found",
    [("C\nde_DE.utf8\n", "de_DE.utf8"), ("tr_TR.UTF-8\nde_DE.utf8", "tr_TR.UTF-8"), ("C\nen_US.utf8", "C"), ("", "C")],
)
def test_another_locale_is_found_or_C_taken(listed, found):
    assert other_locale(listed) == found


def test_a_report_is_counted_by_notebook(tmp_path):
    (tmp_path / "report.xml").write_text(REPORT)
    cells, failures = anywhere.counts(tmp_path / "report.xml")
    assert cells == {"01-attention": [1, 1, 0], "exercises/02-x": [0, 0, 1]}
    assert failures == {"01-attention": "ipynb::Cell 1: Traceback: 0.5 is not 0.4"}


def test_a_run_has_its_number_of_notebooks_at_a_time(monkeypatch):
    asked = []

    def command(paths, workers):
        asked.append((len(paths), workers))
        raise Missing("far enough")

    monkeypatch.setattr(anywhere, "notebook_command", command)
    for name in ("as here", "2 threads"):
        with pytest.raises(Missing, match="far enough"):
            anywhere.do(all_runs("C")[name], names=["01-attention"], say=lambda text: None)
    assert asked == [(1, "2"), (1, "1")]
    assert verify.notebook_command(["x"], workers="1")[-5:] == ("-n", "1", "--dist", "loadfile", "x")


def test_the_table_says_what_differs_and_what_was_left_out():
    same = kept_result("as here", {"01-a": [3, 0, 0], "05-b": [4, 0, 0]})
    other = kept_result("Python 3.12", {"01-a": [2, 1, 0]})
    good = anywhere.as_result({"as here": same}, [], ["01-a", "05-b"])
    assert good.passed and good.shortfalls == [] and good.rows[-1] == ["05-b", "4"]
    bad = anywhere.as_result({"as here": same, "Python 3.12": other}, [], ["01-a", "05-b"])
    assert not bad.passed and bad.rows[-2:] == [["01-a", "3", "**1 of 3 differ**"], ["05-b", "4", "-"]]
    assert "Python 3.12, 01-a, Cell 1: differs" in bad.shortfalls
    assert "Python 3.12: 1 notebooks were left out, because they need torch, which is not there." in bad.shortfalls


def test_other_versions_than_the_pins_are_marked_and_do_not_fail_the_part():
    oldest = kept_result("oldest", {"01-a": [2, 1, 0]})
    result = anywhere.as_result({"oldest": oldest}, [], ["01-a"])
    assert result.passed and result.shortfalls and ["the course's pins", "**not kept**"] in result.rows
    assert not anywhere.as_result({}, [], ["01-a"]).passed
    assert not anywhere.as_result({"oldest": oldest}, ["as here was not run."], ["01-a"]).passed


def test_a_cell_that_must_differ_tells_its_words_or_is_wrong():
    def result(passed, failed, text):
        one = kept_result("read-only", {"00-start-here": [passed, failed, 0]})
        return anywhere.as_result({"read-only": one | {"failures": {"00-start-here": text}}}, [], ["00-start-here"])

    words = all_runs("C")["read-only"].tells["00-start-here"]
    good = result(1, 1, f"Cell 0: 'Ready for the course.' == '{words}'")
    assert good.passed and good.shortfalls == [] and good.rows[-1] == ["00-start-here", "1, and 1 tells"]
    assert "1 cells the same as stored, 0 not. 1 more rightly differ" in good.summary
    silent, other, more = result(2, 0, ""), result(1, 1, "Cell 1: 5 is not 4"), result(0, 2, words)
    assert not silent.passed and "nothing differs, expected a cell that says" in silent.shortfalls[0]
    assert not other.passed and other.rows[-1] == ["00-start-here", "**1 of 2 differ**"]
    assert not more.passed and not more.shortfalls[0].endswith("nothing differs")


def test_no_notebook_but_the_first_may_differ():
    assert {name for run in all_runs("C").values() for name in run.tells} == {"00-start-here"}


def test_the_notebooks_that_need_torch_are_known():
    needs = {pair.name: anywhere.needs_torch(pair.notebook) for pair in find_pairs()}
    assert not needs["01-attention"] and not needs["03-self-attention"]
    assert needs["05-bert-sentence-embeddings"] and needs["09-summarization-with-t5"]


def test_a_python_is_found_by_name_and_tried(tmp_path, monkeypatch):
    here = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    assert find_python(here, lambda name: sys.executable) == sys.executable
    broken = tmp_path / "python3.99"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    assert find_python("python3.99", lambda name: str(broken)) is None
    assert find_python("python3.99", lambda name: None) is None


def test_what_is_missing_is_said_with_the_next_step(monkeypatch):
    with pytest.raises(Missing, match=r"python3.12 is missing: python -m helpers.proof.anywhere setup"):
        python_of("python3.12")
    monkeypatch.setattr(anywhere_pythons, "find_python", lambda name: None)
    with pytest.raises(Missing, match="python3.13 is not installed on this machine"):
        anywhere_pythons.set_up("python3.13", ROOT, print)
    results, problems = anywhere.do_all(lambda text: None, ["Python 3.13"])
    assert "Python 3.13" not in results and problems[0].startswith("Python 3.13 was not run: ")
    with pytest.raises(ValueError, match="^--only: got moon, expected some of as here, "):
        anywhere.do_all(print, ["moon"])


def test_the_pins_are_installed_with_or_without_the_models_packages():
    whole, light = requirements(ROOT, True), requirements(ROOT, False)
    assert [line.split("==")[0] for line in whole if line not in light] == [
        "torch",
        "transformers",
        "tokenizers",
        "safetensors",
    ]
    assert all("==" in line for line in whole)


def test_a_new_python_gets_the_pins_and_then_the_course_itself_or_is_no_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROOF_FOLDER", str(tmp_path))
    monkeypatch.setattr(anywhere_pythons, "find_python", lambda name: sys.executable)
    for failing in (None, 1, 2):
        asked = []

        def run(command, asked=asked, failing=failing):
            asked.append(command)
            (tmp_path / "python3.13").mkdir(exist_ok=True)
            return SimpleNamespace(returncode=int(len(asked) - 1 == failing))

        if failing is None:
            anywhere_pythons.set_up("python3.13", ROOT, lambda text: None, run)
            assert [command[1:3] for command in asked] == [["-m", "venv"], ["-m", "pip"], ["-m", "pip"]]
            assert any(part.startswith("jupyterlab==") for part in asked[1])
            assert asked[2][3:] == ["install", "--no-deps", "--editable", str(ROOT)]
            (tmp_path / "python3.13" / "finished").unlink()
            continue
        with pytest.raises(Missing, match="could not install the packages of python3.13"):
            anywhere_pythons.set_up("python3.13", ROOT, lambda text: None, run)
        assert not (tmp_path / "python3.13").exists()


def test_the_course_comes_first_on_the_path_and_nothing_of_this_shell(monkeypatch):
    monkeypatch.setenv("PYTHONHOME", "x")
    made = environ(["a", "b"], {"TZ": "UTC"})
    assert made["PYTHONPATH"] == os.pathsep.join(["a", "b"]) and made["TZ"] == "UTC" and "PYTHONHOME" not in made


def test_the_copy_is_what_git_sees_and_the_digest_follows_the_notebooks(tmp_path):
    for name in ("notebooks/a.ipynb", "helpers/b.py", "helpers/proof/c.py", "junk.tmp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    (tmp_path / ".gitignore").write_text("*.tmp\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert "junk.tmp" not in anywhere.course_files(tmp_path) and "helpers/b.py" in anywhere.course_files(tmp_path)
    first = anywhere.digest(tmp_path)
    (tmp_path / "helpers/proof/c.py").write_text("2")
    assert anywhere.digest(tmp_path) == first
    (tmp_path / "notebooks/a.ipynb").write_text("2")
    assert anywhere.digest(tmp_path) != first


def can_unshare():
    if shutil.which("unshare") is None:
        return False
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return subprocess.run(["unshare", *user, "--mount", "--net", "true"], capture_output=True).returncode == 0


apart = pytest.mark.skipif(not can_unshare(), reason="this system gives no namespaces of its own")


@apart
def test_a_shut_command_has_no_network_but_loopback_and_cannot_write(tmp_path):
    (tmp_path / "notebooks").mkdir()
    code = (
        "import socket\ns = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); socket.create_connection(s.getsockname())\n"
        "try: socket.create_connection(('192.0.2.1', 80), 2)\nexcept OSError as e: print('no way out', e.errno)\n"
        "try: open('notebooks/x', 'w')\nexcept OSError as e: print('read-only', e.errno)\n"
    )
    run = all_runs()["all at once"]
    command = anywhere._shut(run, tmp_path, [sys.executable, "-c", code])
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["no way out 101", "read-only 30"], done.stderr
    assert list((tmp_path / "notebooks").iterdir()) == []


@apart
def test_a_folder_that_stays_open_and_a_network_that_stays_are_told(tmp_path):
    code = "import sys; from helpers.proof import anywhere_inside as a; a.subprocess.call = lambda c: 0; a.main(sys.argv[1:])"
    (tmp_path / "notebooks").mkdir()
    command = [sys.executable, "-c", code, "--read-only", str(tmp_path), "--", "true"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 97 and "can still be written to" in done.stderr
    assert anywhere_inside._told("x") == 97
