"""The demo's mail server: mail for our inboxes goes to Rapport, all other into the customers' mailboxes."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import QuerySet

from rapport.channels.email.models import EmailSettings, Security
from rapport.channels.email.receive import lmtp
from rapport.demo.mailboxes import keep
from rapport.demo.mime import stamped
from rapport.demo.past import recall
from rapport.inboxes.queries.by_address import inbox_by_address
from rapport.kernel.clock import now
from rapport.kernel.db.threads import Pool

logger = logging.getLogger(__name__)
HOST = "127.0.0.1"
ACCEPTED = "250 2.0.0 Taken"
NOBODY = "550 5.1.1 Nobody has this mailbox"
NOWHERE = "nowhere.example"
"""Mail to this domain is refused, so that a failed delivery can be seen."""
MAX_BYTES = 60 * 1024 * 1024
WRITERS = 2


class Server(SMTP):
    """SMTP as aiosmtpd speaks it, with lines as long as mails have."""

    def __init__(self, handler: "Handler", *, loop: asyncio.AbstractEventLoop) -> None:
        self.line_length_limit = MAX_BYTES
        super().__init__(
            handler,
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            hostname="rapport-demo",
            ident="Rapport demo",
            loop=loop,
        )


class Handler:
    """What becomes of recipients and data; database work runs in threads that keep their connections."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Accept everybody but those at the domain where nobody lives."""
        answer = await self._run(answer_recipient, address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(  # noqa: N802
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        """Keep a copy for each recipient; a mail that was kept for some is kept once when it comes again."""
        content = bytes(envelope.original_content or b"")
        sender = envelope.mail_from or ""
        answers = [await self._run(take, content, sender, each) for each in envelope.rcpt_tos]
        refused = [answer for answer in answers if not answer.startswith("250")]
        return refused[0] if refused else ACCEPTED

    async def handle_exception(self, error: Exception) -> str:
        """Let the sender try again, whatever went wrong."""
        logger.error("the demo's mail server failed", exc_info=error)
        return lmtp.TROUBLE

    async def _run(self, act: Callable[..., str], *args: object) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: act(*args))


def answer_recipient(address: str) -> str:
    """Return the reply to RCPT TO."""
    answer = lmtp.answer_recipient(address)
    if answer != lmtp.UNKNOWN:
        return answer
    return NOBODY if address.lower().endswith(f"@{NOWHERE}") else lmtp.KNOWN


def take(content: bytes, sender: str, recipient: str) -> str:
    """Hand the mail to Rapport as a mail server does, or keep it for the customer."""
    try:
        if inbox_by_address(recipient) is not None:
            return lmtp.answer_data(stamped(content, sender=sender, at=now()), sender, recipient)
        recall(recipient)
        keep(recipient, content, sent=False)
    except (DatabaseError, InterfaceError, OSError):
        logger.exception("a mail could not be kept")
        connection.close()
        return lmtp.TROUBLE
    return ACCEPTED


def serve(stop: threading.Event) -> None:
    """Listen on a free port of this machine until ``stop`` is set; the demo's inboxes send through it."""
    # The library writes every address into the log.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    with Pool(WRITERS, name="post") as pool:
        asyncio.run(_listen(stop, pool))


def port() -> int | None:
    """Return the port that the demo's mail server listens on, None where it has not been started."""
    return _ours().values_list("smtp_port", flat=True).order_by("pk").first()


def _ours() -> "QuerySet[EmailSettings]":
    return EmailSettings.objects.filter(smtp_host=HOST, smtp_security=Security.NONE)


def _announce(number: int) -> str:
    _ours().update(smtp_port=number)
    return ""


async def _listen(stop: threading.Event, pool: Executor) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(Handler(pool), loop=loop), HOST, 0)
    number = server.sockets[0].getsockname()[1]
    await loop.run_in_executor(pool, _announce, number)
    logger.info("the demo's mail server listens on %s:%s", HOST, number)
    async with server:
        while not stop.is_set():
            await asyncio.sleep(0.2)
        server.close()
