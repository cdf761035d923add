"""Runs that take over what earlier ones came to, and recordings that stand in for agents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import misydsl
from misydsl.agents.contract import Request
from misydsl.agents.registry import Binding
from misydsl.failures import AgentUnknown, Failure, InputsInvalid, MisyError, SourceInvalid
from misydsl.store.journal import Journal
from misydsl.workspace import load
from misydsl.workspace.remembered import KEPT, remember, remembered
from misydsl.workspace.runs import Run
from tests.runner.theatre import PATIENCE_S, Actor

TEXT = """misy 1
agent escribe(tema: string) -> string
agent publica(texto: string) -> string
pipeline campaña(tema: string = "año", red: string = "tiktok") {
  step guion { call escribe(tema) }
  step paso { call publica(texto: "${guion} en ${red}") }
  step cuenta { return length(paso) }
  return { paso, cuenta }
}
"""


class Cast:
    """The agents, and what they were called with."""

    def __init__(self, *, is_broken: bool = False) -> None:
        self.is_broken = is_broken
        self.escribe = Actor(
            "escribe", answers=lambda request: f"guion de {request.inputs['tema']}"
        )
        self.publica = Actor("publica", answers=self._publish)

    def _publish(self, request: Request) -> object:
        if self.is_broken:
            return Failure("connect", "sin red")
        return f"publicado: {request.inputs['texto']}"

    @property
    def agents(self) -> Mapping[str, Binding]:
        return {"escribe": self.escribe, "publica": self.publica}

    @property
    def calls(self) -> tuple[int, int]:
        return len(self.escribe.seen), len(self.publica.seen)


def ended(run: Run) -> Run:
    run.wait(PATIENCE_S)
    return run


def test_a_retry_takes_over_what_succeeded_and_says_where_it_came_from(journal: Journal) -> None:
    cast = Cast(is_broken=True)
    base = load(TEXT).run(agents=cast.agents)
    assert base.status == "failed"
    cast.is_broken = False
    again = ended(misydsl.retry(base.id, agents=cast.agents))
    assert again.result == {"paso": "publicado: guion de año en tiktok", "cuenta": 33}
    assert cast.calls == (1, 2)
    history = again.history()
    assert history.base == base.id
    assert history.steps["guion", ""].reused == base.id
    assert history.steps["paso", ""].reused is None


def test_a_step_that_was_renamed_keeps_its_result(journal: Journal) -> None:
    cast = Cast()
    base = load(TEXT).run(agents=cast.agents)
    renamed = TEXT.replace("guion", "borrador")
    again = ended(base.rerun(file=_file("otra.misy", renamed), agents=cast.agents))
    assert again.history().steps["borrador", ""].reused == base.id
    assert cast.calls == (1, 1)


def _file(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def test_inputs_of_a_rerun_may_be_given_by_their_python_names(journal: Journal) -> None:
    text = TEXT.replace("red: string", "mi-red: string").replace("${red}", "${mi-red}")
    cast = Cast()
    base = load(text).run(agents=cast.agents)
    again = ended(base.rerun(inputs={"mi_red": "youtube"}, agents=cast.agents))
    assert again.result == {"paso": "publicado: guion de año en youtube", "cuenta": 34}
    assert cast.calls == (1, 2)


def test_a_rerun_keeps_the_inputs_it_does_not_change(journal: Journal) -> None:
    cast = Cast()
    base = load(TEXT).run(tema="la mar", agents=cast.agents)
    again = ended(base.rerun("paso", agents=cast.agents))
    assert again.result == {"paso": "publicado: guion de la mar en tiktok", "cuenta": 36}
    assert cast.calls == (1, 2)


@pytest.mark.parametrize("name", ["tena", "x"])
def test_an_unknown_input_begins_no_run(journal: Journal, name: str) -> None:
    base = load(TEXT).run(agents=Cast().agents)
    with pytest.raises(InputsInvalid, match=f"no input `{name}`"):
        base.rerun(inputs={name: "x"}, agents=Cast().agents)
    assert len(journal.runs()) == 1


def test_an_agent_that_nobody_plays_any_more_begins_no_run(journal: Journal) -> None:
    cast = Cast(is_broken=True)
    text = TEXT.replace(
        "-> string\npipeline", '-> string { url: "python:no.such:thing" }\npipeline'
    )
    base = load(text).run(agents=cast.agents)
    remember(base.id, None)  # as in another process
    with pytest.raises(AgentUnknown):
        base.retry()
    assert len(journal.runs()) == 1


def test_a_text_with_errors_begins_no_run(journal: Journal) -> None:
    cast = Cast(is_broken=True)
    base = load(TEXT).run(agents=cast.agents)
    with pytest.raises(SourceInvalid):
        base.retry(file=_file("mala.misy", TEXT.replace("call escribe", "call escrbe")))
    assert cast.calls == (1, 1)


def test_what_has_not_ended_is_not_run_again(journal: Journal) -> None:
    silent = Actor("escribe")
    run = load(TEXT).start(agents={**Cast().agents, "escribe": silent})
    silent.wait_for(1)
    for begin in (run.retry, run.rerun):
        with pytest.raises(MisyError, match=r"has not ended \(it is running\): misy resume"):
            begin()
    run.cancel()
    assert run.wait(PATIENCE_S) == "cancelled"
    again = ended(run.retry(agents=Cast().agents))
    assert again.status == "succeeded"


def test_a_step_inside_of_an_item_is_found_by_the_end_of_its_path(journal: Journal) -> None:
    text = TEXT.replace(
        "  step cuenta { return length(paso) }",
        """  step cada for n in [1, 2] {
    step dentro { call publica(texto: "${n}") }
    return dentro
  }
  step cuenta { return length(paso) }""",
    )
    cast = Cast()
    base = load(text).run(agents=cast.agents)
    ended(base.rerun("dentro", agents=cast.agents))
    assert cast.calls == (1, 5)


def test_handlers_speak_of_their_own_run_so_nothing_of_them_is_taken_over(
    journal: Journal,
) -> None:
    text = TEXT.replace(
        "  return { paso, cuenta }\n",
        """  return { paso, cuenta }
  on failure { step avisa { call escribe(tema: "mal") } }
  on finish { step cierra { call escribe(tema: "fin") } }
