from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import fields, replace

from misydsl.failures import JournalUnusable
from misydsl.history.events import (
    ApprovalAsked,
    AttemptHedged,
    BoundAgent,
    CancelRequested,
    Event,
    FallbackBegun,
    FanOut,
    GroupStarted,
    PipelineFailing,
    Recorded,
    RoundFinished,
    RunPaused,
    StepBlocked,
    StepSkipped,
)
from misydsl.history.wire import KINDS, from_body, from_page, from_row, to_body, to_row, to_rows
from misydsl.history.wire import to_text as text_of
from tests.history.facts import (
    TIMEOUT,
    accepted,
    attempt_failed,
    ended,
    failed,
    fan_out,
    finished,
    owned,
    started,
)

EVERY: list[Event] = [
    accepted(),
    owned(),
    fan_out(3),
    GroupStarted(3.0, step="g", item="1", round=2),
    started(4.0, item="3/0"),
    attempt_failed(5.0, retry_at=6.5),
    finished(6.0, item="ñ"),
    failed(7.0),
    StepSkipped(8.0, step="s"),
    StepBlocked(8.5, step="t", by="s"),
    CancelRequested(9.0, by="ana"),
    RunPaused(9.5, reason="Ctrl-C"),
    AttemptHedged(4.5, step="s"),
    RoundFinished(6.5, step="s", round=1),
    FallbackBegun(7.5, step="s", failure=TIMEOUT, number=1),
    ApprovalAsked(7.6, step="s", question=Raw(b'{"message":"\xc2\xbfs\xc3\xad?"}')),
    PipelineFailing(9.7, failure=TIMEOUT),
    ended(10.0),
]


ENDING: dict[str, Any] = {
    "value": Raw(b'{"x": 1}'),
    "item": "ñ",
    "attempts": 2,
    "duration_s": 0.25,
    "agent": "a",
    "blob": "abc",
    "reused": "cache r0",
    "inputs": Raw(b'{"q":1}'),
    "inputs_blob": "abc",
    "memo": "0123",
    "cost": 0.25,
    "tokens": 7,
}
FULL: list[Event] = [
    replace(
        accepted(),
        shared=Raw(b'{"a":1}'),
        agent_files=("agents.py",),
        inputs_blob="abc",
        base="r0",
        why="retry --failed",
        asks_cache=False,
    ),
    replace(
        owned(resume=True),
        agents=(BoundAgent("a", url="http://localhost"),),
        budget=Raw(b'{"calls":9}'),
    ),
    FanOut(3.0, step="s", item="1", count=2, keys=("a", "b"), round=1),
    GroupStarted(3.0, step="g", item="1", round=2),
    replace(
        started(4.0, item="3/0", attempt=2, round_=1),
        inputs=Raw(b'{ "topic": "ia" }'),
        inputs_blob="abc",
    ),
    replace(attempt_failed(5.0, item="1", attempt=2, retry_at=6.5), round=1, cost=0.25, tokens=7),
    AttemptHedged(5.5, step="s", item="1", round=1, attempt=2),
    RoundFinished(5.6, step="s", round=1, **ENDING),
    FallbackBegun(5.7, step="s", failure=TIMEOUT, number=1, item="1", round=1, attempts=2),
    ApprovalAsked(5.8, step="s", question=Raw(b"{}"), item="1", round=1),
    replace(finished(6.0, item="ñ", round_=1), rounds=3, **ENDING),
    replace(failed(7.0, item="1"), round=1),
    StepSkipped(8.0, step="s", item="1", round=1),
    StepBlocked(8.5, step="t", by="s", item="1", round=1),
    PipelineFailing(8.7, failure=TIMEOUT, step="s", item="1", round=1),
    CancelRequested(9.0, by="ana"),
    RunPaused(9.5, reason="Ctrl-C"),
    replace(ended(10.0, "failed"), failure=TIMEOUT, blob="abc", troubles=("s/:undo",)),
]


@pytest.mark.parametrize("event", FULL, ids=lambda event: KINDS[type(event)])
def test_every_field_of_a_fact_comes_back(event: Event) -> None:
    unset = [
        field.name
        for field in fields(type(event))
        if not field.required and getattr(event, field.name) == field.default
    ]
    assert unset == [], "the example leaves a field at its default, so it would prove nothing"
    assert from_body(to_body(event)) == event


def test_the_examples_are_of_every_kind_there_is() -> None:
    assert {type(event) for event in EVERY} == set(KINDS) == {type(event) for event in FULL}


@pytest.mark.parametrize("event", EVERY, ids=lambda event: KINDS[type(event)])
def test_every_kind_of_fact_comes_back_as_it_was(event: Event) -> None:
    assert from_body(to_body(event)) == event
    assert from_row(*to_row(event)) == event
    assert from_body(text_of(event)) == event


def test_a_row_is_filed_under_kind_step_and_item() -> None:
    assert to_row(finished(6.0, step="a/b", item="3/0"))[:3] == ("step-finished", "a/b", "3/0")
    assert to_row(ended(6.0))[:3] == ("run-finished", "", "")


def test_a_value_is_kept_byte_for_byte() -> None:
    value = b'{ "b" : 1.50,\n "a":"\\u00f1 \xc3\xb1", "b2": 1E2 }'
    body = to_body(finished(1.0, value=value))
    assert value in body
    again = from_body(body)
    assert bytes(getattr(again, "value")) == value  # noqa: B009  # the union has no such field


def test_fields_of_a_newer_version_are_ignored() -> None:
    body = json.loads(to_body(StepSkipped(8.0, step="s"))) | {"mood": "good"}
    assert from_body(json.dumps(body)) == StepSkipped(8.0, step="s")


@pytest.mark.parametrize("body", ['{"kind":"step-dreamt","at":1.0}', "{", '{"kind":"fan-out"}'])
def test_a_fact_that_cannot_be_read_is_refused_with_advice(body: str) -> None:
    with pytest.raises(JournalUnusable, match="update this one"):
        from_body(body)
    with pytest.raises(JournalUnusable, match="update this one"):
        from_page(f'[{{"seq":1,"run":"r","event":{body}}}]')


def test_a_row_filed_under_the_wrong_step_is_refused() -> None:
    kind, _, item, body = to_row(finished(1.0))
    with pytest.raises(JournalUnusable, match="says something else"):
        from_row(kind, "other", item, body)


def test_bytes_that_are_not_utf8_are_refused_before_they_are_written() -> None:
    with pytest.raises(JournalUnusable, match="not UTF-8"):
        text_of(finished(1.0, value=b'"\xff"'))


def test_a_page_is_many_recorded_events_at_once() -> None:
    text = f'[{{"seq":7,"run":"r","event":{text_of(ended(1.0))}}}]'
    assert from_page(text) == [Recorded(7, "r", ended(1.0))]


def test_rows_carry_text_untouched() -> None:
    text = text_of(finished(1.0, value=b'"a\\n\\"b\\" \xc3\xb1"'))
    assert json.loads(to_rows([(1, text), (2, text)])) == [[1, text], [2, text]]


def test_raw_is_equal_by_bytes_so_the_tests_above_mean_something() -> None:
    assert finished(1.0, value=b"1") != finished(1.0, value=b"2")
    assert Raw(b"1") == Raw(b"1")
