"""`misy check FILE…`: everything that is wrong, in one go.

In: files (`-` is the standard input). Out: diagnostics with carets and a count, or the object
`{ files, diagnostics }`. 0 when the files can be used (warnings included), 2 when not.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from misydsl.cli import exits
from misydsl.cli.options import examples, output_options
from misydsl.cli.screen import GREEN, RED, Screen

if TYPE_CHECKING:
    from misydsl.diagnostics.diagnostic import Diagnostic


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy check`."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a .misy file; - reads the input")
    parser.add_argument(
        "--strict", action="store_true", help="also say where a value of unknown type is used"
    )
    output_options(parser)
    examples(
        parser,
        "misy check pipeline.misy",
        "misy check --strict flows/*.misy",
        "misy check --format json pipeline.misy | jq .diagnostics",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Check every file; a file that cannot be read does not hide the others."""
    from misydsl.failures import MisyError
    from misydsl.workspace import check_file, check_text

    found: list[Diagnostic] = []
    unread: list[str] = []
    for name in arguments.files:
        try:
            if name == "-":
                checked = check_text(sys.stdin.read(), name=name, strict=arguments.strict)
            else:
                checked = check_file(Path(name), strict=arguments.strict)
        except MisyError as error:
            unread.append(str(error))
        else:
            found.extend(one for one in checked.diagnostics if one not in found)
    _report(arguments.files, found, unread, screen)
    is_wrong = bool(unread) or any(diagnostic.is_error for diagnostic in found)
    return exits.WRONG if is_wrong else exits.FINE


def _report(files: list[str], found: list[Diagnostic], unread: list[str], screen: Screen) -> None:
    if screen.is_json:
        _give(files, found, unread, screen)
        return
    for words in unread:
        screen.note(f"{screen.paint_err('error', RED)}: {words}")
    if found:
        screen.show(found)
    elif not unread:
        checked = files[0] if len(files) == 1 else f"{len(files)} files"
        screen.say(f"{screen.paint('✓', GREEN)} {checked}: no problems")


def _give(files: list[str], found: list[Diagnostic], unread: list[str], screen: Screen) -> None:
    from misydsl.diagnostics.machine import as_dict

    answer: dict[str, object] = {
        "files": files,
        "diagnostics": [as_dict(diagnostic) for diagnostic in found],
    }
    if unread:
        answer["error"] = {"kind": "Unreadable", "message": "; ".join(unread)}
    screen.give(answer)
