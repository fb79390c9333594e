"""Postfix on a high port with its whole configuration and queue in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import Missing, folder, free_port, listening, program, wait_until

MAIN = """
compatibility_level = 3.6
queue_directory = {path}/queue
data_directory = {path}/data
daemon_directory = {daemons}
command_directory = {commands}
mail_owner = postfix
setgid_group = postdrop
default_privs = nobody
maillog_file = {path}/log/maillog
maillog_file_prefixes = {path}
myhostname = mta.test.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
relay_domains = static:ALL
relay_transport = {transport}
default_transport = {transport}
transport_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_tls_security_level = none
disable_dns_lookups = yes
smtp_dns_support_level = disabled
notify_classes =
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
default_destination_concurrency_limit = 10
rapport_destination_recipient_limit = 1
message_size_limit = 104857600
mailbox_size_limit = 0
in_flow_delay = 0
bounce_queue_lifetime = 1h
{settings}
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
showq unix n - n - - showq
{pipe}
"""


@dataclass
class Postfix:
    """A running Postfix: what is sent to ``port`` goes on by its one transport."""

    path: Path
    port: int
    host: str = "127.0.0.1"

    @property
    def log(self) -> str:
        """What it wrote so far."""
        path = self.path / "log" / "maillog"
        return path.read_text(errors="replace") if path.exists() else ""

    def queued(self) -> int:
        """Return how many mails wait."""
        command = [program("postqueue", "postfix"), "-c", str(self.path / "etc"), "-j"]
        return subprocess.run(command, capture_output=True, check=True).stdout.count(b"\n")

    def flush(self) -> None:
        """Try all waiting mails at once."""
        subprocess.run(
            [program("postqueue", "postfix"), "-c", str(self.path / "etc"), "-f"],
            check=True,
            capture_output=True,
        )

    def drain(self, seconds: float = 60.0) -> None:
        """Wait until nothing waits any more; TimeoutError after ``seconds``."""
        end = time.monotonic() + seconds
        while self.queued():
            if time.monotonic() > end:
                raise TimeoutError(f"{self.queued()} mails still wait:\n{self.log[-3000:]}")
            self.flush()
            time.sleep(0.2)


@contextmanager
def postfix(
    *, pipe: str = "", pipe_user: str = "nobody", lmtp_port: int = 0, smtp_port: int = 0, settings: str = ""
) -> Iterator[Postfix]:
    """Yield a running server.

    Args:
        pipe: Shell-free command line that gets each mail on standard input, one recipient at a time;
        Postfix's ``${recipient}`` and ``${sender}`` may stand in it. Its exit code counts as in ``pipe(8)``.
        pipe_user: Account that the command runs as; Postfix refuses root and its own.
        lmtp_port: Instead, hand each mail to this LMTP port of the loopback address.
        smtp_port: Instead, hand each mail to this SMTP port.
        settings: Further lines of ``main.cf``.

    Raises:
        Missing: Postfix is not installed, or we may not start it.

    """
    program("postfix", "postfix")
    if os.geteuid() != 0:
        raise Missing("Postfix starts as root only")
    with folder("root", "rapport-mta") as path:
        path.chmod(0o755)
        port = free_port()
        transport = "rapport"
        if lmtp_port or smtp_port:
            transport = f"lmtp:[127.0.0.1]:{lmtp_port}" if lmtp_port else f"smtp:[127.0.0.1]:{smtp_port}"
        _configure(path, port, transport, _pipe_service(pipe, pipe_user), settings)
        server = Postfix(path, port)
        _control(path, "start")
        try:
            wait_until(lambda: listening(port), "Postfix")
            yield server
        finally:
            _stop(path)


def _pipe_service(command: str, user: str) -> str:
    if not command:
        return ""
    return f"rapport unix - n n - 10 pipe\n  flags=DRhu user={user} null_sender= argv={command}"


def _configure(path: Path, port: int, transport: str, pipe: str, settings: str) -> None:
    owner = pwd.getpwnam("postfix")
    for name in ("etc", "queue", "data", "log"):
        (path / name).mkdir()
    os.chown(path / "data", owner.pw_uid, owner.pw_gid)
    main = MAIN.format(
        path=path,
        daemons=_daemons(),
        commands=Path(program("postfix", "postfix")).parent,
        transport=transport,
        settings=settings,
    )
    (path / "etc" / "main.cf").write_text(main)
    (path / "etc" / "master.cf").write_text(MASTER.format(port=port, pipe=pipe))
    for name in ("postfix-files", "dynamicmaps.cf"):
        if (Path("/etc/postfix") / name).exists():
            shutil.copy(Path("/etc/postfix") / name, path / "etc" / name)


def _daemons() -> Path:
    for path in (Path("/usr/lib/postfix/sbin"), Path("/usr/libexec/postfix")):
        if (path / "master").exists():
            return path
    raise Missing("Postfix's master is not installed (package postfix)")


def _control(path: Path, word: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [program("postfix", "postfix"), "-c", str(path / "etc"), word],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and word == "start":
        raise RuntimeError(f"postfix start failed: {done.stderr}{done.stdout}")
    return done


def _stop(path: Path) -> None:
    _control(path, "abort")
    pid = path / "queue" / "pid" / "master.pid"

    def gone() -> bool:
        try:
            os.kill(int(pid.read_text()), 0)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return True
        return False

    wait_until(gone, "the end of Postfix", 10)
