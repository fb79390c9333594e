"""Payloads that try to act where they are shown, the mails that carry them, and a judge of whole pages."""

import base64
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

CALLS = "alert(1)"
OWN = [
    f"<script>{CALLS}</script>",
    f"</title><script>{CALLS}</script>",
    f"</textarea><script>{CALLS}</script>",
    f"'\"><script>{CALLS}</script>",
    f"</script><script>{CALLS}</script>",
    f"<scr<script>ipt>{CALLS}</scr</script>ipt>",
    f"<img src=x onerror={CALLS}>",
    f'"><img src=x onerror={CALLS}>',
    f"' onmouseover='{CALLS}' x='",
    f'" autofocus onfocus="{CALLS}',
    f"` onfocus={CALLS} autofocus `",
    f"<svg onload={CALLS}>",
    f"<svg><script>{CALLS}</script></svg>",
    f"<svg><animate onbegin={CALLS} attributeName=x dur=1s>",
    f'<svg><a xlink:href="javascript:{CALLS}"><text>x</text></a></svg>',
    f"<math><mtext><table><mglyph><style><img src=x onerror={CALLS}></style></mglyph></table></mtext></math>",
    f'<math href="javascript:{CALLS}">x</math>',
    f'<a href="javascript:{CALLS}">link</a>',
    f'<a href="JaVaScRiPt&colon;{CALLS}">link</a>',
    f'<a href="java\tscript:{CALLS}">link</a>',
    f'<a href="&#1;javascript:{CALLS}">link</a>',
    f'<a href="vbscript:{CALLS}">link</a>',
    f'<a href="data:text/html,<script>{CALLS}</script>">link</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">link</a>',
    f'<iframe src="javascript:{CALLS}"></iframe>',
    f'<iframe srcdoc="<script>parent.{CALLS}</script>"></iframe>',
    f'<object data="javascript:{CALLS}"></object>',
    '<embed src="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">',
    f'<form action="javascript:{CALLS}"><input type=submit value=x></form>',
    f'<button formaction="javascript:{CALLS}">x</button>',
    f"<input autofocus onfocus={CALLS}>",
    f"<details open ontoggle={CALLS}><summary>x</summary></details>",
    f"<video><source onerror={CALLS}></video>",
    f"<audio src=x onerror={CALLS}>",
    f"<body onload={CALLS}>",
    f"<marquee onstart={CALLS}>x</marquee>",
    f'<meta http-equiv=refresh content="0;url=javascript:{CALLS}">',
    '<base href="https://evil.example/">',
    '<link rel=stylesheet href="https://evil.example/x.css">',
    f"<style>@import 'javascript:{CALLS}';</style>",
    f'<div style="background:url(javascript:{CALLS})">x</div>',
    f'<div style="width:expression({CALLS})">x</div>',
    f'<noscript><p title="</noscript><img src=x onerror={CALLS}>">',
    f"<template><img src=x onerror={CALLS}></template>",
    f"<!--><img src=x onerror={CALLS}>-->",
    f"<![CDATA[><img src=x onerror={CALLS}>]]>",
    f'<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">{CALLS}</x:script>',
    f"<isindex action=javascript:{CALLS} type=image>",
    f"<xmp><img src=x onerror={CALLS}></xmp>",
    f"<plaintext><img src=x onerror={CALLS}>",
    f"<select><style></select><img src=x onerror={CALLS}></style>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={CALLS}>",
    f'<div hx-get="/files" hx-trigger="load" hx-on:click="{CALLS}" data-hx-on="{CALLS}">x</div>',
    f'<div data-controller="x" data-key="r" data-undo data-close-dialog id=composer class=x>{CALLS}</div>',
    f"{{{{ 7*7 }}}}{{% print(1) %}}<%= {CALLS} %>${{{CALLS}}}",
    f'<img src="cid:x" onload={CALLS}>',
    f'<p id="composer" name="body"><img name=cookie src=x onerror={CALLS}></p>',
    f"+ADw-script+AD4-{CALLS}+ADw-/script+AD4-",
    f"\u2028<img src=x onerror={CALLS}>\u202e",
    f"%3Cscript%3E{CALLS}%3C/script%3E&lt;script&gt;{CALLS}&lt;/script&gt;",
]
AROUND = [
    "<table><tr><td><svg><desc>{}</desc></svg></td></tr></table>",
    "<math><annotation-xml encoding='text/html'>{}</annotation-xml></math>",
    "<div><style><!--</style>{}--></style></div>",
    "<form><select><option>{}</option></select></form><p title='</p>{}'>",
]
"""What parsers of browsers and of servers read differently, around a payload."""
NESTED = [around.replace("{}", payload) for around in AROUND for payload in OWN]
URLS = {"href", "src", "action", "formaction", "data", "poster", "background", "xlink:href", "srcset", "cite"}
ACTIVE_URL = re.compile(r"(?:javascript|vbscript|data:text|data:image/svg|data:application):?", re.IGNORECASE)
OWN_SCRIPT = re.compile(r"/assets/\w+/\w+/\w+")
DATA_SCRIPTS = {"importmap", "application/json"}


