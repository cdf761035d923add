"""Function agents: in threads, on the loop, wrong, slow and hostile."""

from __future__ import annotations

import asyncio
import contextvars
import dataclasses
import datetime as dt
import functools
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from misydsl.agents.contract import AgentSpec
from misydsl.agents.declare import InputsRefused, declared
from misydsl.agents.function import FunctionConnection, FunctionConnector, function_at
from misydsl.agents.workers import Workers
from misydsl.failures import AgentUnknown
from misydsl.values import Duration, encode_json
from tests.agents.fakes import failure_of, request, value_of


def connected(function: Callable[..., object], **settings: object) -> FunctionConnection:
    return FunctionConnection(declared(function), workers=Workers(), **settings)  # type: ignore[arg-type]


async def test_a_sync_function_runs_in_a_thread_with_the_callers_context() -> None:
    who: contextvars.ContextVar[str] = contextvars.ContextVar("who")
    who.set("ana")

    def shout(text: str) -> list[str]:
        return [text.upper(), threading.current_thread().name, who.get()]

    outcome = await connected(shout).call(request({"text": "é"}))
    assert value_of(outcome) == ["É", "misy-function", "ana"]


async def test_an_async_function_runs_on_the_loop() -> None:
    loops = []

    async def shout(text: str) -> str:
        await asyncio.sleep(0)
        loops.append(asyncio.get_running_loop())
        return text.upper()

    assert value_of(await connected(shout).call(request({"text": "a"}))) == "A"
    assert loops == [asyncio.get_running_loop()]


async def test_a_sync_function_that_returns_a_coroutine_is_awaited() -> None:
    async def inner(text: str) -> str:
        return text * 2

    assert value_of(await connected(functools.partial(inner)).call(request({"text": "a"}))) == "aa"


async def test_a_function_cannot_change_what_the_run_holds() -> None:
    def spoil(items: list[int]) -> list[int]:
        items.append(99)
        return items

    inputs: dict[str, object] = {"items": [1]}
    outcome = await connected(spoil).call(request(inputs))  # type: ignore[arg-type]
    assert value_of(outcome) == [1, 99]
    assert inputs == {"items": [1]}


async def test_an_exception_is_an_agent_error_with_its_words_and_place() -> None:
    def broken() -> None:
        raise LookupError("no hay datos")

    failure = failure_of(await connected(broken).call(request()))
    assert failure.kind == "agent-error"
    assert failure.message == "broken raised LookupError: no hay datos"
    assert failure.excerpt is not None
    assert failure.excerpt.startswith("test_function.py:")
    assert 'raise LookupError("no hay datos")' in failure.excerpt
    assert "Traceback" not in repr(failure)


@pytest.mark.parametrize(
    "problem", [StopIteration(1), TimeoutError("own"), SystemExit(3), MemoryError()]
)
async def test_nothing_a_function_raises_gets_out(problem: BaseException) -> None:
    def broken() -> None:
        raise problem

    async def broken_on_the_loop() -> None:
        raise problem

    failures = [failure_of(await connected(broken).call(request()))]
    if not isinstance(problem, StopIteration):
        failures.append(failure_of(await connected(broken_on_the_loop).call(request())))
    assert {failure.kind for failure in failures} == {"agent-error"}


async def test_a_function_that_cancels_itself_is_a_failure_not_a_cancelled_run() -> None:
    async def gone() -> None:
        raise asyncio.CancelledError

    assert failure_of(await connected(gone).call(request())).kind == "agent-error"


async def test_a_function_may_refuse_its_inputs() -> None:
    def picky(topic: str) -> None:
        raise InputsRefused(f"«{topic}» no")

    failure = failure_of(await connected(picky).call(request({"topic": "x"})))
    assert (failure.kind, failure.message) == ("wrong-type", "picky: «x» no")
    assert failure.advice == "it takes: topic: string"


async def test_wrong_inputs_never_reach_the_function() -> None:
    called = []

    def count(n: int) -> None:
        called.append(n)

    for inputs in ({}, {"n": "1"}, {"m": 1, "n": 1}):
        failure = failure_of(await connected(count).call(request(inputs)))
        assert failure.kind == "wrong-type"
    assert called == []


async def test_a_result_without_json_is_a_bad_reply() -> None:
    failure = failure_of(await connected(lambda: {"a": object()}).call(request()))
    assert failure.kind == "bad-reply"
    assert "at `.a`: an object has no JSON" in failure.message


@dataclasses.dataclass
class Trend:
    name: str
    score: float = 0.0


def a_set(_: int) -> set:  # type: ignore[type-arg]  # as people write it
    return "texto"  # type: ignore[return-value]  # what is tested


def a_number(_: int) -> int:
    return "tres"  # type: ignore[return-value]  # what is tested


def a_tuple(_: int) -> tuple[int, ...]:
    return (1, "dos")  # type: ignore[return-value]  # what is tested


def trends(_: int) -> list[Trend]:
    return [Trend("ia"), {"name": 3}]  # type: ignore[list-item]  # what is tested


async def nothing(_: int) -> None:
    return 3  # type: ignore[return-value]  # what is tested


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (a_set, 'the result of `a_set` is not what it promises: expected list[any], got "texto"'),
        (a_number, 'the result of `a_number` is not what it promises: expected int, got "tres"'),
        (a_tuple, 'at `[1]`: expected int, got "dos"'),
        (trends, "at `[1].name`: expected string, got 3"),
        (nothing, "the result of `nothing` is not what it promises: expected null, got 3"),
    ],
)
async def test_a_result_that_is_not_what_the_annotation_promises_is_a_failure_with_its_place(
    function: Callable[..., object], words: str
) -> None:
    failure = failure_of(await connected(function).call(request({"_": 1})))
    assert failure.kind == "wrong-type"
    assert words in failure.message
    assert "or correct the annotation" in (failure.advice or "")


