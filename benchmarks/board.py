"""What the live board costs: bytes and milliseconds an update, and what it takes from the engine.

In: pipelines of 10, 100 and 1,000 steps at once, of agents that answer at once. Out: a table: the size of
the first message, of the largest update and of the mean one; how long painting takes; the run's time
with the board over the one without, the fastest of several each. `python -m benchmarks.board`.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import comm
from comm.base_comm import BaseComm

import misydsl
from misydsl.clock import SYSTEM_CLOCK
from misydsl.notebook.board import Board
from misydsl.notebook.showing import NAP_S
from misydsl.workspace.pipelines import load
from misydsl.workspace.runs import Run

SIZES = (10, 100, 1_000)
REPEATS = 3
PAUSE_S = 0.1  # of every agent: so that a run is painted several times


@dataclass(slots=True)
class _Wire:
    """Counts what is sent to a page."""

    opened: int = 0
    updates: list[int] = field(default_factory=list)

    def open(self, *arguments: Any, **settings: Any) -> BaseComm:
        wire = self

        class Counted(BaseComm):
            def publish_msg(
                self,
                msg_type: str,
                data: dict[str, Any] | None = None,
                metadata: dict[str, Any] | None = None,  # noqa: ARG002  # the page's words
                buffers: list[bytes] | None = None,  # noqa: ARG002
                **keys: Any,  # noqa: ARG002
            ) -> None:
                size = len(json.dumps((data or {}).get("state", {}), default=str).encode())
                if msg_type == "comm_msg":
                    wire.updates.append(size)
                else:
                    wire.opened = max(wire.opened, size)

        return Counted(*arguments, **settings)


@misydsl.agent
async def work(n: int) -> int:
    """Answers after a while."""
    await asyncio.sleep(PAUSE_S + n % 10 / 50)
    return n


def text_of(size: int) -> str:
    """A pipeline of so many steps at once."""
    steps = "".join(f"  step s{one} {{ call work(n: {one}) }}\n" for one in range(size))
    return f"misy 1\nagent work(n: int) -> int\npipeline p() {{\n{steps}}}\n"


async def run_of(size: int, folder: Path, paints: list[float] | None) -> float:
    """Seconds one run takes; with `paints`, under a board whose paintings are timed in it."""
    pipeline = load(text_of(size))
    run = pipeline.start(agents={"work": work}, journal=folder / "runs.db")
    board = None if paints is None else _displayed(run)
    while not run.is_over:
        began = SYSTEM_CLOCK.monotonic()
        if board is not None and paints is not None:
            board.update()
            paints.append(SYSTEM_CLOCK.monotonic() - began)
        await asyncio.sleep(NAP_S)
    history = run.history()
    assert history.status == "succeeded"
    assert history.duration_s is not None
    return history.duration_s


def _displayed(run: Run) -> Board:
    board = Board(run)
    board.update()
    return board


def main() -> None:
    """Print the table."""
    print("| steps | first message | largest update | mean update | painting, median | slower by |")
    print("|---|---|---|---|---|---|")
    for size in SIZES:
        print(_row(size))


def _row(size: int) -> str:
    wire, paints = _Wire(), list[float]()
    comm.create_comm = wire.open
    bare, shown = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(REPEATS):  # in turns, so that what else the machine does meets both
            bare.append(asyncio.run(run_of(size, Path(folder), None)))
            shown.append(asyncio.run(run_of(size, Path(folder), paints)))
    painted = statistics.median(one for one in paints if one > 1e-4) * 1_000
    slower = min(shown) / min(bare) - 1
    mean = statistics.mean(wire.updates)
    return (
        f"| {size:,} | {wire.opened / 1e3:.1f} kB | {max(wire.updates) / 1e3:.1f} kB "
        f"| {mean / 1e3:.1f} kB | {painted:.1f} ms | {slower:+.1%} |"
    )


if __name__ == "__main__":
    main()
