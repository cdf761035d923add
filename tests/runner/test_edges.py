"""Edges of the state machine: `any` at run time, spreads, the orchestrator's wire, values that do not fit."""

from __future__ import annotations

from misydsl.failures import Failure
from misydsl.history.events import StepBlocked, StepFailed, StepFinished
from misydsl.runner.state import Finished
from misydsl.values import Value, decode_json
from tests.runner.stage import Stage, stage

AGENTS = """misy 1
agent a(q: string) -> string
agent maybe() -> any
"""


def failure(found: Stage) -> Failure:
    assert isinstance(found.state.outcome, Failure), found.state.outcome
    return found.state.outcome


def value(found: Stage) -> object:
    assert isinstance(found.state.outcome, Finished), found.state.outcome
    return found.state.outcome.value


class TestTheOrchestratorsWire:
    TEXT = """misy 1
agent old(topic: string, ...) -> any { wire: "misybot" }
agent a(q: string) -> string
pipeline p() {
  step x { call old(topic: "uno") }
  step skipped when false { call a(q: "no") }
  step each for n in [1, 2] { call a(q: "${n}")
    allow-failures: 2 }
  step aside { call a(q: "aside") }
  step late after skipped, each { call old(topic: "dos", before: x) }
  return late
}"""

    def test_a_call_carries_session_and_the_results_of_what_came_before(self) -> None:
        found = stage(self.TEXT).go()
        first = decode_json(found.take_call("x").body)
        assert first == {"topic": "uno", "previousResults": {}, "sessionId": "s-1"}
        found = stage(self.TEXT).go().reply("x", {"ñ": 1})
        found.reply("each", "uno", "0").fail("each", Failure("http", "no", status=400), "1")
        late = decode_json(found.take_call("late").body)
        assert late == {
            "topic": "dos",
            "before": {"ñ": 1},
            "sessionId": "s-1",
            "previousResults": {
                "x": {"success": True, "data": {"ñ": 1}},
                "skipped": {"success": True, "data": None},
                "each": {"success": True, "data": ["uno"]},
            },
        }


class TestAnyAtRunTime:
    def run(self, body: str, reply: Value) -> Stage:
        return (
            stage(f"{AGENTS}pipeline p() {{\n  step x {{ call maybe() }}\n{body}\n}}")
            .go()
            .reply("x", reply)
        )

    def test_when_needs_true_or_false(self) -> None:
        found = self.run('  step s when x.ok { call a(q: "1") }', {"ok": "sí"})
        assert "true or false" in failure(found).message
        assert self.run('  step s when x.ok { call a(q: "1") }', {"ok": True}).open() == ["s"]

    def test_for_needs_a_list(self) -> None:
        found = self.run('  step s for y in x { call a(q: "1") }', {"no": "list"})
        assert failure(found).message == "`for` needs a list"

    def test_a_spread_brings_inputs(self) -> None:
        found = self.run("  step s { call a(...x) }", {"q": "ñ"})
        assert found.take_call("s").inputs == {"q": "ñ"}

    def test_a_spread_needs_a_record(self) -> None:
        found = self.run("  step s { call a(...x) }", ["q"])
        assert failure(found).kind == "wrong-type"
        assert "x returned" in failure(found).message

    def test_a_spread_that_lacks_an_input_is_told(self) -> None:
        found = self.run("  step s { call a(...x) }", {"z": "ñ"})
        assert failure(found).message == "`a` needs `q`"

    def test_defaults_stand_where_a_spread_brings_nothing(self) -> None:
        text = """misy 1
agent maybe() -> any
agent d(q: string = "default", n: int = 7, m: int?) -> string
pipeline p() {
  step x { call maybe() }
  step s { call d(...x) }
}"""
        found = stage(text).go().reply("x", {"q": "given"})
        assert found.take_call("s").inputs == {"q": "given", "n": 7}

    def test_a_spread_that_does_not_fit_the_agent_is_told(self) -> None:
        found = self.run("  step s { call a(...x) }", {"q": 3})
        assert failure(found).kind == "wrong-type"
        assert ".q" in failure(found).message
        assert failure(found).step == "s"

    def test_a_condition_that_cannot_be_computed_fails_the_step(self) -> None:
        found = self.run('  step s when x.a.b > 1 { call a(q: "1") }', {})
        assert failure(found).step == "s"

    def test_an_item_that_cannot_be_computed_fails_alone(self) -> None:
        body = "  step s for y in [0, 1, 2] { return 2 / y\n    allow-failures: 1 }\n  return s"
        assert value(self.run(body, None)) == [2, 1]

    def test_inputs_of_a_pipeline_that_do_not_fit_fail_its_step(self) -> None:
        text = f"""{AGENTS}pipeline p() {{
  step x {{ call maybe() }}
  step s {{ call inner(n: x) }}
}}
pipeline inner(n: int) {{ return n }}"""
        found = stage(text).go().reply("x", "tres")
        assert failure(found).kind == "wrong-type"
        assert failure(found).step == "s"

    def test_a_result_of_a_pipeline_that_does_not_fit_fails_its_step(self) -> None:
        text = f"""{AGENTS}pipeline p() {{
  step s {{ call inner() }}
  return s + 1
}}
pipeline inner() -> int {{
  step x {{ call maybe() }}
  return x
}}"""
        found = stage(text).go().reply("s/x", "tres")
        assert failure(found).kind == "wrong-type"
        assert failure(found).step == "s"


