"""A notebook that a learner has open: its kernel runs cells and answers sliders, over the hub's proxy.

The messages are JupyterLab's own (v1.kernel.websocket.jupyter.org), so that each takes the way that a browser's takes.
"""

import asyncio
import json
import time
import uuid
from datetime import UTC, datetime

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClosedError, websocket_connect

PROTOCOL = "v1.kernel.websocket.jupyter.org"
SLIDERS = ("IntSliderModel", "FloatSliderModel")
CELL_SECONDS, MOVE_SECONDS = 900, 60
REJOINED = 5  # times that a notebook's lost connection is made again


class RoomError(Exception):
    """Something did not go as the room promises; the message says what, and who was concerned."""


class OpenNotebook:
    """A notebook and its kernel. pictures: ids of the widgets that hold a picture. sliders: id -> state.

    lost: how often its connection broke and was made again, as JupyterLab does; the server keeps the messages meanwhile.
    """

    def __init__(self, learner, path, content, session):
        self.learner, self.path, self.content, self.session = learner, path, content, session
        self.kernel = session["kernel"]["id"]
        self.pictures, self.sliders, self.socket, self.lost = set(), {}, None, 0

    async def join(self):
        """Connect to the kernel's web socket, through the hub's proxy. Raises RoomError where it is refused."""
        self.socket = await channels(self.learner, self.kernel, self.session["id"])

    async def rejoin(self):
        """Make a lost connection again. Raises RoomError if it breaks time and again."""
        self.lost += 1
        if self.lost > REJOINED:
            raise RoomError(f"{self.learner.name}: the kernel's web socket of {self.path} was closed {self.lost} times")
        await self.join()

    async def send(self, channel, kind, content):
        """Send one message; return its id."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "username": self.learner.name, "version": "5.3",
                  "session": self.session["id"], "date": datetime.now(UTC).isoformat()}  # fmt: skip
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        parts = [json.dumps(message[part]).encode() for part in ("header", "parent_header", "metadata", "content")]
        frame = serialize_msg_to_ws_v1(parts, channel)
        try:
            self.socket.write_message(frame, binary=True)
        except WebSocketClosedError:
            await self.rejoin()
            self.socket.write_message(frame, binary=True)
        return header["msg_id"]

    async def receive(self, seconds):
        """Return the next message, as (channel, header, parent header, content, buffers)."""
        while (frame := await asyncio.wait_for(self.socket.read_message(), seconds)) is None:
            await self.rejoin()
        channel, parts = deserialize_msg_from_ws_v1(frame)
        header, parent, _, content = (json.loads(part) for part in parts[:4])
        self._note(header, content)
        return channel, header, parent, content, parts[4:]

    def _note(self, header, content):
        if header["msg_type"] == "comm_open" and content.get("target_name") == "jupyter.widget":
            state = content["data"]["state"]
            if state.get("_model_name") == "ImageModel":
                self.pictures.add(content["comm_id"])
            elif state.get("_model_name") in SLIDERS:
                self.sliders[content["comm_id"]] = state

    async def execute(self, code, seconds=CELL_SECONDS):
        """Run code; return its printed text. Raises RoomError for an error, a dead kernel, or after `seconds`."""
        asked = await self.send("shell", "execute_request", {"code": code, "silent": False, "store_history": True,
                          "user_expressions": {}, "allow_stdin": False, "stop_on_error": True})  # fmt: skip
        printed, replied, idle, end = "", False, False, time.monotonic() + seconds
        while not (replied and idle):
            try:
                _, header, parent, content, _ = await self.receive(end - time.monotonic())
            except TimeoutError:
                raise RoomError(
                    f"{self.learner.name}: {self.path} ran a cell for more than {seconds} seconds"
                ) from None
            kind = header["msg_type"]
            if kind == "status" and content["execution_state"] in ("restarting", "dead", "autorestarting"):
                raise RoomError(f"{self.learner.name}: the kernel of {self.path} died")
            if parent.get("msg_id") != asked:
                continue
            if kind == "stream":
                printed += content["text"]
            elif kind == "error":
                raise RoomError(f"{self.learner.name}: {self.path}: {content['ename']}: {content['evalue']}")
            elif kind == "status":
                idle = content["execution_state"] == "idle"
            replied = replied or kind == "execute_reply"
        return printed

    async def run(self):
        """Run all cells in order."""
        for cell in self.content["cells"]:
            if cell["cell_type"] == "code" and "raises-exception" not in cell["metadata"].get("tags", []):
                await self.execute("".join(cell["source"]))

    async def move(self, slider, value):
        """Move a slider as the page does; return the seconds until the new picture has come, None if none came."""
        begin = time.perf_counter()
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        asked = await self.send("shell", "comm_msg", {"comm_id": slider, "data": data})
        arrived = None
        while True:
            _, header, parent, content, buffers = await self.receive(MOVE_SECONDS)
            kind = header["msg_type"]
            if kind == "comm_msg" and content["comm_id"] in self.pictures and buffers:
                arrived = arrived or time.perf_counter() - begin
            if kind == "status" and parent.get("msg_id") == asked and content["execution_state"] == "idle":
                return arrived

    async def moves(self, count):
        """Move the first slider that redraws a picture up and down; return the seconds of each move.

        Raises RoomError if the notebook has none.
        """
        for slider, state in self.sliders.items():
            low, high, step = (state[name] for name in ("min", "max", "step"))
            places = [low + step * number for number in range(int(round((high - low) / step)) + 1)][:count]
            if len(places) > 1 and await self.move(slider, places[-1]) is not None:
                times = [await self.move(slider, places[number % len(places)]) for number in range(count)]
                return [seconds for seconds in times if seconds is not None]
        raise RoomError(f"{self.path}: none of {len(self.sliders)} sliders redraws a picture")

    async def save(self):
        """Save the notebook, as the page does every two minutes."""
        body = {"type": "notebook", "format": "json", "content": self.content}
        await self.learner.api("PUT", f"contents/{self.path}", json=body)

    async def shut_down(self):
        """Close the notebook and its kernel."""
        self.socket.close()
        await self.learner.api("DELETE", f"sessions/{self.session['id']}")


async def channels(learner, kernel, session, owner=None, token=None):
    """Return the web socket of a kernel of `owner`'s server (the learner's own). Raises RoomError if refused."""
    address = f"{learner.hub.replace('http', 'ws', 1)}/user/{owner or learner.user}/api/kernels/{kernel}/channels"
    request = HTTPRequest(
        f"{address}?session_id={session}",
        headers={"Authorization": f"token {token or learner.token}"},
        request_timeout=120,
        connect_timeout=120,
    )
    try:
        return await websocket_connect(request, subprotocols=[PROTOCOL], max_message_size=2**30)
    except HTTPClientError as problem:
        raise RoomError(
            f"{learner.name}: got {problem.code} from the kernel's web socket, expected to join it"
        ) from None
