"""The published table of semantics (docs/semantics.md): each row has a test of its name."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

import misydsl
from misydsl.agents.contract import Health, Reply, Request
from misydsl.failures import Failure
from misydsl.history.events import (
    ApprovalAsked,
    AttemptFailed,
    AttemptHedged,
    AttemptStarted,
    FallbackBegun,
    PipelineFailing,
    RoundFinished,
    RunFinished,
    RunPaused,
    StepBlocked,
    StepFailed,
    StepFinished,
)
from misydsl.pipeline.policies import Breaker
from misydsl.runner.decide import attempt_fact, decide
from misydsl.runner.limits import BreakerState
from misydsl.runner.run import start
from misydsl.runner.state import Answered, Finished, Job
from misydsl.store.memory import MemoryJournal
from misydsl.workspace.workflows import read_workflow
from tests.runner.stage import Stage, stage
from tests.runner.theatre import PATIENCE_S, Actor, HeldJournal, again, facts, order, play

AGENTS = """misy 1
agent a(q: string) -> string
agent b(q: string) -> string
agent c(q: string) -> string
"""
TABLE = Path(__file__).parents[2] / "docs" / "semantics.md"
REFUSED = Failure("http", "no", status=400)
SLOW = Failure("timeout", "too slow")


def pipeline(body: str, settings: str = "") -> str:
    return f"{AGENTS}pipeline p() {{ {settings}\n{body}\n}}"


def outcome(found: Stage) -> object:
    ended = found.state.outcome
    return ended.value if isinstance(ended, Finished) else ended


def failure(found: Stage) -> Failure:
    assert isinstance(found.state.outcome, Failure)
    return found.state.outcome


class Answering:
    """A connection that awaits what it is given."""

    is_pure = False

    def __init__(self, answers: Callable[[Request], Awaitable[object]]) -> None:
        self.name, self._answers = "a", answers

    async def call(self, request: Request) -> Reply | Failure:
        return cast("Reply", await self._answers(request))

    async def health(self, timeout_s: float = 5.0) -> Health:
        return Health(self.name, is_healthy=True, url="test:")


class Asked:
    """All that a breaker looks at in a job."""

    def __init__(self, name: str) -> None:
        self.is_dropped = False
        self.agent = Answering(lambda _: asyncio.sleep(0))
        self.agent.name = name


def test_the_table_and_the_tests_name_each_other() -> None:
    named = re.findall(r"`([a-z]+(?:_[a-z]+){3,})`", TABLE.read_text(encoding="utf-8"))
    assert sorted(set(named)) == sorted(named)
    tests = [name.removeprefix("test_") for name in globals() if name.startswith("test_")]
    assert set(named) == {*tests} - {"the_table_and_the_tests_name_each_other"}


# ------------------------------------------------------------------ attempts


def test_an_attempt_is_recorded_before_the_agent_is_called() -> None:
    held, actor = HeldJournal(is_held=True), Actor(answers=lambda _: "x")
    running = play(pipeline('step s { call a(q: "1") }'), {"a": actor}, held)
    (intent,) = held.wait_for(AttemptStarted)
    assert (intent.step, intent.attempt, bytes(intent.inputs)) == ("s", 1, b'{"q":"1"}')
    assert actor.seen == []
    held.let_go()
    assert isinstance(running.wait(PATIENCE_S), RunFinished)
    assert actor.seen[0].key == intent.key


def test_an_attempt_that_takes_too_long_fails_as_timeout() -> None:
    text = "misy 1\nagent slow() -> any { timeout: 20ms }\npipeline p() { step s { call slow() } }"

    async def slow() -> str:
        await asyncio.sleep(PATIENCE_S)
        return "late"

    run = misydsl.load(text).run(agents={"slow": slow}, journal=MemoryJournal())
    assert run.failure is not None
    assert (run.failure.kind, run.failure.step, run.failure.attempt) == ("timeout", "s", 1)


def test_a_retry_makes_as_many_attempts_as_are_allowed() -> None:
    found = stage(pipeline('step s { call a(q: "1")\n retry: { attempts: 3 } }')).go()
    for _ in range(2):
        found.fail("s", SLOW).wake()
    found.fail("s", SLOW)
    assert [one.attempt for one in found.of(AttemptFailed)] == [1, 2, 3]
    assert (failure(found).kind, failure(found).attempt) == ("timeout", 3)


def test_the_wait_grows_and_retry_after_is_honoured() -> None:
    retry = 'retry: { attempts: 9, delay: 1s, backoff: 3, max-delay: 20s, jitter: "none" }'
    found = stage(pipeline(f'step s {{ call a(q: "1")\n {retry} }}')).go()
    waits = []
    for asked in (None, None, 7.0, None, 60.0):
        found.fail("s", Failure("http", "later", status=429, retry_after_s=asked))
        waits.append(found.waits[0][1])
        found.wake()
    assert waits == [1.0, 3.0, 9.0, 20.0, 20.0]


def test_a_failure_that_is_not_listed_is_not_tried_again() -> None:
    found = stage(pipeline('step s { call a(q: "1")\n retry: { attempts: 3 } }')).go()
    assert failure(found.fail("s", REFUSED)).status == 400
    assert [one.retry_at for one in found.of(AttemptFailed)] == [None]


def test_attempts_of_a_call_share_their_key() -> None:
    text = pipeline('step s { call a(q: "1")\n retry: { attempts: 3 } }')
    found = stage(text).go()
    first = attempt_fact(found.calls[0], found.now)
    found.fail("s", SLOW).wake()
    assert found.calls[0].key == first.key
    later = stage(text, past=[first, *found.facts]).go()
    due = later.waits[0][0]
    assert isinstance(due, Job)
    assert (due.key, due.attempt) == (first.key, 2)


# ------------------------------------------------------------------ what guards an agent


BREAKING = """misy 1
agent brittle(q: string) -> string { breaker: { failures: 2, cooldown: 1h } }
pipeline p() {
  step s for n in range(3) {
    call brittle(q: "${n}")
    concurrency: 1
    fallback { return error.kind }
  }
  return s
}"""


def test_an_open_breaker_refuses_without_calling() -> None:
    actor, journal = Actor("brittle", answers=lambda _: SLOW), MemoryJournal()
    running = play(BREAKING, {"brittle": actor}, journal)
    last = running.wait(PATIENCE_S)
    assert isinstance(last, RunFinished)
    assert bytes(last.result) == b'["timeout","timeout","breaker"]'
    assert len(actor.seen) == 2
    refused = [one for one in facts(journal, running.id) if isinstance(one, AttemptFailed)][-1]
    assert "it is not called for 1h" in refused.failure.message


def test_after_the_cooldown_one_call_tries() -> None:
    state = BreakerState(Breaker(failures=2, cooldown_s=10.0))
    jobs = [cast("Job", Asked(f"j{number}")) for number in range(5)]
    for job in jobs[:2]:
        assert state.refusal(job, 0.0) is None
        state.ended(job, is_well=False, now=0.0)
    assert state.refusal(jobs[2], 9.9) is not None
    assert state.refusal(jobs[2], 10.0) is None
    assert state.refusal(jobs[3], 10.0) is not None, "one at a time"
    state.ended(jobs[2], is_well=False, now=11.0)
    assert state.refusal(jobs[3], 20.9) is not None, "its failure opens it again"
    assert state.refusal(jobs[3], 21.0) is None
    state.ended(jobs[3], is_well=True, now=22.0)
    assert state.refusal(jobs[4], 22.0) is None


def test_a_hedge_sends_the_same_call_again_and_the_first_answer_counts() -> None:
    text = pipeline('step s { call a(q: "1")\n hedge: 10ms }\nreturn s')
    calls: list[Request] = []

    async def answers(request: Request) -> object:
        calls.append(request)
        if len(calls) == 1:
            await asyncio.sleep(PATIENCE_S)
        return Reply("second")

    journal = MemoryJournal()
    running = play(text, {"a": Answering(answers)}, journal)
    last = running.wait(PATIENCE_S)
    assert isinstance(last, RunFinished)
    assert bytes(last.result) == b'"second"'
    assert len({one.key for one in calls}) == 1
    assert len(calls) == 2
    assert [
        one.attempt for one in facts(journal, running.id) if isinstance(one, AttemptHedged)
    ] == [1]


# ------------------------------------------------------------------ fallback and failure


def test_a_fallback_takes_the_place_of_a_failed_step() -> None:
    found = stage(
        pipeline(
            """step s { call a(q: "1")
    fallback { call b(q: "${error.kind} ${error.status ?? 0} ${error.attempts}") } }
  return s"""
        )
    ).go()
    found.fail("s", REFUSED)
    assert found.open() == ["s/:fallback"]
    assert found.calls[0].inputs == {"q": "http 400 1"}
    assert outcome(found.reply("s/:fallback", "plan b")) == "plan b"
    assert [(one.step, one.number) for one in found.of(FallbackBegun)] == [("s", 1)]
    assert found.of(StepFailed) == []


def test_a_step_fails_when_its_last_fallback_does() -> None:
    found = stage(
        pipeline(
            'step s { call a(q: "1")\n fallback { call b(q: "2") }\n fallback { call c(q: "3") } }'
        )
    ).go()
    found.fail("s", SLOW).fail("s/:fallback", REFUSED).fail("s/:fallback-2", SLOW)
    assert "in the fallback; before that: no" in failure(found).message
    assert [one.step for one in found.of(StepFailed)] == ["s/:fallback", "s/:fallback-2", "s"]


def test_a_failed_step_blocks_what_depends_on_it_and_nothing_else() -> None:
    found = stage(
        pipeline(
            """step x { call a(q: "1") }
  step y { call b(q: x) }
  step free { call c(q: "2") }
  step more after free { call c(q: "3") }"""
        )
    ).go()
    found.fail("x", REFUSED).reply("free", "ok")
    assert found.open() == ["more"]
    found.reply("more", "ok")
    assert [(one.step, one.by) for one in found.of(StepBlocked)] == [("y", "x")]
    assert failure(found).step == "x"


def test_items_that_may_fail_leave_the_list() -> None:
    found = stage(
        pipeline(
            """step s for w in ["x", "y", "z"] { call a(q: w)
    allow-failures: 1 }
  return { s, lost: [{ i: f.index, item: f.item, why: f.error.kind } for f in failures(s)] }"""
        )
    ).go()
    found.reply("s", "X", "0").fail("s", SLOW, "1").reply("s", "Z", "2")
    assert outcome(found) == {"s": ["X", "Z"], "lost": [{"i": 1, "item": "y", "why": "timeout"}]}


def test_one_failure_too_many_ends_the_for() -> None:
    found = stage(
        pipeline(
            'step s for n in range(9) { call a(q: "${n}")\n concurrency: 2\n allow-failures: 1 }'
        )
    ).go()
    found.fail("s", SLOW, "0").fail("s", SLOW, "1")
    assert found.open() == ["s[2]"], "one was under way, and no further item begins"
    found.reply("s", "x", "2")
    assert failure(found).kind == "items"
    assert "s" in [one.step for one in found.of(StepFinished)]


def test_fail_fast_aborts_what_is_open() -> None:
    found = stage(
        pipeline('step x { call a(q: "1") }\n step y { call b(q: "2") }', "fail-fast: true")
    ).go()
    other = found.calls[1]
    found.fail("x", REFUSED)
    assert failure(found).step == "x"
    assert found.aborted == [other]
    assert [one.failure.kind for one in found.of(StepFailed) if one.step == "y"] == ["cancelled"]


def test_a_deadline_aborts_what_is_open() -> None:
    found = stage(pipeline('step x { call a(q: "1") }', "deadline: 5m")).go()
    (call,) = found.calls
    assert found.waits[0][1] == 300.0
    found.wake()
    assert failure(found).kind == "deadline"
    assert "5m" in failure(found).message
    assert found.aborted == [call]


# ------------------------------------------------------------------ undo and handlers

BOOKED = """step hotel { call a(q: "h")
    undo { call b(q: "sin ${hotel}") } }
  step vuelo after hotel { call a(q: "v")
    undo { call b(q: "sin ${vuelo}") } }
  step pago after vuelo { call c(q: "p") }
  return pago"""


def booked(text: str = BOOKED) -> Stage:
    found = stage(pipeline(text)).go()
    return found.reply("hotel", "H").reply("vuelo", "V").fail("pago", REFUSED)


def test_undo_goes_backwards_one_at_a_time() -> None:
    found = booked()
    assert found.open() == ["vuelo/:undo"]
    assert found.calls[0].inputs == {"q": "sin V"}
    found.reply("vuelo/:undo", "ok")
    assert found.open() == ["hotel/:undo"]
    found.reply("hotel/:undo", "ok")
    assert failure(found).step == "pago"


def test_an_undo_that_fails_does_not_stop_the_others() -> None:
    found = booked().fail("vuelo/:undo", REFUSED)
    assert found.open() == ["hotel/:undo"]
    found.reply("hotel/:undo", "ok")
    assert found.state.troubles == ["vuelo/:undo"]
    assert failure(found).step == "pago"


def test_on_failure_follows_undo_and_sees_the_error() -> None:
    handler = 'on failure { step tell { call b(q: "${error.step}: ${pago ?? "nada"}") } }'
    found = booked(f"{BOOKED}\n{handler}")
    found.reply("vuelo/:undo", "ok").reply("hotel/:undo", "ok")
    assert found.open() == [":on-failure/tell"]
    assert found.calls[0].inputs == {"q": "pago: nada"}
    found.reply(":on-failure/tell", "ok")
    assert failure(found).step == "pago"


@pytest.mark.parametrize("is_failing", [False, True])
def test_on_finish_runs_after_success_and_failure(is_failing: bool) -> None:
    body = (
        'step s { call a(q: "1") }\n on finish { step bye { call b(q: s ?? "nada") } }\n return s'
    )
    found = stage(pipeline(body)).go()
    found.fail("s", REFUSED) if is_failing else found.reply("s", "S")
    assert found.calls[0].inputs == {"q": "nada" if is_failing else "S"}
    assert found.state.outcome is None
    found.fail(":on-finish/bye", SLOW)
    assert found.state.troubles == [":on-finish"]
    assert failure(found).step == "s" if is_failing else outcome(found) == "S"


CALLED = (
    AGENTS
    + """pipeline p() {
  step first { call a(q: "f")
    undo { call c(q: "sin first") } }
  step sub after first { call inner() }
  step last { call b(q: sub) }
  return last
}
pipeline inner() {
  step x { call a(q: "x")
    undo { call c(q: "sin x") } }
  step y { call b(q: x) }
  on finish { step bye { call c(q: "bye") } }
  return y
}"""
)


def test_a_called_pipeline_undoes_its_own() -> None:
    found = stage(CALLED).go().reply("first", "F").reply("sub/x", "X").fail("sub/y", REFUSED)
    assert found.open() == ["sub/x/:undo"]
    found.reply("sub/x/:undo", "ok")
    assert found.open() == ["sub/:on-finish/bye"]
    found.reply("sub/:on-finish/bye", "ok")
    assert found.open() == ["first/:undo"]
    found.reply("first/:undo", "ok")
    assert failure(found).step == "sub/y"


def test_a_caller_undoes_what_a_called_pipeline_finished() -> None:
    found = stage(CALLED).go().reply("first", "F").reply("sub/x", "X").reply("sub/y", "Y")
    found.reply("sub/:on-finish/bye", "ok").fail("last", REFUSED)
    assert found.open() == ["sub/x/:undo"]
    assert found.reply("sub/x/:undo", "ok").open() == ["first/:undo"]


# ------------------------------------------------------------------ rounds, people, budgets, cache

ROUNDS = """step s repeat up to 3 {
    step i { call a(q: previous ?? "nada") }
    until i == "bien"
    return i
    %s
  }
  return s"""


def test_rounds_go_on_until_until_is_true() -> None:
    found = stage(pipeline(ROUNDS % "")).go()
    assert found.calls[0].inputs == {"q": "nada"}
    found.reply("s/i", "mal")
    assert found.calls[0].inputs == {"q": "mal"}
    first, second = found.of(RoundFinished)[0], found.calls[0]
    assert (first.round, second.round) == (1, 2)
    assert outcome(found.reply("s/i", "bien")) == "bien"
    assert [one.rounds for one in found.of(StepFinished) if one.step == "s"] == [2]


@pytest.mark.parametrize(("setting", "ending"), [("", "exhausted"), ('exhausted: "keep"', "mal")])
def test_running_out_of_rounds_fails_unless_it_is_kept(setting: str, ending: str) -> None:
    found = stage(pipeline(ROUNDS % setting)).go()
    for _ in range(3):
        found.reply("s/i", "mal")
    ended = outcome(found)
    assert ended.kind == ending if isinstance(ended, Failure) else ended == ending


def test_every_waits_between_rounds() -> None:
    found = stage(pipeline(ROUNDS % "every: 30s")).go()
    found.reply("s/i", "mal")
    assert found.open() == []
    assert [delay for _, delay in found.waits] == [30.0]
    assert found.wake().open() == ["s/i"]


ASKING = """step ok { call human.approve(message: "¿Publicar?", options: ["sí", "no"]) }
  return ok"""


def test_an_approval_waits_and_its_answer_is_the_value() -> None:
    found = stage(pipeline(ASKING)).go()
    (asked,) = found.of(ApprovalAsked)
    assert b"Publicar" in bytes(asked.question)
    assert found.calls == []
    decide(found.state, Answered("ok", "", 0, is_approved=True, by="ana"), found.now)
    assert outcome(found.go()) == {"approved": True, "by": "ana", "comment": None}
    limited = stage(pipeline(ASKING.replace("ok {", "ok { timeout: 1h\n"))).go()
    assert failure(limited.wake()).kind == "timeout"


def test_a_resume_asks_nobody_twice() -> None:
    first = stage(pipeline(ASKING)).go()
    later = stage(pipeline(ASKING), past=first.facts).go()
    assert later.of(ApprovalAsked) == []
    decide(later.state, Answered("ok", "", 0, is_approved=False), later.now)
    assert outcome(later.go()) == {"approved": False, "by": None, "comment": None}


def test_a_spent_budget_pauses_the_run() -> None:
    text = pipeline(
        'step s for n in range(5) { call a(q: "${n}") }\n return s', "budget: { calls: 2 }"
    )
    actor, journal = Actor(answers=lambda request: str(request.inputs["q"])), MemoryJournal()
    first = order(text, {"a": actor}, journal)
    last = start(first).wait(PATIENCE_S)
    assert isinstance(last, RunPaused)
    assert "2 of 2 calls were made" in last.reason
    assert len(actor.seen) == 2
    more = replace(again(first, {"a": actor}), budget={"calls": 5})
    ended = start(more).wait(PATIENCE_S)
    assert isinstance(ended, RunFinished)
    assert bytes(ended.result) == b'["0","1","2","3","4"]'
    assert len(actor.seen) == 5


def test_an_equal_call_is_taken_from_the_cache() -> None:
    text = """misy 1
