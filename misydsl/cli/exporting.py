"""Tables as files and for other programs.

In: records with one name per column, or text. Out: CSV, and files where `--out` names one. What a file is
to hold may be told by its name alone (`figures.csv`).
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from misydsl.cli.options import output_options
from misydsl.cli.screen import Screen
from misydsl.failures import MisyError

TABLE_FORMATS: Final = ("table", "json", "csv")
SUFFIXES: Final[Mapping[str, str]] = {
    ".txt": "table",
    ".json": "json",
    ".csv": "csv",
    ".parquet": "parquet",
}


def table_options(parser: argparse.ArgumentParser, formats: Sequence[str] = TABLE_FORMATS) -> None:
    """`--format` with the forms of a table, `--json`, and `--out FILE`."""
    output_options(parser, formats)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write to this file; without --format its suffix says how",
    )


def chosen_format(arguments: argparse.Namespace, formats: Sequence[str]) -> str:
    """How to write: as asked for, else by the suffix of `--out`, else a table."""
    if arguments.format is not None:
        return str(arguments.format)
    found = SUFFIXES.get(arguments.out.suffix, "table") if arguments.out is not None else "table"
    return found if found in formats else "table"


def csv_text(names: Sequence[str], records: Sequence[Mapping[str, object]]) -> str:
    """The records as CSV with a head; what is not known is an empty cell."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([record[name] for name in names] for record in records)
    return written.getvalue()


def put(text: str, arguments: argparse.Namespace, screen: Screen) -> None:
    """The text on `out`, or in the file of `--out`. Raises: `MisyError`."""
    if arguments.out is None:
        screen.out.write(text)
        return
    try:
        arguments.out.write_text(text, encoding="utf-8")
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise MisyError(f"{arguments.out} cannot be written: {reason}") from problem
    screen.note(f"written: {arguments.out}")
