"""Progress as lines: what a log shows, and what it leaves out of a long `for`."""

from __future__ import annotations

import io

from msgspec import Raw

from misydsl.cli.lines import LONG_FAN_OUT, TOLD_FAILURES, Lines
from misydsl.failures import Failure
from misydsl.history.events import (
    ApprovalAsked,
    AttemptFailed,
    AttemptHedged,
    Event,
    FallbackBegun,
    FanOut,
    PipelineFailing,
    RoundFinished,
    StepFailed,
    StepFinished,
)
from misydsl.history.states import History
from tests.metrics.stories import (
    REFUSED,
    START,
    every_kind,
    failed_story,
    fanned_write,
    recorded,
    retried_scan,
    started,
)


def lines_of(events: list[Event]) -> list[str]:
    stream = io.StringIO()
    lines = Lines(stream)
    for one in recorded(events):
        lines.see(one)
    lines.paint(History())
    lines.close()
    return [line.partition("  ")[2] for line in stream.getvalue().splitlines()]


def test_every_line_has_a_time() -> None:
    stream = io.StringIO()
    lines = Lines(stream)
    lines.see(recorded(failed_story())[0])
    time, _, words = stream.getvalue().partition("  ")
    assert len(time) == len("22:13:20.000")
    assert words == "● viral “Análisis”: run r1, 5 steps\n"


def test_a_retry_says_why_and_when_the_next_attempt_comes() -> None:
    assert lines_of(retried_scan()) == [
        "● scan: calls scanner",
        "↻ scan: attempt 1 failed after 1.0 s, next attempt in 2.0 s: no answer within 2s",
        "● scan: calls scanner, attempt 2",
        "✓ scan: succeeded in 500 ms",
    ]


def test_items_of_a_short_for_are_told_one_by_one() -> None:
    told = lines_of(fanned_write())
    assert told[0] == "● write: 3 items"
    assert "✓ write[0]: succeeded in 1.0 s" in told
    assert "✗ write[1]: failed: status 503" in told
    assert "– write[2]: skipped" in told


def test_a_blocked_step_names_the_step_to_blame() -> None:
    assert "⊘ post: not run, because write failed" in lines_of(failed_story())


def test_pauses_cancels_resumes_and_ends_are_told() -> None:
    told = lines_of(every_kind())
    assert told[-4:] == [
        "■ cancelled by ana",
        "‖ paused: Ctrl-C",
        "● resumed",
        "✓ run succeeded",
    ]


def test_a_second_question_a_round_a_fallback_a_person_and_an_end_in_order_are_told() -> None:
    broken = Failure("connect", "cannot connect")
    assert lines_of(
        [
            AttemptHedged(at=START, step="scan"),
            RoundFinished(at=START, step="mejora", round=2),
            FallbackBegun(at=START, step="scan", failure=broken, number=1),
            ApprovalAsked(at=START, step="publicar", question=Raw(b"{}")),
            PipelineFailing(at=START, failure=broken),
            PipelineFailing(at=START, failure=broken, step="sub", item="3"),
        ]
    ) == [
        "● scan: slow, so it is asked a second time",
        "● mejora: round 2 ended",
        "↻ scan: turns to fallback 1: cannot connect",
        "◇ publicar: waits for a person",
        "✗ failing: cannot connect",
        "✗ sub[3]: failing: cannot connect",
    ]


def long_for(count: int, *, failing: int = 0) -> list[Event]:
    events: list[Event] = [FanOut(at=START, step="write", item="", count=count)]
    for number in range(count):
        item = str(number)
        events.append(started("write/draft", "writer", 0.0, item=item))
        if number < failing:
            failure = Failure("http", f"status {500 + number % 5}")
            events.append(
                AttemptFailed(
                    at=START, step="write/draft", item=item, failure=failure, duration_s=1.0
                )
            )
            events.append(StepFailed(at=START, step="write/draft", item=item, failure=failure))
            echo = Failure(failure.kind, failure.message, step="write/draft")
            events.append(StepFailed(at=START, step="write", item=item, failure=echo))
        else:
            events.append(StepFinished(at=START, step="write/draft", item=item))
            events.append(StepFinished(at=START, step="write", item=item))
    return events


def test_a_long_for_is_told_by_tenths() -> None:
    told = lines_of(long_for(1000))
    assert told[0] == "● write: 1000 items"
    assert told[1] == "● write: 100/1000 ended"
    assert told[-1] == "● write: 1000/1000 ended"
    assert len(told) == 11


def test_failures_of_a_long_for_are_told_first_and_then_counted() -> None:
    told = lines_of(long_for(200, failing=50))
    assert sum("✗" in line for line in told) == TOLD_FAILURES
    assert told[-1] == "● write: 200/200 ended, 50 failed"


def test_after_a_resume_only_what_is_new_is_told_but_all_is_counted() -> None:
    stream = io.StringIO()
    events = recorded(long_for(100))
    lines = Lines(stream, silent_until=events[-60].seq)
    for one in events:
        lines.see(one)
    told = [line.partition("  ")[2] for line in stream.getvalue().splitlines()]
    assert told == [f"● write: {count}/100 ended" for count in (90, 100)]


def test_steps_after_a_long_for_are_told_as_ever() -> None:
    events = [*long_for(LONG_FAN_OUT + 1), started("post", "poster", 1.0)]
    assert lines_of(events)[-1] == "● post: calls poster"


def test_a_step_that_gave_up_says_after_how_many_attempts() -> None:
    failure = Failure("timeout", "no answer")
    last = AttemptFailed(at=START, step="s", failure=failure, duration_s=1.0, attempt=3)
    told = lines_of([last, StepFailed(at=START, step="s", failure=failure, attempts=3)])
    assert told == ["✗ s: failed after 3 attempts: no answer"]


def test_a_hostile_message_is_one_harmless_line() -> None:
    failure = Failure("http", "bad\n\x1b[2J" + "x" * 900)
    told = lines_of([StepFailed(at=START, step="s", failure=failure)])
    assert len(told) == 1
    assert "\x1b" not in told[0]
    assert len(told[0]) <= 160


def test_words_about_the_watching_are_written_as_they_are() -> None:
    stream = io.StringIO()
    Lines(stream).say("pausing")
    assert stream.getvalue() == "pausing\n"
    assert REFUSED.status == 503
