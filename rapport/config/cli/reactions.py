"""``rapport reactions``: who reacts to what, and replaying the projections."""

import argparse

from rapport.config.cli import setup


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--replay", metavar="MODEL", help="run the projections over all entries of this model"
    )
    parser.add_argument("--only", default="", metavar="NAME", help="replay only this reaction")


def run(options: argparse.Namespace) -> int:
    """List, or replay."""
    if options.replay:
        setup.start_migrated()
    else:
        setup.start()
    from django.apps import apps

    from rapport.kernel.stream import reactions

    if options.replay:
        try:
            model = apps.get_model(options.replay)
        except (LookupError, ValueError):
            print(
                f"There is no model {options.replay}. Name it as app.Model, for example conversations.Entry."
            )
            return 1
        print(f"{reactions.replay(model, only=options.only)} calls made.")
        return 0
    for reaction in reactions.all_reactions():
        marks = ", ".join(
            word for word, on in (("replay", reaction.replay), ("on import", reaction.on_import)) if on
        )
        print(f"{reaction.kind:<26} {reaction.name}{f'  ({marks})' if marks else ''}")
    return 0
