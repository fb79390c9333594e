"""An SMTP server that says what a test tells it to."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

CUT = "cut"
"""Instead of a reply: close the connection."""


@dataclass
class Script:
    """Replies by the beginning of a command; ``.`` is the end of the data."""

    replies: Mapping[str, str] = field(default_factory=dict)
    pauses: Mapping[str, float] = field(default_factory=dict)
    """Seconds to wait after the 354 (``DATA``), before the reply to its end (``.``) or to a command."""
    drip: float = 0.0
    """Seconds between any two bytes of the reply to EHLO."""
    extensions: tuple[str, ...] = ("SIZE", "8BITMIME")
    port: int = 0
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)

    def reply(self, command: str, default: str) -> str:
        matching = [key for key in self.replies if command.upper().startswith(key.upper())]
        return self.replies[max(matching, key=len)] if matching else default


@contextmanager
def smtp_server(script: Script) -> Iterator[Script]:
    """Serve ``script`` on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        script.port = listener.getsockname()[1]
        thread = threading.Thread(target=_accept, args=(listener, script), daemon=True)
        thread.start()
        yield script
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _accept(listener: socket.socket, script: Script) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            script.connections += 1
            threading.Thread(target=_serve, args=(connection, script), daemon=True).start()


def _serve(connection: socket.socket, script: Script) -> None:
    with suppress(OSError), connection, connection.makefile("rwb") as stream:
        _say(stream, script.reply("connect", "220 test"))
        while line := stream.readline():
            command = line.decode().strip()
            script.commands.append(command)
            if (verb := command[:4].upper()) != "DATA":
                time.sleep(script.pauses.get(verb, 0))
            if command.upper().startswith("EHLO"):
                lines = ["test", *script.extensions]
                text = "\r\n".join(f"250{'-' if n < len(lines) else ' '}{w}" for n, w in enumerate(lines, 1))
                _say(stream, script.reply(command, text), drip=script.drip)
            elif command.upper() == "DATA":
                answer = script.reply("DATA", "354 go on")
                _say(stream, answer)
                if answer.startswith("354") and not _take(stream, script):
                    return
            elif command.upper() == "QUIT":
                _say(stream, "221 bye")
                return
            else:
                answer = script.reply(command, "250 OK")
                if answer == CUT:
                    return
                _say(stream, answer)


def _take(stream: object, script: Script) -> bool:
    content = bytearray()
    time.sleep(script.pauses.get("DATA", 0))
    while (line := stream.readline()) != b".\r\n":  # type: ignore[attr-defined]
        content += line[1:] if line.startswith(b".") else line
    script.mails.append(bytes(content))
    time.sleep(script.pauses.get(".", 0))
    answer = script.reply(".", "250 2.0.0 queued")
    if answer == CUT:
        return False
    _say(stream, answer)
    return True


def _say(stream: object, text: str, *, drip: float = 0.0) -> None:
    reply = text.encode() + b"\r\n"
    for piece in [bytes([each]) for each in reply] if drip else [reply]:
        stream.write(piece)  # type: ignore[attr-defined]
        stream.flush()  # type: ignore[attr-defined]
        time.sleep(drip)
