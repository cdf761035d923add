"""The formatted text of a shape, line by line.

In: a shape. Out: the lines of the file. An item that fits is written in one piece; all others are given
to `fitting` first. A declaration over several lines has an empty line around it. It recurses only from a group into its items, and groups nest no deeper than the
parser allows.
"""

from __future__ import annotations

from typing import Final

from misydsl.language.build_declarations import EDITION
from misydsl.language.formatter.fitting import Item
from misydsl.language.formatter.lines import COLUMNS, INDENT, items_of
from misydsl.language.formatter.shape import Shape
from misydsl.language.formatter.words import Comment

EDITION_LINE: Final = f"misy {EDITION}"


def write(shape: Shape) -> list[str]:
    """The lines of a file, an edition at their head."""
    writing, words = Writing(shape), shape.words
    if words.script is not None:
        writing.lines.append(words.script)
    if not words.has_edition:
        writing.lines.append(EDITION_LINE)
        if words.texts or words.comments:
            writing.lines.append("")
    writing.put_items(0, len(words) - 1, 0)
    writing.put_comments(len(words), 0)
    return writing.lines


class Writing:
    """A file while it is written: whole lines, and what is on the line at hand."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.lines: list[str] = []
        self.pieces = [
            lead + text for lead, text in zip(shape.leads, shape.words.texts, strict=True)
        ]
        self.is_first = True
        """Nothing stands in the group at hand yet, so no empty line may."""

    def put_items(self, first: int, last: int, indent: int) -> None:
        """All items of a group, each on lines of its own, with the comments before them."""
        shape, words, lines = self.shape, self.shape.words, self.lines
        self.is_first = True
        was_large = False
        for start, end in items_of(shape, first, last):
            begins = len(lines)
            if start > first and shape.needs_comma(start):
                lines[-1] += ","
            if start in words.comments:
                self.put_comments(start, indent)
            if start in words.apart and not self.is_first:
                lines.append("")
            above = len(lines)
            if shape.is_plain(start, end) and indent + shape.width(start, end) <= COLUMNS:
                text = "".join(self.pieces[start + 1 : end + 1])
                lines.append(f"{' ' * indent}{words.texts[start]}{text}")
            else:
                self.put_item(Item(shape, start, end, indent=indent))
            self.is_first = False
            if indent == 0:
                is_large = len(lines) > above + 1 or "\n" in lines[above]
                if start > first and (is_large or was_large) and lines[begins]:
                    lines.insert(begins, "")
                was_large = is_large

    def put_item(self, item: Item) -> None:
        """An item over several lines."""
        shape, words = self.shape, self.shape.words
        breaks, here = item.breaks(), item.indent
        line = [" " * here, words.texts[item.first]]
        word = item.first
        while word <= item.last:
            if word > item.first and (word in words.comments or word in breaks):
                line.append("," if word in words.separated else "")
                self.lines.append("".join(line))
                here = breaks.get(word, item.continuation(word))
                self.put_comments(word, here, spaced=False)
                line = [" " * here, words.texts[word]]
            elif word > item.first:
                line.append(self.pieces[word])
            if word in shape.vertical:
                self.lines.append("".join(line))
                here = item.indent if word in shape.blocks else here
                closer = shape.partners[word]
                self.put_group(word, closer, here)
                line, word = [" " * here, words.texts[closer]], closer
            word += 1
        self.lines.append("".join(line))

    def put_group(self, opener: int, closer: int, indent: int) -> None:
        """What is inside a vertical group."""
        self.put_items(opener + 1, closer - 1, indent + INDENT)
        self.put_comments(closer, indent + INDENT)

    def put_comments(self, word: int, indent: int, *, spaced: bool = True) -> None:
        """The comments before a word: one on the line above, the others on their own."""
        for comment in self.shape.words.comments.get(word, ()):
            self.put_comment(comment, indent, spaced=spaced)

    def put_comment(self, comment: Comment, indent: int, *, spaced: bool) -> None:
        """One comment; an empty line before it stays where there may be one."""
        if comment.is_trailing and self.lines:
            self.lines[-1] += f"  {comment.text}"
            return
        if comment.is_apart and spaced and not self.is_first:
            self.lines.append("")
        self.lines.append(" " * indent + comment.text)
        self.is_first = False
