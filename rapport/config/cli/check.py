"""``rapport check``: every misconfiguration explained."""

import argparse

from rapport.config.cli import setup
from rapport.config.environment import examine


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options: there are none."""


def run(options: argparse.Namespace) -> int:  # noqa: ARG001
    """Print what is wrong; 1 where Rapport cannot run like this."""
    environment, wrong_values = examine()
    from rapport.config.checks import Problem, problems

    first = [*map(Problem, wrong_values), *problems(environment, database=False)]
    if not any(problem.fatal for problem in first):
        setup.start()
        first = list(problems(environment))
    for problem in first:
        print(f"{'wrong' if problem.fatal else 'note '}  {problem.words}")
    wrong = sum(problem.fatal for problem in first)
    print(f"{wrong} to put right." if wrong else "Everything is in order.")
    return 1 if wrong else 0
