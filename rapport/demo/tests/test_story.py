"""The demo company's story: believable in numbers, true to TRUTHS.toml, the same for the same seed."""

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from io import BytesIO

import pytest

from rapport.demo.story import content, message_id, raw, tell
from rapport.demo.story.model import (
    OPEN_STATUSES,
    Assigned,
    Attachment,
    MailIn,
    MarkedSpam,
    NoteAdded,
    Reply,
    Snoozed,
    StatusChanged,
    Story,
)
from rapport.demo.story.texts import WORDS, load, topics
from rapport.demo.story.topics import TOPICS

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def story() -> Story:
    return tell(TODAY)


def test_the_shop_has_two_brands_six_inboxes_and_every_role(story: Story) -> None:
    assert [brand.key for brand in story.brands] == ["landstrich", "zweitgang"]
    assert len(story.inboxes) == 6
    assert len(story.teams) == 5
    assert len(story.staff) == 14
    assert {person.role for person in story.staff} == {
        "collaborator", "representative", "specialist", "team_lead", "qa_analyst", "manager", "administrator",
    }  # fmt: skip
    assert len({person.time_zone for person in story.staff}) >= 6
    teams, brands = {team.key for team in story.teams}, {brand.key for brand in story.brands}
    assert all(set(person.teams) <= teams and set(person.brands) <= brands for person in story.staff)
    assert all(inbox.team in teams and inbox.brand in brands for inbox in story.inboxes)


def test_every_address_is_an_invented_one(story: Story) -> None:
    addresses = [c.email for c in story.customers] + [a for c in story.customers for a in c.other_emails]
    addresses += [p.email for p in story.staff] + [i.address for i in story.inboxes]
    addresses += [e.from_address for k in story.conversations for e in k.events if isinstance(e, MailIn)]
    assert all(address.endswith(".example") and address.isascii() for address in addresses)


def test_customers_are_about_four_hundred_from_many_countries(story: Story) -> None:
    assert 390 <= len(story.customers) <= 420
    assert {"DE", "AT", "CH", "GB", "IE", "FR", "ES", "NL", "PL"} <= {c.country for c in story.customers}
    assert len({c.key for c in story.customers}) == len(story.customers)
    assert len({c.email for c in story.customers}) == len(story.customers)
    assert len({c.name for c in story.customers}) >= len(story.customers) - 16
    assert sum(bool(c.company) for c in story.customers) >= 25
    assert sum(bool(c.household) for c in story.customers) == 5
    homes = Counter((c.street, c.city) for c in story.customers)
    assert sum(count == 2 for count in homes.values()) >= 6
    writing = {talk.customer for talk in story.conversations} - {""}
    assert len(writing) >= 0.95 * len(story.customers)


def test_conversations_are_twelve_hundred_over_thirteen_months(story: Story) -> None:
    assert len(story.conversations) == 1200
    assert len({talk.key for talk in story.conversations}) == 1200
    assert story.until == datetime(2026, 11, 20, tzinfo=UTC)
    assert story.until - story.since == timedelta(days=395)
    starts = [talk.first.at for talk in story.conversations]
    assert starts == sorted(starts)
    assert len({(at.year, at.month) for at in starts}) >= 13


def test_languages_are_mixed_as_the_customers_are(story: Story) -> None:
    shares = {k: n / 1200 for k, n in Counter(talk.language for talk in story.conversations).items()}
    assert 0.40 <= shares["de"] <= 0.52
    assert 0.30 <= shares["en"] <= 0.40
    assert all(shares[language] >= 0.025 for language in ("fr", "es", "nl", "pl"))


def test_about_fifty_topics_really_occur(story: Story) -> None:
    used = Counter(talk.topic for talk in story.conversations)
    assert len(TOPICS) >= 60
    assert sum(count >= 3 for count in used.values()) >= 50
    assert {talk.kind for talk in story.conversations} == {
        "inquiry", "complaint", "technical_problem", "return", "praise", "feedback", "task",
    }  # fmt: skip


