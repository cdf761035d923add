"""Runs as people hold them: in and out of event loops, read back, resumed, whatever became of the file."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec import Raw

import misydsl
from misydsl.agents.contract import Reply, Request
from misydsl.failures import AgentUnknown, MisyError, RunBusy, RunFailed, RunUnknown
from misydsl.history.events import (
    AttemptStarted,
    RunAccepted,
    RunFinished,
    RunOwned,
    RunPaused,
    StepFinished,
)
from misydsl.store.journal import Journal
from misydsl.store.memory import MemoryJournal
from misydsl.store.sqlite import SqliteJournal
from misydsl.workspace import find_run, load, open_journal, resume
from misydsl.workspace.binding import still_to_read
from misydsl.workspace.recorded import accepted_of
from misydsl.workspace.runs import Run
from tests.runner.theatre import PATIENCE_S, Actor
from tests.workspace import acting

SHOUT = """misy 1
agent loud(text: string) -> string
pipeline gritar(palabra: string) {
  step grito { call loud(text: palabra) }
  return { grito }
}
"""
TWO = """misy 1
agent a(q: string) -> string
agent b(q: string) -> string
pipeline p() {
  step x { call a(q: "año") }
  step y { call b(q: x) }
  return { x, y }
}
"""


def answers(text: str) -> Callable[[Request], object]:
    return lambda request: f"{text}:{request.inputs['q']}"


class TestWaysOfRunning:
    def test_run_waits_and_gives_the_result(self, journal: Journal) -> None:
        run = load(SHOUT).run(palabra="mañana", agents={"loud": acting.loud}, session="sesión-1")
        assert (run.status, run.is_final, run.failure) == ("succeeded", True, None)
        assert run.result == {"grito": "MAÑANA"}
        assert run.history().session == "sesión-1"
        assert repr(run) == f"<run {run.id} of gritar: succeeded>"

    def test_run_works_inside_a_running_event_loop(self, journal: Journal) -> None:
        async def cell() -> object:
            return load(SHOUT).run(palabra="ñ", agents={"loud": acting.loud}).result

        assert asyncio.run(cell()) == {"grito": "Ñ"}

    async def test_a_pipeline_is_awaited_like_a_function(self, journal: Journal) -> None:
        found = load(SHOUT)
        first = await found(palabra="uno", agents={"loud": acting.loud})
        second = await found.arun(palabra="dos", agents={"loud": acting.loud})
        assert [first.result, second.result] == [{"grito": "UNO"}, {"grito": "DOS"}]

    async def test_many_are_awaited_at_once(self, journal: Journal) -> None:
        found = load(SHOUT)
        runs = await asyncio.gather(
            *(found(palabra=f"n{n}", agents={"loud": acting.loud}) for n in range(20))
        )
        assert [run.result for run in runs] == [{"grito": f"N{n}"} for n in range(20)]

    def test_one_run_is_awaited_from_two_loops_and_waited_for_by_a_thread(
        self, journal: Journal
    ) -> None:
        actor = Actor()
        run = load(TWO).start(agents={"a": actor, "b": Actor(answers=answers("b"))})
        found: list[object] = []

        async def wait() -> None:
            found.append((await run).result)

        threads = [threading.Thread(target=lambda: asyncio.run(wait())) for _ in range(2)]
        threads.append(threading.Thread(target=lambda: found.append(run.wait(PATIENCE_S))))
        for thread in threads:
            thread.start()
        actor.wait_for(1)
        actor.answer("ya")
        for thread in threads:
            thread.join(PATIENCE_S)
        assert found.count({"x": "ya", "y": "b:ya"}) == 2
        assert found.count("succeeded") == 1

    async def test_cancelling_the_awaiting_task_cancels_the_run(self, journal: Journal) -> None:
        actor = Actor()
        task = asyncio.create_task(load(TWO).arun(agents={"a": actor, "b": actor}))
        await asyncio.to_thread(actor.wait_for, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (summary,) = journal.runs()
        run = find_run(summary.run)
        assert await asyncio.to_thread(run.wait, PATIENCE_S) == "cancelled"
        assert run.history().cancelled_by == "the awaiting task"
        assert len(actor.cancelled) == 1

    async def test_a_timeout_around_the_await_cancels_the_run(self, journal: Journal) -> None:
        actor = Actor()
        run = load(TWO).start(agents={"a": actor, "b": actor})
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(run, 0.05)
        assert await asyncio.to_thread(run.wait, PATIENCE_S) == "cancelled"

    def test_a_failed_run_is_returned_and_its_result_raises(self, journal: Journal) -> None:
        def broken(text: str) -> str:
            raise ValueError(f"no puedo con {text}")

        run = load(SHOUT).run(palabra="ñ", agents={"loud": broken})
        assert run.status == "failed"
        assert run.failure is not None
        with pytest.raises(RunFailed, match="no puedo con ñ"):
            _ = run.result

    def test_an_agent_may_run_a_pipeline_itself(self, journal: Journal) -> None:
        inner = load(SHOUT)

        async def nested(text: str) -> str:
            run = await inner(palabra=text, agents={"loud": acting.loud})
            return str(run.result["grito"])  # type: ignore[index,call-overload]

        run = load(SHOUT.replace("loud", "outer")).run(palabra="sí", agents={"outer": nested})
        assert run.result == {"grito": "SÍ"}

    def test_an_async_agent_that_waits_on_the_engines_thread_is_told_to_await(
        self, journal: Journal
    ) -> None:
        inner = load(SHOUT)

        async def nested(text: str) -> str:
            return str(inner.run(palabra=text, agents={"loud": acting.loud}).status)

        run = load(SHOUT.replace("loud", "outer")).run(palabra="sí", agents={"outer": nested})
        assert run.failure is not None
        assert "await" in run.failure.message


class TestAgents:
    def test_they_are_found_by_module_and_function(self, journal: Journal) -> None:
        text = SHOUT.replace(
            "-> string\n", '-> string { url: "python:tests.workspace.acting:loud" }\n', 1
        )
        assert load(text).run(palabra="ñandú").result == {"grito": "ÑANDÚ"}

    def test_they_are_found_in_files(self, folder: Path, journal: Journal) -> None:
        file = folder / "mis_agentes.py"
        file.write_text(
            "import misydsl\n@misydsl.agent\ndef loud(text: str) -> str:\n    return text + '!'\n",
            "utf-8",
        )
        run = load(SHOUT).start({"palabra": "á"}, agent_files=[file])
        assert run.wait(PATIENCE_S) == "succeeded"
        assert run.result == {"grito": "á!"}
        assert run.history().accepted is not None

    def test_they_are_found_by_the_environment(
        self, journal: Journal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AGENT_LOUD_URL", "python:tests.workspace.acting:loud")
        assert load(SHOUT).run(palabra="é").result == {"grito": "É"}

    def test_what_is_bound_wins(self, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AGENT_LOUD_URL", "http://127.0.0.1:1/nobody")
        run = load(SHOUT).run(palabra="é", agents={"loud": lambda text: "bound"})
        assert run.result == {"grito": "bound"}

    def test_a_fan_of_ten_thousand_pure_calls(self, journal: Journal) -> None:
        text = """misy 1
