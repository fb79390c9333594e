"""The command ``rapport``. Each subcommand is a small module of its own, imported only when it is called."""

import argparse
import os
import sys
from importlib import import_module

from rapport.config import output

COMMANDS = {
    "serve": "run everything: web, worker and mail, started again when they die",
    "demo": "the same with a living demo company",
    "web": "run only the web process",
    "worker": "run only the worker of queues and cron",
    "mail": "run only the fetching and receiving of mail",
    "migrate": "bring the database up to date",
    "check": "explain every misconfiguration",
    "user": "add, invite, disable and list members of staff, set their passwords",
    "receive": "store the mail on standard input (for the pipe of an MTA)",
    "explain-mail": "print what Rapport makes of a mail, without storing it",
    "backup": "write everything into one file",
    "restore": "make an empty installation a copy of a backup; it holds still until resumed",
    "resume": "let a restored copy send, fetch and act by the clock",
    "reactions": "list what reacts to which kind of entry, or replay the projections",
    "catalogue": "print every registry: kinds, queues, cron, topics and the rest",
}
UNREAD = 141
"""Exit code where nobody reads the output to its end, as a shell gives it for SIGPIPE."""
TEMPORARY_FAILURE = 75
"""EX_TEMPFAIL: the MTA keeps the mail. Any other code but 0 would return it to its writer."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command that ``arguments`` (the process's own by default) name; return the exit code.

    Whatever it writes, other users of the machine cannot read.
    """
    os.umask(0o077)
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["receive"]:
        return _receive(given[1:])
    try:
        try:
            return _main(given)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        output.unread()
        return UNREAD


def _receive(arguments: list[str]) -> int:
    try:
        return int(import_module("rapport.config.cli.receive").run(arguments))
    except BaseException as error:
        output.complain(f"rapport receive: not stored: {error!r}")
        return TEMPORARY_FAILURE
    finally:
        output.finish()


def _main(given: list[str]) -> int:
    if not given or given[0] in {"-h", "--help", "help"}:
        _print_help()
        return 0 if given else 2
    name, rest = given[0], given[1:]
    if name not in COMMANDS:
        print(f"rapport: there is no command {name!r}. rapport --help lists them.", file=sys.stderr)
        return 2
    module = import_module(f"rapport.config.cli.{name.replace('-', '_')}")
    parser = argparse.ArgumentParser(prog=f"rapport {name}", description=f"{COMMANDS[name].capitalize()}.")
    module.arguments(parser)
    return _run(module.run, parser.parse_args(rest))


def _run(run: object, options: argparse.Namespace) -> int:
    from rapport.config.environment import Misconfigured

    try:
        return int(run(options))  # type: ignore[operator]
    except Misconfigured as error:
        print(f"rapport: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _print_help() -> None:
    print("rapport COMMAND [options]\n")
    for name, meaning in COMMANDS.items():
        print(f"  {name:<14}{meaning}")
    print("\nrapport COMMAND --help says more. Settings are environment variables named RAPPORT_….")
