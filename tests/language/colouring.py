"""A small reader of TextMate grammars: what an editor would colour, line by line.

In: a grammar as plain data and a text. Out: for each character the scopes on it. Only what our grammar uses:
`match`, `begin`/`end`, `captures`, `include`; the first of the leftmost matches wins.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

Rule = dict[str, Any]


class Open(NamedTuple):
    """A `begin` that waits for its `end`."""

    rule: Rule
    scopes: tuple[str, ...]


def scopes_of(grammar: Rule, text: str) -> list[tuple[str, ...]]:
    """The scopes of each character, the outermost first."""
    found: list[tuple[str, ...]] = []
    stack = [Open({"patterns": grammar["patterns"]}, ())]
    for line in text.splitlines(keepends=True):
        _line(grammar, line, stack, found)
    return found


def _line(grammar: Rule, line: str, stack: list[Open], found: list[tuple[str, ...]]) -> None:
    position, length = 0, len(line.rstrip("\r\n"))
    while True:
        top = stack[-1]
        best = _leftmost(grammar, top.rule, line[:length], position)
        if best is None:
            break
        match, rule, is_end = best
        found += [top.scopes] * (match.start() - position)
        if is_end:
            found += _captured(match, rule, top.scopes)
            stack.pop()
        elif "begin" in rule:
            inner = (*top.scopes, rule["name"])
            found += _captured(match, rule, inner)
            stack.append(Open(rule, inner))
        else:
            scopes = (*top.scopes, rule["name"]) if "name" in rule else top.scopes
            found += _captured(match, rule, scopes)
            assert match.end() > match.start(), rule
        position = match.end()
        if is_end and match.end() == match.start() == length:
            break
    found += [stack[-1].scopes] * (len(line) - position)


def _leftmost(
    grammar: Rule, rule: Rule, line: str, position: int
) -> tuple[re.Match[str], Rule, bool] | None:
    candidates = [(rule["end"], rule, True)] if "end" in rule else []
    candidates += [
        (one.get("match") or one["begin"], one, False) for one in _flat(grammar, rule["patterns"])
    ]
    best: tuple[re.Match[str], Rule, bool] | None = None
    for pattern, one, is_end in candidates:
        match = re.compile(pattern).search(line, position)
        if match and (best is None or match.start() < best[0].start()):
            best = (match, one, is_end)
    return best


def _flat(grammar: Rule, patterns: list[Rule]) -> list[Rule]:
    flat: list[Rule] = []
    for one in patterns:
        if "include" not in one:
            flat.append(one)
            continue
        included = grammar["repository"][one["include"][1:]]
        is_rule = "begin" in included or "match" in included
        flat += [included] if is_rule else _flat(grammar, included["patterns"])
    return flat


def _captured(match: re.Match[str], rule: Rule, scopes: tuple[str, ...]) -> list[tuple[str, ...]]:
    marked = [scopes] * (match.end() - match.start())
    for group, capture in rule.get("captures", {}).items():
        start, end = match.span(int(group))
        for index in range(start - match.start(), end - match.start()):
            marked[index] = (*scopes, capture["name"])
    return marked
