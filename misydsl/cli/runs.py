"""`misy runs`: the runs of a journal, newest first.

In: a journal. Out: a table, or `{ runs: [...] }`.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from misydsl.cli import exits
from misydsl.cli.options import at_least_one, examples, journal_option, output_options
from misydsl.cli.places import existing_journal_path
from misydsl.cli.screen import DIM, Screen

if TYPE_CHECKING:
    from misydsl.store.journal import RunSummary

SHOWN = 20


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy runs`."""
    parser.add_argument(
        *("-n", "--limit"),
        type=at_least_one,
        default=SHOWN,
        metavar="N",
        help=f"how many at most (default {SHOWN})",
    )
    parser.add_argument("--pipeline", metavar="NAME", help="only runs of this pipeline")
    parser.add_argument(
        "--since", metavar="TIME", help="only runs since then: 7d, 12h, or a day like 2026-03-01"
    )
    journal_option(parser)
    output_options(parser)
    examples(
        parser,
        "misy runs",
        "misy runs --pipeline viral-trends --since 7d",
        "misy runs -n 100 --json | jq '.runs[].runId'",
        "misy runs --journal flows/.misy/journal.db",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """List them."""
    from misydsl.cli.facts import INTERRUPTED, standing, summary_object
    from misydsl.cli.tables import table
    from misydsl.workspace import open_journal
    from misydsl.workspace.overviews import summaries

    path = existing_journal_path(arguments.journal)
    journal = open_journal(path, is_reading=True)
    # One more than is shown tells whether there are more.
    found = summaries(
        journal,
        limit=arguments.limit + 1,
        since=arguments.since,
        pipeline=arguments.pipeline,
    )
    shown = found[: arguments.limit]
    if screen.is_json:
        screen.give({"runs": [summary_object(row) for row in shown]})
    elif not shown and (arguments.since or arguments.pipeline):
        screen.say("no such runs: misy runs lists all of them")
    elif not shown:
        screen.say("no runs yet: misy run FILE.misy makes the first one")
    else:
        heads = ["run", "pipeline", "state", "began", "time", "steps", "session"]
        rows = [_row(one) for one in shown]
        optional = ("session", "steps", "time")
        head, *lines = table(
            heads, rows, right=("time", "steps"), optional=optional, room=screen.columns
        )
        screen.say(screen.paint(head, DIM), *lines)
        if len(found) > len(shown):
            screen.say(screen.paint(f"… there are more: misy runs -n {10 * len(shown)}", DIM))
        if any(standing(row) == INTERRUPTED for row in shown):
            screen.say(screen.paint("an interrupted run goes on with: misy resume RUN", DIM))
    return exits.FINE


def _row(row: RunSummary) -> list[str]:
    from misydsl.cli.facts import standing
    from misydsl.cli.tables import moment, seconds, state

    took = None if row.finished_at is None else max(0.0, row.finished_at - row.accepted_at)
    return [
        row.run,
        row.title or row.pipeline,
        state(standing(row)),
        moment(row.accepted_at),
        seconds(took),
        str(row.steps),
        row.session,
    ]