OF_CORPUS = pytest.param(
    "corpus",
    marks=[
        pytest.mark.corpora,
        pytest.mark.skipif(
            not os.environ.get("RAPPORT_CORPORA"), reason="RAPPORT_CORPORA names no folder of payloads"
        ),
    ],
)
SETS = ["own", "nested", OF_CORPUS]
"""Which payloads a test takes: ours always, those of the corpus in a case of its own, seen to be skipped."""


def payloads(which: str) -> list[str]:
    """Return one of the ``SETS``; a corpus that is named and not there is an error."""
    if which in {"own", "nested"}:
        return OWN if which == "own" else NESTED
    file = Path(os.environ["RAPPORT_CORPORA"]) / "xss-html" / "vectors.jsonl"
    return [json.loads(line)["payload"] for line in file.read_text(encoding="utf-8").splitlines()]


def encoded(text: str) -> str:
    """One header value (RFC 2047) that holds the text whatever stands in it."""
    one_line = " ".join(text.split())
    words, rest = [], one_line.encode("utf-8", "replace").decode("utf-8")
    while rest:
        piece, rest = rest[:14], rest[14:]
        words.append(f"=?utf-8?B?{base64.b64encode(piece.encode()).decode()}?=")
    return "\r\n ".join(words)


def mail_of(payload: str, number: int, *, to: str, sender: str = "", html: bool = True) -> bytes:
    """A mail that carries the payload in every place a mail has."""
    name = encoded(payload)
    body = base64.encodebytes(payload.encode("utf-8", "replace")).decode()
    lines = [
        f"From: {name} <{sender or f'mallory{number}@evil.example'}>",
        f"To: {name} <{to}>, {name} <other{number}@evil.example>",
        f"Cc: {name} <copy{number}@evil.example>",
        f"Subject: {name}",
        f"Message-ID: <hostile.{number}.{len(payload)}.{int(html)}@evil.example>",
        f"Reply-To: {name} <{sender or f'mallory{number}@evil.example'}>",
        f"Organization: {name}",
        f"Keywords: {name}",
        f"X-Mailer: {name}",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="outer"',
        "",
        "--outer",
        f"Content-Type: text/{'html' if html else 'plain'}; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        "",
        body,
        "--outer",
        f'Content-Type: image/png; name="{name}"',
        f'Content-Disposition: attachment; filename="{name}"',
        f"Content-ID: <{number}@evil.example>",
        "Content-Transfer-Encoding: base64",
        "",
        body,
        "--outer",
        f'Content-Type: text/html; name="{number}.html"',
        "Content-Disposition: attachment",
        "Content-Transfer-Encoding: base64",
        "",
        body,
        "--outer",
        "Content-Type: text/calendar; method=REQUEST; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        "",
        base64.encodebytes(
            f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:{payload}\r\nEND:VEVENT\r\nEND:VCALENDAR".encode(
                "utf-8", "replace"
            )
        ).decode(),
        "--outer--",
        "",
    ]
    return "\r\n".join(lines).encode("utf-8")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and given.get("type") not in DATA_SCRIPTS:
            own = OWN_SCRIPT.fullmatch(given.get("src", "").partition("?")[0])
            if not own:
                self.found.append(f"<script {given}>")
        if tag in {"object", "embed", "applet", "portal", "math", "marquee"} or "srcdoc" in given:
            self.found.append(f"<{tag}>")
        if tag == "meta" and "http-equiv" in given:
            self.found.append("<meta http-equiv>")
        for name, value in given.items():
            squeezed = re.sub(r"[\x00-\x20\x7f-\x9f]", "", value)
            if name.startswith(("on", "hx-on", "data-hx-on")):
                self.found.append(f"{tag} {name}={value[:40]}")
            if name in URLS and ACTIVE_URL.match(squeezed):
                self.found.append(f"{tag} {name}={value[:40]}")


def active(page: str) -> list[str]:
    """Everything in a whole page of ours that could run, apart from our own script files."""
    judge = _Page()
    judge.feed(page)
    judge.close()
    return judge.found
