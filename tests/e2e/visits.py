"""The screens that the tests of accessibility visit, by the route that answers them.

Words in braces are what ``tests.e2e.seed screens`` has made. A route that answers a page and does not stand
here fails ``tests/architecture/test_screens_visited.py``.
"""

SIGNED_IN: dict[str, tuple[str, ...]] = {
    "account-menu": ("/menus/account",),
    "account_change_password": ("/accounts/password/change/",),
    "account_inactive": ("/accounts/inactive/",),
    "account_logout": ("/accounts/logout/",),
    "account_reauthenticate": ("/accounts/reauthenticate/",),
    "console:audit": ("/settings/audit",),
    "console:brand": ("/settings/brands/1",),
    "console:brand_archive": ("/settings/brands/1/archive",),
    "console:brand_new": ("/settings/brands/new",),
    "console:brands": ("/settings/brands",),
    "console:canned_replies": ("/settings/canned-replies",),
    "console:canned_reply": ("/settings/canned-replies/{canned}",),
    "console:canned_reply_new": ("/settings/canned-replies/new",),
    "console:disable": ("/settings/people/{nora}/disable",),
    "console:home": ("/settings",),
    "console:inbox": ("/settings/inboxes/1",),
    "console:inbox_connect": (
        "/settings/inboxes/1/connection",
        *(f"/settings/inboxes/1/connection?way={way}" for way in ("google", "server", "service", "own")),
    ),
    "console:inbox_delete": ("/settings/inboxes/{unused}/delete",),
    "console:inbox_history_undo": ("/settings/inboxes/1/history/undo",),
    "console:inbox_new": ("/settings/inboxes/new",),
    "console:inbox_provider": ("/settings/inboxes/1/provider",),
    "console:inboxes": ("/settings/inboxes",),
    "console:invite": ("/settings/people/new",),
    "console:notification_preferences": ("/profile/notifications",),
    "console:people": ("/settings/people",),
    "console:person": ("/settings/people/{nora}",),
    "console:profile": ("/profile",),
    "console:queues": ("/settings/queues",),
    "console:security": ("/profile/security",),
    "console:tag": ("/settings/tags/{tag}",),
    "console:tag_delete": ("/settings/tags/{tag}/delete",),
    "console:tag_new": ("/settings/tags/new",),
    "console:tags": ("/settings/tags",),
    "console:team": ("/settings/teams/1",),
    "console:team_archive": ("/settings/teams/1/archive",),
    "console:team_new": ("/settings/teams/new",),
    "console:teams": ("/settings/teams",),
    "console:two_factor_off": ("/settings/people/{nora}/two-factor-off",),
    "conversation": ("/conversations/{number}",),
    "customer": ("/customers/{customer}",),
    "files-of-conversation": ("/conversations/{number}/files",),
    "home": ("/",),
    "inbox-view": ("/inbox/all", "/inbox/mine", "/inbox/mentions", "/inbox/failed"),
    "menu": tuple(
        f"/conversations/{{number}}/menus/{which}"
        for which in ("status", "assign", "priority", "tags", "snooze", "more")
    ),
    "new": ("/new", "/new?mode=call"),
    "notifications:list": ("/notifications",),
    "panel": ("/conversations/{number}/panel",),
    "search": ("/search", "/search?q=parcel"),
    "tray": ("/trays/refused",),
    "trays": ("/trays",),
    "ui:design": ("/design",),
}
OUTSIDE: dict[str, tuple[str, ...]] = {
    "account_login": ("/accounts/login/",),
    "account_reset_password": ("/accounts/password/reset/",),
    "account_reset_password_done": ("/accounts/password/reset/done/",),
    "account_reset_password_from_key": ("/accounts/password/reset/key/1-no-such-key/", "{reset}"),
    "account_reset_password_from_key_done": ("/accounts/password/reset/key/done/",),
    "console:invitation": ("{invitation}", "/invitation/no-such-token/"),
    "console:set_up": ("/set-up/no-such-token/",),
}
DEMO: dict[str, tuple[str, ...]] = {
    "demo": ("/demo",),
    "demo-mail": ("/demo/mail", "/demo/mail?as=ada@customer.example"),
    "demo-thread": ("/demo/mail/1",),
}
SECOND_FACTOR = {
    "mfa_index": "/accounts/2fa/",
    "mfa_activate_totp": "/accounts/2fa/totp/activate/",
    "mfa_deactivate_totp": "/accounts/2fa/totp/deactivate/",
    "mfa_generate_recovery_codes": "/accounts/2fa/recovery-codes/generate/",
    "mfa_view_recovery_codes": "/accounts/2fa/recovery-codes/",
}
"""Visited in ``test_the_second_factor``, with the steps that lead there."""
NO_SCREENS = {
    "original": "a customer's own mail, in its frame",
}
MISSING = ("/nowhere", "/conversations/999999")
"""Pages that say that there is nothing."""
