"""The words about a workflow in JSON.

In: what was found. Out: `Finding`s, which become diagnostics at a place. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.diagnostic import Severity
from misydsl.pipeline.json_places import second_name
from misydsl.source import Source, Span
from misydsl.values import JsonInvalid, Value, encode_json

_KINDS: Final = {
    "text": "a text",
    "title": "a text that is not empty",
    "name": "a text of printable characters",
    "number": "a number",
    "whole number": "a whole number",
    "true or false": "true or false",
    "object": "an object `{ … }`",
    "list": "a list `[ … ]`",
    "schema": "a JSON Schema `{ … }`",
}
_SHOWN: Final = 40  # characters of a value that is wrong


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong, in words."""

    code: str
    message: str
    help: str | None = None
    severity: Severity = "error"

    def at(self, source: Source, span: Span) -> Diagnostic:
        """The same, at its place."""
        return Diagnostic(
            self.code, self.message, source, span, severity=self.severity, help=self.help
        )


def no_json(source: Source, wrong: JsonInvalid) -> Diagnostic:
    """The text is no JSON, or not the JSON that everybody reads alike."""
    words = wrong.message[0].upper() + wrong.message[1:]
    if wrong.offset is None:
        span = second_name(source.text) if "twice" in wrong.message else None
        return Finding("E0801", words).at(source, span or Span(0, min(1, len(source.text))))
    text = source.text.removeprefix("\ufeff")
    before = text.encode()[: wrong.offset].decode(errors="ignore")
    at = len(before) + len(source.text) - len(text)
    return Finding("E0801", words).at(source, Span(at, min(at + 1, len(source.text))))


def no_text(source: Source, at: int) -> Diagnostic:
    """The text holds half a character."""
    words = "This is half a character, and JSON is UTF-8"
    return Finding("E0801", words).at(source, Span(at, at + 1))


def missing(way: Sequence[str | int], name: str) -> Finding:
    """A field has to be there."""
    where = f"{shown(way)} has" if way else "A workflow has"
    return Finding("E0802", f"{where} no `{name}`", f'add `"{name}": …`')


def wrong_kind(way: Sequence[str | int], kind: str, value: Value) -> Finding:
    """Something else stands there."""
    where = shown(way) if way else "A workflow"
    return Finding("E0802", f"{where} has to be {_KINDS[kind]}, not {_shown(value)}")


def out_of_range(way: Sequence[str | int], value: Value, least: float, most: float) -> Finding:
    """A number is too small or too large."""
    unit = " (milliseconds)" if way[-1] in ("timeout", "delay") else ""
    words = f"{shown(way)}{unit} has to be from {least:,.0f} to {most:,.0f}, not {_shown(value)}"
    return Finding("E0802", words)


def too_long(longest_s: float, most_s: float) -> Finding:
    """The waits of a retry grow beyond all use."""
    days = "" if longest_s == float("inf") else f" ({longest_s / 86_400:,.0f} days)"
    words = f"The longest wait{days} is over {most_s / 86_400:,.0f} days"
    return Finding("E0802", words, "lower `delay`, `backoffMultiplier` or `maxAttempts`")


def too_many(count: int, most: int) -> Finding:
    """More steps than a workflow may have."""
    return Finding("E0802", f"A workflow has at most {most:,} steps, and this one {count:,}")


def slip(name: str, near: str) -> Finding:
    """A field that nobody reads."""
    return Finding(
        "W0918",
        f"`{name}` means nothing here. Did you mean `{near}`?",
        f'write `"{near}"`',
        "warning",
    )


def id_twice(name: str) -> Finding:
    """Two steps with one id."""
    return Finding("E0803", f"There is another step with the id `{name}`", "give each its own id")


def unknown_step(step: str, name: str, near: str | None) -> Finding:
    """A dependency on nothing."""
    meant = f" Did you mean `{near}`?" if near else ""
    return Finding("E0804", f"`{step}` depends on `{name}`, and there is no such step.{meant}")


def circle(names: Sequence[str]) -> Finding:
    """Steps that wait for each other."""
    if len(names) <= 1:
        return Finding("E0805", f"`{names[0]}` waits for itself", "take the dependency out")
    around = " → ".join(f"`{name}`" for name in (*names, names[0]))
    return Finding("E0805", f"These steps wait for each other: {around}", "take one dependency out")


def unknown_agent(step: str, agent: str, near: str | None) -> Finding:
    """Nobody knows the agent."""
    meant = f" Did you mean `{near}`?" if near else ""
    words = f"`{step}` calls the agent `{agent}`, which nobody declares or hosts.{meant}"
    variable = "".join(letter if letter.isalnum() else "_" for letter in agent).upper()
    return Finding(
        "E0806", words, f"declare it in a .misy file, host it, or set AGENT_{variable}_URL"
    )


def no_schema(reason: str) -> Finding:
    """The schema is none."""
    return Finding("E0807", f"This is no JSON Schema that can be used: {reason}")


def too_many_patterns(most: int) -> Finding:
    """All schemas together have too many."""
    return Finding("E0807", f"The schemas of one workflow have at most {most} patterns")


def no_form(what: str) -> Finding:
    """A pipeline says something that JSON cannot."""
    return Finding("E0808", f"{what} has no form in a JSON workflow")


def shown(way: Sequence[str | int]) -> str:
    """`steps[2].agent`, as people write it."""
    text = ""
    for part in way:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return f"`{text}`"


def _shown(value: Value) -> str:
    text = encode_json(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
