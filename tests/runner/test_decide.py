"""The state machine: messages in, instructions out, a stopped clock."""

from __future__ import annotations

import pytest
from msgspec import Raw

from misydsl.acceptance import Mismatch
from misydsl.failures import Failure
from misydsl.history.events import (
    AttemptFailed,
    Event,
    FanOut,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from misydsl.runner.decide import attempt_fact
from misydsl.runner.state import Finished
from misydsl.values import Duration
from tests.runner.stage import START, Stage, stage

AGENTS = """misy 1
agent a(q: string) -> { text: string }
agent b(q: string) -> string
agent maybe() -> any
"""

TIMEOUT = Failure("timeout", "too slow")
REFUSED = Failure("http", "no", status=400)


def outcome(found: Stage) -> object:
    ended = found.state.outcome
    return ended.value if isinstance(ended, Finished) else ended


def test_a_step_begins_when_what_it_uses_is_there() -> None:
    found = stage(
        AGENTS
        + """pipeline p() {
  step late { call b(q: early.text) }
  step early { call a(q: "x") }
  return late
}"""
    ).go()
    assert found.open() == ["early"]
    found.reply("early", {"text": "hola"})
    assert found.open() == ["late"]
    assert found.calls[0].inputs == {"q": "hola"}
    assert outcome(found.reply("late", "fin")) == "fin"


def test_independent_steps_are_called_at_once() -> None:
    found = stage(AGENTS + 'pipeline p() { step x { call b(q: "1") }\n step y { call b(q: "2") } }')
    assert found.go().open() == ["x", "y"]


def test_after_orders_without_data() -> None:
    text = 'pipeline p() { step x after y { call b(q: "1") }\n step y { call b(q: "2") } }'
    found = stage(AGENTS + text).go()
    assert found.open() == ["y"]
    assert found.reply("y", "done").open() == ["x"]


def test_a_false_when_skips_and_the_value_is_null() -> None:
    text = """pipeline p(n: int) {
  step x when n > 3 { call b(q: "1") }
  return x ?? "nothing"
}"""
    found = stage(AGENTS + text, n=1).go()
    assert outcome(found) == "nothing"
    assert len(found.of(StepSkipped)) == 1


@pytest.mark.parametrize(("n", "expected"), [(9, "big"), (5, "middle"), (1, "small")])
def test_else_branches_are_tried_in_order(n: int, expected: str) -> None:
    text = """pipeline p(n: int) {
  step x when n > 8 { return "big" } else when n > 3 { return "middle" } else { return "small" }
  return x
}"""
    assert outcome(stage(AGENTS + text, n=n).go()) == expected


def test_a_failure_blocks_what_depends_on_it_and_nothing_else() -> None:
    text = """pipeline p() {
  step bad { call a(q: "x") }
  step next { call b(q: bad.text) }
  step last { call b(q: next) }
  step free { call b(q: "y") }
}"""
    found = stage(AGENTS + text).go()
    found.fail("bad", REFUSED)
    assert [(one.step, one.by) for one in found.of(StepBlocked)] == [
        ("next", "bad"),
        ("last", "bad"),
    ]
    assert found.open() == ["free"]
    assert found.state.outcome is None
    ended = outcome(found.reply("free", "ok"))
    assert isinstance(ended, Failure)
    assert (ended.step, ended.agent, ended.attempt, ended.status) == ("bad", "a", 1, 400)


def test_a_retry_waits_as_the_policy_says_and_keeps_the_key() -> None:
    text = """pipeline p() {
  step x { call b(q: "1")
    retry: { attempts: 3, delay: 2s, backoff: 3, jitter: "none" } }
  return x
}"""
    found = stage(AGENTS + text).go()
    key = found.calls[0].key
    found.fail("x", TIMEOUT)
    assert found.waits[0][1] == pytest.approx(2)
    found.wake()
    assert found.calls[0].attempt == 2
    found.fail("x", TIMEOUT)
    assert found.waits[0][1] == pytest.approx(6)
    found.wake()
    assert found.calls[0].key == key
    failed = found.fail("x", TIMEOUT).of(AttemptFailed)
    assert [one.retry_at for one in failed] == [START + 2, START + 8, None]
    assert isinstance(outcome(found), Failure)


def test_what_the_policy_does_not_name_is_not_tried_again() -> None:
    text = 'pipeline p() { step x { call b(q: "1")\n retry: { attempts: 3 } } }'
    found = stage(AGENTS + text).go().fail("x", REFUSED)
    assert found.waits == []
    assert isinstance(outcome(found), Failure)


def test_the_agents_wish_to_wait_is_honoured_up_to_the_longest_wait() -> None:
    text = """pipeline p() { step x { call b(q: "1")
    retry: { attempts: 3, delay: 1s, max-delay: 30s, jitter: "none" } } }"""
    busy = Failure("http", "busy", status=429, retry_after_s=600)
    assert stage(AGENTS + text).go().fail("x", busy).waits[0][1] == pytest.approx(30)


def test_a_reply_of_the_wrong_type_names_the_place_and_the_agent() -> None:
    found = stage(AGENTS + 'pipeline p() { step x { call a(q: "1") } }').go()
    ended = outcome(found.reply("x", {"text": 3}))
    assert isinstance(ended, Failure)
    assert ended.kind == "wrong-type"
    assert "a returned" in ended.message
    assert ".text" in ended.message
    assert "string" in ended.message


def test_any_is_checked_where_it_meets_a_type_and_the_producer_is_blamed() -> None:
    text = """pipeline p() {
  step x { call maybe() }
  step y { call b(q: x.deep) }
}"""
    found = stage(AGENTS + text).go().reply("x", {"deep": 7})
    (failed,) = found.of(StepFailed)
    assert "`q`: x returned … at `.deep`: expected string, got 7" in failed.failure.message
    assert failed.step == "y"


def test_a_failing_expression_fails_its_step_and_names_the_line() -> None:
    text = """pipeline p(n: int) {
  step x { return 1 / n }
  step y { call b(q: "y") }
}"""
    found = stage(AGENTS + text, n=0).go()
    (failed,) = found.of(StepFailed)
    assert failed.failure.kind == "evaluation"
    assert "line 6" in failed.failure.message
    assert found.open() == ["y"]


class TestFor:
    TEXT = (
        AGENTS
        + """pipeline p(xs: list[string], wide: int = 2) {
  step each for x, i in xs { call b(q: "${i}:${x}")
    concurrency: 2
    allow-failures: 1 }
  return { each, failed: failures(each) }
}"""
    )

    def test_results_come_in_input_order_and_no_more_than_asked_are_open(self) -> None:
        found = stage(self.TEXT, xs=["a", "b", "c"]).go()
        assert found.open() == ["each[0]", "each[1]"]
        found.reply("each", "B", "1")
        assert found.open() == ["each[0]", "each[2]"]
        found.reply("each", "C", "2").reply("each", "A", "0")
        assert outcome(found) == {"each": ["A", "B", "C"], "failed": []}

    def test_allowed_failures_are_left_out_and_listed(self) -> None:
        found = stage(self.TEXT, xs=["a", "b"]).go()
        found.fail("each", REFUSED, "0").reply("each", "B", "1")
        ended = outcome(found)
        assert isinstance(ended, dict)
        assert ended["each"] == ["B"]
        assert ended["failed"][0]["index"] == 0
        assert ended["failed"][0]["item"] == "a"
        assert ended["failed"][0]["error"]["status"] == 400

    def test_too_many_failures_begin_nothing_new(self) -> None:
        found = stage(self.TEXT, xs=list("abcdef")).go()
        found.fail("each", REFUSED, "0").fail("each", REFUSED, "1")
        assert found.open() == ["each[2]"]
        ended = outcome(found.reply("each", "C", "2"))
        assert isinstance(ended, Failure)
        assert ended.kind == "items"
        assert "2 of 6" in ended.message

    def test_an_empty_list_gives_an_empty_list(self) -> None:
        assert outcome(stage(self.TEXT, xs=[]).go()) == {"each": [], "failed": []}

    def test_a_key_names_the_items(self) -> None:
        text = (
            AGENTS
            + """pipeline p(xs: list[string]) {
  step each for x in xs { call b(q: x)
    key: x }
}"""
        )
        found = stage(text, xs=["uno", "dos"]).go()
        assert found.open() == ["each[uno]", "each[dos]"]
        (fan,) = found.of(FanOut)
        assert fan.keys == ("uno", "dos")

    def test_two_items_with_one_key_fail_the_step(self) -> None:
        text = (
            AGENTS
            + "pipeline p(xs: list[string]) { step each for x in xs { call b(q: x)\n key: x } }"
        )
        ended = outcome(stage(text, xs=["uno", "uno"]).go())
        assert isinstance(ended, Failure)
        assert "uno" in ended.message

    def test_fan_outs_nest_and_each_item_has_its_address(self) -> None:
        text = (
            AGENTS
            + """pipeline p() {
  step outer for x in ["a", "b"] {
    step inner for y in ["1", "2"] { call b(q: x + y) }
    return join(inner, "+")
  }
  return outer
}"""
        )
        found = stage(text).go()
        assert found.open() == [
            "outer/inner[0/0]", "outer/inner[0/1]", "outer/inner[1/0]", "outer/inner[1/1]",
        ]  # fmt: skip
        for item in ("1/1", "0/0", "1/0", "0/1"):
            job = next(job for job in found.calls if job.item == item)
            found.reply("outer/inner", job.inputs["q"], item)
        assert outcome(found) == ["a1+a2", "b1+b2"]

    def test_keys_differ_between_items(self) -> None:
        found = stage(self.TEXT, xs=["a", "b"]).go()
        assert len({job.key for job in found.calls}) == 2

    def test_when_is_asked_of_each_item(self) -> None:
        text = (
            AGENTS
            + """pipeline p(xs: list[int]) {
  step each for x in xs when x > 1 {
    let shown = "n${x}"
    call b(q: shown)
    timeout: 7s
  } else when x == 1 {
    return "one"
  }
  return each
}"""
        )
        found = stage(text, xs=[0, 1, 2]).go()
        assert [(job.item, job.inputs["q"], job.policy.timeout_s) for job in found.calls] == [
            ("2", "n2", 7.0)
        ]
        assert [one.item for one in found.of(StepSkipped)] == ["0"]
        assert outcome(found.reply("each", "two", "2")) == [None, "one", "two"]


def test_settings_are_evaluated_in_the_block_around_the_step() -> None:
    text = (
        AGENTS
        + """pipeline p(wait: duration) {
  step x {
    let q = "v"
    call b(q)
    timeout: wait
  }
}"""
    )
    found = stage(text, wait=Duration(9)).go()
    assert found.calls[0].policy.timeout_s == 9.0


def test_a_group_has_lets_of_its_own_and_returns_one_value() -> None:
    text = (
        AGENTS
        + """pipeline p(topic: string) {
  let loud = upper(topic)
  step g {
    let both = "${loud}/${topic}"
    step one { call b(q: both) }
    step two { call b(q: one) }
    return [one, two]
  }
  return g
}"""
    )
    found = stage(text, topic="ñu").go()
    assert found.calls[0].inputs == {"q": "ÑU/ñu"}
    found.reply("g/one", "1").reply("g/two", "2")
    assert outcome(found) == ["1", "2"]


def test_a_pipeline_is_called_like_an_agent() -> None:
    text = (
        AGENTS
        + """pipeline inner(q: string, n: int = 2) -> string {
  step x { call b(q: "${q}${n}") }
  return x
}
"""
    )
    caller = 'pipeline p() { step s { call inner(q: "v") }\n return s }'
    found = stage(text.replace("pipeline inner", caller + "\npipeline inner")).go()
    assert found.calls[0].inputs == {"q": "v2"}
    assert outcome(found.reply("s/x", "fin")) == "fin"


def test_prompts_build_text_from_their_own_file() -> None:
    text = (
        AGENTS
        + """let sign = "¡"
prompt shout(word: string, times: int = 2) "${sign}${word} ×${times}"
pipeline p(word: string) { step s { call b(q: shout(word)) } }"""
    )
    assert stage(text, word="año").go().calls[0].inputs == {"q": "¡año ×2"}


def test_environment_and_run_are_names() -> None:
    text = (
        AGENTS
        + """let base = env.BASE ?? "none"
pipeline p() { return { base, id: run.id, session: run.session } }"""
    )
    assert outcome(stage(text).go()) == {"base": "none", "id": "run-1", "session": "s-1"}
    found = stage(text, environment={"BASE": "x"}).go()
    assert isinstance(found.state.outcome, Finished)


def test_wrong_inputs_end_before_anything_begins() -> None:
    with pytest.raises(Mismatch):
        stage(AGENTS + "pipeline p(n: int) { return n }", n="three")


def test_fail_fast_ends_the_run_at_the_first_failure() -> None:
    text = (
        'pipeline p() { fail-fast: true\n step x { call b(q: "1") }\n step y { call b(q: "2") } }'
    )
    found = stage(AGENTS + text).go().fail("x", REFUSED)
    assert isinstance(outcome(found), Failure)


class TestResume:
    TEXT = (
        AGENTS
        + """pipeline p() {
  step x { call b(q: "1") }
  step y when x != "" { call b(q: x) }
  step each for z in ["a", "b", "c"] { call b(q: z) }
  return { x, y, each }
}"""
    )

    def test_what_is_settled_is_not_called_again(self) -> None:
        past: list[Event] = [
            StepFinished(START, step="x", attempts=1, agent="b", value=Raw(b'"X"')),
            StepSkipped(START, step="y"),
            FanOut(START, step="each", item="", count=3),
            StepFinished(START, step="each", item="1", attempts=1, agent="b", value=Raw(b'"B"')),
        ]
        found = stage(self.TEXT, past=past).go()
        assert found.open() == ["each[0]", "each[2]"]
        assert found.of(FanOut) == []
        found.reply("each", "A", "0").reply("each", "C", "2")
        assert outcome(found) == {"x": "X", "y": None, "each": ["A", "B", "C"]}
        assert [one.step for one in found.of(StepFinished)] == ["each", "each", "each"]

    def test_an_attempt_that_was_lost_is_made_again_under_the_same_key(self) -> None:
        first = stage(self.TEXT).go().calls[0]
        lost = attempt_fact(first, START)
        again = stage(self.TEXT, past=[lost]).go().calls[0]
        assert (again.key, again.attempt) == (first.key, 2)
        assert bytes(attempt_fact(again, START).inputs) == b"null"

    def test_a_recorded_failure_stays(self) -> None:
        past = [StepFailed(START, step="x", failure=REFUSED, attempts=1)]
        found = stage(self.TEXT, past=past).go()
        assert found.open() == ["each[0]", "each[1]", "each[2]"]
        assert [one.step for one in found.of(StepBlocked)] == ["y"]

    def test_a_for_that_failed_for_good_begins_none_of_its_items(self) -> None:
        text = (
            AGENTS
            + """pipeline p() {
  step each for z in range(6) { call b(q: "${z}")
    concurrency: 2 }
  step free { call b(q: "y") }
}"""
        )
        found = stage(text).go()
        for number in range(1, 4):
            found.reply("each", "x", str(number))
        found.fail("each", REFUSED, "4").reply("each", "x", "0")
        assert found.open() == ["free"]
        again = stage(text, past=found.facts).go()
        assert again.open() == ["free"]
        assert again.of(StepFailed) == []


class TestFailFast:
    def test_an_item_that_may_fail_does_not_end_the_run(self) -> None:
        text = (
            AGENTS
            + """pipeline p() { fail-fast: true
  step each for z in ["a", "b", "c"] {
    step inner { call b(q: z) }
    step more { call b(q: inner) }
    return more
    allow-failures: 1
  }
  return each
}"""
        )
        found = stage(text).go().fail("each/inner", REFUSED, "1")
        assert found.state.outcome is None
        assert found.open() == ["each/inner[0]", "each/inner[2]"]
        assert isinstance(outcome(found.fail("each/inner", REFUSED, "0")), Failure)

    def test_a_for_ends_the_run_when_more_items_failed_than_may(self) -> None:
        text = (
            AGENTS
            + 'pipeline p() { fail-fast: true\n step e for z in ["a", "b"] { call b(q: z) } }'
        )
        found = stage(text).go().fail("e", REFUSED, "1")
        assert isinstance(outcome(found), Failure)
