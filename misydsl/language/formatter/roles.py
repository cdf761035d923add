"""What each terminal is there for, as the grammar sees it: a second walk through the parser's tables.

In: the stream of a file. Out: `Roles`, small marks by the position of a terminal: which brackets hold
arguments or statements, which words cling together, where a long line may be broken and how loosely
that place binds. None when the stream is no whole file: then the parser has something to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from misydsl.language.separators import Stream
from misydsl.language.tables import tables

# How loosely a place binds: a long line is broken at the loosest places it has.
MODIFIER: Final = 0
CLAUSE: Final = 1
CONDITIONAL: Final = 2
OPERATORS: Final = {
    "OR": 3, "AND": 4, "EQ": 5, "NE": 5, "LT": 5, "GT": 5, "LE": 5, "GE": 5, "IN": 5,
    "COALESCE": 6, "PLUS": 7, "MINUS": 7, "STAR": 8, "SLASH": 8,
}  # fmt: skip
MEMBERSHIP: Final = 5
UNION: Final = 9
PATH: Final = 10


@dataclass(frozen=True, slots=True)
class Roles:
    """Marks by the position of a terminal in the stream."""

    looseness: dict[int, int] = field(default_factory=dict)
    """A line may be broken before it; the loosest is 0."""
    clinging: set[int] = field(default_factory=set)
    """Brackets with no space before them: arguments, an index, a type's own types."""
    signs: set[int] = field(default_factory=set)
    """A minus of one number: no space after it."""
    blocks: set[int] = field(default_factory=set)
    """Braces around statements."""
    arguments: set[int] = field(default_factory=set)
    """Parentheses of an agent's, prompt's or pipeline's parameters and of a call's inputs."""
    continued: set[int] = field(default_factory=set)
    """Comes after a separator that parts no items: `after a, b` and `for x, i in xs`."""
    branches: set[int] = field(default_factory=set)
    """The `else` of a step."""


Mark = Callable[[Roles, Sequence[int], Sequence[int]], None]


def read_roles(stream: Stream) -> Roles | None:
    """The marks of a whole file, or None where the parser would find an error."""
    roles, plan = Roles(), _plan()
    actions, landings, end = tables().actions, tables().landings, tables().end
    land, terminals = tables().land, stream.terminals
    states, firsts, index = [tables().start], [0], 0
    terminal = terminals[0]
    while True:
        action = actions[states[-1]][terminal]
        if action > 0:
            if action - 1 == end:
                return roles
            states.append(action - 1)
            firsts.append(index)
            index += 1
            terminal = terminals[index]
            continue
        if action == 0:
            return None
        size, origin, mark = plan[-1 - action]
        if mark is not None:
            mark(roles, firsts[-size:], terminals)
        if size > 1:
            del states[1 - size :], firsts[1 - size :]
        landed = landings[terminal].get(states[-2] << 8 | origin)
        states[-1] = landed or land(states[-2], origin, terminal)


@cache
def _plan() -> list[tuple[int, int, Mark | None]]:
    """Size, origin and mark of each production by number."""
    known = tables()
    return [
        (rule.size, rule.origin, _mark(rule.builder, known.nonterminals[rule.origin], rule.size))
        for rule in known.rules
    ]


def _mark(builder: str | None, origin: str, size: int) -> Mark | None:
    match builder, origin:
        case "more", "paths":
            return _continue_path
        case (("pair" | "more"), "type_members"):
            return _loosen_union
        case "modifier_for", _ if size == 6:
            return _loosen_for_with_index
        case _:
            return MARKS.get(builder or "")


# A mark gets the positions of the first terminals of the parts of what was read, and all terminals.


def _loosen_modifier(roles: Roles, firsts: Sequence[int], _all: Sequence[int]) -> None:
    roles.looseness[firsts[0]] = MODIFIER


def _loosen_for_with_index(roles: Roles, firsts: Sequence[int], _all: Sequence[int]) -> None:
    roles.looseness[firsts[0]] = MODIFIER
    roles.continued.add(firsts[3])


def _continue_path(roles: Roles, firsts: Sequence[int], _all: Sequence[int]) -> None:
    roles.continued.add(firsts[2])
    roles.looseness[firsts[2]] = PATH


def _loosen_clause(roles: Roles, firsts: Sequence[int], _all: Sequence[int]) -> None:
    roles.looseness[firsts[0]] = CLAUSE


def _loosen_conditional(roles: Roles, firsts: Sequence[int], _all: Sequence[int]) -> None:
    roles.looseness[firsts[2]] = roles.looseness[firsts[4]] = CONDITIONAL


def _loosen_binary(roles: Roles, firsts: Sequence[int], terminals: Sequence[int]) -> None:
    """Before the operator; after a minus, because a line that starts with one is a line of its own."""
    kind = tables().terminals[terminals[firsts[1]]]
    roles.looseness[firsts[2 if kind == "MINUS" else 1]] = OPERATORS[kind]


def _loosen_not_in(roles: Roles, firsts: Sequence[int], _all: Sequence[int]) -> None:
    roles.looseness[firsts[1]] = MEMBERSHIP


def _loosen_union(roles: Roles, firsts: Sequence[int], _all: Sequence[int]) -> None:
    roles.looseness[firsts[1]] = UNION


def _cling_second(roles: Roles, firsts: Sequence[int], _all: Sequence[int]) -> None:
    roles.clinging.add(firsts[1])


def _note_arguments(roles: Roles, firsts: Sequence[int], _all: Sequence[int]) -> None:
    roles.clinging.add(firsts[0])
    roles.arguments.add(firsts[0])


def _note_sign(roles: Roles, firsts: Sequence[int], terminals: Sequence[int]) -> None:
    if tables().terminals[terminals[firsts[0]]] == "MINUS":
        roles.signs.add(firsts[0])


def _note_block(roles: Roles, firsts: Sequence[int], _all: Sequence[int]) -> None:
    roles.blocks.add(firsts[0])


def _note_branch(roles: Roles, firsts: Sequence[int], _all: Sequence[int]) -> None:
    roles.branches.add(firsts[0])


MARKS: Final[dict[str, Mark]] = {
    "modifier_for": _loosen_modifier,
    "modifier_when": _loosen_modifier,
    "modifier_after": _loosen_modifier,
    "modifier_repeat": _loosen_modifier,
    "clause": _loosen_clause,
    "clause_if": _loosen_clause,
    "conditional": _loosen_conditional,
    "binary": _loosen_binary,
    "not_in": _loosen_not_in,
    "index": _cling_second,
    "apply": _cling_second,
    "apply_empty": _cling_second,
    "type_applied": _cling_second,
    "arguments": _note_arguments,
    "arguments_empty": _note_arguments,
    "parameters": _note_arguments,
    "parameters_empty": _note_arguments,
    "unary": _note_sign,
    "type_negative": _note_sign,
    "block": _note_block,
    "block_empty": _note_block,
    "else_": _note_branch,
    "else_when": _note_branch,
}
