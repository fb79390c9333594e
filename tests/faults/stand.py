"""Everything that a run needs: mail servers, the product, customers, agents, and the draining between."""

import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from tests.faults.processes import PipeHost, Product
from tests.faults.traffic import AGENT, INBOX, MAILBOX, PASSWORD, Answering, Customer, Ledger, Traffic
from tests.faults.verdict import Verdict, judge
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.postfix import Postfix, postfix
from tests.servers.smtp_sink import Sink, smtp_sink

DRAIN_SECONDS = 120.0


class Stand:
    """Servers and product, running from enter to exit."""

    def __init__(self, folder: Path, environment: dict[str, str], *, bug: str, log: Path) -> None:
        self.folder, self.environment = folder, environment
        log.mkdir(parents=True, exist_ok=True)
        self.product = Product(environment, bug=bug, log=log)
        self.ledger = Ledger()
        self.traffic = Traffic(self.ledger)
        self.stack = ExitStack()
        self.seen = 0

    def __enter__(self) -> "Stand":
        try:
            self._start()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.close()

    def _start(self) -> None:
        from rapport.config.cli.migrate import migrate

        migrate()
        host = PipeHost(self.product, self.folder)
        self.stack.callback(host.close)
        self.sink: Sink = self.stack.enter_context(smtp_sink(late=0.5))
        self.box: Dovecot = self.stack.enter_context(dovecot())
        lmtp = int(self.environment["RAPPORT_LMTP_PORT"])
        self.by_lmtp: Postfix = self.stack.enter_context(postfix(lmtp_port=lmtp))
        self.by_pipe: Postfix = self.stack.enter_context(postfix(pipe=host.command))
        self._company()
        self.stack.callback(self.product.stop)
        for name in ("web", "worker", "mail"):
            self.product.start(name)
        self.product.wait_until_up()
        self._wait_for_mailbox()
        self.stack.callback(self.traffic.close)
        self._people()

    def _company(self) -> None:
        from rapport.channels.email.models import EmailSettings, Incoming, Outgoing, Security
        from rapport.inboxes.models import Inbox
        from rapport.staff.models import Account, Agent, Brand, Team
        from rapport.staff.roles import Role

        brand, team = Brand.objects.create(name="Shop"), Team.objects.create(name="Service")
        account = Account.objects.create_user(AGENT, PASSWORD)
        agent = Agent.objects.create(account=account, name="Ada", role=Role.ADMINISTRATOR)
        agent.teams.add(team)
        agent.brands.add(brand)
        for address in (INBOX, MAILBOX):
            inbox = Inbox.objects.create(name=address, address=address, brand=brand, team=team)
            EmailSettings.objects.create(
                inbox=inbox,
                incoming=Incoming.IMAP if address == MAILBOX else Incoming.SERVER,
                imap_host=self.box.host,
                imap_port=self.box.imap_port,
                imap_security=Security.NONE,
                imap_user=MAILBOX,
                imap_secret=self.box.password,
                outgoing=Outgoing.SMTP,
                smtp_host=self.sink.host,
                smtp_port=self.sink.port,
                smtp_security=Security.NONE,
            )

    def _wait_for_mailbox(self) -> None:
        from rapport.channels.email.models import MailboxCursor

        self._until(MailboxCursor.objects.exists, "the first look into the mailbox")

    def _people(self) -> None:
        ports = [self.by_lmtp.port, self.by_pipe.port]
        for name in ("a", "b"):
            customer = Customer(self.ledger, name=name, ports=ports, to=INBOX)
            self.traffic.add(customer.write, (0.0, 0.3))
        boxed = Customer(self.ledger, name="box", ports=[self.box.lmtp_port], to=MAILBOX, lmtp=True)
        self.traffic.add(boxed.write, (0.0, 0.3))
        first = Answering(self.ledger, self.environment["RAPPORT_URL"], self._any_conversation, "x1")
        first.sign_in()
        for name in ("x1", "x2", "x3", "x4", "x5"):
            agent = Answering(self.ledger, self.environment["RAPPORT_URL"], self._any_conversation, name)
            agent.client.cookies.update(first.client.cookies)
            self.traffic.add(agent.answer, (0.0, 0.05))

    def _any_conversation(self) -> tuple[int, str] | None:
        from rapport.conversations.models import Message

        found = (
            Message.objects.filter(direction="in")
            .order_by("?")
            .values_list("conversation_id", "sender_address")
            .first()
        )
        from rapport.conversations.models.conversation import FIRST_NUMBER

        return (found[0] + FIRST_NUMBER, found[1]) if found else None

    def drain(self) -> Verdict:
        """Hold the traffic, let everything arrive, compare the ledgers; the mailbox then forgets its UIDs."""
        self.traffic.hold()
        self.product.revive()
        for server in (self.by_lmtp, self.by_pipe):
            server.drain(DRAIN_SECONDS)
        try:
            self._until(lambda: self._at_rest() and self._complete(), "the end of all work")
        except TimeoutError as error:
            verdict = judge(self.ledger, self.sink)
            verdict.note("work without end", [str(error)])
            return verdict
        verdict = judge(self.ledger, self.sink)
        self.box.change_uidvalidity(MAILBOX)
        return verdict

    def _at_rest(self) -> bool:
        from rapport.conversations.models import Delivery
        from rapport.inboxes.models import RawInbound

        waiting = ("queued", "running")
        return not (
            RawInbound.objects.filter(state__in=waiting).exists()
            or Delivery.objects.filter(state__in=waiting).exists()
        )

    def _complete(self) -> bool:
        """Tell whether nothing is missing, or nothing has come for so long that nothing will."""
        from rapport.conversations.models import Message

        stored = set(Message.objects.filter(direction="in").values_list("identity", flat=True))
        if not self.ledger.accepted - stored:
            return True
        if len(stored) != self.seen:
            self.seen, self.since = len(stored), time.monotonic()
        return time.monotonic() - self.since > 10

    def _until(self, holds: object, what: str) -> None:
        end = time.monotonic() + DRAIN_SECONDS
        self.since = time.monotonic()
        while not holds():  # type: ignore[operator]
            if time.monotonic() > end:
                raise TimeoutError(f"{what} did not come within {DRAIN_SECONDS:.0f} s")
            time.sleep(0.1)
