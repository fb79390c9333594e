"""What the processes of Rapport do. Each function runs in its own process until it is told to stop."""

import signal
import socket
import sys
import threading
from importlib.util import find_spec

from rapport.config.environment import Environment
from rapport.config.supervisor import CANNOT_WORK, STOPPING


def prepare(environment: Environment) -> int:
    """Bring the database up to date, build the demo where wanted, say how to get in; return the exit code."""
    from rapport.config import greeting
    from rapport.config.checks import problems
    from rapport.config.cli.migrate import migrate

    greeting.clear()
    if found := [problem for problem in problems(environment, database=False) if problem.fatal]:
        for problem in found:
            print(f"rapport: {problem.words}", file=sys.stderr)  # noqa: T201
        return CANNOT_WORK
    migrate()
    from rapport.kernel.jobs.hold import HELD, held

    lines = [str(HELD)] if held() else []
    if environment.demo:
        from rapport.demo import run

        greeting.write([*run.prepare(), *lines])
        return 0
    from rapport.staff.actions.first_administrator import set_up_link

    if link := set_up_link():
        lines.append(
            f"Nobody is on the staff yet. Open this link once, within a day, to set Rapport up: {link}"
        )
    if lines:
        greeting.write(lines)
    return 0


def web(environment: Environment, sockets: list[socket.socket] | None = None) -> int:
    """Answer requests."""
    from rapport.config.web import serve

    serve(bind=environment.bind, port=environment.port, url=environment.url, sockets=sockets)
    return 0


def worker() -> int:
    """Work through the queues and run cron."""
    from rapport.kernel.jobs import worker as work

    work.run(stop_event())
    return 0


def mail() -> int:
    """Fetch and receive mail."""
    stop = stop_event()
    if find_spec("rapport.channels.email.receive.mail") is None:
        print("rapport mail: there is no mail receiver in this installation", file=sys.stderr)  # noqa: T201
        stop.wait()
        return 0
    from rapport.channels.email.receive import mail as receiver
    from rapport.config.settings import DEMO

    if DEMO:
        from rapport.demo import post

        threading.Thread(target=post.serve, args=(stop,), name="post", daemon=True).start()
    receiver.run(stop)
    return 0


def stop_event() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in STOPPING:
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
