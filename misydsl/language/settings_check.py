"""Settings: known, given once, of the right type.

In: the `key: value` items of a place and the tables that hold there. Out: `Setting`s. Keys that begin with
`x-` pass as they are; a value is checked against the type in `pipeline.settings`, and a few literal
values that could never work are told here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, get_args

from misydsl.expressions.nodes import Expression, ListOf, RecordField, RecordOf
from misydsl.expressions.nodes import Literal as LiteralNode
from misydsl.failures import FailureKind
from misydsl.language import structure_messages as messages
from misydsl.language.context import ModuleContext, Scope
from misydsl.language.messages import secret_setting
from misydsl.language.setting_cures import Misnamed, Owner, attempts_meant, cure_of, time_meant
from misydsl.language.setting_value_messages import no_such_condition
from misydsl.language.setting_values import literal_number, meant_values, useless_value
from misydsl.language.syntax import SettingSyntax
from misydsl.pipeline.model import Setting
from misydsl.pipeline.settings import SETTINGS, Place, SettingSpec
from misydsl.relations import holds_secret
from misydsl.source import Span

_EXTENSION = "x-"
_CONDITIONS: Final = (*get_args(FailureKind), "http-5xx")
_OFTEN_MEANT: Final = '"timeout", "connect", "http-5xx", "bad-reply", "agent-error"'
_SCHEME: Final = re.compile(r"(https?://|python:|[a-z0-9]+\+[a-z0-9+.-]+:)")


def check_settings(
    written: Sequence[SettingSyntax],
    tables: Sequence[Place],
    scope: Scope,
    context: ModuleContext,
    *,
    owner: Owner,
    scopes: Mapping[str, Scope] | None = None,
) -> tuple[Setting, ...]:
    """The settings of `owner`; `tables[0]` is its kind, `scopes` where single keys see more names."""
    known = {name: spec for table in tables for name, spec in SETTINGS[table].items()}
    given = frozenset(one.name.text for one in written)
    found: dict[str, Setting] = {}
    for one in written:
        name = one.name.text
        inner = (scopes or {}).get(name, scope)
        if name in found:
            context.report.add(one.span, messages.set_twice(name))
            continue
        if name in known:
            _check_value(name, one.value, known[name], inner, context)
        elif name.startswith(_EXTENSION):
            _look_at_extension(one, inner, context)
        elif not context.report.is_broken(one.span):
            misnamed = Misnamed(one, tables[0], owner, given, scope, context.source.text)
            _report_unknown(misnamed, known, context)
        found[name] = Setting(name, one.value, one.span)
    return tuple(one for name, one in found.items() if name in known or name.startswith(_EXTENSION))


def _look_at_extension(written: SettingSyntax, scope: Scope, context: ModuleContext) -> None:
    if holds_secret(context.infer(written.value, scope)):
        context.report.add(written.value.span, secret_setting(written.name.text))


def _report_unknown(one: Misnamed, known: Iterable[str], context: ModuleContext) -> None:
    finding = messages.unknown_setting(
        one.place,
        one.key,
        one.owner.name.text,
        context.suggest(one.key, known),
        number=attempts_meant(one),
        time=time_meant(one),
    )
    context.report.add(one.written.name.span, finding, fix=cure_of(one))


def _check_value(
    name: str, value: Expression, spec: SettingSpec, scope: Scope, context: ModuleContext
) -> None:
    if name == "url":
        _check_url(value, spec, scope, context)
    else:
        _, problems = context.examine(value, spec.type, scope, what=f"`{name}`")
        told, left = meant_values(name, value, problems, context.source.text)
        context.tell(left)
        for span, finding in told:
            context.report.add(span, finding)
    useless = useless_value(name, value)
    if useless is not None:
        context.report.add(value.span, useless)
    match name:
        case "url":
            _check_address(value, context)
        case "retry":
            _check_retry(value, context)
        case "defaults":
            for field in _fields(value):
                if field.name == "retry":
                    _check_retry(field.value, context)
        case _:
            pass


def _check_url(value: Expression, spec: SettingSpec, scope: Scope, context: ModuleContext) -> None:
    """The type of an address, in which the name of a step is known to be meant and never can be."""
    _, problems = context.examine(value, spec.type, scope, what="`url`")
    for one in problems:
        name = str(one.facts.get("name"))
        if one.code == "E0201" and name in context.step_names:
            context.report.add(one.span, messages.reply_as_address(name))
        else:
            context.tell([one])


def _check_address(value: Expression, context: ModuleContext) -> None:
    address = value.value if isinstance(value, LiteralNode) else None
    if isinstance(address, str) and not _SCHEME.match(address):
        context.report.add(value.span, messages.address_without_scheme(address))


def _check_retry(value: Expression, context: ModuleContext) -> None:
    for field in _fields(value):
        number = literal_number(field.value)
        if field.name == "on" and isinstance(field.value, ListOf):
            _check_conditions(field.value, context)
        if number is None:
            continue
        if field.name == "attempts" and number < 1:
            context.report.add(_whole(field), messages.no_attempts(int(number)))
        if field.name == "backoff" and number < 1:
            context.report.add(_whole(field), messages.shrinking_backoff(f"{number:g}"))


def _check_conditions(value: ListOf, context: ModuleContext) -> None:
    """Whether a failure can be what `on` names."""
    for item in value.items:
        word = item.value if isinstance(item, LiteralNode) else None
        if isinstance(word, str) and word not in _CONDITIONS:
            guess = context.suggest(word, _CONDITIONS)
            finding = no_such_condition(word, guess, _OFTEN_MEANT)
            context.report.add(item.span, finding)


def _fields(value: Expression) -> Iterable[RecordField]:
    if isinstance(value, RecordOf):
        yield from (field for field in value.fields if isinstance(field, RecordField))


def _whole(field: RecordField) -> Span:
    return field.name_span.to(field.value.span)
