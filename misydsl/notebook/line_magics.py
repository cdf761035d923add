"""`%misy COMMAND`: what the command line can do, on a line of a notebook.

In: the words behind `%misy`. Out: something to look at: a table, a picture, diagnostics, a text. An unknown
command is answered with the one that may be meant.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.diagnostics.catalogue import CATALOGUE
from misydsl.diagnostics.similar import similar
from misydsl.notebook.errors import CommandInvalid
from misydsl.notebook.shown import Shown, diagnostics_shown, show, text_shown
from misydsl.source import Source
from misydsl.workspace.checking import check_file
from misydsl.workspace.forgetting import FORGET_AFTER, forget
from misydsl.workspace.formatting import formatted, source_in
from misydsl.workspace.overviews import runs
from misydsl.workspace.pipelines import load
from misydsl.workspace.runs import Run, find_run
from misydsl.workspace.watching import board

if TYPE_CHECKING:
    from misydsl.notebook.magic import MisyMagics

Words = Sequence[str]
EDITION: Final = "misy 1\n\n"
"""What `misy fmt` writes above a text that does not say its edition."""


def obey(line: str, magics: MisyMagics) -> Going | None:
    """Do what a line says, and what may be awaited; raises `CommandInvalid` for what is no command."""
    try:
        words = shlex.split(line)
    except ValueError as problem:
        raise CommandInvalid(f"%misy {line}: a quote is not closed") from problem
    if not words:
        show(text_shown(_usage()))
        return None
    command = COMMANDS.get(words[0])
    if command is None:
        near = similar(words[0], list(COMMANDS))
        hint = f" Did you mean `%misy {near}`?" if near else ""
        raise CommandInvalid(f"there is no command `%misy {words[0]}`.{hint}\n{_usage()}")
    found = command(words[1:], magics)
    if isinstance(found, Going):
        return found
    show(found)
    return None


class Going:
    """A run that was resumed: it goes on whether or not somebody awaits it."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __await__(self) -> Generator[object, None, Run]:
        return self._shown().__await__()

    def __repr__(self) -> str:
        return f"{self.run!r}\n`await` it, or look at it with %misy show {self.run.id}"

    async def _shown(self) -> Run:
        board_of_here = board()
        if board_of_here is not None:
            await board_of_here(self.run)
        return await self.run


def _check(words: Words, magics: MisyMagics) -> object:
    """A file; without one the newest cell, which may have been wrong."""
    if words or magics.last is None:
        return diagnostics_shown(check_file(_one(words, "%misy check FILE")).diagnostics)
    head, text = magics.last
    name = head.removeprefix("%%misy").split()
    found = magics.check(text, name[0] if name and not name[0].startswith("-") else None)
    return diagnostics_shown(found.checked.diagnostics)


def _graph(words: Words, _: MisyMagics) -> object:
    if not words:
        raise CommandInvalid("write it as %misy graph FILE [PIPELINE]")
    return load(Path(words[0]), words[1] if len(words) > 1 else None).graph()


def _runs(words: Words, _: MisyMagics) -> object:
    limit = words[0] if words else "20"
    if not limit.isdecimal():
        raise CommandInvalid(f"write it as %misy runs [HOW MANY], not “{limit}”")
    return runs(limit=int(limit))


def _show(words: Words, magics: MisyMagics) -> object:
    return _run(_one(words, "%misy show RUN"), magics)


def _fmt(words: Words, magics: MisyMagics) -> object:
    if words:
        source = source_in(Path(_one(words, "%misy fmt FILE")))
        head = f"%%misy {Path(source.name).stem.replace('-', '_')}"
    elif magics.last is not None:
        head, text = magics.last
        source = Source("the last cell", text)
    else:
        raise CommandInvalid("there is no %%misy cell yet: %misy fmt FILE")
    text = _as_written(formatted(source), source)
    if text == source.text:
        return text_shown("it is laid out already")
    magics.here.set_next_input(f"{head}\n{text}")
    return text_shown("laid out, in the next cell")


def _as_written(text: str, source: Source) -> str:
    """Cells are of this edition without saying so; what said so still does."""
    is_said = source.text.lstrip().startswith(EDITION.strip())
    return text if is_said else text.removeprefix(EDITION)


def _explain(words: Words, _: MisyMagics) -> object:
    code = _one(words, "%misy explain CODE").upper()
    found = CATALOGUE.get(code)
    if found is None:
        near = similar(code, list(CATALOGUE))
        raise CommandInvalid(
            f"there is no code `{code}`." + (f" Did you mean {near}?" if near else "")
        )
    bad, good = (
        f"{word}:\n{text.rstrip()}" for word, text in (("wrong", found.bad), ("right", found.good))
    )
    return text_shown(f"{found.code}  {found.title}\n\n{found.cause}\n\n{bad}\n\n{good}")


def _why(words: Words, magics: MisyMagics) -> object:
    if len(words) != 2:  # a run and a step
        raise CommandInvalid("write it as %misy why RUN STEP")
    return text_shown(str(_run(words[0], magics).why(words[1])))


def _resume(words: Words, magics: MisyMagics) -> Going:
    run = _run(_one(words, "%misy resume RUN"), magics)
    return Going(run.resume(agents=dict(magics.functions())))


def _approve(words: Words, magics: MisyMagics) -> Shown:
    rest = [word for word in words if word != "--deny"]
    if not 1 <= len(rest) <= 2:  # a run and perhaps a step
        raise CommandInvalid("write it as %misy approve RUN [STEP] [--deny]")
    is_approved = "--deny" not in words
    _run(rest[0], magics).approve(rest[1] if len(rest) > 1 else None, approved=is_approved)
    return text_shown("approved" if is_approved else "denied")


def _gc(words: Words, _: MisyMagics) -> Shown:
    is_dry_run = "--dry-run" in words
    rest = [word for word in words if word != "--dry-run"]
    match rest:
        case []:
            keep = FORGET_AFTER
        case ["--keep", keep]:
            pass
        case _:
            raise CommandInvalid("write it as %misy gc [--keep 30d] [--dry-run]")
    gone = forget(keep, is_dry_run=is_dry_run)
    told = "would be forgotten" if is_dry_run else "forgotten"
    return text_shown(
        f"{told}: runs {len(gone.runs)}, events {gone.events}, bytes {gone.size_bytes}"
    )


def _run(word: str, magics: MisyMagics) -> Run:
    """The run of an id, or of the beginning of one, or of a name in the notebook."""
    named = magics.here.user_ns.get(word)
    return named if isinstance(named, Run) else find_run(word)


def _one(words: Words, usage: str) -> str:
    if len(words) != 1:
        raise CommandInvalid(f"write it as {usage}")
    return words[0]


def _usage() -> str:
    return "%misy " + " · ".join(COMMANDS)


COMMANDS: Final[Mapping[str, Callable[[Words, MisyMagics], object]]] = {
    "check": _check,
    "graph": _graph,
    "runs": _runs,
    "show": _show,
    "fmt": _fmt,
    "explain": _explain,
    "why": _why,
    "resume": _resume,
    "approve": _approve,
    "gc": _gc,
}
