"""verify and list on the command line: what they say and how they exit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hub import WEIGHTS, Fault

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def pocket(world, tmp_path):
    """Return a folder of pocket checkpoints that holds only gpt2's."""
    import hashlib

    folder, data = tmp_path / "pocket", b"w" * 5000
    (folder / "pocket-gpt2").mkdir(parents=True)
    (folder / "pocket-gpt2" / WEIGHTS).write_bytes(data)
    listed = {"pocket-gpt2": {WEIGHTS: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}}}
    (folder / "manifest.json").write_text(json.dumps(listed))
    return folder


def test_verify_says_that_every_hash_is_right(world, pocket):
    world.run("fetch")
    status, out, err = world.run("verify", pocket=pocket)
    assert (status, err) == (0, "")
    assert out.count("every hash is right.") == 4
    assert "pocket-gpt2: 1 files, every hash is right." in out
    assert "pocket-bert: not in this copy of the course." in out


@pytest.mark.parametrize("file", ["config.json", "generation_config.json", "tokenizer.json", WEIGHTS])
def test_verify_finds_one_wrong_bit_in_any_file(world, file):
    world.run("fetch", "gpt2")
    path = world.root / "gpt2" / file
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    status, out, err = world.run("verify")
    assert status == 1
    assert err.startswith(f"gpt2 in {world.root / 'gpt2'} is damaged: {file} has another SHA-256 than the pinned one.")
    assert err.endswith("Repair it with python -m helpers.checkpoints fetch gpt2.\n")
    assert "t5-small: not in" in out  # the others are still looked at


def test_verify_finds_a_missing_file_and_a_strange_one(world):
    world.run("fetch", "gpt2")
    (world.root / "gpt2/.DS_Store").write_text("")
    assert world.run("verify", "gpt2")[0] == 0
    (world.root / "gpt2/added_tokens.json").write_text("{}")
    assert "has files that do not belong: added_tokens.json. Remove them." in world.run("verify", "gpt2")[2]
    (world.root / "gpt2/config.json").unlink()
    assert "config.json is missing" in world.run("verify", "gpt2")[2]


def test_verify_of_what_is_not_there(world):
    assert world.run("verify")[0] == 0  # nothing is wrong with what is there
    status, out, _ = world.run("verify", "gpt2")
    assert status == 1 and f"gpt2: not in {world.root}. Get it with" in out


def test_verify_finds_a_damaged_pocket_checkpoint(world, pocket):
    (pocket / "pocket-gpt2" / WEIGHTS).write_bytes(b"v" * 5000)
    status, _, err = world.run("verify", pocket=pocket)
    assert status == 1 and err.startswith("pocket-gpt2 is damaged: model.safetensors has another SHA-256")


def test_list_says_what_is_there_and_asks_nobody(world, pocket, monkeypatch):
    world.run("fetch", "bert-base-uncased")
    world.hub.plant(WEIGHTS, *[Fault(cut_after=10_000)] * 4)
    world.run("fetch", "t5-small")
    world.hub.seen.clear()
    monkeypatch.setenv("COURSE_MODELS", "full")
    status, out, _ = world.run("list", pocket=pocket)
    assert status == 0 and world.hub.seen == []
    assert out.startswith(f"In use: the full set (COURSE_MODELS). Originals are looked for in {world.root} ")
    states = [line.rpartition(", ")[2] for line in out.splitlines() if line.startswith("  full:")]
    assert states == ["here", "not here", "0.0 MB of 0.3 MB fetched; go on with fetch"]
    assert "  pocket: pocket-gpt2, 0.0 MB\n" in out and "  pocket: pocket-bert, not whole in this copy\n" in out
    (world.root / "bert-base-uncased" / WEIGHTS).write_bytes(b"")
    assert "damaged: model.safetensors has 0 bytes, expected 300000; repair it with fetch" in world.run("list")[1]


def test_a_stand_in_is_never_taken_for_the_original(world, capsys):
    from helpers.checkpoints.choose import choose

    folder = world.root / "gpt2"
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(b"random")
    (folder / "fetched.json").write_text(json.dumps({"stand_in": True, "files": {WEIGHTS: {"size": 6}}}))
    assert choose("gpt2", "full", world.originals) == str(folder)
    assert "a STAND-IN WITH RANDOM WEIGHTS for owner/gpt2" in capsys.readouterr().out
    assert "is a stand-in with random weights. Delete the folder" in world.run("verify", "gpt2")[2]
    assert "holds a stand-in with random weights. Delete that folder" in world.run("fetch", "gpt2")[2]
    assert "a stand-in with random weights" in world.run("list")[1]
    assert (folder / WEIGHTS).read_bytes() == b"random" and world.hub.seen == []


def test_the_module_runs_and_says_how_it_is_used(world):
    run = subprocess.run(
        [sys.executable, "-m", "helpers.checkpoints", "fetch", "gpt9"], cwd=ROOT, capture_output=True, text=True
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == "name must be one of bert-base-uncased, gpt2, t5-small, but it is 'gpt9'.\n"
    run = subprocess.run([sys.executable, "-m", "helpers.checkpoints", "-h"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0 and "{fetch,verify,list}" in run.stdout


def test_a_wrong_set_in_the_environment_is_a_sentence(world, monkeypatch):
    monkeypatch.setenv("COURSE_MODELS", "ful")
    assert world.run("list")[::2] == (1, "COURSE_MODELS must be pocket or full, but it is 'ful'.\n")