""",
    )
    cast = Cast(is_broken=True)
    base = load(text).run(agents=cast.agents)
    again = ended(base.retry(agents=cast.agents))
    assert [request.inputs["tema"] for request in cast.escribe.seen] == [
        *("año", "mal", "fin"),
        *("mal", "fin"),
    ]
    assert "`on failure` and `on finish` speak of their own run" in again.why("avisa").text
    assert cast.calls == (5, 2)
    assert again.replay().status == "failed"
    assert cast.calls == (5, 2)


def test_what_was_undone_is_done_again_and_says_why(journal: Journal) -> None:
    text = TEXT.replace("call escribe(tema) }", "call escribe(tema), undo { return 1 } }")
    cast = Cast(is_broken=True)
    base = load(text).run(agents=cast.agents)
    again = ended(base.retry(agents=cast.agents))
    assert cast.calls == (2, 2)
    assert again.why("guion").sentences[-1] == (
        f"It was called anew because it was undone in run {base.id}."
    )


class TestRecordings:
    """A saved run is a fixture: the pipeline is tested against it without any agent."""

    @pytest.fixture
    def recording(self, journal: Journal) -> Path:
        """What `misy replay RUN --save` leaves."""
        run = load(TEXT).run(agents=Cast().agents)
        return run.save("campaña.jsonl")

    def test_it_gives_the_same_result_and_is_in_no_journal(
        self, recording: Path, journal: Journal
    ) -> None:
        played = misydsl.replay(recording)
        assert played.result == {"paso": "publicado: guion de año en tiktok", "cuenta": 33}
        assert [row.run for row in journal.runs()] != [played.id]
        assert len(journal.runs()) == 1
        assert {one.reused is None for one in played.history().steps.values()} == {True, False}

    def test_a_changed_text_is_tried_on_it(self, recording: Path) -> None:
        changed = TEXT.replace("length(paso)", "length(paso) * 2")
        played = misydsl.replay(str(recording), file=_file("otra.misy", changed))
        assert played.result == {"paso": "publicado: guion de año en tiktok", "cuenta": 66}

    def test_a_call_it_does_not_have_fails_its_step_and_names_it(self, recording: Path) -> None:
        played = misydsl.replay(recording, inputs={"tema": "otro"})
        assert played.status == "failed"
        assert played.failure is not None
        assert (played.failure.kind, played.failure.step) == ("unrecorded", "guion")
        assert "has not recorded this call of escribe" in played.failure.message

    def test_a_run_in_hand_is_played_too(self, journal: Journal) -> None:
        run = load(TEXT).run(agents=Cast(is_broken=True).agents)
        played = run.replay()
        assert (played.status, played.failure and played.failure.message) == ("failed", "sin red")

    def test_waits_between_rounds_and_attempts_are_not_waited_for(self, journal: Journal) -> None:
        text = """misy 1
