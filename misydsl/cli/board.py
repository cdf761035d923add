"""The live board of `misy run` on a terminal.

In: the history, ten times a second at most. Out: one compact table on the error stream, redrawn in
place and gone when the run is over (the report takes its place). The only module that knows `rich`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from misydsl.cli.overview import BoardRow, Overview, overview
from misydsl.cli.tables import GLYPHS, clipped, counted, seconds
from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.graph.build import StepGraph
from misydsl.history.events import Recorded
from misydsl.history.states import History

_STYLES = {
    "running": "cyan",
    "retrying": "yellow",
    "asking": "bold yellow",
    "succeeded": "green",
    "failed": "bold red",
    "blocked": "red",
    "cancelled": "magenta",
    "paused": "magenta",
    "waiting": "dim",
    "accepted": "dim",
    "skipped": "dim",
}
_FRAME_ROWS = 5  # head, rule, counts and the line of the prompt
_BAR = 24  # columns


class Board:
    """A watcher that paints."""

    def __init__(
        self,
        graph: StepGraph,
        stream: TextIO,
        *,
        has_colours: bool = True,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._graph, self._clock = graph, clock
        self._words: list[str] = []
        self._console = Console(file=stream, no_color=not has_colours, highlight=False)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._live.start()

    def see(self, recorded: Recorded) -> None:
        """Nothing: the board shows states, not events."""

    def paint(self, history: History) -> None:
        """Draw where everything stands now."""
        room = max(3, self._console.height - _FRAME_ROWS - len(self._words))
        seen = overview(self._graph, history, now=self._clock.wall(), room=room)
        self._live.update(drawn(seen, self._words, columns=self._console.width), refresh=True)

    def say(self, words: str) -> None:
        """A line under the table."""
        self._words.append(words)

    def close(self) -> None:
        """Take the board away."""
        self._live.stop()


def drawn(seen: Overview, words: Sequence[str] = (), *, columns: int = 100) -> Group:
    """The board as something rich can print."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, expand=False)
    for justify in ("left", "left", "right", "right"):
        table.add_column(justify=justify, no_wrap=True, overflow="ellipsis")
    # The only column that may shrink; its texts do not wrap, so they are clipped.
    table.add_column()
    for row in seen.rows:
        table.add_row(*_cells(row, columns))
    hidden = [Text(seen.hidden, style="dim")] if seen.hidden else []
    return Group(*_head(seen), table, *hidden, *(Text(line, style="yellow") for line in words))


def _head(seen: Overview) -> list[Text]:
    head = Text(no_wrap=True, overflow="ellipsis")
    head.append(clipped(seen.name, 50), style="bold")
    head.append(f"  {seen.run}  ", style="dim")
    head.append(f"{GLYPHS.get(seen.status, '?')} {seen.status}", style=_STYLES[seen.status])
    head.append(f": {clipped(seen.reason, 80)}" if seen.reason else "")
    counts = [f"{seen.done}/{seen.total} steps", f"{seen.failed} failed" if seen.failed else ""]
    counts += [counted(seen.retries, "retry", "retries"), seconds(seen.elapsed_s)]
    filled = int(_BAR * seen.progress)
    bar = Text("━" * filled, style="green").append("━" * (_BAR - filled), style="dim")
    return [head, bar.append("  " + " · ".join(part for part in counts if part), style="default")]


def _cells(row: BoardRow, columns: int) -> list[Text]:
    style = _STYLES.get(row.status, "")
    attempts = f"{row.attempts} attempts" if row.attempts > 1 else ""
    return [
        Text(
            clipped(row.name, max(16, columns // 3)), style="dim" if row.status == "waiting" else ""
        ),
        Text(f"{GLYPHS.get(row.status, '?')} {row.status}", style=style),
        Text(seconds(row.duration_s)),
        Text(attempts, style="dim"),
        Text(clipped(row.note, columns), style="dim", no_wrap=True, overflow="ellipsis"),
    ]
