"""Events as bytes and back.

In: one `Event`, or a page of recorded ones. Out: msgspec's JSON of the tagged struct, and the struct
again. `Raw` values are embedded as they are, never encoded twice. A field that a newer version added
is ignored; a kind of fact that this version does not know is refused, because leaving it out would
tell a wrong story.
"""

from __future__ import annotations

from typing import Final, get_args

import msgspec

from misydsl.failures import JournalUnusable
from misydsl.history.events import Event, Recorded

Row = tuple[str, str, str, bytes]
"""`(kind, step, item, body)`; step and item are empty where a fact is about the whole run."""

KINDS: Final[dict[type, str]] = {fact: str(fact.__struct_config__.tag) for fact in get_args(Event)}

_encoder: Final = msgspec.json.Encoder()
_one: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(Event)
_page: Final = msgspec.json.Decoder(list[Recorded])


def to_body(event: Event) -> bytes:
    """The event as one JSON object."""
    return _encoder.encode(event)


def to_row(event: Event) -> Row:
    """The event as JSON, with what people look it up by."""
    step: str = getattr(event, "step", "")
    item: str = getattr(event, "item", "")
    return KINDS[type(event)], step, item, _encoder.encode(event)


def to_text(event: Event) -> str:
    """The event as one JSON object in text. Raises: JournalUnusable for bytes that are no UTF-8."""
    try:
        return _encoder.encode(event).decode()
    except UnicodeDecodeError as wrong:
        raise JournalUnusable(f"a fact holds bytes that are not UTF-8: {wrong}") from wrong


def to_rows(rows: list[tuple[int, str]]) -> str:
    """Many events' texts as one JSON array of `[run number, "text"]`."""
    return _encoder.encode(rows).decode()


def from_body(body: bytes | str) -> Event:
    """The event that `to_body` wrote. Raises: JournalUnusable."""
    try:
        return _one.decode(body)
    except (msgspec.MsgspecError, UnicodeError) as wrong:
        raise _unreadable(wrong) from wrong


def from_row(kind: str, step: str, item: str, body: bytes | str) -> Event:
    """The event that `to_row` wrote; the body alone says everything. Raises: JournalUnusable."""
    event = from_body(body)
    if (KINDS[type(event)], getattr(event, "step", ""), getattr(event, "item", "")) != (
        kind,
        step,
        item,
    ):
        raise JournalUnusable(f"a fact filed as {kind} of {step or 'the run'} says something else")
    return event


def from_page(text: bytes | str) -> list[Recorded]:
    """Many recorded events from one JSON array of `{seq, run, event}`. Raises: JournalUnusable."""
    try:
        return _page.decode(text)
    except (msgspec.MsgspecError, UnicodeError) as wrong:
        raise _unreadable(wrong) from wrong


def _unreadable(wrong: Exception) -> JournalUnusable:
    return JournalUnusable(
        f"the journal holds a fact this version cannot read ({wrong}); "
        "a newer MisyDSL may have written it: update this one"
    )
