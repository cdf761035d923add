"""Text in pictures: how wide it is, how it is shortened, what may stand in it.

In: any text at all. Out: text on one line without control characters, lines that fit a width, widths in
pixels. No font is asked: widths are those of DejaVu Sans, the widest of the fonts pictures name, so
text drawn in any of them stays inside its box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from html import escape  # xml.sax.saxutils does the same, after importing urllib

LONGEST_LABEL = 200  # characters read of a label; what is longer is cut before it is measured
ELLIPSIS = "…"

_BOLD = 1.13  # DejaVu Sans Bold over DejaVu Sans, rounded up
# Hundredths of the font size per character, from the space to the tilde.
_WIDTHS = (
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
    60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63,
    63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
)  # fmt: skip
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # no shape of their own

_JOINERS = "\u200c\u200d"  # inside of emoji, and of words of Persian and Hindi


def clean(text: str) -> str:
    """One line without control, direction and unpaired characters, at most `LONGEST_LABEL` long."""
    start = text[: 2 * LONGEST_LABEL]
    shown = "".join(one if _is_shown(one) else " " for one in start)
    line = " ".join(shown.split())
    if len(line) > LONGEST_LABEL or len(text) > len(start):
        return line[: LONGEST_LABEL - 1].rstrip() + ELLIPSIS
    return line


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a line is at most, in pixels, at a font size in pixels."""
    hundredths = sum(map(_character_width, text))
    return hundredths * size / 100 * (_BOLD if bold else 1.0)


def clip(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it is wider than `room` pixels."""
    if width(text, size, bold=bold) <= room:
        return text
    kept, left = [], room - width(ELLIPSIS, size, bold=bold)
    for character in text:
        left -= width(character, size, bold=bold)
        if left < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + ELLIPSIS


def wrap(text: str, room: float, size: float, *, lines: int, bold: bool = False) -> list[str]:
    """The text in at most so many lines of `room` pixels, the last one clipped."""
    wrapped: list[str] = []
    for word in _words(text, room, size, bold=bold):
        joined = f"{wrapped[-1]} {word}" if wrapped else word
        if wrapped and (len(wrapped) == lines or width(joined, size, bold=bold) <= room):
            wrapped[-1] = joined
        else:
            wrapped.append(word)
    if wrapped:
        wrapped[-1] = clip(wrapped[-1], room, size, bold=bold)
    return wrapped or [""]


def escape_xml(text: str) -> str:
    """The text as XML content or attribute value in quotes."""
    return escape(text, quote=True)


def _is_shown(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _INVISIBLE


def _words(text: str, room: float, size: float, *, bold: bool) -> Iterator[str]:
    """Words; one that is too wide for a line is broken where it fits."""
    for word in text.split(" "):
        rest = word
        while width(rest, size, bold=bold) > room:
            fitting = len(clip(rest, room, size, bold=bold)) - 1
            taken = max(fitting, 1)
            yield rest[:taken]
            rest = rest[taken:]
        yield rest


def _character_width(character: str) -> int:
    code = ord(character)
    if 32 <= code < 127:  # printable ASCII
        return _WIDTHS[code - 32]
    if unicodedata.combining(character) or character in _JOINERS:
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 105
    base = unicodedata.normalize("NFD", character)[0]
    if 32 <= ord(base) < 127:
        return _WIDTHS[ord(base) - 32]
    return 100 if unicodedata.category(character)[0] == "S" else 90
