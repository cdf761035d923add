"""What a project says about warnings: `[tool.misy]` of the nearest `pyproject.toml`.

In: the folder of a file. Out: `Project`: the codes it allows, whether `misy check` is strict, and what is
wrong with the table, as warnings at their place in `pyproject.toml`. A project without the table, or a
file in no project, allows nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from misydsl.diagnostics.catalogue import TITLES
from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.diagnostics.similar import similar
from misydsl.language.lints import wording
from misydsl.language.report import Finding
from misydsl.source import Source, Span

_NAME: Final = "pyproject.toml"
_KNOWN: Final = ("allow", "strict")


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of a project."""

    allowed: frozenset[str] = frozenset()
    is_strict: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()


def project_of(folder: Path) -> Project:
    """The settings of the project a folder belongs to."""
    for place in (folder, *folder.parents):
        path = place / _NAME
        try:
            if path.is_file():
                return project_in(Source(_NAME, path.read_text(encoding="utf-8"), path))
        except (OSError, UnicodeDecodeError) as problem:
            finding = wording.project_unreadable(str(problem))
            return Project(diagnostics=(_told(Source(_NAME, "", path), "", finding),))
    return Project()


def project_in(source: Source) -> Project:
    """The settings in the text of a `pyproject.toml`."""
    if "misy" not in source.text:
        return Project()
    try:
        table: object = tomllib.loads(source.text).get("tool", {})
    except tomllib.TOMLDecodeError as problem:
        return Project(diagnostics=(_told(source, "", wording.project_unreadable(str(problem))),))
    own = table.get("misy", {}) if isinstance(table, dict) else {}
    if not isinstance(own, dict):
        finding = wording.project_setting("misy", "it is a table")
        return Project(diagnostics=(_told(source, "misy", finding),))
    allow, strict = own.get("allow", []), own.get("strict", False)
    codes = [one for one in allow if isinstance(one, str)] if isinstance(allow, list) else []
    return Project(
        frozenset(code for code in codes if code in TITLES and code.startswith("W")),
        is_strict=strict is True,
        diagnostics=tuple(_wrong(source, own)),
    )


def _wrong(source: Source, own: dict[str, object]) -> Iterator[Diagnostic]:
    for name, value in own.items():
        if name not in _KNOWN:
            meant = similar(name, _KNOWN)
            why = f"there is no such setting{f'. Did you mean `{meant}`?' if meant else ''}"
            yield _told(source, name, wording.project_setting(name, why))
        elif name == "strict" and not isinstance(value, bool):
            yield _told(source, name, wording.project_setting(name, "it is true or false"))
        elif name == "allow" and not isinstance(value, list):
            yield _told(source, name, wording.project_setting(name, "it is a list of codes"))
        elif isinstance(value, list):
            yield from _wrong_codes(source, value)


def _wrong_codes(source: Source, codes: list[object]) -> Iterator[Diagnostic]:
    for code in codes:
        if not isinstance(code, str) or code not in TITLES:
            finding = wording.nothing_to_allow(str(code), "there is no such code")
            yield _told(source, str(code), finding)
        elif not code.startswith("W"):
            yield _told(source, code, wording.nothing_to_allow(code, "it is an error"))


def _told(source: Source, word: str, finding: Finding) -> Diagnostic:
    """A warning at the first place of a word after the head of the table."""
    head = max(source.text.find("[tool.misy]"), 0)
    start = max(source.text.find(word, head), 0)
    span = Span(start, start + len(word))
    return Diagnostic(finding.code, finding.message, source, span, "warning", finding.help)