agent escribe(tema: string) -> string
pipeline p() {
  step cada repeat up to 3 {
    step uno { call escribe(tema: previous ?? "a") }
    until length(uno) > 20
    return uno
    every: 1ms
  }
  return cada
}
"""
        run = load(text).run(agents={"escribe": Cast().escribe})
        slow = _file("lenta.misy", text.replace("1ms", "10d"))
        assert run.replay(file=slow).result == run.result

    def test_a_recording_without_its_beginning_is_none(self, recording: Path) -> None:
        lines = recording.read_text("utf-8").splitlines()
        with pytest.raises(MisyError, match="does not say how it began"):
            misydsl.replay(_file("cola.jsonl", "\n".join(lines[1:])))


class TestAnswers:
    TEXT = """misy 1
pipeline p() {
  step revisa { call human.approve(message: "¿Sale?") }
  return revisa.by
}
"""

    def test_an_answer_of_this_process_and_one_too_many(self, journal: Journal) -> None:
        run = load(self.TEXT).start()
        for _ in range(1_000):
            if run.questions:
                break
            try:
                run.wait(0.01)
            except TimeoutError:
                continue
        run.approve(by="Ana")
        assert run.wait(PATIENCE_S) == "succeeded"
        assert run.result == "Ana"
        with pytest.raises(MisyError, match="asks nobody anything now"):
            run.approve(by="Bea")


def test_what_python_bound_at_the_start_is_remembered_by_this_process(journal: Journal) -> None:
    cast = Cast(is_broken=True)
    base = ended(load(TEXT).start(agents=cast.agents))
    cast.is_broken = False

    mended = ended(base.retry())
    again = ended(mended.rerun("guion"))
    assert (mended.status, again.status) == ("succeeded", "succeeded")
    assert len(cast.escribe.seen) == 2


def test_what_is_given_now_wins_over_what_is_remembered(journal: Journal) -> None:
    base = ended(load(TEXT).start(agents=Cast(is_broken=True).agents))
    other = Cast()

    again = ended(base.retry(agents={"publica": other.publica}))
    assert again.status == "succeeded"
    assert len(other.publica.seen) == 1


def test_the_newest_runs_are_remembered_and_names_are_read_as_python_reads_them() -> None:
    one, two = Cast().escribe, Cast().publica
    for number in range(KEPT + 1):
        remember(f"run-{number}", {"a-b": one})

    assert remembered("run-0") == {}
    assert remembered("run-1") == {"a-b": one}
    assert remembered("run-1", {"a_b": two}) == {"a_b": two}
    remember("run-1", {})
    assert remembered("run-1") == {}
