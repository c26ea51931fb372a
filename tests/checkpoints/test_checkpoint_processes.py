"""Several processes, kills and Ctrl-C: one good copy, and what has arrived is never lost."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hub import WEIGHTS, Fault

RUN = Path(__file__).with_name("run_apart.py")


@pytest.fixture
def start(world, tmp_path):
    """Return a function that starts the command line in a process of its own."""
    manifest, started = world.write_manifest(tmp_path / "manifest.json"), []

    def start(*arguments, **options):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [sys.executable, str(RUN), str(manifest), *arguments]
        process = subprocess.Popen(command, text=True, **pipes | options)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(happened, process):
    """Wait until something has happened; fail if the process ends before."""
    while not happened():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def test_eight_processes_at_once_get_one_good_copy_and_the_bytes_come_once(world, start):
    processes = [start("fetch", "gpt2") for _ in range(8)]
    answers = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, answers
    world.assert_whole()
    assert world.hub.sent(WEIGHTS) == 300_000
    assert len(world.hub.seen) == 8  # four files, each with its redirect


@pytest.mark.parametrize("end", ["SIGINT", "SIGKILL"])
@pytest.mark.skipif(os.name == "nt", reason="no such signals on Windows")
def test_a_stopped_fetch_is_resumed_by_the_next_process_and_its_lock_does_not_stay(world, start, end):
    world.hub.plant(WEIGHTS, Fault(store=False), Fault(hang=120_000))
    process = start("fetch", "gpt2")
    until(lambda: world.part().exists() and world.part().stat().st_size == 120_000, process)
    process.send_signal(getattr(signal, end))
    _, err = process.communicate()
    if end == "SIGINT":
        assert process.returncode == 130
        assert err.strip() == "Stopped. What has arrived is kept: run the same command again to go on."
    assert not (world.root / "gpt2").exists()
    assert (world.root / ".gpt2.lock").exists()
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()
    assert world.hub.sent(WEIGHTS) == 300_000


def test_who_comes_second_says_that_it_waits(world, start):
    world.hub.plant(WEIGHTS, Fault(store=False), Fault(hang=1000))
    first = start("fetch", "gpt2")
    until(lambda: world.part().exists() and world.part().stat().st_size == 1000, first)
    second = start("fetch", "gpt2")
    assert second.stdout.readline() == "Another process is fetching gpt2; waiting for it.\n"
    first.kill()
    out, err = second.communicate()
    assert second.returncode == 0, err
    world.assert_whole()


@pytest.mark.skipif(os.name == "nt", reason="no limit on file sizes on Windows")
def test_a_write_that_fails_in_the_middle_leaves_what_the_next_run_goes_on_with(world, start):
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (123_456, 123_456))

    process = start("fetch", "gpt2", preexec_fn=limit)
    _, err = process.communicate()
    assert process.returncode == 1 and err.startswith("The disk is full, or a file may not grow further, in ")
    assert err.count("\n") == 1
    assert world.part().stat().st_size == 123_456
    sent = world.hub.sent(WEIGHTS)
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()
    assert world.hub.sent(WEIGHTS) - sent == 300_000 - 123_456


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals on Windows")
def test_a_progress_bar_is_drawn_on_a_terminal_and_only_there(world, start):
    import pty
    import termios

    end, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    process = start("fetch", "gpt2", "t5-small", stderr=terminal)
    os.close(terminal)
    drawn = b""
    with contextlib.suppress(OSError):  # how the end of a pseudo-terminal reads
        while piece := os.read(end, 4096):
            drawn += piece
    os.close(end)
    assert process.wait() == 0
    assert b"gpt2: " in drawn and b"%|" in drawn and b"B/s" in drawn
    assert world.run("fetch", "bert-base-uncased")[2] == ""


def test_the_output_of_a_fetch_reads_well(world, start):
    world.hub.plant(WEIGHTS, Fault(cut_after=100_000))
    out, err = start("fetch", "gpt2").communicate()
    assert err == ""
    assert out.splitlines() == [
        "Fetching gpt2: 0.3 MB.",
        "The connection to 127.0.0.1 was cut; trying again in 1 s.",
        f"gpt2 is in {world.root / 'gpt2'}, verified.",
        "Use it with COURSE_MODELS=full. To share it, copy the folder and point COURSE_MODELS_DIR to the copy.",
    ]
