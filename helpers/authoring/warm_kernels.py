"""Kernels that need not import torch again: a plugin of pytest, `-p helpers.authoring.warm_kernels`, for nbval on Linux.

Most of what a notebook's run costs is the import of the libraries. Here one process a worker imports them, and each
kernel is a fork of it: a process of its own, which starts with nothing defined. On other systems a fork after such imports
is not safe, and kernels start as ever.

What is imported beforehand is in sys.modules and in no notebook's names: a missing `import numpy` is a NameError still. A
missing import of a submodule could stay unseen here, but not in `make notebooks`, which runs each notebook in a new
process and without which a changed notebook does not pass the gates. tests/authoring/test_warm_kernels.py compares the
state that such a kernel begins in with that of one started anew.

The kernels are spoken to through files (ipc), not through ports of the machine: jupyter_client chooses free ports before
the kernel takes them, and a kernel whose port something else took meanwhile dies as it starts.
"""

import contextlib
import gc
import importlib.util
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import traceback
import warnings

from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import local_provisioner
from nbval import kernel as nbval_kernel

KERNEL = "ipykernel_launcher"
# No helpers: a kernel imports them itself, as they lie there. No matplotlib.pyplot: it reads settings that kernels make.
WARM = """ipykernel.kernelapp ipykernel.ipkernel ipykernel.zmqshell matplotlib_inline.backend_inline
numpy matplotlib.figure matplotlib.backends.backend_agg PIL.Image PIL.PngImagePlugin ipywidgets IPython.display torch
transformers transformers.generation.utils transformers.models.bert.modeling_bert
transformers.models.bert.tokenization_bert transformers.models.gpt2.modeling_gpt2
transformers.models.gpt2.tokenization_gpt2 transformers.models.t5.modeling_t5 transformers.models.t5.tokenization_t5
sentencepiece sacrebleu rouge_score.rouge_scorer""".split()


class Kernel:
    """A forked kernel, as jupyter_client asks a subprocess.Popen: its parent is the warm process, which is asked."""

    stdin = stdout = stderr = None  # of these a forked kernel has none

    def __init__(self, warm, pid):
        self.warm, self.pid, self.returncode = warm, pid, None

    def poll(self):
        """Return the exit status, or None while the kernel runs."""
        if self.returncode is None:
            self.returncode = self.warm.ask(["poll", self.pid])
        return self.returncode

    wait = poll  # jupyter_client waits only for a kernel that it has seen end

    def send_signal(self, number):
        """Send a signal, if the kernel still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


class Warm:
    """The process that imports once and forks for each kernel. It ends with the process that started it."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ask(self, request):
        """Return the answer to ["start", command, environment, folder] or ["poll", pid]: a pid, or a status."""
        print(json.dumps(request), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"warm kernels: the process that forks them has ended, asked for {request[0]}")
        return json.loads(answer)

    def close(self):
        """End the process, and with it the kernels that still run."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def launch(self, command, env=None, cwd=None, **options):
        """Stand for jupyter_client.launcher.launch_kernel."""
        if command[1:3] != ["-m", KERNEL]:
            raise ValueError(f"command: got {command}, expected that of a Python kernel, -m {KERNEL}")
        return Kernel(self, self.ask(["start", command, dict(env or os.environ), str(cwd or os.getcwd())]))


def pytest_configure(config):
    """Let every kernel of this process be forked. What forks is started with the first, and ends with pytest."""
    if sys.platform != "linux":
        return
    ends = contextlib.ExitStack()
    warm = []

    def launch(command, **options):
        if not warm:
            warm.append(Warm())
            ends.callback(warm[0].close)
        return warm[0].launch(command, **options)

    folder = tempfile.mkdtemp(prefix="kernels-", dir="/tmp")  # short: the name of such a file has at most 107 bytes
    ends.callback(shutil.rmtree, folder, ignore_errors=True)
    numbers = itertools.count()

    def manager(**options):
        return KernelManager(transport="ipc", ip=f"{folder}/{next(numbers)}", **options)

    start = again(nbval_kernel.start_new_kernel)
    for module, name, ours in [
        (local_provisioner, "launch_kernel", launch),
        (nbval_kernel, "KernelManager", manager),
        (nbval_kernel, "start_new_kernel", start),
    ]:
        ends.callback(setattr, module, name, getattr(module, name))
        setattr(module, name, ours)
    config.add_cleanup(ends.close)


def again(start, times=2):
    """Return start, tried anew up to this often where a kernel dies before it runs any cell; a warning tells of each."""

    def tried(*options, **named):
        for _ in range(times):
            try:
                return start(*options, **named)
            except RuntimeError as error:
                warnings.warn(f"a kernel did not start ({error}); it is started anew", stacklevel=2)
        return start(*options, **named)

    return tried


def main():
    """Import, then answer each line of the input, until it ends."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as a kernel does
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # ipykernel reads it as it is imported; kernels end when that ends
    for name in [name for name in sys.modules if name.partition(".")[0] == "helpers"]:
        del sys.modules[name]
    for name in WARM:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    assert threading.active_count() == 1, "a thread would be missing from the forks"
    gc.freeze()  # else each kernel copies most of the memory when it collects
    for line in sys.stdin:
        what, *details = json.loads(line)
        answer = _fork(*details) if what == "start" else _status(*details)
        print(json.dumps(answer), flush=True)


def _status(pid):
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _fork(command, environment, folder):
    pid = os.fork()
    if pid == 0:
        said = os.dup(2)  # where the process that forks speaks: a kernel that fails tells there why
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        parent = os.environ["JPY_PARENT_PID"]
        os.environ.clear()
        os.environ.update(environment | {"JPY_PARENT_PID": parent})
        os.chdir(folder)
        sys.argv = [importlib.util.find_spec(KERNEL).origin, *command[3:]]
        del sys.path[0]  # as KERNEL does, before it launches an instance
        for name in {"numpy.random", "torch.random"} & set(sys.modules):
            sys.modules[name].seed()  # else what is drawn without a seed would be the same in all kernels
        status = 1
        try:
            sys.modules["ipykernel.kernelapp"].launch_new_instance()
            status = 0
        except Exception:
            os.write(said, traceback.format_exc().encode())
        finally:
            os._exit(status)
    with contextlib.suppress(ProcessLookupError):
        os.setpgid(pid, pid)  # signals to the kernel's group must not reach this process
    return pid


if __name__ == "__main__":
    main()
