"""What is told at the end of a run, for people and for machines."""

from __future__ import annotations

import io
import json

from msgspec import Raw

from misydsl.cli import exits
from misydsl.cli.facts import failures_of, iso, run_object, sentences, summary_object
from misydsl.cli.report import (
    MAX_RESULT_LINES,
    attempt_lines,
    figures_lines,
    step_lines,
    whole,
)
from misydsl.cli.screen import Screen, screen_for
from misydsl.failures import (
    AgentUnknown,
    Failure,
    InputsInvalid,
    RunBusy,
    RunFailed,
    SourceInvalid,
)
from misydsl.history.events import Event, RunFinished, StepBlocked, StepFailed, StepFinished
from misydsl.history.fold import fold
from misydsl.history.states import History
from misydsl.metrics.summary import step_figures
from misydsl.store.journal import RunSummary
from tests.metrics.stories import (
    REFUSED,
    START,
    accepted,
    failed_story,
    recorded,
    retried_scan,
    started,
)

PLAIN = Screen(io.StringIO(), io.StringIO())
COLOURED = Screen(io.StringIO(), io.StringIO(), has_colours=True, err_has_colours=True)
FAILED = fold(recorded(failed_story()))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def finished(result: bytes = b'["\xc3\xa1"]') -> History:
    end = RunFinished(at=START + 4, status="succeeded", result=Raw(result))
    return fold(recorded([accepted(), *retried_scan(), end]))


def test_the_object_of_a_run_has_the_promised_fields() -> None:
    found = run_object(finished())
    assert found == {
        "runId": "r1",
        "pipeline": "viral",
        "status": "succeeded",
        "result": ["á"],
        "steps": [{"step": "scan", "status": "succeeded", "attempts": 2, "duration_s": 3.5}],
    }


def test_the_object_of_a_failed_run_says_why_and_where() -> None:
    found = json.loads(json.dumps(run_object(FAILED, with_attempts=True)))
    assert found["error"]["kind"] == "http"
    assert found["error"]["status"] == 503
    assert found["result"] is None
    scan, write, first, second, third, post = found["steps"]
    assert "item" not in scan
    assert (write["count"], write["done"], write["failed"]) == (3, 2, 1)
    assert [first["item"], second["item"], third["item"]] == ["0", "1", "2"]
    assert second["error"]["message"] == "status 503"
    assert post["error"] == {"kind": "blocked", "message": "write failed"}
    assert [one["attempt"] for one in found["attempts"]] == [1, 2, 1, 1]
    assert found["attempts"][0]["error"]["kind"] == "timeout"


def test_times_for_machines_are_iso_in_utc() -> None:
    assert iso(START + 0.25) == "2023-11-14T22:13:20.250Z"
    assert iso(None) is None
    row = RunSummary("r", "p", None, "running", "s", START, None, 1, None, None)
    assert summary_object(row)["finished_at"] is None
    assert summary_object(row)["duration_s"] is None


def test_a_failure_names_step_item_attempt_agent_and_status() -> None:
    failure = Failure("http", "the service is unavailable", status=503, advice="start it")
    events: list[Event] = [
        accepted(),
        started("write", "writer", 0.0, item="7", attempt=3),
        StepFailed(at=START, step="write", item="7", failure=failure, attempts=3),
        RunFinished(at=START, status="failed", failure=failure),
    ]
    (told,) = sentences(failures_of(fold(recorded(events))))
    assert told == (
        "step write, item 7, attempt 3, agent writer: the service is unavailable"
        " (HTTP status 503) (start it)"
    )


def test_a_for_that_failed_because_of_an_item_is_told_once() -> None:
    (only,) = failures_of(FAILED)
    assert (only.step, only.item) == ("write", "1")


def test_items_that_failed_alike_are_each_told() -> None:
    failure = Failure("timeout", "no answer")
    events: list[Event] = [accepted()]
    events += [StepFailed(at=START, step="w", item=str(n), failure=failure) for n in range(25)]
    told = sentences(failures_of(fold(recorded(events))))
    assert len(told) == 11
    assert told[-1] == "… 15 more failures"


def test_a_run_that_failed_without_a_step_says_so() -> None:
    failure = Failure("deadline", "the deadline of 1m passed")
    events: list[Event] = [accepted(), RunFinished(at=START, status="failed", failure=failure)]
    assert sentences(failures_of(fold(recorded(events)))) == ["the deadline of 1m passed"]


def test_the_report_begins_with_the_end_and_shows_result_steps_and_agents() -> None:
    assert whole(finished(), PLAIN) == [
        "✓ succeeded in 4.0 s: Análisis  run r1",
        "",
        "result",
        "[",
        '  "á"',
        "]",
        "",
        "steps",
        "step  state        attempts  retries   time   lost",
        "scan  ✓ succeeded         2        1  3.5 s  3.0 s",
        "",
        "agents",
        "agent    calls  success  attempts  retries    mean     p50     p90     p95     p99    max  in calls  waited   lost",
        "scanner      1    100 %         2        1  750 ms  750 ms  950 ms  975 ms  995 ms  1.0 s     1.5 s  250 ms  3.0 s",
    ]


