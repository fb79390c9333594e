"""Mail that the own mail server hands over by LMTP (RFC 2033): 250 only after the commit."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session
from django.db import DatabaseError, InterfaceError, connection

from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.queries.by_address import inbox_by_address
from rapport.kernel.db.threads import Pool

logger = logging.getLogger(__name__)

TROUBLE = "451 4.3.0 Rapport cannot store mail at the moment, please try again"
PAUSED = "450 4.2.1 This inbox is paused, please try again"
UNKNOWN = "550 5.1.1 No inbox has this address"
KNOWN = "250 2.1.5 OK"
STORED = "250 2.0.0 Stored"
WRITERS = 4
REFUSALS_OF_DATA = ("500 Line too long", "552 Error: Too much mail data")


class Protocol(LMTP):
    """LMTP as aiosmtpd speaks it, with lines as long as mails have and a reply for every recipient."""

    def __init__(self, handler: "Handler", *, max_bytes: int, loop: asyncio.AbstractEventLoop) -> None:
        # The library's 1,001 bytes would refuse the mails of careless senders for good.
        self.line_length_limit = max_bytes
        super().__init__(
            handler,
            data_size_limit=max_bytes,
            enable_SMTPUTF8=True,
            hostname="rapport",
            ident="Rapport",
            loop=loop,
        )

    async def push(self, status: str | bytes) -> None:
        """Send a reply; a refusal of the data is said once for every recipient (RFC 2033 §4.2)."""
        text = status if isinstance(status, str) else status.decode()
        recipients = self.envelope.rcpt_tos if self.envelope is not None else []
        if recipients and text.startswith(REFUSALS_OF_DATA):
            text = "\r\n".join([text] * len(recipients))
        await super().push(text)


class Handler:
    """What becomes of recipients and data. Database work runs in threads that keep their connections."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    async def handle_RCPT(  # noqa: N802
        self,
        server: LMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Accept a recipient that is an inbox."""
        answer = await self._run(answer_recipient, address)
        if answer == KNOWN:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(  # noqa: N802
        self,
        server: LMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        """Store a row for each recipient and answer for each."""
        content = bytes(envelope.original_content or b"")
        sender = envelope.mail_from or ""
        answers = [await self._run(answer_data, content, sender, each) for each in envelope.rcpt_tos]
        return "\r\n".join(answers)

    async def handle_exception(self, error: Exception) -> str:
        """Let the mail server try again, whatever went wrong."""
        logger.error("the LMTP listener failed", exc_info=error)
        return TROUBLE

    async def _run(self, act: Callable[..., str], *args: object) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: act(*args))


def answer_recipient(address: str) -> str:
    """Return the reply to RCPT TO."""
    try:
        inbox = inbox_by_address(address)
    except (DatabaseError, InterfaceError, OSError):
        return _trouble()
    if inbox is None:
        return UNKNOWN
    return KNOWN if inbox.active else PAUSED


def answer_data(content: bytes, sender: str, recipient: str) -> str:
    """Store the mail for one recipient and return the reply for them."""
    try:
        inbox = inbox_by_address(recipient)
        if inbox is None:
            return UNKNOWN
        store_raw(inbox=inbox, content=content, source="lmtp", envelope_from=sender, envelope_to=recipient)
    except (DatabaseError, InterfaceError, OSError):
        return _trouble()
    return STORED


def _trouble() -> str:
    logger.exception("a mail could not be stored; the mail server keeps it and tries again")
    connection.close()
    return TROUBLE


def serve(stop: threading.Event, *, port: int, max_bytes: int, bind: str = "127.0.0.1") -> None:
    """Listen until ``stop`` is set. Blocks; runs an event loop of its own.

    Raises:
        OSError: the port is taken.

    """
    # The library writes every address into the log.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    with Pool(WRITERS, name="lmtp") as pool:
        asyncio.run(_listen(stop, pool, bind=bind, port=port, max_bytes=max_bytes))


async def _listen(stop: threading.Event, pool: Executor, *, bind: str, port: int, max_bytes: int) -> None:
    loop = asyncio.get_running_loop()
    handler = Handler(pool)
    server = await loop.create_server(
        lambda: Protocol(handler, max_bytes=max_bytes, loop=loop), bind, port, reuse_address=True
    )
    logger.info("LMTP listens on %s:%s", bind, port)
    async with server:
        while not stop.is_set():
            await asyncio.sleep(0.2)
        server.close()
