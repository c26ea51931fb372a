"""The room's proof, without a hub: what it says on the kernel's web socket, how it counts, what it makes of a result."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.websocket import WebSocketClosedError

from helpers.proof import room, room_inside, room_systemd
from helpers.proof.result import Missing
from helpers.proof.room_load import CHAPTERS, Load, percentile
from helpers.proof.room_notebook import OpenNotebook, RoomError


class Lost:
    """A web socket that was closed at the other end."""

    def write_message(self, frame, binary):
        raise WebSocketClosedError

    async def read_message(self):
        return None


class Kernel:
    """A web socket whose other end answers a message with the messages that a function gives for it."""

    def __init__(self, answer):
        self.answer, self.frames = answer, asyncio.Queue()

    def write_message(self, frame, binary):
        channel, parts = deserialize_msg_from_ws_v1(frame)
        header, _, _, content = (json.loads(part) for part in parts[:4])
        for kind, said, *buffers in self.answer(channel, header["msg_type"], content):
            parts = [json.dumps(part).encode() for part in ({"msg_type": kind}, header, {}, said)]
            self.frames.put_nowait(serialize_msg_to_ws_v1([*parts, *buffers], "iopub"))

    async def read_message(self):
        return await self.frames.get()


def opened(answer, cells=()):
    session = {"id": "s", "kernel": {"id": "k"}}
    notebook = OpenNotebook(SimpleNamespace(name="ada"), "a.ipynb", {"cells": list(cells)}, session)
    notebook.socket = Kernel(answer)
    return notebook


def widget(model, comm, **state):
    return "comm_open", {
        "target_name": "jupyter.widget",
        "comm_id": comm,
        "data": {"state": {"_model_name": model, **state}},
    }


IDLE = ("status", {"execution_state": "idle"})
PICTURE = ("comm_msg", {"comm_id": "p", "data": {"method": "update"}}, b"png")


def panel(channel, kind, content):
    """A kernel with a panel: the slider `live` redraws the picture, the slider `dead` moves nothing."""
    if kind == "execute_request":
        for name in ("dead", "live"):
            yield widget("FloatSliderModel", name, min=-1.0, max=1.0, step=0.5)
        yield widget("ImageModel", "p")
        yield "stream", {"text": f"ran {content['code']}"}
        yield "execute_reply", {}
    elif content["comm_id"] == "live":
        moved.append(content["data"]["state"]["value"])
        yield PICTURE
    yield IDLE


moved = []


async def run_and_move():
    notebook = opened(panel, [{"cell_type": "code", "metadata": {}, "source": ["1 + ", "1"]}])
    await notebook.run()
    return notebook, await notebook.moves(7)


def test_a_chapter_runs_and_the_slider_that_redraws_the_picture_is_moved():
    moved.clear()
    notebook, times = asyncio.run(run_and_move())
    assert notebook.pictures == {"p"} and set(notebook.sliders) == {"dead", "live"}
    assert len(times) == 7 and all(seconds >= 0 for seconds in times)
    assert moved == [1.0, -1.0, -0.5, 0.0, 0.5, 1.0, -1.0, -0.5]  # no two in a row alike: each is a real change


def test_printed_text_comes_back():
    async def go():
        return await opened(panel).execute("6 * 7")

    assert asyncio.run(go()) == "ran 6 * 7"


@pytest.mark.parametrize(
    "message, said",
    [
        (("error", {"ename": "ValueError", "evalue": "no"}), "ValueError: no"),
        (("status", {"execution_state": "restarting"}), "the kernel of a.ipynb died"),
    ],
)
def test_an_error_and_a_dead_kernel_are_told(message, said):
    async def go():
        await opened(lambda *_: [message]).execute("x")

    with pytest.raises(RoomError, match=said):
        asyncio.run(go())


def test_a_cell_without_end_is_told():
    async def go():
        await opened(lambda *_: []).execute("x", seconds=0.01)

    with pytest.raises(RoomError, match="for more than 0.01 seconds"):
        asyncio.run(go())


def test_a_notebook_whose_sliders_draw_nothing_is_told():
    async def go():
        notebook = opened(panel)
        await notebook.execute("x")
        del notebook.sliders["live"]
        await notebook.moves(3)

    with pytest.raises(RoomError, match="none of 1 sliders"):
        asyncio.run(go())


@pytest.mark.parametrize("count, expected", [(1, 1), (2, 2), (19, 19), (20, 19), (100, 95), (101, 96)])
def test_percentile(count, expected):
    values = list(range(count, 0, -1))
    assert percentile(values) == expected
    assert sum(value <= expected for value in values) >= 0.95 * count


def test_percentile_of_nothing():
    with pytest.raises(ValueError, match="values: got none"):
        percentile([])


def load(learners, memory):
    each = {chapter: [10.0, 20.0, 90.0] for chapter in CHAPTERS}
    moves = {chapter: [0.05] * 19 + [0.5] for chapter in CHAPTERS}
    peaks = {"a": memory / learners, "b": 1.5 * memory / learners}
    return Load(learners, 60.0, 0.5, memory, peaks, [3.0, 4.0, 8.0], each, moves)


def test_a_result_shows_each_load_and_each_trial():
    found = {"loads": [load(4, 2000.0).__dict__], "trials": [["a kill", "all there", True]], "why": ""}
    kept = room.result(found, own=True, steps=(4,))
    assert kept.passed and not kept.shortfalls
    assert kept.rows[0] == ["4 at once", "500", "750", "4", "20 / 20 / 20", "90 / 90 / 90", "50 / 50 / 50", "held"]
    assert kept.rows[1][0] == "a kill" and kept.rows[1][-1] == "held: all there"


def test_a_broken_promise_is_not_hidden():
    found = {"loads": [load(1, 500.0).__dict__], "trials": [["a kill", "lost", False]], "why": "no memory"}
    kept = room.result(found, own=False, steps=(1, 2))
    assert not kept.passed and "DID NOT HOLD: lost" in kept.rows[1][-1]
    assert len(kept.shortfalls) == 2 and "no memory" in kept.shortfalls[1]


def test_steps_that_memory_or_time_do_not_allow_are_left_out(monkeypatch):
    async def at_once(names, say):
        return load(len(names), 400.0 * len(names))

    monkeypatch.setattr(room_inside, "at_once", at_once)
    done, why = asyncio.run(room_inside.loads((1, 2, 4, 8), 2500, 60, lambda _: None))
    assert [each.learners for each in done] == [1, 2, 4] and why.startswith("8 learners may need 4800 MB")
    done, why = asyncio.run(room_inside.loads((1, 2, 4, 8, 16), 9000, 60, lambda _: None))  # as many as it carries
    assert [each.learners for each in done] == [1, 2, 4, 8, 11] and why.startswith("16 learners may need 9600 MB")
    done, why = asyncio.run(room_inside.loads((1, 8), 10**6, 5, lambda _: None))
    assert [each.learners for each in done] == [1] and why.startswith("8 learners would take about 8 minutes")


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(room.shutil, "which", lambda name: None)
    monkeypatch.setattr(room.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(room.sys, "platform", "linux")
    with pytest.raises(Missing, match="configurable-http-proxy.*server/README.md"):
        room.run(lambda _: None)
    monkeypatch.setattr(room.os, "geteuid", lambda: 1000)
    with pytest.raises(Missing, match="Linux with root"):
        room.run(lambda _: None)


OLD = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /g/memory cgroup rw,memory 0 0\n"
OLD += "cgroup /g/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n"
OLD += "cgroup /g/systemd cgroup rw,name=systemd 0 0\ncgroup /g/cpuset cgroup rw,cpuset 0 0\n"


@pytest.mark.parametrize(
    "own, mounts, groups, kinds",
    [
        ("0::/user.slice/x\n", "cgroup2 /g cgroup2 rw 0 0\n", ["/g/user.slice/x"], ["cgroup2:/g"]),
        (
            "4:memory:/a\n3:cpu,cpuacct:/\n2:cpuset:/\n1:name=systemd:/b\n",
            OLD,
            ["/g/memory/a", "/g/cpu,cpuacct", "/g/systemd/b"],
            ["cpu,cpuacct:/g/cpu,cpuacct", "memory:/g/memory", "none,name=systemd:/g/systemd"],
        ),
        (
            "4:memory:/a\n0::/\n",
            OLD + "cgroup2 /g/unified cgroup2 rw 0 0\n",
            ["/g/memory/a", "/g/unified"],
            ["memory:/g/memory", "cgroup2:/g/unified"],
        ),
    ],
)
def test_own_control_groups(own, mounts, groups, kinds):
    assert room_systemd.own_groups(own, mounts) == ([Path(group) for group in groups], kinds)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_lost_connection_is_made_again_but_not_for_ever(at_once):
    notebook, good = opened(panel), opened(panel).socket

    class LostThen(Lost):
        """Takes a message, and is closed before the answer."""

        def write_message(self, frame, binary):
            good.write_message(frame, binary)

    async def join():
        notebook.socket = good

    notebook.socket, notebook.join = Lost() if at_once else LostThen(), join
    assert asyncio.run(notebook.execute("1")) == "ran 1" and notebook.lost == 1

    async def join_in_vain():
        notebook.socket = Lost()

    notebook.socket, notebook.join = LostThen(), join_in_vain
    with pytest.raises(RoomError, match="ada: .* was closed 6 times"):
        asyncio.run(notebook.execute("1"))
