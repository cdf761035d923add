"""`%misy COMMAND`: what the command line can do, on a line of a notebook.

In: the words behind `%misy`. Out: something to look at: a table, a picture, diagnostics, a text. An unknown
command is answered with the one that may be meant.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.diagnostics.catalogue import CATALOGUE
from misydsl.diagnostics.similar import similar
from misydsl.notebook.errors import CommandInvalid
from misydsl.notebook.shown import Shown, diagnostics_shown, show, text_shown
from misydsl.source import Source
from misydsl.workspace import check_file, find_run, load, runs
from misydsl.workspace.formatting import formatted, source_in

if TYPE_CHECKING:
    from misydsl.notebook.magic import MisyMagics

Words = Sequence[str]


def obey(line: str, magics: MisyMagics) -> None:
    """Do what a line says; raises `CommandInvalid` for what nobody understands."""
    try:
        words = shlex.split(line)
    except ValueError as problem:
        raise CommandInvalid(f"%misy {line}: a quote is not closed") from problem
    if not words:
        show(text_shown(_usage()))
        return
    command = COMMANDS.get(words[0])
    if command is None:
        near = similar(words[0], list(COMMANDS))
        hint = f" Did you mean `%misy {near}`?" if near else ""
        raise CommandInvalid(f"there is no command `%misy {words[0]}`.{hint}\n{_usage()}")
    show(command(words[1:], magics))


def _check(words: Words, _: MisyMagics) -> object:
    checked = check_file(_one(words, "%misy check FILE"))
    return diagnostics_shown(checked.diagnostics)


def _graph(words: Words, _: MisyMagics) -> object:
    if not words:
        raise CommandInvalid("write it as %misy graph FILE [PIPELINE]")
    return load(Path(words[0]), words[1] if len(words) > 1 else None).graph()


def _runs(words: Words, _: MisyMagics) -> object:
    limit = words[0] if words else "20"
    if not limit.isdecimal():
        raise CommandInvalid(f"write it as %misy runs [HOW MANY], not “{limit}”")
    return runs(limit=int(limit))


def _show(words: Words, _: MisyMagics) -> object:
    return find_run(_one(words, "%misy show RUN"))


def _fmt(words: Words, magics: MisyMagics) -> object:
    if words:
        source = source_in(Path(_one(words, "%misy fmt FILE")))
        head = f"%%misy {Path(source.name).stem.replace('-', '_')}"
    elif magics.last is not None:
        head, text = magics.last
        source = Source("the last cell", text)
    else:
        raise CommandInvalid("there is no %%misy cell yet: %misy fmt FILE")
    text = formatted(source)
    if text == source.text:
        return text_shown("it is laid out already")
    magics.here.set_next_input(f"{head}\n{text}")
    return text_shown("laid out, in the next cell")


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


def _why(words: Words, _: MisyMagics) -> object:
    if len(words) != 2:  # a run and a step
        raise CommandInvalid("write it as %misy why RUN STEP")
    return find_run(words[0]).why(words[1])


def _resume(words: Words, _: MisyMagics) -> object:
    run = find_run(_one(words, "%misy resume RUN"))
    return run.resume()


def _approve(words: Words, _: MisyMagics) -> Shown:
    if not words:
        raise CommandInvalid("write it as %misy approve RUN [STEP] [--deny]")
    rest = [word for word in words[1:] if word != "--deny"]
    run = find_run(words[0])
    run.approve(rest[0] if rest else None, approved="--deny" not in words)
    return text_shown("denied" if "--deny" in words else "approved")


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
}
