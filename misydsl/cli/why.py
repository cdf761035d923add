"""`misy why RUN STEP`: why a step ran, was reused, was skipped, failed, or waits.

In: a run, the path of a step or the end of one, perhaps an item. Out: plain sentences from the journal and
the commands to type next, or `{ runId, step, item, status, sentences, differences, comparedWith, commands }`.
The code is 0 whatever became of the step: telling why worked.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from misydsl.cli import exits
from misydsl.cli.options import examples, journal_option, output_options
from misydsl.cli.places import command_for, existing_journal_path
from misydsl.cli.screen import BOLD, Screen
from misydsl.diagnostics.cells import printable

if TYPE_CHECKING:
    from pathlib import Path

    from misydsl.workspace.why import Explanation


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy why`."""
    parser.add_argument("run", metavar="RUN", help="the run's id, or the beginning of it")
    parser.add_argument(
        "step",
        metavar="STEP",
        help="the step, by its path or the end of it; STEP[ITEM] for one item",
    )
    parser.add_argument("--item", metavar="ITEM", help="one item of the `for` around the step")
    journal_option(parser)
    output_options(parser)
    examples(
        parser,
        "misy why RUN scripts",
        "misy why RUN scripts --item 2",
        "misy why RUN scripts --json | jq .differences",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Tell why."""
    from misydsl.workspace import find_run, open_journal

    path = existing_journal_path(arguments.journal)
    found = find_run(arguments.run, open_journal(path, is_reading=True))
    told = found.why(arguments.step, arguments.item)
    if screen.is_json:
        screen.give(told.as_data())
    else:
        screen.say(*_lines(told, path, screen))
    return exits.FINE


def _lines(told: Explanation, journal: Path, screen: Screen) -> list[str]:
    first, *rest = map(printable, told.sentences)
    commands = [command_for(verb, told.run, journal, *more) for verb, *more in told.commands]
    return [screen.paint(first, BOLD), *rest, *(f"→ {command}" for command in commands)]
