"""Facts, told as the frames of the orchestrator's contract."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.failures import Failure, MisyError
from misydsl.history.events import (
    AttemptFailed,
    Event,
    GroupStarted,
    Recorded,
    RoundFinished,
    RunAccepted,
    RunOwned,
    StepFailed,
    StepSkipped,
)
from misydsl.server.step_names import NamesOfRuns
from misydsl.server.telling import Stories
from tests.server.stories import START, TIMEOUT, accepted, ended, finished, short, shown, started
from tests.server.stories import story as whole_story


def told(events: list[Event], *, run: str = "r1") -> list[dict[str, Any]]:
    """The frames of one run."""
    return [shown(one) for one in stories_of(events).tell(recorded(events, run))]


def recorded(events: list[Event], run: str = "r1") -> list[Recorded]:
    return [Recorded(seq, run, event) for seq, event in enumerate(events, 10)]


def stories_of(events: list[Event]) -> Stories:
    first = events[0]
    assert isinstance(first, RunAccepted)
    return Stories(NamesOfRuns(lambda _: first))


def brief(frames: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = ("type", "stepId", "item", "attempt", "success", "status")
    return [tuple(frame[name] for name in names if name in frame) for frame in frames]


def test_the_story_of_a_run_in_the_order_it_happened() -> None:
    assert brief(told(whole_story())) == [
        ("workflow_started",),
        ("step_started", "buscar", 1),
        ("step_started", "buscar", 2),
        ("step_completed", "buscar", True),
        ("step_started", "escribir", "0", 1),
        ("step_completed", "escribir", "0", True),
        ("step_started", "escribir", "1", 1),
        ("step_completed", "escribir", "1", False),
        ("step_completed", "escribir", False),
        ("step_completed", "cerrar", False),
        ("workflow_completed", "partial"),
    ]


def test_every_frame_says_which_run_it_is_about_and_when() -> None:
    for frame in told(whole_story()):
        assert frame["runId"] == "r1"
        assert frame["workflowId"] == "análisis"
        assert frame["workflowName"] == "Análisis viral — ñandú"
        assert frame["sessionId"] == "s1"
        assert frame["timestamp"].startswith("2023-11-14T22:13:2")
        assert frame["timestamp"].endswith("Z")


def test_a_step_has_its_title_duration_attempts_and_error() -> None:
    frames = told(whole_story())
    assert frames[1]["stepName"] == "Buscar tendencias"
    assert frames[1]["agent"] == "escáner"
    assert (frames[3]["duration"], frames[3]["attempts"]) == (2_500.0, 2)
    assert "error" not in frames[3]
    assert (frames[5]["duration"], frames[5]["stepName"]) == (500.0, "escribir")
    assert frames[7]["error"]["code"] == "TIMEOUT"
    assert frames[9]["error"] == {
        "message": "Dependency failed: escribir",
        "code": "DEPENDENCY_FAILED",
        "details": {"dependency": "escribir"},
    }
    assert (frames[9]["duration"], frames[9]["attempts"]) == (0.0, 0)
    assert frames[10]["duration"] == 6_000.0
    assert frames[10]["error"] == TIMEOUT.sentence()


def test_the_last_frame_of_each_fact_carries_its_place() -> None:
    frames = told(whole_story())
    assert [frame["seq"] for frame in frames] == [10, 12, 14, 15, 17, 18, 19, 21, 22, 23, 24]


def test_a_success_is_a_workflow_completed() -> None:
    last = told(short())[-1]
    assert (last["type"], last["status"], "error" in last) == (
        "workflow_completed",
        "success",
        False,
    )


def test_a_cancelled_run_ends_what_was_open_and_has_failed() -> None:
    stopped = Failure("cancelled", "cancelled by ana")
    events: list[Event] = [
        accepted(),
        started("buscar", 0.0),
        ended(2.0, "cancelled", stopped),
    ]
    frames = told(events)
    assert brief(frames)[2:] == [
        ("step_completed", "buscar", False),
        ("workflow_failed", "failure"),
    ]
    assert frames[2]["error"] == {"message": "cancelled by ana", "code": "CANCELLED"}
    assert frames[2]["duration"] == 2_000.0
    assert frames[3]["error"] == "cancelled by ana"
    assert ("seq" in frames[2], frames[3]["seq"]) == (False, 12)


def test_a_run_that_ends_without_a_reason_says_how_it_ended() -> None:
    frames = told([accepted(), started("buscar", 0.0), ended(2.0, "cancelled")])
    assert frames[2]["error"]["message"] == "the run has ended"
    assert frames[3]["error"] == "the run ended as cancelled"


def test_a_pure_call_is_told_with_its_start() -> None:
    frames = told([accepted(), finished("buscar", 1.0), ended(2.0)])
    assert brief(frames)[1:3] == [
        ("step_started", "buscar", 1),
        ("step_completed", "buscar", True),
    ]
    assert frames[1]["timestamp"] == "2023-11-14T22:13:20.500Z"
    assert ("seq" in frames[1], frames[2]["seq"]) == (False, 11)


def test_a_pure_call_that_fails_is_told_with_its_start() -> None:
    lost = AttemptFailed(
        at=START + 1, step="buscar", failure=Failure("timeout", "late"), duration_s=1
    )
    events: list[Event] = [
        accepted(),
        started("buscar", 0.0),
        lost,
        lost,
        ended(2.0, "failed", TIMEOUT),
    ]
    assert [frame.get("agent") for frame in told(events)][1:3] == ["escáner", "escáner"]


def test_rounds_are_attempts_and_only_the_step_has_an_end() -> None:
    events: list[Event] = [
        accepted(),
        started("buscar", 0.0, round=1),
        RoundFinished(START + 1, step="buscar", round=1, attempts=1, agent="escáner"),
        RoundFinished(START + 1, step="buscar", round=2),
        started("buscar", 1.0, round=3),
        finished("buscar", 2.0, round=3, rounds=3),
        ended(2.0),
    ]
    kinds = [frame["type"] for frame in told(events)]
    assert kinds[1:-1] == ["step_started", "step_started", "step_completed"]


def test_what_calls_nothing_only_has_an_end() -> None:
    events: list[Event] = [
        accepted(),
        GroupStarted(START, step="buscar"),
        StepSkipped(START + 1, step="cerrar"),
        finished("escribir", 1.0, reused="cache"),
        finished("buscar", 1.0, attempts=0, agent=None, duration_s=0.0),
        ended(2.0),
    ]
    frames = told(events)
    assert [frame["type"] for frame in frames[1:-1]] == ["step_completed"] * 3
    assert all(frame["success"] and frame["attempts"] == 0 for frame in frames[1:-1])


def test_a_resumed_run_starts_its_open_call_once_more() -> None:
    events: list[Event] = [
        accepted(),
        started("buscar", 0.0),
        RunOwned(START + 5, owner="q", is_resume=True),
        started("buscar", 5.0),
        finished("buscar", 5.5),
        ended(6.0),
    ]
    frames = told(events)
    assert [frame["type"] for frame in frames[1:4]] == [
        "step_started",
        "step_started",
        "step_completed",
    ]
    assert frames[3]["attempts"] == 2


def test_nothing_is_told_after_the_end_or_before_the_beginning() -> None:
    assert len(told([*short(), started("buscar", 9.0)])) == len(told(short()))
    stories = stories_of(short())
    assert stories.tell(recorded(short()[1:])) == []


def test_a_very_long_error_is_cut() -> None:
    failure = Failure("agent-error", "é" * 50_000)
    events: list[Event] = [
        accepted(),
        StepFailed(START, step="buscar", failure=failure),
        ended(1.0, "failed", failure),
    ]
    frames = told(events)
    assert len(frames[1]["error"]["message"]) == 2_000
    assert frames[1]["error"]["message"].endswith("…")
    assert len(frames[2]["error"]) == 2_000


def test_a_text_that_cannot_be_read_leaves_paths_as_names() -> None:
    first = accepted(text="pipeline {")
    frames = told([first, started("a/b", 0.0), ended(1.0)])
    assert (frames[1]["stepId"], frames[1]["stepName"]) == ("a/b", "a/b")


def test_a_beginning_that_is_gone_leaves_paths_as_names() -> None:
    def gone(_: str) -> RunAccepted:
        raise MisyError("collected")

    names = NamesOfRuns(gone)
    assert names.step("a", run="r", fingerprint="f").name == "a"


CALLING = """
agent escáner() -> string

