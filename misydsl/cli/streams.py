"""The process's own streams, made so that losing one never ends a run.

In: `sys.stdout` and `sys.stderr` as the shell gave them: open, closed (`>&-`), full (`>/dev/full`), or with
a reader that leaves (`| head -1`). Out: streams to write on, in the place of those two. Progress and notes
that nobody can read are dropped in silence. Of the results only a reader's leaving is; any other loss is
`OutputLost`, raised once.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from misydsl.failures import MisyError

_LEFT: Final = (errno.EPIPE, errno.ECONNRESET)  # whoever read has seen enough


class OutputLost(MisyError):
    """The results cannot be written: why."""


@contextmanager
def steady_streams() -> Iterator[tuple[TextIO, TextIO]]:
    """The streams for results and for notes, which are also `sys.stdout` and `sys.stderr` inside."""
    before = sys.stdout, sys.stderr
    out, err = _steady(sys.stdout, is_needed=True), _steady(sys.stderr, is_needed=False)
    sys.stdout, sys.stderr = out, err
    try:
        yield out, err
    finally:
        sys.stdout, sys.stderr = before
        for stream in (out, err):
            if isinstance(stream, _Steady):
                stream.detach()  # what is underneath is not ours to close


class _Steady(io.TextIOWrapper):
    """A text stream that goes nowhere once what is underneath fails."""

    def __init__(self, stream: io.TextIOWrapper, *, is_needed: bool) -> None:
        super().__init__(
            stream.buffer,
            encoding=stream.encoding,
            errors=stream.errors,
            line_buffering=stream.line_buffering,
        )
        self._is_needed = is_needed

    def write(self, text: str) -> int:
        """Write; raises `OutputLost`."""
        try:
            return super().write(text)
        except OSError as problem:
            self._lose(problem)
            return len(text)

    def flush(self) -> None:
        """Write what is held back; raises `OutputLost`."""
        try:
            super().flush()
        except OSError as problem:
            self._lose(problem)

    def _lose(self, problem: OSError) -> None:
        """Give what is left a sink: Python would complain again when it flushes at exit."""
        with Path(os.devnull).open("wb") as sink:
            os.dup2(sink.fileno(), self.fileno())
        if self._is_needed and problem.errno not in _LEFT:
            raise OutputLost(f"it cannot be written: {problem.strerror}") from problem


def _steady(stream: TextIO | None, *, is_needed: bool) -> TextIO:
    if stream is None:  # the shell closed it
        return Path(os.devnull).open("w", encoding="utf-8")
    return _Steady(stream, is_needed=is_needed) if isinstance(stream, io.TextIOWrapper) else stream
