"""`misy show RUN`: one run, from its journal: steps, attempts, errors, result.

In: a run's id, or the beginning of one. Out: tables, or the object of `misy run --json` with attempts.
The code is 0 whatever became of the run: showing it worked.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from misydsl.cli import exits
from misydsl.cli.options import examples, journal_option, output_options
from misydsl.cli.places import command_for, existing_journal_path
from misydsl.cli.screen import BOLD, RED, Screen

if TYPE_CHECKING:
    from misydsl.workspace import Run


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy show`."""
    parser.add_argument("run", metavar="RUN", help="the run's id, or the beginning of it")
    journal_option(parser)
    output_options(parser)
    parser.add_argument(
        "--timeline", action="store_true", help="when what happened, as a picture in text"
    )
    examples(
        parser,
        "misy show RUN",
        "misy show RUN --timeline",
        "misy show RUN --json | jq '.steps[] | select(.error)'",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Show it."""
    from misydsl.cli.facts import run_object
    from misydsl.workspace import find_run, open_journal

    path = existing_journal_path(arguments.journal)
    journal = open_journal(path, is_reading=True)
    found = find_run(arguments.run, journal)
    if screen.is_json:
        screen.give(run_object(found.history(), with_attempts=True))
    elif arguments.timeline:
        screen.out.write(found.timeline().text)
    else:
        screen.say(*_lines(found, path, screen))
    return exits.FINE


def _lines(found: Run, path: Path, screen: Screen) -> list[str]:
    """How it ended, what went wrong, the result, and the tables."""
    from misydsl.cli import report
    from misydsl.cli.ending import standstill
    from misydsl.cli.facts import INTERRUPTED, failures_of, sentences, standing
    from misydsl.metrics.summary import agent_figures
    from misydsl.workspace.tables import critical_of

    history = found.history()
    is_lost = standing(found.journal.find(found.id)) == INTERRUPTED
    advice = f"its process is gone; to go on: {command_for('resume', found.id, path)}"
    failures = sentences(failures_of(history))
    critical = critical_of(history, found.journal, found.program)
    return [
        report.headline(history, screen, standing=INTERRUPTED if is_lost else ""),
        *([advice] if is_lost else []),
        *(standstill(history, path, str) if history.status == "paused" else []),
        *(["", screen.paint("errors", BOLD)] if failures else []),
        *(f"{screen.paint('✗', RED)} {line}" for line in failures),
        *report.result_lines(history, screen),
        *report.step_lines(history, screen),
        *report.agent_lines(agent_figures([history]), screen),
        *report.critical_lines(critical, screen),
        *report.attempt_lines(history, screen),
    ]
