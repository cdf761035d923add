"""`misy check FILE…`: everything that is wrong, in one go; with `--fix`, mended where that is certain.

In: files (`-` is the standard input). Out: diagnostics with carets and a count, or in the form a machine
asked for. 0 when the files can be used (warnings included), 1 when `--diff` has something to show, 2 when
not. `--types` tells the types of what is named, or of what stands at a place.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.cli import exits
from misydsl.cli.options import examples
from misydsl.cli.screen import DIM, GREEN, RED, Screen

if TYPE_CHECKING:
    from misydsl.cli.mending import MendedFile
    from misydsl.diagnostics.diagnostic import Diagnostic
    from misydsl.source import Source

STREAM: Final = "-"
_FORMATS: Final = ("text", "json", "github", "sarif")


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy check`."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="a .misy file, or a workflow in .json; - reads the input",
    )
    parser.add_argument(
        "--strict", action="store_true", help="also say where a value of unknown type is used"
    )
    work = parser.add_mutually_exclusive_group()
    work.add_argument("--fix", action="store_true", help="mend what is certain, tell the rest")
    work.add_argument("--diff", action="store_true", help="write nothing; show what --fix would do")
    work.add_argument(
        "--types",
        nargs="?",
        const="",
        metavar="LINE:COLUMN",
        help="the types of all names, or of what stands at a place (of one file)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--format", choices=_FORMATS, help=f"how to write: {', '.join(_FORMATS)}")
    form.add_argument(
        "--json",
        dest="format",
        action="store_const",
        const="json",
        help="the same as --format json",
    )
    examples(
        parser,
        "misy check pipeline.misy",
        "misy check --strict flows/*.misy",
        "misy check --fix pipeline.misy",
        "misy check pipeline.misy --types 12:8",
        "misy check --format json pipeline.misy | jq .diagnostics",
        "misy check --format sarif flows/*.misy > misy.sarif",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Check every file; a file that cannot be read does not hide the others."""
    files, place = _files_and_place(arguments.files, arguments.types)
    if place is not None:
        from misydsl.cli.types import show_types

        return show_types(files, place, screen, strict=arguments.strict or None)
    work = Work(files, screen, form=arguments.format or "text", strict=arguments.strict or None)
    for name in files:
        work.look_at(name, is_fix=arguments.fix, is_diff=arguments.diff)
    return work.show_changes() if arguments.diff else work.report()


def _files_and_place(files: list[str], place: str | None) -> tuple[list[str], str | None]:
    """The files and what was asked of them: after `--types` a file's name may stand too."""
    from misydsl.failures import MisyError

    if place and not place[0].isdecimal():
        files, place = [place, *files], ""
    if not files:
        raise MisyError("name a file to check: misy check pipeline.misy")
    return files, place


