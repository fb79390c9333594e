"""Doors of the routes whose views belong to third parties: the one table that the authorization matrix reads.

Our own views name their door themselves.
"""

from rapport.kernel.web import door
from rapport.staff.doors import CLOSED

POLICY = {
    "account_login": door.PUBLIC,
    "account_logout": door.PUBLIC,
    "account_inactive": door.PUBLIC,
    "account_signup": CLOSED,
    "account_reauthenticate": door.SIGNED_IN,
    "account_email": CLOSED,
    "account_email_verification_sent": CLOSED,
    "account_confirm_email": CLOSED,
    "account_confirm_login_code": CLOSED,
    "account_change_password": door.SIGNED_IN,
    "account_set_password": door.SIGNED_IN,
    "account_reset_password": door.PUBLIC,
    "account_reset_password_done": door.PUBLIC,
    "account_reset_password_from_key": door.PUBLIC,
    "account_reset_password_from_key_done": door.PUBLIC,
    "mfa_index": door.SIGNED_IN,
    "mfa_authenticate": door.PUBLIC,
    "mfa_reauthenticate": door.SIGNED_IN,
    "mfa_activate_totp": door.SIGNED_IN,
    "mfa_deactivate_totp": door.SIGNED_IN,
    "mfa_view_recovery_codes": door.SIGNED_IN,
    "mfa_generate_recovery_codes": door.SIGNED_IN,
    "mfa_download_recovery_codes": door.SIGNED_IN,
}

LIVE = {"/live": door.SIGNED_IN, "/live/presence": door.SIGNED_IN}
"""The doors of the live application, which stands beside Django and checks its callers itself."""