agent a(q: string) -> string { cache: 1h }
pipeline p(q: string) {
  step s { call a(q) }
  return s
}"""
    calls: list[str] = []

    def a(q: str) -> str:
        calls.append(q)
        return q.upper()

    journal, loaded = MemoryJournal(), misydsl.load(text)
    for question in ("uno", "uno", "dos"):
        assert loaded.run(agents={"a": a}, journal=journal, q=question).result == question.upper()
    assert calls == ["uno", "dos"]
    loaded.start({"q": "uno"}, agents={"a": a}, journal=journal, cache=False).wait()
    assert calls == ["uno", "dos", "uno"]


def test_what_was_undone_is_done_again_by_a_retry() -> None:
    text = AGENTS + f"pipeline p() {{ {BOOKED} }}"
    answers: dict[str, Callable[[str], str]] = {
        "a": lambda q: q.upper(), "b": lambda q: q, "c": lambda q: str(1 / 0),
    }  # fmt: skip
    calls: list[str] = []

    def noting(name: str) -> Callable[[str], str]:
        def agent(q: str) -> str:
            calls.append(q)
            return answers[name](q)

        return agent

    agents = {name: noting(name) for name in answers}
    run = misydsl.load(text).run(agents=agents, journal=MemoryJournal())
    assert calls == ["h", "v", "p", "sin V", "sin H"]
    calls.clear()
    answers["c"] = lambda q: f"{q} pagado"
    again = run.retry(agents=agents)
    again.wait()
    assert (again.result, calls) == ("p pagado", ["h", "v", "p"])
    calls.clear()
    assert run.replay().status == "failed"
    assert calls == []


# ------------------------------------------------------------------ stopping and going on


def test_a_cancelled_run_begins_nothing_more() -> None:
    actor, other = Actor(), Actor(answers=lambda _: "x")
    text = pipeline(f'{BOOKED}\n on finish {{ step bye {{ call b(q: "adiós") }} }}')
    journal = MemoryJournal()
    running = play(text, {"a": other, "b": other, "c": actor}, journal)
    actor.wait_for(1)
    running.stop("cancel", "una prueba")
    last = running.wait(PATIENCE_S)
    assert isinstance(last, RunFinished)
    assert last.status == "cancelled"
    assert [one.step for one in other.seen] == ["hotel", "vuelo"]


def test_a_resume_goes_on_where_the_journal_ends() -> None:
    text = pipeline('step x { call a(q: "1") }\n step y { call b(q: x) }\n return y')
    first = stage(text).go().reply("x", "X")
    lost = attempt_fact(first.calls[0], first.now)
    later = stage(text, past=[*first.facts, lost]).go()
    assert later.open() == ["y"]
    assert (later.calls[0].attempt, later.calls[0].key) == (2, lost.key)
    assert outcome(later.reply("y", "Y")) == "Y"


def test_a_resume_goes_on_with_the_undo() -> None:
    text = pipeline(BOOKED + '\n step libre { call c(q: "otra") }', "fail-fast: true")
    first = stage(text).go().reply("hotel", "H").reply("vuelo", "V").fail("pago", REFUSED)
    first.reply("vuelo/:undo", "ok")
    assert [one.failure.step for one in first.of(PipelineFailing)] == ["pago"]
    later = stage(text, past=first.facts).go()
    assert later.open() == ["hotel/:undo"]
    later.reply("hotel/:undo", "ok")
    assert failure(later).step == "pago"
    assert later.of(PipelineFailing) == []


def test_a_larger_budget_counts_for_called_pipelines_too() -> None:
    text = f"""{AGENTS}
