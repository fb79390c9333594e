"""The shop: Landstrich (bicycles, outdoor gear), Zweitgang (refurbished bikes), and who works there."""

from __future__ import annotations

from rapport.demo.story.model import Brand, Inbox, Staff, Team

BRANDS = (
    Brand(
        "landstrich",
        "Landstrich",
        "landstrich.example",
        "#1f6f5c",
        "#e8b84a",
        "Bikes and gear for going outside",
        "Landstrich GmbH · Hafenstraße 14 · 34125 Kassel\nlandstrich.example · Mon–Fri 8–18, Sat 9–14",
    ),
    Brand(
        "zweitgang",
        "Zweitgang",
        "zweitgang.example",
        "#b4472e",
        "#2d3f58",
        "Good bikes deserve a second go",
        "Zweitgang – refurbished bikes by Landstrich · Werkhof 3 · 34127 Kassel\nzweitgang.example",
    ),
)

TEAMS = (
    Team(
        "service", "Service", "First answer to everything that is not an order or a repair.", ("landstrich",)
    ),
    Team("orders", "Orders & Returns", "Parcels, invoices, exchanges and refunds.", ("landstrich",)),
    Team("workshop", "Workshop", "Mechanics' questions, warranty, recalls.", ("landstrich", "zweitgang")),
    Team("business", "Business customers", "Fleets, leasing, clubs and schools.", ("landstrich",)),
    Team("zweitgang", "Zweitgang", "Refurbished bikes: buying and selling.", ("zweitgang",)),
)

INBOXES = (
    Inbox("landstrich-support", "landstrich", "Support", "support@landstrich.example", "service"),
    Inbox("landstrich-orders", "landstrich", "Orders", "orders@landstrich.example", "orders"),
    Inbox("landstrich-returns", "landstrich", "Returns", "returns@landstrich.example", "orders"),
    Inbox("landstrich-business", "landstrich", "Business", "business@landstrich.example", "business"),
    Inbox("zweitgang-hello", "zweitgang", "Hello", "hello@zweitgang.example", "zweitgang"),
    Inbox("zweitgang-sell", "zweitgang", "Sell your bike", "sell@zweitgang.example", "zweitgang"),
)

_BERLIN = "Europe/Berlin"
_BOTH = ("landstrich", "zweitgang")
_ONE = ("landstrich",)

