"""From the bytes of a mail to what the channel contract knows: a message, a signal, or a refusal. Pure."""

import re
from dataclasses import dataclass

from rapport.channels.email import automatic, bounces, plus_proof, reply_token, verdicts
from rapport.channels.email.customer_pattern import find_customer
from rapport.channels.email.parse import Limits, OverLimit, ParsedMail, parse
from rapport.channels.email.parse.authentication import own_statements
from rapport.channels.email.parse.customer import (
    FROM,
    ORIGINAL_SENDER,
    REPLY_TO,
    named_by_group,
    through_own_group,
)
from rapport.channels.email.parse.model import Address as MailAddress
from rapport.channels.email.sentences import sentence
from rapport.channels.email.threading import hints
from rapport.inboxes.contract import (
    Address,
    Hint,
    InboundFile,
    InboundMessage,
    InboundSignal,
    MailRefused,
    Verdict,
)

_OWN_ID = re.compile(rb"rapport\.([a-z2-7]{20}\.[a-z2-7]{13})@", re.IGNORECASE)
_MOST_OWN_IDS = 20


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the installation knows when it reads a mail of an inbox."""

    limits: Limits
    key: bytes
    plus_key: bytes
    context: verdicts.Context
    authserv_id: str = ""
    spam_header: str = ""
    form_sender: str = ""
    customer_pattern: str = ""


def read(content: bytes, known: Known) -> InboundMessage | InboundSignal | MailRefused:
    """Read a mail of any bytes."""
    try:
        mail = parse(content, known.limits, tuple(known.context.own_addresses))
    except OverLimit as refusal:
        return MailRefused(reason=refusal.reason)
    if test := plus_proof.read(mail, known.plus_key):
        return test
    report = bounces.read(mail)
    found = verdicts.judge(mail, report, known.context)
    if report is not None and not any(each.kind == "loop" for each in found):
        signal = _signal(content, mail, report, found, known)
        # What names nothing of ours cannot be matched either, so a person reads it.
        if report.proven or any(hint.kind != "number" for hint in signal.hints):
            return signal
    return _message(mail, found, known)


def as_message(content: bytes, known: Known) -> InboundMessage | None:
    """Read a mail as a message, whatever it reports; None where it is over a limit."""
    try:
        mail = parse(content, known.limits, tuple(known.context.own_addresses))
    except OverLimit:
        return None
    return _message(mail, verdicts.judge(mail, bounces.read(mail), known.context), known)


def _message(mail: ParsedMail, found: list[Verdict], known: Known) -> InboundMessage:
    authentic = _authentic(mail, known.authserv_id)
    customer, rule = _customer(mail, known, authentic=authentic)
    found = [*found, *_named_spam(mail, known)]
    return InboundMessage(
        sender=_address(mail.from_),
        customer=customer,
        customer_rule=rule,
        to=tuple(_address(each) for each in mail.to),
        cc=tuple(_address(each) for each in mail.cc),
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        reply_text=mail.reply_text,
        quoted_text=mail.quoted,
        signature_text=mail.signature,
        sent_at=mail.date,
        provider_id=_bracketed(mail.message_id),
        files=tuple(
            InboundFile(
                name=each.name,
                content_type=each.type,
                content=each.content,
                content_id=each.content_id,
                inline=each.inline,
            )
            for each in mail.attachments
        ),
        hints=_hints(mail, known),
        verdicts=tuple(found),
        forwarded_from=_address(mail.forwarded_from) if mail.forwarded_from else None,
        authentic=authentic,
        relayed=_from_form(mail, known, authentic=authentic) or _from_group(mail, known, authentic=authentic),
        automatic=any(_by_machine(each) for each in found),
        defects=mail.defects,
    )


def _by_machine(verdict: Verdict) -> bool:
    return verdict.kind == "automatic" and verdict.details.get("sort") != automatic.GUESSED


def _signal(
    content: bytes, mail: ParsedMail, report: bounces.Report, found: list[Verdict], known: Known
) -> InboundSignal:
    return InboundSignal(
        kind=report.kind,
        reason=report.reason,
        recipients=report.recipients,
        hints=(*_returned_tokens(content, mail, known.key), *_hints(mail, known)),
        sender=_address(mail.from_),
        subject=mail.subject,
        verdicts=tuple(found),
    )


def _returned_tokens(content: bytes, mail: ParsedMail, key: bytes) -> list[Hint]:
    """Find the Message-IDs of ours in what came back, wherever the server put it."""
    places = (content, *(body for _, body in mail.parts), mail.text.encode())
    tokens = {match.decode("ascii").lower(): None for place in places for match in _OWN_ID.findall(place)}
    usable = [each for each in list(tokens)[:_MOST_OWN_IDS] if reply_token.verify(each, key)]
    return [Hint(kind="token", value=each) for each in usable]


def _hints(mail: ParsedMail, known: Known) -> tuple[Hint, ...]:
    found = hints(mail, known.key)
    return tuple(
        Hint(kind=each.kind, value=_bracketed(each.value)) if each.kind.endswith("_id") else each
        for each in found
    )


def _customer(mail: ParsedMail, known: Known, *, authentic: bool | None) -> tuple[Address, str]:
    # Anybody can write an address into a text, so only the named system's mails are looked through.
    if _from_form(mail, known, authentic=authentic):
        named = find_customer(known.customer_pattern, mail.text)
        if named is not None:
            return named, "form"
    own = known.context.own_addresses
    if mail.customer_rule == ORIGINAL_SENDER and not named_by_group(mail.headers, mail.from_, own):
        return _address(mail.from_), FROM
    return _address(mail.customer), mail.customer_rule


def _from_form(mail: ParsedMail, known: Known, *, authentic: bool | None) -> bool:
    named = bool(known.form_sender) and mail.from_email.lower() == known.form_sender.lower()
    return named and authentic is not False


def _from_group(mail: ParsedMail, known: Known, *, authentic: bool | None) -> bool:
    """Tell whether our own group handed it on for the customer that it names."""
    names = mail.customer_rule in (ORIGINAL_SENDER, REPLY_TO)
    own = known.context.own_addresses
    return names and authentic is not False and through_own_group(mail.headers, mail.from_, own)


def _authentic(mail: ParsedMail, authserv_id: str) -> bool | None:
    """Tell what the own server says of the domain in From (DMARC): one "fail" outweighs every "pass".

    Only the topmost field can vouch: a server that leaves a sender's imitation of its fields in place puts
    its own above.
    """
    said = [
        [each for each in results if each.method == "dmarc"]
        for results in own_statements(mail.headers, authserv_id)
    ]
    if any(each.result == "fail" for results in said for each in results):
        return False
    # A mail with two addresses in From passes for one of them, and may be read as the other's.
    passed = bool(said and said[0]) and all(
        each.result == "pass" and _is_about(each.domain, mail.from_email) for each in said[0]
    )
    return True if passed else None


def _is_about(domain: str, address: str) -> bool:
    written = address.rpartition("@")[2].lower()
    return not domain or f".{_ascii(written)}".endswith(f".{_ascii(domain)}")


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _named_spam(mail: ParsedMail, known: Known) -> list[Verdict]:
    """Apply the inbox's rule ``Header: beginning of value`` where the named server spoke last."""
    name, _, value = known.spam_header.partition(":")
    if not name.strip() or not own_statements(mail.headers, known.authserv_id):
        return []
    for given in mail.all(name.strip()):
        if given.strip().lower().startswith(value.strip().lower() or "yes"):
            return [Verdict(kind="spam", reason=sentence("spam", header=name.strip()))]
    return []


def _address(address: MailAddress) -> Address:
    return Address(address.email, address.name)


def _bracketed(identity: str) -> str:
    return f"<{identity.strip('<>')}>" if identity else ""
