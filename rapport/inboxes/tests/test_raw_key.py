from hypothesis import given
from hypothesis import strategies as st

from rapport.inboxes.addresses import spellings, storable
from rapport.inboxes.raw_key import raw_key, split

MAIL = b"Message-ID: <one@example.org>\r\nFrom: a@example.org\r\nSubject: Bell\r\n\r\nIt does not ring.\r\n"


def test_transport_headers_and_line_endings_do_not_matter() -> None:
    by_pipe = b"Received: from mx by shop\n\tid 1\nReturn-Path: <a@example.org>\n" + MAIL.replace(
        b"\r\n", b"\n"
    )
    by_imap = b"Delivered-To: help@shop.example\r\n" + MAIL + b"\r\n"
    from_mbox = b"From a@example.org Mon Jan  1 00:00:00 2026\n" + MAIL
    assert len({raw_key(each, 1) for each in (MAIL, by_pipe, by_imap, from_mbox)}) == 1


def test_a_long_line_that_a_server_folded_is_the_same() -> None:
    long = MAIL + b"x" * 3000 + b"\r\n"
    folded = MAIL + b"x" * 998 + b"\r\n " + b"x" * 998 + b"\r\n " + b"x" * 1004 + b"\r\n"
    assert raw_key(long, 1) == raw_key(folded, 1)


def test_another_body_or_id_or_inbox_is_another_mail() -> None:
    other_body = MAIL.replace(b"ring", b"sing")
    other_id = MAIL.replace(b"<one@", b"<two@")
    keys = {raw_key(MAIL, 1), raw_key(other_body, 1), raw_key(other_id, 1), raw_key(MAIL, 2)}
    assert len(keys) == 4


def test_two_mails_of_a_sender_that_uses_one_id_and_one_text_for_all_were_one() -> None:
    other_sender = MAIL.replace(b"From: a@", b"From: b@")
    other_subject = MAIL.replace(b"Subject: Bell", b"Subject: Brake")
    assert len({raw_key(each, 1) for each in (MAIL, other_sender, other_subject)}) == 3


def test_a_folded_subject_and_a_padded_sender_are_the_same() -> None:
    long = MAIL.replace(b"Subject: Bell", b"Subject: Bell and brake")
    folded = long.replace(b"Bell and", b"Bell\r\n\tand").replace(b"From: a@", b"FROM:  a@")
    assert raw_key(folded, 1) == raw_key(long, 1)


def test_a_folded_message_id_is_the_same() -> None:
    folded = MAIL.replace(b"Message-ID: <one@", b"Message-ID:\r\n <one@")
    assert raw_key(folded, 1) == raw_key(MAIL, 1)


def test_mails_without_id_differ_by_what_they_say_of_themselves() -> None:
    plain = MAIL.partition(b"\r\n")[2]
    later = b"Date: Tue, 2 Jan 2026 10:00:00 +0000\r\n" + plain
    queued_once = b"Received: by mx id 1\r\n" + plain
    queued_again = b"Received: by mx id 2\r\n" + plain
    assert len({raw_key(each, 1) for each in (plain, later, queued_once, queued_again)}) == 4
    one_hop_more = b"Received: by inner id 7\r\n" + queued_once
    assert raw_key(one_hop_more, 1) == raw_key(queued_once, 1)


def test_bytes_without_a_header_are_all_body() -> None:
    assert split(b"hello\nworld\n") == (b"", b"hello\nworld\n")
    assert raw_key(b"hello", 1) != raw_key(b"world", 1)


@given(st.binary(max_size=2000))
def test_any_bytes_have_a_key(content: bytes) -> None:
    assert len(raw_key(content, 1)) == 64


@given(st.text(max_size=400))
def test_any_address_can_be_compared_and_stored(address: str) -> None:
    assert spellings(address)[0] == spellings(address)[0].lower()
    assert "\0" not in storable(address)
    storable(address).encode()


def test_a_plus_part_is_left_out() -> None:
    assert spellings("<Help+r.abc@Shop.example>") == ("help+r.abc@shop.example", "help@shop.example")
