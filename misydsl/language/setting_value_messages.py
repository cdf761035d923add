"""The words for values of settings: what a setting takes instead, secrets as text, numbers without use.

In: what was found. Out: `Finding`s. The values' types are worded in `value_messages`.
"""

from __future__ import annotations

from typing import Final

from misydsl.language.messages import certain
from misydsl.language.report import Finding

EXAMPLES: Final = {
    "retry": "{ attempts: 3 }",
    "breaker": "{ failures: 5, cooldown: 30s }",
    "defaults": "{ timeout: 30s }",
    "budget": "{ calls: 100 }",
}


def in_braces(name: str, right: str, *, is_certain: bool = False) -> Finding:
    """E0501, for `retry: 3`."""
    message = f"`{name}` takes its settings in braces"
    help_ = f"write `{name}: {right}`"
    if name == "retry":
        help_ += "; `attempts` is the total, the first try included"
    return Finding("E0501", message, help_, right if is_certain else None)


def field_called_bearer(name: str) -> Finding:
    """E0507, for `auth: { token: … }`."""
    message = f"`auth`: there is no field `{name}`. In misy it is called `bearer`"
    return Finding("E0507", message, replacement="bearer")


def field_with_unit(what: str, name: str, ours: str, right: str) -> Finding:
    """E0507, for `delayMs: 1500`."""
    message = f"{what}: there is no field `{name}`. In misy it is called `{ours}`"
    return Finding("E0507", message, f"write it with its unit: `{right}`", right)


def secret_in_auth(field: str, right: str | None) -> Finding:
    """E0701, for `bearer: "Bearer ${secret.KEY}"`; `right` when nothing else stands in the text."""
    help_ = f"`{field}` is the secret alone: write `{right or 'secret.NAME'}`"
    return Finding("E0701", "a secret would be written into text", help_, replacement=right)


def auth_as_text(secret: str | None) -> Finding:
    """E0701, for `auth: "Bearer ${secret.KEY}"`."""
    right = f"{{ bearer: {secret} }}" if secret is not None else None
    help_ = f"write `auth: {right or '{ bearer: secret.NAME }'}`"
    return Finding("E0701", "a secret would be written into text", help_, replacement=right)


def secret_in_header(right: str | None, bearer: str | None) -> Finding:
    """E0701, for a header with more than the secret; `bearer` when that is the word `Bearer`."""
    help_ = f"a header is the secret alone: write `{right or 'secret.NAME'}`"
    if bearer is not None:
        help_ = f"write `auth: {{ bearer: {bearer} }}` instead of this header"
    return Finding("E0701", "a secret would be written into text", help_, replacement=right)


def never_calls(name: str) -> Finding:
    """E0412, for `concurrency: 0` and the like."""
    help_ = {
        "concurrency": "write 1 or more, or leave it out for 64",
        "rate": "write how many calls may begin, such as 10/s",
    }.get(name, "write how long, such as 30s")
    return Finding("E0412", f"`{name}` of nothing: no call could ever be made", help_)


def no_such_condition(written: str, candidate: str | None, known: str) -> Finding:
    """E0504, for `on: ["timeot"]`."""
    guess = f'. Did you mean `"{candidate}"`?' if candidate else ""
    message = f'`on`: "{written}" is no way for a call to fail{guess}'
    right = f'"{certain(candidate)}"' if certain(candidate) else None
    return Finding("E0504", message, f"it takes statuses such as 503, and {known}", right)
