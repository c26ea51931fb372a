"""What counts as an error in JupyterLab's log: everything but a page that was closed while the kernel spoke."""

import pytest

from helpers.authoring.lab_server import wrong_lines

CLOSED = """\
Task exception was never retrieved
future: <Task finished name='Task-1' exception=WebSocketClosedError()>
Traceback (most recent call last):
  File "websocket.py", line 1140, in wrapper
tornado.iostream.StreamClosedError: Stream is closed

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
tornado.websocket.WebSocketClosedError
"""
REAL = """\
Task exception was never retrieved
Traceback (most recent call last):
KeyError: 'kernel'
"""


def test_a_page_that_was_closed_is_no_error():
    assert wrong_lines(f"[I 1] started\n{CLOSED}[I 2] Kernel shutdown\n{CLOSED}") == []


@pytest.mark.parametrize("log", [REAL, REAL + CLOSED, CLOSED + REAL, "[E 1] no such file\n" + CLOSED])
def test_an_error_beside_it_is_one(log):
    assert wrong_lines(log)
