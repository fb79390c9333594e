"""Pictures from elsewhere in a customer's mail."""

import re
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
    assert f"{place}/messages/{words.pk}/images" in client.get(place).content.decode()
