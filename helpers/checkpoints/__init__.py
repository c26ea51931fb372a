"""The models of chapters 5 to 9: small ones that ship with the course, or the originals, fetched once and verified.

In a notebook: `checkpoint("gpt2")` is the folder for `from_pretrained`. On the command line:
`python -m helpers.checkpoints fetch`, `verify` and `list`.
"""

from helpers.checkpoints.choose import checkpoint
from helpers.checkpoints.problems import CheckpointError
from helpers.checkpoints.quiet import quiet_loading

__all__ = ["CheckpointError", "checkpoint", "quiet_loading"]
