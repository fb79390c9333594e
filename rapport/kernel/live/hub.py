"""The hub of one web process: one tail of the table, all open streams, presence, pings and checks."""

import asyncio
import itertools
import json
import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from rapport.kernel.db.wake import send
from rapport.kernel.live import callers
from rapport.kernel.live.client import Client
from rapport.kernel.live.presence import Presence, Sighting
from rapport.kernel.live.tail import PRESENCE, Row, Tail

log = logging.getLogger(__name__)
PING_SECONDS = 15
CHECK_SECONDS = 60.0
PING = b": ping\n\n"
REVOKED_SUFFIX = ":revoked"


def frame(row: Row) -> bytes:
    """Return the server-sent event of one signal."""
    number, topic, seq = row
    return b'id: %d\ndata: {"topic":%s,"seq":%d}\n\n' % (number, json.dumps(topic).encode(), seq)


class Hub:
    """Pushes each signal to the streams that subscribed to its topic."""

    def __init__(self) -> None:
        self._clients: set[Client] = set()
        self._by_topic: dict[str, set[Client]] = {}
        self._slots = itertools.count()
        self._tail: Tail | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._presence = Presence()
        # One thread, so that its one connection can be closed at the end.
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="live")

    async def start(self) -> None:
        """Begin to follow the signals; called in the event loop."""
        loop = asyncio.get_running_loop()
        self._tail = Tail(
            lambda rows: loop.call_soon_threadsafe(self.deliver, rows),
            lambda note: loop.call_soon_threadsafe(self._hear, note),
        )
        await loop.run_in_executor(self.pool, self._tail.start)
        self._keeper = loop.create_task(self._keep())

    async def stop(self) -> None:
        """End every stream, stop following, and close the connections to the database."""
        loop = asyncio.get_running_loop()
        self.end_all()
        if self._keeper is not None:
            self._keeper.cancel()
        if self._tail is not None:
            await loop.run_in_executor(None, self._tail.stop)
        await loop.run_in_executor(self.pool, connections.close_all)
        self.pool.shutdown()

    @property
    def last(self) -> int:
        """The id of the newest signal that was delivered."""
        return self._tail.last if self._tail is not None else 0

    @property
    def size(self) -> int:
        """How many streams are open."""
        return len(self._clients)

    def next_slot(self) -> int:
        """Return the second of the ping round in which a new stream is pinged."""
        return next(self._slots) % PING_SECONDS

    def join(self, client: Client) -> None:
        """Begin to push to ``client``, and tell it who is present."""
        self._clients.add(client)
        for topic in client.topics:
            self._by_topic.setdefault(topic, set()).add(client)

    def present(self, topics: Iterable[str]) -> list[bytes]:
        """Return the events that say who is at ``topics`` now."""
        return [sighting.frame() for topic in topics for sighting in self._presence.at(topic)]

    def leave(self, client: Client) -> None:
        """Push to ``client`` no longer."""
        self._clients.discard(client)
        for topic in client.topics:
            subscribers = self._by_topic.get(topic)
            if subscribers is not None:
                subscribers.discard(client)
                if not subscribers:
                    del self._by_topic[topic]

    def deliver(self, rows: list[Row]) -> None:
        """Push ``rows`` to their subscribers; a revocation ends the streams of its agent at once."""
        for row in rows:
            topic = row[1]
            if topic.endswith(REVOKED_SUFFIX):
                self._revoke(topic)
            elif subscribers := self._by_topic.get(topic):
                event = frame(row)
                for client in tuple(subscribers):
                    client.push(event)

    def see(self, sighting: Sighting) -> None:
        """Tell the streams of this process, where the sighting is news."""
        if self._presence.note(sighting):
            event = sighting.frame()
            for client in tuple(self._by_topic.get(sighting.topic, ())):
                client.push(event)

    async def announce(self, sighting: Sighting) -> None:
        """Tell the streams of every process."""
        self.see(sighting)
        await asyncio.get_running_loop().run_in_executor(self.pool, send, PRESENCE + sighting.to_json())

    def end_all(self) -> None:
        """End every stream; the screens come back by themselves."""
        for client in tuple(self._clients):
            client.end()

    def _hear(self, note: str) -> None:
        try:
            self.see(Sighting.from_json(note))
        except (ValueError, KeyError, TypeError):
            log.warning("not a sighting: %r", note[:200])

    def _revoke(self, topic: str) -> None:
        agent = topic.removesuffix(REVOKED_SUFFIX)
        for client in tuple(self._clients):
            if agent == f"agent:{client.caller.agent_id}":
                client.end()

    async def _keep(self) -> None:
        for second in itertools.count():
            await asyncio.sleep(1)
            try:
                for client in tuple(self._clients):
                    if client.slot == second % PING_SECONDS:
                        client.push(PING)
                for sighting in self._presence.expire():
                    for client in tuple(self._by_topic.get(sighting.topic, ())):
                        client.push(sighting.frame())
                await self._check()
            except Exception:
                log.exception("keeping the streams failed; going on")

    async def _check(self) -> None:
        now = time.monotonic()
        due = [client for client in self._clients if now - client.checked_at > CHECK_SECONDS]
        if not due:
            return
        for client in due:
            client.checked_at = now
        refused = await asyncio.get_running_loop().run_in_executor(self.pool, _refused, due)
        for client in refused:
            client.end()


def _refused(clients: list[Client]) -> list[Client]:
    """Return those whose session ended or who lost a topic. One check per session and set of topics."""
    answers: dict[tuple[str, tuple[str, ...]], bool] = {}
    refused = []
    for client in clients:
        asked = (client.caller.session_key, client.topics)
        if asked not in answers:
            now = callers.admitted(client.caller.session_key, list(client.topics))
            answers[asked] = now is not None and now[0] == client.caller and len(now[1]) == len(client.topics)
        if not answers[asked]:
            refused.append(client)
    return refused
