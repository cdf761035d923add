"""Where the journal of a command is, and where its pictures go.

In: `--journal`, the environment, the current folder. Out: paths. A command that only reads never makes
a journal: without one it says where it looked and which ones are near.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from misydsl.failures import JournalUnusable
from misydsl.store.location import FILE_NAME, FOLDER_NAME, file_at, journal_place, prepare_folder

_PICTURES = "runs"


def journal_path(journal: Path | None, *, beside: Path | None = None) -> Path:
    """The journal that is meant: the given one, `$MISY_HOME`'s, or the one beside a file or here.

    Raises: `JournalUnusable` for a path that no journal can have.
    """
    return file_at(journal_place(beside and beside.resolve()) if journal is None else journal)


def new_journal_path(journal: Path | None, *, beside: Path | None = None) -> Path:
    """As `journal_path`, with the default folder made; raises `JournalUnusable`."""
    path = journal_path(journal, beside=beside)
    if journal is None:
        prepare_folder(path.parent)
    return path


def existing_journal_path(journal: Path | None) -> Path:
    """The journal that is meant, which must be there already; raises `JournalUnusable`."""
    path = journal_path(journal)
    if path.exists():
        return path
    raise JournalUnusable(no_journal(path))


def no_journal(path: Path) -> str:
    """What to say where no journal is: which ones are near."""
    near = sorted(Path.cwd().glob(f"*/{FOLDER_NAME}/{FILE_NAME}"))[:3]
    hint = "; ".join(f"there is one: --journal {shown_path(one)}" for one in near)
    return f"no run was recorded here: there is no {shown_path(path)}. " + (
        hint or "A run is recorded beside its file; say which with --journal PATH"
    )


def picture_path(journal: Path, run: str) -> Path:
    """Where the picture of a run goes: `runs/<run>.svg` beside the journal; makes the folder."""
    folder = journal.parent / _PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{run}.svg"


def remove_pictures(journal: Path, runs: Iterable[str]) -> None:
    """Remove the pictures of runs that were forgotten. Raises: OSError."""
    for run in runs:
        (journal.parent / _PICTURES / f"{run}.svg").unlink(missing_ok=True)


def command_for(verb: str, run: str, journal: Path, *options: str) -> str:
    """`misy VERB RUN`, with `--journal` where the default would not find the run."""
    command = ["misy", verb, run, *options]
    if journal.resolve() != journal_path(None).resolve():
        command += ["--journal", str(shown_path(journal))]
    return shlex.join(command)


def shown_path(path: Path) -> Path:
    """The path as one would type it from here."""
    resolved = path.resolve()
    here = Path.cwd()
    return resolved.relative_to(here) if resolved.is_relative_to(here) else path
