"""What was stored of a mail or a delivery is said in the language of whoever reads it."""

from string import Formatter

import pytest
from django.utils.translation import override

from rapport.channels.email.bounce_reasons import REASONS
from rapport.channels.email.sentences import sentence as of_mail
from rapport.channels.ingest.sentences import sentence as of_ingest
from rapport.conversations.sentences import sentence as of_deliveries
from rapport.inboxes.models import Outcome
from rapport.kernel.sentences import heard, kept, say
from tests import world
from tests.world import World, mail, receive


@pytest.fixture
def company() -> World:
    return world.build()


ONLY_VALUES = {"conversations.recipient", "conversations.bounced"}


@pytest.mark.django_db
def test_a_tray_gave_its_reason_in_english_to_german_readers(company: World) -> None:
    raw = receive(company.inbox, mail(sender=company.other_inbox.address))
    assert raw.outcome == Outcome.QUARANTINED
    with override("de"):
        assert say(raw.reason) == "Sie kommt von einem unserer eigenen Eingänge."
    with override("en"):
        assert say(raw.reason) == "It comes from one of our own inboxes."


def test_a_stored_reason_of_former_times_is_shown_as_it_is() -> None:
    with override("de"):
        assert say("It comes from a member of staff.") == "It comes from a member of staff."
        assert say("") == ""


def test_every_stored_sentence_has_a_german_text() -> None:
    known = of_mail.texts | of_ingest.texts | of_deliveries.texts
    with override("de"):
        left = {
            code for code, text in known.items() if say(kept(_blank(code), 500)) == text.format_map(_Names())
        }
    assert left == ONLY_VALUES


def test_a_reason_inside_a_reason_is_said_too() -> None:
    whole = of_mail("not_delivered", reason=REASONS["mailbox_full"].words)
    with override("de"):
        assert say(kept(whole, 500)) == say(whole)
        assert "Postfach" in say(whole)
    assert str(heard(kept(whole, 500))) == str(whole)


@pytest.mark.parametrize("said", ["x" * 2000, "“" * 2000, '"' * 2000, "{reason} {0}" * 100])
def test_a_long_answer_of_a_server_leaves_the_sentence_whole(said: str) -> None:
    stored = kept(of_mail("server_refused", said=said), 500)
    assert len(stored) <= 500
    with override("de"):
        assert say(stored).startswith("Der Mailserver hat")


@pytest.mark.parametrize("words", ['{"code": "email.loop_id"}', '{"code": 1}', '{"code": "email.closed"}'])
def test_a_servers_words_never_pass_for_a_sentence_of_ours(words: str) -> None:
    assert say(kept(words, 500)).strip() == words
    assert isinstance(say(words), str)


class _Names(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return name


def _blank(code: str) -> str:
    package, _, name = code.partition(".")
    made = {"email": of_mail, "ingest": of_ingest, "conversations": of_deliveries}[package]
    values = {each[1]: each[1] for each in _fields(made.texts[code])}
    return made(name, **values)


def _fields(text: str) -> list[tuple[str, str]]:
    return [(before, name) for before, name, _, _ in Formatter().parse(text) if name]
