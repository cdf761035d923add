"""Which settings there are, where, of which type and with which default: one table.

In: nothing. Out: `SETTINGS[place][name]`, read by the checker (unknown keys, wrong types), by the
formatter's and editor's completion, and by the reference page. Keys that begin with `x-` always pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from misydsl.relations import optional as _optional
from misydsl.types import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    PERCENT,
    RATE,
    SECRET,
    SIZE,
    STRING,
    Field,
    ListType,
    LiteralType,
    MapType,
    RecordType,
    Type,
    UnionType,
)

Place = Literal["agent", "step", "for", "repeat", "pipeline", "defaults"]


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One setting: its type, its default as misy text (None: no default) and what it does."""

    type: Type
    default: str | None
    description: str


def _one_of(*texts: str) -> Type:
    return UnionType(tuple(LiteralType(text) for text in texts))


RETRY = RecordType(
    (
        Field("attempts", INT),
        Field("delay", _optional(DURATION)),
        Field("backoff", _optional(FLOAT)),
        Field("max-delay", _optional(DURATION)),
        Field("jitter", _optional(_one_of("none", "full", "equal"))),
        Field("on", _optional(ListType(UnionType((STRING, INT))))),
    ),
    name="retry",
)
BREAKER = RecordType((Field("failures", INT), Field("cooldown", DURATION)), name="breaker")
AUTH = UnionType(
    (
        RecordType((Field("bearer", SECRET),)),
        RecordType(
            (Field("basic", RecordType((Field("user", STRING), Field("password", SECRET)))),)
        ),
        RecordType((Field("header", STRING), Field("value", SECRET))),
    ),
    name="auth",
)
BUDGET = RecordType(
    (
        Field("calls", _optional(INT)),
        Field("cost", _optional(FLOAT)),
        Field("tokens", _optional(INT)),
    ),
    name="budget",
)

_CALLING = {
    "timeout": SettingSpec(DURATION, "30s", "one attempt, from connecting to the last byte"),
    "retry": SettingSpec(RETRY, "{ attempts: 1 }", "how often and how patiently to try"),
    "cache": SettingSpec(DURATION, None, "how long an equal call may be answered from the cache"),
    "idempotent": SettingSpec(BOOL, None, "whether calling twice does the work once"),
}
_AGENT = {
    "url": SettingSpec(STRING, None, "where it is: http:, https: or python:module:function"),
    "method": SettingSpec(_one_of("POST", "GET", "PUT", "DELETE"), '"POST"', "the HTTP method"),
    "health": SettingSpec(STRING, '"/health"', "the path asked for its health"),
    "headers": SettingSpec(MapType(UnionType((STRING, SECRET))), None, "headers of every call"),
    "auth": SettingSpec(AUTH, None, "how calls prove who they are"),
    "wire": SettingSpec(_one_of("plain", "misybot"), '"plain"', "the shape of calls and replies"),
    "version": SettingSpec(STRING, None, "part of the cache key"),
    "pure": SettingSpec(BOOL, "false", "whether it has no effects besides its reply"),
    "max-reply": SettingSpec(
        SIZE,
        "8MiB",
        "replies over this size fail, and those with over a list or object for each 32 bytes of it",
    ),
    "concurrency": SettingSpec(INT, "64", "calls open at once, over all runs of a process"),
    "rate": SettingSpec(RATE, None, "calls begun per unit of time, over all runs of a process"),
    "breaker": SettingSpec(BREAKER, None, "when to stop calling it for a while"),
    "cost": SettingSpec(
        UnionType((FLOAT, STRING)), None, "what a call costs, or where its reply says so"
    ),
    "tokens": SettingSpec(
        UnionType((INT, STRING)), None, "what a call uses, or where its reply says so"
    ),
}
_DEFAULTS = RecordType(
    tuple(Field(name, _optional(spec.type)) for name, spec in _CALLING.items()), name="defaults"
)

SETTINGS: dict[Place, dict[str, SettingSpec]] = {
    "agent": {**_AGENT, **_CALLING},
    "step": {
        **_CALLING,
        "hedge": SettingSpec(DURATION, None, "send a second call when the first takes longer"),
        "priority": SettingSpec(INT, "0", "higher starts first when a limit makes steps wait"),
    },
    "for": {
        "concurrency": SettingSpec(INT, None, "items worked on at once"),
        "allow-failures": SettingSpec(UnionType((INT, PERCENT)), "0", "items that may fail"),
        "key": SettingSpec(UnionType((STRING, INT)), None, "what identifies an item"),
    },
    "repeat": {
        "every": SettingSpec(DURATION, None, "the wait between rounds"),
        "exhausted": SettingSpec(_one_of("fail", "keep"), '"fail"', "what running out means"),
    },
    "pipeline": {
        "deadline": SettingSpec(DURATION, None, "for everything, waits included"),
        "defaults": SettingSpec(_DEFAULTS, None, "calling settings for every step"),
        "fail-fast": SettingSpec(BOOL, "false", "whether the first failure stops the rest"),
        "budget": SettingSpec(BUDGET, None, "what a run may spend"),
    },
    "defaults": _CALLING,
}
