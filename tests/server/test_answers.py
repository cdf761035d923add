"""What a request asks for in its headers, and rows of runs that are bounded."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from misydsl.agents.declare import agent
from misydsl.server.answers import key_of, preference_of
from misydsl.server.problems import Refused
from misydsl.server.run_rows import MOST_LISTED, RunRows
from misydsl.server.step_names import NamesOfRuns
from misydsl.store.memory import MemoryJournal
from misydsl.workspace.pipelines import load
from misydsl.workspace.recorded import accepted_of


def _request(*headers: tuple[str, str]) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    return Request({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        ([], None),
        (["return=minimal"], None),
        (["respond-async"], 0.0),
        (["Respond-Async; x=1"], 0.0),
        (["respond-async, wait=10"], 10.0),
        (["wait=10", "respond-async"], 10.0),
        (["respond-async, wait=mucho"], 0.0),
        (["wait=10"], None),
        (["respond-async, wait=99999999999"], 86_400.0),
    ],
)
def test_a_preference_says_how_long_the_answer_may_take(
    said: list[str], wait_s: float | None
) -> None:
    found = preference_of(_request(*[("prefer", one) for one in said]))
    assert found.wait_s == wait_s
    assert bool(found.headers) == (wait_s is not None)


def test_a_key_is_one_text_that_is_neither_empty_nor_long() -> None:
    assert key_of(_request()) is None
    assert key_of(_request(("idempotency-key", "pedido 7"))) == "pedido 7"
    for keys in (
        [
            "",
        ],
        ["a" * 256],
        ["a", "b"],
    ):
        with pytest.raises(Refused) as refused:
            key_of(_request(*[("idempotency-key", one) for one in keys]))
        assert refused.value.status == 400


def test_of_very_many_items_the_first_are_told_and_the_rest_is_counted() -> None:
    @agent("uno", pure=True)
    async def one(n: int) -> int:
        return n

    items = MOST_LISTED + 50
    text = f"misy 1\nagent uno(n: int) -> int\npipeline p() {{ step s for n in range({items}) {{ call uno(n) }} }}"
    journal = MemoryJournal()
    run = load(text).run(agents={"uno": one}, journal=journal)
    rows = RunRows(journal, NamesOfRuns(lambda name: accepted_of(journal, name)))
    found = rows.detail(run.id)
    assert (len(found.steps), len(found.attempts)) == (MOST_LISTED, MOST_LISTED)
    assert found.omitted == 51 + 50  # items and the step itself; attempts
    assert (found.steps[0].count, found.steps[0].done) == (items, items)
    assert rows.row(run.id) is rows.row(run.id)  # what has ended is read once