STAFF = (
    Staff(
        "marlene",
        "Marlene Hoffrogge",
        "marlene@landstrich.example",
        "manager",
        ("service", "orders", "workshop", "business", "zweitgang"),
        _BOTH,
        ("de", "en"),
        _BERLIN,
        "f",
        "Runs customer service. Started in the Kassel shop in 2009 and still trues her own wheels.",
        "Marlene Hoffrogge\nHead of Customer Service",
    ),
    Staff(
        "tomasz",
        "Tomasz Wrona",
        "tomasz@landstrich.example",
        "administrator",
        ("service",),
        _BOTH,
        ("pl", "de", "en"),
        "Europe/Warsaw",
        "m",
        "Keeps the systems running from Wrocław; answers Polish customers when Kasia is away.",
        "Tomasz Wrona\nSystems",
    ),
    Staff(
        "aylin",
        "Aylin Demirtaş",
        "aylin@landstrich.example",
        "team_lead",
        ("service", "orders"),
        _ONE,
        ("de", "tr", "en"),
        _BERLIN,
        "f",
        "Leads Service and Orders. Knows every carrier's dispatcher by first name.",
        "Aylin Demirtaş\nTeam lead Service",
    ),
    Staff(
        "jonas",
        "Jonas Petersen",
        "jonas@landstrich.example",
        "team_lead",
        ("workshop", "zweitgang"),
        _BOTH,
        ("de", "en", "da"),
        _BERLIN,
        "m",
        "Master mechanic from Flensburg. Leads the workshop desk and signs off every recall.",
        "Jonas Petersen\nMaster mechanic, Workshop",
    ),
    Staff(
        "siobhan",
        "Siobhán Keane",
        "siobhan@landstrich.example",
        "specialist",
        ("service", "workshop"),
        _ONE,
        ("en", "ga"),
        "Europe/Dublin",
        "f",
        "Looks after the UK and Ireland from Galway. Tours with a tent that she has repaired eleven times.",
        "Siobhán Keane\nCustomer Service UK & Ireland",
    ),
    Staff(
        "ikenna",
        "Ikenna Obi",
        "ikenna@landstrich.example",
        "specialist",
        ("orders", "business"),
        _ONE,
        ("en", "de"),
        "Europe/London",
        "m",
        "Orders and fleets. Ten years with a parcel firm, so tracking pages do not frighten him.",
        "Ikenna Obi\nOrders & Business",
    ),
    Staff(
        "minh-anh",
        "Nguyễn Minh Anh",
        "minh.anh@landstrich.example",
        "representative",
        ("service", "orders"),
        _ONE,
        ("de", "vi", "en"),
        _BERLIN,
        "f",
        "Returns and refunds in Leipzig. Studies logistics in the evenings.",
        "Minh Anh\nOrders & Returns",
    ),
    Staff(
        "claire",
        "Claire Vasseur",
        "claire@landstrich.example",
        "representative",
        ("service", "orders", "workshop", "zweitgang"),
        _BOTH,
        ("fr", "en"),
        "Europe/Paris",
        "f",
        "Everything French, from Lyon. Races cyclocross in winter.",
        "Claire Vasseur\nService clients",
    ),
    Staff(
        "lucia",
        "Lucía Ferrández",
        "lucia@landstrich.example",
        "representative",
        ("service", "orders", "workshop", "zweitgang"),
        _BOTH,
        ("es", "en", "de"),
        "Europe/Madrid",
        "f",
        "Everything Spanish, from Valencia. Commutes by cargo bike with two children in the box.",
        "Lucía Ferrández\nAtención al cliente",
    ),
    Staff(
        "bram",
        "Bram de Wit",
        "bram@landstrich.example",
        "representative",
        ("service", "orders", "workshop", "zweitgang"),
        _BOTH,
        ("nl", "de", "en"),
        "Europe/Amsterdam",
        "m",
        "Dutch and German customers. Repairs hub gears for fun.",
        "Bram de Wit\nKlantenservice",
    ),
    Staff(
        "kasia",
        "Katarzyna Zielińska",
        "kasia@landstrich.example",
        "representative",
        ("service", "orders", "workshop", "zweitgang"),
        _BOTH,
        ("pl", "de", "en"),
        "Europe/Warsaw",
        "f",
        "Polish and German customers. Finds what the search does not.",
        "Katarzyna Zielińska\nObsługa klienta",
    ),
    Staff(
        "henrike",
        "Henrike Baumann",
        "henrike@landstrich.example",
        "qa_analyst",
        ("service",),
        _BOTH,
        ("de", "en"),
        "Europe/Zurich",
        "f",
        "Reads what we write and says kindly what could be better.",
        "Henrike Baumann\nQuality",
    ),
    Staff(
        "rafael",
        "Rafael Teixeira Lopes",
        "rafael@landstrich.example",
        "collaborator",
        ("workshop",),
        _BOTH,
        ("pt", "de", "en"),
        _BERLIN,
        "m",
        "Wheelbuilder and battery man in the workshop. Answers when he is asked by name.",
        "Rafael Teixeira Lopes\nWorkshop",
    ),
    Staff(
        "salma",
        "Salma Haddad",
        "salma@landstrich.example",
        "collaborator",
        ("orders",),
        _ONE,
        ("ar", "fr", "de"),
        _BERLIN,
        "f",
        "Shift lead in the warehouse. Can find any parcel that has not left the building.",
        "Salma Haddad\nWarehouse",
    ),
)

STAFF_BY_KEY = {person.key: person for person in STAFF}
INBOX_BY_KEY = {inbox.key: inbox for inbox in INBOXES}

_DESKS: dict[tuple[str, str], tuple[str, ...]] = {
    ("service", "de"): ("aylin", "minh-anh", "bram", "kasia"),
    ("orders", "de"): ("minh-anh", "aylin", "bram", "kasia", "minh-anh"),
    ("workshop", "de"): ("jonas", "bram", "jonas", "kasia"),
    ("business", "de"): ("ikenna", "marlene"),
    ("zweitgang", "de"): ("jonas", "bram", "kasia"),
    ("service", "en"): ("siobhan", "siobhan", "minh-anh"),
    ("orders", "en"): ("ikenna", "ikenna", "minh-anh", "siobhan"),
    ("workshop", "en"): ("siobhan", "jonas"),
    ("business", "en"): ("ikenna",),
    ("zweitgang", "en"): ("jonas", "lucia"),
}
_BY_LANGUAGE: dict[str, tuple[str, ...]] = {
    "fr": ("claire",),
    "es": ("lucia",),
    "nl": ("bram",),
    "pl": ("kasia", "kasia", "tomasz"),
}


def desk(team: str, language: str) -> tuple[str, ...]:
    """Who answers for a team in a language, more often those who stand there twice."""
    return _BY_LANGUAGE.get(language) or _DESKS[team, language]
