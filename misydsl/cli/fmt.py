"""`misy fmt [FILE…|-]`: lay files out the one way they are laid out.

In: files and folders (default: all below here); `-` reads the input and writes the output. Out: the
files rewritten, each whole or not at all, or with `--check` and `--diff` only what would change. 0 when
all is as it should be, 1 when something would change or was refused, 2 when a file cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.cli import exits
from misydsl.cli.options import examples
from misydsl.cli.rewriting import differences, replace_file, write_out
from misydsl.cli.screen import GREEN, RED, Screen

if TYPE_CHECKING:
    from misydsl.language.formatter import Formatted
    from misydsl.source import Source

STREAM: Final = "-"


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy fmt`."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="a .misy file, or a folder of them (default: here); - reads the input",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; list the files that would change"
    )
    parser.add_argument(
        "--diff", action="store_true", help="write nothing; show what would change in them"
    )
    examples(
        parser,
        "misy fmt pipeline.misy",
        "misy fmt --check flows",
        "misy fmt --diff pipeline.misy",
        "misy fmt - < pipeline.misy",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Format every file; one that cannot be formatted does not keep the others from it."""
    work = Work(screen, is_check=arguments.check, is_diff=arguments.diff)
    for name in _named(arguments.files or ["."]):
        work.format_file(name)
    work.report()
    return work.code


class Work:
    """The files of one command: what was done with each, and the exit code so far."""

    def __init__(self, screen: Screen, *, is_check: bool, is_diff: bool) -> None:
        self.screen, self.is_check, self.is_diff = screen, is_check, is_diff
        self.code, self.seen, self.changed = exits.FINE, 0, 0

    def format_file(self, name: str) -> None:
        """One file, or the input for `-`."""
        from misydsl.language.formatter import FormatRefused, format_text
        from misydsl.language.reading import source_of

        try:
            data = sys.stdin.buffer.read() if name == STREAM else Path(name).read_bytes()
        except OSError as error:
            self.fail(exits.WRONG, f"{name} cannot be read: {error.strerror or error}")
            return
        source, unreadable = source_of(data, name=name)
        if unreadable:
            self.screen.show(unreadable, on_err=True)
            self.code = exits.WRONG
            return
        try:
            formatted = format_text(source)
        except FormatRefused as error:
            self.fail(exits.FAILED, str(error))
            return
        if any(diagnostic.is_error for diagnostic in formatted.diagnostics):
            self.screen.show(formatted.diagnostics, on_err=True)
            self.fail(exits.FAILED, f"{name} has errors and was left as it is")
            return
        self.settle(source, formatted)

    def settle(self, source: Source, formatted: Formatted) -> None:
        """Write a layout, or tell of it."""
        is_told = self.is_check or self.is_diff
        if source.name == STREAM and not is_told:
            write_out(self.screen, formatted.text)
            return
        self.seen += 1
        self.changed += formatted.changed
        if not formatted.changed:
            return
        if is_told:
            self.code = max(self.code, exits.FAILED)
            self.tell(source, formatted)
        else:
            self.write(Path(source.name), formatted.text)

    def tell(self, source: Source, formatted: Formatted) -> None:
        """What would change: the differences, or the name of the file."""
        if self.is_diff:
            changes = differences(source.name, source.text, formatted.text, why="formatted")
            write_out(self.screen, "".join(changes))
        else:
            self.screen.say(source.name)

    def write(self, path: Path, text: str) -> None:
        """Put a text in the place of a file; it is the old one or the new one at any moment."""
        try:
            replace_file(path, text)
        except OSError as error:
            self.changed -= 1
            self.fail(exits.WRONG, f"{path} cannot be written: {error.strerror or error}")
        else:
            self.screen.say(f"formatted {path}")

    def fail(self, code: int, words: str) -> None:
        """Say why a file was not formatted."""
        self.code = max(self.code, code)
        self.screen.note(f"{self.screen.paint_err('error', RED)}: {words}")

    def report(self) -> None:
        """One line about all files; for people, so beside the result."""
        if self.code == exits.WRONG or not self.seen:
            return
        files = "1 file" if self.seen == 1 else f"{self.seen} files"
        if not self.changed:
            self.screen.note(f"{self.screen.paint_err('✓', GREEN)} {files}: nothing to change")
        elif self.is_check or self.is_diff:
            self.screen.note(f"{self.changed} of {files} would be formatted")


def _named(names: Iterable[str]) -> Iterator[str]:
    """The files that are meant; of a folder all `.misy` files that are not hidden."""
    for name in names:
        folder = Path(name)
        if name == STREAM or not folder.is_dir():
            yield name
            continue
        for path in sorted(folder.rglob("*.misy")):
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            if path.is_file() and not hidden:
                yield str(path)
