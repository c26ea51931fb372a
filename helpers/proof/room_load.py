"""A room at work: so many learners at once, each with chapters 1, 5 and 7, and what that takes."""

import asyncio
import statistics
import time
from dataclasses import dataclass, field

import psutil

from helpers.proof import room_hub

CHAPTERS = ("01-attention", "05-bert-sentence-embeddings", "07-text-generation-with-gpt2")
MOVES = 20  # of a slider, in each chapter, by each learner


@dataclass
class Load:
    """What a step measured. learners: how many; others: cores that other programs kept busy just before.

    memory: the most MB that all learners' processes held at one moment, together. peaks: MB that each learner was charged at
    most. start: seconds to a running server. chapters, moves: dict from chapter to seconds, one a learner or a move.
    lost: connections that broke and were made again.
    """

    learners: int
    seconds: float = 0.0
    others: float = 0.0
    memory: float = 0.0
    peaks: dict = field(default_factory=dict)
    start: list = field(default_factory=list)
    chapters: dict = field(default_factory=lambda: {chapter: [] for chapter in CHAPTERS})
    moves: dict = field(default_factory=lambda: {chapter: [] for chapter in CHAPTERS})
    lost: int = 0

    def row(self):
        """Return the step as a row of HEADERS."""
        return [
            f"{self.learners} at once",
            f"{self.memory / self.learners:.0f}",
            f"{max(self.peaks.values()):.0f}",
            f"{statistics.median(self.start):.0f}",
            " / ".join(f"{statistics.median(self.chapters[chapter]):.0f}" for chapter in CHAPTERS),
            " / ".join(f"{max(self.chapters[chapter]):.0f}" for chapter in CHAPTERS),
            " / ".join(f"{percentile(self.moves[chapter]) * 1000:.0f}" for chapter in CHAPTERS),
        ]


def percentile(values, share=0.95):
    """Return the smallest of the values that is not exceeded by this share of them. Raises ValueError for no values."""
    if not values:
        raise ValueError("values: got none, expected at least one")
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


async def at_once(names, say):
    """Let learners of these names log in and work, all at once; return the Load. Their servers are stopped at the end."""
    load = Load(len(names), others=psutil.cpu_percent(interval=3) / 100 * psutil.cpu_count())
    begin = time.perf_counter()
    learners = [room_hub.learner(name) for name in names]
    watch = asyncio.create_task(_watch(load, names))
    try:
        await asyncio.gather(*(_work(learner, load, say) for learner in learners))
    finally:
        watch.cancel()
    load.seconds = time.perf_counter() - begin
    await asyncio.gather(*(_leave(learner) for learner in learners))
    return load


async def _work(learner, load, say):
    await learner.log_in()
    load.start.append(await learner.start_server())
    before = None
    for chapter in CHAPTERS:
        begin = time.perf_counter()
        notebook = await learner.open(f"notebooks/{chapter}.ipynb")
        await notebook.run()
        load.chapters[chapter].append(time.perf_counter() - begin)
        load.moves[chapter] += await notebook.moves(MOVES)
        load.lost += notebook.lost
        await notebook.save()
        say(f"{learner.name}: chapter {chapter[:2]} in {load.chapters[chapter][-1]:.0f} s")
        if before:  # the last chapter stays open beside this one, as it does with people
            await before.shut_down()
        before = notebook


async def _leave(learner):
    await learner.ask("DELETE", f"hub/api/users/{learner.user}/server")
    for _ in range(120):
        if room_hub.shown(room_hub.unit_of(learner.name), "ActiveState") != "active":
            break
        await asyncio.sleep(0.5)
    await learner.close()


async def _watch(load, names, every=1.0):
    while True:
        held = 0
        for name in names:
            try:
                now, most = await asyncio.to_thread(room_hub.memory, name)
            except OSError:  # not started yet
                continue
            held += now / 1e6
            load.peaks[name] = max(load.peaks.get(name, 0), most / 1e6)
        load.memory = max(load.memory, held)
        await asyncio.sleep(every)
