"""`misy show RUN`: one run, from its journal: steps, attempts, errors, result.

In: a run's id, or the beginning of one. Out: tables, or the object of `misy run --json` with attempts.
The code is 0 whatever became of the run: showing it worked.
"""

from __future__ import annotations

import argparse

from misydsl.cli import exits
from misydsl.cli.options import examples, journal_option, output_options
from misydsl.cli.places import command_for, existing_journal_path
from misydsl.cli.screen import BOLD, RED, Screen


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
    from misydsl.cli.facts import INTERRUPTED, failures_of, run_object, sentences, standing
    from misydsl.cli.report import (
        agent_lines,
        attempt_lines,
        critical_lines,
        headline,
        result_lines,
        step_lines,
    )
    from misydsl.metrics.summary import agent_figures
    from misydsl.workspace import find_run, open_journal
    from misydsl.workspace.tables import critical_of

    path = existing_journal_path(arguments.journal)
    journal = open_journal(path, is_reading=True)
    found = find_run(arguments.run, journal)
    history = found.history()
    if screen.is_json:
        screen.give(run_object(history, with_attempts=True))
        return exits.FINE
    if arguments.timeline:
        screen.out.write(found.timeline().text)
        return exits.FINE
    lost = standing(journal.find(found.id)) == INTERRUPTED
    failures = sentences(failures_of(history))
    screen.say(
        headline(history, screen, standing=INTERRUPTED if lost else ""),
        *(
            [f"its process is gone; to go on: {command_for('resume', found.id, path)}"]
            if lost
            else []
        ),
        *(["", screen.paint("errors", BOLD)] if failures else []),
        *(f"{screen.paint('✗', RED)} {line}" for line in failures),
        *result_lines(history, screen),
        *step_lines(history, screen),
        *agent_lines(agent_figures([history]), screen),
        *critical_lines(critical_of(history, journal, found.program), screen),
        *attempt_lines(history, screen),
    )
    return exits.FINE
