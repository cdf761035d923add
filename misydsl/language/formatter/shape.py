"""The shape of a file before any line is too long: groups, spaces, and what its author keeps apart.

In: words and roles. Out: `Shape`: the brackets and how each stands to its words, the space before each
word on one line, and which groups stand vertically: those with a line break or a comment after their
opener, those with a comment between their items, blocks that hold blocks, and blocks and groups of
several items of which one takes several lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from misydsl.language.formatter.roles import Roles
from misydsl.language.formatter.words import Words
from misydsl.language.separators import CONTINUES_BY_NEXT

OPENERS: Final = frozenset({"LBRACE", "LPAR", "LSQB"})
CLOSERS: Final = frozenset({"RBRACE", "RPAR", "RSQB"})
CLINGING_BEFORE: Final = frozenset({"COLON", "QMARK", "DOT", "QDOT"})
CLINGING_AFTER: Final = frozenset({"DOT", "QDOT", "SPREAD"})
TEXTS: Final = frozenset({"STRING", "TEXT_OPEN"})


@dataclass(frozen=True, slots=True)
class Shape:
    """What laying out reads, by word; `vertical` grows while lines are found too long."""

    words: Words
    partners: list[int]
    """The closer of an opener and the other way round; a word that is no bracket has itself."""
    leads: list[str]
    """What stands between the word before and this one on one line."""
    offsets: list[int]
    """Where each word starts if the whole file were one line."""
    vertical: set[int]
    blocks: set[int]
    arguments: set[int]
    branches: set[int]
    looseness: dict[int, int]
    starts: set[int]
    """Words that begin an item; what is before them parts items."""
    interruptions: list[int]
    """How many words up to this one cannot simply follow the word before, or hold a line break."""

    def width(self, first: int, last: int) -> int:
        """The columns of some words on one line."""
        return self.offsets[last] + len(self.words.texts[last]) - self.offsets[first]

    def is_plain(self, first: int, last: int) -> bool:
        """Whether nothing but its length keeps an item from standing on one line."""
        before = self.interruptions[first]
        return self.interruptions[last] == before and "\n" not in self.words.texts[first]

    def is_empty(self, opener: int) -> bool:
        """Whether a group has no words inside."""
        return self.partners[opener] == opener + 1

    def needs_comma(self, start: int) -> bool:
        """Whether an item's first word would be read as the rest of a line above it."""
        kinds, following = self.words.kinds, start + 1
        return (
            kinds[start] in CONTINUES_BY_NEXT
            and following < len(kinds)
            and following not in self.starts
            and kinds[following] in CONTINUES_BY_NEXT[kinds[start]]
        )


def shape_of(words: Words, roles: Roles) -> Shape:
    """The shape of a file; linear in its words."""
    places = {terminal: word for word, terminal in enumerate(words.terminals)}

    def placed(terminals: set[int]) -> set[int]:
        return {places[terminal] for terminal in terminals if terminal in places}

    blocks, continued = placed(roles.blocks), placed(roles.continued)
    starts, arguments = words.separated - continued, placed(roles.arguments)
    partners, vertical = _groups(words, blocks, starts)
    titled = {word for word in arguments if words.kinds[word - 1] in TEXTS}
    leads = _leads(words, placed(roles.clinging) - titled, placed(roles.signs))
    looseness = {places[at]: loose for at, loose in roles.looseness.items() if at in places}
    ends = accumulate(len(lead + text) for lead, text in zip(leads, words.texts, strict=True))
    offsets = [end - len(text) for end, text in zip(ends, words.texts, strict=True)]
    return Shape(
        words,
        partners,
        leads,
        offsets,
        vertical,
        blocks,
        arguments,
        placed(roles.branches),
        {word: loose for word, loose in looseness.items() if _may_break(words, word)},
        starts,
        _interruptions(words, vertical),
    )


def _groups(words: Words, blocks: set[int], starts: set[int]) -> tuple[list[int], set[int]]:
    """The partner of each bracket, and the openers of groups that stand vertically in any case."""
    partners, vertical = list(range(len(words))), set[int]()
    waiting, tall, several = list[int](), set[int](), set[int]()
    for word, kind in enumerate(words.kinds):
        inside = waiting[-1] if waiting else -1
        if word in words.comments or (word in blocks and waiting):
            vertical.add(inside)
        if word in starts:
            several.add(inside)
        if kind in OPENERS:
            waiting.append(word)
        elif kind in CLOSERS:
            opener = waiting.pop()
            partners[word], partners[opener] = opener, word
            is_broken = opener + 1 in words.broken and opener + 1 != word
            if is_broken or (opener in tall and (opener in several or opener in blocks)):
                vertical.add(opener)
            if opener in vertical or opener in tall:
                tall.add(waiting[-1] if waiting else -1)
        elif "\n" in words.texts[word]:
            tall.add(inside)
    return partners, vertical


def _leads(words: Words, clinging: set[int], signs: set[int]) -> list[str]:
    """The space before each word, were it on one line with the word before."""
    leads, before = list[str](), ""
    for word, kind in enumerate(words.kinds):
        if word == 0:
            lead = ""
        elif word in words.separated:
            lead = ", "
        elif before in OPENERS:
            lead = " " if before == "LBRACE" and kind not in CLOSERS else ""
        elif kind in CLOSERS:
            lead = " " if kind == "RBRACE" else ""
        elif kind in CLINGING_BEFORE or before in CLINGING_AFTER or word - 1 in signs:
            lead = ""
        else:
            lead = "" if word in clinging else " "
        leads.append(lead)
        before = kind
    return leads


def _may_break(words: Words, word: int) -> bool:
    """Whether a line break before a word says nothing: before `not`, a comment and `in` it does."""
    return words.kinds[word] not in CONTINUES_BY_NEXT or word + 1 not in words.comments


def _interruptions(words: Words, vertical: set[int]) -> list[int]:
    return list(
        accumulate(
            word in words.comments or word - 1 in vertical or "\n" in text
            for word, text in enumerate(words.texts)
        )
    )
