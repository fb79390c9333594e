"""The ASGI app under /live: server-sent events and presence, plain asyncio, no middleware of Django.

``GET /live?topics=conversation:17,agent:5[&since=ID]`` answers with a stream of ``{topic, seq}``. Events
named ``refused`` (a topic that is not allowed), ``resync`` (fetch everything anew: the past is not known),
``ready`` (the stream stands) and ``presence`` come besides. ``POST /live/presence`` takes
``{"topic": …, "state": "viewing" | "typing" | "left"}``.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from rapport.kernel.live import callers, tail
from rapport.kernel.live.client import Client, Send
from rapport.kernel.live.hub import Hub, frame
from rapport.kernel.live.presence import STATES, Sighting

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
MOST_TOPICS = 200
MOST_STREAMS = 10_000
MOST_MISSED = 400
"""Signals that a screen is told one by one when it comes back; beyond that it fetches everything anew."""
LONGEST_BODY = 2000
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
RETRY = b"retry: 2000\n\n"
RESYNC = b"event: resync\ndata: {}\n\n"


class LiveApp:
    """Answers everything under /live."""

    def __init__(self) -> None:
        self.hub = Hub()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method, path = scope["method"], scope["path"].rstrip("/")
        if not _same_site(headers):
            await _answer(send, 403, "this address is not ours")
        elif path == "/live" and method == "GET":
            await self._stream(scope, headers, receive, send)
        elif path == "/live/presence" and method == "POST":
            await self._presence(headers, receive, send)
        elif path in {"/live", "/live/presence"}:
            await _answer(send, 405, "this method is not for this address")
        else:
            await _answer(send, 404, "there is nothing here")

    async def _stream(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> None:
        wanted, since = _asked(scope, headers)
        if not 0 < len(wanted) <= MOST_TOPICS:
            await _answer(send, 400, f"topics must name between 1 and {MOST_TOPICS} topics")
            return
        if self.hub.size >= MOST_STREAMS:
            await _answer(send, 503, "too many streams are open; fetch by the clock")
            return
        admitted = await self._in_thread(callers.admitted, _session_key(headers), wanted)
        if admitted is None:
            await _answer(send, 401, "sign in first")
            return
        caller, allowed = admitted
        if not allowed:
            await _answer(send, 403, "none of these topics is yours")
            return
        client = Client(send, caller, tuple(allowed), slot=self.hub.next_slot(), checked_at=time.monotonic())
        self.hub.join(client)
        try:
            refused = [topic for topic in wanted if topic not in allowed]
            # As one frame: however much it holds, it is no sign of a client that takes too little.
            client.push(b"".join(await self._greeting(allowed, refused, since)))
            await client.open(STREAM_HEADERS)
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            # Ended by us (revoked, too slow, stopping): the answer is closed in good order.
            if client.opened:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.hub.leave(client)
            client.waiting = None

    async def _greeting(self, allowed: list[str], refused: list[str], since: int | None) -> list[bytes]:
        events = [RETRY]
        events += [
            b"event: refused\ndata: %s\n\n" % json.dumps({"topic": topic}).encode() for topic in refused
        ]
        if since is not None:
            events += await self._in_thread(_missed, since, allowed)
        events += self.hub.present(allowed)
        events.append(b"id: %d\nevent: ready\ndata: {}\n\n" % self.hub.last)
        return events

    async def _presence(self, headers: dict[str, str], receive: Receive, send: Send) -> None:
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            await _answer(send, 415, "send application/json")
            return
        if "origin" not in headers and headers.get("sec-fetch-site") != "same-origin":
            await _answer(send, 403, "this page is not ours")
            return
        try:
            asked = json.loads(await _body(receive))
            topic, state = asked["topic"], asked["state"]
            if not isinstance(topic, str) or state not in STATES:
                raise ValueError(state)
        except (ValueError, KeyError, TypeError, RecursionError):
            await _answer(send, 400, "send topic, and state as viewing, typing or left")
            return
        admitted = await self._in_thread(callers.admitted, _session_key(headers), [topic])
        if admitted is None:
            await _answer(send, 401, "sign in first")
        elif not admitted[1]:
            await _answer(send, 403, "this topic is not yours")
        else:
            await self.hub.announce(Sighting(topic, admitted[0].agent_id, state))
            await _answer(send, 204, "")

    async def _in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.hub.pool, function, *args)


def _asked(scope: Scope, headers: dict[str, str]) -> tuple[list[str], int | None]:
    query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=20)
    wanted = [topic for part in query.get("topics", []) for topic in part.split(",") if topic]
    since = headers.get("last-event-id") or (query.get("since") or [""])[0]
    return list(dict.fromkeys(wanted)), int(since) if since.isdecimal() and len(since) < 19 else None


def _missed(since: int, topics: list[str]) -> list[bytes]:
    if since > tail.newest_id() or since < tail.oldest_id() - 1:
        return [RESYNC]
    rows = tail.since(since, topics, limit=MOST_MISSED + 1)
    return [RESYNC] if len(rows) > MOST_MISSED else [frame(row) for row in rows]


def _same_site(headers: dict[str, str]) -> bool:
    """Refuse a foreign Host (DNS rebinding), and a page of another origin that calls with our cookie."""
    domain, port = split_domain_port(headers.get("host", ""))
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    if origin is None or origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    return urlsplit(origin).netloc == (f"{domain}:{port}" if port else domain)


def _session_key(headers: dict[str, str]) -> str:
    return parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, "")


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LONGEST_BODY:
            raise ValueError("too long")
        if not message.get("more_body"):
            return bytes(body)


async def _answer(send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
