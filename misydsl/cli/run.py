"""`misy run FILE [PIPELINE]`: run a pipeline to its end and watch it.

In: a file, inputs, agents. Out: live progress, then result, figures and picture; or one JSON object
`{ runId, pipeline, status, result, error?, steps }`. Ctrl-C pauses; `misy resume` goes on. With
`--dry-run` nothing is called: it shows what `misy plan` shows.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from misydsl.cli.options import agents_option, examples, journal_option, output_options
from misydsl.cli.places import new_journal_path
from misydsl.cli.screen import Screen, prints_aside


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy run`."""
    what_to_run(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="call nothing: show what `misy plan` shows"
    )
    parser.add_argument("--session", metavar="ID", help="the session the run belongs to")
    journal_option(parser)
    output_options(parser)
    examples(
        parser,
        "misy run viral_trends.misy",
        'misy run viral_trends.misy -p topic="inteligencia artificial" -p days=7',
        "misy run flows.misy publish --params inputs.json --agents agents.py",
        "misy run viral_trends.misy --json | jq .result",
    )


def what_to_run(parser: argparse.ArgumentParser) -> None:
    """The pipeline, its inputs and its agents, for a run and for its plan."""
    parser.add_argument(
        "file", metavar="FILE", help="a .misy file, or a workflow in .json; - reads the input"
    )
    parser.add_argument(
        "pipeline", metavar="PIPELINE", nargs="?", help="which one, when the file has several"
    )
    parser.add_argument(
        "-p",
        "--param",
        dest="params",
        action="append",
        default=[],
        type=named_value,
        metavar="name=value",
        help="an input, read by its declared type; may be given several times",
    )
    parser.add_argument(
        "--params",
        dest="params_file",
        type=Path,
        metavar="FILE.json",
        help="inputs as a JSON object; -p wins over it",
    )
    agents_option(parser)
    parser.add_argument(
        "--no-cache", action="store_true", help="make every call, whatever the cache knows"
    )


def named_value(text: str) -> str:
    """The text of `-p` when it has the form `name=value`."""
    name, equals, _ = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"write it as name=value, not “{text}”")
    return text


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Load, read the inputs, start, see it through."""
    from misydsl.cli.ending import see_through
    from misydsl.workspace import load, open_journal
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
    )
    if arguments.dry_run:
        from misydsl.cli.plan import tell

        return tell(pipeline, inputs, arguments, screen)
    path = new_journal_path(arguments.journal, beside=None if is_input else Path(arguments.file))
    with prints_aside(screen):
        started = pipeline.start(
            inputs,
            agent_files=arguments.agents,
            session=arguments.session,
            journal=open_journal(path),
            cache=not arguments.no_cache,
        )
        return see_through(started, screen, journal=path, words=arguments.words)