pipeline dentro {
  step leer "Leer" { call escáner() }
}

pipeline fuera {
  step llamar "Llamar" {
    call dentro()
  }
}
"""


def test_steps_of_called_pipelines_have_their_titles() -> None:
    names = NamesOfRuns(lambda _: accepted(pipeline="fuera", text=CALLING))
    found = {
        path: names.step(path, run="r", fingerprint="f").name
        for path in ("llamar", "llamar/leer", "llamar/nada", "nada")
    }
    assert found == {
        "llamar": "Llamar",
        "llamar/leer": "Leer",
        "llamar/nada": "llamar/nada",
        "nada": "nada",
    }


def test_a_text_is_read_once_for_all_its_runs_and_old_ones_are_forgotten() -> None:
    read: list[str] = []

    def accepted_of(run: str) -> RunAccepted:
        read.append(run)
        return accepted(text="pipeline análisis { }")

    names = NamesOfRuns(accepted_of)
    for number in range(300):
        names.step("a", run=f"r{number}", fingerprint=str(number // 2))
    assert len(read) == 150
    for number in range(257):
        names.step("a", run="x", fingerprint=f"other-{number}")
    names.step("a", run="r0", fingerprint="0")
    assert read[-1] == "r0"


@given(cut=st.integers(0, 20))
def test_frames_are_the_same_wherever_telling_begins(cut: int) -> None:
    events = whole_story()
    facts = recorded(events)
    stories = stories_of(events)
    stories.follow(facts[:cut])
    later = stories.tell(facts[cut:])
    everything = stories_of(events).tell(facts)
    assert later == [message for message in everything if message.seq >= 10 + cut]


def test_a_message_is_found_by_run_and_session() -> None:
    message = stories_of(short()).tell(recorded(short()))[-1]
    assert (message.run, message.session, message.seq) == ("r1", "s1", 14)
    assert (message.is_last, message.is_end) == (True, True)
    assert pytest.approx(shown(message)["duration"]) == 1_000.0
