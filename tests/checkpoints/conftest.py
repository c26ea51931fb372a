"""A hub on loopback with three small checkpoints, their manifest, and a folder to fetch them into."""

import hashlib
import json
import os
import random
import socket
from dataclasses import asdict

import hub as hubs
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from helpers.checkpoints.__main__ import main
from helpers.checkpoints.manifest import File, Original
from helpers.checkpoints.transfer import Patience

NAMES = ("bert-base-uncased", "gpt2", "t5-small")
GENERATION = {"eos_token_id": 1, "pad_token_id": 0}
WORDS = ["[UNK]", "the", "cat", "sat"]


def make_files(name, size):
    """Return {file: bytes} of a made-up checkpoint whose weights have `size` bytes."""
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return {
        "config.json": json.dumps({"model_type": name}).encode(),
        "generation_config.json": json.dumps(GENERATION).encode(),
        "tokenizer.json": tokenizer.to_str().encode(),
        hubs.WEIGHTS: random.Random(name).randbytes(size),
    }


def make_original(name, files):
    """Return the Original of made-up files: all pinned but generation_config.json, as for t5-small."""
    pinned = {file: File(len(data), hashlib.sha256(data).hexdigest()) for file, data in files.items()}
    pinned["generation_config.json"] = File(holds=GENERATION)
    return Original(
        repo=f"owner/{name}",
        revision=hashlib.sha1(name.encode()).hexdigest(),
        licence="CC0",
        pocket=f"pocket-{name[:4]}",
        files=pinned,
        vocabulary=len(WORDS),
        text="the cat sat",
        ids=[1, 2, 3],
    )


class World:
    """All that a test needs: the hub, its files, the manifest, the folder, and `run`, the command line."""

    def __init__(self, hub, files, originals, root, capsys):
        self.hub, self.files, self.originals, self.root, self.capsys = hub, files, originals, root, capsys
        self.slept = []
        # Four attempts, and no real waiting between them.
        self.patience = Patience(tries=4, connect=20, read=20, sleep=self.slept.append)

    def run(self, *arguments, **options):
        """Run the command line; return (exit status, what it printed, what it said on stderr)."""
        patience = options.pop("patience", self.patience)
        status = main(arguments, originals=self.originals, patience=patience, **options)
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    def part(self, name="gpt2", file=hubs.WEIGHTS):
        return self.root / f"{name}.part" / f"{file}.part"

    def leave(self, data, name="gpt2"):
        """Leave these bytes as what an earlier run has got of the weights."""
        self.part(name).parent.mkdir(parents=True)
        self.part(name).write_bytes(data)

    def assert_whole(self, name="gpt2"):
        folder = self.root / name
        assert {path.name for path in folder.iterdir()} == {*self.files[name], "fetched.json"}
        for file, data in self.files[name].items():
            assert (folder / file).read_bytes() == data
            assert not (folder / file).is_symlink()
        assert not (self.root / f"{name}.part").exists()

    def write_manifest(self, path):
        """Write the manifest for another process; see run_apart.py."""
        path.write_text(json.dumps({name: asdict(original) for name, original in self.originals.items()}))
        return path


@pytest.fixture
def world(tmp_path, monkeypatch, capsys):
    """Return a World whose hub runs, with an environment that knows nothing but it."""
    for name in os.environ:
        if name.lower().endswith("_proxy") or name.startswith(("HF_", "COURSE_", "SSL_CERT")):
            monkeypatch.delenv(name)
    files = {name: make_files(name, 300_000) for name in NAMES}
    originals = {name: make_original(name, files[name]) for name in NAMES}
    stored = {originals[name].repo: {originals[name].revision: files[name]} for name in NAMES}
    root = tmp_path / "models"
    with hubs.running(hubs.Hub(stored)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("COURSE_MODELS_DIR", str(root))
        yield World(hub, files, originals, root, capsys)


@pytest.fixture
def no_sockets(monkeypatch):
    """Fail a test that opens any connection at all, or looks up any name."""

    def refuse(*arguments, **options):
        raise AssertionError("A connection was opened where none is needed.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
