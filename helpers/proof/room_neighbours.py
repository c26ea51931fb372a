"""Attempts on a neighbour in a room: on files, on the server and kernel, on the name. Bob tries; Ada is the neighbour.

As in room_trials.py, each returns what happened and raises RoomError where it succeeded. The same request is first made by
whom it is meant for: a door that is locked for everyone proves nothing.
"""

import json
from pathlib import Path

from helpers.proof import room_hub
from helpers.proof.room_hub import ADDRESS, ROOT, WORD
from helpers.proof.room_learner import Learner
from helpers.proof.room_notebook import RoomError, channels
from helpers.proof.room_trials import CHAPTER, MARK, need


async def files_of_another(room):
    """Try from a kernel to read the neighbour's files and processes, and to write into the course."""
    home, server = room_hub.home("ada"), room_hub.shown(room_hub.unit_of("ada"), "MainPID")
    there = [
        home / CHAPTER,
        *room_hub.FOLDER.glob("passwords*"),
        room_hub.FOLDER / "jupyterhub.sqlite",
        Path(f"/proc/{server}/environ"),
    ]
    runtime = room_hub.unit_of("ada").removesuffix(".service")  # with the tokens of her server
    there.append(Path("/run/private", runtime, f"{runtime}.env"))
    need(len(there) > 4 and all(path.is_file() for path in there), f"of {there} not all are there to be tried")
    tried = [
        *there,
        f"/var/lib/{home.name}/{CHAPTER}",
        f"/proc/{server}/cmdline",
        f"/proc/{server}/root{home / CHAPTER}",
    ]
    code = f"""
import json, os, pathlib
got = []
for path in {[str(path) for path in tried]}:
    try:
        open(path, "rb").read(1)
        got.append(path)
    except OSError:
        pass
try:
    open({str(ROOT / "helpers" / "bad.py")!r}, "w")
    got.append("writing into the course")
except OSError:
    pass
own = open({str(room_hub.home("bob") / CHAPTER)!r}).read()
print(json.dumps([got, {MARK!r} in own, os.getuid()]))
"""
    got, own, bob = json.loads(await room.bob_page.execute(code))
    ada = int(await room.ada_page.execute("import os; print(os.getuid())"))
    need(own, "bob: cannot read a file of his own, so that the others prove nothing")
    need(not got, f"bob: could reach {', '.join(got)}")
    need(ada != bob and 0 not in (ada, bob), f"ada, bob: got users {ada} and {bob}, expected two, not root")
    return f"{len(tried)} files of the neighbour, the hub and /proc were refused, and writing into the course; own files open"


async def requests_to_another(room):
    """Ask the neighbour's server, with one's own token and with none, for all that its owner may ask."""
    kernel = room.ada_page.kernel
    body = {"path": CHAPTER, "name": "x", "type": "notebook", "kernel": {"name": "python3"}}
    requests = [("GET", f"contents/{CHAPTER}", None), ("GET", "kernels", None), ("POST", "sessions", body),
                ("POST", f"kernels/{kernel}/interrupt", None), ("GET", "terminals", None)]  # fmt: skip
    for method, path, body in requests:
        answers = {}
        for who, token in {"owner": room.ada.token, "other": room.bob.token, "none": ""}.items():
            answer = await room.ada.ask(method, f"user/{room.ada.user}/api/{path}", token=token, json=body)
            answers[who] = answer.status_code
        need(answers["owner"] in (200, 201, 204), f"ada: got {answers} for {method} {path}, expected to be let in")
        need(answers["other"] in (401, 403, 404), f"bob: got {answers} for {method} {path}, expected to be refused")
        need(answers["none"] in (401, 403, 404), f"anyone: got {answers} for {method} {path}, expected to be refused")
    for method, path in (("POST", "tokens"), ("DELETE", "server"), ("GET", "")):
        answer = await room.bob.ask(method, f"hub/api/users/{room.ada.user}/{path}".rstrip("/"), json={})
        need(answer.status_code in (403, 404), f"bob: got {answer.status_code} for {method} ada's {path}")
    (await channels(room.ada, kernel, "x", owner=room.ada.user)).close()
    try:
        await channels(room.bob, kernel, "x", owner=room.ada.user)
    except RoomError as problem:
        need("got 403" in str(problem), f"bob: got {problem}, expected a refusal")
        return f"{len(requests) + 3} requests and the kernel's web socket were refused, {len(requests)} without a token too"
    raise RoomError("bob: joined the web socket of ada's kernel")


async def kernel_behind_the_hub(room):
    """Go round the hub: speak to the neighbour's kernel on its own port of the machine, with a key made up."""
    found = await room.ada_page.execute(
        "from ipykernel.connect import get_connection_info; print(get_connection_info())"
    )
    info = json.loads(found)
    code = """
import jupyter_client
def answers(info):
    client = jupyter_client.BlockingKernelClient()
    client.load_connection_info(info)
    client.start_channels(stdin=False, hb=False)
    try:
        client.kernel_info(reply=True, timeout=10)
        return True
    except TimeoutError:
        return False
    finally:
        client.stop_channels()
"""
    await room.bob_page.execute(code)
    info["key"] = str(info["key"])
    with_key = await room.bob_page.execute(f"print(answers({info!r}))")
    without = await room.bob_page.execute(f"print(answers({info | {'key': 'made-up'}!r}))")
    need(with_key.strip() == "True", "with ada's own key the kernel did not answer, so that the rest proves nothing")
    need(without.strip() == "False", "bob: ada's kernel answered to a key made up")
    return (
        "the kernel's port is open to the machine, but it answers nobody without its key, which only its owner can read"
    )


async def log_in_as_another(room):
    """Log in with the neighbour's name and passwords that one may know; and as a stranger, without the room's word."""
    for name, password in (
        ("ada", room.bob.password),
        ("ada", WORD),
        ("ada", f"{WORD} 1234"),
        ("eve", "12345678901234"),
    ):
        try:
            await Learner(name, password, ADDRESS, room_hub.learner(name).user).log_in()
        except RoomError as problem:
            need("got 403" in str(problem), f"{problem}, expected that the log-in is refused")
            continue
        raise RoomError(f"somebody logged in as {name} with {password!r}")
    return "three log-ins with a neighbour's name were refused, and a stranger's without the room's word"


ATTEMPTS = {
    "another's files": files_of_another,
    "another's server and kernel, through the hub": requests_to_another,
    "another's kernel, past the hub": kernel_behind_the_hub,
    "another's name": log_in_as_another,
}
