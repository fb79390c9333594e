"""Four hundred believable people: names, homes, mailboxes, firms, couples."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from random import Random
from typing import Any

from rapport.demo.story.model import Company, Customer, Language, MailClient
from rapport.demo.story.texts import load

_LANGUAGES: dict[str, Language] = {
    "DE": "de",
    "AT": "de",
    "CH": "de",
    "FR": "fr",
    "ES": "es",
    "NL": "nl",
    "BE": "nl",
    "PL": "pl",
}
_MAILBOXES = {
    "DE": ("postfach.example", "blitzpost.example", "mailbox-nord.example", "webpost.example"),
    "AT": ("alpenpost.example", "webpost.example"),
    "CH": ("bluemail-ch.example", "alpenpost.example"),
    "FR": ("boite-bleue.example", "courriel.example"),
    "ES": ("correo.example", "buzonlibre.example"),
    "NL": ("brievenbus.example", "thuismail.example"),
    "BE": ("brievenbus.example",),
    "PL": ("poczta.example", "skrzynka.example"),
}
_WORLD = ("inbox.example", "quickmail.example", "hushpost.example", "mailhaven.example")
_CLIENTS: tuple[MailClient, ...] = ("gmail", "iphone", "outlook", "thunderbird", "webmail")
_NOTES = (
    "Rides to work all year.",
    "Prefers a call after five.",
    "Has two children's bikes from us as well.",
    "Very precise, likes part numbers.",
    "Member of a touring club.",
    "Collects in the shop whenever possible.",
)
_TAGS = ("regular", "newsletter", "bike club", "leasing", "workshop customer")


def plain(name: str) -> str:
    """A name as it stands in a mail address: lower case, without marks."""
    for mark, letters in (
        ("ä", "ae"),
        ("ö", "oe"),
        ("ü", "ue"),
        ("ß", "ss"),
        ("ø", "o"),
        ("æ", "ae"),
        ("ł", "l"),
        ("ı", "i"),
    ):
        name = name.lower().replace(mark, letters)
    name = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in name if letter.isascii() and letter.isalnum())


def _address(rng: Random, first: str, last: str, country: str, taken: set[str]) -> str:
    a, b = plain(first), plain(last)
    domain = rng.choice(_MAILBOXES.get(country, _WORLD) + (_WORLD[:2] if rng.random() < 0.4 else ()))
    forms = [f"{a}.{b}", f"{a[0]}.{b}", f"{a}{b[:4]}{rng.randrange(60, 99)}", f"{b}.{a}", f"{a}_{b}"]
    local = rng.choices(forms, (6, 3, 3, 2, 1))[0]
    while f"{local}@{domain}" in taken:
        local += str(rng.randrange(10))
    taken.add(f"{local}@{domain}")
    return f"{local}@{domain}"


def _person(rng: Random, number: int, block: str, data: dict[str, Any], taken: set[str]) -> Customer:
    place = data[block]
    country = place.get("country", block)
    names = data[country]
    gender = rng.choice("fm")
    first, last = rng.choice(names[gender]), rng.choice(names["last"])
    postcode, city, region = rng.choice(place["places"])
    street, house = rng.choice(place["streets"]), rng.randrange(1, 140)
    before = country in ("FR", "GB", "IE")
    digits = "".join(str(rng.randrange(10)) for _ in range(8))
    return Customer(
        key=f"c{number:03d}",
        first_name=first,
        last_name=last,
        gender=gender,
        email=_address(rng, first, last, country, taken),
        language=_LANGUAGES.get(country, "en"),
        country=country,
        region=region,
        street=f"{house} {street}" if before else f"{street} {house}",
        postcode=postcode,
        city=city,
        phone=f"{place['phone']}{digits[0]} {digits[1:4]} {digits[4:]}",
        time_zone=place["zone"],
        client=rng.choices(_CLIENTS, (30, 22, 20, 13, 15))[0],
        note=rng.choice(_NOTES) if rng.random() < 0.12 else "",
        tags=(rng.choice(_TAGS),) if rng.random() < 0.2 else (),
    )


def companies(rng: Random) -> list[Company]:
    """The firms that buy from the shop."""
    data = load("people")
    found: list[Company] = []
    for country, names in data["companies"].items():
        for name in names:
            domain = "-".join(filter(None, (plain(word) for word in name.split()))) + ".example"
            city = rng.choice(data[country]["places"])[1]
            found.append(Company(f"f{len(found) + 1:02d}", name, domain, country, city))
    return found


def _employ(rng: Random, people: list[Customer], firms: list[Company]) -> None:
    """Give each firm one to three of the people, with the firm's address."""
    free = list(range(len(people)))
    rng.shuffle(free)
    for firm in firms:
        fitting = [
            i
            for i in free
            if people[i].country == firm.country and people[i].region not in ("Hamburg", "Bremen")
        ]
        for index in fitting[: rng.choice((1, 2, 2, 3))]:
            free.remove(index)
            person = people[index]
            email = f"{plain(person.first_name)[0]}.{plain(person.last_name)}@{firm.domain}"
            people[index] = replace(
                person,
                company=firm.key,
                email=email,
                client="outlook",
                city=firm.city,
                other_emails=(person.email,),
            )


def _couples(rng: Random, people: list[Customer], taken: set[str]) -> None:
    """Let eight pairs live together, and five people share their mailbox with somebody."""
    data = load("people")
    private = [i for i, person in enumerate(people) if not person.company]
    rng.shuffle(private)
    pairs = [(a, b) for a in private[:60] for b in private[60:] if people[a].country == people[b].country]
    used: set[int] = set()
    for a, b in pairs:
        if len(used) == 16:
            break
        if a not in used and b not in used and people[a].region == people[b].region:
            home = people[a]
            used |= {a, b}
            people[b] = replace(
                people[b],
                street=home.street,
                postcode=home.postcode,
                city=home.city,
                last_name=home.last_name,
                email=_address(rng, people[b].first_name, home.last_name, home.country, taken),
            )
    for index in [i for i in private if i not in used][:5]:
        person = people[index]
        other = rng.choice(data[person.country]["m" if person.gender == "f" else "f"])
        email = (
            f"familie.{plain(person.last_name)}@"
            if person.language == "de"
            else f"{plain(person.last_name)}.home@"
        )
        email += person.email.split("@")[1]
        people[index] = replace(person, email=email, household=(f"{other} {person.last_name}",))


def customers(rng: Random, firms: list[Company]) -> list[Customer]:
    """Everybody except the people whose story is planted; keys c001, c002 …"""
    data = load("people")
    taken: set[str] = set()
    people: list[Customer] = []
    seen: set[str] = set()
    for block, place in data.items():
        count = place.get("w", 0)
        while count:
            person = _person(rng, len(people) + 1, block, data, taken)
            if person.name in seen:
                continue
            seen.add(person.name)
            people.append(person)
            count -= 1
    _employ(rng, people, firms)
    _couples(rng, people, taken)
    return people
