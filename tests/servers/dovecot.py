"""Dovecot with IMAP and LMTP on high ports, for mailboxes in a temporary folder."""

import base64
import hashlib
import hmac
import json
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.process import folder, free_port, listening, program, running, unprivileged

PASSWORD = "secret-of-every-mailbox"

# Processes of Dovecot's own that need root are run as the one account that owns everything here.
CONFIGURATION = """
protocols = imap lmtp
base_dir = {path}/run
state_dir = {path}/state
log_path = {path}/log
info_log_path = {path}/log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mail_fsync = {fsync}
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
listen = 127.0.0.1
mail_max_userip_connections = 200
imap_idle_notify_interval = 10 s
auth_username_format = %Lu
lmtp_save_to_detail_mailbox = no
recipient_delimiter = +
mailbox_list_index = yes
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {path}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={path}/mail/%Lu allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  user = {user}
  process_min_avail = 1
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
service stats {{
  chroot =
}}
"""

# Tokens are judged by Dovecot itself: signature and time, as a provider's own server does.
OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={path}/keys/
username_attribute = sub
"""
TOKEN_KEY = b"key-of-every-token-of-this-server"


@dataclass
class Dovecot:
    """A running Dovecot; any address is a mailbox with `PASSWORD`."""

    path: Path
    imap_port: int
    lmtp_port: int
    user: str
    auth_port: int
    """Where Postfix asks who may sign in."""
    host: str = "127.0.0.1"
    password: str = field(default=PASSWORD, repr=False)

    @property
    def log(self) -> str:
        """What it wrote so far."""
        return (self.path / "log").read_text(errors="replace")

    def token(self, address: str, *, seconds: int = 3600) -> str:
        """Return an access token (RFC 7519) for a mailbox that ends in so many seconds, or did so."""
        now = int(time.time())
        claims = {"sub": address, "iat": min(now, now + seconds) - 10, "exp": now + seconds}
        parts = ({"alg": "HS256", "typ": "JWT"}, claims)
        signed = b".".join(_base64(json.dumps(each).encode()) for each in parts)
        return (signed + b"." + _base64(hmac.digest(TOKEN_KEY, signed, hashlib.sha256))).decode()

    def mailbox(self, address: str, name: str = "") -> Path:
        """Return the maildir of an address, or of one of its folders."""
        home = self.path / "mail" / address.lower() / "Maildir"
        return home / f".{name}" if name else home

    def messages(self, address: str, name: str = "") -> list[bytes]:
        """Return the mails in a folder, in the order of their arrival."""
        root = self.mailbox(address, name)
        files = [path for part in ("new", "cur") for path in (root / part).glob("*")]
        return [path.read_bytes() for path in sorted(files, key=lambda path: path.name)]

    def put(self, address: str, mails: Iterable[bytes]) -> None:
        """Lay mails into the inbox of an address as if they had come one after the other."""
        new = self.mailbox(address) / "new"
        for number, mail in enumerate(mails):
            path = new / f"{int(time.time())}.M{number:09}.backlog"
            path.write_bytes(mail)
            shutil.chown(path, self.user)

    def change_uidvalidity(self, address: str, name: str = "") -> None:
        """Forget all UIDs of a folder, as a restored or rebuilt mail server does; the mails stay."""
        root = self.mailbox(address, name)
        uids = root / "dovecot-uidlist"
        header = uids.read_text().partition("\n")[0].split()
        former = int(next(word for word in header if word.startswith("V"))[1:])
        for path in (*root.glob("dovecot.index*"), *self.mailbox(address).glob("dovecot.list.index*")):
            path.unlink()
        # Without lines for the mails, all get new UIDs from 1 on.
        uids.write_text(f"3 V{former + 1} N1 G{os.urandom(16).hex()}\n")


def _base64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


@contextmanager
def dovecot(
    *, path: Path | None = None, ports: tuple[int, int] | None = None, durable: bool = False
) -> Iterator[Dovecot]:
    """Yield a running server; give ``path`` and ``ports`` of a former one to restart it with its mail.

    Raises:
        Missing: Dovecot is not installed.

    """
    binary = program("dovecot", "dovecot-imapd dovecot-lmtpd")
    owner = unprivileged("dovecot", "mail")
    if path is not None:
        with _running(binary, path, owner, ports or (free_port(), free_port()), durable=durable) as server:
            yield server
        return
    with (
        folder(owner, "rapport-imap") as own,
        _running(binary, own, owner, ports or (free_port(), free_port()), durable=durable) as server,
    ):
        yield server


@contextmanager
def _running(
    binary: str, path: Path, owner: str, ports: tuple[int, int], *, durable: bool
) -> Iterator[Dovecot]:
    entry = pwd.getpwnam(owner)
    for name in ("run", "state", "mail"):
        (path / name).mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(path / name, entry.pw_uid, entry.pw_gid)
    group = subprocess.run(["id", "-gn", owner], capture_output=True, check=True, text=True).stdout.strip()
    key = path / "keys" / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_bytes(base64.b64encode(TOKEN_KEY))
    (path / "oauth2.conf").write_text(OAUTH2.format(path=path))
    auth_port = free_port()
    configuration = path / "dovecot.conf"
    configuration.write_text(
        CONFIGURATION.format(
            path=path,
            user=owner,
            group=group,
            uid=entry.pw_uid,
            gid=entry.pw_gid,
            password=PASSWORD,
            imap=ports[0],
            lmtp=ports[1],
            auth=auth_port,
            fsync="always" if durable else "never",
        )
    )
    configuration.chmod(0o644)
    with running(
        [binary, "-F", "-c", str(configuration)],
        log=path / "console",
        ready=lambda: all(listening(port) for port in ports),
    ):
        yield Dovecot(path, ports[0], ports[1], owner, auth_port)
