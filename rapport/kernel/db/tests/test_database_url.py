"""The address of the database, as all who connect read it."""

import pytest

from rapport.kernel.db.database_url import BadUrl, parse


def test_what_a_password_needs_codes_for_is_read_back() -> None:
    found = parse("postgresql://rapport:50%25off%21%23@db.example/rapport")
    assert found["password"] == "50%off!#"


@pytest.mark.parametrize(
    ("password", "words"), [("50%off!", "written %25"), ("50%", "written %25"), ("a#b", "written %23")]
)
def test_a_percent_sign_in_the_password_was_in_order_and_every_piped_mail_was_put_off(
    password: str, words: str
) -> None:
    with pytest.raises(BadUrl, match=words) as refused:
        parse(f"postgresql://rapport:{password}@db.example/rapport")
    assert password not in str(refused.value)
