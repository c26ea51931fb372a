"""Download one pinned file, in as many attempts as it takes: resume, wait, check, and only then give it its name."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx2

from helpers.checkpoints import answers
from helpers.checkpoints.folders import file_size
from helpers.checkpoints.problems import CheckpointError, TryAgain
from helpers.checkpoints.verify import wrong_content

UNKNOWN_AT_MOST = 4_000_000  # bytes of a file whose size is not pinned; they are all small


@dataclass(frozen=True)
class Patience:
    """How long to go on. Seconds and bytes; the two functions are replaced in tests, so that these do not wait."""

    tries: int = 5  # attempts in a row that bring less than `gain` bytes
    gain: int = 1_000_000
    longest_wait: float = 120  # a server may ask for this much
    connect: float = 15
    read: float = 30  # silence that counts as a cut
    slow_seconds: float = 60  # less than slow_bytes in this time counts as a cut, too
    slow_bytes: int = 100_000
    sleep: Callable = time.sleep
    clock: Callable = time.monotonic


@dataclass(frozen=True)
class Source:
    """Where files come from: an HTTP client, the address of a commit, its host for messages, and the commit."""

    client: httpx2.Client
    address: str
    host: str
    revision: str


def download(source, name, file, target, patience, progress, say):
    """Fetch one file into `target`; until it is whole and verified it lies in `target`.part.

    progress(bytes): called with what arrives, and with a negative number when it is thrown away. say(text): tells what
    is going on. Raises CheckpointError with one sentence when it cannot be had, OSError when the disk refuses.
    """
    part = target.with_name(target.name + ".part")
    left_over = file_size(part) or 0
    progress(left_over)
    tries, waited = 0, 0.0
    while True:
        before = file_size(part) or 0
        try:
            _attempt(source, name, file, part, patience, progress)
        except TryAgain as problem:
            gained = (file_size(part) or 0) - before
            tries = 0 if gained >= patience.gain else tries + 1
            wait = max(1.0, 2.0**tries / 2) if problem.wait is None else problem.wait
            waited = waited + wait if problem.wait is not None else waited
            if tries >= patience.tries or waited > patience.longest_wait:
                raise CheckpointError(_give_up(problem, waited, patience)) from None
            say(f"{str(problem).partition('. ')[0]}; trying again in {wait:.0f} s.")
            patience.sleep(wait)
            continue
        problem = wrong_content(part, file)
        if not problem:
            os.replace(part, target)
            return
        progress(-(file_size(part) or 0))
        part.unlink()
        if not left_over and file.sha256:
            raise answers.wrong_hash(source.host, name)
        if not left_over:
            text = f"{name} from {source.host} {problem}, so it was thrown away"
            raise CheckpointError(f"{text}: {answers.MIRROR}, or use another network.")
        # What an earlier run left may have been damaged since; that is worth one whole download.
        say(f"What an earlier run left of {name} was damaged; starting it from the beginning.")
        left_over = 0


def _give_up(problem, waited, patience):
    if problem.wait is not None and waited > patience.longest_wait:
        return f"{problem} It asked to wait {problem.wait:.0f} s."
    return str(problem)


def _attempt(source, name, file, part, patience, progress):
    """Bring `part` up to its whole length, or raise TryAgain with what has arrived kept."""
    have = file_size(part) or 0
    # Too long, or two halves of a file without a hash, which could not be told from a whole one.
    if have and (file.sha256 is None or have > file.size):
        progress(-have)
        part.unlink()
        have = 0
    if have and have == file.size:
        return
    # identity: a packed answer could be neither resumed nor compared by length.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with source.client.stream("GET", f"{source.address}/{name}", headers=headers) as response:
            if response.status_code == 416 and have:  # there is no more: what we have is not this file's beginning
                progress(-have)
                part.unlink()
                raise TryAgain(f"{source.host} has less of {name} than lies here. {answers.AGAIN}")
            if response.status_code not in (200, 206):
                raise answers.refused(response, source.host)
            answers.check_promise(response, source.host, source.revision, name, file)
            starts = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
            if response.status_code == 206 and not (have and starts):
                progress(-have)
                part.unlink(missing_ok=True)
                raise TryAgain(f"{source.host} sent another part of {name} than asked for. {answers.AGAIN}")
            if response.status_code == 200 and have:  # the server ignores Range
                progress(-have)
                have = 0
            _write(response, source, name, file, part, have, patience, progress)
    except (httpx2.InvalidURL, httpx2.HTTPError) as error:
        raise answers.broken(error, source.host) from None
    if file.size is not None and (file_size(part) or 0) < file.size:
        raise TryAgain(f"The connection to {source.host} was cut. {answers.AGAIN}")


def _write(response, source, name, file, part, have, patience, progress):
    limit = UNKNOWN_AT_MOST if file.size is None else file.size
    since, lately = patience.clock(), 0
    with open(part, "ab" if have else "wb") as stream:
        for chunk in response.iter_bytes():
            if patience.clock() - since >= patience.slow_seconds:
                if lately < patience.slow_bytes:
                    raise TryAgain(f"{source.host} is too slow: {lately / 1000:.0f} kB in a minute. {answers.AGAIN}")
                since, lately = patience.clock(), 0
            have += len(chunk)
            if have > limit:
                stream.close()
                part.unlink()
                raise answers.wrong_size(source.host, name, have, limit)
            stream.write(chunk)
            stream.flush()  # so that a kill loses nothing that has arrived
            progress(len(chunk))
            lately += len(chunk)
        os.fsync(stream.fileno())
