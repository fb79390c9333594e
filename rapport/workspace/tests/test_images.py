"""Pictures from elsewhere in a customer's mail."""

import re
from email.message import EmailMessage
from html import unescape

from rapport.conversations.models import Message
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, conversation_of, mail, receive

PICTURE = "https://pictures.example/seat.png"
WITH_PICTURE = f'<p>See the seat</p><img src="{PICTURE}" alt="seat">'


def test_pictures_from_elsewhere_come_through_our_own_address_once_asked_for(company: World) -> None:
    found = conversation_of(
        receive(company.inbox, mail(text=WITH_PICTURE).replace(b"text/plain", b"text/html"))
    )
    words = Message.objects.get(conversation=found)
    client, place = signed_in(company.agent(Role.ADMINISTRATOR)), f"/conversations/{found.number}"
    before = client.get(place).content.decode()
    assert PICTURE not in before
    assert f"{place}/messages/{words.pk}/images" in before
    loaded = client.post(f"{place}/messages/{words.pk}/images").content.decode()
    assert re.search(rf'<img[^>]+src="{place}/messages/{words.pk}/[^"]+\?u=', unescape(loaded))
    assert f"{place}/messages/{words.pk}/images" not in loaded
    assert f'src="{PICTURE}"' not in loaded
    assert f"?message={words.pk}#composer" in before
    assert f"?message={words.pk}#composer" in loaded
    assert f"{place}/messages/{words.pk}/images" in client.get(place).content.decode()


def with_both(plain: str, rich: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "ada@customer.example",
        "support@velonord.example",
        "Seat",
    )
    message["Message-ID"] = "<both@customer.example>"
    message.set_content(plain)
    message.add_alternative(rich, subtype="html")
    return message.as_bytes()


def test_the_html_of_a_mail_was_not_shown_where_its_plain_part_only_stood_for_it(company: World) -> None:
    table = "".join(f"<tr><td>Seat {number}</td><td>scratched</td></tr>" for number in range(9))
    content = with_both(
        "Please read this mail as HTML.", f"<h1>Return</h1><table>{table}</table>{WITH_PICTURE}"
    )
    found = conversation_of(receive(company.inbox, content))
    page = signed_in(company.agent(Role.ADMINISTRATOR)).get(f"/conversations/{found.number}").content.decode()
    assert "<td>Seat 8</td>" in page
    assert f"/messages/{found.messages.get().pk}/images" in page
    assert "Seat 8" in found.messages.get().text


def test_pictures_of_a_folded_signature_did_not_come_with_the_others(company: World) -> None:
    rich = f"<p>The seat is scratched.</p><p>Pia Sommer</p><p>Tel. +49 30 12345</p><img src='{PICTURE}'>"
    plain = "The seat is scratched.\n\n-- \nPia Sommer\nTel. +49 30 12345\n"
    found = conversation_of(receive(company.inbox, with_both(plain, rich)))
    words = found.messages.get()
    assert "scratched" in words.html
    assert "Pia" not in words.html
    assert "Pia" in words.signature_html
    assert words.remote_images
    reader = signed_in(company.agent(Role.ADMINISTRATOR))
    shown = reader.post(f"/conversations/{found.number}/messages/{words.pk}/images").content.decode()
    assert shown.count("Pia Sommer") == 1
    assert f"/messages/{words.pk}/remote" in shown


def test_pictures_were_offered_that_are_not_in_what_is_shown(company: World) -> None:
    plain = "The seat of my bicycle is scratched, and I would like to have another one.\n" * 6
    found = conversation_of(receive(company.inbox, with_both(plain, WITH_PICTURE)))
    assert not found.messages.get().remote_images
