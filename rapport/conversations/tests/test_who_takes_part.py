"""Who takes part in a conversation: whom the customer copied, whom an agent wrote to, and nobody else."""

from datetime import timedelta

import pytest
from django.test import Client

from rapport.channels.email.models import EmailSettings
from rapport.conversations.actions.accept_participant import accept_participant
from rapport.conversations.actions.log_call import Call, log_call
from rapport.conversations.actions.mend_delivery import readdress
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.actions.set_customer import set_customer
from rapport.conversations.actions.start import start
from rapport.conversations.actions.undo_send import undo_send
from rapport.conversations.models import Conversation, Delivery, Entry, Message, Participant
from rapport.conversations.queries.access import NotFound
from rapport.conversations.queries.answered import message_answered
from rapport.conversations.recipients import parse_addresses
from rapport.customers.actions.identify import identify
from rapport.customers.actions.identify_caller import Caller, identify_caller
from rapport.customers.actions.identities import add_identity
from rapport.customers.actions.merge import merge
from rapport.customers.models import Customer, Identity
from rapport.kernel.clock import now
from rapport.staff.roles import Role
from rapport.workspace.composer import composer_for
from rapport.workspace.offered import default_recipients
from tests.world import World, conversation_of, mail, receive

ADA, BOB, EVE = "ada@customer.example", "bob@firm.example", "eve@else.example"


def write(
    company: World, conversation: Conversation, *to: str, undo: int = 0, cc: tuple[str, ...] = ()
) -> Message:
    return reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html="<p>On its way</p>", to=parse_addresses(to or [ADA]), cc=parse_addresses(cc)),
        undo=timedelta(seconds=undo),
    )


def answered_by(company: World, sender: str, sent: Message, text: str, **headers: str) -> Message:
    content = mail(sender=sender, subject="Re: x", text=text, In_Reply_To=sent.identity, **headers)
    return Message.objects.get(raw=receive(company.inbox, content))


def taking_part(conversation: Conversation) -> set[str]:
    return set(
        Participant.objects.filter(conversation=conversation, pending=False).values_list("address", flat=True)
    )


def test_an_answer_taken_back_left_its_strangers_as_participants(
    company: World, conversation: Conversation
) -> None:
    sent = write(company, conversation)
    answered_by(company, EVE, sent, "It is me")
    to_eve = write(company, conversation, EVE, BOB, undo=10)
    assert taking_part(conversation) == {ADA, BOB, EVE}
    undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=to_eve.pk)
    assert taking_part(conversation) == {ADA}
    assert answered_by(company, EVE, sent, "It is me again").unverified


def test_an_answer_taken_back_leaves_those_whom_another_answer_welcomed(
    company: World, conversation: Conversation
) -> None:
    first = write(company, conversation, ADA, BOB, undo=10)
    write(company, conversation, BOB.upper())
    undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=first.pk)
    assert taking_part(conversation) == {ADA, BOB}


def test_writing_to_a_stranger_is_told_as_accepting_them(company: World, conversation: Conversation) -> None:
    sent = write(company, conversation)
    answered_by(company, EVE, sent, "It is me")
    write(company, conversation, EVE)
    entry = Entry.objects.get(kind="participant.accepted")
    assert Participant.objects.get(pk=entry.payload["participant_id"]).address == EVE


def readdressed(company: World, conversation: Conversation, old: str, new: str) -> None:
    delivery = Delivery.objects.latest("pk")
    Delivery.objects.filter(pk=delivery.pk).update(state="failed")
    delivery.recipients.update(state="refused")
    readdress(
        agent=company.agent(),
        conversation_id=conversation.pk,
        delivery_id=delivery.pk,
        recipient_id=delivery.recipients.get(address=old).pk,
        address=new,
    )


def offered(conversation: Conversation) -> list[str]:
    fresh = Conversation.objects.get(pk=conversation.pk)
    to, cc = default_recipients(fresh, message_answered(fresh))
    return [address.value for address in (*to, *cc)]


def test_a_customer_at_a_corrected_address_was_a_stranger_and_answered_at_the_dead_one(
    company: World, conversation: Conversation
) -> None:
    sent = write(company, conversation, ADA, BOB)
    readdressed(company, conversation, ADA, "ada@new.example")
    assert offered(conversation) == ["ada@new.example"]
    readdressed(company, conversation, "ada@new.example", "ada@newer.example")
    assert offered(conversation) == ["ada@newer.example"]
    assert not answered_by(company, "Ada <ada@newer.example>", sent, "Thanks").unverified


