"""`misy plan FILE [PIPELINE]`: what a run may come to, before anything is called.

In: what a run would be given; inputs may be left out. Out: tables of steps, cache, totals and agents, then the
critical path and warnings; or one JSON object. Warnings do not change the exit code. Journals are read and
never made; files of agents given with `--agents` are loaded, to know what they bind.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.cli import exits
from misydsl.cli.options import examples, journal_option, output_options
from misydsl.cli.run import what_to_run
from misydsl.cli.screen import BOLD, DIM, YELLOW, Screen, prints_aside
from misydsl.cli.tables import clipped, table
from misydsl.values import Value

if TYPE_CHECKING:
    from misydsl.workspace import Pipeline
    from misydsl.workspace.forecast_tables import Table
    from misydsl.workspace.forecasts import Forecast

MAX_ROWS: Final = 50
MAX_WARNINGS: Final = 20
_ROOM: Final = 100  # columns, where no terminal says how many it has


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy plan`."""
    what_to_run(parser)
    journal_option(parser)
    output_options(parser)
    examples(
        parser,
        "misy plan viral_trends.misy",
        'misy plan viral_trends.misy -p topic="inteligencia artificial"',
        "misy plan flows.misy publish --params inputs.json --agents agents.py",
        "misy plan viral_trends.misy --json | jq .totals.requests.most",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Load, read the inputs that are given, and tell."""
    from misydsl.workspace import load
    from misydsl.workspace.typed_inputs import read_inputs

    is_input = arguments.file == "-"
    # A text without a line break or a brace would be taken for a path.
    pipeline = load(
        f"{sys.stdin.read()}\n" if is_input else Path(arguments.file), arguments.pipeline
    )
    warnings = pipeline.check()
    if warnings and not screen.is_json:
        screen.show(warnings, on_err=True)
    inputs = read_inputs(
        pipeline.name,
        pipeline.parameters,
        given=arguments.params,
        params_file=arguments.params_file,
        words=arguments.words,
        are_all_needed=False,
    )
    return tell(pipeline, inputs, arguments, screen)


def tell(
    pipeline: Pipeline, inputs: Mapping[str, Value], arguments: argparse.Namespace, screen: Screen
) -> int:
    """Plan a run of the pipeline with these inputs, and show it."""
    with prints_aside(screen):
        forecast = pipeline.plan(
            inputs=inputs,
            agent_files=arguments.agents,
            journal=arguments.journal,
            cache=not arguments.no_cache,
        )
    if screen.is_json:
        screen.give(forecast.as_dict())
    else:
        screen.say(*_lines(forecast, screen))
    return exits.FINE


def _lines(forecast: Forecast, screen: Screen) -> list[str]:
    from misydsl.workspace.forecast_tables import headline, remarks_of, tables_of

    room = screen.columns or _ROOM
    lines = [screen.paint(clipped(headline(forecast.facts), room), BOLD)]
    for one in tables_of(forecast.facts):
        lines += _table(one, screen, room)
    lines += ["", *(clipped(each, room * 3) for each in remarks_of(forecast.facts))]
    told = [clipped(each, room * 3) for each in forecast.warnings[:MAX_WARNINGS]]
    lines += [f"{screen.paint('!', YELLOW)} {each}" for each in told]
    more = len(forecast.warnings) - len(told)
    return [*lines, f"… {more:,} more: --json has all"] if more > 0 else lines


def _table(one: Table, screen: Screen, room: int) -> list[str]:
    rows = one.rows[:MAX_ROWS]
    more = len(one.rows) - len(rows) + one.more
    head, *lines = table(one.heads, rows, right=one.right, optional=one.optional, room=room)
    rest = [screen.paint(f"… {more:,} more rows: --json has all", DIM)] if more else []
    return ["", screen.paint(one.title, BOLD), screen.paint(head, DIM), *lines, *rest]
