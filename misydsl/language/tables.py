"""The parser's tables: what to do in each state, made from the grammar by Lark.

In: `grammar/misy.lark`, from the installed package or the checkout. Out: `Tables`, flat lists of ints.
Building them takes Lark a third of a second, so they are kept as JSON in the user's cache directory
and Lark is only imported when that copy is missing, damaged or of another grammar. A cache that cannot
be read or written changes nothing but the time. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from misydsl.language.grammar import Row, TablesJson

FORMAT: Final = 1  # of the cached JSON; raise it when the meaning of a field changes


@dataclass(frozen=True, slots=True)
class Rule:
    """One production: what it makes, of how many parts, and the builder that makes it.

    `builder` is None for a production that passes its one part on. `slots` says, where optional parts
    were left out, which part stands at each position (None for one that is missing).
    """

    origin: int
    size: int
    builder: str | None
    slots: tuple[int | None, ...] | None


@dataclass(frozen=True, slots=True)
class Tables:
    """What the parser drives: rows of actions by state and terminal, gotos by state and nonterminal."""

    terminals: tuple[str, ...]
    nonterminals: tuple[str, ...]
    rules: tuple[Rule, ...]
    actions: list[Row]
    gotos: list[dict[int, int]]
    start: int
    end: int
    terminal_of: dict[str, int]
    stop: int
    """A terminal that is never expected; it ends every drive."""
    landings: list[dict[int, int]] = field(repr=False)
    """By lookahead: where reductions landed so far; the key is `base << 8 | origin`."""

    def land(self, base: int, origin: int, terminal: int) -> int:
        """The state after reducing to `origin` over `base`, productions that pass on included."""
        state = self.gotos[base][origin]
        action = self.actions[state][terminal]
        while action < 0:
            rule = self.rules[-action - 1]
            if rule.builder is not None:
                break
            state = self.gotos[base][rule.origin]
            action = self.actions[state][terminal]
        self.landings[terminal][base << 8 | origin] = state
        return state


@cache
def tables() -> Tables:
    """The tables of this package's grammar; read or built once a process."""
    grammar = grammar_text()
    kept = _read_cache(_cache_file(), grammar)
    if kept is None:
        kept = build_tables(grammar)
        _write_cache(_cache_file(), grammar, kept)
    return _unfold(kept)


def grammar_text() -> str:
    """The grammar: beside the installed package's modules, or in the checkout around them."""
    package = files("misydsl")
    installed: Traversable = package / "grammar" / "misy.lark"
    if installed.is_file():
        return installed.read_text(encoding="utf-8")
    checkout = Path(str(package)).parent / "grammar" / "misy.lark"
    return checkout.read_text(encoding="utf-8")


def build_tables(grammar: str) -> TablesJson:
    """Let Lark compute the tables. Raises what Lark raises when the grammar has a conflict."""
    from misydsl.language.grammar import compile_grammar

    return compile_grammar(grammar)


# ------------------------------------------------------------------ the cache


def _cache_file() -> Path | None:
    """One file per user; None where there is no home to keep it in."""
    base = os.environ.get("XDG_CACHE_HOME") or (
        os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else None
    )
    try:
        directory = Path(base) if base else Path.home() / ".cache"
    except RuntimeError:  # no home directory can be told
        return None
    return directory / "misydsl" / f"tables-{FORMAT}.json" if directory.is_absolute() else None


def _read_cache(path: Path | None, grammar: str) -> TablesJson | None:
    """The cached tables of exactly this grammar, or None: first a checksum line, then the JSON."""
    if path is None:
        return None
    try:
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            return None
        checksum, _, body = path.read_bytes().partition(b"\n")
        if checksum != _checksum(grammar, body):
            return None
        kept: TablesJson = json.loads(body)
    except (OSError, ValueError):
        return None
    return kept


def _write_cache(path: Path | None, grammar: str, made: TablesJson) -> None:
    """Keep the tables for the next process, whole or not at all; failing to is no error."""
    if path is None:
        return
    body = json.dumps(made, separators=(",", ":")).encode()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}")  # `tempfile` takes 10 ms to import
        try:
            temporary.write_bytes(_checksum(grammar, body) + b"\n" + body)
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
    except OSError:  # read-only home, full disk: the next process builds again
        return


def _checksum(grammar: str, body: bytes) -> bytes:
    text = grammar.encode()
    return b"%d %08x %08x %d" % (FORMAT, zlib.crc32(text), zlib.crc32(body), len(text))


def _unfold(kept: TablesJson) -> Tables:
    width = len(kept["terminals"]) + 1  # the last column is `stop`: nothing is done there
    actions = []
    for sparse in kept["actions"]:
        row = [0] * width
        for column, value in zip(sparse[::2], sparse[1::2], strict=True):
            row[column] = value
        actions.append(row)
    return Tables(
        terminals=tuple(kept["terminals"]),
        nonterminals=tuple(kept["nonterminals"]),
        rules=tuple(
            Rule(origin, size, builder, None if slots is None else tuple(slots))
            for origin, size, builder, slots in kept["rules"]
        ),
        actions=actions,
        gotos=[dict(zip(row[::2], row[1::2], strict=True)) for row in kept["gotos"]],
        start=kept["start"],
        end=kept["end"],
        terminal_of={name: number for number, name in enumerate(kept["terminals"])},
        stop=width - 1,
        landings=[{} for _ in range(width)],
    )
