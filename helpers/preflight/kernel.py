"""A real kernel: it must start, run a cell, and be this Python."""

import os
import sys
import tempfile
import time
from queue import Empty

from helpers.preflight.result import REPAIR, ready, said, stop

KERNEL = "python3"  # what every notebook of the course asks for
CELL = "import sys; print(6 * 7, sys.prefix)"
KERNEL_SECONDS = 60


def check_kernel(specs=None, seconds=KERNEL_SECONDS, prefix=None):
    """Start the kernel that a notebook gets, run a cell in it, and see that it is this Python.

    specs: a KernelSpecManager, or None for Jupyter's own. seconds: how long to wait. prefix: as sys.prefix.
    """
    name = "Kernel"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except Exception as error:  # missing, or damaged in any way
        return stop(name, f"Jupyter cannot be used: {said(error)}.", REPAIR)
    specs = specs or KernelSpecManager()
    try:
        spec = specs.get_kernel_spec(KERNEL)
    except NoSuchKernel:
        return stop(name, f"Jupyter has no kernel {KERNEL}: ipykernel is missing.", REPAIR)
    except Exception as error:
        return stop(name, f"The description of the kernel {KERNEL} cannot be read: {said(error)}.", REPAIR)
    remove = f"Remove it with `jupyter kernelspec remove {KERNEL}`, then run `make lab` again."
    program = (spec.argv or [""])[0]
    if os.path.isabs(program) and not os.path.exists(program):
        return stop(name, f"The kernel {KERNEL} wants a Python that is gone: {program}.", remove)
    printed, problem = _run_cell(specs, seconds)
    if problem:
        return stop(name, *problem)
    answer, _, where = printed.strip().partition(" ")
    if answer != "42":
        return stop(name, f"The kernel answered {printed.strip()[:60]!r} where 42 was expected.", REPAIR)
    if os.path.realpath(where) != os.path.realpath(prefix or sys.prefix):
        return stop(name, f"The kernel {KERNEL} is another Python, in {where}.", remove)
    return ready(name, "It starts, and runs a cell.")


def _run_cell(specs, seconds):
    """Return (what the cell printed, None), or ("", (what went wrong, cure)). Leaves no kernel and no file behind."""
    from jupyter_client.manager import KernelManager

    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        open(os.path.join(folder, "stderr"), "w+", encoding="utf-8", errors="replace") as stderr,
    ):
        connection = os.path.join(folder, "kernel.json")
        manager = KernelManager(kernel_name=KERNEL, kernel_spec_manager=specs, connection_file=connection)
        # The learner's own IPython profile is neither read nor written to.
        environ = os.environ | {"IPYTHONDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        client = None
        try:
            manager.start_kernel(env=environ, stdout=stderr, stderr=stderr, cwd=folder)
            client = manager.client()
            client.start_channels()
            return _answer(manager, client, seconds), None
        except TimeoutError:
            found = f"The kernel did not answer within {seconds:g} seconds."
            cure = (
                "Try again when nothing else runs; if it stays so, a firewall or security program may forbid connections "
                "inside this machine (127.0.0.1): allow Python there."
            )
            return "", (found, cure)
        except Exception as error:
            stderr.seek(0)
            lines = [line.strip() for line in stderr.read().splitlines() if line.strip()]
            return "", (f"The kernel does not start: {lines[-1] if lines else said(error)}.", REPAIR)
        finally:
            if client:
                client.stop_channels()
            if manager.has_kernel:
                manager.shutdown_kernel(now=True)


def _answer(manager, client, seconds):
    """Return what the cell prints. Raises TimeoutError, or RuntimeError if the kernel dies."""
    end = time.monotonic() + seconds
    try:
        client.wait_for_ready(timeout=seconds)
    except RuntimeError:
        if manager.is_alive():
            raise TimeoutError from None
        raise RuntimeError("it ended at once") from None
    number, printed = client.execute(CELL, store_history=False), ""
    while time.monotonic() < end:
        try:
            message = client.get_iopub_msg(timeout=1)
        except Empty:
            if not manager.is_alive():
                raise RuntimeError("it ended while it ran the cell") from None
            continue
        if message["parent_header"].get("msg_id") != number:
            continue
        printed += message["content"].get("text", "") if message["msg_type"] == "stream" else ""
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return printed
    raise TimeoutError
