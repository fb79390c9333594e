"""``rapport receive``: the pipe of an MTA. It must start fast, so it goes straight to the receiver."""

import sys


def run(arguments: list[str]) -> int:
    """Store the mail on standard input; 0 only after the commit, else 75."""
    from rapport.channels.email.receive import pipe
    from rapport.config.environment import Misconfigured, read

    try:
        environment = read()
    except Misconfigured as error:
        print(f"rapport receive: {error}", file=sys.stderr)
        return pipe.TEMPORARY_FAILURE
    return pipe.main(arguments, data=environment.data, database_url=environment.database_url)