def test_about_forty_five_are_open_and_some_are_overdue(story: Story) -> None:
    here = [talk for talk in story.conversations if talk.status in OPEN_STATUSES and not talk.spam]
    assert 42 <= len(here) <= 48
    counts = Counter(talk.status for talk in here)
    assert set(counts) == set(OPEN_STATUSES)
    assert sum(talk.snoozed_until is not None and talk.snoozed_until > story.until for talk in here) == 5
    waiting = [
        talk for talk in here if talk.status in ("new", "open") and isinstance(talk.messages[-1], MailIn)
    ]
    assert sum(story.until - talk.messages[-1].at > timedelta(hours=48) for talk in waiting) >= 5
    assert sum(story.until - talk.messages[-1].at < timedelta(hours=10) for talk in waiting) >= 5
    assert sum(any(m.files for m in talk.messages) for talk in here) >= 3
    assert any(isinstance(e, NoteAdded) and e.mentions for talk in here for e in talk.events)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_customers_had_written_half_of_what_lies_on_the_desk(seed: int) -> None:
    desk = [
        talk for talk in tell(TODAY, seed).conversations if talk.status in OPEN_STATUSES and not talk.spam
    ]
    people = Counter(talk.customer for talk in desk)
    assert max(people.values()) <= 2
    assert len(people) >= 0.9 * len(desk)


def test_spam_lies_in_the_spam_view(story: Story) -> None:
    spam = [talk for talk in story.conversations if talk.spam]
    assert 15 <= len(spam) <= 30
    assert all(isinstance(talk.events[-1], MarkedSpam) and not talk.customer for talk in spam)
    assert sum(story.until - talk.first.at < timedelta(days=4) for talk in spam) >= 5


def test_times_are_ordered_and_never_later_than_the_end(story: Story) -> None:
    for talk in story.conversations:
        times = [event.at for event in talk.events]
        assert times == sorted(times), talk.key
        assert isinstance(talk.events[0], MailIn), talk.key
        assert story.since <= times[0] and times[-1] <= story.until, talk.key
        assert all(at.tzinfo is not None and at.microsecond == 0 for at in times), talk.key


def test_a_given_moment_is_respected_whatever_the_hour() -> None:
    for until in (datetime(2027, 1, 1, 2, 17, tzinfo=UTC), datetime(2026, 7, 5, 21, 40, 3, tzinfo=UTC)):
        story = tell(until.date(), until=until)
        assert max(event.at for _, event in story.events()) <= until
        assert max(talk.first.at for talk in story.conversations) > until - timedelta(hours=5)
        assert sum(t.status in OPEN_STATUSES and not t.spam for t in story.conversations) == 45


def test_statuses_are_what_the_events_say(story: Story) -> None:
    for talk in story.conversations:
        said = [event for event in talk.events if isinstance(event, StatusChanged)]
        assigned = [event.assignee for event in talk.events if isinstance(event, Assigned)]
        assert talk.assignee == (assigned[-1] if assigned else ""), talk.key
        if said and talk.status != "open":
            assert said[-1].status == talk.status, talk.key
        if talk.status in ("solved", "closed"):
            assert not [e for e in talk.events if isinstance(e, MailIn) and e.at > said[-1].at], talk.key
        snoozes = [event.until for event in talk.events if isinstance(event, Snoozed)]
        assert talk.snoozed_until == (snoozes[-1] if snoozes else None)


def test_agents_work_in_office_hours(story: Story) -> None:
    replies = [event.at for talk in story.conversations for event in talk.events if isinstance(event, Reply)]
    assert len(replies) > 1200
    assert sum(at.weekday() == 6 for at in replies) <= 3
    assert sum(5 <= at.hour < 18 for at in replies) >= 0.99 * len(replies)


def test_mondays_and_december_are_busy(story: Story) -> None:
    days = Counter(talk.first.at.weekday() for talk in story.conversations)
    assert days[0] > 1.5 * days[6]
    months = Counter(
        (talk.first.at.year, talk.first.at.month) for talk in story.conversations if not talk.truth
    )
    assert months[2025, 12] > 1.4 * sum(months.values()) / 13


def test_threads_have_one_to_nine_messages_and_answers_point_back(story: Story) -> None:
    lengths = Counter(len(talk.messages) for talk in story.conversations)
    assert set(lengths) == set(range(1, 10))
    for talk in story.conversations:
        keys = {m.key for m in talk.messages if isinstance(m, Reply)}
        assert len({m.key for m in talk.messages}) == len(talk.messages)
        assert all(m.answers in keys | {""} for m in talk.messages if isinstance(m, MailIn))
        assert talk.first.answers == ""


def test_no_two_first_mails_are_alike(story: Story) -> None:
    bodies = [talk.first.text for talk in story.conversations]
    assert len(set(bodies)) == len(bodies)
    subjects = Counter(talk.first.subject for talk in story.conversations)
    assert len(subjects) >= 900
    assert subjects.most_common(1)[0][1] <= 12


