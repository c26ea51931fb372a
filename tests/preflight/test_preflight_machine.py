"""The machine: every state that stops, every one that is worth a look, and those that are ready."""

import builtins
import sys
from types import SimpleNamespace

import pytest

from helpers.authoring import setup_venv
from helpers.preflight import machine
from helpers.preflight.machine import GB, check_architecture, check_disk, check_memory
from helpers.preflight.python import NEWEST_TRIED, OLDEST, check_bits, check_python
from helpers.preflight.result import LOOK, READY, STOP

NOTHING = {}


def one_line(result):
    """Every state but ready has a cure, and the whole is one line."""
    assert bool(result.cure) == (result.state != READY)
    assert "\n" not in result.line() and result.line().startswith(f"{result.name}: {result.state}. ")
    return result.state


@pytest.mark.parametrize(
    "version, state",
    [
        ((3, 8, 18), STOP),
        ((3, 10, 13), STOP),
        ((2, 7, 18), STOP),
        ((3, 11, 0), READY),
        ((3, 13, 9), READY),
        ((3, 14, 0), LOOK),
    ],
)
def test_the_version_of_python(version, state):
    assert one_line(check_python(version, find=lambda name: None)) == state


def test_an_old_python_is_told_of_a_newer_one():
    assert "make lab PYTHON=python3.12" in check_python((3, 9, 1), find=lambda name: name == "python3.12").cure
    assert "python.org" in check_python((3, 9, 1), find=lambda name: None).cure
    newest, oldest = (f"PYTHON=python{major}.{minor}`" for major, minor in (NEWEST_TRIED, OLDEST))
    assert newest in check_python((3, 9, 1), find=lambda name: name).cure
    assert oldest in check_python((3, 9, 1), find=lambda name: name if oldest == f"PYTHON={name}`" else None).cure


def test_the_versions_are_those_of_set_up():
    assert (OLDEST, NEWEST_TRIED) == (setup_venv.OLDEST, setup_venv.NEWEST_TRIED)


def test_32_bits():
    assert one_line(check_bits(32)) == STOP
    assert check_bits(64) is None
    assert (check_bits() is None) == (sys.maxsize > 2**32)  # of this Python
    assert one_line(check_architecture("Windows", "AMD64", bits=32, environ=NOTHING)) == STOP


@pytest.mark.parametrize(
    "system, kind, settings, environ, state, word",
    [
        ("Linux", "x86_64", {}, {}, READY, "x86_64"),
        ("Linux", "aarch64", {}, {}, READY, "aarch64"),
        ("Darwin", "arm64", {}, {}, READY, "arm64"),
        ("Windows", "AMD64", {}, {"PROCESSOR_IDENTIFIER": "Intel64 Family 6"}, READY, "AMD64"),
        ("Darwin", "x86_64", {"sysctl.proc_translated": "1"}, {}, STOP, "Rosetta"),
        ("Darwin", "x86_64", {"hw.optional.arm64": "1"}, {}, STOP, "Rosetta"),
        ("Darwin", "x86_64", {"sysctl.proc_translated": "0"}, {}, LOOK, "Intel"),
        ("Windows", "AMD64", {}, {"PROCESSOR_IDENTIFIER": "ARMv8 (64-bit) Family 8"}, LOOK, "emulated"),
        ("Windows", "AMD64", {}, {"PROCESSOR_ARCHITEW6432": "ARM64"}, LOOK, "emulated"),
        ("Linux", "riscv64", {}, {}, LOOK, "riscv64"),
    ],
)
def test_the_processor(system, kind, settings, environ, state, word):
    result = check_architecture(system, kind, 64, environ, lambda name: settings.get(name, ""))
    assert one_line(result) == state and word in result.found


@pytest.mark.parametrize(
    "total, free, state",
    [(16, 9, READY), (8, 1.3, READY), (8, 0.9, LOOK), (2.1, 1.4, LOOK), (1.2, 1.1, STOP), (0.9, 0.1, STOP)],
)
def test_memory(total, free, state):
    result = check_memory(lambda: (total * GB, free * GB))
    assert one_line(result) == state and f"{total:.1f} GB" in result.found


def test_memory_that_nothing_tells():
    for told in ((None, None), (8 * GB, None), (None, 2 * GB)):
        assert one_line(check_memory(lambda told=told: told)) == LOOK


def test_memory_without_psutil(monkeypatch):
    whole = machine.memory()
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name == "psutil":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    total, free = machine.memory()
    if total is not None:  # neither Windows nor macOS tells without psutil
        assert total == whole[0] and 0 < free <= total


def test_the_limit_of_a_container_counts(tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    limit.write_text("1000000000\n")
    assert machine._container_limit([str(tmp_path / "none"), str(limit)]) == GB
    limit.write_text("max\n")
    assert machine._container_limit([str(limit)]) is None
    monkeypatch.setattr(machine, "_container_limit", lambda: int(GB))
    assert check_memory().state == STOP


@pytest.mark.parametrize("free, state", [(50, READY), (0.6, LOOK), (0.05, STOP)])
def test_disk(free, state):
    assert one_line(check_disk("anywhere", lambda folder: SimpleNamespace(free=free * GB))) == state


def test_a_disk_that_cannot_be_asked():
    def refuse(folder):
        raise PermissionError(13, "Permission denied")

    assert one_line(check_disk("anywhere", refuse)) == LOOK
