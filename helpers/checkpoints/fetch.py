"""Fetch an original: one good copy, however many processes ask for it, that appears under its name only when whole."""

import errno
import json
import os
import shutil

import filelock
import httpx2
from tqdm import tqdm

from helpers.checkpoints import verify
from helpers.checkpoints.folders import RECORD, file_size, is_stand_in, models_folder, staging_folder
from helpers.checkpoints.manifest import ORIGINALS, find
from helpers.checkpoints.problems import CheckpointError, disk_problem, megabytes
from helpers.checkpoints.transfer import Patience, Source, download

HUB = "https://huggingface.co"


def fetch(name, originals=ORIGINALS, patience=None, environ=os.environ, say=print):
    """Make sure that a verified copy of an original lies in the folder of the originals; return that folder.

    Writes nothing and asks no network if it is there already. Raises ValueError for an unknown name, CheckpointError
    with one sentence if it cannot be had.
    """
    original = find(name, originals)
    root = models_folder(environ)
    folder = root / name
    try:
        if not _is_good(name, original, folder, say):
            root.mkdir(parents=True, exist_ok=True)
            with _lock(root, name, say):
                # Another process may have brought it while we waited.
                if not _is_good(name, original, folder, say):
                    _bring(name, original, root, patience or Patience(), environ, say)
    except OSError as error:
        raise disk_problem(error, root) from None
    say(f"{name} is in {folder}, verified.")
    return folder


def _is_good(name, original, folder, say):
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(folder))
    if not folder.exists():
        return False
    if is_stand_in(folder):
        raise CheckpointError(f"{folder} holds a stand-in with random weights. Delete that folder and fetch again.")
    say(f"Checking {name}, which is there already.")
    return not verify.wrong_files(folder, original)


def _lock(root, name, say):
    """Return a held lock. The operating system frees it when its process ends, even if it is killed: none goes stale."""
    lock = filelock.FileLock(root / f".{name}.lock")
    try:
        return lock.acquire(blocking=False)
    except filelock.Timeout:
        say(f"Another process is fetching {name}; waiting for it.")
        return lock.acquire(poll_interval=0.2)


def _bring(name, original, root, patience, environ, say):
    """Fetch what is missing into the staging folder, try it, and move it into place. The lock must be held."""
    folder, staging = root / name, staging_folder(root, name)
    staging.mkdir(exist_ok=True)
    for path in (place / file for place in (folder, staging) for file in (*original.files, RECORD)):
        if path.is_dir():  # found before anything is moved
            raise CheckpointError(f"{path} is a folder where a file should be. Move it away, and fetch again.")
    files = verify.expected_files(folder, original)
    bad = dict(verify.wrong_files(folder, original))
    missing = [file for file in files if file in bad and verify.wrong_content(staging / file, files[file])]
    # A file without a known hash comes again: nobody can tell whether what an earlier run left is whole.
    missing += [file for file in bad if files[file].sha256 is None and file not in missing]
    total = sum(files[file].size or 0 for file in missing)
    here = sum(min(file_size(staging / f"{file}.part") or 0, files[file].size or 0) for file in missing)
    _check_space(root, name, total - here)
    say(
        f"Fetching {name}: {megabytes(total)}, {megabytes(here)} of it here from before."
        if here
        else f"Fetching {name}: {megabytes(total)}."
    )
    with (
        _client(environ, patience) as client,
        tqdm(total=total, desc=name, unit="B", unit_scale=True, disable=None, leave=False, mininterval=0.2) as bar,
    ):
        host = client.base_url.host
        source = Source(client, f"{original.repo}/resolve/{original.revision}", host, original.revision)
        for file in missing:
            download(
                source, file, files[file], staging / file, patience, bar.update, lambda text: _beside(bar, text, say)
            )
    _put_in_place(original, folder, staging, list(bad))


def _beside(bar, text, say):
    bar.clear()
    say(text)


def _client(environ, patience):
    """Return an HTTP client for HF_ENDPOINT or the hub. It reads the proxy variables and the system's certificates.

    No token is read or sent: the originals are open to all.
    """
    endpoint = environ.get("HF_ENDPOINT", "").strip().rstrip("/") or HUB
    try:
        if httpx2.URL(endpoint).scheme not in ("http", "https") or not httpx2.URL(endpoint).host:
            raise httpx2.InvalidURL("no http address")
    except httpx2.InvalidURL:
        raise CheckpointError(f"HF_ENDPOINT must be an address like {HUB}, but it is {endpoint!r}.") from None
    try:
        return httpx2.Client(
            base_url=endpoint,
            follow_redirects=True,
            timeout=httpx2.Timeout(patience.read, connect=patience.connect),
            headers={"User-Agent": "attention-course"},
        )
    except (httpx2.InvalidURL, ValueError, ImportError) as error:
        raise CheckpointError(
            f"The proxy settings cannot be used ({error}). Set HTTPS_PROXY to an address like http://host:port."
        ) from None


def _check_space(root, name, needed):
    free = shutil.disk_usage(root).free
    if free < needed:
        raise CheckpointError(
            f"{name} needs {megabytes(needed)} more, but the disk of {root} has {megabytes(free)} free. Free some space, "
            "or set COURSE_MODELS_DIR to a folder on another disk."
        )


def _put_in_place(original, folder, staging, bad):
    """Give the staged files their place: a new checkpoint by one rename, a repaired one file by file."""
    _try_out(original, folder, staging)
    for path in staging.iterdir():
        if path.name not in original.files:
            path.unlink()  # left by an older version of the course; it must not come along
    if folder.is_dir():
        for file in bad:
            os.replace(staging / file, folder / file)
    place = folder if folder.is_dir() else staging
    entries = {
        name: {"size": (place / name).stat().st_size, "sha256": file.sha256 or verify.sha256(place / name)}
        for name, file in original.files.items()
    }
    record = {"repo": original.repo, "revision": original.revision, "licence": original.licence, "files": entries}
    part = staging / f"{RECORD}.part"
    part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    os.replace(part, place / RECORD)
    if place is staging:
        os.replace(staging, folder)
    else:
        shutil.rmtree(staging)


def _try_out(original, folder, staging):
    """Raise CheckpointError unless the tokenizer can be used. What has a pinned hash is kept: it need not come again."""
    tokenizer = staging / "tokenizer.json"
    problem = verify.wrong_use(tokenizer if tokenizer.exists() else folder / tokenizer.name, original)
    if problem:
        for name, file in original.files.items():
            if file.sha256 is None:
                (staging / name).unlink(missing_ok=True)
        raise CheckpointError(
            f"{folder.name} came, but cannot be used: {problem}. Check HF_ENDPOINT, set up the course again so that "
            "its libraries are the pinned ones, and run the same command again."
        )