def test_no_template_mark_is_left_in_any_text(story: Story) -> None:
    for talk in story.conversations:
        for event in talk.events:
            if isinstance(event, MailIn | Reply | NoteAdded):
                words = event.text + (event.subject if isinstance(event, MailIn) else "")
                assert not set("{}$¶[]") & set(words), (talk.key, words)
                assert "  " not in event.text.replace("> > ", ""), (talk.key, event.text)
                assert not [w for w in ("orem ipsum", "Test Customer") if w in words]


def test_every_topic_and_every_choice_can_be_said() -> None:
    for path in WORDS.glob("*.toml"):
        load(path.stem)
    assert set(topics("de")) == set(TOPICS)
    assert set(topics("en")) == {key for key, topic in TOPICS.items() if topic.country != "CH"}
    for language in ("de", "en", "fr", "es", "nl", "pl"):
        for key, texts in topics(language).items():
            assert key in TOPICS
            assert texts["subject"] and texts["first"] and texts["answer"], (language, key)
            assert bool(texts.get("more")) == bool(texts.get("again")), (language, key)


def test_notes_mention_people_by_their_full_name(story: Story) -> None:
    names = {person.key: person.name for person in story.staff}
    notes = [event for talk in story.conversations for event in talk.events if isinstance(event, NoteAdded)]
    assert len(notes) >= 150
    assert all(f"@{names[key]}" in note.text for note in notes for key in note.mentions)
    assert {"salma", "rafael"} <= {key for note in notes for key in note.mentions}
    assert {note.actor for note in notes} <= set(names)


def test_agents_and_customers_exist(story: Story) -> None:
    staff, customers = {p.key for p in story.staff}, {c.key for c in story.customers}
    orders = {order.number for order in story.orders}
    for talk in story.conversations:
        for event in talk.events:
            if isinstance(event, MailIn):
                assert event.actor in customers | {""}
            else:
                assert event.actor in staff | {"system"}
        assert talk.order in orders | {""}


def test_files_are_made_only_when_asked_and_can_be_opened(story: Story) -> None:
    from PIL import Image

    files = [f for talk in story.conversations for m in talk.messages for f in m.files]
    assert len(files) >= 100
    kinds: dict[str, Attachment] = {file.kind: file for file in files}
    assert set(kinds) == {"photo", "screenshot", "pdf", "invoice", "log"}
    for kind, file in kinds.items():
        made = content(file)
        assert made == content(file)
        assert 200 < len(made) < 120_000
        if kind in ("photo", "screenshot"):
            with Image.open(BytesIO(made)) as image:
                assert image.width >= 300
                assert image.format == ("JPEG" if kind == "photo" else "PNG")
        elif kind != "log":
            assert made.startswith(b"%PDF-1.4") and made.endswith(b"%%EOF\n")
            at = int(made.rsplit(b"startxref\n", 1)[1].split()[0])
            assert made[at : at + 4] == b"xref"


def test_a_mail_becomes_real_bytes(story: Story) -> None:
    mail = next(
        m
        for talk in story.conversations
        for m in talk.messages
        if isinstance(m, MailIn) and m.files and m.html and m.cc
    )
    message = message_from_bytes(raw(mail, in_reply_to="<a@b.example>"), policy=default)
    assert message["Message-ID"] == message_id(mail)
    assert message["In-Reply-To"] == message["References"] == "<a@b.example>"
    assert message["From"].addresses[0].addr_spec == mail.from_address
    assert message["Subject"] == mail.subject
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None and plain.get_content().splitlines() == mail.text.splitlines()
    assert rich is not None and rich.get_content().splitlines() == mail.html.splitlines()
    assert [part.get_filename() for part in message.iter_attachments()] == [file.name for file in mail.files]
    first = next(iter(message.iter_attachments()))
    assert first.get_payload(decode=True) == content(mail.files[0])


def test_the_same_seed_tells_the_same_story_and_another_does_not(story: Story) -> None:
    assert tell(TODAY) == story
    other = tell(TODAY, 2)
    assert [t.first.text for t in other.conversations] != [t.first.text for t in story.conversations]


def test_it_is_told_in_two_seconds() -> None:
    tell(TODAY)
    start = time.process_time()
    tell(TODAY)
    assert time.process_time() - start <= 2
