"""Texts that came in a body, and what is told of those that are wrong.

In: a request that was taken in; diagnostics. Out: the text of its body, so that every place in it is the sender's
own; diagnostics as payloads; the refusal of a text that cannot be run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.machine import as_dict
from misydsl.failures import SourceInvalid
from misydsl.server.payloads import DiagnosticText, Edit, Fix
from misydsl.server.problems import Refused

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest


def text_of(http: HttpRequest) -> str:
    """The body as text; that it is JSON in UTF-8 was found out before."""
    body: bytes = http.state.bytes
    return body.decode()


def diagnostic_texts(diagnostics: Iterable[Diagnostic]) -> list[DiagnosticText]:
    """Diagnostics as payloads, in their order."""
    return [_text(one) for one in diagnostics]


def refused_text(problem: SourceInvalid) -> Refused:
    """400 with every diagnostic; the sentence is the first error's."""
    errors = [one for one in problem.diagnostics if one.is_error]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return Refused(400, f"{errors[0].message}{more}", diagnostics=problem.diagnostics)


def _text(diagnostic: Diagnostic) -> DiagnosticText:
    known: dict[str, Any] = dict(as_dict(diagnostic))
    fix = known.pop("fix", None)
    if fix is None:
        return DiagnosticText(**known)
    edits = [Edit(**one) for one in fix["edits"]]
    return DiagnosticText(**known, fix=Fix(title=fix["title"], edits=edits))
