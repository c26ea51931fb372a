"""The trials of a room, to be run where systemd is: `python -m helpers.proof.room_inside STEP [STEP ...]`.

Prints a line for each thing done, and as the last one what came out (JSON): the trials, and the load for each step, which
is a number of learners. Where `--memory` (MB) is not enough for a step, as many learners as it carries are the last one;
a step for which `--minutes` are not enough is left out.
"""

import argparse
import asyncio
import json
import time
from dataclasses import asdict

import httpx
from tornado.websocket import WebSocketClosedError

from helpers.proof import room_hub
from helpers.proof.room_load import at_once
from helpers.proof.room_neighbours import ATTEMPTS
from helpers.proof.room_notebook import RoomError
from helpers.proof.room_trials import ACCIDENTS, Room

RESULT = "result: "  # what the last line begins with
SYSTEM = 2000  # MB for the hub and for the files that all read: at the very end of the memory everything stands still


async def trials(say):
    """Do every trial; return a list of [name, sentence, whether it held]."""
    done, room = [], Room()
    await room.open()
    for name, trial in (ACCIDENTS | ATTEMPTS).items():
        try:
            done.append([name, await trial(room), True])
        except (RoomError, httpx.HTTPError, OSError) as problem:
            done.append([name, f"{type(problem).__name__}: {problem}", False])
        say(f"{name}: {done[-1][1]}")
    for learner in (room.ada, room.bob):
        await learner.ask("DELETE", f"hub/api/users/{learner.user}/server")
        await learner.close()
    return done


async def loads(steps, memory, minutes, say):
    """Return (the Load of each step that memory and minutes allow, a sentence on why the others were left out)."""
    done, why, begin = [], "", time.monotonic()
    for learners in steps:
        if done:
            most = max(done[-1].peaks.values())
            if learners * most > memory:  # if every learner is at the highest point at the same time
                why = f"{learners} learners may need {learners * most:.0f} MB, and {memory} MB are free for them"
                learners = int((memory - SYSTEM) // most)
                if learners <= done[-1].learners:
                    return done, why
            left = minutes - (time.monotonic() - begin) / 60
            if (expected := done[-1].seconds * learners / done[-1].learners / 60) > left:
                return done, f"{learners} learners would take about {expected:.0f} minutes, and {left:.0f} were left"
        try:
            done.append(await at_once([f"learner-{number}" for number in range(1, learners + 1)], say))
        except (RoomError, WebSocketClosedError, httpx.HTTPError) as problem:
            return done, f"with {learners} learners {type(problem).__name__}: {problem}"
        say(f"{learners} learners: {done[-1].seconds:.0f} s, {done[-1].memory / learners:.0f} MB a learner")
        if why:
            break
    return done, why


def main():
    """Start the hub, do all, and take the hub away again."""
    parser = argparse.ArgumentParser(prog="python -m helpers.proof.room_inside", description=__doc__)
    parser.add_argument("steps", nargs="*", type=int)
    parser.add_argument("--memory", type=int, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    options = parser.parse_args()
    say = lambda text: print(text, flush=True)  # noqa: E731
    room_hub.clean()
    try:
        room_hub.start()
        tried = asyncio.run(trials(say))
        load, why = asyncio.run(loads(options.steps, options.memory, options.minutes, say))
    except BaseException:
        say(room_hub.end_of_log())
        raise
    finally:
        room_hub.clean()
    print(RESULT + json.dumps({"trials": tried, "loads": [asdict(each) for each in load], "why": why}), flush=True)


if __name__ == "__main__":
    main()