@dataclass(slots=True)
class Work:
    """The files of one command: what was found and mended in them so far."""

    files: list[str]
    screen: Screen
    form: str
    strict: bool | None
    found: list[Diagnostic] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    mended: list[MendedFile] = field(default_factory=list)

    def look_at(self, name: str, *, is_fix: bool, is_diff: bool) -> None:
        """Check one file, mended before if that was asked for."""
        from misydsl.failures import MisyError
        from misydsl.workspace import check_file, check_text

        text = sys.stdin.read() if name == STREAM else None
        try:
            if (is_fix or is_diff) and not name.endswith(".json"):  # only misy can be mended
                text = self._mend(name, text, is_fix=is_fix)
            if text is not None:
                checked = check_text(text, name=name, strict=self.strict)
            else:
                checked = check_file(Path(name), strict=self.strict)
        except MisyError as error:
            self.unread.append(str(error))
        else:
            self.found += [one for one in checked.diagnostics if one not in self.found]

    def _mend(self, name: str, text: str | None, *, is_fix: bool) -> str | None:
        """Mend a file and write it; the text to check when that is not a file's."""
        from misydsl.cli.mending import mended_file
        from misydsl.cli.rewriting import replace_file, write_out

        source = _read(name) if text is None else _of_text(name, text)
        if source is None:
            return None
        done = mended_file(source, strict=self.strict)
        self.mended.append(done)
        if text is not None:
            if is_fix:
                write_out(self.screen, done.after)
            return done.after
        if is_fix and done.has_changed:
            try:
                replace_file(Path(name), done.after)
            except OSError as error:
                self.mended.pop()
                self.unread.append(f"{name} cannot be written: {error.strerror or error}")
        return None

    def show_changes(self) -> int:
        """The diffs of what could be mended; 1 when there are any."""
        from misydsl.cli.rewriting import write_out

        self._tell_unread()
        changed = [one for one in self.mended if one.has_changed]
        if self.screen.is_json:
            changes = [{"file": one.source.name, "diff": one.difference()} for one in changed]
            self.screen.give({"files": self.files, "changes": changes})
        else:
            write_out(self.screen, "".join(one.difference() for one in changed))
            if not changed and not self.unread:
                self.screen.note(f"{self.screen.paint_err('✓', GREEN)} nothing to mend")
        if self.unread:
            return exits.WRONG
        return exits.FAILED if changed else exits.FINE

    def report(self) -> int:
        """Everything found, in the form that was asked for."""
        match self.form:
            case "json":
                self._give_json()
            case "github":
                self._give_github()
            case "sarif":
                self._give_sarif()
            case _:
                self._tell()
        is_wrong = bool(self.unread) or any(one.is_error for one in self.found)
        return exits.WRONG if is_wrong else exits.FINE

    def _tell(self) -> None:
        is_filter = STREAM in self.files and bool(self.mended)  # the output holds the mended text
        self._tell_unread()
        self._tell_mended()
        if self.found:
            self.screen.show(self.found, on_err=is_filter)
        elif not self.unread and not is_filter:
            checked = self.files[0] if len(self.files) == 1 else f"{len(self.files)} files"
            self.screen.say(f"{self.screen.paint('✓', GREEN)} {checked}: no problems")

    def _tell_unread(self) -> None:
        for words in self.unread:
            self.screen.note(f"{self.screen.paint_err('error', RED)}: {words}")

    def _tell_mended(self) -> None:
        """What was done, on the side: the output is for what is left."""
        for one in (mended for file in self.mended for mended in file.mended):
            line, column = one.source.position(one.span.start)
            place = self.screen.paint_err(f"{one.source.name}:{line}:{column}", DIM)
            done = one.fix.title if one.fix is not None else one.message
            self.screen.note(f"{self.screen.paint_err('mended', GREEN)} {place} {one.code}: {done}")

    def _give_json(self) -> None:
        from misydsl.diagnostics.machine import as_dict

        answer: dict[str, object] = {
            "files": self.files,
            "diagnostics": [as_dict(diagnostic) for diagnostic in self.found],
        }
        if self.mended:
            answer["mended"] = [as_dict(one) for file in self.mended for one in file.mended]
        if self.unread:
            answer["error"] = {"kind": "Unreadable", "message": "; ".join(self.unread)}
        self.screen.give(answer)

    def _give_github(self) -> None:
        from misydsl.diagnostics.github import render_github

        self._tell_unread()
        text = render_github(self.found, base=Path.cwd())
        self.screen.say(*([text] if text else []))

    def _give_sarif(self) -> None:
        from importlib.metadata import version

        from misydsl.diagnostics.sarif import as_sarif

        made_by = version("misydsl")
        log = as_sarif(self.found, base=Path.cwd(), version=made_by, unread=self.unread)
        self.screen.give(log)


def _read(name: str) -> Source | None:
    """The source in a file; None when its bytes are not text, which the check tells."""
    from misydsl.failures import MisyError
    from misydsl.language.reading import read_source

    try:
        source, problems = read_source(Path(name), name=name)
    except OSError as error:
        raise MisyError(f"{name} cannot be read: {error.strerror or error}") from error
    return None if any(one.is_error for one in problems) else source


def _of_text(name: str, text: str) -> Source:
    from misydsl.source import Source

    return Source(name, text)
