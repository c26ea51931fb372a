"""Runs pytest as often as it is asked: `python warm_pytest.py COURSE`, one JSON request a line, one JSON answer a line.

What takes long to import (torch, transformers, Matplotlib) is imported once; each run is a fork of this process. The
helpers are imported by the fork alone, so that a run sees them as they lie there now. Where there is no fork, each run
is a process of its own, and slower. A request: {"arguments": [...], "seconds": n}. An answer: [status, last line].
"""

import contextlib
import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time

WARM = """numpy matplotlib.figure matplotlib.backends.backend_agg PIL.Image ipywidgets IPython.display hypothesis pytest
nbformat jupytext httpx2 filelock tqdm torch transformers transformers.models.bert.modeling_bert
transformers.models.gpt2.modeling_gpt2 transformers.models.t5.modeling_t5 transformers.generation.utils sentencepiece
sacrebleu rouge_score.rouge_scorer nbclient nbval.plugin importlinter""".split()
HANGS = 124  # the status of a run that was stopped


def main():
    """Answer until the input ends."""
    course = sys.argv[1]
    sys.path[0] = course  # in place of the folder of this file, whose modules would be found as top-level ones
    forks = hasattr(os, "fork")
    if forks:
        for name in WARM:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        _stop_at_the_first_counterexample()
        gc.freeze()  # else each fork copies most of the memory when it collects
    assert not any(name.partition(".")[0] == "helpers" for name in sys.modules), "helpers must not be imported here"
    for line in sys.stdin:
        asked = json.loads(line)
        with tempfile.TemporaryFile() as out:
            status = (_forked if forks else _started)(asked["arguments"], asked["seconds"], out)
            out.seek(0)
            lines = out.read().decode("utf-8", "replace").strip().splitlines()
        print(json.dumps([status, lines[-1] if lines else ""]), flush=True)


def _stop_at_the_first_counterexample():
    """Hypothesis need not look for the smallest one: nobody reads it, and it takes most of the time of a failing run."""
    from hypothesis import Phase, settings

    settings.register_profile("proof", phases=[Phase.explicit, Phase.generate])
    settings.load_profile("proof")  # what the tests register inherits from it


def _forked(arguments, seconds, out):
    child = os.fork()
    if child == 0:
        os.setsid()  # so that what it starts can be stopped with it
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (out.fileno(), 1), (out.fileno(), 2)):
            os.dup2(source, target)
        status = 1
        try:
            import pytest

            status = int(pytest.main(arguments))
        finally:
            sys.stdout.flush()
            os._exit(status)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.killpg(child, 9)
    os.waitpid(child, 0)
    return HANGS


def _started(arguments, seconds, out):
    try:
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, timeout=seconds).returncode
    except subprocess.TimeoutExpired:
        return HANGS


if __name__ == "__main__":
    main()
