"""`misy retry RUN --failed`: a new run of what failed in an earlier one.

In: a run that has ended, perhaps a mended file. Out: as `misy run`. What succeeded there is taken over where
the agent and the inputs are the same; a step that differs is called, and says so.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from misydsl.cli.options import agents_option, examples, journal_option, output_options
from misydsl.cli.places import existing_journal_path
from misydsl.cli.screen import Screen, prints_aside


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy retry`."""
    parser.add_argument("run", metavar="RUN", help="the run's id, or the beginning of it")
    parser.add_argument(
        "--failed", action="store_true", help="only what failed, which is what it does anyway"
    )
    parser.add_argument(
        "--file", type=Path, metavar="FILE.misy", help="a mended text, instead of the run's own"
    )
    agents_option(parser)
    journal_option(parser)
    output_options(parser)
    examples(parser, "misy retry RUN --failed", "misy retry RUN --failed --file mended.misy")


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Begin the new run and see it through."""
    from misydsl.cli.ending import see_through
    from misydsl.workspace import open_journal, retry

    path = existing_journal_path(arguments.journal)
    with prints_aside(screen):
        begun = retry(
            arguments.run,
            file=arguments.file,
            journal=open_journal(path),
            agent_files=arguments.agents,
        )
        return see_through(begun, screen, journal=path, words=arguments.words)
