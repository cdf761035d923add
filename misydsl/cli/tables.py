"""Tables as aligned text, and how quantities read.

In: rows of texts. Out: lines with columns under each other, whatever the width of the characters;
nothing that came from outside can move the cursor. Durations and times read the same in every command.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from misydsl.diagnostics.cells import cells, columns, printable, width

GLYPHS: Final = {
    "waiting": "○",
    "accepted": "○",
    "running": "●",
    "retrying": "↻",
    "asking": "◇",
    "succeeded": "✓",
    "skipped": "–",
    "failed": "✗",
    "blocked": "⊘",
    "cancelled": "■",
    "paused": "‖",
    "interrupted": "‖",
}
MAX_CELL: Final = 60  # columns; a longer text is clipped, the whole stands in the JSON form
MIN_CELL: Final = 8
_GAP: Final = "  "


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[str] = (),
    optional: Sequence[str] = (),
    room: int = 0,
) -> list[str]:
    """Aligned lines, the heads first; columns named in `right` stand at the right.

    Columns without any text are left out. When the lines are longer than `room` columns (0: no
    bound), the `optional` columns go, the first named first, and then the widest text is clipped.
    """
    texts = [[clipped(cell, MAX_CELL) for cell in row] for row in rows]
    used = [place for place in range(len(heads)) if not rows or any(row[place] for row in texts)]
    widths = {place: _widest(place, heads, texts) for place in used}
    for head in optional:
        place = heads.index(head)
        if room and _total(widths) > room:
            widths.pop(place, None)
    if room and _total(widths) > room and widths:
        widest = max(widths, key=lambda place: widths[place])
        widths[widest] = max(MIN_CELL, widths[widest] - (_total(widths) - room))
    return [
        _GAP.join(
            _padded(clipped(row[place], columns_), columns_, is_right=heads[place] in right)
            for place, columns_ in widths.items()
        ).rstrip()
        for row in [list(heads), *texts]
    ]


def clipped(text: str, room: int) -> str:
    """The text in at most `room` columns, safe to print, `…` where something is missing."""
    shown = printable(text)
    if width(shown) <= room:
        return shown
    kept: list[str] = []
    left = room - 1
    for cell in cells(shown):
        left -= cell.columns
        if left < 0:
            break
        kept.append(cell.text)
    return "".join(kept) + "…"


def seconds(duration_s: float | None) -> str:
    """`0.4 ms`, `210 ms`, `2.8 s`, `2 min 05 s`, `1 h 02 min`; empty when not known."""
    if duration_s is None:
        return ""
    if duration_s < 0.00995:
        return f"{duration_s * 1000:.1f} ms"
    if duration_s < 0.9995:
        return f"{duration_s * 1000:.0f} ms"
    if duration_s < 59.95:
        return f"{duration_s:.1f} s"
    minutes, rest = divmod(round(duration_s), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def size(size_bytes: int) -> str:
    """`512 bytes`, `4.2 kB`, `1.3 GB`: decimal units, as disks are sold."""
    if size_bytes < 1_000:
        return counted(size_bytes, "byte", "bytes") or "0 bytes"
    amount, units = size_bytes / 1_000, ["kB", "MB", "GB", "TB"]
    while amount >= 999.95 and len(units) > 1:
        amount /= 1_000
        units.pop(0)
    return f"{amount:.1f} {units[0]}"


def moment(at: float | None) -> str:
    """A Unix time as local date and time of day; empty when not known."""
    if at is None:
        return ""
    return dt.datetime.fromtimestamp(at, dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def share(part: float | None) -> str:
    """A share as percent: `98.5 %`; nearly all never reads as all; empty when not known."""
    if part is None:
        return ""
    if part in (0.0, 1.0):
        return f"{part * 100:.0f} %"
    return f"{min(max(part * 100, 0.1), 99.9):.1f} %"


def counted(number: int, one: str, many: str) -> str:
    """`1 retry`, `3 retries`; empty for none."""
    return f"{number} {one if number == 1 else many}" if number else ""


def state(status: str) -> str:
    """A status with its sign, so that it never speaks by colour alone."""
    return f"{GLYPHS.get(status, '?')} {status}"


def _widest(place: int, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    return max(width(heads[place]), *(width(row[place]) for row in rows), 0)


def _total(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + len(_GAP) * max(0, len(widths) - 1)


def _padded(text: str, room: int, *, is_right: bool) -> str:
    padding = " " * (room - columns(cells(text)))
    return padding + text if is_right else text + padding
