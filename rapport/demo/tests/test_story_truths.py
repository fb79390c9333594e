"""Every planted truth is in the story, with the counts that TRUTHS.toml names."""

import tomllib
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

import rapport.demo
from rapport.demo.story import tell
from rapport.demo.story.model import Conversation, MailIn, Story

TRUTHS = tomllib.loads((Path(rapport.demo.__file__).parent / "TRUTHS.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def story() -> Story:
    return tell(date(2026, 11, 20))


def days_back(story: Story, talk: Conversation) -> int:
    return (story.until.date() - talk.first.at.date()).days


def planted(story: Story, name: str) -> list[Conversation]:
    found = [talk for talk in story.conversations if talk.truth == name]
    prefix = TRUTHS[name]["key_prefix"]
    assert sorted(talk.key for talk in found) == [f"{prefix}{n:02d}" for n in range(1, len(found) + 1)]
    return found


def test_the_carrier_strike_is_there(story: Story) -> None:
    truth = TRUTHS["carrier_strike"]
    found = planted(story, "carrier_strike")
    assert len(found) == truth["conversations"]
    customers = {c.key: c for c in story.customers}
    orders = {order.number: order for order in story.orders}
    assert {customers[talk.customer].region for talk in found} == set(truth["regions"])
    assert all(talk.topic == truth["topic"] for talk in found)
    assert all(orders[talk.order].carrier == truth["carrier"] for talk in found)
    assert all(truth["contacts_to"] <= days_back(story, talk) <= truth["contacts_from"] + 1 for talk in found)
    spoken = [t for t in found if truth["carrier"] in t.first.text + t.first.subject]
    assert len(spoken) >= truth["naming_the_carrier"] * 0.6
    others = [
        talk for talk in story.conversations
        if talk.topic == truth["topic"] and talk.customer and not talk.truth
        and customers[talk.customer].region in truth["regions"]
    ]  # fmt: skip
    assert len(others) < len(found) / 3


def test_the_defective_batch_is_there(story: Story) -> None:
    truth = TRUTHS["defective_batch"]
    found = planted(story, "defective_batch")
    assert len(found) == truth["conversations"]
    assert all(truth["product"] in talk.first.text for talk in found)
    assert sum(truth["batch"] in talk.first.text for talk in found) == truth["naming_batch"]
    assert days_back(story, found[0]) in (truth["first_report_day"], truth["first_report_day"] + 1)
    assert len({talk.customer for talk in found}) == len(found)
    assert all(talk.first.files for talk in found)
    elsewhere = [t for t in story.conversations if truth["product"] in t.first.text and not t.truth]
    assert elsewhere == []


def test_the_needy_customer_is_there(story: Story) -> None:
    truth = TRUTHS["needy_customer"]
    hers = [talk for talk in story.conversations if talk.customer == truth["customer"]]
    assert hers == planted(story, "needy_customer")
    assert len(hers) == truth["contacts"]
    assert [talk.key for talk in hers] == list(truth["causes"])
    assert sum(bool(cause) for cause in truth["causes"].values()) == truth["caused_by_us"]
    most = Counter(talk.customer for talk in story.conversations if talk.customer).most_common(15)
    assert truth["customer"] in [key for key, _ in most]


def test_the_fading_customer_is_there(story: Story) -> None:
    truth = TRUTHS["fading_customer"]
    hers = [talk for talk in story.conversations if talk.customer == truth["customer"]]
    assert hers == planted(story, "fading_customer")
    bought = sorted(order.placed_on for order in story.orders if order.customer == truth["customer"])
    assert len(bought) == truth["orders"]
    gaps = [(after - before).days for before, after in pairwise(bought)]
    assert all(abs(gap - truth["rhythm_days"]) <= truth["rhythm_tolerance_days"] for gap in gaps)
    assert days_back(story, hers[-1]) in (truth["last_contact_day"], truth["last_contact_day"] + 1)


def test_the_praised_packer_is_there(story: Story) -> None:
    truth = TRUTHS["praised_packer"]
    found = planted(story, "praised_packer")
    assert len(found) == truth["conversations"]
    assert len({talk.customer for talk in found}) == truth["customers"]
    assert {talk.language for talk in found} == set(truth["languages"])
    naming = [t for t in story.conversations if truth["name"] in t.first.text + t.first.subject]
    assert naming == found
    assert all(talk.kind == "praise" for talk in found)


def test_the_silent_inbox_is_there(story: Story) -> None:
    truth = TRUTHS["silent_inbox"]
    mails = sorted(
        (event.at, talk.key)
        for talk in story.conversations
        for event in talk.events
        if isinstance(event, MailIn) and talk.inbox == truth["inbox"]
    )
    last, key = mails[-1]
    assert key == truth["last_conversation"]
    assert (story.until.date() - last.date()).days in (truth["last_mail_day"], truth["last_mail_day"] + 1)
    before = [at for at, _ in mails if last - timedelta(days=90) <= at]
    assert len(before) >= truth["mails_at_least_in_90_days_before"]
    for inbox in story.inboxes:
        if inbox.key != truth["inbox"]:
            newest = max(talk.first.at for talk in story.conversations if talk.inbox == inbox.key)
            assert story.until - newest < timedelta(days=14)
