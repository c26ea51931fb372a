"""checkpoint(name): which folder it gives, what it says, and that it writes nothing and asks nobody."""

import hashlib
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import helpers.checkpoints
from helpers.checkpoints import CheckpointError, checkpoint
from helpers.checkpoints.choose import choose, chosen_set
from helpers.checkpoints.folders import COURSE, POCKET, models_folder
from helpers.checkpoints.manifest import ORIGINALS, WEIGHTS

ROOT = Path(__file__).resolve().parents[2]


def entry(data):
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@pytest.fixture
def pocket(tmp_path):
    """Return a folder as helpers/pocket ships it: three small checkpoints, their cards, and manifest.json."""
    folder, listed = tmp_path / "pocket", {}
    for original in ORIGINALS.values():
        files = {WEIGHTS: b"w" * 9_870_000, "config.json": b"{}", "README.md": b"card"}
        (folder / original.pocket).mkdir(parents=True)
        for name, data in files.items():
            (folder / original.pocket / name).write_bytes(data)
        listed[original.pocket] = {name: entry(data) for name, data in files.items()}
    (folder / "manifest.json").write_text(json.dumps(listed))
    return folder


LINE = 'gpt2: pocket set, pocket-gpt2, weights 9.9 MB. To switch: COURSE_MODELS=full, or checkpoint("gpt2", models="full").\n'


@pytest.mark.parametrize(
    "environ", [{}, {"COURSE_MODELS": ""}, {"COURSE_MODELS": "pocket"}, {"COURSE_MODELS": " Pocket"}]
)
def test_the_pocket_set_is_the_default_and_its_line_is_the_same_on_every_machine(pocket, environ, no_sockets, capsys):
    assert choose("gpt2", pocket=pocket, environ=environ) == str(pocket / "pocket-gpt2")
    assert capsys.readouterr() == (LINE, "")


def test_an_argument_goes_before_the_environment(pocket, capsys):
    assert choose("gpt2", "pocket", pocket=pocket, environ={"COURSE_MODELS": "full"}) == str(pocket / "pocket-gpt2")
    assert chosen_set("full", {"COURSE_MODELS": "pocket"}) == "full"
    assert chosen_set(None, {"COURSE_MODELS": "full"}) == "full"


@pytest.mark.parametrize(("name", "shown"), [("gpt3", "'gpt3'"), ("", "''"), (None, "None"), (["gpt2"], r"\['gpt2'\]")])
def test_an_unknown_name_is_named(name, shown):
    with pytest.raises(
        ValueError, match=f"^name must be one of bert-base-uncased, gpt2, t5-small, but it is {shown}.$"
    ):
        checkpoint(name)


def test_an_unknown_set_is_named(monkeypatch):
    with pytest.raises(ValueError, match="^models must be pocket or full, but it is 'large'.$"):
        checkpoint("gpt2", models="large")
    with pytest.raises(ValueError, match="^models must be pocket or full, but it is ''.$"):
        checkpoint("gpt2", models="")
    with pytest.raises(ValueError, match="^models must be pocket or full, but it is 3.$"):
        checkpoint("gpt2", models=3)
    monkeypatch.setenv("COURSE_MODELS", "ful")
    with pytest.raises(ValueError, match="^COURSE_MODELS must be pocket or full, but it is 'ful'.$"):
        checkpoint("gpt2")


def test_the_environment_is_read_at_each_call(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_MODELS_DIR", str(tmp_path))
    monkeypatch.setenv("COURSE_MODELS", "full")
    with pytest.raises(
        CheckpointError, match=rf"^The original gpt2 \(551.0 MB\) is not in {re.escape(str(tmp_path))}\. Get"
    ):
        checkpoint("gpt2")


@pytest.mark.parametrize("harm", ["no manifest", "not listed", "no weights", "short", "bad manifest"])
def test_a_pocket_checkpoint_that_is_not_whole_is_one_sentence(pocket, harm):
    if harm == "no manifest":
        (pocket / "manifest.json").unlink()
    elif harm == "not listed":
        (pocket / "manifest.json").write_text('{"pocket-gpt2": {}}')
    elif harm == "bad manifest":
        (pocket / "manifest.json").write_text("<<<<<<< HEAD")
    elif harm == "no weights":
        (pocket / "pocket-gpt2" / WEIGHTS).unlink()
    else:
        (pocket / "pocket-gpt2" / WEIGHTS).write_text("version https://git-lfs.github.com/spec/v1")
    with pytest.raises(CheckpointError, match="^The pocket checkpoint pocket-gpt2 is not whole in this copy") as caught:
        choose("gpt2", pocket=pocket, environ={})
    assert "Get the course again, or use the original: python -m helpers.checkpoints fetch gpt2" in str(caught.value)


def test_a_card_may_be_missing(pocket):
    (pocket / "pocket-gpt2" / "README.md").unlink()
    choose("gpt2", pocket=pocket, environ={})


def test_the_full_set_says_so_and_how_to_switch_back(world, no_sockets, capsys):
    folder = world.root / "gpt2"
    folder.mkdir(parents=True)
    for file, data in world.files["gpt2"].items():
        (folder / file).write_bytes(data)
    environ = {"COURSE_MODELS": "full", "COURSE_MODELS_DIR": str(world.root)}
    assert choose("gpt2", originals=world.originals, environ=environ) == str(folder)
    line = capsys.readouterr().out
    assert (
        line.startswith("gpt2: full set, owner/gpt2 at ") and "weights 0.3 MB. To switch: COURSE_MODELS=pocket" in line
    )
    assert line.count("\n") == 1
    assert world.hub.seen == []


def test_the_folder_of_the_originals(tmp_path):
    assert models_folder({"COURSE_MODELS_DIR": str(tmp_path)}) == tmp_path
    assert models_folder({"COURSE_MODELS_DIR": "models"}) == COURSE / "models"
    assert models_folder({"COURSE_MODELS_DIR": "~/models"}) == Path.home() / "models"
    default = models_folder({"COURSE_MODELS_DIR": " "})
    assert default.is_absolute() and default.parts[-2:] == ("attention-course", "models")
    assert COURSE not in default.parents


WATCH = """
import os, sys
def watch(event, arguments):
    if event == "open":
        _, mode, flags = arguments
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            raise AssertionError(f"opened for writing: {arguments}")
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.truncate", "os.link", "os.symlink", "os.chmod", "os.utime"):
        raise AssertionError(f"{event} {arguments}")
    elif event.startswith("socket."):
        raise AssertionError(f"{event} {arguments}")
sys.path[:0] = sys.argv[1:3]
from run_apart import read
from helpers.checkpoints.choose import choose
originals = read(sys.argv[3])
sys.addaudithook(watch)
print(choose("gpt2", "full", originals))
from safetensors import safe_open
from tokenizers import Tokenizer
Tokenizer.from_file(os.path.join(choose("gpt2", "full", originals), "tokenizer.json"))
heavy = ("torch", "transformers", "httpx2", "filelock", "tqdm", "requests")
print("heavy:", *[name for name in heavy if name in sys.modules])
"""


def test_choosing_writes_nothing_opens_no_socket_and_imports_nothing_heavy(world, tmp_path):
    folder = world.root / "gpt2"
    folder.mkdir(parents=True)
    for file, data in world.files["gpt2"].items():
        (folder / file).write_bytes(data)
    manifest = world.write_manifest(tmp_path / "manifest.json")
    command = [sys.executable, "-B", "-c", WATCH, str(ROOT), str(Path(__file__).parent), str(manifest)]
    run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "COURSE_MODELS": "full"})
    assert run.returncode == 0, run.stderr
    assert str(folder) in run.stdout and run.stdout.endswith("heavy:\n")


