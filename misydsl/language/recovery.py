"""After a terminal that was not expected: say why once, and go on so that the rest keeps its meaning.

In: a `Driver` that stopped. Out: its stacks and place changed so that it can go on, and at most one
diagnostic. First the mistakes people make are tried; last, everything up to the next item is set aside.
Every recovery takes a terminal or makes the next one acceptable, so a file always comes to its end.
"""

from __future__ import annotations

from typing import Final

from misydsl.language import wording_parse as wording
from misydsl.language.mistakes import MISTAKES
from misydsl.language.setting_aside import pass_over, set_aside
from misydsl.language.standstill import Standstill

MOST_MENDED: Final = 500  # mistakes of one file; where there are more it is no file of ours


def recover(at: Standstill) -> None:
    """Change the driver so that it can go on."""
    at.stops += 1
    if at.stops <= MOST_MENDED:
        for mistake in MISTAKES:
            if mistake(at):
                return
    elif at.has_said_enough:
        at.count_here()
        pass_over(at)
        return
    set_aside(at, at.words_here(wording.unexpected))
