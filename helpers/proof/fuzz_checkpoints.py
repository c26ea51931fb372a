"""Targets: checkpoints. Names, settings, damaged folders for `list` and `verify`, and a hub that does anything for `fetch`."""

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from unittest import mock

import httpx2
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from helpers.checkpoints import fetch as fetching
from helpers.checkpoints.__main__ import main
from helpers.checkpoints.answers import asked_wait
from helpers.checkpoints.choose import choose, chosen_set
from helpers.checkpoints.folders import RECORD, models_folder
from helpers.checkpoints.manifest import WEIGHTS, File, Original, find
from helpers.checkpoints.problems import CheckpointError
from helpers.checkpoints.transfer import Patience
from helpers.checkpoints.verify import verify
from helpers.proof.fuzz_engine import ANSWER, REFUSAL, Target, end_of
from helpers.proof.fuzz_inputs import junk, texts

NAME, VOCABULARY = "gpt2", ["[UNK]", "the", "cat", "sat"]
SENTENCE = re.compile(r"\S.*[.:!?)\w\]}'\"]$", re.DOTALL)


def _files():
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return {
        "config.json": b'{"model_type": "made up"}',
        "generation_config.json": b'{"eos_token_id": 1}',
        "tokenizer.json": tokenizer.to_str().encode(),
        WEIGHTS: bytes(range(256)) * 12,
    }


FILES = _files()
PINNED = {name: File(len(data), hashlib.sha256(data).hexdigest()) for name, data in FILES.items()}
PINNED["generation_config.json"] = File(holds={"eos_token_id": 1})  # as t5's: its hash is not pinned
ORIGINAL = Original(
    "owner/made-up", "1f" * 20, "CC0", "pocket-made-up", PINNED, len(VOCABULARY), "the cat sat", [1, 2, 3]
)
ORIGINALS = {NAME: ORIGINAL}

# Damage: (file or folder, what is done to it, bytes).
places = st.sampled_from([*FILES, RECORD, "strange.txt", ".hidden", f"{WEIGHTS}.part", ""])
records = st.one_of(
    st.sampled_from([b"{}", b"[]", b'{"files": {}}', b'{"files": []}', b"null", b"{", b"\xff\xfe",
    b'{"files": {"a": 1}}']),
    st.fixed_dictionaries({
        "files": st.dictionaries(st.sampled_from([*FILES, "other"]), st.one_of(
            st.none(), st.fixed_dictionaries({"size": st.one_of(st.integers(-1, 99), st.none(), texts),
            "sha256": st.one_of(st.none(), texts)}))),
        "revision": st.sampled_from([ORIGINAL.revision, "other", None, 3]), "stand_in": st.sampled_from([False,
        True, "x", None]),
    }).map(lambda record: json.dumps(record).encode()),
)  # fmt: skip
damages = st.lists(
    st.tuples(places, st.sampled_from(["cut", "flip", "grow", "remove", "folder", "write", "record"]),
    st.binary(max_size=9), records),
    max_size=3,
)  # fmt: skip