def test_the_manifest_pins_every_file_by_plain_name():
    for name, original in ORIGINALS.items():
        assert re.fullmatch("[0-9a-f]{40}", original.revision)
        assert re.fullmatch(r"[\w-]+/[\w-]+", original.repo)
        assert WEIGHTS in original.files and list(original.files)[-1] == WEIGHTS  # last: nothing loads before it
        assert {"config.json", "tokenizer.json", "tokenizer_config.json"} < set(original.files)
        for file, pin in original.files.items():
            assert re.fullmatch(r"[a-z_]+\.(json|txt|model|safetensors)", file), (name, file)
            if (name, file) == ("t5-small", "generation_config.json"):
                assert pin.sha256 is None and pin.holds["decoder_start_token_id"] == 0
            else:
                assert pin.size > 0 and re.fullmatch("[0-9a-f]{64}", pin.sha256)


def test_the_pocket_folders_are_those_that_helpers_pocket_ships():
    export = (COURSE / "helpers/pocket/export.py").read_text(encoding="utf-8")
    assert POCKET == COURSE / "helpers/pocket/checkpoints"
    assert 'CHECKPOINTS = Path(__file__).with_name("checkpoints")' in export
    for original in ORIGINALS.values():
        assert f'"{original.pocket}"' in export


def test_every_public_function_says_what_it_does():
    for module in ("choose", "fetch", "folders", "manifest", "transfer", "verify", "answers", "problems", "__main__"):
        module = __import__(f"helpers.checkpoints.{module}", fromlist=["x"])
        for name, thing in vars(module).items():
            if inspect.isfunction(thing) and thing.__module__ == module.__name__ and not name.startswith("_"):
                assert thing.__doc__, f"{module.__name__}.{name}"
    assert set(helpers.checkpoints.__all__) == {"CheckpointError", "checkpoint", "quiet_loading"}


@pytest.mark.skipif(not (POCKET / "manifest.json").exists(), reason="no pocket checkpoint is shipped yet")
@pytest.mark.parametrize("name", ORIGINALS)
def test_the_shipped_pocket_checkpoints_are_found(name, monkeypatch, no_sockets, capsys):
    monkeypatch.delenv("COURSE_MODELS", raising=False)
    if ORIGINALS[name].pocket not in json.loads((POCKET / "manifest.json").read_text()):
        pytest.skip("this one is not shipped yet")
    assert (Path(checkpoint(name)) / WEIGHTS).is_file()
    line = capsys.readouterr().out
    assert line.startswith(f"{name}: pocket set, {ORIGINALS[name].pocket}, weights ") and str(COURSE) not in line


@pytest.mark.parametrize(
    "platform, environ, cache",
    [
        ("win32", {"LOCALAPPDATA": "there"}, Path("there")),
        ("win32", {}, Path.home() / "AppData" / "Local"),
        ("darwin", {"XDG_CACHE_HOME": "not here"}, Path.home() / "Library" / "Caches"),
        ("linux", {"XDG_CACHE_HOME": "there"}, Path("there")),
        ("linux", {"LOCALAPPDATA": "not here"}, Path.home() / ".cache"),
    ],
)
def test_the_originals_lie_where_the_system_keeps_what_can_be_fetched_again(monkeypatch, platform, environ, cache):
    monkeypatch.setattr("helpers.checkpoints.folders.sys", SimpleNamespace(platform=platform))
    assert models_folder(environ) == cache / "attention-course" / "models"
