"""Any bytes: a parsed mail, a refusal, never another exception; always JSON in valid UTF-8."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.channels.email import bounces, threading, verdicts
from rapport.channels.email.explain import explain
from rapport.channels.email.parse import OverLimit, parse

PIECES = st.sampled_from(
    [
        *(
            b"From: ",
            b"To: ",
            b"Subject: ",
            b"Date: ",
            b"Reply-To: ",
            b"References: ",
            b"\r\n",
            b"\r\n\r\n",
            b"\n",
        ),
        *(
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
            b"--b\r\n",
            b"--b--\r\n",
            b"--b",
            b"boundary=",
            b";",
        ),
        *(
            b"Content-Type: text/html; charset=utf-7\r\n\r\n",
            b"<div>",
            b"<blockquote type=cite>",
            b"=?utf-8?q?",
            b"?=",
        ),
        *(
            b"Content-Transfer-Encoding: base64\r\n",
            b"Content-Type: message/rfc822\r\n\r\n",
            b"a@example.org",
            b"<",
            b">",
        ),
        *(
            b"Content-Type: message/delivery-status\r\n\r\n",
            b"Final-Recipient: rfc822; a@b.c\r\n",
            b"Status: 5.1.1\r\n",
        ),
        *(
            b"From: MAILER-DAEMON\r\n",
            b"filename*0*=",
            b"begin 644 a\r\n",
            b"end\r\n",
            b"\xff\xfe",
            b"\x00",
            b"\xe9",
            b"> ",
        ),
        *(
            b"On 2 Apr 2012 Anna wrote:\n",
            b"Authentication-Results: a; b=c\r\n",
            b"Content-Type: text/calendar\r\n\r\n",
        ),
    ]
)
MAILS = st.one_of(
    st.binary(max_size=400), st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=40).map(b"".join)
)


@settings(max_examples=300, deadline=None)
@given(MAILS)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        mail = parse(raw)
    except OverLimit:
        return
    known = verdicts.Context(own_servers=frozenset({"a"}), key=b"k", own_addresses=frozenset({"a@b.c"}))
    verdicts.judge(mail, bounces.read(mail), known)
    threading.hints(mail, b"k")
    list(mail.headers)


@settings(max_examples=200, deadline=None)
@given(MAILS)
def test_any_bytes_are_explained(raw: bytes) -> None:
    json.dumps(explain(raw), ensure_ascii=False).encode("utf-8")
