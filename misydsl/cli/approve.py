"""`misy approve RUN [STEP]`: answer what a step asks people (`human.approve`).

In: a run, the step if it asks several things, yes or no, a comment. Out: one line. Whoever works on the run
hears of it within a second; when nobody does, the answer is kept and `misy resume` takes it.
"""

from __future__ import annotations

import argparse
import getpass

from misydsl.cli import exits
from misydsl.cli.options import examples, journal_option, output_options
from misydsl.cli.places import command_for, existing_journal_path
from misydsl.cli.screen import BOLD, Screen
from misydsl.failures import MisyError


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy approve`."""
    parser.add_argument("run", metavar="RUN", help="the run's id, or the beginning of it")
    parser.add_argument(
        "step", metavar="STEP", nargs="?", help="the step that asks; STEP[ITEM] for one item"
    )
    parser.add_argument("--deny", action="store_true", help="the answer is no")
    parser.add_argument("--comment", metavar="TEXT", help="goes to the step with the answer")
    parser.add_argument("--by", metavar="NAME", help="who answers (default: the user's name)")
    journal_option(parser)
    output_options(parser)
    examples(
        parser,
        "misy approve RUN",
        'misy approve RUN review --comment "con el título nuevo"',
        "misy approve RUN review --deny",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Leave the answer."""
    from misydsl.workspace import find_run, open_journal

    path = existing_journal_path(arguments.journal)
    journal = open_journal(path)
    found = find_run(arguments.run, journal)
    question = found.question(arguments.step)
    found.approve(
        question.step,
        item=question.item,
        approved=not arguments.deny,
        by=arguments.by or _user(),
        comment=arguments.comment,
    )
    word = "denied" if arguments.deny else "approved"
    if screen.is_json:
        screen.give({"runId": found.id, "step": question.step, "item": question.item, word: True})
        return exits.FINE
    screen.say(f"{word}: {question.where} of run {found.id}")
    if journal.find(found.id).owner is None:
        command = command_for("resume", found.id, path)
        screen.note(f"nobody works on the run now; to go on: {screen.paint_err(command, BOLD)}")
    return exits.FINE


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as problem:  # a container's user may have no name
        raise MisyError("say who answers: --by NAME") from problem
