"""Workflows in JSON as runs: recorded, resumed, retried, replayed, shown, with agents of a project and without."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import misydsl
from misydsl.agents.contract import Request
from misydsl.failures import Failure, MisyError, SourceInvalid
from misydsl.store.journal import Journal
from misydsl.workspace import check_text, load
from misydsl.workspace.checking import check_recorded
from misydsl.workspace.forms import context_of
from misydsl.workspace.projects import Project
from misydsl.workspace.recorded import accepted_of, program_of
from misydsl.workspace.runs import Run, find_run
from misydsl.workspace.workflows import check_workflow, read_workflow, write_workflow
from tests.runner.theatre import PATIENCE_S, Actor

STEPS: list[dict[str, Any]] = [
    {"id": "guión", "name": "Guión", "agent": "escribe", "input": {"tema": "${café}"}},
    {"id": "paso 2", "agent": "publica", "input": {"red": "tiktok"}, "dependencies": ["guión"]},
]


class StoppedClock:
    """A clock that stands still."""

    def wall(self) -> float:
        return 1_700_000_000.25

    def monotonic(self) -> float:
        return 0.0


class Cast:
    """The two agents, and what they were called with."""

    def __init__(self, *, is_broken: bool = False) -> None:
        self.is_broken = is_broken
        self.escribe = Actor("escribe", answers=lambda request: {"texto": request.inputs["tema"]})
        self.publica = Actor("publica", answers=self._publish)

    def _publish(self, request: Request) -> object:
        return Failure("connect", "sin red") if self.is_broken else {"en": request.inputs["red"]}

    @property
    def agents(self) -> Mapping[str, Actor]:
        return {"escribe": self.escribe, "publica": self.publica}

    @property
    def calls(self) -> tuple[int, int]:
        return len(self.escribe.seen), len(self.publica.seen)


def text_of(*steps: dict[str, Any], context: object = None, **fields: Any) -> str:
    workflow = {"id": "w 1", "name": "Publicar", "steps": steps or STEPS, **fields}
    return json.dumps({"workflow": workflow, "context": context}, ensure_ascii=False)


def ended(run: Run) -> Run:
    run.wait(PATIENCE_S)
    return run


def statuses(run: Run) -> dict[str, str]:
    return {path: one.status for (path, _), one in run.history().steps.items()}


def test_a_workflow_runs_and_its_words_are_recorded(journal: Journal) -> None:
    cast = Cast()
    text = text_of(context={"sessionId": "s-ñ", "sharedData": {"userId": "u"}})
    run = ended(read_workflow(text).start(agents=cast.agents, journal=journal))

    assert run.status == "succeeded"
    assert cast.escribe.seen[0].inputs == {"tema": "${café}"}
    accepted = accepted_of(journal, run.id)
    assert (accepted.pipeline, accepted.title, accepted.session) == ("w 1", "Publicar", "s-ñ")
    assert accepted.entry == "workflow.json"
    [module] = accepted.modules
    assert module.text.startswith(text.removesuffix("}"))


def test_session_and_shared_data_of_whoever_starts_it_come_first(journal: Journal) -> None:
    text = text_of(context={"sessionId": "s-1", "sharedData": {"a": 1}})
    run = ended(
        read_workflow(text).start(
            agents=Cast().agents, journal=journal, session="s-2", shared={"b": 2}
        )
    )
    accepted = accepted_of(journal, run.id)
    assert (accepted.session, json.loads(bytes(accepted.shared))) == ("s-2", {"b": 2})


@pytest.mark.parametrize("text", ['{"name": "x", "steps": []}', text_of(), text_of(context={})])
def test_a_text_may_bring_neither_session_nor_shared_data(text: str) -> None:
    assert context_of(text) == (None, {})


def test_what_is_recorded_is_read_again_as_the_same_program(journal: Journal) -> None:
    pipeline = read_workflow(text_of())
    run = ended(pipeline.start(agents=Cast().agents, journal=journal))

    again, library = program_of(accepted_of(journal, run.id))

    assert again == pipeline.meaning
    assert library.entry == pipeline.library.entry
    assert [one.path for one in run.graph().step_graph.nodes] == ["guión", "paso-2"]


def test_a_workflow_without_an_id_keeps_the_one_it_was_given(journal: Journal) -> None:
    text = json.dumps({"name": "Publicar", "steps": STEPS})
    pipeline = read_workflow(text, clock=StoppedClock())
    assert pipeline.name == "workflow_1700000000250"
    run = ended(pipeline.start(agents=Cast().agents, journal=journal))
    assert run.program()[0].name == pipeline.name


def test_what_a_program_was_recorded_as_can_be_sent_again(journal: Journal) -> None:
    run = ended(read_workflow(text_of()).start(agents=Cast().agents, journal=journal))
    recorded = accepted_of(journal, run.id).modules[0].text

    again = read_workflow(recorded)

    assert again.name == "w 1"
    texts = {key: one.source.text for key, one in again.library.modules.items()}
    assert check_recorded(texts, again.library.entry).diagnostics == ()


def test_a_byte_order_mark_does_no_harm(journal: Journal) -> None:
    pipeline = read_workflow("\ufeff" + text_of())
    run = ended(pipeline.start(agents=Cast().agents, journal=journal))
    assert run.program()[0] == pipeline.meaning


def test_a_failed_run_is_retried_told_of_run_again_and_replayed(journal: Journal) -> None:
    cast = Cast(is_broken=True)
    base = ended(read_workflow(text_of()).start(agents=cast.agents, journal=journal))
    assert statuses(base) == {"guión": "succeeded", "paso-2": "failed"}
    assert "sin red" in str(find_run(base.id, journal).why("paso-2"))

    cast.is_broken = False
    again = ended(misydsl.retry(base.id, agents=cast.agents, journal=journal))
    assert again.status == "succeeded"
    assert cast.calls == (1, 2)

    anew = ended(misydsl.rerun(again.id, from_step="paso-2", agents=cast.agents, journal=journal))
    assert anew.status == "succeeded"
    assert cast.calls == (1, 3)

    assert misydsl.replay(anew.id, journal=journal).status == "succeeded"
    assert cast.calls == (1, 3)


def test_a_paused_run_is_resumed_from_its_record_alone(journal: Journal) -> None:
    first = Actor("escribe")
    run = read_workflow(text_of()).start(
        agents={"escribe": first, "publica": Cast().publica}, journal=journal
    )
    first.wait_for(1)
    run.pause("la prueba")
    first.answer({"texto": "hecho"})
    ended(run)
    assert run.status == "paused"

    cast = Cast()
    again = ended(misydsl.resume(run.id, agents=cast.agents, journal=journal))

    assert again.status == "succeeded"
    assert cast.calls == (0, 1)


def test_steps_that_are_done_call_nobody_and_later_ones_see_them(journal: Journal) -> None:
    cast = Cast()
    results = {"guión": {"success": True, "data": {"texto": "hecho"}}}
    text = text_of(context={"stepResults": results})
    run = ended(read_workflow(text).start(agents=cast.agents, journal=journal))
    assert run.status == "succeeded"
    assert cast.calls == (0, 1)
    assert set(statuses(run).values()) == {"succeeded"}


# ---------------------------------------------------------------- agents of a project


@pytest.fixture
def agent_address() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An agent over HTTP that speaks the contract, and the bodies that it was sent."""
    bodies: list[dict[str, Any]] = []

    class Agent(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bodies.append(body)
            data = json.dumps({"success": True, "data": {"eco": body.get("tema")}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Agent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/escribe", bodies
    server.shutdown()
    thread.join(PATIENCE_S)
    server.server_close()


def test_an_agent_that_the_project_declares_is_called_where_it_says(
    folder: Path, journal: Journal, agent_address: tuple[str, list[dict[str, Any]]]
) -> None:
    address, bodies = agent_address
    (folder / "tipos.misy").write_text("type Tema = string\n", encoding="utf-8")
    (folder / "agentes.misy").write_text(
        'import { Tema } from "./tipos.misy"\n'
        f'let base = "{address}"\n'
        'agent escribe(tema: Tema) -> { eco: Tema } {\n  url: base\n  wire: "misybot"\n}\n',
        encoding="utf-8",
    )
    project = Project(folder)
    step = {"id": "guión", "agent": "escribe", "input": {"tema": "café"}}
    text = text_of(step, context={"sharedData": {"userId": "u-1"}})
    pipeline = read_workflow(text, agents=project.agents, is_known=project.agents.__contains__)

    run = ended(pipeline.start(journal=journal))

    assert run.status == "succeeded", run.failure
    assert bodies[0]["tema"] == "café"
    recorded = accepted_of(journal, run.id)
    assert {one.key for one in recorded.modules} == {
        "workflow.json",
        "agentes.misy",
        "tipos.misy",
    }
    (folder / "agentes.misy").unlink()
    again, library = program_of(recorded)
    assert again == pipeline.meaning
    declared = library.find("workflow.json", "escribe")
    assert declared == pipeline.library.find("workflow.json", "escribe")
    anew = ended(misydsl.rerun(run.id, from_step="guión", journal=journal))
    assert anew.status == "succeeded", anew.failure
    assert len(bodies) == 2


def test_only_modules_of_agents_that_are_called_are_recorded(folder: Path) -> None:
    for name in ("uno", "dos"):
        text = f'agent {name}(x: any?) -> any {{ url: "http://localhost:4001/{name}" }}\n'
        (folder / f"{name}.misy").write_text(text, encoding="utf-8")
    project = Project(folder)
    pipeline = read_workflow(text_of({"id": "a", "agent": "uno"}), agents=project.agents)
    assert set(pipeline.library.modules) == {"workflow.json", "uno.misy"}


def test_a_file_of_the_project_may_be_called_as_workflows_are(
    folder: Path, journal: Journal
) -> None:
    (folder / "workflow.json").write_text("Escribe", encoding="utf-8")
    (folder / "a.misy").write_text(
        'prompt orden() from "./workflow.json"\n'
        "agent escribe(tema: any?, orden: string = orden()) -> any\n",
        encoding="utf-8",
    )
    project = Project(folder)
    assert project.problems == ()
    pipeline = read_workflow(text_of({"id": "a", "agent": "escribe"}), agents=project.agents)
    run = ended(pipeline.start(agents={"escribe": lambda **_: 1}, journal=journal))
    assert run.status == "succeeded"
    assert {one.key for one in accepted_of(journal, run.id).modules} == {
        "workflow-2.json",
        "workflow.json",
        "a.misy",
    }
    assert run.program()[0] == pipeline.meaning


def test_an_agent_that_nobody_knows_is_told_with_its_step_and_the_one_that_was_meant() -> None:
    with pytest.raises(SourceInvalid) as refused:
        read_workflow(text_of(), is_known={"escribe"}.__contains__)
    [one] = refused.value.diagnostics
    assert one.code == "E0806"
    assert "`paso 2` calls the agent `publica`" in one.message


def test_an_input_of_another_type_than_declared_never_reaches_the_agent(
    folder: Path, journal: Journal
) -> None:
    (folder / "a.misy").write_text("agent escribe(tema: string) -> string\n", encoding="utf-8")
    actor = Actor("escribe", answers=lambda _: "x")
    text = text_of({"id": "a", "agent": "escribe", "input": {"tema": 7}})
    pipeline = read_workflow(text, agents=Project(folder).agents)
    run = ended(pipeline.start(agents={"escribe": actor}, journal=journal))
    assert run.status == "failed"
    assert run.failure is not None
    assert run.failure.message == "`tema`: expected string, got 7"
    assert "producer" not in (run.failure.advice or "")
    assert actor.seen == []


# ---------------------------------------------------------------- texts, and back to JSON


def test_a_text_that_is_json_is_a_workflow_everywhere(journal: Journal) -> None:
    text = json.dumps({"name": "Publicar", "steps": STEPS})
    assert load(text).title == "Publicar"
    assert load(f"  \n{text}").name == "workflow"
    assert check_text(text).diagnostics == ()
    assert [one.code for one in check_text('{"name": "x"}').errors] == ["E0100"]
    assert [one.code for one in check_text('{"steps": 7}').errors] == ["E0802", "E0802"]
    assert "E0801" not in {one.code for one in check_text('{"steps": [}').errors}


def test_a_file_may_be_named_by_a_text(folder: Path) -> None:
    (folder / "año.json").write_text(text_of(), encoding="utf-8")
    assert load("año.json").name == "w 1"
    with pytest.raises(MisyError, match="no such file"):
        load("otro.json")


def test_a_workflow_that_was_read_is_written_as_it_was_meant() -> None:
    document = json.loads(text_of())["workflow"]
    back = write_workflow(read_workflow(text_of()))
    assert back == {**document, "steps": [STEPS[0], {**STEPS[1], "name": "paso 2"}]}
    assert check_workflow(json.dumps(back)).diagnostics == ()


def test_a_pipeline_of_misy_is_written_where_json_can_say_it() -> None:
    pipeline = load(
        """
agent escribe(tema: string, ...) -> string
## Lo que sale
pipeline publicar "Publicar" () {
  ## Primero
  step guion "Guión" {
    call escribe(tema: "café", más: { a: [1, null], "b c": 2.5 })
    timeout: 1m
    priority: 3
    retry: { attempts: 3, delay: 250ms, backoff: 1.5 }
  }
  step cierre after guion {
    call escribe(tema: "té")
    retry: { attempts: 2 }
  }
}
"""
    )
    assert write_workflow(pipeline) == {
        "id": "publicar",
        "name": "Publicar",
        "description": "Lo que sale",
        "steps": [
            {
                "id": "guion",
                "name": "Guión",
                "description": "Primero",
                "agent": "escribe",
                "input": {"tema": "café", "más": {"a": [1, None], "b c": 2.5}},
                "timeout": 60_000,
                "priority": 3,
                "retryConfig": {"maxAttempts": 3, "delay": 250, "backoffMultiplier": 1.5},
            },
            {
                "id": "cierre",
                "name": "cierre",
                "agent": "escribe",
                "input": {"tema": "té"},
                "dependencies": ["guion"],
                "retryConfig": {"maxAttempts": 2, "delay": 1000, "backoffMultiplier": 2},
            },
        ],
    }


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("step a { call e(x: topic) }", "topic"),
        ("let y = 1 step a { call e(x: 1) }", "y"),
        ("step a { call e(x: 1) } return a", "a"),
        ("deadline: 1m step a { call e(x: 1) }", "deadline"),
        ("step a { call e(x: [1 + 1]) }", "x"),
        ("step a { call e(x: { ...topic }) }", "x"),
        ("step a { call e(...topic) }", "...topic"),
        ("step a for t in [1] { call e(x: 1) }", "a"),
        ("step a when true { call e(x: 1) }", "a"),
        ("step a { return 1 }", "a"),
        ("step a { step b { call e(x: 1) } return b }", "a"),
        ("step a { call e(x: 1) timeout: if true then 1s else 2s }", "timeout"),
        ("step a { call e(x: 1) cache: 1h }", "cache"),
        ("step a { call e(x: 1) } on failure { step b { call e(x: 1) } }", ""),
    ],
)
def test_what_json_cannot_say_is_told_where_it_stands(body: str, place: str) -> None:
    lines = body.replace(" step ", "\n  step ").replace(" return", "\n  return")
    for word in ("timeout:", "cache:", "on failure"):
        lines = lines.replace(f" {word}", f"\n  {word}")
    needs = "topic: any" if "topic" in body else ""
    text = f"agent e(x: any?, ...) -> any\npipeline p({needs}) {{\n  {lines}\n}}\n"
    with pytest.raises(SourceInvalid) as refused:
        write_workflow(load(text))
    found = refused.value.diagnostics
    assert {one.code for one in found} == {"E0808"}
    places = [one.source.text[one.span.start : one.span.end] for one in found]
    assert any(one.startswith(place) for one in places), places
