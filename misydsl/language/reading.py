"""From a file's bytes to its text.

In: a path. Out: a `Source` and what is wrong with its bytes. A byte-order mark and CRLF stay in the
text; other encodings, bytes that are not UTF-8 and NUL become diagnostics, never exceptions. What the
operating system refuses (no such file, no permission) is its own exception, an `OSError`.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from misydsl.diagnostics import Diagnostic
from misydsl.language import wording_text as wording
from misydsl.source import Source, Span

MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_source(path: Path, *, name: str | None = None) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The source in a file, and a diagnostic when its bytes are not UTF-8. Raises: OSError."""
    return source_of(path.read_bytes(), name=name or path.name, path=path)


def source_of(
    data: bytes, *, name: str, path: Path | None = None
) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The source in some bytes; wherever they are not UTF-8 its text has `U+FFFD`."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            source = Source(name, data.decode(encoding, errors="replace").lstrip("\ufeff"), path)
            what = f"this file is {encoding.upper()}, and only UTF-8 can be read"
            return source, (wording.encoding_wrong(source, Span(0, 0), what),)
    try:
        source = Source(name, data.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        before = len(data[: error.start].decode("utf-8"))
        source = Source(name, data.decode("utf-8", errors="replace"), path)
        what = f"the byte 0x{data[error.start]:02X} here is not UTF-8"
        return source, (wording.encoding_wrong(source, Span(before, before + 1), what),)
    found = source.text.find("\0")
    if found >= 0:
        what = "this file holds a NUL character, so it is not text"
        return source, (wording.encoding_wrong(source, Span(found, found + 1), what),)
    return source, ()
