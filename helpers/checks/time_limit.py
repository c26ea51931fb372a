"""Stop a function that does not come to an end, on every system, in the thread that called it.

A watcher thread makes the interpreter raise OutOfTime in the waiting thread (CPython's PyThreadState_SetAsyncExc). It
works where signal.alarm does not (Windows, a kernel's other threads), and needs no trace function, which would slow the
learner's code and get in the way of a debugger.

It is raised between two steps of Python code. So one long call into C, such as time.sleep(1000), sum(itertools.count())
or one huge matrix product, is stopped only when that call returns. For those there is JupyterLab's Stop button or, at
worst, Restart Kernel.
"""

import ctypes
import threading
import time

AGAIN = 0.5  # seconds until it is raised once more, for a function that catches everything
TICK = 0.02  # seconds between two looks at the clock


class OutOfTime(BaseException):
    """The time is over. Not an Exception, so that `except Exception` in the function does not swallow it."""


def run_within(seconds, call):
    """Return call(), or raise OutOfTime in it once these seconds have passed; what call raises passes through."""
    me, lock, state = threading.get_ident(), threading.Lock(), {"over": False}

    def watch():
        due = time.monotonic() + seconds
        while not state["over"]:
            time.sleep(TICK)
            with lock:
                if not state["over"] and time.monotonic() > due:
                    due = time.monotonic() + AGAIN
                    _raise_in(me, OutOfTime)

    def stop():
        with lock:
            state["over"] = True
            _raise_in(
                me, None
            )  # takes back what was asked for and not raised yet; if it is too late, it is raised here

    threading.Thread(target=watch, daemon=True).start()
    try:
        try:
            return call()
        finally:
            stop()
    except OutOfTime:
        stop()  # again: the first may have been cut off by this very exception
        raise


def _raise_in(thread, exception):
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), ctypes.py_object(exception) if exception else None
    )
