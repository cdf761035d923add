"""`misy`: finds the verb, reads its options, and turns every ending into an exit code.

In: the arguments of the process. Out: text on the two streams and 0, 1, 2 or 130 (see `exits`).
Promises: no traceback for anything a person can get wrong; only the module of the chosen verb is
imported; a reader that goes away (`misy runs | head`) is not an error.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final, NoReturn

from misydsl.cli import exits
from misydsl.cli.screen import RED, Screen, screen_for
from misydsl.cli.streams import OutputLost, steady_streams
from misydsl.failures import MisyError, SourceInvalid

if TYPE_CHECKING:
    from misydsl.diagnostics.machine import DiagnosticDict

VERBS: Final[Mapping[str, str]] = {
    "check": "say everything that is wrong with .misy files",
    "explain": "say what a diagnostic means, with examples",
    "fmt": "lay .misy files out the one way they are laid out",
    "graph": "draw a pipeline's steps",
    "plan": "say what a run may come to, before anything is called",
    "run": "run a pipeline and watch it",
    "resume": "go on with a run that was interrupted",
    "approve": "answer what a step asks people",
    "retry": "run again what failed in a run",
    "rerun": "run again from a step, or with other inputs",
    "replay": "play a run from its recording, without any network",
    "cancel": "stop a run for good",
    "why": "say why a step ran, was reused, was skipped, failed or waits",
    "runs": "list the runs of a journal",
    "show": "show one run: steps, attempts, errors, result",
    "gc": "forget old runs and give their room back",
    "metrics": "times, retries, waits and failures per agent and step",
    "compare": "hold two runs against each other, step by step",
    "serve": "serve a project: the orchestrator's API, live events and a page",
    "agents": "serve Python functions as agents, or ask agents how they are",
    "grammar": "the language: where it is written down, as a card for models, for editors",
}
_EXAMPLES: Final = """\
examples:
  misy check pipeline.misy
  misy run pipeline.misy -p topic="inteligencia artificial"
  misy runs
  misy resume RUN

`misy COMMAND --help` has the options and examples of a command.
exit codes: 0 fine, 1 the run failed, 2 wrong source or usage, 130 interrupted"""


class UsageWrong(MisyError):
    """The command line itself is wrong; `usage` says how it is written."""

    def __init__(self, message: str, usage: str) -> None:
        self.usage = usage
        super().__init__(message)


class Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong as an error instead of leaving the process."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise UsageWrong(message, self.format_usage().strip())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    with steady_streams() as (out, err):
        screen = screen_for(out, err, environment=os.environ, is_json=_asks_for_json(words))
        try:
            code = _guarded(words, screen)
            out.flush()
        except OutputLost as lost:
            err.write(f"{screen.paint_err('error', RED)}: {lost}\n")
            code = exits.FAILED
        err.flush()
    return code


def _guarded(words: list[str], screen: Screen) -> int:
    """The exit code of the command, whatever happens in it."""
    try:
        return _dispatch(words, screen)
    except OutputLost:
        raise
    except MisyError as error:
        return _refuse(error, screen)
    except KeyboardInterrupt:
        screen.note("", "interrupted")
        return exits.CANCELLED
    except OSError as error:
        return _refuse(MisyError(_of_the_system(error)), screen)
    except Exception as error:  # noqa: BLE001  # the last door: a person gets words, not a traceback
        return _confess(error, screen)


def _of_the_system(error: OSError) -> str:
    """What the operating system refused, in its own words."""
    words = error.strerror or str(error)
    if error.filename is not None:
        return f"{os.fsencode(error.filename).decode('utf-8', errors='replace')}: {words}"
    return "the working folder is no longer there" if _is_homeless() else words


def _is_homeless() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _dispatch(words: list[str], screen: Screen) -> int:
    parser, verb_parsers = _parser(words)
    verb = next((word for word in words if not word.startswith("-")), None)
    if verb is not None and verb not in VERBS:
        raise UsageWrong(
            _unknown(f"there is no command `{verb}`", verb, VERBS), parser.format_usage()
        )
    arguments, unknown = parser.parse_known_args(words)
    if unknown:
        chosen = verb_parsers[verb] if verb else parser
        if unknown[0] in _options(chosen):  # it was known, and stood before the command
            chosen.error(f"`{unknown[0]}` stands after the command: misy {verb} … {unknown[0]}")
        chosen.error(_unknown(f"I don't know `{unknown[0]}`", unknown[0], _options(chosen)))
    if verb is None:
        screen.say(_version() if arguments.version else parser.format_help().rstrip())
        return exits.FINE
    arguments.words = words
    return int(_module(verb).run(arguments, screen))


def _parser(words: Sequence[str]) -> tuple[Parser, dict[str, Parser]]:
    """The parser of everything; only verbs that are named in `words` are imported and described."""
    parser = Parser(
        prog="misy",
        description="MisyDSL: describe a pipeline of agents, check it, run it, resume it.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="verb")
    verb_parsers: dict[str, Parser] = {}
    for verb, summary in VERBS.items():
        described = commands.add_parser(
            verb,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        verb_parsers[verb] = described
        if verb in words:
            _module(verb).describe(described)
    return parser, verb_parsers


def _version() -> str:
    from importlib.metadata import version

    return f"misy {version('misydsl')}"


def _module(verb: str) -> ModuleType:
    return importlib.import_module(f"misydsl.cli.{verb}")


def _asks_for_json(words: Sequence[str]) -> bool:
    return "--json" in words or "--format=json" in words or ("--format", "json") in pairwise(words)


def _unknown(message: str, word: str, candidates: Sequence[str] | Mapping[str, str]) -> str:
    from misydsl.diagnostics.similar import similar

    meant = similar(word, candidates)
    return f"{message}. Did you mean `{meant}`?" if meant else message


def _options(parser: argparse.ArgumentParser) -> list[str]:
    return [option for action in parser._actions for option in action.option_strings]  # noqa: SLF001  # argparse has no public list


def _refuse(error: MisyError, screen: Screen) -> int:
    if screen.is_json:
        screen.give(_error_object(error))
    elif isinstance(error, SourceInvalid):
        screen.show(error.diagnostics, on_err=True)
    else:
        screen.note(f"{screen.paint_err('error', RED)}: {error}")
    if isinstance(error, UsageWrong):
        screen.note(error.usage)
    return exits.of_error(error)


def _error_object(error: MisyError) -> dict[str, object]:
    """What a machine is told: the kind of error, its words, and diagnostics where the text is wrong."""
    found: dict[str, object] = {
        "error": {"kind": type(error).__name__, "message": str(error)},
        "diagnostics": _diagnostics(error),
    }
    return found


def _diagnostics(error: MisyError) -> list[DiagnosticDict]:
    from misydsl.diagnostics.machine import as_dict

    if not isinstance(error, SourceInvalid):
        return []
    return [as_dict(diagnostic) for diagnostic in error.diagnostics]


def _confess(error: Exception, screen: Screen) -> int:
    """An error nobody foresaw is a bug of misy: say so, and how to get the traceback."""
    if os.environ.get("MISY_TRACEBACK"):
        raise error
    words = f"{type(error).__name__}: {error}"
    if screen.is_json:
        screen.give({"error": {"kind": "Bug", "message": words}, "diagnostics": []})
    screen.note(
        f"{screen.paint_err('error', RED)}: this is a bug in misy, not in your file: {words}",
        "set MISY_TRACEBACK=1 to see where it happened",
    )
    return exits.FAILED
