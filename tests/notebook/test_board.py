"""The live board, without a browser: what it sends, when, and what its buttons do."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import comm
import ipywidgets
import pytest

import misydsl
from misydsl.clock import SYSTEM_CLOCK
from misydsl.notebook import board as board_module
from misydsl.notebook import showing
from misydsl.notebook.board import Board
from misydsl.notebook.watch import watch
from misydsl.store.journal import Journal
from misydsl.workspace import Pipeline, Run, load, open_journal
from tests.notebook.pages import Page

TEXT = """misy 1
agent loud(text: string) -> string
pipeline p "Análisis <b>" (texts: list[string]) {
  step each for item in texts { call loud(text: item) }
  step ok { call human.approve(message: "<i>these</i>?", show: each) }
  step last after ok { call loud(text: "fin") }
}
"""


@misydsl.agent
def loud(text: str) -> str:
    """The text in capitals."""
    return text.upper()


@misydsl.agent("loud")
async def forever(text: str) -> str:
    """Never answers."""
    await asyncio.Event().wait()
    return text


@misydsl.agent("loud")
def hostile(text: str) -> str:
    """Fails with markup."""
    raise ValueError(f"<script>{text}</script>")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    found = Page()
    monkeypatch.setattr(comm, "create_comm", found.open)
    monkeypatch.setattr(board_module, "_kept", [])
    return found


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    keeper = open_journal(tmp_path / "runs.db")
    yield keeper
    keeper.close()


def started(journal: Journal, agent: Any = loud, *, texts: tuple[str, ...] = ("a", "b")) -> Run:
    pipeline: Pipeline = load(TEXT)
    return pipeline.start({"texts": list(texts)}, agents={"loud": agent}, journal=journal)


def asking(journal: Journal) -> Run:
    """A run that waits for a person."""
    run = started(journal)
    until = SYSTEM_CLOCK.monotonic() + 20
    while not run.questions:
        assert SYSTEM_CLOCK.monotonic() < until
    return run


def buttons(board: Board) -> dict[str, ipywidgets.Button]:
    """The board's buttons, by what stands on them."""
    found: dict[str, ipywidgets.Button] = {}
    ahead: list[ipywidgets.Widget] = [board.widget]
    while ahead:
        one = ahead.pop()
        ahead.extend(getattr(one, "children", ()))
        if isinstance(one, ipywidgets.Button):
            found[one.description] = one
    return found


def words(board: Board) -> str:
    """Everything the board says now."""
    said: list[str] = []
    ahead: list[ipywidgets.Widget] = [board.widget]
    while ahead:
        one = ahead.pop()
        ahead.extend(getattr(one, "children", ()))
        if isinstance(one, ipywidgets.HTML):
            said.append(one.value)
    return "\n".join(said)


def test_the_picture_is_sent_once_and_updates_are_small(page: Page, journal: Journal) -> None:
    run = asking(journal)
    board = Board(run)
    made = sum("<svg" in str(one.state) for one in page.messages)
    page.forget()
    board.display()
    run.approve(by="somebody")
    run.wait(20)
    board.finish()
    assert made == 1
    assert page.updates()
    assert not any("<svg" in str(one.state) for one in page.updates())
    assert max(one.size_bytes for one in page.updates()) < 25_000


