"""What Rapport makes of a mail, as one JSON object; stores nothing, needs no database and no settings."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rapport.channels.email.parse import Limits

_KINDS = {"automatic": "auto_reply"}


def explain(raw: bytes, limits: "Limits | None" = None) -> dict[str, Any]:
    """Describe a mail. Over a limit the object holds only `refused` with the reason and an empty rest."""
    from rapport.channels.email import bounces, threading, verdicts
    from rapport.channels.email.parse import Limits, OverLimit, parse

    try:
        mail = parse(raw, limits or Limits())
    except OverLimit as refusal:
        return _refused(refusal.code, refusal.reason)
    found = bounces.read(mail)
    judged = verdicts.judge(mail, found)
    return {
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "date": mail.date.isoformat() if mail.date else None,
        "subject": mail.subject,
        "from_email": mail.from_email,
        "from_name": mail.from_name,
        "reply_to": [asdict(address) for address in mail.reply_to],
        "customer_email": mail.customer_email,
        "customer_name": mail.customer_name,
        "customer_rule": mail.customer_rule,
        "forwarded_from": asdict(mail.forwarded_from) if mail.forwarded_from else None,
        "to": [asdict(address) for address in mail.to],
        "cc": [asdict(address) for address in mail.cc],
        "text": mail.text,
        "html": bool(mail.html),
        "reply_text": mail.reply_text,
        "signature": mail.signature,
        "quoted": mail.quoted,
        "attachments": [_file(file) for file in mail.attachments],
        "verdicts": [{"kind": _KINDS.get(one.kind, one.kind), "reason": one.reason} for one in judged],
        "bounce": found.details() if found and found.kind != bounces.COMPLAINT else None,
        "hard": found.hard if found else None,
        "dsn": found.dsn if found else "",
        "recipients": [one.address for one in found.recipients] if found else [],
        "hints": [{"kind": hint.kind, "value": hint.value} for hint in threading.hints(mail)],
        "defects": list(mail.defects),
    }


def _file(file: Any) -> dict[str, Any]:
    shown = ("name", "type", "size", "sha256", "inline", "content_id")
    return {name: getattr(file, name) for name in shown}


def _refused(code: str, reason: str) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(
        ("message_id", "in_reply_to", "subject", "from_email", "from_name", "customer_email", "customer_name",
         "customer_rule", "text", "reply_text", "signature", "quoted", "dsn"), "",
    )  # fmt: skip
    empty |= {
        name: []
        for name in ("references", "reply_to", "to", "cc", "attachments", "recipients", "hints", "defects")
    }
    verdict = {"kind": "refused", "reason": reason}
    return empty | {
        "date": None, "forwarded_from": None, "html": False, "bounce": None, "hard": None,
        "verdicts": [verdict], "refused": {"code": code, "reason": reason},
    }  # fmt: skip


def main(path: str, limits: "Limits | None" = None) -> int:
    """Print the explanation of the mail in a file (`-` is standard input); return the exit code."""
    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as problem:
        sys.stderr.write(f"The file {path} cannot be read: {problem.strerror}.\n")
        return 66
    sys.stdout.buffer.write(
        json.dumps(explain(raw, limits), ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"
    )
    sys.stdout.flush()
    return 0