def test_the_step_table_counts_the_items_of_a_for() -> None:
    text = "\n".join(step_lines(FAILED, PLAIN))
    assert "✗ failed: 1 succeeded, 1 failed, 1 skipped" in text
    assert "⊘ blocked by write" in text


def test_a_step_of_items_alone_is_told_by_its_counts() -> None:
    events: list[Event] = [
        accepted(),
        StepFinished(at=START, step="w/draft", item="0"),
        StepBlocked(at=START, step="w/draft", item="1", by="w/scan"),
        StepFinished(at=START, step="w/polish", item="0"),
        StepFinished(at=START, step="w/polish", item="1"),
    ]
    text = "\n".join(step_lines(fold(recorded(events)), PLAIN))
    assert "1 succeeded, 1 blocked" in text
    assert "w/polish  ✓ succeeded" in text


def test_attempts_are_all_shown_when_they_are_few() -> None:
    lines = attempt_lines(FAILED, PLAIN)
    assert lines[1] == "attempts"
    assert len(lines) == 3 + 4
    assert any("status 503" in line for line in lines)


def test_of_many_attempts_only_the_unsuccessful_are_shown() -> None:
    events: list[Event] = [accepted()]
    for number in range(100):
        item = str(number)
        events.append(started("w", "writer", 0.0, item=item))
        if number != 50:
            events.append(StepFinished(at=START, step="w", item=item, attempts=1, agent="writer"))
    lines = attempt_lines(fold(recorded(events)), PLAIN)
    assert lines[1] == "attempts that did not succeed"
    assert len(lines) == 4


def test_long_tables_end_with_a_word_on_how_to_see_the_rest() -> None:
    events: list[Event] = [accepted()]
    events += [StepFinished(at=START, step=f"s{number}") for number in range(100)]
    lines = step_lines(fold(recorded(events)), PLAIN)
    assert lines[-1] == "… 40 more rows: --json has all of them"


def test_a_run_that_did_nothing_has_no_tables() -> None:
    end = RunFinished(at=START, status="cancelled")
    assert len(whole(fold(recorded([accepted(), end])), PLAIN)) == 1
    assert figures_lines([], PLAIN) == []
    assert attempt_lines(History(), PLAIN) == []


def test_figures_over_runs_have_a_row_per_pipeline_and_step() -> None:
    lines = figures_lines(step_figures([FAILED, FAILED]), PLAIN)
    assert lines[3].split()[:4] == ["viral", "scan", "2", "2"]


def test_the_report_fits_a_narrow_terminal() -> None:
    lines = whole(FAILED, Screen(Terminal(), io.StringIO(), columns=60))
    assert max(len(line) for line in lines) <= 60


def test_a_long_result_is_clipped_on_a_terminal_only() -> None:
    history = finished(json.dumps(list(range(1000))).encode())
    piped = whole(history, PLAIN)
    on_terminal = whole(history, Screen(Terminal(), io.StringIO()))
    assert "  999" in piped
    assert "  999" not in on_terminal
    assert "… 802 more lines: misy show r1 --json" in on_terminal
    assert len(piped) - len(on_terminal) == 1002 - MAX_RESULT_LINES - 1


def test_colours_are_used_only_where_the_screen_has_them() -> None:
    assert "\x1b" not in "".join(whole(FAILED, PLAIN))
    assert "\x1b[31m✗ failed" in "".join(whole(FAILED, COLOURED))


def test_a_screen_has_colours_on_a_terminal_that_wants_them() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    assert screen_for(terminal, pipe, environment={}).has_colours
    assert not screen_for(terminal, pipe, environment={}).err_has_colours
    assert not screen_for(terminal, terminal, environment={"NO_COLOR": "1"}).has_colours
    assert not screen_for(terminal, terminal, environment={"TERM": "dumb"}).err_has_colours


def test_a_stream_that_cannot_show_accents_replaces_them() -> None:
    data = io.BytesIO()
    out = io.TextIOWrapper(data, encoding="ascii", write_through=True)
    screen = screen_for(out, io.StringIO(), environment={})
    screen.say("✓ día")
    screen.give({"día": 1})
    assert data.getvalue() == b'? d?a\n{\n  "d\\u00eda": 1\n}\n'


def test_notes_are_silent_when_a_machine_listens() -> None:
    err = io.StringIO()
    Screen(io.StringIO(), err, is_json=True).note("hello")
    assert err.getvalue() == ""


def test_exit_codes_are_those_of_the_manual() -> None:
    words = ["succeeded", "failed", "cancelled", "paused"]
    assert [exits.of_status(word) for word in words] == [0, 1, 130, 130]
    assert exits.of_error(SourceInvalid([])) == 2
    assert exits.of_error(InputsInvalid("x")) == 2
    assert exits.of_error(AgentUnknown("x")) == 2
    assert exits.of_error(RunFailed("r", REFUSED)) == 1
    assert exits.of_error(RunBusy("x")) == 1
