"""Accidents in a room, after which nothing saved is lost and nobody else is harmed. Each is really brought about.

An accident returns what happened, in a sentence, and raises RoomError where the promise was broken.
"""

import asyncio
import os
import signal
import time

from tornado.websocket import WebSocketClosedError

from helpers.proof import room_hub
from helpers.proof.room_load import MOVES, percentile
from helpers.proof.room_notebook import RoomError

CHAPTER = "notebooks/01-attention.ipynb"
MARK = "saved before the accident"


def need(holds, sentence):
    """Raise RoomError unless a promise holds."""
    if not holds:
        raise RoomError(sentence)


def text_of(model):
    """Return all sources of a notebook, as the contents API gives it, as one text."""
    return "\n".join("".join(cell["source"]) for cell in model["content"]["cells"])


class Room:
    """Two learners with a notebook open each: Ada works, Bob has accidents and, in some trials, bad intentions."""

    async def open(self):
        """Log both in, start their servers, open chapter 1, run it, save it with a mark."""
        self.ada, self.bob = (room_hub.learner(name) for name in ("ada", "bob"))
        for learner in (self.ada, self.bob):
            await learner.log_in()
            await learner.start_server()
        self.ada_page, self.bob_page = await self.ada.open(CHAPTER), await self.bob.open(CHAPTER)
        for page in (self.ada_page, self.bob_page):
            await page.run()
            page.content["cells"][0]["source"] = f"{MARK} by {page.learner.name}"
            await page.save()

    async def still_saved(self, learner):
        """Raise RoomError unless what a learner saved is there."""
        model = await learner.api("GET", f"contents/{CHAPTER}?type=notebook&content=1")
        need(f"{MARK} by {learner.name}" in text_of(model), f"{learner.name}: what was saved is lost")

    async def killed_kernel(self):
        """Kill a kernel in the middle of its work."""
        pid = int(await self.bob_page.execute("import os; before = 1; print(os.getpid())"))
        work = asyncio.create_task(self.bob_page.execute("import time; time.sleep(600)"))
        await asyncio.sleep(1)
        os.kill(pid, signal.SIGKILL)
        await self._told_of_death(work)
        await self._kernel_again(self.bob_page, pid)
        await self.still_saved(self.bob)
        await self.bob_page.run()
        return "Jupyter started another kernel; the notebook was as saved, and ran again to its end"

    async def killed_server(self):
        """Kill a learner's server, and all that runs in it."""
        unit = room_hub.unit_of("bob")
        before = room_hub.shown(unit, "MainPID")
        await _command("systemctl", "kill", "--signal=KILL", unit)
        begin = time.monotonic()
        while True:  # the hub looks every half minute whether a server is there
            answer = await self.bob.ask("POST", f"hub/api/users/{self.bob.user}/server")
            if answer.status_code in (201, 202):
                break
            need(time.monotonic() - begin < 120, f"bob: got {answer.status_code} {answer.text}, expected a new server")
            await asyncio.sleep(1)
        await self.bob.until_server()
        need(room_hub.shown(unit, "MainPID") != before, "bob: the server was not killed")
        seconds = time.monotonic() - begin
        await self.still_saved(self.bob)
        self.bob_page = await self.bob.open(CHAPTER)
        await self.bob_page.run()
        return f"a new server was there after {seconds:.0f} s; the notebook was as saved, and ran to its end"

    async def restarted_hub(self):
        """Kill the hub and its proxy, and start them again."""
        mark = f"kept = {time.time_ns()}"
        await self.ada_page.execute(mark)
        server = room_hub.shown(room_hub.unit_of("ada"), "MainPID")
        await asyncio.to_thread(room_hub.kill)
        begin = time.monotonic()
        await asyncio.to_thread(room_hub.start)
        await self.ada.until_server()
        seconds = time.monotonic() - begin
        need(room_hub.shown(room_hub.unit_of("ada"), "MainPID") == server, "ada: the server did not live on")
        for page in (self.ada_page, self.bob_page):
            await page.join()
        kept = (await self.ada_page.execute("print(f'kept = {kept}')")).strip()
        need(kept == mark, f"ada: the kernel had {kept!r}, expected {mark!r}")
        await self.still_saved(self.ada)
        return f"all there again after {seconds:.0f} s; servers and kernels had lived on, with their variables"

    async def runaway_memory(self):
        """Let one learner take memory without end while the other moves a slider."""
        alone = percentile(await self.ada_page.moves(MOVES)) * 1000
        limit = int(room_hub.shown(room_hub.unit_of("bob"), "MemoryMax"))
        pid = int(await self.bob_page.execute("import os; print(os.getpid())"))
        hog = asyncio.create_task(self.bob_page.execute("hog = []\nwhile True: hog.append(bytearray(10**7))"))
        beside = percentile(await self.ada_page.moves(MOVES)) * 1000
        await self._told_of_death(hog)
        _, most = room_hub.memory("bob")
        need(limit * 0.9 < most <= limit, f"bob: had {most} bytes at most, expected nearly, but at most, {limit}")
        await self._kernel_again(self.bob_page, pid)
        await self.still_saved(self.bob)
        need((await self.ada_page.execute("print(kept > 0)")).strip() == "True", "ada: lost a variable")
        return (
            f"stopped at {most / 1e6:.0f} of {limit / 1e6:.0f} MB: only the kernel was killed, and another one started. "
            f"The neighbour kept all; a slider took {alone:.0f} ms before and {beside:.0f} ms meanwhile (95th percentile)"
        )

    async def _told_of_death(self, work):
        """Wait for running code; raise RoomError unless the page is told that the kernel died under it."""
        try:
            await work
        except RoomError as problem:
            need("died" in str(problem), f"bob: got {problem}, expected that the kernel is killed")
            return
        raise RoomError("bob: the code ran to its end, expected that the kernel is killed")

    async def _kernel_again(self, page, pid, seconds=60):
        """Wait until a killed kernel's successor works. Raises RoomError if none does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                await page.join()
                if int(await page.execute("import os; print(os.getpid())", 20)) != pid:
                    return
            except (TimeoutError, RoomError, OSError, WebSocketClosedError):
                await asyncio.sleep(1)
        raise RoomError(f"{page.learner.name}: no kernel came after the killed one within {seconds} seconds")


async def _command(*words):
    process = await asyncio.create_subprocess_exec(*words)
    need(await process.wait() == 0, f"{' '.join(words)}: failed")


ACCIDENTS = {
    "a killed kernel": Room.killed_kernel,
    "a killed server of one learner": Room.killed_server,
    "a killed and restarted hub": Room.restarted_hub,
    "memory without end": Room.runaway_memory,
}
