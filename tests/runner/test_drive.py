"""Driving: real engine, real journals; what is on the disk when, and what a stop leaves behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from misydsl.agents.contract import Reply
from misydsl.failures import Failure, JournalUnusable
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    CancelRequested,
    RunFinished,
    RunPaused,
    StepFinished,
)
from misydsl.history.fold import fold
from misydsl.runner.engine import engine
from misydsl.runner.run import start
from misydsl.store.journal import Journal
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
)

ONE = AGENTS + 'pipeline p() { step s { call a(q: "1") }\n return s }'
TWO = AGENTS + 'pipeline p() { step x { call a(q: "1") }\n step y { call b(q: x) }\n return y }'
SIDE_BY_SIDE = (
    AGENTS
    + 'pipeline p() { step x { call a(q: "1") }\n step y { call a(q: "2") }\n return [x, y] }'
)
THEN = (
    AGENTS
    + """pipeline p() {
  step x { call a(q: "1") }
  step y { call a(q: "2") }
  step z { call b(q: x + y) }
  return z
}"""
)


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    keeper: Journal = (
        MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "journal.db")
    )
    yield keeper
    keeper.close()


def result(last: RunFinished | RunPaused) -> object:
    assert isinstance(last, RunFinished)
    return decode_json(bytes(last.result))


class TestTheOrderOfThings:
    def test_the_intent_is_on_the_disk_before_the_agent_is_called(self, journal: Journal) -> None:
        held, actor = HeldJournal(journal, is_held=True), Actor(answers=lambda _: "hola")
        running = play(ONE, {"a": actor, "b": actor}, held)
        held.wait_for(AttemptStarted)
        assert actor.seen == []
        assert "AttemptStarted" not in kinds(held, running.id)
        held.let_go()
        assert result(running.wait(PATIENCE_S)) == "hola"
        (started,) = held.wait_for(AttemptStarted)
        assert started.key == actor.seen[0].key

    def test_a_pure_agent_does_not_wait_for_the_disk(self, journal: Journal) -> None:
        held, actor = HeldJournal(journal, is_held=True), Actor(is_pure=True)
        running = play(ONE, {"a": actor}, held)
        actor.wait_for(1)
        assert "AttemptStarted" not in kinds(held, running.id)
        actor.answer("ya")
        held.wait_for(RunFinished)
        assert not running.future.done()
        held.let_go()
        assert result(running.wait(PATIENCE_S)) == "ya"

    def test_an_agent_declared_pure_in_the_text_is_pure(self) -> None:
        text = "misy 1\nagent a(q: string) -> string { pure: true }\n" + ONE.split("\n", 4)[4]
        held, actor = HeldJournal(is_held=True), Actor()
        running = play(text, {"a": actor}, held)
        actor.wait_for(1)
        actor.answer("ya")
        held.let_go()
        running.wait(PATIENCE_S)

    def test_a_result_is_on_the_disk_before_a_dependant_is_called(self, journal: Journal) -> None:
        held, first, second = HeldJournal(journal), Actor("a"), Actor("b", answers=lambda r: "fin")
        running = play(TWO, {"a": first, "b": second}, held)
        first.wait_for(1)
        held.hold()
        first.answer("uno")
        held.wait_for(AttemptStarted, 2)
        assert second.seen == []
        held.let_go()
        assert result(running.wait(PATIENCE_S)) == "fin"
        written = kinds(held, running.id)
        assert (
            written.index("StepFinished")
            < [at for at, kind in enumerate(written) if kind == "AttemptStarted"][1]
        )

    def test_the_run_has_not_ended_before_its_last_fact_is_on_the_disk(self) -> None:
        held, actor = HeldJournal(), Actor()
        running = play(ONE, {"a": actor}, held)
        actor.wait_for(1)
        held.hold()
        actor.answer("x")
        held.wait_for(RunFinished)
        assert not running.future.done()
        held.let_go()
        assert isinstance(running.wait(PATIENCE_S), RunFinished)

    def test_facts_on_their_way_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("misydsl.runner.recorder.BEHIND_FACTS", 5)
        monkeypatch.setattr("misydsl.runner.recorder.TELL_EVERY", 5)
        monkeypatch.setattr("misydsl.runner.recorder.MAX_UNWRITTEN", 100)
        monkeypatch.setattr("misydsl.runner.drive.TURN_BUDGET", 10)
        text = (
            "misy 1\npipeline p() { step s for n in range(5000) { return n }\n return length(s) }"
        )
        held = HeldJournal(is_held=True)
        running = play(text, {}, held)
        held.wait_for(StepFinished, 100)
        done = engine().submit(asyncio.sleep(0))  # the engine is free for others meanwhile
        done.result(PATIENCE_S)
        assert len(held.appended) < 200
        held.let_go()
        assert result(running.wait(PATIENCE_S)) == 5000


class TestCancel:
    def test_it_is_recorded_first_then_open_calls_are_aborted(self, journal: Journal) -> None:
        held, actor = HeldJournal(journal), Actor()
        running = play(THEN, {"a": actor, "b": actor}, held)
        actor.wait_for(2)
        held.hold()
        running.stop("cancel", "una prueba")
        held.wait_for(CancelRequested)
        assert actor.cancelled == []
        assert len(actor.open) == 2
        begun = time.monotonic()
        held.let_go()
        last = running.wait(PATIENCE_S)
        assert time.monotonic() - begun < 1
        assert len(actor.cancelled) == 2
        assert isinstance(last, RunFinished)
        assert last.status == "cancelled"
        assert last.failure is not None
        assert "una prueba" in last.failure.message
        assert kinds(held, running.id)[-2:] == ["CancelRequested", "RunFinished"]

    def test_nothing_new_begins(self, journal: Journal) -> None:
        text = AGENTS.replace("b(q: string) -> string", "b(q: string) -> string { concurrency: 1 }")
        text += 'pipeline p() { step each for n in range(50) { call b(q: "${n}") } }'
        held, actor = HeldJournal(journal), Actor("b")
        running = play(text, {"b": actor}, held)
        actor.wait_for(1)
        running.stop("cancel", "test")
        running.wait(PATIENCE_S)
        assert len(actor.seen) == 1
        assert fold(journal.read(running.id)).status == "cancelled"

    def test_an_intent_on_its_way_to_the_disk_is_not_called_any_more(self) -> None:
        held, actor = HeldJournal(is_held=True), Actor()
        running = play(ONE, {"a": actor}, held)
        held.wait_for(AttemptStarted)
        running.stop("cancel", "test")
        held.wait_for(CancelRequested)
        held.let_go()
        running.wait(PATIENCE_S)
        assert actor.seen == []
        other = play(ONE, {"a": Actor(answers=lambda _: "frei")}, MemoryJournal())
        assert result(other.wait(PATIENCE_S)) == "frei"

    def test_a_pure_call_is_not_begun_by_the_turn_that_hears_of_the_stop(self) -> None:
        actor, pure = Actor("a"), Actor("b", is_pure=True)
        held = HeldJournal()
        running = play(TWO, {"a": actor, "b": pure}, held)
        actor.wait_for(1)

        def both() -> None:  # the reply and the stop arrive in one turn of the loop
            actor.answer("uno")
            running.stop("cancel", "test")

        engine().tell(both)
        running.wait(PATIENCE_S)
        assert pure.seen == []

    def test_right_after_the_start_it_is_not_lost(self, journal: Journal) -> None:
        for _ in range(20):
            actor = Actor()
            running = play(ONE, {"a": actor}, journal)
            running.stop("cancel", "haste")
            last = running.wait(PATIENCE_S)
            assert isinstance(last, RunFinished)
            assert last.status == "cancelled"

    def test_a_later_pause_does_not_undo_it(self) -> None:
        held, actor = HeldJournal(), Actor()
        running = play(ONE, {"a": actor}, held)
        actor.wait_for(1)
        held.hold()
        running.stop("cancel", "test")
        held.wait_for(CancelRequested)
        running.stop("pause", "test")
        running.stop("abort", "test")
        engine().submit(asyncio.sleep(0)).result(PATIENCE_S)
        held.let_go()
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.status == "cancelled"

    def test_while_it_pauses_it_is_recorded_and_aborts(self) -> None:
        held, actor = HeldJournal(), Actor()
        running = play(ONE, {"a": actor}, held)
        actor.wait_for(1)
        running.stop("pause", "test")
        running.stop("cancel", "test")
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.status == "cancelled"
        assert kinds(held, running.id)[-2:] == ["CancelRequested", "RunFinished"]

    def test_of_a_run_that_has_ended_changes_nothing(self, journal: Journal) -> None:
        running = play(ONE, {"a": Actor(answers=lambda _: "x")}, journal)
        running.wait(PATIENCE_S)
        before = kinds(journal, running.id)
        running.stop("cancel", "late")
        engine().submit(asyncio.sleep(0)).result(PATIENCE_S)
        assert kinds(journal, running.id) == before

    def test_a_wait_before_the_next_attempt_ends_at_once(self) -> None:
        text = ONE.replace('call a(q: "1")', 'call a(q: "1")\n retry: { attempts: 2, delay: 1h }\n')
        held = HeldJournal()
        actor = Actor(answers=lambda _: Failure("timeout", "slow"))
        running = play(text, {"a": actor}, held)
        held.wait_for(AttemptFailed)
        running.stop("cancel", "test")
        running.wait(PATIENCE_S)
        assert len(actor.seen) == 1


class TestPause:
    def test_open_calls_end_and_are_recorded_and_nothing_is_repeated(
        self, journal: Journal
    ) -> None:
        actor, later = Actor("a"), Actor("b", answers=lambda r: f"<{r.inputs['q']}>")
        first = order(THEN, {"a": actor, "b": later}, journal)
        running = start(first)
        actor.wait_for(2)
        running.stop("pause", "Ctrl-C")
        actor.answer("uno", "x")
        actor.answer("dos", "y")
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunPaused)
        assert last.reason == "Ctrl-C"
        assert (actor.cancelled, later.seen) == ([], [])
        assert fold(journal.read(first.run)).status == "paused"
        more = start(again(first, {"a": actor, "b": later}))
        assert result(more.wait(PATIENCE_S)) == "<unodos>"
        assert (len(actor.seen), len(later.seen)) == (2, 1)
        ended = [fact.step for fact in facts(journal, first.run) if isinstance(fact, StepFinished)]
        assert sorted(ended) == ["x", "y", "z"]

    def test_then_abort_leaves_the_open_calls_to_the_resume(self, journal: Journal) -> None:
        actor = Actor()
        first = order(SIDE_BY_SIDE, {"a": actor}, journal)
        running = start(first)
        actor.wait_for(2)
        running.stop("pause", "Ctrl-C")
        actor.answer("uno", "x")
        _wait_until_only(actor, "y")
        running.stop("abort", "Ctrl-C twice")
        assert isinstance(running.wait(PATIENCE_S), RunPaused)
        assert [one.step for one in actor.cancelled] == ["y"]
        more = start(again(first, {"a": actor}))
        repeated = actor.wait_for(3)[2]
        assert (repeated.step, repeated.attempt) == ("y", 2)
        assert repeated.key == next(one.key for one in actor.seen if one.step == "y")
        actor.answer("dos")
        assert result(more.wait(PATIENCE_S)) == ["uno", "dos"]

    def test_an_abort_is_not_softened_by_a_later_pause(self) -> None:
        actor = Actor()
        running = play(ONE, {"a": actor}, MemoryJournal())
        actor.wait_for(1)
        running.stop("abort", "now")
        running.stop("pause", "please")
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunPaused)
        assert len(actor.cancelled) == 1

    def test_a_failed_attempt_of_a_pausing_run_is_tried_again_by_the_resume(
        self, journal: Journal
    ) -> None:
        text = ONE.replace(
            'call a(q: "1")', 'call a(q: "1")\n retry: { attempts: 2, delay: 50ms }\n'
        )
        actor = Actor()
        first = order(text, {"a": actor}, journal)
        running = start(first)
        actor.wait_for(1)
        running.stop("pause", "test")
        actor.answer(Failure("timeout", "slow"))
        assert isinstance(running.wait(PATIENCE_S), RunPaused)
        more = start(again(first, {"a": actor}))
        assert actor.wait_for(2)[1].attempt == 2
        actor.answer("por fin")
        assert result(more.wait(PATIENCE_S)) == "por fin"

    def test_a_reply_that_came_with_an_abort_is_kept(self) -> None:
        actor = Actor()
        journal = MemoryJournal()
        running = play(ONE, {"a": actor}, journal)
        actor.wait_for(1)

        def both() -> None:
            actor.answer("uno")
            engine().loop.call_soon(lambda: running.stop("abort", "test"))

        engine().tell(both)
        running.wait(PATIENCE_S)
        ended = [fact for fact in facts(journal, running.id) if isinstance(fact, StepFinished)]
        assert len(ended) + len(actor.cancelled) == 1


class TestDeadline:
    TEXT = ONE.replace("pipeline p() {", "pipeline p() { deadline: 1h\n")

    def test_passed_it_fails_the_run_and_aborts_what_is_open(self, journal: Journal) -> None:
        actor = Actor()
        running = start(order(self.TEXT, {"a": actor}, journal, accepted_at=time.time() - 3600.2))
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.status == "failed"
        assert last.failure is not None
        assert last.failure.kind == "deadline"
        assert "1h" in last.failure.message
        assert actor.open == []

    def test_it_does_not_override_a_cancel(self) -> None:
        actor, held = Actor(), HeldJournal()
        begun = time.time() - 3599.5
        running = start(order(self.TEXT, {"a": actor}, held, accepted_at=begun))
        actor.wait_for(1)
        held.hold()
        running.stop("cancel", "test")
        held.wait_for(CancelRequested)
        engine().submit(asyncio.sleep(0.6)).result(PATIENCE_S)
        held.let_go()
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.status == "cancelled"

    def test_not_passed_it_changes_nothing(self) -> None:
        running = play(self.TEXT, {"a": Actor(answers=lambda _: "x")}, MemoryJournal())
        assert result(running.wait(PATIENCE_S)) == "x"


class TestJournalsThatDie:
    def test_the_run_ends_with_an_error_and_never_with_success(self) -> None:
        held, actor = HeldJournal(is_held=True), Actor(is_pure=True, answers=lambda _: "x")
        running = play(ONE, {"a": actor}, held)
        held.wait_for(RunFinished)
        held.break_down(OSError("disk full"))
        with pytest.raises(JournalUnusable, match="disk full"):
            running.wait(PATIENCE_S)

    def test_a_lost_batch_before_a_last_fact_that_was_kept_is_no_success(self) -> None:
        held, actor = HeldJournal(), Actor("a")
        running = play(TWO, {"a": actor, "b": Actor("b", is_pure=True)}, held)
        actor.wait_for(1)
        held.hold()
        actor.answer(Failure("http", "no", status=400))
        held.wait_for(RunFinished)
        held.break_down(OSError("gone"))
        with pytest.raises(JournalUnusable):
            running.wait(PATIENCE_S)

    def test_open_calls_are_aborted_and_their_gates_are_free_again(self) -> None:
        text = SIDE_BY_SIDE.replace(
            "a(q: string) -> string", "a(q: string) -> string { concurrency: 1 }"
        )
        held, actor = HeldJournal(is_held=True), Actor()
        running = play(text, {"a": actor}, held)
        held.wait_for(AttemptStarted)
        held.break_down(OSError("gone"))
        with pytest.raises(JournalUnusable):
            running.wait(PATIENCE_S)
        assert actor.seen == []
        other = play(text, {"a": Actor(answers=lambda _: "x")}, MemoryJournal())
        assert result(other.wait(PATIENCE_S)) == ["x", "x"]

    def test_a_writer_that_refuses_leaves_no_gate_closed(self) -> None:
        class Refusing(HeldJournal):
            def append(self, run, events, done=None):  # type: ignore[no-untyped-def]
                if any(isinstance(event, AttemptStarted) for event in events):
                    raise JournalUnusable("the writer has died")
                super().append(run, events, done)

        text = ONE.replace("a(q: string) -> string", "a(q: string) -> string { concurrency: 1 }")
        for is_pure in (False, True):
            actor = Actor(is_pure=is_pure)
            running = play(text, {"a": actor}, Refusing())
            with pytest.raises(JournalUnusable, match="died"):
                running.wait(PATIENCE_S)
            assert is_pure or actor.seen == []  # a pure call needs no intent on the disk
        other = play(text, {"a": Actor(answers=lambda _: "x")}, MemoryJournal())
        assert result(other.wait(PATIENCE_S)) == "x"

    def test_while_a_huge_run_waits_for_the_disk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("misydsl.runner.recorder.BEHIND_FACTS", 5)
        monkeypatch.setattr("misydsl.runner.recorder.TELL_EVERY", 5)
        monkeypatch.setattr("misydsl.runner.recorder.MAX_UNWRITTEN", 10)
        monkeypatch.setattr("misydsl.runner.drive.TURN_BUDGET", 5)
        text = "misy 1\npipeline p() { step s for n in range(500) { return n } }"
        held = HeldJournal(is_held=True)
        running = play(text, {}, held)
        held.wait_for(StepFinished, 10)
        held.break_down(OSError("gone"))
        with pytest.raises(JournalUnusable):
            running.wait(PATIENCE_S)

    @pytest.mark.parametrize("problem", [JournalUnusable("died"), TypeError("a bug")])
    def test_facts_written_behind_that_are_lost_end_the_run(self, problem: Exception) -> None:
        class Refusing(HeldJournal):
            def append(self, run, events, done=None):  # type: ignore[no-untyped-def]
                if done is None and any(isinstance(event, StepFinished) for event in events):
                    raise problem
                super().append(run, events, done)

        text = AGENTS + 'pipeline p() { step x { return 1 }\n step y { call a(q: "1") } }'
        actor = Actor(is_pure=True)
        running = play(text, {"a": actor}, Refusing())
        with pytest.raises(JournalUnusable, match=str(problem)):
            running.wait(PATIENCE_S)
        assert actor.open == []

    def test_a_closed_file_is_told(self, tmp_path: Path) -> None:
        keeper = SqliteJournal(tmp_path / "journal.db")
        actor = Actor()
        running = play(ONE, {"a": actor}, keeper)
        actor.wait_for(1)
        keeper.close()
        actor.answer("x")
        with pytest.raises(JournalUnusable):
            running.wait(PATIENCE_S)

    def test_a_cancel_that_cannot_be_recorded_is_no_cancel(self) -> None:
        held, actor = HeldJournal(), Actor()
        running = play(ONE, {"a": actor}, held)
        actor.wait_for(1)
        held.hold()
        running.stop("cancel", "test")
        held.wait_for(CancelRequested)
        held.break_down(OSError("gone"))
        with pytest.raises(JournalUnusable):
            running.wait(PATIENCE_S)
        assert len(actor.cancelled) == 1
        assert "RunFinished" not in kinds(held, running.id)


class TestAgentsThatMisbehave:
    def test_an_exception_out_of_a_connection_fails_the_step(self, journal: Journal) -> None:
        def broken(_: object) -> object:
            raise KeyError("ñ")

        running = play(ONE, {"a": Actor(answers=broken)}, journal)
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.failure is not None
        assert (last.failure.kind, last.failure.agent) == ("agent-error", "a")
        assert "KeyError" in last.failure.message

    @pytest.mark.parametrize("value", [object(), float("nan"), "\ud800", [object()]])
    def test_a_value_that_is_no_json_fails_the_step(self, value: object) -> None:
        text = ONE.replace("a(q: string) -> string", "a(q: string) -> any")
        running = play(text, {"a": Actor(answers=lambda _: Reply(value))}, MemoryJournal())  # type: ignore[arg-type]
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.failure is not None
        assert (last.failure.kind, last.failure.agent) == ("bad-reply", "a")

    def test_a_connection_that_cancels_itself_fails_the_step(self) -> None:
        def broken(_: object) -> object:
            raise asyncio.CancelledError

        running = play(ONE, {"a": Actor(answers=broken)}, MemoryJournal())
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.failure is not None
        assert last.failure.kind == "agent-error"

    def test_a_call_that_does_not_hear_the_abort_does_not_hold_the_run_up(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("misydsl.runner.calls.ABORT_S", 0.05)

        class Deaf(Actor):
            async def call(self, request):  # type: ignore[no-untyped-def]
                self.seen.append(request)
                self.held = asyncio.get_running_loop().create_future()
                with self._changed:
                    self._changed.notify_all()
                while not self.held.done():
                    try:
                        await asyncio.shield(self.held)
                    except asyncio.CancelledError:
                        continue
                return Reply("late")

        deaf, journal = Deaf(), MemoryJournal()
        running = play(ONE, {"a": deaf}, journal)
        deaf.wait_for(1)
        running.stop("cancel", "test")
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.status == "cancelled"
        before = kinds(journal, running.id)
        engine().tell(lambda: deaf.held.set_result(None))
        for _ in range(5):
            engine().submit(asyncio.sleep(0)).result(PATIENCE_S)
        assert kinds(journal, running.id) == before

    def test_a_result_of_the_wrong_type_names_the_place(self) -> None:
        text = (
            "misy 1\nagent a(q: string) -> any\n"
            'pipeline p() -> { n: int } { step s { call a(q: "1") }\n return { n: s.n } }'
        )
        running = play(text, {"a": Actor(answers=lambda _: {"n": "tres"})}, MemoryJournal())
        last = running.wait(PATIENCE_S)
        assert isinstance(last, RunFinished)
        assert last.failure is not None
        assert last.failure.kind == "wrong-type"
        assert ".n" in last.failure.message


def test_fail_fast_aborts_the_other_calls(journal: Journal) -> None:
    text = SIDE_BY_SIDE.replace("pipeline p() {", "pipeline p() { fail-fast: true\n")
    actor = Actor()
    running = play(text, {"a": actor}, journal)
    actor.wait_for(2)
    actor.answer(Failure("http", "no", status=400), "x")
    last = running.wait(PATIENCE_S)
    assert isinstance(last, RunFinished)
    assert last.failure is not None
    assert last.failure.step == "x"
    assert [one.step for one in actor.cancelled] == ["y"]


def test_a_retry_waits_and_the_second_attempt_carries_the_same_key(journal: Journal) -> None:
    text = ONE.replace(
        'call a(q: "1")', 'call a(q: "1")\n retry: { attempts: 3, delay: 1ms, jitter: "none" }\n'
    )
    answers = iter([Failure("timeout", "slow"), Failure("http", "busy", status=503), "ya"])
    actor = Actor(answers=lambda _: next(answers))
    running = play(text, {"a": actor}, journal)
    assert result(running.wait(PATIENCE_S)) == "ya"
    assert [one.attempt for one in actor.seen] == [1, 2, 3]
    assert len({one.key for one in actor.seen}) == 1
    spans = [one.traceparent.split("-") for one in actor.seen]
    assert {len(part) for part in spans} == {4}
    assert {(one[0], len(one[1]), len(one[2]), one[3]) for one in spans} == {("00", 32, 16, "01")}
    assert len({one[1] for one in spans}) == 1
    assert len({one[2] for one in spans}) == 3


def _wait_until_only(actor: Actor, step: str) -> None:
    with actor._changed:
        assert actor._changed.wait_for(lambda: actor.open == [step], PATIENCE_S)
