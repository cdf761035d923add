"""`misy cancel RUN`: stop a run for good, whoever works on it.

In: a run's id, or the beginning of one. Out: one line. Open calls are aborted within a second and nothing new
begins; a run that nobody works on is closed at once. A run that has ended stays what it is.
"""

from __future__ import annotations

import argparse
import getpass

from misydsl.cli import exits
from misydsl.cli.options import examples, journal_option, output_options
from misydsl.cli.places import existing_journal_path
from misydsl.cli.screen import Screen
from misydsl.failures import MisyError

PATIENCE_S = 10.0  # an owner looks for commands twice a second


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy cancel`."""
    parser.add_argument("run", metavar="RUN", help="the run's id, or the beginning of it")
    journal_option(parser)
    output_options(parser)
    examples(parser, "misy cancel RUN")


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Cancel it and wait until it has ended."""
    from misydsl.workspace import find_run, open_journal

    journal = open_journal(existing_journal_path(arguments.journal))
    found = find_run(arguments.run, journal)
    was_final = found.is_final
    if not was_final:
        found.cancel(by=getpass.getuser())
        try:
            found.wait(PATIENCE_S)
        except TimeoutError as problem:
            raise MisyError(
                f"run {found.id} was told to stop and has not ended in {PATIENCE_S:g} s; "
                "its process may hang: end it, and cancel again"
            ) from problem
    if screen.is_json:
        screen.give({"runId": found.id, "status": found.status})
    else:
        words = f"had ended before: {found.status}" if was_final else found.status
        screen.say(f"run {found.id} {words}")
    return exits.FINE
