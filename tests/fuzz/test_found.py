"""What fuzzing has found, each once more: short texts that ended in an exception or never."""

from __future__ import annotations

import pytest

from tests.fuzz.law import obey

FOUND = {
    "recovery inside a block that a header below begins": b"et step t:{\n}",
    "an input without a name where none may come": b"get d(r(",
    "a bracket of another kind, mended into one that still does not match": b"pipeline p {(]})[",
    "brackets in the tail of a text that no line ends": b'"${({\n})"${[}\n',
    "a mark after a mark that belongs to no name": "é\u0301 \u0301".encode(),
    "quotes of other programs that never end": "‘'`«“".encode() * 50,
    "a size whose number no float holds": b"let v = " + b"9" * 390 + b".5TB",
    "a whole number between the largest float and too many digits": b"let v = " + b"9" * 350,
    "a duration as large as a float": b'let v = "${1d * 1e300}"',
    "nothing but a byte-order mark": b"\xef\xbb\xbf",
    "half a character of UTF-16": b"\xff\xfe\x00",
    "a surrogate by its number": b'let v = "\\u{d800}"',
    "a character past the last": b'let v = "\\u{110000}"',
    "NUL inside a text with a gap": b'let v = """\n  \0${1}\0\n"""',
    "a carriage return by itself": b'let v = "a\rb" \r let w = 1',
    "an interpolation in an interpolation that nothing ends": b'let v = "${"${"${',
}


@pytest.mark.parametrize("data", FOUND.values(), ids=FOUND.keys())
def test_what_was_found_stays_mended(data: bytes) -> None:
    obey(data)
