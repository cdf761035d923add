"""Whole runs: before they exist, who owns them, what several at once share, what other processes ask."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from pathlib import Path

import pytest

from misydsl.failures import (
    AgentUnknown,
    Failure,
    InputsInvalid,
    JournalUnusable,
    MisyError,
    RunBusy,
)
from misydsl.history.events import RunAccepted, RunFinished, RunOwned
from misydsl.runner.engine import Engine, engine, running_engine
from misydsl.runner.order import fingerprint, new_run_id, prepare
from misydsl.runner.run import owner_name, start
from misydsl.store.memory import MemoryJournal
from misydsl.store.sqlite import SqliteJournal
from misydsl.values import decode_json
from tests.runner.theatre import (
    AGENTS,
    PATIENCE_S,
    Actor,
    HeldJournal,
    again,
    facts,
    kinds,
    order,
    play,
    shelf_of,
)

ONE = AGENTS + 'pipeline p() { step s { call a(q: "1") }\n return s }'
MANY = """misy 1
agent narrow(q: string) -> string { concurrency: 2 }
pipeline p(n: int) {
  step each for i in range(n) { call narrow(q: "${i}") }
  return each
}"""


class TestBeforeARunExists:
    def test_inputs_of_the_wrong_type_are_refused_by_path(self) -> None:
        text = "misy 1\npipeline p(who: { name: string }) { return who.name }"
        journal = MemoryJournal()
        with pytest.raises(InputsInvalid, match=r"`p`.*\.name: expected string, got 3"):
            start(order(text, {}, journal, inputs={"who": {"name": 3}}))
        assert journal.runs() == []

    def test_an_agent_nobody_plays_is_refused(self) -> None:
        journal = MemoryJournal()
        with pytest.raises(AgentUnknown):
            play(ONE, {}, journal)
        assert journal.runs() == []

    def test_a_setting_that_cannot_be_computed_is_refused(self) -> None:
        text = (
            "misy 1\nlet n = 0\nagent a(q: string) -> string { timeout: 1s * (1 / n) }\n"
            'pipeline p() { step s { call a(q: "1") } }'
        )
        journal = MemoryJournal()
        with pytest.raises(InputsInvalid, match="division by zero"):
            play(text, {"a": Actor()}, journal)
        assert journal.runs() == []

    def test_a_run_id_that_exists_is_refused(self) -> None:
        journal, answers = MemoryJournal(), {"a": Actor(answers=lambda _: "x")}
        first = order(ONE, answers, journal)
        start(first).wait(PATIENCE_S)
        before = kinds(journal, first.run)
        with pytest.raises(RunBusy):
            start(first)
        assert kinds(journal, first.run) == before


class TestIds:
    def test_they_sort_by_time(self) -> None:
        chance = random.Random(3)
        ids = [new_run_id(1_700_000_000.0 + 40_000 * n, chance) for n in range(50)]
        assert ids == sorted(ids)
        assert all(len(one) == 22 for one in ids)
        assert new_run_id(0.0, random.Random(1)).startswith("19700101-000000-")

    def test_equal_texts_have_equal_fingerprints_whatever_their_order(self) -> None:
        shelf = shelf_of(ONE)
        state_order = order(ONE, {"a": Actor()}, MemoryJournal(), shelf=shelf)
        running = start(
            order(ONE, {"a": Actor(answers=lambda _: "x")}, state_order.journal, shelf=shelf)
        )
        running.wait(PATIENCE_S)
        accepted = facts(state_order.journal, running.id)[0]
        assert isinstance(accepted, RunAccepted)
        assert accepted.fingerprint == fingerprint(tuple(reversed(accepted.modules)), "p")
        assert accepted.fingerprint != fingerprint(accepted.modules, "q")


class TestTheFirstFacts:
    def test_a_run_is_accepted_then_owned_then_works(self) -> None:
        journal = MemoryJournal()
        running = play(ONE, {"a": Actor(answers=lambda _: "x")}, journal)
        running.wait(PATIENCE_S)
        accepted, owned = facts(journal, running.id)[:2]
        assert isinstance(accepted, RunAccepted)
        assert (accepted.pipeline, accepted.steps, accepted.session) == ("p", 1, "s-1")
        assert [one.text for one in accepted.modules] == [ONE]
        assert isinstance(owned, RunOwned)
        assert (owned.owner, owned.is_resume) == (owner_name(), False)
        assert kinds(journal, running.id)[2:] == ["AttemptStarted", "StepFinished", "RunFinished"]

    def test_the_owner_lets_go_at_the_end(self) -> None:
        journal = MemoryJournal()
        actor = Actor()
        running = play(ONE, {"a": actor}, journal)
        actor.wait_for(1)
        assert journal.find(running.id).owner == owner_name()
        actor.answer("x")
        running.wait(PATIENCE_S)
        assert journal.find(running.id).owner is None


class TestOwners:
    def test_a_living_owners_run_is_refused_to_others(self, tmp_path: Path) -> None:
        journal = SqliteJournal(tmp_path / "journal.db")
        actor = Actor()
        first = order(ONE, {"a": actor}, journal)
        running = start(first)
        actor.wait_for(1)
        with pytest.raises(RunBusy):
            journal.claim(first.run, "somebody else")
        actor.answer("x")
        running.wait(PATIENCE_S)
        journal.close()

    def test_a_run_at_work_here_is_not_begun_a_second_time(self) -> None:
        journal, actor = MemoryJournal(), Actor()
        first = order(ONE, {"a": actor}, journal)
        running = start(first)
        actor.wait_for(1)
        with pytest.raises(RunBusy, match=first.run):
            start(again(first, {"a": actor}))
        actor.answer("x")
        assert isinstance(running.wait(PATIENCE_S), RunFinished)
        assert len(actor.seen) == 1

    def test_the_owner_says_that_it_lives(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("misydsl.runner.run.WATCH_EVERY_S", 0.001)
        monkeypatch.setattr("misydsl.runner.run.HEARTBEAT_EVERY", 2)
        held, actor = HeldJournal(), Actor()
        running = play(ONE, {"a": actor}, held)
        held.wait_for_beats(3)
        actor.wait_for(1)
        actor.answer("x")
        running.wait(PATIENCE_S)

    def test_a_run_that_was_taken_over_is_given_up_without_another_word(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("misydsl.runner.run.WATCH_EVERY_S", 0.001)
        monkeypatch.setattr("misydsl.runner.run.HEARTBEAT_EVERY", 1)
        journal, actor = MemoryJournal(), Actor()
        running = play(ONE, {"a": actor}, journal)
        actor.wait_for(1)
        before = kinds(journal, running.id)
        journal.release(running.id, owner_name())
        journal.claim(running.id, "another process")
        with pytest.raises(RunBusy):
            running.wait(PATIENCE_S)
        assert len(actor.cancelled) == 1
        assert kinds(journal, running.id) == before
        assert journal.find(running.id).owner == "another process"

    def test_a_reply_that_comes_after_the_loss_is_not_written(self) -> None:
        journal, actor = MemoryJournal(), Actor()
        running = play(ONE, {"a": actor}, journal)
        actor.wait_for(1)
        before = kinds(journal, running.id)

        def lost() -> None:
            running._drive[0].give_up(RunBusy("taken over"))
            actor.answer("late")

        engine().tell(lost)
        with pytest.raises(RunBusy, match="taken over"):
            running.wait(PATIENCE_S)
        assert kinds(journal, running.id) == before

    def test_a_journal_that_cannot_be_looked_at_ends_the_run(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("misydsl.runner.run.WATCH_EVERY_S", 0.001)
        journal, actor = MemoryJournal(), Actor()
        running = play(ONE, {"a": actor}, journal)
        actor.wait_for(1)
        journal.close()
        with pytest.raises(JournalUnusable):
            running.wait(PATIENCE_S)
        assert len(actor.cancelled) == 1


class TestCommands:
    def test_a_cancel_left_by_another_process_is_obeyed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("misydsl.runner.run.WATCH_EVERY_S", 0.01)
        journal = SqliteJournal(tmp_path / "journal.db")
        other = SqliteJournal(tmp_path / "journal.db")
        actor = Actor()
        running = play(ONE, {"a": actor}, journal)
        actor.wait_for(1)
        other.command(running.id, "approve")
        other.command(running.id, "cancel")
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.status == "cancelled"
        assert last.failure is not None
        assert "another process" in last.failure.message
        other.close()
        journal.close()

    def test_a_cancel_of_another_run_is_not_mine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("misydsl.runner.run.WATCH_EVERY_S", 0.001)
        journal, actor = MemoryJournal(), Actor()
        mine = play(ONE, {"a": actor}, journal)
        theirs = play(ONE, {"a": actor}, journal)
        actor.wait_for(2)
        journal.command(theirs.id, "cancel")
        theirs.wait(PATIENCE_S)
        actor.answer("x", run=mine.id)
        last = mine.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.status == "succeeded"


class TestRunsAtOnce:
    def test_two_runs_of_one_pipeline_do_not_see_each_others_values(self) -> None:
        text = AGENTS + (
            "let mark = run.id\n"
            "pipeline p(word: string) {\n"
            "  step x { call a(q: word) }\n"
            '  return "${mark} ${word} ${x}"\n}'
        )
        shelf, journal, actor = shelf_of(text), MemoryJournal(), Actor()
        runs = [
            start(order(text, {"a": actor}, journal, shelf=shelf, inputs={"word": word}))
            for word in ("uno", "dós", "tres")
        ]
        actor.wait_for(3)
        for run in reversed(runs):
            actor.answer(f"fin-{run.id}", run=run.id)
        for run, word in zip(runs, ("uno", "dós", "tres"), strict=True):
            last = run.wait(PATIENCE_S)
            assert isinstance(last, RunFinished)
            assert decode_json(bytes(last.result)) == f"{run.id} {word} fin-{run.id}"

    def test_a_program_serves_one_run_after_another(self) -> None:
        shelf, journal = shelf_of(ONE), MemoryJournal()
        for _ in range(3):
            actor = Actor(answers=lambda _: "x")
            start(order(ONE, {"a": actor}, journal, shelf=shelf)).wait(PATIENCE_S)
        engine().submit(asyncio.sleep(0)).result(PATIENCE_S)
        assert len(shelf._free) == 1

    def test_concurrency_holds_over_all_runs_of_a_process(self) -> None:
        actor, journal = Actor("narrow"), MemoryJournal()
        runs = [play(MANY, {"narrow": actor}, journal, n=4) for _ in range(2)]
        for calls in range(2, 9):
            actor.wait_for(calls)
            actor.answer("x")
        actor.answer("x")
        for run in runs:
            run.wait(PATIENCE_S)
        assert actor.most_open == 2
        assert set(Counter(one.run for one in actor.seen).values()) == {4}

    def test_a_cancelled_run_leaves_its_turns_to_the_other(self) -> None:
        actor, journal = Actor("narrow"), MemoryJournal()
        first = play(MANY, {"narrow": actor}, journal, n=5)
        actor.wait_for(2)
        second = play(MANY, {"narrow": actor}, journal, n=2)
        first.stop("cancel", "test")
        first.wait(PATIENCE_S)
        actor.wait_for(4)
        actor.answer("x")
        actor.answer("x")
        last = second.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.status == "succeeded"
        assert Counter(one.run for one in actor.seen) == {first.id: 2, second.id: 2}

    def test_higher_priority_goes_first_over_all_runs(self) -> None:
        text = """misy 1
