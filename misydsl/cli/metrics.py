"""`misy metrics`: times, retries, waits and failures per agent and per step, over one run or many.

In: a journal, and which of its runs. Out: tables, `{ runs, agents, steps, failures }` with the names that
the DataFrames have, or one of the tables as CSV or Parquet. Reads the newest 100 runs, or all since a
moment; runs are added up one at a time, so a long history takes seconds and little memory.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from misydsl.cli import exits
from misydsl.cli.exporting import TABLE_FORMATS, chosen_format, csv_text, put, table_options
from misydsl.cli.options import at_least_one, examples, journal_option
from misydsl.cli.places import existing_journal_path
from misydsl.cli.screen import BOLD, Screen, pretty
from misydsl.failures import MisyError

if TYPE_CHECKING:
    from misydsl.metrics.critical import Stretch
    from misydsl.metrics.figures import AgentFigures, FailureFigures, StepFigures
    from misydsl.store.journal import Journal

READ: Final = 100
FORMATS: Final = (*TABLE_FORMATS, "parquet")
KINDS: Final = ("agents", "steps", "failures")


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is told; `run` and `critical` where it is about a single one."""

    runs: int
    agents: Sequence[AgentFigures]
    steps: Sequence[StepFigures]
    failures: Sequence[FailureFigures]
    run: str | None = None
    critical: Sequence[Stretch] = ()


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy metrics`."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="only this run (or its beginning)")
    parser.add_argument("--agent", metavar="NAME", help="only this agent, and steps that call it")
    parser.add_argument("--pipeline", metavar="NAME", help="only runs of this pipeline")
    parser.add_argument(
        "--since", metavar="TIME", help="only runs since then: 7d, 12h, or a day like 2026-03-01"
    )
    parser.add_argument(
        *("-n", "--limit"),
        type=at_least_one,
        metavar="N",
        help=f"how many runs to read, newest first (default {READ}, with --since all)",
    )
    parser.add_argument(
        "--of",
        choices=KINDS,
        help="which figures; csv and parquet hold one kind (default agents)",
    )
    journal_option(parser)
    table_options(parser, FORMATS)
    examples(
        parser,
        "misy metrics",
        "misy metrics RUN",
        "misy metrics --agent writer --since 7d",
        "misy metrics --pipeline viral-trends -n 1000 --out figures.csv",
        "misy metrics --json | jq '.agents[] | {agent, p99_s}'",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Add them up."""
    from misydsl.workspace import open_journal

    journal = open_journal(existing_journal_path(arguments.journal), is_reading=True)
    figures = _figures(journal, arguments)
    match chosen_format(arguments, FORMATS):
        case "json":
            _put_json(_objects(figures, arguments.of), arguments, screen)
        case "csv":
            put(_csv(figures, arguments.of or "agents"), arguments, screen)
        case "parquet":
            _write_parquet(figures, arguments)
        case _ if arguments.out is not None:
            plain = Screen(screen.out, screen.err)
            lines = _lines(figures, arguments.of, plain)
            put("".join(f"{line}\n" for line in lines), arguments, screen)
        case _:
            screen.say(*_lines(figures, arguments.of, screen))
    return exits.FINE


def _figures(journal: Journal, arguments: argparse.Namespace) -> Figures:
    from misydsl.metrics.summary import Tally, tally_of
    from misydsl.workspace.overviews import histories, summaries

    if arguments.run is not None:
        return _of_one(journal, arguments)
    limit = arguments.limit or (None if arguments.since else READ)
    chosen = summaries(journal, limit=limit, since=arguments.since, pipeline=arguments.pipeline)
    tally: Tally = tally_of(histories(journal, chosen))
    return _narrowed(
        Figures(tally.runs, tally.agents(), tally.steps(), tally.failures()), arguments.agent
    )


def _of_one(journal: Journal, arguments: argparse.Namespace) -> Figures:
    from misydsl.metrics.summary import tally_of
    from misydsl.workspace import find_run
    from misydsl.workspace.tables import critical_of

    if arguments.pipeline or arguments.since or arguments.limit:
        raise MisyError("RUN is one run: --pipeline, --since and --limit choose among many")
    found = find_run(arguments.run, journal)
    history = found.history()
    tally = tally_of([history])
    critical = critical_of(history, journal, found.program)
    figures = Figures(
        *(1, tally.agents(), tally.steps(), tally.failures()), run=found.id, critical=critical
    )
    return _narrowed(figures, arguments.agent)


def _narrowed(figures: Figures, agent: str | None) -> Figures:
    if agent is None:
        return figures
    return Figures(
        runs=figures.runs,
        agents=[row for row in figures.agents if row.agent == agent],
        steps=[row for row in figures.steps if agent in row.agents],
        failures=[row for row in figures.failures if row.agent == agent],
        run=figures.run,
    )


def _objects(figures: Figures, kind: str | None) -> dict[str, object]:
    from misydsl.cli.facts import critical_object, figures_object

    found: dict[str, object] = {"runs": figures.runs}
    if figures.run is not None:
        found["run"] = figures.run
    for name in KINDS if kind is None else (kind,):
        rows: Sequence[AgentFigures | StepFigures | FailureFigures] = getattr(figures, name)
        found[name] = [figures_object(row) for row in rows]
    if figures.run is not None and kind is None:
        found["critical_path"] = [critical_object(one) for one in figures.critical]
    return found


def _put_json(value: object, arguments: argparse.Namespace, screen: Screen) -> None:
    if arguments.out is None:
        screen.give(value)
    else:
        put(f"{pretty(value)}\n", arguments, screen)


def _csv(figures: Figures, kind: str) -> str:
    from misydsl.cli.facts import figures_object
    from misydsl.metrics import figures as rows
    from misydsl.metrics.records import names_of

    kinds: Mapping[str, type[AgentFigures | StepFigures | FailureFigures]] = {
        "agents": rows.AgentFigures,
        "steps": rows.StepFigures,
        "failures": rows.FailureFigures,
    }
    records = [figures_object(row) for row in getattr(figures, kind)]
    return csv_text(names_of(kinds[kind]), records)


def _write_parquet(figures: Figures, arguments: argparse.Namespace) -> None:
    if arguments.out is None:
        raise MisyError("a Parquet file is not for the screen: say where with --out FILE")
    from misydsl.metrics.figures_frame import figures_table
    from misydsl.metrics.parquet import write_parquet

    kind = arguments.of or "agents"
    write_parquet(figures_table(kind, getattr(figures, kind)), arguments.out)


def _lines(figures: Figures, kind: str | None, screen: Screen) -> list[str]:
    from misydsl.cli.report import agent_lines, critical_lines, failure_lines, figures_lines

    runs = "1 run" if figures.runs == 1 else f"{figures.runs} runs"
    tables: Mapping[str, Callable[[], list[str]]] = {
        "agents": lambda: agent_lines(figures.agents, screen),
        "steps": lambda: figures_lines(figures.steps, screen),
        "failures": lambda: failure_lines(figures.failures, screen),
        "critical path": lambda: critical_lines(figures.critical, screen),
    }
    wanted = tables if kind is None else {kind: tables[kind]}
    head = screen.paint(f"run {figures.run}" if figures.run else runs, BOLD)
    return [head, *(line for lines in wanted.values() for line in lines())]
