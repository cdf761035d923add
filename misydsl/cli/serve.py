"""`misy serve [PROJECT_DIR]`.

In: a folder of `.misy` files. Out: the orchestrator's API, live events and a page, on loopback, until Ctrl-C. Another
room provides it, found through the entry point it declares, because rooms at the door do not know each other.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast

from misydsl.cli.options import agents_option, examples, journal_option, output_options
from misydsl.cli.screen import Screen
from misydsl.failures import MisyError

_GROUP: Final = "misydsl.verbs"
_PORT: Final = 3007
_GRACE_S: Final = 10.0


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy serve`."""
    parser.add_argument(
        "project",
        type=Path,
        nargs="?",
        default=Path(),
        metavar="PROJECT_DIR",
        help="the folder whose .misy files declare agents and pipelines (here)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (127.0.0.1)")
    parser.add_argument("--port", type=int, default=_PORT, help=f"0 picks a free one ({_PORT})")
    agents_option(parser)
    _who_may_ask(parser)
    _running(parser)
    journal_option(parser)
    output_options(parser)
    examples(
        parser,
        "misy serve",
        "misy serve examples --agents examples/agents.py",
        "misy serve --host 0.0.0.0 --token-file token --allow-host misy.example.org",
    )


def _who_may_ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="a file with the token that every request has to bring",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="another name of this server",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="URL",
        help="an origin whose pages may ask, such as http://localhost:5173",
    )


def _running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--log-format", choices=("text", "json"), default="text", help="how the log is written"
    )
    parser.add_argument(
        "--grace",
        type=_seconds,
        default=_GRACE_S,
        metavar="SECONDS",
        help=f"what open calls get when it is stopped ({_GRACE_S:g})",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Serve until the process is told to stop."""
    from importlib.metadata import entry_points

    for entry in entry_points(group=_GROUP, name="serve"):
        serve = cast("Callable[[argparse.Namespace], int]", entry.load())
        arguments.json = screen.is_json
        return serve(arguments)
    raise MisyError("this installation has no server: install misydsl again, completely")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"seconds from 0 to 3600 are needed, not “{text}”")
    return seconds