def test_nothing_is_sent_where_nothing_changed(
    page: Page, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asking(journal)
    run.approve()
    run.wait(20)
    board = Board(run)
    board.finish()
    page.forget()
    board.finish()
    assert page.updates() == []


def test_updates_come_at_most_ten_times_a_second(
    page: Page, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asking(journal)
    board = Board(run)

    class Slowly:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

        def wall(self) -> float:
            return 4e9 + self.now

    clock = Slowly()
    monkeypatch.setattr(board_module, "SYSTEM_CLOCK", clock)
    painted = 0
    for _ in range(100):
        page.forget()
        board.update()
        painted += bool(page.updates())
        clock.now += 0.01  # 100 looks in a second
    assert 1 <= painted <= 11
    run.cancel()
    run.wait(20)


def test_approve_answers_the_question_and_its_text_is_escaped(page: Page, journal: Journal) -> None:
    run = asking(journal)
    board = Board(run)
    board.display()
    assert "&lt;i&gt;these&lt;/i&gt;?" in words(board)
    assert "<i>these" not in words(board)
    buttons(board)["✓ Approve"].click()
    assert run.wait(20) == "succeeded"
    board.finish()
    assert "✓ Approve" not in buttons(board)


def test_deny_answers_it_too(page: Page, journal: Journal) -> None:
    run = asking(journal)
    board = Board(run)
    board.display()
    buttons(board)["✗ Deny"].click()
    run.wait(20)
    answer = run.history().steps["ok", ""].value
    assert answer is not None
    assert json.loads(bytes(answer))["approved"] is False


def test_an_option_is_a_button_that_says_what_the_answer_says(page: Page, journal: Journal) -> None:
    text = """misy 1
    pipeline p() {
      step ok { call human.approve(message: "¿Cuál?", options: ["mañana", "<b>hoy</b>"]) }
    }
    """
    run = load(text).start(journal=journal)
    until = SYSTEM_CLOCK.monotonic() + 20
    while not run.questions:
        assert SYSTEM_CLOCK.monotonic() < until
    board = Board(run)
    board.display()
    assert "<b>hoy" not in words(board)

    buttons(board)["<b>hoy</b>"].click()
    buttons(board)["mañana"].click()
    assert run.questions, "an option alone decides nothing: `no` may be one of them"
    buttons(board)["✓ Approve"].click()
    assert run.wait(20) == "succeeded"
    answer = run.history().steps["ok", ""].value
    assert answer is not None
    assert json.loads(bytes(answer)) == {"approved": True, "by": "the board", "comment": "mañana"}


def test_stop_leaves_a_run_that_a_resume_completes(page: Page, journal: Journal) -> None:
    run = started(journal, forever)
    board = Board(run)
    board.display()
    stop = buttons(board)["■ Stop"]
    stop.click()
    assert run.wait(20) == "paused"
    assert stop.disabled
    board.finish()
    assert "run.resume() completes it" in words(board)
    again = run.resume(agents={"loud": loud})
    again.cancel()
    again.wait(20)


def test_what_a_click_cannot_do_is_told(page: Page, journal: Journal) -> None:
    run = asking(journal)
    board = Board(run)
    board.display()
    run.approve()
    run.wait(20)
    buttons(board)["✓ Approve"].click()
    board.finish()
    assert "asks nobody anything now" in words(board)


def test_words_of_agents_are_text(page: Page, journal: Journal) -> None:
    run = started(journal, hostile)
    run.wait(20)
    board = Board(run)
    board.finish()
    assert "&lt;script&gt;a&lt;/script&gt;" in words(board)
    assert "<script" not in words(board)


def test_a_step_is_looked_into(page: Page, journal: Journal) -> None:
    run = asking(journal)
    board = Board(run)
    board.display()
    step, item = board._inspector._step, board._inspector._item
    step.value = "each"
    assert [one for _, one in item.options] == ["", "0", "1"]
    item.value = "1"
    assert "&quot;text&quot;" in words(board) or '"text": "b"' in words(board)
    assert "called loud" in words(board)
    for sentence in run.why("each", "1").sentences:
        assert html.escape(sentence, quote=False) in words(board)
    step.value = "last"
    assert "not begun" in words(board)
    step.value = ""
    assert "not begun" not in words(board)
    run.cancel()
    run.wait(20)


def test_the_last_boards_stay_alive_and_no_more(page: Page, journal: Journal) -> None:
    run = asking(journal)
    run.approve()
    run.wait(20)
    boards = [Board(run) for _ in range(board_module.KEPT + 3)]
    assert board_module._kept == boards  # none of them is finished
    for one in boards:
        one.finish()
    newest = Board(run)
    assert board_module._kept == [*boards[4:], newest]
    assert boards[3].widget.comm is None
    assert boards[4].widget.comm is not None


async def test_an_interrupted_cell_ends_at_once_and_its_run_can_be_resumed(
    page: Page, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "_is_kernel", lambda: True)
    run = started(journal, forever)
    cell = asyncio.create_task(showing.show_run(run))
    await asyncio.sleep(0)
    before = SYSTEM_CLOCK.monotonic()
    cell.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cell
    shown = showing.Interrupted(run.id)._render_traceback_()
    assert len(shown) == 1
    assert run.id in shown[0]
    assert SYSTEM_CLOCK.monotonic() - before < 1.0
    assert run.status == "paused"
    assert "run.resume() completes it" in words(board_module._kept[-1])


async def test_an_awaited_run_ends_with_its_report(
    page: Page, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "_is_kernel", lambda: True)
    run = started(journal, hostile)
    await showing.show_run(run)
    assert run.is_over
    assert board_module._kept[-1].is_finished


def test_a_thousand_steps_are_folded_into_small_messages(page: Page, journal: Journal) -> None:
    steps = "".join(f'  step s{one} {{ call loud(text: "x") }}\n' for one in range(1_000))
    text = f"misy 1\nagent loud(text: string) -> string\npipeline p() {{\n{steps}}}\n"
    run = load(text).start(agents={"loud": loud}, journal=journal)
    board = Board(run)
    page.forget()
    board.display()
    while not run.is_over:
        board.update()
    board.finish()
    assert max(one.size_bytes for one in page.updates()) < 25_000
    assert "more steps" in words(board)


async def test_a_run_of_somebody_else_is_watched_to_its_end(page: Page, journal: Journal) -> None:
    run = asking(journal)
    board = watch(Run(run.id, journal))
    assert "■ Cancel" in buttons(board)
    run.approve()
    await asyncio.to_thread(run.wait, 20)
    for _ in range(200):
        if board.is_finished:
            break
        await asyncio.sleep(0.05)
    assert board.is_finished
    assert "succeeded" in words(board)


def test_a_run_that_is_over_is_watched_at_once(page: Page, journal: Journal) -> None:
    run = started(journal, hostile)
    run.wait(20)
    assert watch(run).is_finished


def test_a_run_that_goes_on_is_not_watched_without_a_loop(page: Page, journal: Journal) -> None:
    run = asking(journal)
    with pytest.raises(misydsl.MisyError, match="misy watch"):
        watch(run)
    run.cancel()
    run.wait(20)


async def test_a_terminal_is_told_in_lines(
    journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    run = started(journal, hostile)
    await showing.show_run(run)
    told = capsys.readouterr().out
    assert "✗ each: failed · 0/2 done · 2 failed" in told
    assert "only what failed: run.retry()" in told
    assert "\n✗ each: failed" in told
    assert "VBox" not in told


async def test_an_agent_that_does_not_let_go_does_not_hold_an_interrupted_cell(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = started(journal, forever)

    def never(timeout_s: float | None = None) -> str:
        raise TimeoutError(timeout_s)

    monkeypatch.setattr(run, "wait", never)
    cell = asyncio.create_task(showing.show_run(run))
    await asyncio.sleep(0)
    cell.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cell
    assert "run.resume() completes it" in capsys.readouterr().out