agent one(q: string) -> string { concurrency: 1 }
pipeline p() {
  step low { call one(q: "low") }
  step high { call one(q: "high")\n priority: 5 }
}"""
        actor, journal = Actor("one"), MemoryJournal()
        busy = play(text, {"one": actor}, journal)
        actor.wait_for(1)
        more = play(text, {"one": actor}, journal)
        for calls in range(2, 5):
            actor.answer("x")
            actor.wait_for(calls)
        actor.answer("x")
        busy.wait(PATIENCE_S)
        more.wait(PATIENCE_S)
        steps = [one.step for one in actor.seen]
        assert steps in (["low", "high", "high", "low"], ["high", "high", "low", "low"])

    def test_a_rate_spaces_the_calls_of_all_runs(self) -> None:
        text = """misy 1
agent paced(q: string) -> string { rate: 40/s }
pipeline p() { step each for i in range(3) { call paced(q: "${i}") } }"""
        times: list[float] = []

        def note(_: object) -> str:
            times.append(asyncio.get_running_loop().time())
            return "x"

        actor, journal = Actor("paced", answers=note), MemoryJournal()
        for run in [play(text, {"paced": actor}, journal) for _ in range(2)]:
            run.wait(PATIENCE_S)
        assert len(times) == 6
        assert times[-1] - times[0] >= 5 / 40 * 0.9


class TestTheEngine:
    def test_waiting_on_its_own_thread_is_refused(self) -> None:
        actor, journal = Actor(), MemoryJournal()
        running = play(ONE, {"a": actor}, journal)
        told: list[BaseException] = []

        async def wait_here() -> None:
            try:
                running.wait(1)
            except MisyError as problem:
                told.append(problem)

        engine().submit(wait_here()).result(PATIENCE_S)
        assert "await" in str(told[0])
        actor.wait_for(1)
        actor.answer("x")
        running.wait(PATIENCE_S)

    def test_a_wait_may_give_up_before_the_run_ends(self) -> None:
        actor = Actor()
        running = play(ONE, {"a": actor}, MemoryJournal())
        with pytest.raises(TimeoutError):
            running.wait(0.001)
        actor.wait_for(1)
        actor.answer("x")
        assert isinstance(running.wait(PATIENCE_S), RunFinished)

    def test_there_is_one_a_process_however_many_threads_ask(self) -> None:
        found: list[Engine] = []
        threads = [threading.Thread(target=lambda: found.append(engine())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(map(id, found))) == 1
        assert running_engine() is found[0]

    def test_a_forked_child_gets_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        mine = engine()
        with monkeypatch.context() as child:
            child.setattr("misydsl.runner.engine.os.getpid", lambda: -1)
            assert running_engine() is None
        assert engine() is mine


def test_the_first_state_has_its_agents_bound() -> None:
    actor = Actor(is_pure=True)
    state = prepare(order(ONE, {"a": actor}, MemoryJournal()))
    (bound,) = state.program.agents
    assert bound.connection is actor
    assert bound.is_pure


def test_a_failed_run_tells_step_agent_and_attempt() -> None:
    actor = Actor(answers=lambda _: Failure("http", "no", status=404))
    last = play(ONE, {"a": actor}, MemoryJournal()).wait(PATIENCE_S)
    assert isinstance(last, RunFinished)
    assert last.failure is not None
    assert last.failure.sentence() == "step s, attempt 1, agent a: no"