def _damage(folder, steps):
    for place, how, data, record in steps:
        path = folder / place if place else folder
        with contextlib.suppress(OSError):  # what cannot be damaged in this way stays
            if how == "remove":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            elif how == "folder":
                path.unlink(missing_ok=True)
                path.mkdir(parents=True)
            elif how == "record":
                (folder / RECORD).write_bytes(record)
            elif how == "write":
                path.write_bytes(data)
            else:
                old = path.read_bytes()
                flipped = bytes([old[0] ^ 1]) + old[1:] if old else b""
                path.write_bytes({"cut": old[: len(old) // 2], "grow": old + data, "flip": flipped}[how])


def _whole(folder):
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(data)


@contextlib.contextmanager
def _room():
    """A folder for one input, in memory where the system has such a place, and an environment that knows only it."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as place:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "HF_"))}
        with mock.patch.dict(os.environ, kept | {"COURSE_MODELS_DIR": f"{place}/models"}, clear=True):
            yield Path(place)


def _command(*arguments, pocket=None, patience=None):
    """Run the command line; return its exit status and what it said."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            status = main(arguments, originals=ORIGINALS, pocket=pocket, patience=patience)
        except SystemExit as end:  # argparse
            status = end.code
    said = out.getvalue()
    if status not in (0, 1, 2) or "Traceback" in said or (status and not said.strip()):
        raise AssertionError(f"status {status}: {said}")
    return status, said


def _damaged(steps):
    """`list` and `verify` of a damaged folder, and `checkpoint`: they say so or find it right, and change nothing."""
    pinned, pocket_damage, own = steps
    with _room() as place:
        root, pocket = place / "models", place / "pocket"
        _whole(root / NAME)
        _whole(pocket / ORIGINAL.pocket)
        listed = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in FILES.items()}
        manifest = json.dumps({ORIGINAL.pocket: listed}).encode()
        (pocket / "manifest.json").write_bytes(manifest if own is None else own)
        _damage(root / NAME, pinned)
        _damage(pocket / ORIGINAL.pocket, pocket_damage)
        before = _content(place)
        status, _ = _command("verify", NAME, pocket=pocket)
        _command("list", pocket=pocket)
        for chosen in ("pocket", "full"):
            with contextlib.redirect_stdout(io.StringIO()):
                end_of(lambda chosen=chosen: choose(NAME, chosen, ORIGINALS, pocket), errors=(CheckpointError,))
        if _content(place) != before:
            raise AssertionError("looking has changed a file")
        if status == 0 and any(
            (root / NAME / name).read_bytes() != data for name, data in FILES.items() if PINNED[name].sha256
        ):
            raise AssertionError("a damaged file is said to be right")
    return ANSWER if status == 0 else REFUSAL


def _content(place):
    return {path.relative_to(place): path.read_bytes() if path.is_file() else None for path in place.rglob("*")}


# What the hub does with one request: (what, bytes after which it happens, bytes, status, headers).
deeds = st.tuples(
    st.sampled_from(["serve", "serve", "serve", "cut", "other", "longer", "status", "raise", "page", "headers"]),
    st.integers(0, 3200),
    st.binary(max_size=9),
    st.sampled_from([200, 204, 206, 301, 302, 400, 401, 403, 404, 407, 408, 416, 418, 429, 500, 503, 599]),
    st.dictionaries(
        st.sampled_from(["Retry-After", "RateLimit", "X-Repo-Commit", "X-Linked-Size", "Content-Range", "Location",
        "Content-Length"]),
        st.one_of(
            st.sampled_from(["0", "-1", "9" * 30, "soon", "bytes 0-9/10", "/", "http://[", ORIGINAL.revision, "t=3",
            "²"]),
            st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8),
        ),
        max_size=2,
    ),
)  # fmt: skip
ERRORS = (
    httpx2.ConnectError,
    httpx2.ReadError,
    httpx2.ReadTimeout,
    httpx2.RemoteProtocolError,
    httpx2.ProxyError,
    httpx2.InvalidURL,
)


class _Stream(httpx2.SyncByteStream):
    def __init__(self, content, stop):
        self.content, self.stop = content, stop

    def __iter__(self):
        yield self.content[: self.stop]
        if self.stop < len(self.content):
            raise httpx2.ReadError("cut")


def _hub(waiting):
    """Return what answers a request: the deeds in their order, and then each file as it is."""
    waiting = list(waiting)

    def answer(request):
        what, where, data, status, headers = waiting.pop(0) if waiting else ("serve", 0, b"", 200, {})
        whole = FILES[request.url.path.rsplit("/", 1)[-1]] if request.url.path.rsplit("/", 1)[-1] in FILES else b""
        asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        start = int(asked[1]) if asked and what != "page" else 0
        ranged = {"Content-Range": f"bytes {start}-{len(whole) - 1}/{len(whole)}"} if asked else {}
        if what == "raise":
            raise ERRORS[where % len(ERRORS)]("planted")
        if what == "status":
            return httpx2.Response(status, headers=headers, content=data)
        if what == "page":
            return httpx2.Response(200, headers={"Content-Type": "text/html"}, content=b"<html>log in</html>" + data)
        if what == "headers":
            return httpx2.Response(200 if not asked else 206, headers=ranged | headers, content=whole[start:])
        body = whole[start:]
        if what == "other" and body:
            place = where % len(body)
            body = body[:place] + bytes([body[place] ^ 0xFF]) + body[place + 1 :]
        body += data if what == "longer" else b""
        stop = where if what == "cut" else len(body)
        return httpx2.Response(206 if asked else 200, headers=ranged, stream=_Stream(body, stop))

    return answer


def _fetch(case):
    """`fetch` from a hub that does anything, into a folder that an earlier run may have left in any state."""
    waiting, left, broken = case
    clock = iter(range(10**9))
    patience = Patience(tries=3, gain=2000, sleep=lambda seconds: None, clock=lambda: next(clock))
    answer = _hub(waiting)

    def client(environ, patience):
        return httpx2.Client(
            base_url="https://hub.example", transport=httpx2.MockTransport(answer), follow_redirects=True
        )

    with _room() as place, mock.patch.object(fetching, "_client", client):
        root = place / "models"
        if left:
            _whole(root / f"{NAME}.part")
            _damage(root / f"{NAME}.part", left)
        if broken:
            _whole(root / NAME)
            _damage(root / NAME, broken)
        before = _content(root / NAME) if (root / NAME).is_dir() else None
        status, said = _command("fetch", NAME, patience=patience)
        _no_half(root, status, before, said)
        status = _command("fetch", NAME, patience=patience)[0] if status else status  # the fault has passed: it goes on
    return ANSWER if status == 0 else REFUSAL


def _no_half(root, status, before, said):
    """See that under its name lies a whole and verified checkpoint, or what lay there before; and nothing beside it."""
    folder = root / NAME
    strange = {path.name for path in root.iterdir()} - {NAME, f"{NAME}.part", f".{NAME}.lock"}
    if strange:
        raise AssertionError(f"left behind: {strange}")
    if status == 0:
        verify(NAME, ORIGINAL, folder) if not _strange(folder) else None
        if any((folder / name).read_bytes() != data for name, data in FILES.items() if PINNED[name].sha256):
            raise AssertionError(f"a damaged checkpoint is said to be there: {said}")
    elif (_content(folder) if folder.is_dir() else None) != before:
        raise AssertionError(f"a fetch that failed has changed the checkpoint: {said}")


def _strange(folder):
    return {path.name for path in folder.iterdir()} - {*FILES, RECORD}


def _names(case):
    name, models_, environ = case
    end_of(lambda: find(name, ORIGINALS), ["name"])
    end, _ = end_of(lambda: chosen_set(models_, environ), ["models", "COURSE_MODELS"])
    models_folder(environ)
    return end


def _words(arguments):
    with _room() as place:
        return ANSWER if _command(*arguments, pocket=place / "pocket")[0] == 0 else REFUSAL


def _wait(headers):
    wait = asked_wait(headers)
    if wait is not None and not 0 <= wait < 1e12:
        raise AssertionError(f"a wait of {wait} seconds")
    return REFUSAL if wait is None else ANSWER


def targets():
    """Return the targets of the checkpoints."""
    settings = texts.filter(lambda text: "\0" not in text)  # no system lets a variable hold that
    environs = st.dictionaries(st.sampled_from(["COURSE_MODELS", "COURSE_MODELS_DIR", "XDG_CACHE_HOME"]), settings)
    waits = st.dictionaries(
        st.sampled_from(["Retry-After", "RateLimit"]),
        st.one_of(texts, st.from_regex(r"(Mon|Sat), \d\d (Jan|Feb) \d{1,5} \d\d:\d\d:\d\d [A-Z+-]{1,4}\d{0,4}",
        fullmatch=True)),
    )  # fmt: skip
    words = st.lists(
        st.sampled_from(["fetch_", "verify", "list", NAME, "bert", "--help", "-x", "", "../x", "\ud83d"]), max_size=3
    )
    some = st.one_of(st.just([]), damages)
    return [
        Target("checkpoints", "names, sets and folders", st.tuples(st.one_of(st.just(NAME), junk), junk,
        environs), _names, 6000),
        Target("checkpoints", "command line", words, _words, 500),
        Target("checkpoints", "how long a server asks to wait", waits, _wait, 5000),
        Target("checkpoints", "list, verify and checkpoint of damaged folders",
               st.tuples(damages, some, st.one_of(st.none(), records)), _damaged, 2500),
        Target("checkpoints", "fetch from a hub that does anything", st.tuples(st.lists(deeds, max_size=6), some,
        some), _fetch,
               2500, 30),
    ]  # fmt: skip
