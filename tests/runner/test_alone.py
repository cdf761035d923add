"""Steps that are to be alone, and results that are held to a schema: laws, and runs of both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import misydsl
from misydsl.runner.alone import Turns
from misydsl.store.memory import MemoryJournal
from misydsl.workspace.workflows import read_workflow


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.randoms())
def test_whoever_is_to_be_alone_is_and_everybody_has_a_turn(
    exclusive: Sequence[bool], chance: Any
) -> None:
    turns = Turns(exclusive)
    coming, open_, ended = list(range(len(exclusive))), list[int](), list[int]()
    chance.shuffle(coming)
    while len(ended) < len(exclusive):
        if coming and (not open_ or chance.random() < 0.6):
            index = coming.pop()
            if turns.may_begin(index):
                open_.append(index)
        else:
            index = open_.pop(chance.randrange(len(open_)))
            ended.append(index)
            for one in turns.ended(index):
                assert turns.may_begin(one)
                open_.append(one)
        assert len(open_) <= 1 or not any(exclusive[one] for one in open_)
        assert open_ or coming or len(ended) == len(exclusive), "somebody waits for ever"


def test_they_begin_in_the_order_in_which_they_could() -> None:
    turns = Turns([False, True, False, False])
    assert turns.may_begin(0)
    assert not turns.may_begin(1)
    assert not turns.may_begin(2)
    assert not turns.may_begin(3)
    assert turns.ended(0) == [1]
    assert turns.ended(1) == [2, 3]


def _workflow(*steps: dict[str, Any]) -> misydsl.Pipeline:
    return read_workflow(json.dumps({"id": "w", "name": "w", "steps": list(steps)}))


async def test_steps_that_are_not_parallel_run_alone_and_after_a_crash_too() -> None:
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
        {
            "id": f"s{n}",
            "agent": "work",
            "input": {"name": f"s{n}"},
            "parallel": n % 3 != 1,
            "dependencies": [f"s{n - 4}"] if n % 5 == 4 else [],
        }
        for n in range(20)
    ]
    run = await _workflow(*steps).arun(agents={"work": work}, journal=MemoryJournal())
    assert run.status == "succeeded"
    alone = {f"s{n}" for n in range(20) if n % 3 == 1}
    assert all(len(one) == 1 for one in seen if one & alone)
    assert max(map(len, seen)) > 1, "nothing was at the same time, so this shows nothing"


SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}


def test_a_reply_that_does_not_fit_its_schema_fails_the_step_and_says_where() -> None:
    flow = _workflow({"id": "s", "agent": "work", "outputSchema": SCHEMA})
    run = flow.run(agents={"work": lambda: {"n": "uno"}}, journal=MemoryJournal())
    assert run.failure is not None
    assert run.failure.kind == "wrong-type"
    assert "at `.n`: expected a value that fits the schema" in run.failure.message
    assert '"uno" is not of type "integer"' in run.failure.message


@pytest.mark.parametrize("reply", [{"n": 1}, {"n": 2, "más": "ñ"}])
def test_a_reply_that_fits_its_schema_is_the_result(reply: dict[str, Any]) -> None:
    flow = _workflow({"id": "s", "agent": "work", "outputSchema": SCHEMA})
    run = flow.run(agents={"work": lambda: reply}, journal=MemoryJournal())
    assert run.status == "succeeded"
    assert json.loads(bytes(run.history().steps["s", ""].value or b"")) == reply


def test_earlier_results_are_sent_by_the_ids_their_author_gave() -> None:
    told: list[object] = []

    @misydsl.agent("tell")
    def tell(previousResults: dict[str, Any]) -> str:  # noqa: N803  # the contract's name
        told.append(previousResults)
        return "sí"

    flow = _workflow(
        {"id": "paso 1/2", "agent": "work"},
        {"id": "después", "agent": "tell", "dependencies": ["paso 1/2"]},
    )
    run = flow.run(agents={"work": lambda: 1, "tell": tell}, journal=MemoryJournal())
    assert run.status == "succeeded", run.failure
    assert told == [{"paso 1/2": {"success": True, "data": 1}}]
