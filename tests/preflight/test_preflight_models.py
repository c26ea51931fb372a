"""Damaged and missing checkpoints; packages that fail, crash or hang when imported; a model that answers wrongly."""

import os
import shutil
import sys

import pytest

from helpers.checkpoints.folders import POCKET
from helpers.checkpoints.manifest import ORIGINALS
from helpers.preflight.models import Trial, check_checkpoints
from helpers.preflight.result import READY, STOP
from helpers.preflight.trial import EXPECTED, PACKAGES, guess

WEIGHTS = "pocket-bert/model.safetensors"


@pytest.fixture
def pocket(tmp_path):
    """Return a copy of the shipped checkpoints that may be damaged."""
    return shutil.copytree(POCKET, tmp_path / "checkpoints")


def stopped(pocket, **options):
    result = check_checkpoints(pocket, environ={}, **options)
    assert result.state == STOP and result.cure and "\n" not in result.line()
    return result


def test_the_copy_is_whole(pocket):
    assert check_checkpoints(pocket, environ={}).state == READY


@pytest.mark.parametrize(
    "file", [WEIGHTS, "pocket-bert/vocab.txt", "pocket-gpt2/config.json", "pocket-t5/spiece.model"]
)
def test_one_changed_byte(pocket, file):
    content = bytearray((pocket / file).read_bytes())
    content[len(content) // 2] ^= 1
    (pocket / file).write_bytes(content)
    assert f"{file.partition('/')[2]} has another SHA-256" in stopped(pocket).found


def test_a_missing_file_and_one_cut_off(pocket):
    (pocket / "pocket-gpt2" / "merges.txt").unlink()
    (pocket / WEIGHTS).write_bytes((pocket / WEIGHTS).read_bytes()[:1000])
    found = stopped(pocket).found
    assert "merges.txt is missing" in found and "model.safetensors has 1000 bytes" in found


def test_no_manifest_no_checkpoint(pocket):
    (pocket / "manifest.json").unlink()
    assert "pocket-t5 is not in the manifest" in stopped(pocket).found


def test_a_set_that_does_not_exist(pocket):
    result = check_checkpoints(pocket, environ={"COURSE_MODELS": "large"})
    assert result.state == STOP and "COURSE_MODELS must be pocket or full" in result.found


def test_the_originals_count_where_they_are_chosen(pocket, tmp_path):
    environ = {"COURSE_MODELS": "full", "COURSE_MODELS_DIR": str(tmp_path / "models")}
    result = check_checkpoints(pocket, environ=environ)
    first = next(iter(ORIGINALS))
    assert result.state == STOP and f"{first} is not in" in result.found and f"fetch {first}" in result.cure
    (tmp_path / "models" / first).mkdir(parents=True)
    assert "is damaged: config.json is missing" in check_checkpoints(pocket, environ=environ).found
    assert check_checkpoints(pocket, environ=environ | {"COURSE_MODELS": "pocket"}).state == READY


def trial(*said, after="", seconds=30):
    """Return a Trial whose process prints these lines, then runs this code."""
    code = f"import sys, os, time\nfor line in {list(said)!r}: print(line, flush=True)\n{after}"
    return Trial(command=[sys.executable, "-S", "-c", code], seconds=seconds)


IMPORTED = [f'{{"imported": "{package}"}}' for package in PACKAGES]
BEFORE_TORCH = IMPORTED[: list(PACKAGES).index("torch")]


def states(trial):
    results = trial.check_imports(), trial.check_answer()
    for result in results:
        assert bool(result.cure) == (result.state == STOP) and "\n" not in result.line()
    return [result.state for result in results], results[0].found + " " + results[1].found


def test_all_is_well():
    assert states(trial(*IMPORTED, f'{{"answer": "{EXPECTED}"}}', "and a line of another program"))[0] == [READY, READY]


def test_a_wrong_answer():
    came, found = states(trial(*IMPORTED, '{"answer": "window"}'))
    assert came == [READY, STOP] and "guesses 'window'; it must guess 'door'" in found


def test_a_model_that_fails_or_says_nothing():
    came, found = states(trial(*IMPORTED, '{"failed": "model", "error": "OSError: no file"}', after="sys.exit(1)"))
    assert came == [READY, STOP] and "no answer: OSError: no file" in found
    assert states(trial(*IMPORTED, after="sys.exit('out of luck')"))[0] == [READY, STOP]


def test_a_package_that_hangs():
    came, found = states(trial(*BEFORE_TORCH, after="time.sleep(300)", seconds=6))
    assert came == [STOP, STOP] and "torch cannot be imported: no end within 6 seconds" in found


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals; it gives a status")
@pytest.mark.parametrize(
    "number, word", [(4, "SIGILL: this processor is too old"), (9, "SIGKILL, often because memory")]
)
def test_a_package_that_ends_the_process(number, word):
    came, found = states(trial(*BEFORE_TORCH, after=f"os.kill(os.getpid(), {number})"))
    assert came == [STOP, STOP] and f"torch cannot be imported: it was ended by {word}" in found


def test_a_python_that_does_not_start(tmp_path):
    assert states(Trial(command=[str(tmp_path / "none")]))[0] == [STOP, STOP]


def test_a_torch_that_fails_to_import(tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text("raise OSError('[WinError 126] The specified module could not be found')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    came, found = states(Trial())
    assert came == [STOP, STOP]
    assert "torch cannot be imported: OSError: [WinError 126]" in found and "an import fails" in found
    assert ("Visual C++" in Trial().check_imports().cure) == (os.name == "nt")  # what only Windows lacks


def test_a_damaged_model_answers_otherwise(tmp_path):
    from safetensors.torch import load_file, save_file

    shutil.copytree(POCKET / "pocket-bert", tmp_path / "bert")
    assert guess(str(tmp_path / "bert")) == EXPECTED
    weights = load_file(tmp_path / "bert" / "model.safetensors")
    save_file({name: value.flip(0) for name, value in weights.items()}, tmp_path / "bert" / "model.safetensors")
    assert guess(str(tmp_path / "bert")) != EXPECTED
