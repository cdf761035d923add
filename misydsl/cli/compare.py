"""`misy compare A B`: two runs side by side, step by step.

In: two ids, or beginnings of them. Out: a table, `{ a, b, same_result, steps: [...] }` with the names that
the DataFrame of `misydsl.compare` has, or CSV. The code is 0 whatever differs: comparing worked.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from misydsl.cli import exits
from misydsl.cli.exporting import TABLE_FORMATS, chosen_format, csv_text, put, table_options
from misydsl.cli.options import examples, journal_option
from misydsl.cli.places import existing_journal_path
from misydsl.cli.screen import BOLD, DIM, Screen, pretty

if TYPE_CHECKING:
    from misydsl.metrics.comparison import ComparedRun, ComparedStep


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy compare`."""
    parser.add_argument("a", metavar="A", help="a run's id, or the beginning of it")
    parser.add_argument("b", metavar="B", help="the run to hold against it")
    journal_option(parser)
    table_options(parser)
    examples(
        parser,
        "misy compare RUN OTHER",
        "misy compare RUN OTHER --json | jq '.steps[] | select(.same_result == false)'",
        "misy compare RUN OTHER --out difference.csv",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Hold them against each other."""
    from misydsl.metrics.comparison import COMPARED, compared_steps, totals
    from misydsl.workspace import find_run, open_journal
    from misydsl.workspace.comparing import side_of

    journal = open_journal(existing_journal_path(arguments.journal), is_reading=True)
    a, b = (side_of(find_run(one, journal)) for one in (arguments.a, arguments.b))
    rows = compared_steps(a, b)
    records = [{name: read(row) for name, read in COMPARED.items()} for row in rows]
    match chosen_format(arguments, TABLE_FORMATS):
        case "json" if arguments.out is None:
            screen.give({**totals(a, b), "steps": records})
        case "json":
            put(f"{pretty({**totals(a, b), 'steps': records})}\n", arguments, screen)
        case "csv":
            put(csv_text(list(COMPARED), records), arguments, screen)
        case _ if arguments.out is not None:
            lines = _lines(a, b, rows, Screen(screen.out, screen.err))
            put("".join(f"{line}\n" for line in lines), arguments, screen)
        case _:
            screen.say(*_lines(a, b, rows, screen))
    return exits.FINE


def _lines(a: ComparedRun, b: ComparedRun, rows: list[ComparedStep], screen: Screen) -> list[str]:
    from misydsl.cli.tables import table
    from misydsl.metrics.comparison import totals

    heads = ["step", "state a", "state b", "time a", "time b", "b - a", "b / a"]
    heads += ["attempts a", "attempts b", "result", "source"]
    texts = [_row(row) for row in rows]
    right = ("time a", "time b", "b - a", "b / a", "attempts a", "attempts b")
    optional = ("attempts a", "attempts b", "b - a", "source")
    head, *lines = table(heads, texts, right=right, optional=optional, room=screen.columns)
    result = _word(totals(a, b)["same_result"], "the same", "different", "not on both sides")
    return [
        *(_side_line("a", a, screen), _side_line("b", b, screen), f"results: {result}", ""),
        *(screen.paint(head, DIM), *lines),
    ]


def _side_line(name: str, side: ComparedRun, screen: Screen) -> str:
    from misydsl.cli.report import headline

    return f"{screen.paint(name, BOLD)}  {headline(side.history, screen)}"


def _row(row: ComparedStep) -> list[str]:
    from misydsl.cli.tables import seconds, state

    return [
        row.step,
        state(row.a.status) if row.a.status else "",
        state(row.b.status) if row.b.status else "",
        seconds(row.a.duration_s),
        seconds(row.b.duration_s),
        _difference(row.delta_s),
        "" if row.ratio is None else f"{row.ratio:.2f}",
        str(row.a.attempts) if row.a.attempts else "",
        str(row.b.attempts) if row.b.attempts else "",
        _word(row.is_same_result, "same", "differs", ""),
        _word(row.is_changed, "changed", "same", ""),
    ]


def _difference(delta_s: float | None) -> str:
    from misydsl.cli.tables import seconds

    if delta_s is None:
        return ""
    return f"{'-' if delta_s < 0 else '+'}{seconds(abs(delta_s))}"


def _word(answer: object, yes: str, no: str, unknown: str) -> str:
    if answer is None:
        return unknown
    return yes if answer else no
