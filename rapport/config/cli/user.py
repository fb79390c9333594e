"""``rapport user``: members of staff from the command line, by the same actions as on the screens."""

import argparse
import sys

from rapport.config.cli import setup


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    acts = parser.add_subparsers(dest="act", required=True)
    create = acts.add_parser("create", help="add a member of staff")
    create.add_argument("address")
    create.add_argument("--name", required=True)
    create.add_argument("--role", default="representative")
    create.add_argument("--language", default="en")
    create.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    for act, meaning in (
        ("invite", "send a one-time link to choose a password, and print it"),
        ("password", "set the password to the line on standard input"),
        ("two-factor-off", "let the password alone sign in: for who lost phone and recovery codes"),
        ("disable", "lock out, and close all sessions"),
        ("enable", "let in again"),
    ):
        acts.add_parser(act, help=meaning).add_argument("address")
    acts.add_parser("list", help="list everybody on the staff")


def run(options: argparse.Namespace) -> int:
    """Do the act; 1 with the reason where it is refused."""
    setup.start_migrated()
    from rapport.staff.authority import NotAllowed, Refused
    from rapport.staff.models import Agent

    try:
        if options.act == "list":
            _list()
        elif options.act == "create":
            _create(options)
        else:
            agent = Agent.objects.select_related("account").get(
                account__email__iexact=options.address.strip()
            )
            _ACTS[options.act](agent)
    except Agent.DoesNotExist:
        print(f"Nobody on the staff has the address {options.address}.", file=sys.stderr)
        return 1
    except Refused as refused:
        print(f"{refused.field}: {refused.reason}", file=sys.stderr)
        return 1
    except NotAllowed as refused:
        print(f"not allowed: {refused}", file=sys.stderr)
        return 1
    return 0


def _create(options: argparse.Namespace) -> None:
    from rapport.staff.actions.accept_invitation import check_password
    from rapport.staff.actions.create_agent import create_agent
    from rapport.staff.authority import Refused
    from rapport.staff.roles import Role

    if options.role not in Role.values:
        raise Refused("role", f"one of {', '.join(Role.values)}")
    password = _read_password() if options.password_stdin else None
    if password is not None:
        check_password(password)
    agent = create_agent(
        actor=None,
        address=options.address,
        name=options.name,
        role=Role(options.role),
        password=password,
        language=options.language,
    )
    print(f"{agent.name} is on the staff as {agent.get_role_display()}.")
    if password is None:
        _invite(agent)


def _invite(agent: object) -> None:
    from rapport.staff.actions.invite import invite

    print(invite(actor=None, agent=agent))  # type: ignore[arg-type]


def _password(agent: object) -> None:
    from rapport.staff.actions.accept_invitation import check_password
    from rapport.staff.actions.set_password import set_password

    account = agent.account  # type: ignore[attr-defined]
    password = _read_password()
    check_password(password, account)
    set_password(actor=None, account=account, password=password)
    print("The password is set; all sessions are closed.")


def _two_factor_off(agent: object) -> None:
    from rapport.staff.actions.two_factor_off import two_factor_off

    two_factor_off(actor=None, agent=agent)  # type: ignore[arg-type]
    print("Two-factor sign-in is off; all sessions are closed.")


def _disable(agent: object) -> None:
    from rapport.staff.actions.disable import disable

    disable(actor=None, agent=agent)  # type: ignore[arg-type]
    print("Disabled; all sessions are closed.")


def _enable(agent: object) -> None:
    from rapport.staff.actions.disable import enable

    enable(actor=None, agent=agent)  # type: ignore[arg-type]
    print("Enabled.")


def _list() -> None:
    from rapport.staff.models import Agent

    for agent in Agent.objects.select_related("account").order_by("name"):
        print(
            f"{agent.account.email:<40} {agent.role:<15} {agent.name}{'' if agent.active else '  (disabled)'}"
        )


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


_ACTS = {
    "invite": _invite,
    "password": _password,
    "two-factor-off": _two_factor_off,
    "disable": _disable,
    "enable": _enable,
}
