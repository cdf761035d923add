"""What is meant by a value that does not fit its setting, and values that could never work.

In: a setting's value and the problems of its type. Out: `Finding`s that say it in the words of that setting,
with a replacement where it is certain; what is left of the problems is told as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, cast

from misydsl.expressions.nodes import (
    Expression,
    Literal,
    Member,
    RecordField,
    RecordOf,
    Reference,
    Text,
    Unary,
)
from misydsl.expressions.problems import Problem
from misydsl.language import setting_value_messages as messages
from misydsl.language.report import Finding
from misydsl.language.value_messages import OTHER_FIELDS, other_field, wrong_type
from misydsl.source import Span
from misydsl.values import Duration, Rate, duration_text, percent_text

_YES: Final[dict[object, str]] = {
    "yes": "true",
    "sí": "true",
    "si": "true",
    "on": "true",
    1: "true",
}
_NO: Final[dict[object, str]] = {"no": "false", "off": "false", 0: "false"}
_KINDS: Final = {
    "concurrency": int,
    "timeout": Duration,
    "deadline": Duration,
    "hedge": Duration,
    "rate": Rate,
}
_SECRET_FIELDS: Final = frozenset({"bearer", "password", "value"})


class Told(NamedTuple):
    """A finding and its place."""

    span: Span
    finding: Finding


def meant_values(
    name: str, value: Expression, problems: Sequence[Problem], text: str
) -> tuple[list[Told], list[Problem]]:
    """What can be said in the words of the setting, and the problems that are left."""
    told = list(_secret_texts(name, value, problems))
    covered = [one.span for one in told]
    left: list[Problem] = []
    fields = {field.name_span: field for field in _fields(value)} if problems else {}
    for one in problems:
        if any(span.start <= one.span.start and one.span.end <= span.end for span in covered):
            continue
        finding = _meant(name, value, one, text) if one.code == "E0501" else None
        if one.code == "E0507":
            finding = _with_unit(fields.get(one.span), one)
        if finding is None:
            left.append(one)
        else:
            told.append(Told(finding[0], finding[1]))
    return told, left


def literal_number(expression: Expression) -> int | float | None:
    """The number an expression says, minus included; None when it has to be computed."""
    if isinstance(expression, Unary) and expression.operator == "-":
        number = literal_number(expression.operand)
        return None if number is None else -number
    if not isinstance(expression, Literal) or isinstance(expression.value, bool):
        return None
    value = expression.value
    is_plain = type(value) in (int, float)  # a measure is a number with a unit, and not meant here
    return value if is_plain and isinstance(value, int | float) else None


def useless_value(name: str, value: Expression) -> Finding | None:
    """What is wrong with a number that no call could ever get past."""
    is_negative = isinstance(value, Unary) and value.operator == "-"
    operand = value.operand if isinstance(value, Unary) else value
    amount = operand.value if isinstance(operand, Literal) else None
    kind = _KINDS.get(name)
    if kind is None or not isinstance(amount, kind) or isinstance(amount, bool):
        return None
    return messages.never_calls(name) if is_negative or not amount else None


def _secret_texts(name: str, value: Expression, problems: Sequence[Problem]) -> Iterator[Told]:
    """Secrets that are written into a text where the secret alone is meant."""
    places = [one.span for one in problems if one.code == "E0701"]
    if not places or name not in ("auth", "headers"):
        return
    if name == "auth" and isinstance(value, Text):
        secret = _secret_name(value.parts[-1])
        yield Told(value.span, messages.auth_as_text(secret))
        return
    for field in _fields(value):
        text = field.value
        if not isinstance(text, Text) or not any(_holds(text.span, span) for span in places):
            continue
        parts = [part for part in text.parts if not isinstance(part, str) or part.strip()]
        secret = _secret_name(parts[-1]) if parts else None
        is_bearer = len(parts) == 2 and str(parts[0]).strip().lower() == "bearer"
        if name == "auth":
            right = secret if len(parts) == 1 or is_bearer else None
            yield Told(text.span, messages.secret_in_auth(field.name, right))
        else:
            right = secret if len(parts) == 1 else None
            bearer = secret if is_bearer else None
            yield Told(text.span, messages.secret_in_header(right, bearer))


def _fields(value: Expression) -> Iterator[RecordField]:
    waiting = [value]
    while waiting:
        current = waiting.pop()
        for field in current.fields if isinstance(current, RecordOf) else ():
            if isinstance(field, RecordField):
                yield field
                waiting.append(field.value)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _secret_name(part: object) -> str | None:
    match part:
        case Member(target=Reference(name="secret"), name=name):
            return f"secret.{name}"
        case _:
            return None


def _meant(
    name: str, value: Expression, problem: Problem, text: str
) -> tuple[Span, Finding] | None:
    """The words for a value of another kind, when they are better than those of its type."""
    if name == "auth":
        return _meant_credentials(value, problem, text)
    if name == "defaults" and problem.span != value.span:
        inner = (field for field in _fields(value) if field.value.span == problem.span)
        return next((_meant(one.name, one.value, problem, text) for one in inner), None)
    if problem.span != value.span:
        return None
    number = value.value if isinstance(value, Literal) else None
    finding = wrong_type(problem.facts)
    match name:
        case "retry" if type(number) is int and number >= 1:
            return value.span, messages.in_braces(
                name, f"{{ attempts: {number} }}", is_certain=True
            )
        case "retry" | "breaker" | "defaults" | "budget" if not isinstance(value, RecordOf):
            return value.span, messages.in_braces(name, messages.EXAMPLES[name])
        case "cache" | "timeout" | "deadline" | "every" | "hedge" if isinstance(number, bool):
            return value.span, replace(finding, help=f"say how long: `{name}: 1m`")
        case "idempotent" | "pure" | "fail-fast" if isinstance(number, str | int):
            right = _YES.get(_folded(number)) or _NO.get(_folded(number))
            help_ = f"write `{right}`" if right else "write `true` or `false`"
            return value.span, replace(finding, help=help_, replacement=right)
        case "allow-failures" if type(number) is float and 0 < number <= 1:
            right = percent_text(number)
            return value.span, replace(finding, help=f"write `{right}`", replacement=right)
        case _:
            return None


def _with_unit(field: RecordField | None, problem: Problem) -> tuple[Span, Finding] | None:
    """`delayMs: 1500` of other tools, whose unit is in its name."""
    number = literal_number(field.value) if field is not None else None
    if field is None or number is None or number <= 0 or not field.name.lower().endswith("ms"):
        return None
    known = cast("Sequence[str]", problem.facts["candidates"])
    ours = other_field(field.name, known)
    if ours is None or ours in cast("frozenset[str]", problem.facts["given"]):
        return None
    right = f"{ours}: {duration_text(number / 1000)}"
    place = field.name_span.to(field.value.span)
    return place, messages.field_with_unit(str(problem.facts["what"]), field.name, ours, right)


def _folded(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _meant_credentials(
    value: Expression, problem: Problem, text: str
) -> tuple[Span, Finding] | None:
    secret = _secret_name(value)
    if problem.span == value.span and secret is not None:
        right = f"{{ bearer: {secret} }}"
        finding = wrong_type(problem.facts)
        return value.span, replace(finding, help=f"write `auth: {right}`", replacement=right)
    fields = value.fields if isinstance(value, RecordOf) else ()
    if problem.span == value.span and len(fields) == 1 and isinstance(fields[0], RecordField):
        only = fields[0]
        if only.name in OTHER_FIELDS["bearer"]:
            return only.name_span, messages.field_called_bearer(only.name)
    written = text[problem.span.start : problem.span.end]
    what = str(problem.facts["what"]).strip("`")
    if what in _SECRET_FIELDS:
        meant = written.replace("env.", "secret.", 1) if _is_env(written) else None
        finding = wrong_type(problem.facts)
        help_ = f"write `{meant}`" if meant else "a secret never stands in a file: `secret.NAME`"
        return problem.span, replace(finding, help=help_, replacement=meant)
    return None


def _is_env(written: str) -> bool:
    return written.startswith("env.") and written.removeprefix("env.").isidentifier()