def test_the_corrected_address_of_a_copy_is_offered_too(company: World, conversation: Conversation) -> None:
    sent = write(company, conversation, ADA, BOB)
    answered_by(company, ADA, sent, "Both of us", Cc=f"Bob <{BOB}>")
    write(company, conversation, ADA, cc=(BOB,))
    readdressed(company, conversation, BOB, "bob@new.example")
    assert offered(conversation) == [ADA, "bob@new.example"]
    answered_by(company, ADA, sent, "Bob is back at the old one", Cc=f"Bob <{BOB}>")
    assert offered(conversation) == [ADA, BOB]


def test_a_copy_of_a_conversation_that_we_began_was_a_stranger(company: World) -> None:
    first = Answer(
        html="<p>Hello</p>", to=parse_addresses([ADA]), cc=parse_addresses([BOB]), subject="Your order"
    )
    begun = start(agent=company.agent(), inbox=company.inbox, answer=first)
    answer = answered_by(company, BOB, Message.objects.get(), "I take over")
    assert (answer.conversation, answer.unverified) == (begun, False)


def copied(company: World, sender: str = f"Ada <{ADA}>", **headers: str) -> Conversation:
    content = mail(
        sender=sender,
        subject="Our order",
        Message_ID="<first@customer.example>",
        Cc=f"Bob <{BOB}>",
        **headers,
    )
    return conversation_of(receive(company.inbox, content))


def from_bob(company: World) -> Message:
    return answered_by(company, BOB, Message.objects.earliest("pk"), "And the bell too", Cc=ADA)


def test_a_copy_who_answered_all_before_us_began_another_conversation(company: World) -> None:
    conversation = copied(company)
    answer = from_bob(company)
    assert answer.conversation == conversation
    assert answer.unverified
    assert offered(conversation) == [ADA, BOB]
    assert taking_part(conversation) == {ADA}
    write(company, conversation, *offered(conversation))
    assert taking_part(conversation) == {ADA, BOB}


def test_who_is_in_copy_of_a_mail_that_is_vouched_for_takes_part(company: World) -> None:
    EmailSettings.objects.update_or_create(
        inbox=company.inbox, defaults={"authserv_id": "mx.velonord.example"}
    )
    vouched = {"Authentication_Results": "mx.velonord.example; dmarc=pass header.from=customer.example"}
    conversation = copied(company, **vouched)
    assert taking_part(conversation) == {ADA, BOB}
    assert not from_bob(company).unverified


def test_our_own_addresses_and_crowds_in_copy_do_not_take_part(company: World) -> None:
    crowd = ", ".join(f"p{number}@crowd.example" for number in range(200))
    content = mail(
        to=f"{company.inbox.address}, {company.other_inbox.address}, no-reply@shop.example", Cc=crowd
    )
    conversation = conversation_of(receive(company.inbox, content))
    addresses = set(conversation.participants.values_list("address", flat=True))
    assert len(addresses) == 1 + 50
    assert not addresses & {company.inbox.address, company.other_inbox.address, "no-reply@shop.example"}


def test_a_stranger_who_was_made_the_customer_stayed_a_stranger(
    company: World, conversation: Conversation
) -> None:
    sent = write(company, conversation)
    asked = answered_by(company, "Eve@else.example", sent, "I ask on behalf of Ada")
    found = identify(value=EVE, at=now())
    set_customer(
        agent=company.agent(),
        conversation_id=conversation.pk,
        customer=found.customer,
        identity=found.identity,
    )
    asked.refresh_from_db()
    assert not asked.unverified
    assert not answered_by(company, EVE, sent, "Thank you").unverified
    assert offered(conversation) == [EVE]


def other_person_at(company: World, address: str) -> Identity:
    other = Customer.objects.create(name="Adam", created_at=now())
    return add_identity(agent=company.agent(Role.ADMINISTRATOR), customer=other, value=address)


def test_choosing_the_person_at_an_address_believed_who_forged_it(
    company: World, conversation: Conversation
) -> None:
    sent = write(company, conversation)
    forged = answered_by(company, EVE, sent, "New bank account", Reply_To=ADA)
    chosen = other_person_at(company, ADA)
    set_customer(
        agent=company.agent(),
        conversation_id=conversation.pk,
        customer=chosen.customer,
        identity=chosen,
    )
    forged.refresh_from_db()
    assert forged.unverified
    assert answered_by(company, EVE, sent, "And hurry", Reply_To=ADA).unverified


