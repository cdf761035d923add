"""`misy resume RUN`: go on with a run that was paused or whose process died.

In: a run's id, or the beginning of one. Out: as `misy run`. Finished steps are not called again.
"""

from __future__ import annotations

import argparse

from misydsl.cli.options import agents_option, examples, journal_option, output_options
from misydsl.cli.places import existing_journal_path
from misydsl.cli.screen import Screen, prints_aside


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy resume`."""
    parser.add_argument("run", metavar="RUN", help="the run's id, or the beginning of it")
    agents_option(parser)
    parser.add_argument(
        "--budget",
        action="append",
        default=[],
        type=budget_part,
        metavar="calls=N",
        help="what the run may spend from now on: calls=, cost= or tokens=; may be given several times",
    )
    journal_option(parser)
    output_options(parser)
    examples(
        parser,
        "misy resume RUN",
        "misy resume RUN --agents agents.py",
        "misy resume RUN --budget calls=500",
        "misy runs --json | jq -r '.runs[] | select(.status == \"paused\") | .runId'",
    )


def budget_part(text: str) -> tuple[str, int | float]:
    """One part of a budget: `calls=500`."""
    name, _, number = text.partition("=")
    try:
        if name == "cost":
            return name, float(number)
        if name in ("calls", "tokens"):
            return name, int(number)
    except ValueError:
        pass  # said below, with what is needed
    raise argparse.ArgumentTypeError(f"write it as calls=N, cost=N or tokens=N, not “{text}”")


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Take the run over and see it through."""
    from misydsl.cli.ending import see_through
    from misydsl.workspace import find_run, open_journal, resume

    path = existing_journal_path(arguments.journal)
    journal = open_journal(path, is_reading=True)
    past = find_run(arguments.run, journal).history()
    words = arguments.words
    with prints_aside(screen):
        resumed = resume(
            past.id, journal=journal, agent_files=arguments.agents, budget=dict(arguments.budget)
        )
        return see_through(resumed, screen, journal=path, words=words, after=past.last_seq)
