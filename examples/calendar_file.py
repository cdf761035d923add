"""An iCalendar file (RFC 5545) of planned posts.

In: entries with their times in UTC. Out: the text of an `.ics` file that calendars open: CRLF lines of
at most 75 octets, folded without cutting a character in two, texts escaped, and the same bytes for the
same entries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_OCTETS = 75  # RFC 5545, 3.1: the longest line without its break


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the calendar."""

    identity: str
    starts_at: dt.datetime
    summary: str
    description: str
    category: str


def calendar_text(entries: Iterable[Entry], *, stamped_at: dt.datetime) -> str:
    """The whole file; `stamped_at` is when it was planned."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//MisyDSL//post-scheduler//ES"]
    for entry in entries:
        lines += _event(entry, stamped_at)
    lines.append("END:VCALENDAR")
    return "".join(part + "\r\n" for line in lines for part in folded_line(line))


def _event(entry: Entry, stamped_at: dt.datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{entry.identity}@misydsl.example",
        f"DTSTAMP:{_moment(stamped_at)}",
        f"DTSTART:{_moment(entry.starts_at)}",
        "DURATION:PT15M",
        f"SUMMARY:{escaped(entry.summary)}",
        f"DESCRIPTION:{escaped(entry.description)}",
        f"CATEGORIES:{escaped(entry.category)}",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    """Text as RFC 5545 wants it: marks and line breaks escaped, no control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(letter for letter in text if letter >= " " or letter in "\n\t")
    for mark in ("\\", ";", ","):
        text = text.replace(mark, "\\" + mark)
    return text.replace("\n", "\\n")


def folded_line(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets; all but the first begin with a space."""
    part = ""
    size = 0
    for letter in line:
        width = len(letter.encode())
        if size + width > _OCTETS:
            yield part
            part, size = " ", 1
        part += letter
        size += width
    yield part


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
