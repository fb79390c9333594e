"""Mails as people's programs make them: greeting, words, sign-off, signature, quoted history, HTML."""

from __future__ import annotations

from datetime import datetime
from html import escape
from random import Random
from zoneinfo import ZoneInfo

from rapport.demo.story.model import Company, Customer, MailIn, Reply
from rapport.demo.story.texts import capital, load, render

_MORNING = ("Guten Morgen", "Good morning", "Buenos días", "Goedemorgen")
_EVENING = ("Guten Abend", "Good evening", "Bonsoir", "Dobry wieczór")
_CAPITAL_AFTER_GREETING = ("en", "fr", "es", "nl")


def _greeting(rng: Random, customer: Customer, at: datetime) -> str:
    """A greeting of the language that suits the hour where the customer lives."""
    phrases = load("phrases")[customer.language]
    hour = at.astimezone(ZoneInfo(customer.time_zone)).hour
    unfit = (() if hour < 11 else _MORNING) + (() if hour >= 17 else _EVENING)
    greetings = phrases.get(f"greet_{customer.country}", phrases["greet"])
    return str(rng.choice([words for words in greetings if not words.startswith(unfit)]))


def greeted(rng: Random, customer: Customer, words: str, at: datetime, *, again: bool = False) -> str:
    """The words with a greeting in front, as this person would write them."""
    if rng.random() < (0.5 if again else 0.13):
        return capital(words)
    greeting = _greeting(rng, customer, at)
    text = capital(words) if customer.language in _CAPITAL_AFTER_GREETING else words
    return f"{greeting}\n{'' if again and rng.random() < 0.5 else chr(10)}{text}"


def signed(
    rng: Random, customer: Customer, firm: Company | None, slots: dict[str, str], *, again: bool = False
) -> str:
    """Sign-off and signature."""
    phrases = load("phrases")[customer.language]
    name = customer.name
    close = render(rng.choice(phrases["close"]), rng, slots, customer.gender)
    draw = rng.random()
    if firm and not again:
        return (
            f"{close}\n\n{name}\n{firm.name}\n{customer.street}, {customer.city}\n{customer.phone}\n"
            f"{customer.email} | www.{firm.domain}"
        )
    if customer.client == "iphone" and draw < 0.75:
        return f"{name if draw < 0.3 else customer.first_name}\n\n{phrases['phone_line']}"
    if again and draw < 0.55:
        return f"{close}\n{customer.first_name}"
    if draw > 0.82:
        return f"{close}\n{name}\n\n{customer.street}\n{customer.postcode} {customer.city}\n{customer.phone}"
    if customer.client == "thunderbird" and draw > 0.6:
        return f"{close}\n{name}\n\n-- \n{name} · {customer.city}"
    return f"{close}\n{name}"


def _header(kind: str, language: str, at: datetime, who: str, address: str) -> str:
    """The line in front of quoted words."""
    phrases = load("phrases")
    fields = {
        "d": str(at.day),
        "dd": f"{at.day:02d}",
        "mm": f"{at.month:02d}",
        "Y": str(at.year),
        "HM": f"{at:%H:%M}",
        "ddd": phrases["days"][language][at.weekday()][: 2 if language in ("de", "nl") else 3],
        "Mon": phrases["months"][language][at.month - 1][: 20 if language == "de" else 3],
        "who": who,
        "address": address,
    }
    return str(phrases[kind][language]).format(**fields)


def quoted(customer: Customer, reply: Reply, answered: MailIn, inbox_name: str, subject: str) -> str:
    """The history below an answer, in the manner of the customer's mail program."""
    local = reply.at.astimezone(ZoneInfo(customer.time_zone))
    language = customer.language
    if customer.client == "outlook":
        sent, to, about = load("phrases")["outlook"][language][1:]
        return (
            f"{load('phrases')['outlook'][language][0]}: {inbox_name} <{answered.to}>\n"
            f"{sent}: {local:%d.%m.%Y %H:%M}\n{to}: {customer.name} <{answered.from_address}>\n"
            f"{about}: {subject}\n\n{reply.text}"
        )
    kind = customer.client if customer.client in ("gmail", "iphone") else "thunderbird"
    older = answered.at.astimezone(ZoneInfo(customer.time_zone))
    lines = [
        *reply.text.splitlines(),
        "",
        _header(kind, language, older, answered.from_name, answered.from_address),
    ]
    lines += [f"> {line}".rstrip() for line in answered.text.split("\n> ")[0].splitlines()]
    body = "\n".join(f"> {line}".rstrip() for line in lines)
    return f"{_header(kind, language, local, inbox_name, answered.to)}\n\n{body}"


def _paragraphs(text: str, opening: str, closing: str) -> str:
    parts = [escape(part, quote=False).replace("\n", "<br>\n") for part in text.split("\n\n")]
    return "\n".join(f"{opening}{part}{closing}" for part in parts if part.strip())


def html(customer: Customer, text: str, history: str) -> str:
    """The HTML part that the mail program would add, "" for those that write plain text only."""
    quote = _paragraphs(history, "<div>", "</div><div><br></div>") if history else ""
    if customer.client == "gmail":
        older = (
            f'<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{quote}</div></div>'
            if quote
            else ""
        )
        return f'<div dir="ltr">{_paragraphs(text, "<div>", "</div><div><br></div>")}</div>{older}\n'
    if customer.client == "outlook":
        words = _paragraphs(text, "<p class=MsoNormal>", "</p><p class=MsoNormal>&nbsp;</p>")
        older = (
            '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
            f"{_paragraphs(history, '<p class=MsoNormal>', '</p>')}</div>"
            if history
            else ""
        )
        return (
            f'<html lang="{customer.language}"><head>'
            '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
            "<style>p.MsoNormal {margin:0cm; font-size:11.0pt; font-family:Calibri,sans-serif}</style></head>"
            f'<body><div class="WordSection1">{words}{older}</div></body></html>\n'
        )
    if customer.client == "iphone":
        older = f'<div dir="ltr"><br><blockquote type="cite">{quote}</blockquote></div>' if quote else ""
        return (
            '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>'
            f'<body dir="auto">{_paragraphs(text, "<div>", "</div><div><br></div>")}{older}</body></html>\n'
        )
    return ""
