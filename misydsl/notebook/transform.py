"""A cell that runs awaits its run: `%%misy name --run` becomes a line that Jupyter can await.

In: the lines of a cell. Out: the same, or, for a `%%misy` cell that is to run, the magic as a call and an
`await` of what it began. So the kernel stays awake: buttons answer, and an interrupt reaches the run.
"""

from __future__ import annotations

import re
import shlex
from typing import Final

RUN_OPTIONS: Final = frozenset({"-r", "--run"})
RESUME: Final = re.compile(r"%misy (resume .*?)\s*")
"""A cell that is one line; among others the run goes on, and nobody awaits it."""


def await_cells(lines: list[str]) -> list[str]:
    """The lines as IPython shall see them."""
    if len(lines) == 1 and (resumed := RESUME.fullmatch(lines[0])) is not None:
        return [f"_ = await get_ipython().run_line_magic('misy', {resumed[1]!r})\n"]
    if not lines or not lines[0].startswith("%%misy"):
        return lines
    magic, _, rest = lines[0].rstrip("\n").partition(" ")
    if magic != "%%misy" or not runs(rest):
        return lines
    body = "".join(lines[1:])
    began = f"get_ipython().run_cell_magic('misy', {rest!r}, {body!r})"
    return [f"_ = await {began}\n"]


def runs(rest: str) -> bool:
    """Whether the words after `%%misy` ask for a run."""
    try:
        words = shlex.split(rest)
    except ValueError:  # an open quote; the magic itself says so
        return False
    return any(word in RUN_OPTIONS for word in words)
