"""The orchestrator by itself: acceptance, keys, bounds, who waits, stop and start."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from misydsl.agents.declare import AgentDeclaration, agent
from misydsl.history.events import RunAccepted, RunPaused
from misydsl.server.orchestrator import Orchestrator, unfinished
from misydsl.server.problems import Refused
from misydsl.server.submissions import Submission, run_of_key
from misydsl.store.journal import Journal
from misydsl.store.memory import MemoryJournal
from misydsl.store.sqlite import SqliteJournal
from misydsl.workspace.projects import Project
from misydsl.workspace.workflows import read_workflow
from tests.server.served import workflow

PATIENCE_S = 20.0


class Door:
    """An agent that holds its callers until it is opened."""

    def __init__(self) -> None:
        self._loop_events: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self.is_open = False
        self.calls = 0

    def agent(self) -> AgentDeclaration:
        @agent("puerta")
        async def door(n: int = 0) -> int:
            self.calls += 1
            event = asyncio.Event()
            self._loop_events.append((asyncio.get_running_loop(), event))
            if not self.is_open:
                await event.wait()
            return n

        return door

    def open(self) -> None:
        """Let everybody through."""
        self.is_open = True
        for loop, event in self._loop_events:
            loop.call_soon_threadsafe(event.set)


@agent("eco")
def echo(n: int = 0) -> int:
    return n


def _orchestrator(
    folder: Path, door: Door | None = None, journal: Journal | None = None, **more: Any
) -> Orchestrator:
    hosted = [echo, *([door.agent()] if door else [])]
    return Orchestrator(journal or MemoryJournal(), Project(folder), hosted=hosted, **more)


def _wanted(name: str = "eco", *, key: str | None = None, n: int = 1, **more: Any) -> Submission:
    text = json.dumps(workflow({"agent": name, "input": {"n": n}}))
    return Submission(read_workflow(text), key=key, **more)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  # nothing tells; it is looked for
            await asyncio.sleep(0.005)


async def test_an_accepted_run_is_in_the_journal_before_anybody_hears_of_it(tmp_path: Path) -> None:
    orchestrator = _orchestrator(tmp_path)
    run = await orchestrator.submit(_wanted(session="s-1", shared={"a": 1}))
    first = next(iter(orchestrator.journal.read(run.id)))
    assert isinstance(first.event, RunAccepted)
    assert (first.event.why, first.event.session) == ("serve", "s-1")
    assert json.loads(bytes(first.event.shared)) == {"a": 1}
    assert await orchestrator.ended(run) == "succeeded"
    await _until(lambda: orchestrator.open_runs == 0)
    await orchestrator.stop(1)


async def test_who_stops_waiting_stops_nothing(tmp_path: Path) -> None:
    door = Door()
    orchestrator = _orchestrator(tmp_path, door)
    run = await orchestrator.submit(_wanted("puerta"))
    waiting = asyncio.create_task(orchestrator.ended(run))
    await _until(lambda: door.calls == 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    door.open()
    assert await orchestrator.ended(run) == "succeeded"
    await orchestrator.stop(1)


async def test_the_same_key_finds_the_first_run_whenever_it_comes(tmp_path: Path) -> None:
    door = Door()
    orchestrator = _orchestrator(tmp_path, door)
    wanted = [_wanted("puerta", key="una-vez") for _ in range(20)]
    runs = await asyncio.gather(*(orchestrator.submit(one) for one in wanted))
    assert {run.id for run in runs} == {run_of_key("una-vez")}
    await _until(lambda: door.calls == 1)
    door.open()
    assert {await orchestrator.ended(run) for run in runs} == {"succeeded"}
    later = await orchestrator.submit(_wanted("puerta", key="una-vez"))
    assert (later.id, await orchestrator.ended(later)) == (runs[0].id, "succeeded")
    assert door.calls == 1
    assert len(orchestrator.journal.runs()) == 1
    await orchestrator.stop(1)


@pytest.mark.parametrize(
    "other", [{"n": 2}, {"session": "otra"}, {"shared": {"a": 2}}, {"name": "puerta"}]
)
async def test_the_same_key_with_something_else_is_refused(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    orchestrator = _orchestrator(tmp_path)
    await orchestrator.submit(_wanted(key="k"))
    with pytest.raises(Refused) as refused:
        await orchestrator.submit(_wanted(key="k", **other))
    assert refused.value.status == 422
    await orchestrator.stop(1)


async def test_a_workflow_without_an_id_is_the_same_under_its_key(tmp_path: Path) -> None:
    orchestrator = _orchestrator(tmp_path)
    text = json.dumps({"name": "sin id", "steps": [{"id": "a", "name": "a", "agent": "eco"}]})
    first = await orchestrator.submit(Submission(read_workflow(text), key="k"))
    await asyncio.sleep(0.002)  # the id it is given has the time in it
    second = await orchestrator.submit(Submission(read_workflow(text), key="k"))
    assert first.id == second.id
    await orchestrator.stop(1)


async def test_more_open_runs_than_the_most_are_refused_and_room_comes_back(tmp_path: Path) -> None:
    door = Door()
    orchestrator = _orchestrator(tmp_path, door, most_open=3)
    submitting = [orchestrator.submit(_wanted("puerta", n=n)) for n in range(5)]
    answers = await asyncio.gather(*submitting, return_exceptions=True)
    refused = [one for one in answers if isinstance(one, Refused)]
    assert [(one.status, one.headers) for one in refused] == [(429, {"Retry-After": "1"})] * 2
    door.open()
    await _until(lambda: orchestrator.open_runs == 0)
    await orchestrator.submit(_wanted())
    assert len(orchestrator.journal.runs()) == 4
    await orchestrator.stop(1)


async def test_stopping_lets_calls_end_and_the_next_start_goes_on(tmp_path: Path) -> None:
    door, journal = Door(), SqliteJournal(tmp_path / "journal.db")
    orchestrator = _orchestrator(tmp_path, door, journal)
    steps: list[dict[str, Any]] = [
        {"agent": "puerta", "input": {"n": 1}},
        {"agent": "eco", "dependencies": ["s0"]},
    ]
    flow = read_workflow(json.dumps(workflow(*steps)))
    run = await orchestrator.submit(Submission(flow))
    await _until(lambda: door.calls == 1)
    stopping = asyncio.create_task(orchestrator.stop(PATIENCE_S))
    await asyncio.sleep(0)
    with pytest.raises(Refused) as refused:
        await orchestrator.submit(_wanted())
    assert refused.value.status == 503
    door.open()
    await stopping
    last = list(journal.read(run.id))[-1].event
    assert isinstance(last, RunPaused)
    assert last.reason == "shutdown"
    assert unfinished(journal) == [run.id]
    again = _orchestrator(tmp_path, door, journal)
    await again.start()
    await _until(lambda: journal.find(run.id).status == "succeeded")
    assert door.calls == 1  # what was done stays done
    await again.stop(1)
    journal.close()


async def test_calls_that_do_not_end_within_the_grace_are_aborted_and_called_again_later(
    tmp_path: Path,
) -> None:
    door, journal = Door(), MemoryJournal()
    orchestrator = _orchestrator(tmp_path, door, journal)
    run = await orchestrator.submit(_wanted("puerta"))
    await _until(lambda: door.calls == 1)
    await orchestrator.stop(0.05)
    assert journal.find(run.id).status == "paused"
    again = _orchestrator(tmp_path, door, journal)
    await again.start()
    await _until(lambda: door.calls == 2)
    door.open()
    await _until(lambda: journal.find(run.id).status == "succeeded")
    await again.stop(1)


async def test_who_comes_again_while_runs_are_still_taken_up_waits_for_the_end(
    tmp_path: Path,
) -> None:
    door, journal = Door(), MemoryJournal()
    first = _orchestrator(tmp_path, door, journal)
    await first.submit(_wanted("puerta", key="k"))
    await _until(lambda: door.calls == 1)
    await first.stop(0.05)
    again = _orchestrator(tmp_path, door, journal)
    await again.start()
    run = await again.submit(_wanted("puerta", key="k"))
    waiting = asyncio.create_task(again.ended(run))
    await _until(lambda: door.calls == 2)
    assert not waiting.done()
    door.open()
    assert await waiting == "succeeded"
    await again.stop(1)


async def test_what_a_person_paused_is_left_alone(tmp_path: Path) -> None:
    door, journal = Door(), MemoryJournal()
    orchestrator = _orchestrator(tmp_path, door, journal)
    run = await orchestrator.submit(_wanted("puerta"))
    await _until(lambda: door.calls == 1)
    run.abort("ana")
    await orchestrator.ended(run)
    assert unfinished(journal) == []
    await orchestrator.stop(1)


async def test_a_run_that_cannot_be_resumed_is_logged_and_others_are(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = MemoryJournal()
    orchestrator = _orchestrator(tmp_path, None, journal)
    good, bad = _wanted(n=1), _wanted(n=2)
    for name, wanted in (("buena", good), ("mala", bad)):
        flow = wanted.pipeline
        text = flow.library.main.source.text if name == "buena" else "{"
        journal.accept(name, _accepted(flow, text))
    await orchestrator.start()
    await _until(lambda: journal.find("buena").status == "succeeded")
    await _until(lambda: "run mala cannot be resumed" in caplog.text)
    await orchestrator.stop(1)


def _accepted(flow: Any, text: str) -> RunAccepted:
    from msgspec import Raw

    from misydsl.history.events import ModuleText

    key = flow.library.entry
    modules = (ModuleText(key, key, text),)
    return RunAccepted(
        at=1.0,
        pipeline=flow.name,
        title=None,
        inputs=Raw(b"{}"),
        session="s",
        modules=modules,
        entry=key,
        steps=1,
        fingerprint="f",
    )


async def test_an_agent_is_known_where_it_is_hosted_declared_or_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.misy").write_text("misy 1\nagent del-proyecto()\n", "utf-8")
    monkeypatch.setenv("AGENT_DE_FUERA_URL", "http://127.0.0.1:9/x")
    orchestrator = _orchestrator(tmp_path)
    names = ["eco", "del-proyecto", "de-fuera", "de_fuera", "nadie"]
    assert [orchestrator.agents.is_known(name) for name in names] == [True, True, True, True, False]
    await orchestrator.stop(1)


async def test_the_environment_says_where_an_agent_is_before_a_hosted_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orchestrator = _orchestrator(tmp_path)
    assert set(orchestrator.agents.bindings(["eco", "nadie"])) == {"eco"}
    monkeypatch.setenv("AGENT_ECO_URL", "http://127.0.0.1:9/x")
    assert orchestrator.agents.bindings(["eco"]) == {}
    await orchestrator.stop(1)