def test_choosing_the_person_at_an_address_believed_mail_that_its_server_disowned(company: World) -> None:
    EmailSettings.objects.update_or_create(
        inbox=company.inbox, defaults={"authserv_id": "mx.velonord.example"}
    )
    verdict = {"Authentication_Results": "mx.velonord.example; dmarc=fail header.from=customer.example"}
    conversation = copied(company, **verdict)
    chosen = other_person_at(company, ADA)
    set_customer(
        agent=company.agent(), conversation_id=conversation.pk, customer=chosen.customer, identity=chosen
    )
    assert conversation.messages.get().unverified


def test_our_last_answer_was_followed_by_one_to_the_former_customer(company: World) -> None:
    first = Answer(html="<p>Hello</p>", to=parse_addresses([ADA]), cc=parse_addresses([BOB]), subject="Order")
    begun = start(agent=company.agent(), inbox=company.inbox, answer=first)
    found = identify(value=EVE, at=now())
    set_customer(
        agent=company.agent(), conversation_id=begun.pk, customer=found.customer, identity=found.identity
    )
    assert offered(begun) == [EVE, BOB]
    write(company, begun, ADA)
    assert offered(begun) == [ADA]


def made_the_customer(company: World, conversation: Conversation, address: str) -> None:
    found = identify(value=address, at=now())
    set_customer(
        agent=company.agent(),
        conversation_id=conversation.pk,
        customer=found.customer,
        identity=found.identity,
    )


def begun_with(company: World, *to: str) -> Conversation:
    first = Answer(html="<p>Hello</p>", to=parse_addresses(to), subject="Order")
    return start(agent=company.agent(), inbox=company.inbox, answer=first)


def test_whoever_was_written_to_beside_the_former_customer_was_left_out(company: World) -> None:
    begun = begun_with(company, ADA, BOB)
    made_the_customer(company, begun, EVE)
    assert offered(begun) == [EVE, BOB]


def test_the_former_customer_is_offered_at_none_of_their_addresses(company: World) -> None:
    begun = begun_with(company, ADA, BOB)
    old = identify(value="ada@old.example", at=now()).customer
    merge(agent=company.agent(Role.ADMINISTRATOR), duplicate=old, into=begun.customer)
    readdressed(company, begun, ADA, "ada@new.example")
    write(company, begun, "ada@new.example", "ADA@old.example", BOB)
    made_the_customer(company, begun, "between@else.example")
    made_the_customer(company, begun, EVE)
    assert offered(begun) == [EVE, BOB]


def test_a_former_customer_of_no_known_address_is_whom_we_wrote_to_first(company: World) -> None:
    caller = identify_caller(Caller(name="Kurt"), agent=company.agent())
    called = log_call(agent=company.agent(), inbox=company.inbox, customer=caller, call=Call(html="Asked"))
    write(company, called, "kurt@c.example", BOB)
    made_the_customer(company, called, EVE)
    assert offered(called) == [EVE, BOB]


def of_nobody(company: World, **headers: str) -> Message:
    content = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return Message.objects.get(raw=receive(company.inbox, f"{content}\r\nWho am I?".encode()))


def test_an_answer_to_a_mail_without_a_sender_was_offered_to_an_empty_address(company: World) -> None:
    conversation = of_nobody(company, Subject="Hello").conversation
    assert offered(conversation) == []
    composer = composer_for(company.agent(), conversation)
    assert (composer.who, bool(composer.unreachable)) == ([], True)


def test_a_sender_who_is_not_named_was_accepted(company: World, conversation: Conversation) -> None:
    unnamed = of_nobody(company, Subject="Re: x", In_Reply_To=write(company, conversation).identity)
    assert (unnamed.conversation, unnamed.unverified) == (conversation, True)
    with pytest.raises(NotFound):
        accept_participant(agent=company.agent(), conversation_id=conversation.pk, message_id=unnamed.pk)
    assert taking_part(conversation) == {ADA}


def test_a_sender_who_is_not_named_was_offered_to_be_accepted(
    company: World, conversation: Conversation
) -> None:
    of_nobody(company, Subject="Re: x", In_Reply_To=write(company, conversation).identity)
    client = Client()
    client.force_login(company.agent().account)
    page = client.get(f"/conversations/{conversation.number}").content.decode()
    assert "This mail names no sender." in page
    assert "Accept this address" not in page
