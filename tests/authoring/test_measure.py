"""Measuring a notebook: a real kernel where the figure comes from one, planted clocks and texts elsewhere."""

import getpass
import os
import socket
import sys

import pytest

from helpers.authoring import measure
from helpers.authoring.measure import MB, MeasureError, OtherWork, Run

STATUS = "Name:\tpython\nVmPeak:\t 9000000 kB\nVmHWM:\t  250000 kB\nVmRSS:\t  100000 kB\n"
LARGE = 300_000_000  # bytes, far above what a kernel takes by itself

CELLS = f"""\
# %%
import os

assert os.environ["COURSE_MODELS"] == "full"

# %%
held = b"x" * {LARGE}
del held

# %% tags=["raises-exception"]
1 / 0
"""


def clock(*times):
    return iter(times).__next__


def test_a_run_is_measured_and_leaves_nothing(course):
    course.write_source(CELLS)
    before = {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}
    run = measure.measure(course.pair, "full", course.root, clock(10.0, 12.0, 17.5))
    assert (run.name, run.seconds, run.cells) == ("01-tiny", 7.5, 5.5)
    assert run.processor > 0
    if sys.platform != "darwin":
        assert run.memory > LARGE / MB  # the peak, although nothing of it is held at the end
    assert {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "cell, said",
    [
        ("1 / 0", "01-tiny, cell 2, which begins with '1 / 0', failed: ZeroDivisionError: division by zero"),
        ("import os\nos._exit(9)", "01-tiny, cell 2, which begins with 'import os', failed: its kernel died"),
    ],
)
def test_a_cell_that_fails_is_named(course, cell, said):
    course.write_source(f"# %%\nfine = 1\n\n# %%\n{cell}\n")
    with pytest.raises(MeasureError) as caught:
        measure.measure(course.pair, root=course.root)
    assert str(caught.value).startswith(said)


def test_the_peak_is_read_and_not_what_is_held_or_only_asked_for():
    assert measure.peak_memory(1, lambda: STATUS, "linux") == 256.0


@pytest.mark.parametrize("text", ["", "Name:\tpython\nVmRSS:\t 100 kB\n"])
def test_a_system_without_the_figure_says_so(text):
    assert measure.peak_memory(1, lambda: text, "linux") is None


def test_a_system_without_proc_says_so():
    def no_proc():
        raise FileNotFoundError("/proc")

    assert measure.peak_memory(1, no_proc, "darwin") is None


def test_on_windows_the_real_python_below_the_starter_counts(monkeypatch):
    class Process:
        def __init__(self, peak):
            self.peak = peak

        def memory_info(self):
            return type("Memory", (), {"peak_wset": self.peak})

    monkeypatch.setattr(measure, "_family", lambda pid: [Process(5e6), Process(200e6)])
    assert measure.peak_memory(1, platform_name="win32") == 205.0


def test_the_preflight_is_measured_even_if_a_check_says_stop():
    for status in (0, 1):
        command = ("-c", f"raise SystemExit({status})")
        assert measure.measure_preflight(clock=clock(1.0, 9.5), command=command) == 8.5
    with pytest.raises(MeasureError, match="The preflight failed: .*no such thing"):
        measure.measure_preflight(
            clock=clock(1.0, 2.0), command=("-c", "import sys; sys.exit(print('no such thing') or 3)")
        )


def test_other_work_is_what_neither_the_kernels_nor_this_process_did(monkeypatch):
    now = clock((100.0, 1000.0, 5.0), (110.0, 1018.0, 6.0))  # seconds, busy on all cores, of this process
    monkeypatch.setattr(OtherWork, "_now", staticmethod(now))
    runs = [Run("01-a", 4, 3, 5, 100), Run("02-b", 4, 3, 2, 100)]
    assert OtherWork().cores(runs) == pytest.approx((18 - 1 - 7) / 10)


def test_the_work_of_the_machine_only_grows():
    before = OtherWork._now()
    assert sum(range(10**6))  # some work
    assert all(now >= then >= 0 for now, then in zip(OtherWork._now(), before))


def test_the_machine_is_described_without_its_name():
    machine, programs = measure.describe_machine()
    assert f"{measure.cores()} core" in machine and " of memory" in machine
    assert "Python 3." in programs and "torch " in programs
    for private in (socket.gethostname(), getpass.getuser(), os.path.expanduser("~")):
        assert len(private) < 5 or private not in machine + programs
