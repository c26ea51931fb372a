"""A forked kernel begins as one that is started anew: what it sees, what it draws, how it ends."""

import json
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import local_provisioner
from nbval import kernel as nbval_kernel
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel

from helpers.authoring import warm_kernels
from helpers.authoring.pairs import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere kernels start as ever")

IMPORTS = """
import matplotlib, numpy, torch, transformers
from transformers import BertModel, BertTokenizer, GPT2LMHeadModel, GPT2Tokenizer
from transformers import T5ForConditionalGeneration, T5Tokenizer
"""
STATE = """
import decimal, gc, json, locale, logging, os, signal, sys, threading, warnings
state = {
    "arguments": [sys.argv[0], *map(str.isdigit, sys.argv[1:])][:2], "sys.path": sys.path, "flags": repr(sys.flags),
    "program": [sys.executable, sys.orig_argv[0], sys.warnoptions, sys.getrecursionlimit(), sys.getswitchinterval()],
    "folder": os.getcwd(), "files made": [os.umask(0o22), sys.dont_write_bytecode, sys.stdout.encoding],
    "variables": {name: value for name, value in os.environ.items() if not name.startswith(("JPY_", "TORCHINDUCTOR"))},
    "group": os.getpgid(0) == os.getpid(), "parent": str(os.getppid()) == os.environ["JPY_PARENT_PID"],
    "signals": [repr(signal.getsignal(number)).split(" at ")[0] for number in signal.valid_signals()],
    "threads": sorted(thread.name.split("-")[0] for thread in threading.enumerate()), "gc": gc.get_threshold(),
    "numbers": [locale.getlocale(), repr(decimal.getcontext())], "hook": repr(sys.excepthook).split(" at ")[0],
    "logging": [logging.root.level, len(logging.root.handlers)],
    "warnings": sorted(map(repr, warnings.filters)),
}
"""
SETTINGS = """
state |= {
    "rcParams": {name: repr(value) for name, value in matplotlib.rcParams.items()}, "backend": matplotlib.get_backend(),
    "numpy": [repr(numpy.get_printoptions()), numpy.geterr()], "transformers": transformers.logging.get_verbosity(),
    "torch": [torch.get_num_threads(), torch.get_num_interop_threads(), torch.is_grad_enabled(),
              torch.are_deterministic_algorithms_enabled(), str(torch.get_default_dtype())],
}
"""
DRAWS = "import random, numpy, torch; print(random.random(), numpy.random.rand(), torch.rand(1).item())"


class Asked:
    """A kernel that is started, asked, and stopped."""

    def __init__(self):
        self.kernel = RunningKernel(CURRENT_ENV_KERNEL_NAME, cwd=str(ROOT / "notebooks"))
        self.process = self.kernel.km.provisioner.process

    def says(self, code, interrupt=False):
        """Return what a cell prints, or the name of its error."""
        asked, said = self.kernel.execute_cell_input(code, allow_stdin=False), ""
        while True:
            message = self.kernel.get_message("iopub", timeout=60)
            content = message["content"]
            if message["parent_header"].get("msg_id") == asked:
                said += content.get("text", "") + content.get("ename", "")
                if interrupt and content.get("text"):
                    self.kernel.interrupt()
                if content.get("execution_state") == "idle":
                    return said.strip()

    def state(self):
        """Return what the kernel begins with, and what it has once the libraries are imported."""
        names = json.loads(self.says("import json; print(json.dumps(sorted(n for n in dir() if n[:2] != '_i')))"))
        before = json.loads(self.says(STATE + "print(json.dumps(state))"))
        return [names, before, json.loads(self.says(IMPORTS + STATE + SETTINGS + "print(json.dumps(state))"))]


@pytest.fixture(scope="module")
def plain():
    """A kernel that is started anew."""
    asked = Asked()
    yield asked
    asked.kernel.stop()


@pytest.fixture(scope="module")
def forked():
    """Two kernels that are forked, one after the other, as the plugin does it."""
    ends, launch = [], local_provisioner.launch_kernel
    warm_kernels.pytest_configure(SimpleNamespace(add_cleanup=ends.append))
    asked = [Asked(), Asked()]
    assert all(isinstance(one.process, warm_kernels.Kernel) for one in asked)
    yield asked
    folders = {Path(one.kernel.km.ip).parent for one in asked}
    for one in asked:
        one.kernel.stop()
    ends[0]()
    assert local_provisioner.launch_kernel is launch and nbval_kernel.KernelManager is KernelManager
    assert len(folders) == 1 and not folders.pop().exists()


