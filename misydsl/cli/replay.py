"""`misy replay RUN [--file changed.misy]`: a run once more from its own recording, without any network.

In: a run of the journal, or a file that `--save` wrote; perhaps a changed text. Out: what differs from the
recording, step by step, and whether the result is the same. The code is 0 when it is, else 1. Nothing is
added to the journal.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from misydsl.cli import exits
from misydsl.cli.options import examples, journal_option, output_options
from misydsl.cli.places import existing_journal_path
from misydsl.cli.screen import BOLD, DIM, Screen


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy replay`."""
    parser.add_argument(
        "run", metavar="RUN", help="the run's id, the beginning of it, or a .jsonl recording"
    )
    parser.add_argument(
        "--file", type=Path, metavar="FILE.misy", help="a changed text, tried on the recording"
    )
    parser.add_argument(
        "--save", type=Path, metavar="FILE.jsonl", help="write the recording down, for tests"
    )
    journal_option(parser)
    output_options(parser)
    examples(
        parser,
        "misy replay RUN",
        "misy replay RUN --file changed.misy",
        "misy replay RUN --save tests/viral.jsonl",
        "misy replay tests/viral.jsonl --file viral_trends.misy",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Play it and say what differs."""
    from misydsl.cli.differences import differences_of, told
    from misydsl.cli.report import headline
    from misydsl.history.fold import fold
    from misydsl.workspace import find_run, open_journal
    from misydsl.workspace.again import recording_of, replay

    source: str | Path = arguments.run
    journal = None
    if not arguments.run.endswith(".jsonl"):
        journal = open_journal(existing_journal_path(arguments.journal), is_reading=True)
    events = recording_of(source, journal)
    before = fold(events)
    if arguments.save is not None and journal is not None:
        find_run(arguments.run, journal).save(arguments.save)
        screen.note(f"the recording is in {arguments.save}")
    after = replay(source, file=arguments.file, journal=journal).history()
    found = differences_of(before, after)
    if screen.is_json:
        screen.give(found.as_data())
    else:
        screen.say(
            headline(after, screen), *told(found, paint=lambda text: screen.paint(text, DIM))
        )
        same = "the result is the same" if found.is_same else "the result differs"
        screen.say("", screen.paint(same, BOLD))
    return exits.FINE if found.is_same else exits.FAILED
