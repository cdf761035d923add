"""`misy agents serve FILE.py` and `misy agents health FILE.misy`.

In: a file. Out: a server that runs until Ctrl-C (another room provides it, found through the entry
points `misydsl.verbs`), or how each agent of a pipeline is: 0 when all are well, 1 when not.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from misydsl.cli import exits
from misydsl.cli.options import examples, output_options
from misydsl.cli.screen import DIM, Screen
from misydsl.failures import MisyError, SourceInvalid

if TYPE_CHECKING:
    from misydsl.agents.contract import Health

_GROUP = "misydsl.verbs"
_SERVE = "agents-serve"
_PORT = 3007  # where agents are looked for when nothing says otherwise


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy agents`."""
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="what", required=True
    )
    serve = commands.add_parser(
        "serve",
        help="serve the Python functions of a file as agents over HTTP",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.add_argument("file", type=Path, metavar="FILE.py", help="a file with @agent functions")
    serve.add_argument("--port", type=int, default=_PORT, help=f"0 picks a free one ({_PORT})")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen at (127.0.0.1)")
    output_options(serve)
    examples(serve, "misy agents serve agents.py", "misy agents serve agents.py --port 0")
    health = commands.add_parser(
        "health",
        help="ask every agent of a file how it is",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    health.add_argument("file", type=Path, metavar="FILE.misy", help="a .misy file")
    output_options(health)
    examples(health, "misy agents health pipeline.misy", "misy agents health pipeline.misy --json")
    examples(parser, "misy agents serve agents.py", "misy agents health pipeline.misy")


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Serve, or ask."""
    return _serve(arguments, screen) if arguments.what == "serve" else _health(arguments, screen)


def _serve(arguments: argparse.Namespace, screen: Screen) -> int:
    from importlib.metadata import entry_points

    for entry in entry_points(group=_GROUP, name=_SERVE):
        serve = cast("Callable[[argparse.Namespace], int]", entry.load())
        arguments.json = screen.is_json
        return serve(arguments)
    raise MisyError("this installation has no agent server: install misydsl again, completely")


def _health(arguments: argparse.Namespace, screen: Screen) -> int:
    from misydsl.workspace import check_file, health

    checked = check_file(arguments.file)
    if checked.library is None or checked.errors:
        raise SourceInvalid(checked.diagnostics)
    answers = health(checked.library)
    if screen.is_json:
        screen.give({"agents": [_object(one) for one in answers]})
    elif not answers:
        screen.say(f"{os.fspath(arguments.file)} has no agents")
    else:
        screen.say(*_table(answers, screen))
    return exits.FINE if all(one.is_healthy for one in answers) else exits.FAILED


def _object(one: Health) -> dict[str, object]:
    return {
        "agent": one.agent,
        "healthy": one.is_healthy,
        "url": one.url,
        "detail": one.detail,
        "duration_s": one.duration_s,
    }


def _table(answers: list[Health], screen: Screen) -> list[str]:
    from misydsl.cli.tables import seconds, table

    heads = ["agent", "state", "time", "url", "detail"]
    rows = [
        [
            one.agent,
            "✓ healthy" if one.is_healthy else "✗ not healthy",
            seconds(one.duration_s),
            one.url,
            one.detail,
        ]
        for one in answers
    ]
    head, *lines = table(heads, rows, right=("time",), optional=("time",), room=screen.columns)
    return [screen.paint(head, DIM), *lines]
