"""Shrinking: a smaller program that breaks the same law.

In: a play that broke a law. Out: what the law says of the smallest program that was found by leaving out steps,
blocks, settings and parts of expressions, line by line. A cut that the checker refuses is not made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from misydsl.workspace import check_text
from tests.simulation.play import Broken, Play
from tests.simulation.programs import Written

NUMBERS: Final = range(12)
MOST_CUTS: Final = 400
_ADDED = re.compile(r'("w\d+")(?: \+ \((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\))+')


def shrunk(play: Play, number: int, broken: Broken) -> Broken:
    """The same breach in a smaller program, or in this one."""
    text, left = play.written.text, MOST_CUTS
    law = _law(broken)
    is_smaller = True
    while is_smaller and left > 0:
        is_smaller = False
        for smaller in _cuts(text):
            left -= 1
            found = _breach(play, smaller, number, law) if left > 0 else None
            if found is not None:
                text, broken, is_smaller = smaller, found, True
                break
    return broken


def _breach(play: Play, text: str, number: int, law: str) -> Broken | None:
    if "pipeline main(" not in text or check_text(text).errors:
        return None
    smaller = Play(play.seed, Written(text, play.written.is_wild))
    for each in (number, *NUMBERS):
        try:
            smaller.perform(each)
        except Broken as broken:
            if _law(broken) == law:
                return broken
    return None


def _law(broken: Broken) -> str:
    """What is said apart from where."""
    return re.sub(r"\(.*\)|[^a-z ]", "", str(broken).partition("\n")[0])[:40]


def _cuts(text: str) -> Iterator[str]:
    """The text without one block or line, or with one expression cut short; large cuts first."""
    lines = text.splitlines()
    cuts = sorted(
        ((_end(lines, start), start) for start in range(len(lines))),
        key=lambda cut: cut[1] - cut[0],
    )
    for end, start in cuts:
        if end > start:
            yield "\n".join([*lines[:start], *lines[end:]])
    for number, line in enumerate(lines):
        shorter = _ADDED.sub(r"\1", line)
        for other in {shorter, re.sub(r"^return .*\+.*", 'return "r"', line)} - {line}:
            yield "\n".join([*lines[:number], other, *lines[number + 1 :]])


def _end(lines: list[str], start: int) -> int:
    """Behind the block that a line opens, or behind the line; `start` where nothing can be cut."""
    if lines[start].startswith("}"):
        return start
    depth = 0
    for number in range(start, len(lines)):
        depth += _opened(lines[number], is_first=number == start)
        if depth <= 0:
            return number + 1
    return start


def _opened(line: str, *, is_first: bool) -> int:
    opens = line.endswith("{")
    closes = line.startswith("}") and not is_first
    return opens - closes
