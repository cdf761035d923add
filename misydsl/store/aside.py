"""Large values, kept beside the facts that hold them.

In: a fact. Out: the same fact with the names of its large values in their place, and those values; or
the other way round. A value is named by the SHA-256 of its bytes, so equal values are stored once. Which
fields may be large is read from the facts themselves: a value field with a name field beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final, get_args

from msgspec import Raw
from msgspec.structs import replace

from misydsl.history.events import NULL_RAW, Event

BLOB_BYTES: Final = 256_000  # from here on a value is kept beside the events, once
_PAIRS: Final = (("value", "blob"), ("result", "blob"), ("inputs", "inputs_blob"))
_PLACES: Final[dict[type, tuple[tuple[str, str], ...]]] = {
    fact: tuple(pair for pair in _PAIRS if set(pair) <= set(fact.__struct_fields__))
    for fact in get_args(Event)
}


def set_aside(event: Event, blobs: list[tuple[str, bytes]]) -> Event:
    """The fact with its large values among the blobs and their names in it."""
    changes: dict[str, object] = {}
    for field, name_field in _PLACES[type(event)]:
        value: Raw = getattr(event, field)
        if len(value) > BLOB_BYTES:
            large = bytes(value)
            name = hashlib.sha256(large).hexdigest()
            blobs.append((name, large))
            changes |= {field: NULL_RAW, name_field: name}
    return replace(event, **changes) if changes else event


def brought_back(event: Event, fetch: Callable[[str], Raw]) -> Event:
    """The fact with the values it names; the same object when it names none."""
    changes: dict[str, object] = {}
    for field, name_field in _PLACES[type(event)]:
        name: str | None = getattr(event, name_field)
        if name is not None:
            changes |= {field: fetch(name), name_field: None}
    return replace(event, **changes) if changes else event
