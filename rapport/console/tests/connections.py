"""The connection of an inbox as its page posts it."""

SECRET = "canary-secret-word"


def connection(**changes: str) -> dict[str, str]:
    return {
        "incoming": "imap",
        "imap_host": "127.0.0.1",
        "imap_port": "1",
        "imap_security": "none",
        "imap_user": "support",
        "imap_secret": SECRET,
        "imap_folders": "INBOX, Orders",
        "after_read": "leave",
        "history": "from_now",
        "history_days": "30",
        "outgoing": "smtp",
        "smtp_host": "127.0.0.1",
        "smtp_port": "1",
        "smtp_security": "none",
        "smtp_user": "",
        "smtp_secret": "",
    } | changes


def tried(client, inbox, form: dict[str, str]) -> str:
    """Save and test, as the page does it; return what it shows then."""
    address = f"/settings/inboxes/{inbox.pk}/connection"
    assert "is being tried" in client.post(address, form | {"test": "1"}).content.decode()
    answer = client.post(f"{address}/test")
    assert answer.status_code == 200
    page: str = answer.content.decode()
    return page