async def test_a_result_of_the_promised_type_is_what_json_makes_of_it() -> None:
    def found(_: int) -> dict[str, list[Trend] | set[int] | dt.date | Duration | None]:
        return {
            "trends": [Trend("ñ")],
            "set": {3},
            "day": dt.date(2026, 3, 1),
            "time": Duration(90.0),
            "none": None,
        }

    assert value_of(await connected(found).call(request({"_": 1}))) == {
        "trends": [{"name": "ñ", "score": 0.0}],
        "set": [3],
        "day": "2026-03-01",
        "time": 90.0,
        "none": None,
    }


async def test_the_misybot_wire_gives_a_function_what_it_asks_for_and_drops_the_rest() -> None:
    def script(previousResults: dict[str, object], sessionId: str = "") -> object:  # noqa: N803
        return [previousResults, sessionId]

    body = encode_json({"userId": "u", "sessionId": "s", "previousResults": {"a": 1}})
    outcome = await connected(script, wire="misybot").call(request({}, body=body))
    assert value_of(outcome) == [{"a": 1}, "s"]


async def test_an_async_function_that_overruns_is_cancelled() -> None:
    ended = []

    async def slow() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    failure = failure_of(await connected(slow).call(request(timeout_s=0.05)))
    assert (failure.kind, failure.message) == ("timeout", "slow did not finish within 0.05 s")
    assert ended == [True]


async def test_a_sync_function_that_overruns_is_abandoned_and_reported() -> None:
    release = threading.Event()
    workers = Workers(threads=1)
    connection = FunctionConnection(declared(release.wait, name="slow"), workers=workers)
    failure = failure_of(await connection.call(request(timeout_s=0.05)))
    assert failure.kind == "timeout"
    assert "its thread was abandoned" in failure.message
    assert workers.abandoned == 1
    quick = FunctionConnection(declared(lambda: "here", name="quick"), workers=workers)
    assert value_of(await quick.call(request(timeout_s=5))) == "here"
    release.set()


async def test_a_cancelled_call_that_had_not_begun_is_never_made() -> None:
    release, begun = threading.Event(), threading.Event()
    made = []
    workers = Workers(threads=1)

    def hold() -> None:
        begun.set()
        release.wait(10)

    first = asyncio.create_task(workers.call(hold))
    assert await asyncio.to_thread(begun.wait, 5)
    second = asyncio.create_task(workers.call(lambda: made.append(1)))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    release.set()
    await first
    assert await workers.call(lambda: "next") == "next"
    assert made == []


async def test_too_many_abandoned_calls_refuse_further_ones() -> None:
    release = threading.Event()
    workers = Workers(threads=1, abandoned=2)
    connection = FunctionConnection(declared(release.wait, name="hung"), workers=workers)
    kinds = [failure_of(await connection.call(request(timeout_s=0.02))).kind for _ in range(2)]
    assert kinds == ["timeout", "timeout"]
    refused = failure_of(await connection.call(request()))
    assert refused.kind == "agent-error"
    assert "2 function calls that overran are still working" in refused.message
    release.set()


async def test_an_abandoned_thread_goes_when_others_took_its_place() -> None:
    release = threading.Event()
    workers = Workers(threads=1)
    connection = FunctionConnection(declared(release.wait, name="slow"), workers=workers)
    failure_of(await connection.call(request(timeout_s=0.02)))
    assert await workers.call(lambda: 1) == 1
    release.set()
    for _ in range(500):
        if workers.abandoned == 0:
            break
        await asyncio.sleep(0.01)
    assert workers.abandoned == 0
    assert await workers.call(lambda: 2) == 2


async def test_many_calls_at_once_use_no_more_threads_than_allowed() -> None:
    names: set[int] = set()

    def note(n: int) -> int:
        names.add(threading.get_ident())
        return n

    connection = FunctionConnection(declared(note), workers=Workers(threads=4))
    outcomes = await asyncio.gather(*(connection.call(request({"n": n})) for n in range(300)))
    assert [value_of(outcome) for outcome in outcomes] == list(range(300))
    assert len(names) <= 4


def quiet() -> None:
    """Nothing."""


async def test_a_function_is_healthy_and_as_pure_as_it_says() -> None:
    connection = connected(quiet)
    assert (await connection.health()).is_healthy
    assert connection.is_pure is False
    assert connection.name == "quiet"


def test_python_urls_find_functions() -> None:
    declaration = function_at("python:tests.agents.fakes:request", agent="a")
    assert declaration.name == "request"
    connection = FunctionConnector().connect(
        AgentSpec("mine", "python:tests.agents.fakes:RawAgent")
    )
    assert connection.name == "mine"


def test_python_urls_find_modules_of_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "module_of_the_working_directory.py").write_text("def here(): return 'aquí'")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(tmp_path)
    declaration = function_at("python:module_of_the_working_directory:here", agent="a")
    assert declaration() == "aquí"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("python:fakes", "python:module:function"),
        ("python::f", "python:module:function"),
        ("python:no_such_module:f", "cannot import `no_such_module`"),
        ("python:tests.agents.fakes:answr", r"has no `answr`\. Did you mean `answer`\?"),
        ("python:tests.agents.fakes:zzzzz", "has no `zzzzz`"),
        ("python:tests.agents.fakes:TRACE", "is no function"),
        ("python:builtins:print", "a: print"),
    ],
)
def test_a_python_url_that_leads_nowhere_says_why(url: str, words: str) -> None:
    with pytest.raises(AgentUnknown, match=words):
        function_at(url, agent="a")


async def test_closing_the_function_connector_is_nothing() -> None:
    await FunctionConnector().aclose()
