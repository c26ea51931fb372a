"""What can go wrong with checkpoints, each as one sentence that ends in the next step."""

import errno


class CheckpointError(Exception):
    """A checkpoint cannot be used, fetched or trusted. Its text is one sentence or two for the learner, not a trace."""


class TryAgain(Exception):
    """One attempt to download failed in a way that may pass. `wait`: the seconds the server asked for, or None."""

    def __init__(self, sentence, wait=None):
        super().__init__(sentence)
        self.wait = wait


ELSEWHERE = "set COURSE_MODELS_DIR to a folder that you may write to"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def disk_problem(error, folder):
    """Return the CheckpointError that says what this OSError means for `folder` and what to do."""
    if error.errno in _FULL:
        text = (
            f"The disk is full, or a file may not grow further, in {folder}. Free some space, or set COURSE_MODELS_DIR "
            "to a folder on another disk, and run the same command again: it goes on where it stopped."
        )
    elif error.errno in _FORBIDDEN:
        text = f"{folder} is closed or read-only for you. Ask for access, or {ELSEWHERE}."
    elif error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        text = f"{folder} cannot be used: a file is where a folder should be. Move it away, or {ELSEWHERE}."
    else:
        text = f"{folder} cannot be used: {error.strerror or error}. Repair this, or {ELSEWHERE}."
    return CheckpointError(text)


def megabytes(size):
    """Return a number of bytes as text in MB (1 MB = 1,000,000 bytes), such as "440.4 MB"."""
    return f"{size / 1e6:.1f} MB"
