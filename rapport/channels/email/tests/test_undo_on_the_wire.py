"""An import that is taken back while one of its mails is on its way from the mailbox."""

import threading
from datetime import timedelta

import pytest

from rapport.channels.email.actions.begin_import import begin_import
from rapport.channels.email.actions.undo_import import undo_import
from rapport.channels.email.models import EmailSettings, HistoryImport, ImportState, Incoming, Security
from rapport.channels.email.receive import history, withheld
from rapport.channels.email.tests.conftest import make_inbox
from rapport.channels.email.tests.scripted_imap import Folder, imap_server
from rapport.inboxes.models import RawInbound
from rapport.kernel import clock
from rapport.staff.models import Account, Agent
from rapport.staff.roles import Role
from tests.world import mail

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_mail_on_its_way_stayed_behind_when_its_import_was_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = Account.objects.create(email="ada@staff.example")
    agent = Agent.objects.create(account=account, name="Ada", role=Role.ADMINISTRATOR)
    with imap_server(Folder({1: mail().replace(b"\n", b"\r\n")}, {})) as serving:
        inbox = make_inbox(
            incoming=Incoming.IMAP,
            imap_host="127.0.0.1",
            imap_port=serving.port,
            imap_security=Security.NONE,
            imap_user="a",
            imap_secret="b",
            history="all",
        )
        settings = EmailSettings.objects.select_related("inbox").get(inbox=inbox)
        begin_import(settings=settings, until=clock.now() + timedelta(days=1))
        ask_for = withheld.ask_for

        def taken_back_meanwhile(*asked):
            found = ask_for(*asked)
            undo_import(actor=agent, inbox=inbox)
            return found

        monkeypatch.setattr(withheld, "ask_for", taken_back_meanwhile)
        history.take_over(settings, HistoryImport.objects.get().pk, threading.Event())
    row = HistoryImport.objects.get()
    assert (row.state, row.position, row.done) == (ImportState.UNDONE, [], 0)
    assert not RawInbound.objects.exists()