class TestDeclaredTypes:
    def test_a_value_that_is_not_of_the_steps_type_fails_the_step(self) -> None:
        text = "misy 1\npipeline p(v: any) {\n  step s: { n: int } { return v }\n  return s.n\n}"
        assert value(stage(text, v={"n": 3}).go()) == 3
        found = stage(text, v={"n": "tres"}).go()
        assert (failure(found).kind, failure(found).step) == ("wrong-type", "s")
        assert ".n" in failure(found).message

    def test_a_reply_and_a_group_are_checked_too(self) -> None:
        call = f"{AGENTS}pipeline p() {{ step s: int {{ call maybe() }}\n return s }}"
        assert value(stage(call).go().reply("s", 3)) == 3
        assert failure(stage(call).go().reply("s", "tres")).kind == "wrong-type"
        group = f"""{AGENTS}pipeline p() {{
  step g: int {{
    step s {{ call maybe() }}
    return s
  }}
  return g
}}"""
        assert failure(stage(group).go().reply("g/s", "tres")).step == "g"

    def test_each_item_of_a_for_is_checked_by_the_lists_item(self) -> None:
        text = (
            "misy 1\npipeline p(v: list[any]) {\n"
            "  step s: list[int] for x in v { return x\n    allow-failures: 1 }\n  return s\n}"
        )
        assert value(stage(text, v=[1, "dos", 3]).go()) == [1, 3]


class TestReturns:
    def test_a_return_that_cannot_be_computed_fails_the_run(self) -> None:
        found = stage(f"{AGENTS}pipeline p(n: int) {{ return 1 / n }}", n=0).go()
        assert failure(found).kind == "evaluation"

    def test_one_of_a_group_fails_its_step_and_names_the_line(self) -> None:
        text = f"""{AGENTS}pipeline p(n: int) {{
  step g {{
    step x {{ return n }}
    return 1 / x
  }}
}}"""
        found = stage(text, n=0).go()
        (failed,) = found.of(StepFailed)
        assert failed.step == "g"
        assert "division by zero" in failed.failure.message

    def test_a_group_fails_with_its_step_and_blocks_who_needs_it(self) -> None:
        text = f"""{AGENTS}pipeline p() {{
  step g {{
    step x {{ call a(q: "1") }}
    step y {{ call a(q: x) }}
    return y
  }}
  step late {{ call a(q: g) }}
}}"""
        found = stage(text).go().fail("g/x", Failure("http", "no", status=400))
        assert [(one.step, one.by) for one in found.of(StepBlocked)] == [
            ("g/y", "g/x"),
            ("late", "g"),
        ]
        assert [one.step for one in found.of(StepFailed)] == ["g/x", "g"]
        assert failure(found).step == "g/x"

    def test_a_pipeline_without_a_return_gives_null(self) -> None:
        assert value(stage(f"{AGENTS}pipeline p() {{ step x {{ return 1 }} }}").go()) is None

    def test_an_empty_pipeline_ends_at_once(self) -> None:
        assert value(stage("misy 1\npipeline p() { return 7 }").go()) == 7


def test_two_steps_blocked_by_one_are_recorded_once() -> None:
    text = f"""{AGENTS}pipeline p() {{
  step x {{ call a(q: "1") }}
  step y {{ call a(q: x) }}
  step z {{ call a(q: x + y) }}
}}"""
    found = stage(text).go().fail("x", Failure("http", "no", status=400))
    assert sorted(one.step for one in found.of(StepBlocked)) == ["y", "z"]


def test_an_empty_for_that_was_recorded_is_not_recorded_again() -> None:
    text = f'{AGENTS}pipeline p() {{ step s for x in [] {{ return x }}\n step t {{ call a(q: "1") }}\n return s }}'
    first = stage(text).go()
    assert len(first.of(StepFinished)) == 1
    again = stage(text, past=first.facts)
    assert again.go().of(StepFinished) == []
    assert again.open() == ["t"]
