"""What the company's mail server writes on top of a mail that it takes from outside."""

from datetime import datetime
from email.utils import format_datetime

from rapport.demo.company import MAIL_SERVER


def stamped(mail: bytes, *, sender: str, at: datetime, believed: bool = True, spam: bool = False) -> bytes:
    """Return ``mail`` with where it came from, whether the sender is believed (RFC 8601), and a spam flag."""
    domain = sender.rpartition("@")[2].strip("> ")
    verdict = "pass" if believed else "fail"
    lines = [
        f"Authentication-Results: {MAIL_SERVER}; dkim={verdict} header.d={domain};"
        f" dmarc={verdict} header.from={domain}",
        f"Received: from mail.{domain} by {MAIL_SERVER} with ESMTPS; {format_datetime(at)}",
    ]
    if spam:
        lines.insert(1, "X-Spam-Flag: YES")
    return "".join(f"{line}\r\n" for line in lines).encode() + mail
