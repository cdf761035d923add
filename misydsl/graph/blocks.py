"""Every block of a pipeline, with its place.

In: a `Pipeline`. Out: its blocks breadth first: the body, then the bodies of its steps with their
`else` branches, fallbacks and undo, then the handlers. Each block knows the step it belongs to and the
path its steps get (`per-topic/draft`, `book/:fallback/call`, `:on-failure/tell`): the one that a run
records them under. Nothing recurses, so depth is no limit here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from misydsl.pipeline.model import Block, Pipeline, Step

Role = Literal["body", "else", "fallback", "undo", "on failure", "on finish"]
"""When a block runs: as its owner's body, instead of it, after its failure, or at the end."""


@dataclass(frozen=True, slots=True)
class BlockPlace:
    """A block, whose it is (None: the pipeline's own) and what it is there for.

    Steps are numbered through the whole pipeline; `first` is the number of the block's first one, 0
    for a block without steps.
    """

    block: Block
    role: Role
    owner: str | None = None
    owner_number: int | None = None
    first: int = 0
    part: str = ""
    """What the block is called in paths, when it is no step's own: `:fallback`, `:undo`, `:on-failure`."""

    def path(self, step: Step) -> str:
        """The path of one of the block's steps."""
        return "/".join(word for word in (self.owner, self.part, step.name) if word)


def part_name(word: str, number: int = 1) -> str:
    """How a block is called in paths: `:fallback`, and `:fallback-2` for the second one."""
    return f":{word}" if number == 1 else f":{word}-{number}"


def block_places(pipeline: Pipeline) -> Iterator[BlockPlace]:
    """Every block of the pipeline; a block comes after the one that holds its owner."""
    waiting = deque(_pipeline_blocks(pipeline))
    numbered = 0
    while waiting:
        place = waiting.popleft()
        if place.block.steps:
            place = replace(place, first=numbered)
            numbered += len(place.block.steps)
        yield place
        for number, step in enumerate(place.block.steps, place.first):
            waiting.extend(_step_blocks(step, place.path(step), number))


def _pipeline_blocks(pipeline: Pipeline) -> Iterator[BlockPlace]:
    yield BlockPlace(pipeline.block, "body")
    for number, block in enumerate(pipeline.on_failure, 1):
        yield BlockPlace(block, "on failure", part=part_name("on-failure", number))
    for number, block in enumerate(pipeline.on_finish, 1):
        yield BlockPlace(block, "on finish", part=part_name("on-finish", number))


def _step_blocks(step: Step, path: str, number: int) -> Iterator[BlockPlace]:
    yield BlockPlace(step.block, "body", path, number)
    for branch in step.otherwise:
        yield BlockPlace(branch.block, "else", path, number)
    for which, block in enumerate(step.fallbacks, 1):
        yield BlockPlace(block, "fallback", path, number, part=part_name("fallback", which))
    if step.undo is not None:
        yield BlockPlace(step.undo, "undo", path, number, part=part_name("undo"))
