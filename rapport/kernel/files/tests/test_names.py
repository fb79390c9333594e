"""SEC-04: names from outside neither escape a folder nor break a header nor deceive a reader."""

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rapport.kernel.files.names import FALLBACK, MAX_CHARACTERS, disposition, safe_name, uploaded_name

HOSTILE = [
    "../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "C:\\Windows\\x.dll", ".htaccess", "..", ".",
    "", " ", "\0", "a\0.png",
    "a\r\nSet-Cookie: x=1.txt", 'a"; filename="evil.html', "a'.txt", "a;b.txt", "a%0d%0ab", "%2e%2e%2fx",
    "\u200b.htaccess",
    "photo\u202egnp.exe", "\u2066x\u2069", "x\ufeff.pdf", "CON", "con.txt", "COM1", "com1.tar.gz",
    "LPT9.doc", "NUL ", "aux.", "CONIN$",
    "a" * 4096, "a" * 4096 + ".pdf", "ä" * 3000 + ".pdf", "x." + "e" * 500, "+ADw-script+AD4-.txt",
    "<script>alert(1)</script>.png",
    "a|b.txt", "a*b?.txt", "a:b.txt", "file.pdf ", "file.pdf.", "Rechnung März.pdf", "見積書.pdf",
    "счёт.pdf", "\ud800.txt", "🚲.jpg",
    "\u2028x.txt", "a\tb.txt", "./x", "x/", "//", "a/b/c.txt", "~", "~root", "-rf", "$(id)", "`id`",
    "x\x7f.txt", "x\x85.txt", "=1+1.csv",
]  # fmt: skip
HOSTILE += [f"{device}{end}" for device in ("prn", "com2", "lpt3") for end in ("", ".txt", " .txt", ".")]
HOSTILE += [
    f"{bad}report.pdf"
    for bad in ("\x01", "\x1b[2J", "\u061c", "\u200e", "\u200f", "\u202a", "\u2067", "\ufff9")
]
HOSTILE += [f"rep{mark}ort.exe" for mark in "\u00ad\u180e\u2060\u2061\u2062\u2063\u2064\u206a\u206f"]
HOSTILE += [
    f"{climb}secret"
    for climb in ("....//", "..;/", "..\\/", "\u2025/", "%252e/", "..\uff0f", "\u2215", "\u29f8")
]
HOSTILE += [f"x{chr(number)}y.txt" for number in (*range(32), *range(127, 160))]
HOSTILE += [f"invoice{space}.pdf" for space in "\u00a0\u1680\u2000\u2009\u202f\u205f\u3000"]
HOSTILE += [
    f"{mark}.htaccess" for mark in "\u00ad\u061c\u180e\u200c\u200d\u2060\u2064\u206f\ufe00\ufff9\u3164\uffa0"
]
HOSTILE += [
    f"shell.{end}"
    for end in ("php", "pht", "phtml", "php\u200b", "php.", "php ", "php::$DATA", "asp;.jpg", "cgi\0.png")
]
HOSTILE += [
    f"{scheme}:alert(1)"
    for scheme in ("javascript", "data", "vbscript", "file", "JaVaScRiPt", "\u0001javascript")
]
HOSTILE += [
    f'x"{end}'
    for end in ("onload=alert(1) ", "\\", '\\"', "\r\n\r\n<script>", "\n filename=b", "\u0085", "*=UTF-8''x")
]


def _assert_safe(name: str) -> None:
    assert name
    assert len(name) <= MAX_CHARACTERS
    assert not set(name) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(mark) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for mark in name)
    assert name not in {".", ".."}
    assert not name.startswith(".")
    assert name == name.strip(". ")
    name.encode()


def test_there_are_enough_of_them():
    assert len(set(HOSTILE)) >= 200


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name):
    _assert_safe(safe_name(name))
    _assert_header(disposition(name, inline=False))


@given(st.text())
@example("a" * 200 + ". .pdf")
def test_any_name(name):
    _assert_safe(safe_name(name))
    assert safe_name(safe_name(name)) == safe_name(name)
    _assert_header(disposition(name, inline=True))


def _assert_header(value: str) -> None:
    plain = r"(attachment|inline); filename=\"[A-Za-z0-9 ._()-]+\""
    assert re.fullmatch(plain + r"(; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]+)?", value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\scan 1.pdf", "scan 1.pdf"),
        (".htaccess", "htaccess"),
        ("\u200b.htaccess", "htaccess"),
        ("con.txt", "_con.txt"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("", FALLBACK),
        ("Ma\u0308rz.pdf", "März.pdf"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
    ],
)
def test_good_names_stay_readable(given, kept):
    assert safe_name(given) == kept


def test_quotation_marks_in_an_uploads_name_were_kept_as_a_browser_escapes_them():
    assert uploaded_name("the %22long%22 one%0D%0A.txt") == "the _long_ one.txt"
    assert uploaded_name("100%25.txt") == "100%25.txt"


def test_the_header_carries_the_full_name():
    value = disposition("Rechnung März 見積.pdf", inline=False)
    assert value.startswith('attachment; filename="Rechnung Marz .pdf"')
    assert unquote(value.partition("UTF-8''")[2]) == "Rechnung März 見積.pdf"
    assert disposition("a.pdf", inline=True) == 'inline; filename="a.pdf"'
