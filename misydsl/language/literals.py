r"""Numbers and text as values: what `1h30m`, `64MiB`, `"a\n"` and a dedented block mean.

In: the characters of a token. Out: a value, or a diagnostic and None. Durations are seconds, rates per
second, sizes bytes, percents shares. Text has its escapes resolved; a block text loses the indentation
its lines share, the line break after the opening quotes and the last line if that is blank. Line breaks
are `\\n` whatever the file uses.
"""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple

from misydsl.diagnostics import Diagnostic
from misydsl.language import wording_text as wording
from misydsl.source import Source, Span
from misydsl.values import Duration, Percent, Rate, Size

Number = int | float | Duration | Percent | Rate | Size

SECONDS: Final = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
BYTES: Final = {
    "B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000**2, "GB": 1_000**3, "TB": 1_000**4,
    "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
}  # fmt: skip
LARGEST: Final = (1 << 63) - 1  # what SQLite and JSON readers of other languages can hold
MAX_DIGITS: Final = 400
PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-zA-Z]+)")
ESCAPE: Final = re.compile(r"\\(?:u\{([^}\"\n]*)\}?|(.))", re.DOTALL)
SIMPLE: Final = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "$": "$"}
BLOCK_ESCAPE: Final = re.compile(r'\\(\$\{|""")')
GAP: Final = "\0"  # stands for an interpolation while a block is dedented; never in a text itself


class Read(NamedTuple):
    """A value, or None with what is wrong."""

    value: Number | None
    problem: Diagnostic | None = None


def read_number(source: Source, span: Span, kind: str) -> Read:
    """The value of a number; an INT that holds more than digits was reported by the lexer."""
    written = source.text[span.start : span.end].replace("_", "")
    if len(written) > MAX_DIGITS:
        return Read(None, wording.number_too_large(source, span))
    match kind:
        case "INT":
            value: Number | None = int(written) if written.isdecimal() else None
        case "FLOAT":
            value = float(written)
        case "PERCENT":
            value = Percent(float(written[:-1]) / 100)
        case "RATE":
            value = Rate(float(written[:-2]) / SECONDS[written[-1]])
        case "SIZE":
            value = _size(written)
        case _:
            value = _duration(written)
            if value is None:
                return Read(None, wording.units_out_of_order(source, span))
    if value is not None and abs(value) > LARGEST:  # infinite ones too
        is_float = kind == "FLOAT" and math.isfinite(value)
        return Read(value) if is_float else Read(None, wording.number_too_large(source, span))
    return Read(value)


def _size(written: str) -> Size:
    part = PART.fullmatch(written)
    assert part is not None
    digits, factor = part[1], BYTES[part[2]]
    return Size(
        int(digits) * factor
        if digits.isdecimal()
        else int(min(float(digits) * factor, 2.0 * LARGEST))
    )


def _duration(written: str) -> Duration | None:
    """Seconds; None when units repeat or are not in falling order."""
    seconds, unit_before = 0.0, math.inf
    for digits, unit in PART.findall(written):
        if SECONDS[unit] >= unit_before:
            return None
        unit_before = SECONDS[unit]
        seconds += float(digits) * unit_before
    return Duration(seconds)


def unescape(source: Source, start: int, written: str, problems: list[Diagnostic]) -> str:
    """The text of the inside of `"…"`, which starts at `start`; unknown escapes are reported."""

    def resolve(found: re.Match[str]) -> str:
        simple = SIMPLE.get(found[2] or "")
        if simple is not None:
            return simple
        code = found[1]
        if code is not None and found[0].endswith("}") and _is_character(code):
            return chr(int(code, 16))
        problems.append(
            wording.escape_unknown(source, Span(start + found.start(), start + found.end()))
        )
        return found[0]

    return ESCAPE.sub(resolve, written)


def _is_character(code: str) -> bool:
    """Whether hexadecimal digits number a character that may stand in text."""
    if not re.fullmatch(r"[0-9a-fA-F]{1,6}", code):
        return False
    number = int(code, 16)
    return 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF


def dedent(parts: list[str]) -> list[str]:
    """The runs of characters between a block's interpolations, without the indentation they share."""
    text = GAP.join(part.replace(GAP, "\ufffd") for part in parts).replace("\r\n", "\n")
    first, *inner = text.split("\n")
    starts_below = bool(inner) and not first.strip(" \t")
    filled = [line for line in inner if line.strip(" \t")]
    shared = _shared_indent([line[: len(line) - len(line.lstrip(" \t"))] for line in filled])
    inner = [line[len(shared) :] if line.strip(" \t") else "" for line in inner]
    if inner and not inner[-1]:
        del inner[-1]
    text = "\n".join(inner if starts_below else [first, *inner])
    return [BLOCK_ESCAPE.sub(r"\1", part) for part in text.split(GAP)]


def _shared_indent(indents: list[str]) -> str:
    """The white space all lines begin with; tabs and spaces are different."""
    if not indents:
        return ""
    least, most = min(indents), max(indents)  # whatever these two share, all between them share
    for index, character in enumerate(least):
        if most[index] != character:
            return least[:index]
    return least
