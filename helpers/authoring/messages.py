"""What a page and its kernel say to each other: the messages on JupyterLab's web socket, counted by kind and weighed."""

import json
from collections import Counter


class Messages:
    """Listen to every web socket that `page` (Playwright's) opens from now on."""

    def __init__(self, page):
        self.sent, self.received, self.bytes = Counter(), Counter(), 0
        page.on("websocket", self._listen)

    def forget(self):
        """Begin to count anew."""
        self.sent.clear()
        self.received.clear()
        self.bytes = 0

    def _listen(self, socket):
        socket.on("framesent", lambda frame: self._count(self.sent, frame))
        socket.on("framereceived", lambda frame: self._count(self.received, frame))

    def _count(self, counter, frame):
        kind = kind_of(frame)
        if kind:
            counter[kind] += 1
            self.bytes += len(frame)


def kind_of(frame):
    """Return the msg_type of a frame in Jupyter's binary protocol (v1.kernel.websocket.jupyter.org), None for another.

    Such a frame is: the number of offsets, the offsets (each 8 bytes, little-endian), then channel, header and so on.
    """
    if not isinstance(frame, bytes) or len(frame) < 8:
        return None
    count = int.from_bytes(frame[:8], "little")
    if not 3 <= count < 1000 or len(frame) < 8 * (count + 1):
        return None
    offsets = [int.from_bytes(frame[8 * i : 8 * i + 8], "little") for i in range(1, count + 1)]
    try:
        return json.loads(frame[offsets[1] : offsets[2]])["msg_type"]
    except (ValueError, KeyError):
        return None
