"""What `misy check --fix` and `--diff` do to one file.

In: a source. Out: `MendedFile`: the text before and after, and what was mended. Every certain fix is tried;
one that does not leave the file with fewer problems is not taken. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.cli.rewriting import differences

if TYPE_CHECKING:
    from misydsl.diagnostics.diagnostic import Diagnostic
    from misydsl.diagnostics.fixes import Mended
    from misydsl.source import Source

_MOST_ROUNDS: Final = (
    20  # mending one error may bring another to light; this is more than ever seen
)


@dataclass(frozen=True, slots=True)
class MendedFile:
    """One file and what was mended in it, in the order it was done."""

    source: Source
    after: str
    mended: tuple[Diagnostic, ...]

    @property
    def has_changed(self) -> bool:
        """Whether there is anything to write."""
        return self.source.text != self.after

    def difference(self) -> str:
        """A unified diff of the change."""
        changes = differences(self.source.name, self.source.text, self.after, why="mended")
        return "".join(changes)


def mended_file(source: Source, *, strict: bool | None) -> MendedFile:
    """The file with every certain fix, looked at again after each round."""
    current = source
    mended: list[Diagnostic] = []
    found = _problems(current, strict=strict)
    for _ in range(_MOST_ROUNDS):
        for tried in _ways(current, found):
            following = replace(current, text=tried.text, _line_starts=[])
            left = _problems(following, strict=strict)
            if _weight(left) < _weight(found):
                mended += tried.applied
                current, found = following, left
                break
        else:
            break
    return MendedFile(source, current.text, tuple(mended))


def _ways(source: Source, found: Sequence[Diagnostic]) -> Iterator[Mended]:
    """All fixes of errors at once; should that not help, each by itself; then those of warnings.

    What is warned of beside an error may come from it: mending both at once would take away too much.
    """
    from misydsl.diagnostics.fixes import mend

    errors = [one for one in found if one.is_error]
    warnings = [one for one in found if not one.is_error]
    for alike in (errors, warnings):
        together = mend(source, alike)
        if together.applied:
            yield together
        if len(together.applied) > 1:
            yield from (mend(source, [one]) for one in together.applied)


def _problems(source: Source, *, strict: bool | None) -> list[Diagnostic]:
    """What is wrong in the file itself."""
    from misydsl.language.check import check_source
    from misydsl.language.lints.project import project_of

    root = source.path.resolve().parent if source.path is not None else Path.cwd()
    project = project_of(root)
    is_strict = project.is_strict if strict is None else strict
    found = check_source(source, root=root, strict=is_strict, allowed=project.allowed).diagnostics
    return [one for one in found if one.source.name == source.name]


def _weight(found: Sequence[Diagnostic]) -> tuple[int, int]:
    """How bad a file is: its errors, then its warnings."""
    errors = sum(1 for one in found if one.is_error)
    return errors, len(found) - errors
