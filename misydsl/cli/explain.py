"""`misy explain [CODE…]`: what a diagnostic means, with a bad and a good example.

In: codes, in any case; none for the list of all. Out: cause and examples, or the same as JSON. 2 when a
code does not exist.
"""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING, Final

from misydsl.cli import exits
from misydsl.cli.options import examples, output_options
from misydsl.cli.screen import BOLD, GREEN, RED, Screen
from misydsl.failures import MisyError

if TYPE_CHECKING:
    from misydsl.diagnostics.explanation import Explanation

_WIDTH: Final = 88
_SHOWN_LINES: Final = 14  # of an example; one of them is long on purpose
_MOMENTS: Final = {
    "check": "",
    "strict": "told by `misy check --strict` only",
    "run": "known only while a run computes the value",
    "serve": "told by a server, which knows its agents",
    "write": "told when a pipeline is written as JSON",
}


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy explain`."""
    parser.add_argument("codes", nargs="*", metavar="CODE", help="such as E0201; none lists all")
    output_options(parser)
    examples(parser, "misy explain E0505", "misy explain", "misy explain W0901 --json")


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Explain the codes, or list all of them."""
    from misydsl.diagnostics.catalogue import CATALOGUE

    chosen = [_find(code) for code in arguments.codes]
    if screen.is_json:
        screen.give({"codes": [_as_dict(one) for one in chosen or CATALOGUE.values()]})
    elif chosen:
        screen.say("\n\n".join(_page(one, screen) for one in chosen))
    else:
        screen.say(*(f"{screen.paint(one.code, BOLD)}  {one.title}" for one in CATALOGUE.values()))
    return exits.FINE


def _find(written: str) -> Explanation:
    from misydsl.diagnostics.catalogue import CATALOGUE
    from misydsl.diagnostics.similar import similar

    code = written.strip("[]").upper()
    if code in CATALOGUE:
        return CATALOGUE[code]
    meant = similar(code, CATALOGUE)
    advice = f"Did you mean `{meant}`?" if meant else "`misy explain` lists all codes"
    raise MisyError(f"there is no code `{written}`. {advice}")


def _page(one: Explanation, screen: Screen) -> str:
    moment = _MOMENTS[one.moment]
    parts = [
        screen.paint(f"{one.code}  {one.title}", BOLD) + (f"  ({moment})" if moment else ""),
        textwrap.fill(one.cause, _WIDTH),
        *(f"{name}:\n{_example(text)}" for name, text in one.files.items()),
        f"{screen.paint('wrong', RED)}{_saved(one)}:\n{_example(one.bad)}",
        f"{screen.paint('right', GREEN)}:\n{_example(one.good)}",
    ]
    return "\n\n".join(parts)


def _saved(one: Explanation) -> str:
    return "" if one.encoding == "utf-8" else f" (saved as {one.encoding})"


def _example(text: str) -> str:
    from misydsl.diagnostics.cells import printable

    lines = [printable(line) for line in text.splitlines()]
    left = len(lines) - _SHOWN_LINES
    shown = [*lines[: _SHOWN_LINES - 8], f"# … {left + 8} more lines"] if left > 0 else lines
    clipped = (line if len(line) <= 100 else f"{line[:99]}…" for line in shown)
    return "\n".join(f"    {line}".rstrip() for line in clipped)


def _as_dict(one: Explanation) -> dict[str, object]:
    return {
        "code": one.code,
        "severity": "warning" if one.code.startswith("W") else "error",
        "title": one.title,
        "cause": one.cause,
        "when": one.moment,
        "language": one.language,
        "bad": one.bad,
        "good": one.good,
        "files": dict(one.files),
    }
