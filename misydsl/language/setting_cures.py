"""How a setting that other tools know is rewritten as it is meant here.

In: a setting that is none here, whose it is, and what else stands there. Out: a `Fix` where the meaning is
beyond doubt, and what its value says in our words. Nothing is offered that would be given twice then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from misydsl.diagnostics.diagnostic import Edit, Fix
from misydsl.expressions.nodes import (
    Apply,
    Expression,
    ListOf,
    Literal,
    Member,
    RecordOf,
    Reference,
    Text,
)
from misydsl.language import setting_words as words
from misydsl.language.context import Scope
from misydsl.language.cuts import item_cut
from misydsl.language.syntax import (
    AfterSyntax,
    AgentSyntax,
    PipelineSyntax,
    SettingSyntax,
    StepSyntax,
    WhenSyntax,
)
from misydsl.pipeline.settings import Place
from misydsl.source import Span
from misydsl.values import Duration, Rate, duration_text

Owner = AgentSyntax | StepSyntax | PipelineSyntax
_MOST_ATTEMPTS: Final = 1000  # a larger number is no count of attempts
_MOST_SECONDS: Final = 7 * 86_400  # a longer wait is milliseconds under another name
_SECONDS: Final = ("seconds", "secs", "sec", "_s", "-s")


@dataclass(frozen=True, slots=True)
class Misnamed:
    """A setting that is none here."""

    written: SettingSyntax
    place: Place
    owner: Owner
    given: frozenset[str]
    """What is set there."""
    scope: Scope
    text: str
    """The whole file."""

    @property
    def key(self) -> str:
        """What it is called."""
        return self.written.name.text

    @property
    def value(self) -> Expression:
        """What it is set to."""
        return self.written.value

    @property
    def value_text(self) -> str:
        """Its value as it stands there."""
        return self.text[self.value.span.start : self.value.span.end]


def cure_of(one: Misnamed) -> Fix | None:
    """The change that says the same in our words; None where that is not certain."""
    meant = words.meaning(one.place, one.key)
    cure = _CURES.get(meant) if meant is not None else None
    return cure(one) if cure is not None else None


def attempts_meant(one: Misnamed) -> str | None:
    """The number of attempts a setting says."""
    value = one.value.value if isinstance(one.value, Literal) else None
    return str(value) if type(value) is int and 1 <= value <= _MOST_ATTEMPTS else None


def time_meant(one: Misnamed) -> str | None:
    """The time a setting says, its unit being in its name."""
    value = one.value.value if isinstance(one.value, Literal) else None
    if isinstance(value, Duration):
        return one.value_text
    if type(value) not in (int, float) or not isinstance(value, int | float) or value <= 0:
        return None
    key = one.key.lower()
    seconds = value / 1000 if key.endswith("ms") else value
    is_known = key.endswith(("ms", *_SECONDS))
    return duration_text(seconds) if is_known and seconds <= _MOST_SECONDS else None


def _after(one: Misnamed) -> Fix | None:
    names = _steps_named(one)
    if names is None or not isinstance(one.owner, StepSyntax):
        return None
    given = [name for name in one.owner.modifiers if isinstance(name, AfterSyntax)]
    if given:
        end = given[-1].span.end
        more = f", {', '.join(names)}"
        return Fix(f"write `{more}` after `after`", (Edit(Span(end, end), more), _gone(one)))
    return _into_header(one, "after", ", ".join(names), AfterSyntax)


def _steps_named(one: Misnamed) -> list[str] | None:
    """The steps a value names, as names or as texts; None when it says anything else."""
    items = one.value.items if isinstance(one.value, ListOf) else (one.value,)
    found: list[str] = []
    for item in items:
        match item:
            case Reference(name=name) | Literal(value=str(name)):
                taken = one.scope.find(name)
            case _:
                return None
        if taken is None or taken.kind != "step":
            return None
        found.append(taken.name)
    return found or None


def _when(one: Misnamed) -> Fix | None:
    if isinstance(one.value, Literal | Text):
        return None  # a text may hold another language
    return _into_header(one, "when", one.value_text, WhenSyntax)


def _into_header(one: Misnamed, word: str, said: str, kind: type[object]) -> Fix | None:
    """`word said` before the `{`, the setting gone."""
    owner = one.owner
    if not isinstance(owner, StepSyntax) or any(isinstance(m, kind) for m in owner.modifiers):
        return None
    brace = owner.block.span.start
    if not one.text.startswith("{", brace):
        return None
    blank = "" if one.text[brace - 1].isspace() else " "
    edits = (Edit(Span(brace, brace), f"{blank}{word} {said} "), _gone(one))
    return Fix(f"write `{word} {said}` before the `{{`", edits)


def _retry(one: Misnamed) -> Fix | None:
    if isinstance(one.value, RecordOf):
        return _renamed(one, "retry")
    number = attempts_meant(one)
    return _instead(one, "retry", f"{{ attempts: {number} }}") if number is not None else None


def _timeout(one: Misnamed) -> Fix | None:
    time = time_meant(one)
    return _instead(one, "timeout", time) if time is not None else None


def _defaults(one: Misnamed) -> Fix | None:
    return _instead(one, "defaults", f"{{ {one.key}: {one.value_text} }}")


def _instead(one: Misnamed, name: str, value: str) -> Fix | None:
    if name in one.given:
        return None
    return Fix(f"write `{name}: {value}`", (Edit(one.written.span, f"{name}: {value}"),))


def _renamed(one: Misnamed, name: str) -> Fix | None:
    if name in one.given:
        return None
    return Fix(f"write `{name}`", (Edit(one.written.name.span, name),))


def _url(one: Misnamed) -> Fix | None:
    return _renamed(one, "url")


def _health(one: Misnamed) -> Fix | None:
    is_path = isinstance(one.value, Literal) and str(one.value.value).startswith("/")
    return _renamed(one, "health") if is_path else None


def _rate(one: Misnamed) -> Fix | None:
    is_rate = isinstance(one.value, Literal) and isinstance(one.value.value, Rate)
    return _renamed(one, "rate") if is_rate else None


def _fail_fast(one: Misnamed) -> Fix | None:
    return _renamed(one, "fail-fast")


def _token(one: Misnamed) -> Fix | None:
    match one.value:
        case Member(target=Reference(name="secret")):
            return _instead(one, "auth", f"{{ bearer: {one.value_text} }}")
        case _:
            return None


def _title(one: Misnamed) -> Fix | None:
    if not _is_text(one.value) or one.owner.title is not None:
        return None
    end = one.owner.name.span.end
    blank = "" if one.text[end : end + 1].isspace() else " "
    edits = (Edit(Span(end, end), f" {one.value_text}{blank}"), _gone(one))
    return Fix(f"write {one.value_text} after the name", edits)


def _description(one: Misnamed) -> Fix | None:
    start = one.owner.span.start
    line = one.text.rfind("\n", 0, start) + 1
    indent = one.text[line:start]
    if not _is_text(one.value) or one.owner.description is not None or indent.strip():
        return None
    said = str(one.value.value) if isinstance(one.value, Literal) else ""
    if not said.strip() or "\n" in said:
        return None
    edits = (Edit(Span(line, line), f"{indent}## {said.strip()}\n"), _gone(one))
    return Fix("write it as a `##` comment above", edits)


def _call(one: Misnamed) -> Fix | None:
    if not isinstance(one.value, Apply) or not isinstance(one.owner, StepSyntax):
        return None
    return Fix(
        f"write `call {one.value_text}`", (Edit(one.written.span, f"call {one.value_text}"),)
    )


def _fallback(one: Misnamed) -> Fix | None:
    if one.key != "fallback" or isinstance(one.value, Apply | RecordOf):
        return None
    right = f"fallback {{ return {one.value_text} }}"
    return Fix(f"write `{right}`", (Edit(one.written.span, right),))


def _is_text(value: Expression) -> bool:
    return isinstance(value, Literal) and isinstance(value.value, str)


def _gone(one: Misnamed) -> Edit:
    return Edit(item_cut(one.text, one.written.span), "")


_CURES: Final[Mapping[str, Callable[[Misnamed], Fix | None]]] = {
    words.AFTER: _after,
    words.WHEN: _when,
    words.RETRY: _retry,
    words.TIMEOUT: _timeout,
    words.DEFAULTS: _defaults,
    words.URL: _url,
    words.HEALTH: _health,
    words.RATE: _rate,
    words.FAIL_FAST: _fail_fast,
    words.CREDENTIAL: _token,
    words.TITLE: _title,
    words.DESCRIPTION: _description,
    words.CALL: _call,
    words.FALLBACK: _fallback,
}
