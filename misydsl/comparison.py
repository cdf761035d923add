"""One comparison of two types, which ends soon whatever they are.

In: two types. Out: whether values of one fit where the other is wanted, or may equal values of it. Literals
are found, not tried one by one; and where both types have many other alternatives, only so many pairs are
looked at. What there is no time to find out is left to the check at run time.
"""

from __future__ import annotations

from typing import Final

from misydsl.alternatives import admits_null, base_of, bases_of, kinds_of, literals_of
from misydsl.types import (
    URL,
    Any,
    ListType,
    LiteralType,
    MapType,
    Nothing,
    Primitive,
    PrimitiveName,
    RecordType,
    Type,
    UnionType,
)

WIDER: Final[dict[PrimitiveName, PrimitiveName]] = {
    "int": "float",
    "percent": "float",
    "url": "string",
}
"""The only values that may stand in for another kind: a url is a text, an int is a float."""

MOST_PAIRS: Final = 20_000  # of parts; what a person wrote has far fewer
_NUMBERS: Final = frozenset({"int", "float", "percent"})
_TEXTS: Final = frozenset({"string", "url"})


class Look:
    """One look at two types; it is `gradual` where a check at run time may make sure."""

    __slots__ = ("gradual", "pairs_left")

    def __init__(self, *, gradual: bool) -> None:
        self.gradual, self.pairs_left = gradual, MOST_PAIRS

    def fits(self, source: Type, wanted: Type) -> bool:
        """Whether a `source` may stand where a `wanted` is asked for."""
        if isinstance(wanted, Any) or isinstance(source, Nothing) or source == wanted:
            return True
        self.pairs_left -= 1
        if isinstance(source, Any) or self.pairs_left < 0:
            return self.gradual
        if isinstance(source, UnionType):
            return self._all_fit(source, wanted)
        if isinstance(wanted, UnionType):
            return self._fits_one(source, wanted)
        match source, wanted:
            case LiteralType(), Primitive():
                base = base_of(source)
                return base == wanted or _is_wider(base, wanted) or _is_address(source, wanted)
            case Primitive(), Primitive():
                return _is_wider(source, wanted)
            case (ListType(item=inner), ListType(item=wanted_inner)) | (
                MapType(value=inner), MapType(value=wanted_inner)
            ):  # fmt: skip
                return self.fits(inner, wanted_inner)
            case RecordType(fields=fields, is_open=is_open), MapType(value=wanted_inner):
                known = all(self.fits(field.type, wanted_inner) for field in fields)
                return known and (self.gradual or not is_open)
            case RecordType(), RecordType():
                return self._record_fits(source, wanted)
            case _:
                return False

    def _all_fit(self, source: UnionType, wanted: Type) -> bool:
        """Literals the other has too need no look; the rest fit as their built-in types do."""
        left = source.literals - literals_of(wanted)
        if URL in kinds_of(wanted):
            left = frozenset(one for one in left if not _is_address(one, URL))
        return all(self.fits(part, wanted) for part in (*bases_of(left), *source.kinds))

    def _fits_one(self, source: Type, wanted: UnionType) -> bool:
        """A literal fits no other literal, and nothing else fits a literal."""
        if isinstance(source, LiteralType) and source in wanted.literals:
            return True
        return any(self.fits(source, member) for member in wanted.kinds)

    def _record_fits(self, source: RecordType, wanted: RecordType) -> bool:
        for field in wanted.fields:
            found = source.field(field.name)
            if found is None:
                # An absent optional field is right, but somebody still has to put the null there.
                if not self.gradual or not (source.is_open or admits_null(field.type)):
                    return False
            elif not self.fits(found.type, field.type):
                return False
        return True

    def may_be_equal(self, left: Type, right: Type) -> bool:
        """Whether a value of one can ever equal a value of the other."""
        self.pairs_left -= 1
        if self.pairs_left < 0:
            return True
        match left, right:
            case (Any() | Nothing(), _) | (_, Any() | Nothing()):
                return True
            case (UnionType() | LiteralType(), _) | (_, UnionType() | LiteralType()):
                return self._some_may_be_equal(left, right)
            case Primitive(name=one), Primitive(name=other):
                return one == other or {one, other} <= _NUMBERS or {one, other} <= _TEXTS
            case (ListType(item=one), ListType(item=other)) | (
                MapType(value=one), MapType(value=other)
            ):  # fmt: skip
                return self.may_be_equal(one, other)
            case (RecordType(), MapType()) | (MapType(), RecordType()):
                return True
            case RecordType(), RecordType():
                pairs = ((field.type, right.field(field.name)) for field in left.fields)
                return all(self.may_be_equal(one, two.type) for one, two in pairs if two)
            case _:
                return False

    def _some_may_be_equal(self, left: Type, right: Type) -> bool:
        """Of two literals only the same are equal; with anything else it is their built-in types."""
        literals, others = literals_of(left), literals_of(right)
        if not literals.isdisjoint(others):
            return True
        kinds, other_kinds = kinds_of(left), kinds_of(right)
        ones = (*bases_of(literals), *kinds)
        return any(self.may_be_equal(one, two) for one in ones for two in other_kinds) or any(
            self.may_be_equal(one, two) for one in kinds for two in bases_of(others)
        )


def _is_wider(source: Primitive, wanted: Primitive) -> bool:
    return WIDER.get(source.name) == wanted.name


def _is_address(literal: LiteralType, wanted: Primitive) -> bool:
    """Whether it is a whole address where one is wanted; any other text is not known to be one."""
    return wanted == URL and isinstance(literal.value, str) and "://" in literal.value
