"""`misy metrics`: times, retries and success per agent and per step, over many runs.

In: a journal. Out: two tables, or `{ runs, agents: [...], steps: [...] }`. Reads the newest runs only,
100 unless told otherwise, so it stays quick on an old journal.
"""

from __future__ import annotations

import argparse

from misydsl.cli import exits
from misydsl.cli.options import at_least_one, examples, journal_option, output_options
from misydsl.cli.places import existing_journal_path
from misydsl.cli.screen import BOLD, Screen

READ = 100


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy metrics`."""
    parser.add_argument("--pipeline", metavar="NAME", help="only runs of this pipeline")
    parser.add_argument(
        *("-n", "--limit"),
        type=at_least_one,
        default=READ,
        metavar="N",
        help=f"how many runs to read, newest first (default {READ})",
    )
    journal_option(parser)
    output_options(parser)
    examples(
        parser,
        "misy metrics",
        "misy metrics --pipeline viral-trends -n 1000",
        "misy metrics --json | jq '.agents[] | {agent, p99_s}'",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Add them up."""
    from misydsl.cli.facts import figures_object
    from misydsl.cli.report import agent_lines, figures_lines
    from misydsl.history.fold import fold
    from misydsl.metrics.summary import agent_figures, step_figures
    from misydsl.workspace import open_journal

    journal = open_journal(existing_journal_path(arguments.journal), is_reading=True)
    wanted = arguments.pipeline
    # A pipeline's newest runs may stand behind many others, so then all are looked through.
    rows = journal.runs(limit=None if wanted else arguments.limit)
    chosen = [row for row in rows if wanted in (None, row.pipeline)][: arguments.limit]
    histories = [fold(journal.read(row.run)) for row in chosen]
    agents, steps = agent_figures(histories), step_figures(histories)
    if screen.is_json:
        screen.give(
            {
                "runs": len(histories),
                "agents": [figures_object(row) for row in agents],
                "steps": [figures_object(row) for row in steps],
            }
        )
    else:
        runs = "1 run" if len(histories) == 1 else f"{len(histories)} runs"
        head = screen.paint(runs, BOLD)
        screen.say(head, *agent_lines(agents, screen), *figures_lines(steps, screen))
    return exits.FINE