agent echo(n: int) -> int { url: "python:tests.workspace.acting:echo", concurrency: 500 }
pipeline p() {
  step each for n in range(10000) { call echo(n: n) }
  return { count: length(each), total: sum(each) }
}"""
        run = load(text).run()
        assert run.result == {"count": 10_000, "total": 49_995_000}
        settled = Counter(
            fact.event.item for fact in run.facts() if isinstance(fact.event, StepFinished)
        )
        assert len(settled) == 10_001
        assert set(settled.values()) == {1}


class TestTables:
    def test_their_columns_are_those_that_are_documented(self, journal: Journal) -> None:
        run = load(SHOUT).run(palabra="ñ", agents={"loud": acting.loud})
        assert list(run.steps["step"]) == ["grito"]
        assert list(run.attempts["agent"]) == ["loud"]
        assert list(run.agents["agent"]) == ["loud"]
        assert list(run.events["kind"]) == [
            "run-accepted", "run-owned", "attempt-started", "step-finished", "run-finished",
        ]  # fmt: skip
        runs = misydsl.runs()
        assert list(runs["run"]) == [run.id]
        assert list(runs["status"]) == ["succeeded"]
        assert {"pipeline", "session", "accepted_at", "duration_s"} <= set(runs.columns)
        agents = misydsl.agents()  # type: ignore[operator]  # the room may be called
        assert list(agents["agent"]) == ["loud"]
        assert list(agents["calls"]) == [1]

    def test_without_a_run_they_are_empty_with_the_same_columns(self, journal: Journal) -> None:
        empty = misydsl.runs()
        load(SHOUT).run(palabra="ñ", agents={"loud": acting.loud})
        assert empty.empty
        assert list(empty.columns) == list(misydsl.runs().columns)
        assert len(misydsl.runs(limit=0)) == 0

    def test_facts_are_read_from_a_cursor_on(self, journal: Journal) -> None:
        run = load(SHOUT).run(palabra="ñ", agents={"loud": acting.loud})
        every = run.facts()
        assert run.facts(after=every[1].seq) == every[2:]


class TestFinding:
    def test_by_id_or_the_beginning_of_one(self, journal: Journal) -> None:
        run = load(SHOUT).run(palabra="ñ", agents={"loud": acting.loud})
        assert find_run(run.id).result == {"grito": "Ñ"}
        assert find_run(run.id[:17]).id == run.id
        with pytest.raises(RunUnknown):
            find_run("19990101")

    def test_an_ambiguous_beginning_is_told(self, journal: Journal) -> None:
        for _ in range(2):
            load(SHOUT).run(palabra="ñ", agents={"loud": acting.loud})
        with pytest.raises(RunUnknown):
            find_run("20")

    def test_a_run_of_somebody_else_is_watched_to_its_end(
        self, folder: Path, journal: Journal
    ) -> None:
        actor = Actor()
        mine = load(TWO).start(agents={"a": actor, "b": Actor(answers=answers("b"))})
        other = SqliteJournal(folder / ".misy" / "journal.db")
        seen = find_run(mine.id, other)
        with pytest.raises(TimeoutError):
            seen.wait(0.05)
        with pytest.raises(MisyError, match="no result yet: it is running"):
            _ = seen.result
        actor.wait_for(1)
        actor.answer("ya")
        assert seen.wait(PATIENCE_S) == "succeeded"
        assert asyncio.run(_awaited(seen)) is seen
        other.close()

    def test_a_run_of_somebody_else_is_cancelled_through_the_journal(
        self, folder: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("misydsl.runner.run.WATCH_EVERY_S", 0.01)
        actor = Actor()
        mine = load(TWO).start(agents={"a": actor, "b": actor})
        actor.wait_for(1)
        seen = find_run(mine.id)
        with pytest.raises(MisyError, match="not this process's to pause"):
            seen.pause()
        seen.cancel()
        assert mine.wait(PATIENCE_S) == "cancelled"
        assert mine.failure is not None
        assert seen.status == "cancelled"

    def test_a_run_whose_owner_died_is_not_waited_for_for_ever(
        self, journal: Journal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("misydsl.workspace.runs.WATCH_EVERY_S", 0.001)
        run = _abandoned(journal, TWO)
        with pytest.raises(MisyError, match=f"misy resume {run}"):
            find_run(run).wait(PATIENCE_S)

    def test_the_handles_of_this_process_pause_abort_and_cancel(self, journal: Journal) -> None:
        for word, status in (("abort", "paused"), ("cancel", "cancelled")):
            actor = Actor()
            run = load(TWO).start(agents={"a": actor, "b": actor})
            actor.wait_for(1)
            getattr(run, word)("una prueba")
            assert run.wait(PATIENCE_S) == status
        actor = Actor()
        run = load(TWO).start(agents={"a": actor, "b": actor})
        actor.wait_for(1)
        run.pause()
        actor.answer("uno")
        assert run.wait(PATIENCE_S) == "paused"


class TestResume:
    def test_a_paused_run_goes_on_and_repeats_nothing(self, journal: Journal) -> None:
        first, second = Actor(), Actor(answers=answers("b"))
        run = load(TWO).start(agents={"a": first, "b": second})
        first.wait_for(1)
        run.pause()
        first.answer("uno")
        run.wait(PATIENCE_S)
        more = run.resume(agents={"a": first, "b": second})
        assert more.wait(PATIENCE_S) == "succeeded"
        assert more.result == {"x": "uno", "y": "b:uno"}
        assert (len(first.seen), len(second.seen)) == (1, 1)
        assert more.history().owners == 2
        assert (run.status, run.is_final, run.result) == ("succeeded", True, more.result)

    def test_a_final_run_is_returned_as_it_is_and_nothing_is_written(
        self, journal: Journal
    ) -> None:
        run = load(SHOUT).run(palabra="ñ", agents={"loud": acting.loud})
        before = run.facts()
        again = resume(run.id)
        assert again.result == run.result
        assert again.facts() == before
        again.cancel()
        assert again.facts() == before
        assert resume(run.id).status == "succeeded"

    def test_a_run_at_work_is_refused(self, journal: Journal) -> None:
        actor = Actor()
        run = load(TWO).start(agents={"a": actor, "b": actor})
        actor.wait_for(1)
        with pytest.raises(RunBusy):
            resume(run.id, agents={"a": actor, "b": actor})
        run.cancel()
        run.wait(PATIENCE_S)

    @pytest.mark.parametrize("is_gone", [False, True])
    def test_the_recorded_text_is_used_whatever_became_of_the_file(
        self, folder: Path, journal: Journal, *, is_gone: bool
    ) -> None:
        (folder / "lib.misy").write_text('misy 1\nlet marca = "viejo año"\n', "utf-8")
        file = folder / "p.misy"
        text = TWO.replace("misy 1", 'misy 1\nimport { marca } from "./lib.misy"')
        file.write_text(text.replace("{ x, y }", "{ x, y, marca }"), "utf-8")
        actor = Actor()
        run = load(file).start(agents={"a": actor, "b": actor})
        actor.wait_for(1)
        run.abort()
        run.wait(PATIENCE_S)
        if is_gone:
            file.unlink()
            (folder / "lib.misy").unlink()
        else:
            file.write_text("misy 1\npipeline p() { return 0 }", "utf-8")
            (folder / "lib.misy").write_text('misy 1\nlet marca = "nuevo"\n', "utf-8")
        more = resume(
            run.id, agents={"a": Actor(answers=answers("a")), "b": Actor(answers=answers("b"))}
        )
        more.wait(PATIENCE_S)
        assert more.result == {"x": "a:año", "y": "b:a:año", "marca": "viejo año"}
        assert more.graph().step_graph.name == "p"

    def test_the_files_of_agents_are_remembered(self, folder: Path, journal: Journal) -> None:
        file = folder / "agentes.py"
        file.write_text(
            "import misydsl, pathlib, time\n@misydsl.agent\ndef loud(text: str) -> str:\n"
            "    while not pathlib.Path('ready').exists():\n        time.sleep(0.01)\n"
            "    return text\n",
            "utf-8",
        )
        run = load(SHOUT).start({"palabra": "ü"}, agent_files=["agentes.py"])
        run.abort()
        assert run.wait(PATIENCE_S) == "paused"
        (folder / "ready").touch()
        more = resume(run.id)
        assert more.wait(PATIENCE_S) == "succeeded"
        assert more.result == {"grito": "ü"}

    def test_the_run_of_a_dead_owner_is_taken_over(self, journal: Journal) -> None:
        run = _abandoned(journal, TWO)
        more = resume(
            run, agents={"a": Actor(answers=answers("a")), "b": Actor(answers=answers("b"))}
        )
        assert more.wait(PATIENCE_S) == "succeeded"
        assert more.result == {"x": "a:año", "y": "b:a:año"}

    def test_values_of_a_megabyte_survive(self, journal: Journal) -> None:
        large = "ñ" * 600_000
        actor = Actor()
        run = load(TWO).start(agents={"a": Actor(answers=lambda _: large), "b": actor})
        actor.wait_for(1)
        assert actor.seen[0].inputs["q"] == large
        run.abort()
        run.wait(PATIENCE_S)
        never = Actor()
        more = resume(
            run.id, agents={"a": never, "b": Actor(answers=lambda _: Reply(large[:300_000]))}
        )
        more.wait(PATIENCE_S)
        assert more.result == {"x": large, "y": large[:300_000]}
        assert never.seen == []
        assert find_run(run.id).result == more.result

    def test_values_that_json_does_not_have_are_read_back_by_their_type(
        self, journal: Journal
    ) -> None:
        text = """misy 1
