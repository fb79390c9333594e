"""A live app behind a real uvicorn in a thread, and a reader of server-sent events."""

import asyncio
import json
import socket
import threading
import time

import httpx
import uvicorn
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore

from rapport.kernel.live.app import LiveApp


class LiveServer:
    def __init__(self):
        self.app = LiveApp()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port = self._socket.getsockname()[1]
        config = uvicorn.Config(
            self._asgi,
            interface="asgi3",
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._loop = None

    async def _asgi(self, scope, receive, send):
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        await receive()
        self._loop = asyncio.get_running_loop()
        await self.app.hub.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.app.hub.stop()
        await send({"type": "lifespan.shutdown.complete"})

    def __enter__(self):
        self._thread.start()
        while self._thread.is_alive() and not self._server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_error):
        self._loop.call_soon_threadsafe(self.app.hub.end_all)
        self._server.should_exit = True
        self._thread.join()


def sign_in(address="a@shop.example"):
    """Return (account id, cookie) of a fresh session."""
    model = get_user_model()
    account = model(**{model.USERNAME_FIELD: address})
    account.set_unusable_password()
    account.save()
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    return account.pk, f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


class Events:
    """One open stream."""

    def __init__(self, port, topics, cookie="", since=None, headers=()):
        self._client = httpx.Client(timeout=30, trust_env=False)
        query = {"topics": topics} | ({} if since is None else {"since": since})
        request = self._client.build_request(
            "GET", f"http://localhost:{port}/live", params=query, headers={"Cookie": cookie, **dict(headers)}
        )
        self._answer = self._client.send(request, stream=True)
        self.status, self.headers = self._answer.status_code, self._answer.headers
        self._lines = self._answer.iter_lines()

    def next(self):
        """Return the next event as (name, id, data), without pings; None when the stream has ended."""
        name, number, data = "message", None, None
        for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "id":
                number = int(value)
            elif field == "data":
                data = json.loads(value)
            elif not line and data is not None:
                return name, number, data
        return None

    def until(self, wanted):
        """Skip to the event of this name and return it."""
        while (event := self.next()) is not None:
            if event[0] == wanted:
                return event
        raise AssertionError(f"the stream ended without {wanted}")

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._answer.close()
        self._client.close()


def post(port, body, cookie="", **headers):
    """POST to /live/presence and return the status."""
    given = {"Content-Type": "application/json", "Cookie": cookie, "Origin": f"http://localhost:{port}"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {name: value for name, value in given.items() if value is not None}
    with httpx.Client(trust_env=False) as client:
        return client.post(
            f"http://localhost:{port}/live/presence", content=content, headers=given
        ).status_code
