"""What is wrong with an expression: a code, a place and facts; the words are made elsewhere.

`expected`, `found`, `left`, `right`, `type` are `Type`s (a `LiteralType` carries the value); `what` is
the human name of the place (e.g. "`q` of `a`"); `text` and `target` are canonical misy text; candidates
are tuples of names, unsorted. Facts of each code:

code   facts
E0201  name, candidates, subtraction: "total - 1" | None, kind: "name" | "function" | "prompt",
       wanted (the type the place takes, when the whole value is that name)
E0204  name (a comprehension variable that hides an outer name)
E0213  name (a field of a record literal, given twice)
E0304  name (an agent or pipeline used inside an expression)
E0305  name (the argument), function, kind: "function" | "prompt", candidates
E0306  name (the missing argument), function, kind, type
E0307  name (given twice), function, kind
E0308  name | None when it is not even a name, candidates, method and receiver for `topic.upper()`
E0309  name, least, most, given
E0311  name | None (the parameter to write), function (a prompt called by position)
E0501  what, expected, found, path: ".a[…].b" where they differ ("" for the whole), and the two types
       there: part_expected, part_found (`Nothing` for a missing field; both absent when path is "")
E0502  always: bool, operator, left, right, candidates (the texts the other side can be)
E0503  what, expected, value (the number or text), found: "number" | "text", suggestions
E0504  what, value, choices, expected
E0505  use: "member" | "index" | "compare" | "arithmetic" | "value" | "list" | "bool" | "spread",
       target, and: name for "member", operator for "compare" and "arithmetic",
       what and expected for "value", what for "list" and "bool", is_always (only ever null)
E0506  what, name, type
E0507  what, name, candidates, given (the names of all fields written there)
E0508  what: "for" | "in" | a function's name, found
E0509  what: "when" | "if" | "and" | "or" | "not" | "for … if", found, text, is_default (`or` between
       two values that are no bools, as where it gives a default)
E0510  text, found
E0511  found, text, use: "text" | "join" | "lines"
E0512  operator, left, right
E0513  operator, left, right (None for one operand)
E0514  name, target, type, candidates, is_partial (some alternatives of a union have it)
E0515  name (None for `[…]`), target, found, kind: "list" | "map" | "other",
       item_has (a list whose items have that field)
E0516  text (the part that is `any`), name (of a bare name, else None), what, expected; only when strict
E0517  index, length (None when not known: the index is negative)
E0518  function, name, item, candidates
E0519  name, target, types
E0520  value, kind: "date" | "datetime"
E0525  function, what: "what is ordered" | "what is added", found (which cannot be that)
E0701  use: "text" | "operator" | "function", text, name (of the function or operator)
W0902  text (the left side), type, rest (the span of what does nothing, None inside brackets)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from misydsl.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from misydsl.expressions.nodes import Expression
    from misydsl.expressions.scope import TypeScope
    from misydsl.types import Type


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong at one place of an expression; the table above names the facts."""

    code: str
    span: Span
    facts: dict[str, object]


class Typing:
    """One look at one expression: where problems go, and how its parts are typed.

    The rules stand in several modules; each is handed this and asks it for the types of the parts,
    so that no rule needs to know where the others are.
    """

    __slots__ = ("check", "is_strict", "problems", "type_of", "unknown")

    def __init__(
        self,
        problems: list[Problem],
        type_of: Callable[[Expression, TypeScope, Typing], Type],
        check: Callable[[Expression, Type, TypeScope, Typing, str], Type],
        *,
        is_strict: bool = False,
    ) -> None:
        self.problems, self.type_of, self.check = problems, type_of, check
        self.is_strict = is_strict
        self.unknown: set[str] = set()
        """The names that were reported as unknown."""

    def report(self, code: str, span: Span, **facts: object) -> None:
        """Note a problem; nothing is raised, the caller goes on with `any`."""
        self.problems.append(Problem(code, span, facts))