def test_it_begins_as_a_kernel_that_is_started_anew(plain, forked):
    names, before, after = plain.state()
    its_names, its_before, its_after = forked[0].state()
    assert its_names == names and its_after == after
    # Libraries that the notebook did not ask for may know warnings of their own; all others are as they were.
    assert set(before.pop("warnings")) <= set(its_before.pop("warnings"))
    assert its_before == before


def test_what_is_imported_beforehand_has_no_name(forked):
    assert forked[1].says("np") == forked[1].says("torch") == forked[1].says("transformers") == "NameError"
    assert forked[1].says("import sys; print('torch' in sys.modules, 'helpers' in sys.modules)") == "True False"


def test_kernels_share_no_names_and_draw_different_numbers(forked):
    one, other = (kernel.says(DRAWS).split() for kernel in forked)
    assert not set(one) & set(other) and len(set(one)) == 3
    forked[0].says("mine = 1")
    assert forked[1].says("mine") == "NameError"


def test_they_take_no_ports_of_the_machine(forked):
    assert {one.kernel.km.transport for one in forked} == {"ipc"}
    assert forked[0].kernel.km.ip != forked[1].kernel.km.ip


def test_a_kernel_that_dies_as_it_starts_is_started_anew():
    deaths = iter(["died", "died", None, "died", "died", "died"])

    def start(name):
        if why := next(deaths):
            raise RuntimeError(why)
        return name

    with pytest.warns(UserWarning, match=r"a kernel did not start \(died\); it is started anew") as told:
        assert warm_kernels.again(start)("python") == "python"
    assert len(told) == 2
    with pytest.warns(UserWarning), pytest.raises(RuntimeError, match="died"):
        warm_kernels.again(start)("python")


def test_nbval_gets_another_kernel_when_one_dies_at_birth(forked, monkeypatch):
    launch, born = warm_kernels.Warm.launch, []

    def deadly(self, *command, **options):
        born.append(launch(self, *command, **options))
        if len(born) == 1:
            born[0].send_signal(signal.SIGKILL)
        return born[-1]

    monkeypatch.setattr(warm_kernels.Warm, "launch", deadly)
    with pytest.warns(UserWarning, match="it is started anew"):
        asked = Asked()
    assert asked.says("print(1)") == "1" and len(born) == 2
    asked.kernel.stop()


def test_a_kernel_that_cannot_start_tells_why(tmp_path, capfd):
    (tmp_path / "kernel.json").write_text('{"transport": "ipc", "ip": "/no/such/folder/1", "key": "k"}')
    warm = warm_kernels.Warm()
    kernel = warm.launch([sys.executable, "-m", warm_kernels.KERNEL, "-f", str(tmp_path / "kernel.json")])
    end = time.monotonic() + 60
    while kernel.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    warm.close()
    assert kernel.returncode == 1
    assert "ZMQError" in capfd.readouterr().err


def test_an_interrupt_reaches_that_kernel_alone(forked):
    code = "import time; print('waits', flush=True); time.sleep(60)"
    assert forked[0].says(code, interrupt=True) == "waits\nKeyboardInterrupt"
    assert forked[0].says("print(1)") == forked[1].says("print(1)") == "1"


def test_a_kernel_that_ends_is_seen_to_end(forked):
    asked = Asked()
    assert asked.kernel.is_alive()
    asked.process.send_signal(signal.SIGKILL)
    end = time.monotonic() + 60
    while asked.process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    assert asked.process.poll() == -signal.SIGKILL and not asked.kernel.is_alive()
    asked.kernel.stop()


def test_kernels_end_with_what_forked_them(tmp_path):
    warm = warm_kernels.Warm()
    with pytest.raises(ValueError, match="-m ipykernel_launcher"):
        warm.launch(["python", "-c", "print(1)"])
    kernel = warm.launch([sys.executable, "-m", warm_kernels.KERNEL, "-f", str(tmp_path / "kernel.json")])
    assert runs(kernel.pid)
    warm.close()
    end = time.monotonic() + 60
    while runs(kernel.pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not runs(kernel.pid)


def runs(pid):
    """Is this process there, and not one that ended and that nobody has asked for?"""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False
