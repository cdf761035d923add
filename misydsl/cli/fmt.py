"""`misy fmt [FILE…|-]`: lay files out the one way they are laid out.

In: files and folders (default: all below here); `-` reads the input and writes the output. Out: the
files rewritten, each whole or not at all, or with `--check` and `--diff` only what would change. 0 when
all is as it should be, 1 when something would change or was refused, 2 when a file cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.cli import exits
from misydsl.cli.options import examples, output_options
from misydsl.cli.rewriting import differences, replace_file, write_out
from misydsl.cli.screen import GREEN, RED, Screen

if TYPE_CHECKING:
    from misydsl.diagnostics.diagnostic import Diagnostic
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
    output_options(parser)
    examples(
        parser,
        "misy fmt pipeline.misy",
        "misy fmt --check flows",
        "misy fmt --diff pipeline.misy",
        "misy fmt - < pipeline.misy",
        "misy fmt --check --diff --json flows",
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
        self.rows: list[dict[str, object]] = []
        """For a machine: each file and what became of it."""
        self.found: list[Diagnostic] = []
        """For a machine: why files could not be formatted."""

    def format_file(self, name: str) -> None:
        """One file, or the input for `-`."""
        from misydsl.language.formatter import FormatRefused, format_text
        from misydsl.language.reading import source_of

        try:
            data = sys.stdin.buffer.read() if name == STREAM else Path(name).read_bytes()
        except OSError as error:
            self.fail(name, exits.WRONG, f"{name} cannot be read: {error.strerror or error}")
            return
        source, unreadable = source_of(data, name=name)
        if unreadable:
            self.show(unreadable, exits.WRONG)
            self.rows.append({"file": name, "changed": False, "error": f"{name} is no text"})
            return
        try:
            formatted = format_text(source)
        except FormatRefused as error:
            self.fail(name, exits.FAILED, str(error))
            return
        if any(diagnostic.is_error for diagnostic in formatted.diagnostics):
            self.show(formatted.diagnostics, exits.FAILED)
            self.fail(name, exits.FAILED, f"{name} has errors and was left as it is")
            return
        self.settle(source, formatted)

    def settle(self, source: Source, formatted: Formatted) -> None:
        """Write a layout, or tell of it."""
        is_told = self.is_check or self.is_diff
        if self.screen.is_json:
            self.note(source, formatted)
        elif source.name == STREAM and not is_told:
            write_out(self.screen, formatted.text)
            return
        self.seen += 1
        self.changed += formatted.changed
        if not formatted.changed:
            return
        if is_told:
            self.code = max(self.code, exits.FAILED)
            self.tell(source, formatted)
        elif source.name != STREAM:
            self.write(Path(source.name), formatted.text)

    def tell(self, source: Source, formatted: Formatted) -> None:
        """What would change: the differences, or the name of the file."""
        if self.screen.is_json:
            return
        if self.is_diff:
            write_out(self.screen, _difference(source, formatted))
        else:
            self.screen.say(source.name)

    def note(self, source: Source, formatted: Formatted) -> None:
        """A file and what became of it, for a machine."""
        row: dict[str, object] = {"file": source.name, "changed": formatted.changed}
        if self.is_diff:
            row["diff"] = _difference(source, formatted)
        if source.name == STREAM:
            row["text"] = formatted.text
        self.rows.append(row)

    def write(self, path: Path, text: str) -> None:
        """Put a text in the place of a file; it is the old one or the new one at any moment."""
        try:
            replace_file(path, text)
        except OSError as error:
            self.changed -= 1
            self.rows = [row for row in self.rows if row["file"] != str(path)]
            self.fail(
                str(path), exits.WRONG, f"{path} cannot be written: {error.strerror or error}"
            )
        else:
            if not self.screen.is_json:
                self.screen.say(f"formatted {path}")

    def show(self, diagnostics: Sequence[Diagnostic], code: int) -> None:
        """Say what is wrong in a file."""
        self.code = max(self.code, code)
        if self.screen.is_json:
            self.found += diagnostics
        else:
            self.screen.show(diagnostics, on_err=True)

    def fail(self, name: str, code: int, words: str) -> None:
        """Say why a file was not formatted."""
        self.code = max(self.code, code)
        self.rows.append({"file": name, "changed": False, "error": words})
        self.screen.note(f"{self.screen.paint_err('error', RED)}: {words}")

    def report(self) -> None:
        """One line about all files, beside the result; for a machine all that was noted."""
        if self.screen.is_json:
            from misydsl.diagnostics.machine import as_dict

            self.screen.give(
                {"files": self.rows, "diagnostics": [as_dict(one) for one in self.found]}
            )
            return
        if self.code == exits.WRONG or not self.seen:
            return
        files = "1 file" if self.seen == 1 else f"{self.seen} files"
        if not self.changed:
            self.screen.note(f"{self.screen.paint_err('✓', GREEN)} {files}: nothing to change")
        elif self.is_check or self.is_diff:
            self.screen.note(f"{self.changed} of {files} would be formatted")


def _difference(source: Source, formatted: Formatted) -> str:
    return "".join(differences(source.name, source.text, formatted.text, why="formatted"))


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
