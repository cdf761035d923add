"""The two streams of a command, and what may be written on them.

In: the process's streams and environment. Out: `Screen`: results on `out`, everything else on `err`,
colours only on a terminal that wants them (`NO_COLOR` and `TERM=dumb` are honoured), JSON on request.
A character the stream cannot encode is replaced, never a crash.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from misydsl.diagnostics.diagnostic import Diagnostic

BOLD, DIM, RED, GREEN, YELLOW, BLUE = "1", "2", "31", "32", "33", "34"


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a command writes; `is_json` means that `out` gets one JSON object and nothing else."""

    out: TextIO
    err: TextIO
    is_json: bool = False
    has_colours: bool = False
    """Whether `out` shows colours."""
    err_has_colours: bool = False
    columns: int = 0
    """The width of `out` when it is a terminal; 0 when lines may be as long as they like."""

    def say(self, *lines: str) -> None:
        """Lines of the result, on `out`."""
        self.out.write("".join(f"{line}\n" for line in lines))

    def note(self, *lines: str) -> None:
        """Lines beside the result, on `err`; nothing when a machine is listening."""
        if not self.is_json:
            self.err.write("".join(f"{line}\n" for line in lines))
            self.err.flush()

    def give(self, value: object) -> None:
        """One JSON value on `out`."""
        self.out.write(f"{pretty(value, ascii_only=not _is_unicode(self.out))}\n")

    def show(self, diagnostics: Sequence[Diagnostic], *, on_err: bool = False) -> None:
        """Diagnostics with a closing count."""
        from misydsl.diagnostics.plain import render_all
        from misydsl.diagnostics.terminal import render_all_terminal

        colours = self.err_has_colours if on_err else self.has_colours
        text = render_all_terminal(diagnostics) if colours else render_all(diagnostics)
        (self.err if on_err else self.out).write(f"{text}\n")

    def paint(self, text: str, colour: str) -> str:
        """The text in a colour where `out` shows colours."""
        return painted(text, colour) if self.has_colours else text

    def paint_err(self, text: str, colour: str) -> str:
        """The text in a colour where `err` shows colours."""
        return painted(text, colour) if self.err_has_colours else text


def screen_for(
    out: TextIO, err: TextIO, *, environment: Mapping[str, str], is_json: bool = False
) -> Screen:
    """The screen over two streams."""
    for stream in (out, err):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    wants = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    columns = shutil.get_terminal_size().columns if out.isatty() else 0
    return Screen(out, err, is_json, wants and out.isatty(), wants and err.isatty(), columns)


@contextmanager
def prints_aside(screen: Screen) -> Iterator[None]:
    """What agents print in this process goes to `err`: `out` holds the result and nothing else."""
    with redirect_stdout(screen.err):
        yield


def painted(text: str, colour: str) -> str:
    """The text between ANSI codes."""
    return f"\x1b[{colour}m{text}\x1b[0m"


def pretty(value: object, *, ascii_only: bool = False) -> str:
    """JSON for people: two spaces, accents as they are."""
    return json.dumps(value, indent=2, ensure_ascii=ascii_only, default=str)


def joined(names: Iterable[str]) -> str:
    """Names in a sentence: "`a`, `b`"."""
    return ", ".join(f"`{name}`" for name in names)


def _is_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "utf-8").lower().replace("-", "").startswith("utf")
