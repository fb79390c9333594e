"""Who looks at what and who types: ephemeral, in memory, renewed by the screens, gone after a pause."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

STATES = ("viewing", "typing", "left")
LASTS = 45.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """An agent was seen at a topic, doing something."""

    topic: str
    agent: int
    state: str

    def frame(self) -> bytes:
        """Return the server-sent event."""
        return b"event: presence\ndata: %s\n\n" % self.to_json().encode()

    def to_json(self) -> str:
        """Return what goes to screens and to other processes."""
        return json.dumps(
            {"topic": self.topic, "agent": self.agent, "state": self.state}, separators=(",", ":")
        )

    @classmethod
    def from_json(cls, text: str) -> "Sighting":
        """Return the sighting that ``to_json`` made; else raises ``ValueError`` or ``KeyError``."""
        values: dict[str, Any] = json.loads(text)
        return cls(str(values["topic"]), int(values["agent"]), str(values["state"]))


class Presence:
    """What is known of all topics now."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[int, tuple[str, float]]] = {}

    def note(self, sighting: Sighting) -> bool:
        """Remember ``sighting``; True where it changes what screens show."""
        agents = self._seen.setdefault(sighting.topic, {})
        before = agents.pop(sighting.agent, ("left", 0.0))[0]
        if sighting.state != "left":
            agents[sighting.agent] = (sighting.state, time.monotonic() + LASTS)
        elif not agents:
            del self._seen[sighting.topic]
        return before != sighting.state

    def at(self, topic: str) -> Iterator[Sighting]:
        """Yield who is at ``topic`` now."""
        for agent, (state, until) in self._seen.get(topic, {}).items():
            if until > time.monotonic():
                yield Sighting(topic, agent, state)

    def expire(self) -> list[Sighting]:
        """Forget who was not seen again in time; return their leaving."""
        now = time.monotonic()
        gone = [
            Sighting(topic, agent, "left")
            for topic, agents in self._seen.items()
            for agent, (_state, until) in agents.items()
            if until <= now
        ]
        for sighting in gone:
            self.note(sighting)
        return gone
