"""Compiled programs of one pipeline, kept for the next run.

In: a pipeline and its library. Out: a program nobody else uses, compiled when none is free. A program holds
the values of the run it serves, so it is lent to one run at a time and given back at its end.
"""

from __future__ import annotations

from collections import deque

from misydsl.headroom import with_headroom
from misydsl.pipeline.model import Library, Pipeline
from misydsl.runner.compile import compile_program
from misydsl.runner.extent import require_bounded
from misydsl.runner.program import Program


class Shelf:
    """The programs of one pipeline; may be used from any thread."""

    def __init__(self, pipeline: Pipeline, library: Library) -> None:
        self.pipeline, self.library = pipeline, library
        self._free: deque[Program] = deque(maxlen=4)  # runs at once that keep theirs for later

    def take(self) -> Program:
        """A program for one run; raises `PipelineTooLarge`."""
        try:
            return self._free.pop()
        except IndexError:
            require_bounded(self.pipeline, self.library)
            return with_headroom(lambda: compile_program(self.pipeline, self.library))

    def give_back(self, program: Program) -> None:
        """The run is over."""
        self._free.append(program)
