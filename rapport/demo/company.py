"""The demo company's brands, teams, people and inboxes."""

from dataclasses import dataclass
from html import escape

from django.contrib.auth.hashers import make_password

from rapport.canned_replies.actions import Wording, create_canned_reply
from rapport.channels.email.models import EmailSettings, Incoming, Outgoing, Security
from rapport.customers.actions.companies import create_company
from rapport.demo.story import Story
from rapport.demo.story.texts import load
from rapport.inboxes.models import Inbox
from rapport.kernel.text.paragraphs import paragraphs
from rapport.staff.actions.brands import create_brand
from rapport.staff.actions.create_agent import create_agent
from rapport.staff.actions.teams import create_team
from rapport.staff.actions.update_profile import update_profile
from rapport.staff.models import Account, Agent, Brand, Team
from rapport.staff.roles import Role

PASSWORD = "landstrich"
"""Of everybody on the demo's staff; it is printed at every start and opens nothing but the demo."""
MAIL_SERVER = "mx.landstrich.example"
"""Name under which the demo's mail server vouches for senders (RFC 8601)."""
LANGUAGE = "en"


@dataclass(frozen=True)
class Company:
    """Everybody and everything that the story names, by its keys."""

    brands: dict[str, Brand]
    teams: dict[str, Team]
    inboxes: dict[str, Inbox]
    agents: dict[str, Agent]


def found(story: Story) -> Company:
    """Make the company that the story tells of."""
    brands = {
        brand.key: create_brand(
            actor=None,
            name=brand.name,
            colour=brand.colour,
            website=f"https://{brand.domain}",
            signature_html=_lines(brand.signature),
        )
        for brand in story.brands
    }
    teams = {team.key: create_team(actor=None, name=team.name) for team in story.teams}
    agents = {person.key: _hire(person.key, story, brands, teams) for person in story.staff}
    # One hash for all: making it costs a tenth of a second of every core on purpose.
    Account.objects.update(password=make_password(PASSWORD))
    inboxes = {box.key: _open(box.key, story, brands, teams) for box in story.inboxes}
    for firm in story.companies:
        create_company(
            agent=agents["marlene"], name=firm.name, domain=firm.domain, notes=f"{firm.city}, {firm.country}"
        )
    _offer_replies(brands, teams, agents)
    return Company(brands, teams, inboxes, agents)


def _hire(key: str, story: Story, brands: dict[str, Brand], teams: dict[str, Team]) -> Agent:
    person = next(each for each in story.staff if each.key == key)
    agent = create_agent(
        actor=None,
        address=person.email,
        name=person.name,
        role=Role(person.role),
        team_ids=[teams[team].pk for team in person.teams],
        brand_ids=[brands[brand].pk for brand in person.brands],
        time_zone=person.time_zone,
        bio=person.bio,
    )
    update_profile(
        actor=None,
        agent=agent,
        name=agent.name,
        public_name="",
        bio=agent.bio,
        language=LANGUAGE,
        time_zone=agent.time_zone,
        signature_html=_lines(person.signature),
    )
    return agent


def _open(key: str, story: Story, brands: dict[str, Brand], teams: dict[str, Team]) -> Inbox:
    told = next(each for each in story.inboxes if each.key == key)
    inbox = Inbox.objects.create(
        name=told.name, address=told.address, brand=brands[told.brand], team=teams[told.team]
    )
    EmailSettings.objects.create(
        inbox=inbox,
        incoming=Incoming.SERVER,
        outgoing=Outgoing.SMTP,
        smtp_host="127.0.0.1",
        smtp_security=Security.NONE,
        authserv_id=MAIL_SERVER,
    )
    return inbox


def _offer_replies(brands: dict[str, Brand], teams: dict[str, Team], agents: dict[str, Agent]) -> None:
    for told in load("canned")["reply"]:
        brand, team = brands.get(told.get("brand", "")), teams.get(told.get("team", ""))
        create_canned_reply(
            actor=agents["aylin"],
            wording=Wording(
                name=told["name"],
                shortcut=told["shortcut"],
                html=paragraphs(told["text"].strip()),
                brand_id=brand.pk if brand else None,
                team_id=team.pk if team else None,
                language=told["language"],
            ),
        )


def _lines(text: str) -> str:
    return f"<p>{'<br>'.join(escape(line) for line in text.splitlines())}</p>"
