"""From a started run to the shell's prompt: watch it, report it, leave the picture, say what is next.

In: a `Run` of this process. Out: progress on the error stream, the report (or one JSON object) on the
other, an exit code. Used by `misy run` and `misy resume`, so both behave the same.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from misydsl.cli import exits
from misydsl.cli.facts import failures_of, run_object, sentences
from misydsl.cli.places import command_for, picture_path, shown_path
from misydsl.cli.report import whole
from misydsl.cli.screen import BOLD, RED, Screen
from misydsl.cli.watch import Nobody, Watcher, asked, caught_interrupts, watch
from misydsl.failures import MisyError
from misydsl.history.states import History
from misydsl.workspace.questions import open_questions

if TYPE_CHECKING:
    from misydsl.workspace import Run


def see_through(
    run: Run, screen: Screen, *, journal: Path, words: Sequence[str], after: int = 0
) -> int:
    """Watch a run to its end, tell how it went, and return the exit code.

    Events up to the sequence number `after` belong to the past and are not told again.
    """
    with caught_interrupts() as interrupts:
        watcher = _watcher(run, screen, after)
        try:
            answer_by = command_for("approve", run.id, journal)
            history = watch(run, watcher, interrupts, answer_by=answer_by)
        finally:
            watcher.close()
    if screen.is_json:
        screen.give(run_object(history))
    else:
        screen.say(*whole(history, screen))
        screen.out.flush()
        screen.say(*_picture(run, screen, journal))
        screen.out.flush()
        screen.note(
            *_troubles(history),
            *_failures(history, screen),
            *_next(history, screen, journal, words),
        )
    return exits.of_status(history.status)


def _watcher(run: Run, screen: Screen, after: int) -> Watcher:
    if screen.is_json:
        return Nobody()
    if screen.err.isatty():
        from misydsl.cli.board import Board

        graph = run.graph().step_graph
        return Board(graph, screen.err, has_colours=screen.err_has_colours)
    from misydsl.cli.lines import Lines

    return Lines(screen.err, silent_until=after)


def _picture(run: Run, screen: Screen, journal: Path) -> list[str]:
    """Draw the run beside its journal; a run is no failure because its picture could not be drawn."""
    try:
        path = picture_path(journal, run.id)
        run.graph().save(path)
    except (OSError, MisyError) as error:
        screen.note(f"the picture could not be drawn: {error}")
        return []
    return ["", f"{screen.paint('picture', BOLD)}  {shown_path(path)}"]


def _troubles(history: History) -> list[str]:
    """Undo and handlers that failed themselves: they change nothing about the run, and must be seen."""
    return [f"! {path} failed: see what it left undone" for path in history.troubles]


def _failures(history: History, screen: Screen) -> list[str]:
    if history.status != "failed":
        return []
    return [
        "",
        *(f"{screen.paint_err('✗', RED)} {line}" for line in sentences(failures_of(history))),
    ]


def standstill(history: History, journal: Path, paint: Callable[[str], str]) -> list[str]:
    """Why a paused run stands still, what it asks people, and what to type; `paint` is for commands."""
    answer_by = command_for("approve", history.id, journal)
    command = command_for("resume", history.id, journal)
    more = " --budget calls=…" if "budget" in (history.pause_reason or "") else ""
    reason = f": {history.pause_reason}" if history.pause_reason else ""
    return [
        *(asked(question, answer_by) for question in open_questions(history)),
        f"paused{reason}; to go on: {paint(command + more)}",
    ]


def _next(history: History, screen: Screen, journal: Path, words: Sequence[str]) -> list[str]:
    """What to type next."""
    match history.status:
        case "paused":
            return ["", *standstill(history, journal, lambda text: screen.paint_err(text, BOLD))]
        case "failed":
            show = command_for("show", history.id, journal)
            anew = shlex.join(["misy", *words])
            failed = command_for("retry", history.id, journal, "--failed")
            blamed = next((one for one in failures_of(history) if one.step), None)
            item = ("--item", blamed.item) if blamed is not None and blamed.item else ()
            asking = (blamed.step or "") if blamed is not None else ""
            why = command_for("why", history.id, journal, asking, *item)
            return [
                "",
                f"every attempt:    {show}",
                *([f"why it failed:    {why}"] if asking else []),
                f"only what failed: {screen.paint_err(failed, BOLD)}",
                f"from the start:   {anew}",
            ]
        case _:
            return []
