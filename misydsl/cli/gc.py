"""`misy gc --keep 30d`: forget runs that ended long ago, and give their room back.

In: a journal and how long its runs are kept. Out: which runs went (or, with `--dry-run`, would go) and what
that freed, or `{ runs, events, size_bytes, dry_run }`. Runs that are not final are never touched; others may
read and write meanwhile.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from misydsl.cli import exits
from misydsl.cli.options import examples, journal_option, output_options
from misydsl.cli.places import existing_journal_path, remove_pictures
from misydsl.cli.screen import DIM, Screen
from misydsl.cli.tables import counted, size
from misydsl.clock import SYSTEM_CLOCK
from misydsl.values import Duration, duration_text, parse_measure

if TYPE_CHECKING:
    from misydsl.store.journal import Collected

KEEP = "30d"
_SHOWN = 20  # ids told one by one


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy gc`."""
    parser.add_argument(
        "--keep",
        type=_duration,
        default=KEEP,
        metavar="TIME",
        help=f"runs that ended longer ago than this go: 12h, 30d (default {KEEP})",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    journal_option(parser)
    output_options(parser)
    examples(parser, "misy gc --dry-run", "misy gc --keep 30d", "misy gc --keep 0s --json")


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Forget them."""
    from misydsl.workspace import open_journal

    path = existing_journal_path(arguments.journal)
    is_dry_run: bool = arguments.dry_run
    journal = open_journal(path, is_reading=is_dry_run)
    before = SYSTEM_CLOCK.wall() - arguments.keep
    collected = journal.collect(before, is_dry_run=is_dry_run)
    if not is_dry_run:
        _remove_pictures(path, collected.runs, screen)
    if screen.is_json:
        screen.give({**asdict(collected), "dry_run": is_dry_run})
    elif collected.runs or collected.size_bytes:
        screen.say(*_lines(collected, screen, is_dry_run=is_dry_run))
    else:
        screen.say(f"nothing to forget: no run ended more than {duration_text(arguments.keep)} ago")
    return exits.FINE


def _lines(collected: Collected, screen: Screen, *, is_dry_run: bool) -> list[str]:
    more = len(collected.runs) - _SHOWN
    ids = [*collected.runs[:_SHOWN], *([f"… and {more} more"] if more > 0 else [])]
    runs = counted(len(collected.runs), "run", "runs") or "no run"
    events = counted(collected.events, "event", "events") or "no event"
    what = f"{runs} with {events}, {size(collected.size_bytes)}"
    told = f"would be forgotten: {what}" if is_dry_run else f"✓ forgotten: {what} freed"
    return [*(screen.paint(one, DIM) for one in ids), told]


def _remove_pictures(journal: Path, runs: Iterable[str], screen: Screen) -> None:
    """A picture that stays behind is no reason to fail: the runs are gone."""
    try:
        remove_pictures(journal, runs)
    except OSError as problem:
        screen.note(f"a picture could not be removed: {problem}")


def _duration(text: str) -> Duration:
    measure = parse_measure(text)
    if not isinstance(measure, Duration):
        raise argparse.ArgumentTypeError(f"a time is needed, such as 12h or 30d, not “{text}”")
    return measure
