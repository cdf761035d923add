"""What the live board shows: few rows, the active ones first, and counts for the rest."""

from __future__ import annotations

import io
import os

from rich.console import Console

from misydsl.cli.board import Board, drawn
from misydsl.cli.overview import MAX_ITEMS, overview
from misydsl.graph.build import StepGraph, StepNode
from misydsl.history.events import Event, FanOut, StepFinished
from misydsl.history.fold import fold
from misydsl.history.states import History
from tests.metrics.stories import (
    START,
    accepted,
    failed_story,
    fanned_write,
    recorded,
    retried_scan,
    started,
)


class StoppedClock:
    def __init__(self, now: float) -> None:
        self.now = now

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


def graph_of(*paths: str) -> StepGraph:
    """A graph of these steps; `a/b` is inside of `a`."""
    numbers = {path: number for number, path in enumerate(paths)}
    parents = [numbers.get(path.rpartition("/")[0]) for path in paths]
    nodes = tuple(
        StepNode(
            id=number,
            path=path,
            name=path.rpartition("/")[2],
            title=None,
            kind="call",
            parent=parents[number],
        )
        for number, path in enumerate(paths)
    )
    children: dict[int, tuple[int, ...]] = {}
    for number, parent in enumerate(parents):
        if parent is not None:
            children[parent] = (*children.get(parent, ()), number)
    roots = tuple(number for number, parent in enumerate(parents) if parent is None)
    return StepGraph("viral", None, nodes, (), roots, children)


VIRAL = graph_of("scan", "write", "post")


def history_of(*events: Event) -> History:
    return fold(recorded([accepted(), *events]))


def rows_of(history: History, *, at: float, room: int = 24) -> dict[str, tuple[str, str]]:
    seen = overview(VIRAL, history, now=START + at, room=room)
    return {row.name: (row.status, row.note) for row in seen.rows}


def test_steps_that_have_not_begun_are_waiting() -> None:
    assert rows_of(history_of(), at=0.0) == {
        "scan": ("waiting", ""),
        "write": ("waiting", ""),
        "post": ("waiting", ""),
    }


def test_a_running_step_says_whom_it_calls_and_for_how_long() -> None:
    seen = overview(VIRAL, history_of(*retried_scan()[:1]), now=START + 0.5)
    assert (seen.rows[0].status, seen.rows[0].note) == ("running", "calls scanner")
    assert seen.rows[0].duration_s == 0.5


def test_a_retry_says_when_the_next_attempt_comes_and_why() -> None:
    rows = rows_of(history_of(*retried_scan()[:2]), at=1.8)
    assert rows["scan"] == ("retrying", "next attempt in 1.2 s (no answer within 2s)")


def test_a_for_shows_counts_and_its_active_items() -> None:
    rows = rows_of(history_of(*fanned_write()[:5]), at=5.0)
    assert rows["write"] == ("running", "2/3 done · 1 running")
    assert rows["  [1]"] == ("running", "calls writer")
    assert "  [0]" not in rows


def test_the_end_of_a_failed_run_says_what_failed_and_what_was_not_run() -> None:
    rows = rows_of(fold(recorded(failed_story())), at=9.0)
    assert rows["write"] == ("failed", "2/3 done · 1 failed")
    assert rows["post"] == ("blocked", "needs write")


def test_the_head_counts_steps_and_retries_and_stops_its_clock_at_the_end() -> None:
    seen = overview(VIRAL, fold(recorded(failed_story())), now=START + 900)
    assert (seen.name, seen.run, seen.status) == ("Análisis", "r1", "failed")
    assert (seen.done, seen.failed, seen.total, seen.retries) == (1, 2, 3, 1)
    assert seen.elapsed_s == 6.0


def big_for(count: int) -> list[Event]:
    events: list[Event] = [FanOut(at=START, step="write", item="", count=count)]
    for number in range(count):
        events.append(started("write", "writer", 0.0, item=str(number)))
        if number % 2:
            events.append(StepFinished(at=START + 1, step="write", item=str(number)))
    return events


