"""Texts that are read before anything runs: titles and paths.

In: an expression that should be a plain text. Out: the text; a title with `${…}` cannot be shown in a
picture before the run, so it is taken as it is written.
"""

from __future__ import annotations

from misydsl.expressions.nodes import Expression, Literal, Text
from misydsl.expressions.printer import to_text
from misydsl.language.report import Finding, Report


def plain_text(written: Expression | None, report: Report) -> str | None:
    """The text of a title; None without one."""
    match written:
        case Literal(value=str(text)):
            return text
        case Text():
            finding = Finding("E0501", "a title is a plain text, without `${…}`")
            report.add(written.span, finding)
            return "".join(
                part if isinstance(part, str) else f"${{{to_text(part)}}}" for part in written.parts
            )
        case _:
            return None
