"""Results in the contract's words, from real runs of workflows in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from misydsl.agents.declare import AgentDeclaration, agent
from misydsl.failures import Failure
from misydsl.server.results import agent_answer, code_of, error_text, outcome_of, workflow_result
from misydsl.store.memory import MemoryJournal
from misydsl.workspace.runs import Run
from misydsl.workspace.workflows import read_workflow
from tests.server.served import asked, workflow


@agent("eco")
def echo(texto: str = "hola") -> str:
    return texto


@agent("roto")
def broken() -> str:
    raise RuntimeError("se rompió")


@agent("lento")
async def slow() -> str:
    import asyncio

    await asyncio.sleep(60)
    return "tarde"


AGENTS: dict[str, AgentDeclaration | Callable[..., object]] = {
    "eco": echo,
    "roto": broken,
    "lento": slow,
}


def _run(*steps: dict[str, Any], **context: Any) -> Run:
    pipeline = read_workflow(json.dumps(asked(workflow(*steps), **context)))
    agents = {
        name: bound for name, bound in AGENTS.items() if any(s["agent"] == name for s in steps)
    }
    run = pipeline.start(agents=agents, journal=MemoryJournal())
    run.wait()
    return run


def _result(run: Run) -> Any:
    return json.loads(msgspec.json.encode(workflow_result(run.history(), run.program()[0])))


def test_a_workflow_whose_steps_all_succeed_is_a_success_with_its_data_and_metrics() -> None:
    run = _run({"agent": "eco", "input": {"texto": "ñandú"}})
    result = _result(run)
    assert (result["workflowId"], result["runId"], result["status"]) == ("flujo", run.id, "success")
    step = result["stepResults"]["s0"]
    assert (step["success"], step["data"], step["metrics"]["attempts"]) == (True, "ñandú", 1)
    assert "error" not in step
    assert "error" not in result
    assert result["startTime"] <= step["metrics"]["startTime"] <= step["metrics"]["endTime"]
    assert result["endTime"].endswith("Z")


def test_results_stand_in_the_order_of_the_text_whatever_ran_first() -> None:
    steps: list[dict[str, Any]] = [
        {"id": "último", "agent": "eco", "dependencies": ["primero"]},
        {"id": "primero", "agent": "eco"},
    ]
    assert list(_result(_run(*steps))["stepResults"]) == ["último", "primero"]


def test_a_failed_step_blocks_what_needs_it_and_nothing_else() -> None:
    result = _result(
        _run(
            {"id": "a b/c", "agent": "roto"},
            {"agent": "eco", "dependencies": ["a b/c"]},
            {"agent": "eco"},
        )
    )
    assert result["status"] == "partial"
    failed, blocked, free = result["stepResults"].values()
    assert (failed["success"], failed["error"]["code"]) == (False, "AGENT_ERROR")
    assert "se rompió" in failed["error"]["message"]
    assert blocked["error"]["code"] == "DEPENDENCY_FAILED"
    assert "a b/c" in blocked["error"]["message"]
    assert blocked["error"]["details"] == {"dependency": "a b/c"}
    assert blocked["metrics"]["attempts"] == 0
    assert free["success"] is True
    assert "se rompió" in result["error"]


def test_a_workflow_without_a_step_that_succeeded_is_a_failure() -> None:
    result = _result(_run({"agent": "roto"}, {"agent": "eco", "dependencies": ["s0"]}))
    assert result["status"] == "failure"
    assert result["error"]


def test_attempts_are_counted_and_the_wait_between_them_is_in_the_duration() -> None:
    retry = {"maxAttempts": 3, "delay": 20, "backoffMultiplier": 2}
    step = _result(_run({"agent": "roto", "retryConfig": retry}))["stepResults"]["s0"]
    assert step["metrics"]["attempts"] == 3
    assert step["metrics"]["duration"] >= 60


def test_a_step_over_its_timeout_says_so() -> None:
    step = _result(_run({"agent": "lento", "timeout": 30}))["stepResults"]["s0"]
    assert step["error"]["code"] == "TIMEOUT"


def test_steps_that_are_done_already_are_taken_as_they_are() -> None:
    done = {"s0": {"success": True, "data": {"n": 7}}}
    result = _result(_run({"agent": "roto"}, {"agent": "eco"}, stepResults=done))
    assert result["status"] == "success"
    assert result["stepResults"]["s0"]["data"] == {"n": 7}
    assert result["stepResults"]["s0"]["metrics"]["attempts"] == 0


def test_a_cancelled_workflow_is_a_failure_whatever_was_done() -> None:
    pipeline = read_workflow(
        json.dumps(workflow({"agent": "eco"}, {"agent": "lento", "dependencies": ["s0"]}))
    )
    agents = {"eco": echo, "lento": slow}
    run = pipeline.start(agents=agents, journal=MemoryJournal())
    while not any(one.agent == "lento" for one in run.history().attempts):
        pass
    run.cancel("ana")
    run.wait()
    result = _result(run)
    assert result["status"] == "failure"
    assert "ana" in result["error"]
    assert result["stepResults"]["s0"]["success"] is True
    assert result["stepResults"]["s1"]["error"]["code"] == "CANCELLED"


def test_a_run_that_goes_on_has_no_outcome_yet() -> None:
    pipeline = read_workflow(json.dumps(workflow({"agent": "lento"})))
    run = pipeline.start(agents={"lento": slow}, journal=MemoryJournal())
    assert outcome_of(run.history()) is None
    run.cancel()
    run.wait()


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("timeout", "TIMEOUT"),
        ("http", "HTTP_ERROR"),
        ("wrong-type", "WRONG_TYPE"),
        ("agent-error", "AGENT_ERROR"),
        ("blocked", "DEPENDENCY_FAILED"),
    ],
)
def test_each_kind_of_failure_has_a_code(kind: str, code: str) -> None:
    assert code_of(kind) == code


def test_details_hold_what_is_known_and_nothing_else() -> None:
    error = error_text(Failure("http", "no", status=503, excerpt="<html>", agent="eco"))
    assert error.details == {"status": 503, "excerpt": "<html>", "agent": "eco"}
    assert error_text(Failure("timeout", "no")).details is msgspec.UNSET


def test_one_call_answers_with_data_or_error_and_counts_what_was_tried_again() -> None:
    good = agent_answer(_run({"agent": "eco", "input": {"texto": "sí"}}).history())
    assert (good.success, good.metadata.retries) == (True, 0)
    assert isinstance(good.data, msgspec.Raw)
    assert bytes(good.data) == '"sí"'.encode()
    retry = {"maxAttempts": 2, "delay": 0, "backoffMultiplier": 1}
    bad = agent_answer(_run({"agent": "roto", "retryConfig": retry}).history())
    assert (bad.success, bad.metadata.retries, bad.data) == (False, 1, msgspec.UNSET)
    assert isinstance(bad.error, msgspec.Struct)
    assert bad.error.code == "AGENT_ERROR"
