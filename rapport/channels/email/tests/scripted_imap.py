"""An IMAP server with one folder, which refuses to hand over what a test tells it to."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

_COMMAND = re.compile(r"(\S+) (?:UID )?(\w+) ?(.*)")


@dataclass
class Folder:
    """Mails by UID, and the tagged answer to whoever asks for one of ``kept_back``.

    With ``hangs_up`` the server closes the connection on whoever asks for the size of a mail.
    """

    mails: dict[int, bytes] = field(default_factory=dict)
    kept_back: dict[int, str] = field(default_factory=dict)
    uidvalidity: int = 7
    port: int = 0
    hangs_up: bool = False
    asked: list[int] = field(default_factory=list)


@contextmanager
def imap_server(folder: Folder) -> Iterator[Folder]:
    """Serve ``folder`` as INBOX on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        folder.port = listener.getsockname()[1]
        thread = threading.Thread(target=_accept, args=(listener, folder), daemon=True)
        thread.start()
        yield folder
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _accept(listener: socket.socket, folder: Folder) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, folder), daemon=True).start()


def _serve(connection: socket.socket, folder: Folder) -> None:
    with connection, connection.makefile("rwb") as stream, suppress(OSError, ConnectionError):
        stream.write(b"* OK ready\r\n")
        stream.flush()
        while line := stream.readline():
            if found := _COMMAND.match(line.decode().strip()):
                tag, verb, rest = found[1], found[2].upper(), found[3]
                stream.write(f"{tag} {_answer(stream, folder, verb, rest)}\r\n".encode())
                stream.flush()


def _answer(stream: Any, folder: Folder, verb: str, rest: str) -> str:
    if verb == "CAPABILITY":
        stream.write(b"* CAPABILITY IMAP4rev1\r\n")
    elif verb in {"SELECT", "EXAMINE"}:
        stream.write(
            f"* {len(folder.mails)} EXISTS\r\n* OK [UIDVALIDITY {folder.uidvalidity}] x\r\n"
            f"* OK [UIDNEXT {max(folder.mails, default=0) + 1}] x\r\n".encode()
        )
    elif verb == "LIST":
        stream.write(b'* LIST () "/" "INBOX"\r\n')
    elif verb == "FETCH":
        return _fetch(stream, folder, rest)
    return "OK done"


def _fetch(stream: Any, folder: Folder, rest: str) -> str:
    wanted, _, items = rest.partition(" ")
    first, colon, _ = wanted.partition(":")
    uids = [int(each) for each in wanted.split(",")] if not colon else list(range(int(first), 1000))
    for number, (uid, mail) in enumerate(sorted(folder.mails.items()), 1):
        if uid not in uids:
            continue
        head = f'* {number} FETCH (UID {uid} INTERNALDATE "01-May-2026 10:00:00 +0000"'
        if folder.hangs_up and "SIZE" in items:
            raise ConnectionAbortedError
        if "BODY" not in items:
            size = f" RFC822.SIZE {len(mail)}" if "SIZE" in items else ""
            stream.write(f"{head}{size})\r\n".encode())
            continue
        folder.asked.append(uid)
        if uid in folder.kept_back:
            return folder.kept_back[uid]
        stream.write(f"{head} BODY[] {{{len(mail)}}}\r\n".encode() + mail + b")\r\n")
    return "OK done"
