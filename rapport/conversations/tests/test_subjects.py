"""The subject stays one line that the database holds, however long the customer's was."""

from rapport.conversations.subjects import LENGTH, forward_subject, reply_subject, subject_line


def test_a_subject_is_one_line() -> None:
    assert subject_line(" Where\r\n\tis  it? ") == "Where is it?"


def test_an_answer_says_re_once_in_any_language() -> None:
    assert reply_subject("Where is it?") == "Re: Where is it?"
    assert reply_subject("RE: Where is it?") == "RE: Where is it?"
    assert reply_subject("AW: Wo bleibt es?") == "AW: Wo bleibt es?"
    assert reply_subject("Re[2]: Where is it?") == "Re[2]: Where is it?"
    assert reply_subject("Reading glasses") == "Re: Reading glasses"
    assert reply_subject("") == ""


def test_answering_the_longest_subject_was_too_long_for_postgresql() -> None:
    longest = "x" * LENGTH
    assert len(reply_subject(longest)) == LENGTH
    assert len(forward_subject(longest)) == LENGTH
