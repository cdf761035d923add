"""Diagnostics as SARIF 2.1.0, the exchange format of code scanners.

In: diagnostics, the folder the tool stands in, the tool's version. Out: one JSON-ready log with the rules
of the codes that occur. Lines and columns count from 1 in code points (`columnKind` says so); a byte-order
mark is not counted, as the standard asks. URIs are relative to the folder (`%SRCROOT%`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from misydsl.diagnostics.catalogue import CATALOGUE
from misydsl.diagnostics.diagnostic import Diagnostic, Fix
from misydsl.diagnostics.places import relative_uri
from misydsl.source import Position, Source, Span

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
BASE: Final = "%SRCROOT%"  # what scanners call the folder of the project


JsonObject = dict[str, object]


def as_sarif(
    diagnostics: Sequence[Diagnostic],
    *,
    base: Path,
    version: str,
    unread: Sequence[str] = (),
) -> JsonObject:
    """One log with one run; `unread` says which files could not even be looked at."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    rules = [_rule(code) for code in codes]
    invocation: JsonObject = {"executionSuccessful": not unread}
    if unread:
        notes = [{"level": "error", "message": {"text": words}} for words in unread]
        invocation["toolExecutionNotifications"] = notes
    run = {
        "tool": {"driver": {"name": "misy", "semanticVersion": version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [_result(diagnostic, codes, base) for diagnostic in diagnostics],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> JsonObject:
    known = CATALOGUE.get(code)
    level = {"level": "warning" if code.startswith("W") else "error"}
    if known is None:
        return {"id": code, "shortDescription": {"text": code}, "defaultConfiguration": level}
    wrong, right = known.bad.rstrip(), known.good.rstrip()
    text = f"{known.cause}\n\nWrong:\n{wrong}\n\nRight:\n{right}"
    markdown = f"{known.cause}\n\nWrong:\n```misy\n{wrong}\n```\nRight:\n```misy\n{right}\n```"
    return {
        "id": code,
        "shortDescription": {"text": known.title},
        "fullDescription": {"text": known.cause},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": level,
    }


def _result(diagnostic: Diagnostic, codes: Sequence[str], base: Path) -> JsonObject:
    words = diagnostic.message + (f"\nfix: {diagnostic.help}" if diagnostic.help else "")
    place = {
        "artifactLocation": _artifact(diagnostic.source, base),
        "region": _region(diagnostic.source, diagnostic.span),
    }
    result: JsonObject = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": diagnostic.severity,
        "message": {"text": words},
        "locations": [{"physicalLocation": place}],
    }
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix, diagnostic.source, base)]
    return result


def _artifact(source: Source, base: Path) -> JsonObject:
    uri = relative_uri(source, base)
    if uri.startswith("/"):  # a file of somewhere else
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": BASE}


def _region(source: Source, span: Span) -> JsonObject:
    start = _counted(source, source.position(span.start))
    end = _counted(source, source.position(max(span.end, span.start)))
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _counted(source: Source, place: Position) -> Position:
    """The position without the byte-order mark."""
    if place.line == 1 and place.column > 1 and source.text.startswith("\ufeff"):
        return Position(1, place.column - 1)
    return place


def _fix(fix: Fix, source: Source, base: Path) -> JsonObject:
    replacements = [
        {"deletedRegion": _region(source, edit.span), "insertedContent": {"text": edit.text}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": _artifact(source, base), "replacements": replacements}
    return {"description": {"text": fix.title}, "artifactChanges": [change]}
