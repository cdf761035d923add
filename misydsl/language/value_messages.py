"""The words for values that do not fit: wrong type, missing unit, may be null, unknown field.

In: the facts of a `Problem` (see `expressions.problems`). Out: `Finding`s that print the values and types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, cast

from misydsl.language.condition_messages import not_a_bool, not_a_list
from misydsl.language.messages import any_flows, any_step_flows, article, certain, meant
from misydsl.language.report import Finding
from misydsl.relations import base_of, describe, is_assignable
from misydsl.source import Span
from misydsl.types import (
    BOOL,
    DATE,
    DATETIME,
    FLOAT,
    INT,
    PERCENT,
    STRING,
    Any,
    ListType,
    LiteralType,
    MapType,
    Nothing,
    RecordType,
    Type,
)

Facts = Mapping[str, object]
Suggest = Callable[[str, Iterable[str]], str | None]

OTHER_FIELDS: Final = {
    "attempts": ("maxAttempts", "max_attempts", "max-attempts", "retries", "maxRetries",
                 "max_retries", "times", "tries", "limit", "count"),
    "delay": ("initialDelay", "initial_delay", "retryDelay", "delayMs", "delay_ms", "wait",
              "interval", "initialInterval", "backoffMs", "min-delay"),
    "backoff": ("multiplier", "factor", "backoffMultiplier", "backoff_multiplier",
                "backoffCoefficient", "exponential", "rate"),
    "max-delay": ("maxDelay", "max_delay", "maxDelayMs", "cap", "maxInterval", "max_interval"),
    "on": ("retryOn", "retry_on", "errors", "statuses", "conditions"),
    "bearer": ("token", "apiKey", "api_key", "api-key", "key"),
    "password": ("pass", "secret"),
    "user": ("username", "login"),
    "cooldown": ("timeout", "reset", "resetTimeout", "recovery", "window"),
    "failures": ("threshold", "failureThreshold", "max_failures", "errors"),
}  # fmt: skip
"""What other tools call the fields of our settings."""

_RESULT_WORDS: Final = frozenset({"output", "outputs", "result", "results", "value", "response"})
_SHOWN_FIELDS = 12
_SHOWN_CHOICES = 40
_SHOWN_TYPES = 8


def shown(type_: object) -> str:
    """What was found, for people: `the int 3`, or the type."""
    if isinstance(type_, LiteralType):
        base = describe(base_of(type_))
        word = {"string": "text"}.get(base, base)
        return f"the {word} {json.dumps(type_.value, ensure_ascii=False)}"
    return describe(cast("Type", type_))


def wrong_type(facts: Facts) -> Finding:
    """E0501."""
    expected, found = cast("Type", facts["expected"]), cast("Type", facts["found"])
    what = facts["what"]
    if facts.get("path"):
        what = f"{what}, at `{facts['path']}`"
        expected = cast("Type", facts.get("part_expected", expected))
        found = cast("Type", facts.get("part_found", found))
    if isinstance(found, Nothing):
        return Finding("E0501", f"{what}: expected {describe(expected)}, and it is missing")
    message = f"{what}: expected {describe(expected)}, got {shown(found)}"
    bare = _without_quotes(expected, found)
    if bare is not None:
        return Finding("E0501", message, f"write it without quotes: `{bare}`", bare)
    if what == "`auth`":
        return Finding("E0501", message, "write `auth: { bearer: secret.NAME }`")
    is_printable = expected == STRING and any(is_assignable(found, one) for one in (FLOAT, BOOL))
    is_known = not isinstance(found, Any)
    help_ = 'put it into text: "${…}"' if is_printable and is_known else None
    return Finding("E0501", message, help_)


def _without_quotes(expected: Type, found: Type) -> str | None:
    """The number, percentage or yes and no that a text spells where one is wanted."""
    if not isinstance(found, LiteralType) or not isinstance(found.value, str):
        return None
    if is_assignable(found, expected):
        return None
    text = found.value
    fits = (
        (_INT, INT),
        (_FLOAT, FLOAT),
        (_PERCENT, PERCENT),
        (_BOOL, BOOL),
    )
    return next(
        (text for form, type_ in fits if form.fullmatch(text) and is_assignable(type_, expected)),
        None,
    )


_INT: Final = re.compile(r"\d{1,15}", re.ASCII)
_FLOAT: Final = re.compile(r"\d{1,15}(\.\d{1,15})?", re.ASCII)
_PERCENT: Final = re.compile(r"\d{1,3}(\.\d{1,6})?%", re.ASCII)
_BOOL: Final = re.compile(r"true|false")


def _always(facts: Facts, suggest: Suggest) -> Finding:
    outcome = "true" if facts["always"] else "false"
    left, right = cast("Type", facts["left"]), cast("Type", facts["right"])
    word = "in" if facts["operator"] in ("in", "not in") else ""
    never = f"is never {word} ".rstrip() if word else "is never"
    message = f"this is always {outcome}: {describe(left)} {never} {describe(right)}"
    candidates = [str(one) for one in cast("Sequence[str]", facts.get("candidates", ()))]
    literal = next((t.value for t in (right, left) if isinstance(t, LiteralType)), None)
    candidate = suggest(literal, candidates) if isinstance(literal, str) and candidates else None
    help_ = None
    if literal in ("true", "false") and BOOL in (left, right):
        help_ = f"yes and no stand without quotes: `{literal}`"
    return Finding("E0502", message + meant(_quoted(candidate)), help_)


def _quoted(text: str | None) -> str | None:
    return None if text is None else json.dumps(text, ensure_ascii=False)


def _no_unit(facts: Facts, _suggest: Suggest) -> Finding:
    wanted = article(describe(cast("Type", facts["expected"])).removesuffix("?"))
    suggestions = [str(one) for one in cast("Sequence[str]", facts.get("suggestions", ()))]
    choice = " or ".join(f"`{one}`" for one in suggestions)
    certain = suggestions[0] if len(suggestions) == 1 else None
    if facts["expected"] in (DATE, DATETIME):
        return Finding(
            "E0503", f"{facts['what']} needs {wanted}, not text", f"write {choice}", certain
        )
    if facts["found"] == "text":
        help_ = f"write it without quotes: {choice}" if choice else "write it without quotes"
        return Finding("E0503", f"{facts['what']} needs {wanted}, not text", help_, certain)
    message = f"{facts['what']} needs {wanted}, and {facts['value']} has no unit"
    return Finding("E0503", message, f"write {choice}" if choice else None, certain)


def _not_one_of(facts: Facts, suggest: Suggest) -> Finding:
    value = facts["value"]
    choices = cast("Sequence[object]", facts["choices"])
    texts = (one for one in choices if isinstance(one, str))
    guess = suggest(value, texts) if isinstance(value, str) else None
    candidate = _quoted(guess)
    more = ["…"] if len(choices) > _SHOWN_CHOICES else []
    written = (json.dumps(one, ensure_ascii=False) for one in choices[:_SHOWN_CHOICES])
    listed = ", ".join([*written, *more])
    given = json.dumps(value, ensure_ascii=False)
    message = f"{facts['what']}: {given} is not one of {listed}{meant(candidate)}"
    return Finding("E0504", message, replacement=_quoted(certain(guess)))


def _may_be_null(facts: Facts, _suggest: Suggest) -> Finding:
    may = "is always null here" if facts.get("is_always") else "may be null"
    default = "give a default with `??`"
    match facts["use"]:
        case "member":
            name = facts["name"]
            message = f"`{facts['target']}` {may}, so `.{name}` may fail"
            help_ = f"use `?.{name}` with a default, or check it with `when`"
        case "index":
            message = f"`{facts['target']}` {may}, so `[…]` may fail"
            help_ = "check it with `when`, or give a default with `??`"
        case "compare":
            message, help_ = f"it {may}, so it cannot be compared", default
        case "arithmetic":
            message = f"it {may}, so `{facts.get('operator')}` cannot be used"
            help_ = default
        case "list":
            message = f"`{facts.get('what')}` needs a list, and this {may}"
            help_ = "give a default: `… ?? []`"
        case "bool":
            message = f"`{facts.get('what')}` needs yes or no (bool), and this {may}"
            help_ = "give a default: `… ?? false`"
        case "value":
            wanted = describe(cast("Type", facts["expected"]))
            message, help_ = f"{facts['what']}: expected {wanted}, and this {may}", default
        case _:
            message, help_ = f"this {may}, so it cannot be spread", "give a default: `… ?? {}`"
    return Finding("E0505", message, help_)


def _field_missing(facts: Facts, _suggest: Suggest) -> Finding:
    field = f"`{facts['name']}: {describe(cast('Type', facts['type']))}`"
    return Finding("E0506", f"{facts['what']}: the field {field} is missing")


def _unknown_field(facts: Facts, suggest: Suggest) -> Finding:
    name, known = str(facts["name"]), tuple(cast("Sequence[str]", facts["candidates"]))
    given = cast("frozenset[str]", facts.get("given", frozenset()))
    message = f"{facts['what']}: there is no field `{name}`"
    ours = other_field(name, known)
    if ours is not None:
        message += f". In misy it is called `{ours}`"
        if ours in given:
            return Finding("E0507", message, f"remove it: `{ours}` is given already")
        has_unit = name.lower().endswith("ms")  # its number means something else under our name
        help_ = f"write it with its unit: `{ours}: 1500ms`" if has_unit else None
        return Finding("E0507", message, help_, None if has_unit else ours)
    candidate = suggest(name, known)
    help_ = f"its fields: {_fields(known)}" if known else None
    right = None if candidate in given else certain(candidate)
    return Finding("E0507", message + meant(candidate), help_, right)


def other_field(name: str, known: Sequence[str]) -> str | None:
    """Which of the known fields other tools call `name`."""
    return next((ours for ours in known if name in OTHER_FIELDS.get(ours, ())), None)


def _fields(names: Sequence[str]) -> str:
    ordered = sorted(names)
    more = ["…"] if len(ordered) > _SHOWN_FIELDS else []
    return ", ".join([*ordered[:_SHOWN_FIELDS], *more])


def _not_a_list(facts: Facts, _suggest: Suggest) -> Finding:
    return not_a_list(facts, shown(facts["found"]))


def _not_a_bool(facts: Facts, _suggest: Suggest) -> Finding:
    return not_a_bool(facts, shown(facts["found"]))


def _null_in_text(_facts: Facts, _suggest: Suggest) -> Finding:
    message = "this may be null, and would print nothing"
    return Finding("E0510", message, 'give a default: `${… ?? ""}`')


def _not_printable(facts: Facts, _suggest: Suggest) -> Finding:
    found = facts["found"]
    if facts.get("use") in ("join", "lines"):
        message = f"`{facts['use']}` needs a list of texts, this is {shown(found)}"
        return Finding("E0511", message, "write its items as text: `[text(x) for x in …]`")
    kinds: Mapping[object, str] = {ListType: "a list", RecordType: "a record", MapType: "a map"}
    kind = kinds.get(type(found)) or shown(found)
    wanted = '`json(…)`, `lines(…)` or `join(…, ", ")`' if kind == "a list" else "`json(…)`"
    return Finding("E0511", f"{kind} cannot be put into text as it is", f"use {wanted}")


def _not_comparable(facts: Facts, _suggest: Suggest) -> Finding:
    left, right = (_wide(cast("Type", facts[side])) for side in ("left", "right"))
    message = f"{left} and {right} cannot be compared with `{facts['operator']}`"
    return Finding("E0512", message)


def _operator_unfit(facts: Facts, _suggest: Suggest) -> Finding:
    operator, left, right = facts["operator"], cast("Type", facts["left"]), facts["right"]
    if right is None:
        return Finding("E0513", f"`{operator}` does not work on {_wide(left)}")
    other = cast("Type", right)
    message = f"`{operator}` does not work between {_wide(left)} and {_wide(other)}"
    has_text = any(is_assignable(side, STRING) for side in (left, other))
    into_text = operator == "+" and has_text
    return Finding("E0513", message, 'put values into text with "${…}"' if into_text else None)


def _wide(type_: Type) -> str:
    return describe(base_of(type_) if isinstance(type_, LiteralType) else type_)


def _no_field(facts: Facts, suggest: Suggest) -> Finding:
    name, known = str(facts["name"]), tuple(cast("Sequence[str]", facts["candidates"]))
    if facts.get("is_partial"):
        message = f"not every alternative of `{facts['target']}` has a field `{name}`"
        return Finding("E0514", message, f"test first which one it is: {_shape(facts)}")
    candidate = suggest(name, known)
    message = f"`{facts['target']}` has no field `{name}`{meant(candidate)}"
    help_ = f"its fields: {_fields(known)}" if known else None
    if candidate is None and name in _RESULT_WORDS:
        help_ = f"`{facts['target']}` is the result itself; {help_}" if help_ else None
    return Finding("E0514", message, help_, certain(candidate))


def _shape(facts: Facts) -> str:
    return describe(cast("Type", facts["type"]))


def _not_a_record(facts: Facts, _suggest: Suggest) -> Finding:
    target, name, kind = facts["target"], facts["name"], facts["kind"]
    found = cast("Type", facts["found"])
    part = f"`.{name}`" if name is not None else "`[…]`"
    is_what = f"a {kind}" if kind in ("list", "map") else article(describe(found))
    message = f"`{target}` is {is_what}, so it has no {part}"
    help_ = None
    if name in ("length", "size", "count", "len"):
        help_ = f"write `length({target})`"
    elif kind == "list" and name is not None:
        help_ = f"use `[x.{name} for x in {target}]`, or `first(…)?.{name}`"
    elif kind == "map" and name is not None:
        help_ = f'use `{target}["{name}"]`'
    return Finding("E0515", message, help_)


def _any_flows(facts: Facts, _suggest: Suggest) -> Finding:
    what, wanted = str(facts["what"]), cast("Type", facts["expected"])
    if facts.get("is_step"):
        return any_step_flows(str(facts["name"]), what, wanted)
    return any_flows(str(facts["text"]), what, wanted)


def _past_the_end(facts: Facts, _suggest: Suggest) -> Finding:
    index, length = facts["index"], facts.get("length")
    if length is None or cast("int", index) < 0:
        return Finding("E0517", f"an index counts from 0: there is no {index}", "use `last(…)`")
    return Finding("E0517", f"index {index} is past the end of this list of {length}")


def _no_sort_field(facts: Facts, suggest: Suggest) -> Finding:
    name = str(facts["name"])
    item = describe(cast("Type", facts["item"]))
    known = tuple(cast("Sequence[str]", facts["candidates"]))
    call = f'`{facts["function"]}(…, by: "{name}")`'
    candidate = suggest(name, known)
    message = f"{call}: {item} has no field `{name}`{meant(candidate)}"
    return Finding("E0518", message, f"its fields: {_fields(known)}" if known else None)


def _different_types(facts: Facts, _suggest: Suggest) -> Finding:
    found = cast("Sequence[Type]", facts["types"])
    more = ["…"] if len(found) > _SHOWN_TYPES else []
    types = ", ".join([*map(describe, found[:_SHOWN_TYPES]), *more])
    message = f"the alternatives of `{facts['target']}` have `{facts['name']}`, but with "
    message += f"different types ({types})"
    return Finding("E0519", message, "test first which one it is, with `==` on another field")


def _no_date(facts: Facts, _suggest: Suggest) -> Finding:
    value = json.dumps(facts["value"], ensure_ascii=False)
    example = "2026-02-28" if facts["kind"] == "date" else "2026-02-28T09:30:00Z"
    return Finding("E0520", f"{value} is not a {facts['kind']}", f'write it so: "{example}"')


def _no_order(facts: Facts, _suggest: Suggest) -> Finding:
    message = f"`{facts['function']}`: {facts['what']} cannot be {shown(facts['found'])}"
    is_record = isinstance(facts["found"], RecordType) and facts["function"] == "sort"
    return Finding(
        "E0525", message, 'say by which field: sort(…, by: "field")' if is_record else None
    )


def _secret_leaks(facts: Facts, _suggest: Suggest) -> Finding:
    match facts["use"]:
        case "text":
            message = "a secret would be written into text"
        case "operator":
            message = f"a secret cannot be used with `{facts['name']}`"
        case _:
            message = f"a secret cannot be given to `{facts['name']}`"
    return Finding("E0701", message, "secrets only go in an agent's `auth` or `headers`")


def _never_null(facts: Facts, _suggest: Suggest) -> Finding:
    message = "the left side is never null, so `??` does nothing"
    removal = cast("Span | None", facts.get("rest"))
    return Finding("W0902", message, "remove `?? …`", removal=removal, severity="warning")


VALUE_WORDS: Final[Mapping[str, Callable[[Facts, Suggest], Finding]]] = {
    "E0501": lambda facts, _suggest: wrong_type(facts),
    "E0502": _always,
    "E0503": _no_unit,
    "E0504": _not_one_of,
    "E0505": _may_be_null,
    "E0506": _field_missing,
    "E0507": _unknown_field,
    "E0508": _not_a_list,
    "E0509": _not_a_bool,
    "E0510": _null_in_text,
    "E0511": _not_printable,
    "E0512": _not_comparable,
    "E0513": _operator_unfit,
    "E0514": _no_field,
    "E0515": _not_a_record,
    "E0516": _any_flows,
    "E0517": _past_the_end,
    "E0518": _no_sort_field,
    "E0519": _different_types,
    "E0520": _no_date,
    "E0525": _no_order,
    "E0701": _secret_leaks,
    "W0902": _never_null,
}
