"""Texts nobody would write, thousands of them, each drawn from one number.

In: a seed. Out: the bytes of one file: a made-up program in some layout, or a real file (a case of the
corpus, an example) with bytes, characters, tokens or whole lines changed. The same seed gives the same
bytes on every machine, so a failing one is told by its number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from misydsl.language.lexer import tokenize
from misydsl.language.tokens import PUNCTUATION, RESERVED, SOFT_KEYWORDS
from misydsl.source import Source
from tests.language.programs import Author, Program, laid_out

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("tests/corpus", "examples", "benchmarks/samples")
CHARACTERS: Final = (
    *"\0\t\r\n\v\f {}[]()\"'`$\\#;:,.=<>|&?!+-*/%@~^_0aeñ",
    *"\ufeff\u200b\u2028\u202e\u2066\u0301\ufffd\udc80é名аª½²€😀",
)
WORDS: Final = (
    *RESERVED,
    *SOFT_KEYWORDS,
    *PUNCTUATION,
    *('"', '"""', "${", "//", "#", "##", "\n", ", ", "\r\n", "\ufeff", "'x'", "“x”"),
    *("0", "1e999", "99999999999999999999d", "1/0", "1h1h", "9" * 400 + ".5TB", "1_", "20%", "5/m"),
    *("x", "step s {", "call a(", "pipeline p() {\n", "type A = A", "-> {", "misy 2\n"),
    *("length(", "range(", "[x for x in ", "...", "env.X", "secret.K", "previous", "error.kind"),
)
LONGEST: Final = 6_000  # so that thousands of inputs take seconds; size has its own tests


@cache
def real_texts() -> tuple[str, ...]:
    """Every file of the corpus and the examples, shortened where it is long."""
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.misy"))
    texts = tuple(
        path.read_bytes().decode("utf-8", "replace")[:LONGEST] for path in paths if path.is_file()
    )
    assert len(texts) > 50
    return tuple(text for text in texts if text)


def made_up(seed: int) -> bytes:
    """A program of the grammar in some layout; nearly all of them can be read."""
    random = Random(seed)
    pieces = Author(random, random.randrange(2, 60)).file(random.randrange(4))
    text = laid_out(Program(tuple(pieces), seed), wildness=random.choice((0, 5, 25, 60)))
    return text.encode()


def mutated(seed: int) -> bytes:
    """A real file or a made-up program, changed in some places."""
    random = Random(seed)
    text = random.choice(real_texts()) if random.randrange(3) else made_up(seed).decode()
    for _ in range(random.choice((1, 1, 1, 2, 4, 16))):
        text = random.choice(CHANGES)(text, random)[:LONGEST]
    data = text.encode("utf-8", "surrogatepass")
    return with_other_bytes(data, random) if random.randrange(4) == 0 else data


def with_other_characters(text: str, random: Random) -> str:
    """A few characters put in, taken out or replaced."""
    start, end = place(text, random, longest=3)
    new = "".join(random.choice(CHARACTERS) for _ in range(random.choice((0, 1, 1, 2, 8))))
    return text[:start] + new + text[end:]


def with_other_tokens(text: str, random: Random) -> str:
    """A token left out, doubled, replaced by another word, or changed places with another."""
    pieces = [piece for _, piece in tokenize(Source("fuzz", text))[0]]
    if not pieces:
        return random.choice(WORDS)
    at, other = random.randrange(len(pieces)), random.randrange(len(pieces))
    match random.randrange(5):
        case 0:
            del pieces[at]
        case 1:
            pieces.insert(at, pieces[at])
        case 2:
            pieces[at] = random.choice(WORDS)
        case 3:
            pieces.insert(at, random.choice(WORDS))
        case _:
            pieces[at], pieces[other] = pieces[other], pieces[at]
    return "".join(pieces)


def with_other_lines(text: str, random: Random) -> str:
    """Lines left out, repeated, indented otherwise, or brought from another file."""
    lines = text.splitlines(keepends=True) or [""]
    start, end = sorted(random.randrange(len(lines) + 1) for _ in range(2))
    match random.randrange(4):
        case 0:
            lines[start:end] = []
        case 1:
            lines[start:end] = lines[start:end] * 2
        case 2:
            indent = random.choice(("", "  ", "\t", "        "))
            lines[start:end] = [indent + line.lstrip() for line in lines[start:end]]
        case _:
            others = random.choice(real_texts()).splitlines(keepends=True)
            lines[start:start] = others[: random.randrange(len(others) + 1)]
    return "".join(lines)


def cut_short(text: str, random: Random) -> str:
    """The beginning or the end of a text only."""
    at = random.randrange(len(text) + 1)
    return text[:at] if random.randrange(2) else text[at:]


def repeated(text: str, random: Random) -> str:
    """A piece many times over: brackets, operators and words pile up."""
    start, end = place(text, random, longest=12)
    return text[:start] + text[start:end] * random.choice((2, 10, 300)) + text[end:]


CHANGES: Final[tuple[Callable[[str, Random], str], ...]] = (
    with_other_characters,
    with_other_tokens,
    with_other_tokens,
    with_other_tokens,
    with_other_lines,
    cut_short,
    repeated,
)


def with_other_bytes(data: bytes, random: Random) -> bytes:
    """Some bytes changed, so that they may be no UTF-8 any more."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 3, 20))):
        at = random.randrange(len(changed) + 1)
        changed[at : at + random.randrange(2)] = random.randbytes(random.randrange(3))
    mark = random.choice((b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
    return mark + bytes(changed)


def noise(seed: int) -> bytes:
    """Bytes, characters or words without any sense."""
    random = Random(seed)
    match random.randrange(3):
        case 0:
            return random.randbytes(random.randrange(200))
        case 1:
            some = random.choices(CHARACTERS, k=random.randrange(200))
            return "".join(some).encode("utf-8", "surrogatepass")
        case _:
            gap = random.choice(("", " ", "\n"))
            return gap.join(random.choices(WORDS, k=random.randrange(120))).encode()


def place(text: str, random: Random, *, longest: int) -> tuple[int, int]:
    """Some range of a text."""
    start = random.randrange(len(text) + 1)
    return start, min(start + random.randrange(longest + 1), len(text))