pipeline inner() {{ budget: {{ calls: 1 }}
  step s {{ call a(q: "1") }}
  step t after s {{ call a(q: "2") }}
  return t
}}
pipeline p() {{
  step i {{ call inner() }}
  return i
}}"""
    actor, journal = Actor(answers=lambda request: str(request.inputs["q"])), MemoryJournal()
    first = order(text, {"a": actor}, journal)
    assert isinstance(start(first).wait(PATIENCE_S), RunPaused)
    more = replace(again(first, {"a": actor}), budget={"calls": 5})
    assert isinstance(start(more).wait(PATIENCE_S), RunFinished)
    assert [one.inputs["q"] for one in actor.seen] == ["1", "2"]


def test_what_can_be_undone_is_never_taken_from_the_cache() -> None:
    text = """misy 1
agent book(q: string) -> string { cache: 1h }
agent unbook(id: string) -> string { cache: 1h }
agent broken(q: string) -> string
pipeline p(q: string) {
  step hotel {
    call book(q)
    undo { call unbook(id: hotel) }
  }
  step fails after hotel { call broken(q) }
}"""
    calls: list[str] = []

    def book(q: str) -> str:
        calls.append(f"book {q}")
        return "h-1"

    def unbook(id: str) -> str:  # noqa: A002  # what the agent's input is called
        calls.append(f"unbook {id}")
        return id

    journal, loaded = MemoryJournal(), misydsl.load(text)
    agents = {"book": book, "unbook": unbook, "broken": lambda q: q[99]}
    loaded.run(agents=agents, journal=journal, q="x")
    run = loaded.run(agents=agents, journal=journal, q="x")
    assert run.status == "failed"
    assert calls == ["book x", "unbook h-1"] * 2
    assert "an `undo` takes back is always done anew" in str(run.why("hotel"))


def test_a_run_without_the_cache_is_resumed_without_it() -> None:
    text = """misy 1
