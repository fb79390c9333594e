"""The inbound steps in their order: small pure functions, each a verdict with its reason, or None.

`VERDICTS` is the list; `judge` runs it. What needs memory (copies, blocked senders) is judged by ingest.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapport.channels.email import automatic, bounces, reply_token
from rapport.channels.email.parse import ParsedMail
from rapport.channels.email.parse.authentication import own_statements
from rapport.channels.email.sentences import sentence
from rapport.conversations.recipients import is_no_reply
from rapport.inboxes.contract import Verdict

INSTANCE_HEADER = "x-rapport-instance"
_SPAM_YES = re.compile(r"\s*(?:yes|true|spam)\b", re.IGNORECASE)
_MAX_RECEIVED = 50


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the installation knows: own addresses (lower case), named mail servers, its name and key."""

    own_addresses: frozenset[str] = frozenset()
    own_servers: frozenset[str] = frozenset()
    instance: str = ""
    key: bytes | None = None
    max_received: int = _MAX_RECEIVED


@dataclass(frozen=True)
class Judged:
    """What the steps look at: a mail, and the report that it is, if it is one."""

    mail: ParsedMail
    report: bounces.Report | None


Step = Callable[[Judged, Context], Verdict | None]


def loop(judged: Judged, context: Context) -> Verdict | None:
    """The mail is our own, come back, or has travelled too often."""
    mail = judged.mail
    if context.instance and context.instance in mail.all(INSTANCE_HEADER):
        return Verdict(kind="loop", reason=sentence("loop_instance"))
    token = reply_token.in_message_id(mail.message_id + "@") if context.key else ""
    if token and context.key and reply_token.verify(token, context.key):
        return Verdict(kind="loop", reason=sentence("loop_id"))
    if mail.received_count > context.max_received:
        reason = sentence("loop_servers", count=mail.received_count)
        return Verdict(kind="loop", reason=reason, details={"received": mail.received_count})
    return None


def bounce(judged: Judged, _context: Context) -> Verdict | None:
    """A mail of ours could not be delivered, or is late."""
    found = judged.report
    if found is None or found.kind not in (bounces.BOUNCE, bounces.DELAYED):
        return None
    return Verdict(kind="bounce", reason=found.reason, details=found.details())


def complaint(judged: Judged, _context: Context) -> Verdict | None:
    """Somebody reported a mail of ours as unwanted (RFC 5965)."""
    found = judged.report
    if found is None or found.kind != bounces.COMPLAINT:
        return None
    return Verdict(kind="complaint", reason=found.reason, details=found.details())


def automatic_reply(judged: Judged, _context: Context) -> Verdict | None:
    """A machine answered: absence notes, receipts, robots (RFC 3834)."""
    if judged.report is not None:
        return None
    found = automatic.find(judged.mail)
    if found is None:
        return None
    return Verdict(kind="automatic", reason=found.reason, details={"sort": found.sort})


def mailing_list(judged: Judged, _context: Context) -> Verdict | None:
    """The mail came through a mailing list (RFC 2919, 2369) or is bulk mail."""
    mail = judged.mail
    name = mail.header("list-id") or mail.header("x-mailing-list") or mail.header("mailing-list")
    if name or "list-post" in mail.headers or "list-unsubscribe" in mail.headers:
        reason = sentence("list_named", name=name[:200]) if name else sentence("list")
        return Verdict(kind="list", reason=reason, details={"list": name[:200]})
    if mail.header("precedence").lower() in ("bulk", "list", "junk"):
        return Verdict(kind="list", reason=sentence("bulk"))
    return None


def spam(judged: Judged, context: Context) -> Verdict | None:
    """The inbox's own mail server says that it is spam; anybody else's headers count for nothing."""
    mail = judged.mail
    if not _from_own_server(mail, context):
        return None
    for name in ("x-spam-flag", "x-spam-status", "x-spam", "x-rspamd-action"):
        value = mail.header(name)
        if _SPAM_YES.match(value) or (
            name == "x-rspamd-action" and value.strip().lower() in ("reject", "add header")
        ):
            return Verdict(kind="spam", reason=sentence("spam_saying", header=name, value=value[:80]))
    return None


def _from_own_server(mail: ParsedMail, context: Context) -> bool:
    checker = mail.header("x-spam-checker-version").rpartition(" on ")[2].strip().lower()
    return any(own_statements(mail.headers, server) or checker == server for server in context.own_servers)


def no_reply(judged: Judged, _context: Context) -> Verdict | None:
    """An answer to this address would reach nobody."""
    address = judged.mail.customer_email
    if is_no_reply(address):
        return Verdict(kind="no_reply", reason=sentence("no_reply", address=address))
    return None


VERDICTS: Sequence[Step] = (
    loop,
    bounce,
    complaint,
    automatic_reply,
    mailing_list,
    spam,
    no_reply,
)

_NOTHING_KNOWN = Context()


def judge(
    mail: ParsedMail, report: bounces.Report | None, context: Context = _NOTHING_KNOWN
) -> list[Verdict]:
    """Run every step in order and return the verdicts found; never raises for any parsed mail.

    ``report`` is what `bounces.read` says of the mail.
    """
    judged = Judged(mail, report)
    return [verdict for step in VERDICTS if (verdict := step(judged, context)) is not None]
