"""What a rule sees and what it says.

In: made once per file by the checker. Out: `LintedFile`, the file as written and as it was understood,
and `Remark`, one warning with its place. Rules are functions from the one to the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from misydsl.diagnostics.diagnostic import Fix
from misydsl.language.imports import LoadedFile
from misydsl.language.report import Finding
from misydsl.language.syntax import (
    BlockSyntax,
    FallbackSyntax,
    OnSyntax,
    PipelineSyntax,
    StepSyntax,
    UndoSyntax,
)
from misydsl.language.uses import Uses
from misydsl.pipeline.model import Module, Pipeline
from misydsl.source import Source, Span

_HOLDERS = (FallbackSyntax, UndoSyntax, OnSyntax)


@dataclass(frozen=True, slots=True)
class LintedFile:
    """One checked file."""

    file: LoadedFile
    module: Module
    modules: Mapping[str, Module]
    """Every module checked so far, this one and all it imports among them."""
    uses: Uses
    unreadable: frozenset[str]
    """Names that should mean something and could not be read."""
    mentioned: frozenset[str]
    """Names that the files of its prompts use."""
    texts: Mapping[str, Source]
    """The files of its prompts, by key."""
    is_entry: bool
    """Whether the program was loaded from it, and no file of the program imports it."""

    def pipelines(self) -> Iterator[tuple[PipelineSyntax, Pipeline]]:
        """The pipelines of the file, as written and as understood."""
        for one in self.file.parsed.tree.declarations:
            if isinstance(one, PipelineSyntax):
                meant = self.module.names.get(one.name.text)
                if isinstance(meant, Pipeline) and meant.span == one.name.span:
                    yield one, meant


@dataclass(frozen=True, slots=True)
class Remark:
    """One warning."""

    span: Span
    finding: Finding
    fix: Fix | None = None


Look = Callable[[LintedFile], Iterable[Remark]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One lint: its code, how it looks, and which files it can be sure about."""

    code: str
    look: Look
    needs: str = "no errors"
    """`no errors`, `whole text` (read in full, other errors may be there), or `nothing`."""


def blocks_of(pipeline: PipelineSyntax) -> Iterator[BlockSyntax]:
    """Every block of a pipeline, its own first."""
    waiting = [pipeline.block]
    while waiting:
        block = waiting.pop()
        yield block
        inner: list[BlockSyntax] = []
        for item in block.items:
            if isinstance(item, StepSyntax):
                inner.append(item.block)
                inner += [branch.block for branch in item.otherwise]
            elif isinstance(item, _HOLDERS):
                inner.append(item.block)
        waiting += reversed(inner)


def steps_of(pipeline: PipelineSyntax) -> Iterator[StepSyntax]:
    """Every step of a pipeline, however deep."""
    for block in blocks_of(pipeline):
        yield from (item for item in block.items if isinstance(item, StepSyntax))
