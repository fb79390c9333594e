"""Reports about mail of ours: bounces and delays (RFC 3464 and older forms), complaints (RFC 5965)."""

import re
from dataclasses import dataclass, replace

from rapport.channels.email.bounce_reasons import REASONS, Reason, reason_for
from rapport.channels.email.parse import OverLimit, ParsedMail, parse
from rapport.channels.email.reply_token import in_message_id
from rapport.channels.email.sentences import sentence
from rapport.inboxes.contract import FailedRecipient

BOUNCE, COMPLAINT, DELAYED, DELIVERED = "bounce", "complaint", "delayed", "delivered"

_MACHINE = (
    r"(?:mailer|mail)[\-_. ]?daemon|po+st[\-_. ]?master|mdaemon|mailerdaemon|mail[\-_. ]?admin(?:istrator)?|"
    r"mail[\-_. ]?deliver(?:y|er)?(?:[\-_. ]?(?:sub)?system|[\-_. ]?service)?|mail[\-_. ]?system"
)
_DAEMON_ADDRESS = re.compile(
    rf"(?:{_MACHINE}|bounces?|mta|x-?mail|microsoftexchange\w{{10,}})@|exchange\w{{10,}}@", re.IGNORECASE
)
_DAEMON_NAME = re.compile(
    rf"{_MACHINE}|delivery (?:sub)?system|system administrator|internet mail delivery|microsoft outlook",
    re.IGNORECASE,
)
_NAMELESS = re.compile(_MACHINE, re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|delivery (?:\S+ )?(?:status|fail|notif|problem|error|report|delay|unsuccess|"
    r"has failed|incomplete|attempt)|returned? (?:mail|to sender|message|e-?mail)|failure notice"
    r"|mail (?:delivery|system|could|not|failed|failure|error|undel)|message (?:you sent|delivery|"
    r"undeliver|could not|not deliver|delayed|status|bounced)|fail(?:ed|ure) (?:delivery|mail|"
    r"to deliver|notice)|non[\- ]?(?:deliver|remis|recapit)"
    r"|(?:could|can)(?: ?not|n'?t) be (?:delivered|sent)|not (?:be )?delivered|"
    r"warning: (?:could not|message)|unzustellbar|nicht zugestellt|zustellfehl|"
    r"zustellung (?:fehlgeschlagen|gescheitert|nicht möglich|verzögert)|zustellstatus|échec de|"
    r"non distribu|no se puede entregar|no entregado|devuelto|devolvid|mancata consegna|недоставлен|"
    r"не доставлен|配信不能|配送失敗|配信できません|送信できません|エラーメール|退信|"
    r"投递失败|无法投递|반송",
    re.IGNORECASE,
)
_CERTAIN_SUBJECT = re.compile(
    r"\s*(?:undeliver(?:able|ed)|unzustellbar|returned mail:|failure notice|mail delivery failed|"
    r"delivery status notification|delivery failure)",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    r"(?:could|can|was|were|has|have|did)(?: ?not|n'?t)(?: been| be)? (?:delivered|reach|sent|"
    r"deliver)|unable to deliver|undeliverable|delivery (?:\S+ ){0,3}fail|fail(?:ed|ure) (?:to|"
    r"in) deliver|failed permanently|permanent (?:fatal )?(?:error|failure)"
    r"|fatal errors?|delivery (?:problem|error)|not able to deliver|wasn'?t able to deliver|"
    r"returned (?:to (?:you|sender)|message|below)|following (?:address|recipient|error)|"
    r"transcript of session|unknown (?:user|recipient|address)|user unknown|mailbox (?:is )?(?:full|"
    r"exceeds)|rejected|bounced?\b"
    r"|recipient'?s? (?:\S+ ){0,2}(?:mailbox|server|address)|nicht zugestellt|nicht zustellbar|"
    r"konnte nicht|n'a pas pu|no se pudo|non è stato possibile|не удалось|не может быть доставлен|"
    r"配信|届け|送信でき|無法|无法|undelivered|message delayed|did not reach|no such user|invalid user|"
    r"requested action not taken|error occurred while|an error was detected",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"(?:warning|delay|(?:not yet|still) (?:been )?(?:delivered|trying|being)|will (?:be retried|"
    r"continue|keep trying|try again)|do not need to resend|no action is required|"
    r"temporary (?:failure|problem))",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^[ \t\-=*>]{0,20}(?:-+ ?(?:this is a copy|original message|the header of the original|"
    r"below this line|unsent message|returned message|message header|original mail|included is|"
    r"non-delivered|the original message)|this is a copy of the message|below this line is|"
    r"original message follows|message headers follow"
    r"|original message (?:headers?|is|text|below)|the (?:original message|following is a copy|"
    r"message (?:headers|header))|received: from|return-path: <|----- ?original|copy of (?:the |"
    r"your )?(?:original )?message|your original message|message text follows|"
    r"undelivered message is|header of the (?:original )?message|content-type: message/rfc822)",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED = re.compile(r"-- ?original (?:message|mail)\b", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?=[ \-#:])")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}")
_FIELD = re.compile(
    r"^([A-Za-z][A-Za-z\-]{1,40}):[ \t]*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]+){0,30})", re.MULTILINE
)
_GROUPS = re.compile(r"\r?\n[ \t]*\r?\n")
_PERSON_MAILS = re.compile(r"\s*(?:re|aw|sv|fwd?|wg|tr|rv|i|fw|antw|odp)\s*:", re.IGNORECASE)
_MAX_TEXT = 20_000
_DSN_TYPES = ("message/delivery-status", "message/global-delivery-status", "message/xdelivery-status")
_RETURNED_TYPES = (
    "message/rfc822",
    "message/global",
    "message/partial",
    "message/rfc822-headers",
    "text/rfc822-headers",
)
_ARF_TYPE = "message/feedback-report"


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says; `hard` when any recipient will never get mail at that address.

    Not `proven` is one that brings nothing of the mail it is about: only its subject and its sender say so.
    """

    kind: str
    reason: str
    hard: bool = False
    dsn: str = ""
    recipients: tuple[FailedRecipient, ...] = ()
    proven: bool = True

    def details(self) -> dict[str, object]:
        """The report as plain values for storing and printing."""
        people = [
            {"address": one.address, "hard": one.hard, "dsn": one.code, "reason": one.reason}
            for one in self.recipients
        ]
        return {"kind": self.kind, "hard": self.hard, "dsn": self.dsn, "recipients": people}


@dataclass(slots=True)
class _Failure:
    address: str
    status: str
    action: str
    said: str


def read(mail: ParsedMail) -> Report | None:
    """Return the report that a mail is, or None when it is something else."""
    complaint = _complaint(mail)
    if complaint:
        return complaint
    if _handed_on(mail):
        return None
    failures = _failures(mail)
    if failures:
        return _report(mail, failures)
    if not _is_bounce(mail):
        return None
    proven = _declared(mail) or _returned(mail, strictly=False)
    return replace(_report(mail, _from_text(mail)), proven=proven)


def _complaint(mail: ParsedMail) -> Report | None:
    report = next((content for kind, content in mail.parts if kind == _ARF_TYPE), None)
    declared = "feedback-report" in mail.headers.plain("content-type").lower()
    fields = _fields(_text(report)) if report is not None else {}
    subject = mail.subject.lower()
    from_provider = (
        "complaint about message from" in subject
        or subject.startswith("[abuse report")
        or "spam report" in subject
    )
    if (
        report is None
        and not declared
        and not (from_provider and any(kind == "message/rfc822" for kind, _ in mail.parts))
    ):
        return None
    kind = fields.get("feedback-type", "abuse").strip().lower()[:40]
    people = [_ADDRESS.search(fields.get(name, "")) for name in ("original-rcpt-to", "removal-recipient")]
    recipients = tuple(
        FailedRecipient(address=one[0], hard=False, code="", reason=kind) for one in people[:1] if one
    )
    words = {
        "abuse": sentence("unwanted"),
        "opt-out": sentence("no_more"),
    }
    return Report(
        COMPLAINT,
        words.get(kind, sentence("complaint", kind=kind)),
        recipients=recipients,
    )


def _text(content: bytes) -> str:
    return content[:_MAX_TEXT].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _fields(block: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _FIELD.finditer(block):
        found.setdefault(match[1].lower(), " ".join(match[2].split()))
    return found


def _failures(mail: ParsedMail) -> list[_Failure]:
    """Read the machine-readable groups (RFC 3464 §2.3), in their own part or written into the text."""
    blocks = [_text(content) for kind, content in mail.parts if kind in _DSN_TYPES]
    if not blocks:
        blocks = _nested_groups(mail)
    if not blocks and "final-recipient" in mail.text[:_MAX_TEXT].lower() and _is_bounce(mail):
        blocks = [_before_original(mail)]
    failures: list[_Failure] = []
    for block in blocks:
        pending: dict[str, str] = {}
        for group in _GROUPS.split(block):
            fields = _fields(group)
            if "final-recipient" in fields or "original-recipient" in fields or "status" in fields:
                failures += _failure({**pending, **fields} if "final-recipient" not in fields else fields)
            elif "action" in fields or "diagnostic-code" in fields:
                pending |= fields
    return _merged(failures)


def _nested_groups(mail: ParsedMail) -> list[str]:
    """Some gateways wrap the report of another server: read the groups of the wrapped one."""
    for kind, content in mail.parts:
        if kind == "message/rfc822" and b"report-type=" in content[:_MAX_TEXT].lower() and _is_bounce(mail):
            try:
                wrapped = parse(content)
            except OverLimit:
                continue
            return [_text(part) for inner, part in wrapped.parts if inner in _DSN_TYPES]
    return []


def _failure(fields: dict[str, str]) -> list[_Failure]:
    address = ""
    for name in ("x-actual-recipient", "final-recipient", "original-recipient"):
        found = _ADDRESS.search(fields.get(name, "").partition(";")[2] or fields.get(name, ""))
        if found:
            address = found[0]
            if name == "final-recipient":
                break
    status = _STATUS.search(fields.get("status", ""))
    said = " ".join(fields.get(name, "") for name in ("diagnostic-code", "x-supplementary-info"))
    said = said if len(said) > 12 else f"{said} {fields.get('status', '')}"
    return [_Failure(address, status[1] if status else "", fields.get("action", "").lower().strip(), said)]


def _merged(failures: list[_Failure]) -> list[_Failure]:
    kept: dict[str, _Failure] = {}
    for one in failures:
        same = kept.get(one.address.lower())
        if same is None:
            kept[one.address.lower()] = one
        else:
            same.said += " " + one.said
            same.status = same.status or one.status
    return list(kept.values())


def _handed_on(mail: ParsedMail) -> bool:
    """Somebody forwards or answers a report: that is a person's mail, whatever is attached to it.

    The subject says so; or nothing but the attached part says that a mail server wrote it.
    """
    if _declared(mail) or _null_path(mail) or _from_daemon(mail):
        return False
    machine = "auto-submitted" in mail.headers or not mail.from_email or _SUBJECT.search(mail.subject[:300])
    return bool(_PERSON_MAILS.match(mail.subject)) or not (machine or _is_report(mail))


def _is_bounce(mail: ParsedMail) -> bool:
    """Tell whether a mail without machine-readable groups reports a failure.

    People write of deliveries too, so words alone prove nothing: a machine must have sent them, and brought
    the mail that it returns, or an identity of ours, or the subject that only mail servers write.
    """
    if _declared(mail):
        return True
    daemon, null_path = _from_daemon(mail), _null_path(mail)
    if (daemon or null_path) and _CERTAIN_SUBJECT.match(mail.subject[:300]):
        return True
    automatic = not mail.from_email or mail.header("auto-submitted").lower().startswith("auto-")
    # Most mail is a person's: nothing is looked for in its words.
    if not (daemon or null_path or automatic) or not _returned(mail, strictly=not daemon):
        return False
    answers = bool(_PERSON_MAILS.match(mail.subject))
    subject = bool(_SUBJECT.search(mail.subject[:300])) and not answers
    body = _before_original(mail)
    says = bool(_PHRASE.search(body)) or bool(_STATUS.search(body))
    if daemon:
        return subject or says
    if not null_path:
        return subject and says
    return says and not answers and (subject or not mail.header("auto-submitted"))


def _declared(mail: ParsedMail) -> bool:
    kind = mail.headers.plain("content-type").lower().replace('"', "").replace(" ", "")
    return "x-failed-recipients" in mail.headers or "report-type=delivery-status" in kind


def _is_report(mail: ParsedMail) -> bool:
    return mail.headers.plain("content-type").lower().startswith("multipart/report")


def _null_path(mail: ParsedMail) -> bool:
    return mail.headers.plain("return-path").replace(" ", "") == "<>"


def _from_daemon(mail: ParsedMail) -> bool:
    """Match the whole local part or the whole name: “foxmail” and “Bouncy Mail Systems” are customers."""
    if not mail.from_email:
        return bool(_NAMELESS.search(mail.header("from")[:700]))
    name = mail.from_.name.partition("<")[0].strip(" \"'")
    return bool(_DAEMON_ADDRESS.match(mail.from_email) or _DAEMON_NAME.fullmatch(name))


def _returned(mail: ParsedMail, *, strictly: bool) -> bool:
    """Tell whether it brings back a mail or names one of ours; what an answer quotes is no mail returned."""
    if any(kind in _RETURNED_TYPES for kind, _ in mail.parts):
        return True
    text = mail.text[:_MAX_TEXT]
    if in_message_id(text) or any(in_message_id(_text(body)) for _, body in mail.parts):
        return True
    return bool(_ORIGINAL.search(_QUOTED.sub("", text) if strictly else text))


def _before_original(mail: ParsedMail) -> str:
    text = mail.text[:_MAX_TEXT]
    found = _ORIGINAL.search(text)
    if found and found.start() > 20:
        return text[: found.start()]
    return text[:4000]


def _from_text(mail: ParsedMail) -> list[_Failure]:
    text = _before_original(mail)
    ours = {address.email.lower() for address in (*mail.to, mail.from_, mail.sender)}
    named = _ADDRESS.findall(mail.header("x-failed-recipients"))
    people = named or [one for one in _ADDRESS.findall(text) if one.lower() not in ours]
    outside = [one for one in dict.fromkeys(people) if not _DAEMON_ADDRESS.match(one)]
    people = outside or _ADDRESS.findall(text)
    status = _first_status(text)
    unique = list(dict.fromkeys(people[:20])) or [""]
    pieces = _pieces(text, unique)
    return [
        _Failure(one, _first_status(piece) or status, "", piece)
        for one, piece in zip(unique, pieces, strict=True)
    ]


def _pieces(text: str, people: list[str]) -> list[str]:
    """What the text says about each recipient: from the line naming one to the line naming the next."""
    places = [
        re.search(rf"^[ \t>]{{0,12}}<?{re.escape(one)}>?(?=[ \t]*[:\s,(])", text, re.MULTILINE)
        for one in people
    ]
    if len(people) < 2 or not all(places):
        return [text] * len(people)
    starts = sorted(place.start() for place in places if place)
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    return [text[place.start() : ends[place.start()]] for place in places if place]


def _first_status(text: str) -> str:
    return next((one for one in _STATUS.findall(text) if one[0] in "45"), "")


def _report(mail: ParsedMail, failures: list[_Failure]) -> Report:
    failed = [
        one
        for one in failures
        if one.action[:5] not in ("deliv", "relay", "expan") and not one.status.startswith("2")
    ]
    if not failed:
        return Report(DELIVERED, sentence("delivered"))
    text = _before_original(mail)
    judged = [(one, *_judge(one, text)) for one in failed]
    recipients = tuple(
        FailedRecipient(address=one.address, hard=reason.hard, code=status, reason=reason.words)
        for one, reason, status in judged
        if one.address
    )
    hard = any(reason.hard for _, reason, _ in judged)
    _, reason, status = next((entry for entry in judged if entry[1].hard), judged[0])
    late = not hard and all(one.action.startswith("delay") for one in failed)
    words = sentence("late") if late else sentence("not_delivered", reason=reason.words)
    return Report(DELAYED if late else BOUNCE, words, hard, status, recipients)


def _judge(failure: _Failure, text: str) -> tuple[Reason, str]:
    spoken = _STATUS.findall(failure.said)
    exact = [one for one in spoken if one[0] in "45" and not one.endswith(".0.0")]
    status = failure.status
    if exact and (
        not status or status.endswith(".0.0") or status.startswith("5.0.") or exact[0][0] == status[0]
    ):
        status = exact[-1]
    if not status:
        found = _REPLY.search(failure.said) or _REPLY.search(text)
        status = f"{found[1][0]}.0.0" if found else "5.0.0"
    reason = reason_for(failure.said, status, text)
    if reason.key in ("unknown", "server_error", "unclear") and failure.said is not text:
        fuller = reason_for(text, status, text)
        reason = fuller if fuller.key not in ("unknown", "server_error", "unclear", "expired") else reason
    if failure.action.startswith("delay"):
        reason = REASONS["expired"] if reason.hard else reason
    return reason, status
