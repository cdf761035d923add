"""Options that several commands share.

In: a parser. Out: the same options, with the same names and words, wherever they make sense:
`--json`/`--format`, `--journal`, `--agents`. Also where the journal of a command is.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path


def output_options(
    parser: argparse.ArgumentParser, formats: Sequence[str] = ("text", "json")
) -> None:
    """`--format` and its short form `--json`."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--format", choices=formats, help=f"how to write: {', '.join(formats)}")
    group.add_argument(
        "--json",
        dest="format",
        action="store_const",
        const="json",
        help="the same as --format json",
    )


def journal_option(parser: argparse.ArgumentParser) -> None:
    """`--journal PATH`."""
    parser.add_argument(
        "--journal",
        type=_named_path,
        metavar="PATH",
        help="where runs are recorded (default: $MISY_HOME, else .misy beside the file or here)",
    )


def agents_option(parser: argparse.ArgumentParser) -> None:
    """`--agents FILE.py`, as often as needed."""
    parser.add_argument(
        "--agents",
        type=Path,
        action="append",
        default=[],
        metavar="FILE.py",
        help="Python functions that are agents in this run; may be given several times",
    )


def examples(parser: argparse.ArgumentParser, *lines: str) -> None:
    """The examples at the end of `--help`."""
    parser.epilog = "\n".join(["examples:", *(f"  {line}" for line in lines)])


def _named_path(text: str) -> Path:
    if not text:  # an empty variable of the shell, which would mean the folder one is in
        raise argparse.ArgumentTypeError("a path is needed, not an empty text")
    return Path(text)


def at_least_one(text: str) -> int:
    """A count from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number from 1 is needed, not “{text}”")
    return int(text)
