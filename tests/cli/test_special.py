"""What is out of the ordinary is readable: questions, rounds, fallbacks, reuse, undo, handlers, pauses."""

from __future__ import annotations

import io

import pytest
from msgspec import Raw
from rich.console import Console

from misydsl.cli.board import drawn
from misydsl.cli.lines import Lines
from misydsl.cli.naming import readable, round_name, source_words
from misydsl.cli.overview import Overview, overview
from misydsl.cli.report import attempt_lines, step_lines
from misydsl.cli.screen import Screen
from misydsl.failures import Failure
from misydsl.history.events import (
    ApprovalAsked,
    AttemptFailed,
    AttemptStarted,
    Event,
    FallbackBegun,
    FanOut,
    GroupStarted,
    RoundFinished,
    RunPaused,
    StepFailed,
    StepFinished,
)
from misydsl.history.fold import fold
from misydsl.history.states import History
from tests.cli.conftest import Project
from tests.cli.test_overview import graph_of
from tests.metrics.stories import START, accepted, recorded

REFUSED = Failure("connect", "sin red")
QUESTION = Raw('{"message": "¿Sale mañana?", "to": "Ana", "options": []}'.encode())
GRAPH = graph_of("guion", "guion/borrador", "revisa", "guion/:undo/avisa", ":on-failure/cuenta")


def history_of(*events: Event) -> History:
    return fold(recorded([accepted(), *events]))


def rows(*events: Event) -> dict[str, tuple[str, str]]:
    seen = overview(GRAPH, history_of(*events), now=START + 10)
    return {row.name: (row.status, row.note) for row in seen.rows}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("cada/guion", "cada/guion"),
        ("cada/guion/:undo", "cada/guion · undo"),
        ("guion/:fallback-2/x/y", "guion · fallback 2 · x/y"),
        (":on-failure", "on failure"),
        (":on-finish-2/avisa", "on finish 2 · avisa"),
    ],
)
def test_paths_of_parts_read_as_words(path: str, words: str) -> None:
    assert readable(path) == words
    assert readable(path, "3/ñ") == f"{words}[3/ñ]"


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, ""), (1, "1"), (999, "999"), (1_000, "1000"), (2_003, "2.3"), (1_002_003, "1.2.3")],
)
def test_rounds_inside_of_rounds_are_told_apart(number: int, name: str) -> None:
    assert round_name(number) == name


def test_a_source_is_a_run_or_the_cache_of_one() -> None:
    assert source_words("cache 2026-x") == "the cache of run 2026-x"
    assert source_words("2026-x") == "run 2026-x"


class TestTheBoard:
    def test_a_question_stands_where_everybody_sees_it(self) -> None:
        found = rows(ApprovalAsked(at=START, step="revisa", question=QUESTION))
        assert found["revisa"] == ("asking", "asks Ana: ¿Sale mañana?")

    def test_items_that_ask_are_counted_and_named(self) -> None:
        found = rows(
            FanOut(at=START, step="revisa", item="", count=2),
            ApprovalAsked(at=START, step="revisa", item="0", question=QUESTION),
        )
        assert found["revisa"] == ("running", "0/2 done · 1 asking")
        assert found["  [0]"] == ("asking", "asks Ana: ¿Sale mañana?")

    def test_the_round_under_way_and_those_inside_are_told(self) -> None:
        events: list[Event] = [
            GroupStarted(at=START, step="guion", round=1),
            RoundFinished(at=START + 1, step="guion", round=1),
            GroupStarted(at=START + 1, step="guion", round=2),
            AttemptStarted(
                at=START + 2, step="guion/borrador", agent="escribe", key="k", timeout_s=1.0,
                round=2,
            ),
        ]  # fmt: skip
        found = rows(*events)
        assert found["guion"] == ("running", "round 2")
        assert found["  borrador"] == ("running", "round 2 · calls escribe")
        assert rows(*events, StepFinished(at=START + 3, step="guion", rounds=2))["guion"] == (
            "succeeded", "2 rounds",
        )  # fmt: skip

    def test_a_fallback_under_way_says_why(self) -> None:
        turned = FallbackBegun(at=START, step="guion", failure=REFUSED, number=1)
        assert rows(turned)["guion"] == ("running", "fallback 1, because: sin red")
        called = StepFinished(at=START, step="guion/:fallback", attempts=1, agent="b")
        assert rows(turned, called)["  fallback"][0] == "succeeded"

    def test_what_was_reused_says_from_where(self) -> None:
        found = rows(
            StepFinished(at=START, step="guion", reused="cache r0", agent="escribe"),
            FanOut(at=START, step="revisa", item="", count=2),
            StepFinished(at=START, step="revisa", item="0", reused="r0", agent="escribe"),
        )
        assert found["guion"] == ("succeeded", "from the cache of run r0")
        assert found["revisa"][1] == "1/2 done · 1 reused"

    def test_undo_and_handlers_stand_where_they_belong(self) -> None:
        seen = overview(
            GRAPH,
            history_of(
                StepFinished(at=START, step="guion"),
                GroupStarted(at=START, step="guion/:undo"),
                StepFinished(at=START, step="guion/:undo/avisa"),
                StepFinished(at=START, step="revisa/:undo", agent="b", attempts=1),
                GroupStarted(at=START, step=":on-failure"),
                StepFinished(at=START, step=":on-failure/cuenta"),
            ),
            now=START + 1,
        )
        assert [row.name for row in seen.rows] == [
            "guion", "  borrador", "revisa", "  undo", "  undo", "    avisa",
            "on failure", "  cuenta",
        ]  # fmt: skip

    def test_a_pause_says_why(self) -> None:
        words = "the budget of `p` is spent: 1 of 1 calls were made"
        seen = overview(GRAPH, history_of(RunPaused(at=START, reason=words)), now=START, room=10)
        assert seen.reason == words
        assert words in painted(seen)