agent a(q: string) -> string { cache: 1h }
pipeline p() { budget: { calls: 1 }
  step s { call a(q: "uno") }
  step t after s { call a(q: "dos") }
  return t
}"""
    calls: list[str] = []

    def a(q: str) -> str:
        calls.append(q)
        return q

    journal, loaded = MemoryJournal(), misydsl.load(text)
    full = misydsl.load(text.replace("budget: { calls: 1 }", ""))
    full.run(agents={"a": a}, journal=journal)
    run = loaded.start(agents={"a": a}, journal=journal, cache=False)
    assert run.wait(PATIENCE_S) == "paused"
    resumed = run.resume(agents={"a": a}, budget={"calls": 9})
    assert resumed.wait(PATIENCE_S) == "succeeded"
    assert calls == ["uno", "dos"] * 2


def _workflow(*steps: dict[str, object]) -> misydsl.Pipeline:
    return read_workflow(json.dumps({"id": "w", "name": "w", "steps": list(steps)}))


async def test_a_step_that_is_to_be_alone_is() -> None:
    open_: set[str] = set()
    seen: list[frozenset[str]] = []

    @misydsl.agent("work")
    async def work(name: str) -> str:
        open_.add(name)
        seen.append(frozenset(open_))
        for _ in range(3):
            await asyncio.sleep(0)
        open_.discard(name)
        return name

    steps = [
        {"id": f"s{n}", "agent": "work", "input": {"name": f"s{n}"}, "parallel": n % 3 != 1,
         "dependencies": [f"s{n - 4}"] if n % 5 == 4 else []}
        for n in range(20)
    ]  # fmt: skip
    run = await _workflow(*steps).arun(agents={"work": work}, journal=MemoryJournal())
    assert run.status == "succeeded"
    alone = {f"s{n}" for n in range(20) if n % 3 == 1}
    assert all(len(one) == 1 for one in seen if one & alone)
    assert max(map(len, seen)) > 1, "nothing was at the same time, so this shows nothing"


def test_a_result_that_does_not_fit_its_schema_fails_the_step() -> None:
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    flow = _workflow({"id": "s", "agent": "work", "outputSchema": schema})
    run = flow.run(agents={"work": lambda: {"n": "uno"}}, journal=MemoryJournal())
    assert run.failure is not None
    assert run.failure.kind == "wrong-type"
    assert "at `.n`: expected a value that fits the schema" in run.failure.message
    assert '"uno" is not of type "integer"' in run.failure.message
    fine = flow.run(agents={"work": lambda: {"n": 1, "más": "ñ"}}, journal=MemoryJournal())
    assert json.loads(bytes(fine.history().steps["s", ""].value or b"")) == {"n": 1, "más": "ñ"}


def test_earlier_results_are_sent_by_their_ids() -> None:
    told: list[object] = []

    @misydsl.agent("tell")
    def tell(previousResults: dict[str, object]) -> str:  # noqa: N803  # the contract's name
        told.append(previousResults)
        return "sí"

    flow = _workflow(
        {"id": "paso 1/2", "agent": "work"},
        {"id": "después", "agent": "tell", "dependencies": ["paso 1/2"]},
    )
    run = flow.run(agents={"work": lambda: 1, "tell": tell}, journal=MemoryJournal())
    assert run.status == "succeeded", run.failure
    assert told == [{"paso 1/2": {"success": True, "data": 1}}]