agent a(q: string) -> string
pipeline p() {
  step when-it-is { return date("2026-03-01") }
  step how-long { return 90s }
  step share { return 25% }
  step late after when-it-is, how-long, share { call a(q: "x") }
  return { day: when-it-is == date("2026-03-01"), twice: how-long + 30s == 2m, share: share == 25%, late }
}"""
        actor = Actor()
        run = load(text).start(agents={"a": actor})
        actor.wait_for(1)
        run.abort()
        run.wait(PATIENCE_S)
        more = resume(run.id, agents={"a": Actor(answers=lambda _: "fin")})
        more.wait(PATIENCE_S)
        assert more.result == {"day": True, "twice": True, "share": True, "late": "fin"}


class TestJournals:
    def test_each_path_has_one_journal(self, folder: Path, journal: Journal) -> None:
        assert open_journal() is journal
        assert open_journal(folder / ".misy" / "journal.db") is journal
        assert open_journal(journal) is journal

    def test_a_closed_one_is_opened_again(self, folder: Path) -> None:
        first = open_journal(folder / "j.db")
        first.close()
        second = open_journal(folder / "j.db")
        assert second.runs() == []
        second.close()

    def test_a_journal_that_does_not_begin_with_a_run_is_told(self, journal: Journal) -> None:
        run = load(SHOUT).run(palabra="ñ", agents={"loud": acting.loud})

        class Beheaded:
            def read(self, run: str, *, after: int = 0):  # type: ignore[no-untyped-def]
                return iter(list(journal.read(run))[1:])

        with pytest.raises(MisyError, match="does not say how run"):
            accepted_of(Beheaded(), run.id)  # type: ignore[arg-type]


async def _awaited(run: Run) -> Run:
    return await run


def _abandoned(journal: Journal, text: str) -> str:
    """A run whose owner died after its first call had begun."""
    actor = Actor()
    run = load(text).start(agents={"a": actor, "b": actor})
    actor.wait_for(1)
    run.abort()
    run.wait(PATIENCE_S)
    first = run.facts()[0].event
    assert isinstance(first, RunAccepted)
    name = f"{run.id}-dead"
    journal.accept(name, first)
    begun = [
        fact.event for fact in run.facts()[1:] if isinstance(fact.event, RunOwned | AttemptStarted)
    ]
    journal.append(name, begun)
    journal.flush()
    assert not any(isinstance(fact.event, RunFinished) for fact in run.facts())
    return name


class TestAgentsGiven:
    def test_a_slip_in_the_name_of_an_agent_is_told_before_anything_is_called(
        self, journal: Journal
    ) -> None:
        with pytest.raises(AgentUnknown, match=r"no agent `lod` here\. Did you mean `loud`"):
            load(SHOUT).run(palabra="ñ", agents={"lod": acting.loud})
        assert journal.runs() == []

    def test_one_set_of_agents_serves_many_pipelines(self, journal: Journal) -> None:
        agents = {"loud": acting.loud, "echo": acting.echo, "louder": acting.loud}
        assert load(SHOUT).run(palabra="ñ", agents=agents).status == "succeeded"


def test_a_folder_is_a_place_for_a_journal(folder: Path) -> None:
    load("misy 1\npipeline p() { return 1 }").run(journal=folder)
    assert (folder / "journal.db").exists()
    assert len(misydsl.runs(folder)) == 1


def test_files_the_callers_agents_came_from_are_not_read_again(tmp_path: Path) -> None:
    own, other = tmp_path / "own.py", tmp_path / "other.py"
    other.write_text("", "utf-8")
    gone = tmp_path / "gone.py"
    assert still_to_read((own, other, gone), [own]) == (other,)
    assert still_to_read((other, gone), []) == (other, gone)  # that it is gone is to be told


class Meanwhile(MemoryJournal):
    """A journal in which somebody else does something just before a run is claimed, once."""

    def __init__(self) -> None:
        super().__init__()
        self.what: Callable[[], None] | None = None

    def claim(self, run: str, owner: str) -> None:
        what, self.what = self.what, None
        if what is not None:
            what()
        super().claim(run, owner)


HELD = """misy 1
agent a(q: string) -> string
pipeline p() { budget: { calls: 1 }
  step s { call a(q: "uno") }
  step t after s { call a(q: "dos") }
  return t
}"""


def test_a_resume_takes_what_another_process_recorded_at_the_last_moment() -> None:
    calls: list[str] = []

    def a(q: str) -> str:
        calls.append(q)
        return q

    journal = Meanwhile()
    run = misydsl.load(HELD).start(agents={"a": a}, journal=journal)
    assert run.wait(PATIENCE_S) == "paused"
    now = run.facts()[-1].event.at
    done = StepFinished(at=now, step="t", value=Raw(b'"de otro"'), attempts=1, agent="a")
    ends = RunPaused(at=now, reason="shutdown")
    owned = RunOwned(at=now, owner="other:1", is_resume=True)
    journal.what = partial(journal.append, run.id, [owned, done, ends])
    resumed = run.resume(agents={"a": a}, budget={"calls": 9})
    assert resumed.wait(PATIENCE_S) == "succeeded"
    assert (resumed.result, calls) == ("de otro", ["uno"])


def test_a_run_that_ends_while_it_is_about_to_be_resumed_or_cancelled_stays_as_it_ended() -> None:
    for act in ("resume", "cancel"):
        journal = Meanwhile()
        run = misydsl.load(HELD).start(agents={"a": lambda q: q}, journal=journal)
        assert run.wait(PATIENCE_S) == "paused"
        end = RunFinished(at=run.facts()[-1].event.at, status="succeeded", result=Raw(b'"de otro"'))
        journal.what = partial(journal.append, run.id, [end])
        found = misydsl.find_run(run.id, journal)
        if act == "resume":
            assert found.resume(agents={"a": lambda q: q}).status == "succeeded"
        else:
            found.cancel()
        assert found.status == "succeeded"
        assert [one.event for one in found.facts()][-1] == end


def test_a_cancel_from_elsewhere_says_whose_it_is() -> None:
    begun = threading.Event()

    async def a(q: str) -> str:
        begun.set()
        await asyncio.sleep(PATIENCE_S)
        return q

    journal = MemoryJournal()
    run = misydsl.load(HELD).start(agents={"a": a}, journal=journal)
    assert begun.wait(PATIENCE_S)
    misydsl.find_run(run.id, journal).cancel("ana")
    assert run.wait(PATIENCE_S) == "cancelled"
    assert run.failure is not None
    assert run.failure.message == "cancelled by ana"
