"""A small company to test in: two brands, two teams, one agent of each role, two inboxes."""

from dataclasses import dataclass
from email.message import EmailMessage

from rapport.channels.email.models import EmailSettings
from rapport.channels.ingest.queue import handle
from rapport.conversations.models import Conversation, Message
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Inbox, RawInbound
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.queues import queue
from rapport.staff.models import Account, Agent, Brand, Team
from rapport.staff.roles import Role

PASSWORD = "correct horse battery"


@dataclass
class World:
    """The company, with one agent per role under the role's name."""

    brand: Brand
    other_brand: Brand
    team: Team
    other_team: Team
    inbox: Inbox
    other_inbox: Inbox
    agents: dict[Role, Agent]

    def agent(self, role: Role = Role.REPRESENTATIVE) -> Agent:
        """Return the agent of a role, fresh from the database."""
        return Agent.objects.select_related("account").get(pk=self.agents[role].pk)


def build(*, mail_server: str = "") -> World:
    """Make the company. The agents belong to ``team`` and ``brand``.

    ``mail_server`` is whose verdicts on senders the inbox believes.
    """
    brand = Brand.objects.create(name="Velo Nord", signature_html="<p>{agent.name}<br>{brand.name}</p>")
    other_brand = Brand.objects.create(name="Zweirad Refit")
    team = Team.objects.create(name="Service")
    other_team = Team.objects.create(name="Workshop")
    inbox = Inbox.objects.create(name="Support", address="support@velonord.example", brand=brand, team=team)
    if mail_server:
        EmailSettings.objects.create(inbox=inbox, authserv_id=mail_server)
    other_inbox = Inbox.objects.create(
        name="Workshop", address="workshop@refit.example", brand=other_brand, team=other_team
    )
    agents = {}
    for role in Role:
        account = Account.objects.create(email=f"{role.value}@staff.example")
        agent = Agent.objects.create(account=account, name=role.label.title(), role=role)
        agent.teams.add(team)
        agent.brands.add(brand)
        agents[role] = agent
    return World(brand, other_brand, team, other_team, inbox, other_inbox, agents)


def mail(
    *,
    sender: str = "Ada Byron <ada@customer.example>",
    to: str = "support@velonord.example",
    subject: str = "Where is my parcel?",
    text: str = "Hello, where is my parcel?",
    **headers: str,
) -> bytes:
    """Return a plain mail; ``headers`` with underscores for hyphens."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = headers.pop(
        "Message_ID", f"<{abs(hash((sender, subject, text)))}@customer.example>"
    )
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def ingest() -> list[RawInbound]:
    """Read every raw row that waits, as the worker does."""
    ingesting = queue("ingest")
    rows = claim(ingesting.rows(), limit=100, lease=ingesting.lease, worker="test", order=ingesting.order)
    for row in rows:
        handle(row)
    return [RawInbound.objects.get(pk=row.pk) for row in rows]


def receive(inbox: Inbox, content: bytes) -> RawInbound:
    """Store a mail and read it."""
    raw = store_raw(inbox=inbox, content=content, source="pipe")
    ingest()
    return RawInbound.objects.get(pk=raw.pk)


def conversation_of(raw: RawInbound) -> Conversation:
    """Return the conversation that a raw row became part of."""
    return Message.objects.get(raw=raw).conversation