def test_a_thousand_items_stay_readable() -> None:
    rows = rows_of(history_of(*big_for(1000)), at=2.0)
    assert rows["write"] == ("running", "500/1000 done · 500 running")
    assert len(rows) == 3 + MAX_ITEMS


def test_a_thousand_steps_show_what_is_at_work_and_count_the_rest() -> None:
    many = graph_of(*(f"s{number}" for number in range(1000)))
    seen = overview(many, history_of(started("s900", "a", 0.0)), now=START, room=10)
    assert len(seen.rows) == 10
    assert any(row.name == "s900" for row in seen.rows)
    assert seen.hidden == "… 990 more steps: 990 waiting"


def test_inner_steps_are_indented_and_take_the_weightiest_state_of_their_items() -> None:
    inner = graph_of("scan", "write", "post", "write/draft")
    history = history_of(
        FanOut(at=START, step="write", item="", count=2),
        started("write/draft", "writer", 0.0, item="0"),
        StepFinished(at=START + 1, step="write/draft", item="0"),
        started("write/draft", "writer", 0.0, item="1"),
    )
    rows = {row.name: row for row in overview(inner, history, now=START + 2).rows}
    assert rows["  draft"].status == "running"
    assert rows["  draft"].note == "1/2 done · 1 running"
    assert list(rows) == ["scan", "write", "  draft", "    [1]", "post"]


def test_the_bar_moves_with_the_items_of_a_for() -> None:
    half = overview(VIRAL, history_of(*big_for(10)), now=START + 2)
    assert half.progress == 0.5 / 3
    done = overview(VIRAL, fold(recorded(failed_story())), now=START + 9)
    assert done.progress == 1.0


def test_an_attempt_that_is_due_comes_now() -> None:
    rows = rows_of(history_of(*retried_scan()[:2]), at=3.2)
    assert rows["scan"][1].startswith("next attempt now")


def drawn_text(history: History, *, at: float, columns: int = 100) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=columns, force_terminal=False)
    console.print(drawn(overview(VIRAL, history, now=START + at), ["pausing"], columns=columns))
    return stream.getvalue()


def test_the_board_fits_its_width() -> None:
    for columns in (40, 80, 120):
        text = drawn_text(fold(recorded(failed_story())), at=9.0, columns=columns)
        assert max(len(line.rstrip()) for line in text.splitlines()) <= columns


def test_the_board_shows_signs_beside_words() -> None:
    text = drawn_text(fold(recorded(failed_story())), at=9.0)
    assert "✗ failed" in text
    assert "✓ succeeded" in text
    assert "⊘ blocked" in text
    assert "1/3 steps · 2 failed · 1 retry · 6.0 s" in text
    assert "pausing" in text


def test_markup_in_a_message_is_only_text() -> None:
    node = StepNode(id=0, path="s", name="s", title="[bold]x[/bold]", kind="call")
    graph = StepGraph("viral", None, (node,), (), (0,), {})
    stream = io.StringIO()
    Console(file=stream, width=100).print(drawn(overview(graph, History(), now=0.0)))
    assert "[bold]x[/bold]" in stream.getvalue()


def test_a_board_paints_on_a_terminal_and_takes_itself_away_when_closed() -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream, os.fdopen(ours, "rb", 0) as screen:
        board = Board(VIRAL, stream, clock=StoppedClock(START + 9), has_colours=False)
        board.say("pausing")
        for one in recorded(failed_story()):
            board.see(one)
        board.paint(fold(recorded(failed_story())))
        painted = read_until(screen, "pausing")
        board.close()
        read_until(screen, "\x1b[2K")  # the lines are erased
        board.close()
    assert "✗ failed" in painted


def read_until(screen: io.RawIOBase, mark: str) -> str:
    """What a terminal was given, up to a mark; without the mark the test's time runs out."""
    data = b""
    while mark not in data.decode(errors="ignore"):
        data += screen.read(10_000) or b""
    return data.decode(errors="ignore")
