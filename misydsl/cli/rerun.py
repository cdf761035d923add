"""`misy rerun RUN [--from STEP] [-p name=value]`: an earlier run once more, from a step on or with other inputs.

In: a run that has ended, and what is to be different. Out: as `misy run`. Everything that is equal is taken
over from the earlier run: the same agent with the same inputs is not called again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from misydsl.cli.options import agents_option, examples, journal_option, output_options
from misydsl.cli.places import existing_journal_path
from misydsl.cli.run import named_value
from misydsl.cli.screen import Screen, prints_aside


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy rerun`."""
    parser.add_argument("run", metavar="RUN", help="the run's id, or the beginning of it")
    parser.add_argument(
        "--from",
        dest="from_step",
        metavar="STEP",
        help="this step and all that depends on it are done anew",
    )
    parser.add_argument(
        "-p",
        "--param",
        dest="params",
        action="append",
        default=[],
        type=named_value,
        metavar="name=value",
        help="an input that is to be different; may be given several times",
    )
    parser.add_argument(
        "--file", type=Path, metavar="FILE.misy", help="a changed text, instead of the run's own"
    )
    agents_option(parser)
    journal_option(parser)
    output_options(parser)
    examples(
        parser,
        "misy rerun RUN --from draft",
        'misy rerun RUN -p topic="otra cosa"',
        "misy rerun RUN --file changed.misy",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Begin the new run and see it through."""
    from misydsl.cli.ending import see_through
    from misydsl.workspace import find_run, load, open_journal, rerun
    from misydsl.workspace.typed_inputs import read_inputs

    path = existing_journal_path(arguments.journal)
    journal = open_journal(path)
    base = find_run(arguments.run, journal)
    meaning, _ = base.program()
    if arguments.file is not None:
        meaning = load(arguments.file, meaning.name).meaning
    inputs = read_inputs(
        meaning.name,
        meaning.parameters,
        given=arguments.params,
        params_file=None,
        words=arguments.words,
        are_all_needed=False,
    )
    with prints_aside(screen):
        begun = rerun(
            base.id,
            from_step=arguments.from_step,
            inputs=inputs,
            file=arguments.file,
            journal=journal,
            agent_files=arguments.agents,
        )
        return see_through(begun, screen, journal=path, words=arguments.words)
