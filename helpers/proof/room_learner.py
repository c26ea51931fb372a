"""A learner of the room without a browser: logs in at the hub, starts a server, opens chapters and moves sliders.

All goes over the hub's own doors, as a browser's traffic does: the log-in form, and the REST interfaces of the hub and the
Jupyter server. What goes on in an open notebook is in room_notebook.py.
"""

import asyncio
import time

import httpx

from helpers.proof.room_notebook import OpenNotebook, RoomError

START_SECONDS = 300


class Learner:
    """name: what the learner types in. password: the room's word and more. hub: the hub's address without a path.

    user: the learner's name in the hub's addresses.
    """

    def __init__(self, name, password, hub, user):
        self.name, self.password, self.hub, self.user, self.token = name, password, hub, user, None
        self.http = httpx.AsyncClient(timeout=120, follow_redirects=True, trust_env=False)

    async def log_in(self):
        """Fill in the log-in form, and ask the hub for a token of this learner's own. Raises RoomError if refused."""
        page = await self.http.get(f"{self.hub}/hub/login")
        form = {"username": self.name, "password": self.password, "_xsrf": self._xsrf()}
        page = await self.http.post(f"{self.hub}/hub/login?next=%2Fhub%2Fhome", data=form)
        if page.status_code != 200 or not page.url.path.endswith("/hub/home"):
            raise RoomError(f"{self.name}: got {page.status_code} at {page.url.path}, expected to be logged in")
        answer = await self.http.post(
            f"{self.hub}/hub/api/users/{self.user}/tokens",
            json={"note": "room"},
            headers={"X-XSRFToken": self._xsrf(), "Referer": f"{self.hub}/hub/home"},
        )
        self.token = self._json(answer, "a token", 200, 201)["token"]

    def _xsrf(self):
        return next(cookie.value for cookie in self.http.cookies.jar if cookie.name == "_xsrf" and "hub" in cookie.path)

    async def start_server(self):
        """Start this learner's server and wait until its own page answers; return the seconds."""
        begin = time.perf_counter()
        answer = await self.ask("POST", f"hub/api/users/{self.user}/server")
        if answer.status_code not in (201, 202):
            raise RoomError(f"{self.name}: got {answer.status_code} {answer.text[:200]}, expected a server")
        await self.until_server()
        return time.perf_counter() - begin

    async def until_server(self):
        """Wait until this learner's server answers. Raises RoomError after five minutes."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            answer = await self.ask("GET", f"hub/api/users/{self.user}")
            server = answer.json().get("servers", {}).get("", {}) if answer.status_code == 200 else {"pending": "?"}
            if server.get("ready"):
                answer = await self.ask("GET", f"user/{self.user}/api/status")
                if answer.status_code == 200:
                    return
            elif not server.get("pending"):
                raise RoomError(f"{self.name}: the server did not start")
            await asyncio.sleep(0.5)
        raise RoomError(f"{self.name}: got no server within {START_SECONDS} seconds")

    async def ask(self, method, path, token=None, **more):
        """Send a request with this learner's token, another, or none (""); return the answer, whatever its status."""
        token = self.token if token is None else token
        headers = {"Authorization": f"token {token}"} if token else {}
        async with httpx.AsyncClient(timeout=120, trust_env=False) as client:  # without the cookies of the form
            return await client.request(method, f"{self.hub}/{path}", headers=headers, **more)

    async def api(self, method, path, **more):
        """Ask this learner's Jupyter server; return its answer as data. Raises RoomError for any refusal."""
        answer = await self.ask(method, f"user/{self.user}/api/{path}", **more)
        return self._json(answer, f"{method} {path}", 200, 201, 204)

    def _json(self, answer, what, *good):
        if answer.status_code not in good:
            raise RoomError(f"{self.name}: got {answer.status_code} {answer.text[:200]}, expected {what}")
        return answer.json() if answer.content else None

    async def open(self, path):
        """Open a notebook as JupyterLab does: read it, start a session, join its kernel. Return the OpenNotebook."""
        model = await self.api("GET", f"contents/{path}?type=notebook&content=1")
        body = {"path": path, "name": path.split("/")[-1], "type": "notebook", "kernel": {"name": "python3"}}
        session = await self.api("POST", "sessions", json=body)
        notebook = OpenNotebook(self, path, model["content"], session)
        await notebook.join()
        return notebook

    async def close(self):
        """Let go of the connection; the server runs on."""
        await self.http.aclose()
