"""Run the command line of helpers.checkpoints in a process of its own: run_apart.py MANIFEST.json fetch [NAME ...]"""

import json
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers.checkpoints.__main__ import main  # noqa: E402
from helpers.checkpoints.manifest import File, Original  # noqa: E402


def read(path):
    """Return {name: Original} from a file that World.write_manifest wrote."""
    listed = json.loads(Path(path).read_text())
    return {
        name: Original(**{**entry, "files": {file: File(**pin) for file, pin in entry["files"].items()}})
        for name, entry in listed.items()
    }


if __name__ == "__main__":
    # As in a terminal. A job in the background of a shell inherits that Ctrl-C is ignored, and so would this process.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main(sys.argv[2:], originals=read(sys.argv[1])))