def painted(seen: Overview) -> str:
    stream = io.StringIO()
    Console(file=stream, width=160, highlight=False, color_system=None).print(drawn(seen))
    return stream.getvalue()


class TestLines:
    def told(self, *events: Event) -> list[str]:
        stream = io.StringIO()
        lines = Lines(stream)
        for one in recorded(events):
            lines.see(one)
        return [line.partition("  ")[2] for line in stream.getvalue().splitlines()]

    def test_rounds_parts_and_sources_are_readable(self) -> None:
        assert self.told(
            RoundFinished(at=START, step="guion", round=2_003),
            RoundFinished(at=START, step="guion", round=2_004, reused="cache r0"),
            StepFinished(at=START, step="guion/:undo", item="1"),
            StepFinished(at=START, step="revisa", reused="r0"),
        ) == [
            "● guion: round 2.3 ended",
            "● guion: round 2.4 ended, taken from the cache of run r0",
            "✓ guion · undo[1]: succeeded",
            "✓ revisa: succeeded, taken from run r0",
        ]


class TestTheReport:
    SCREEN = Screen(io.StringIO(), io.StringIO())

    def steps(self, *events: Event) -> list[str]:
        lines = step_lines(history_of(*events), self.SCREEN)
        return [" ".join(line.split()) for line in lines[3:]]

    def test_steps_say_what_was_special(self) -> None:
        assert self.steps(
            FallbackBegun(at=START, step="guion", failure=REFUSED, number=2),
            StepFinished(at=START + 1, step="guion"),
            StepFinished(at=START, step="revisa", reused="cache r0", agent="b"),
            StepFinished(at=START, step="mejor", rounds=3),
            StepFinished(at=START, step="x/:undo", agent="b", attempts=1, duration_s=0.25),
        ) == [
            "guion ✓ succeeded, fallback 2 1.0 s",
            "revisa ✓ succeeded, from the cache of run r0 0.0 ms",
            "mejor ✓ succeeded, 3 rounds 0.0 ms",
            "x · undo ✓ succeeded 1 250 ms",
        ]

    def test_items_that_were_special_are_counted(self) -> None:
        (line,) = self.steps(
            FanOut(at=START, step="cada", item="", count=3),
            FallbackBegun(at=START, step="cada", item="0", failure=REFUSED, number=1),
            StepFinished(at=START, step="cada", item="0"),
            StepFinished(at=START, step="cada", item="1", reused="r0", agent="b"),
            StepFailed(at=START, step="cada", item="2", failure=REFUSED),
            StepFinished(at=START, step="cada"),
        )
        assert line.startswith("cada ✓ succeeded: 2 succeeded, 1 failed, 1 by fallback, 1 reused")

    def test_attempts_name_their_round(self) -> None:
        call = AttemptStarted(
            at=START, step="guion", agent="b", key="k", timeout_s=1.0, round=2_003
        )
        failed = AttemptFailed(at=START, step="guion", failure=REFUSED, duration_s=0.1, round=2_003)
        lines = attempt_lines(history_of(call, failed), self.SCREEN)
        assert lines[2].split()[:3] == ["step", "round", "attempt"]
        assert lines[3].split()[:3] == ["guion", "2.3", "1"]


class TestStandstill:
    def test_a_paused_run_shows_its_question_and_the_commands(self, project: Project) -> None:
        run = project.paused("permiso").id
        told = project.type("show", run)
        assert told.out.splitlines()[1:3] == [
            (f"? revisa asks (for Ana): ¿Sale «guion de el año»?  →  misy approve {run} revisa"),
            f"paused: the test; to go on: misy resume {run}",
        ]
        (asking,) = (one for one in _steps(project, run) if "question" in one)
        assert asking["question"]["message"] == "¿Sale «guion de el año»?"  # type: ignore[index]

    def test_a_failed_run_says_how_to_ask_why(self, project: Project) -> None:
        project.break_agent()
        told = project.type("run", "campaña.misy", "campaña", "--agents", "agentes.py")
        assert told.code == 1
        (why,) = (line for line in told.err.splitlines() if line.startswith("why it failed:"))
        assert why.endswith(" repaso")
        assert project.type(*why.partition("misy ")[2].split()).out.startswith(
            "`repaso` failed after "
        )


def _steps(project: Project, run: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = project.type("show", run, "--json").data["steps"]
    return found
