"""Workflows in JSON: run, made, checked.

In: the contract's bodies. Out: the contract's answers: a result when the run has ended, 202 when somebody
prefers not to wait. What is wrong with a workflow is told as diagnostics, each with its place in the body.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

from msgspec import UNSET
from msgspec.structs import asdict

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.failures import MisyError, SourceInvalid
from misydsl.metrics.orchestration import SINGLE_CALL
from misydsl.metrics.orchestration_records import iso
from misydsl.server.answers import accepted, key_of, preference_of, told
from misydsl.server.bodies import diagnostic_texts, refused_text, text_of
from misydsl.server.operations import Operation
from misydsl.server.orchestrator import Orchestrator
from misydsl.server.payloads import (
    Accepted,
    Validation,
    Verdict,
    WorkflowDefinition,
    WorkflowDraft,
    WorkflowResult,
    WorkflowSubmission,
)
from misydsl.server.problems import Refused
from misydsl.server.results import workflow_result
from misydsl.server.submissions import Submission
from misydsl.workspace.checking import check_recorded
from misydsl.workspace.forms import context_of
from misydsl.workspace.posted import POSTED, read_posted
from misydsl.workspace.runs import Run
from misydsl.workspace.workflows import check_workflow, read_workflow

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest
    from starlette.responses import Response

PREFIX: Final = "/api/v1/orchestrator/workflow"
VERSION: Final = "1.0.0"


class Workflows:
    """What is answered under `/api/v1/orchestrator/workflow`."""

    def __init__(self, orchestrator: Orchestrator, *, clock: Clock = SYSTEM_CLOCK) -> None:
        self._orchestrator, self._clock = orchestrator, clock
        self._last_id = 0

    def operations(self) -> tuple[Operation, ...]:
        """The rows of the table."""
        return (
            Operation(
                method="POST",
                path=PREFIX,
                answer=self.run,
                summary="Run a workflow and answer with its result",
                tag="workflows",
                takes=WorkflowSubmission,
                gives={200: WorkflowResult, 202: Accepted},
            ),
            Operation(
                method="POST",
                path=f"{PREFIX}/create",
                answer=self.create,
                summary="Give a workflow an id, a version and a date; nothing is stored",
                tag="workflows",
                takes=WorkflowDraft,
                gives={201: WorkflowDefinition},
            ),
            Operation(
                method="POST",
                path=f"{PREFIX}/validate",
                answer=self.validate,
                summary="Say whether a workflow or a text can be run, and what is wrong with it",
                tag="workflows",
                takes=Validation,
                gives={200: Verdict},
            ),
        )

    async def run(self, http: HttpRequest) -> Response:
        """`POST /workflow`: the result after the end; 202 at once with `Prefer: respond-async`."""
        prefers, key = preference_of(http), key_of(http)
        text = text_of(http)
        wanted = await self._orchestrator.in_thread(self._read, text, key)
        run = await self._orchestrator.submit(wanted)
        status = await self.status_in(run, prefers.wait_s)
        if status is None or status == "paused":
            known = status or str(await self._orchestrator.in_thread(lambda: run.status))
            return accepted(run, known, headers=prefers.headers)
        history = await self._orchestrator.history_of(run)
        pipeline, _ = await self._orchestrator.in_thread(run.program)
        return told(workflow_result(history, pipeline))

    async def status_in(self, run: Run, wait_s: float | None) -> str | None:
        """How the run ended; None when it has not within this time."""
        if wait_s is not None and wait_s <= 0:
            return None
        ending = asyncio.ensure_future(self._orchestrator.ended(run))
        done, _ = await asyncio.wait({ending}, timeout=wait_s)
        if not done:
            ending.cancel()
            return None
        return ending.result()

    async def create(self, http: HttpRequest) -> Response:
        """`POST /workflow/create`: a factory; the id is unique even within a millisecond."""
        draft = cast("WorkflowDraft", http.state.body)
        now = self._clock.wall()
        self._last_id = max(int(now * 1000), self._last_id + 1)
        made = WorkflowDefinition(
            **asdict(draft), id=f"workflow_{self._last_id}", created_at=iso(now), version=VERSION
        )
        return told(made, 201)

    async def validate(self, http: HttpRequest) -> Response:
        """`POST /workflow/validate`."""
        body = cast("Validation", http.state.body)
        if (body.workflow is UNSET) == (body.source is UNSET):
            raise Refused(400, "send either `workflow` or `source`")
        text = text_of(http)
        return told(await self._orchestrator.in_thread(self._verdict, text, body))

    def _read(self, text: str, key: str | None) -> Submission:
        try:
            pipeline = read_workflow(
                text,
                agents=self._orchestrator.project.agents,
                is_known=self._orchestrator.agents.is_known,
            )
        except SourceInvalid as problem:
            raise refused_text(problem) from problem
        if pipeline.name.startswith(SINGLE_CALL):  # it would be counted as one, and be no workflow
            raise Refused(400, f"ids that begin with `{SINGLE_CALL}` are those of single calls")
        session, shared = context_of(text)
        return Submission(pipeline, shared=shared, session=session, key=key)

    def _verdict(self, text: str, body: Validation) -> Verdict:
        if isinstance(body.source, str):
            return self._verdict_of_source(body.source)
        checked = check_workflow(
            text,
            agents=self._orchestrator.project.agents,
            is_known=self._orchestrator.agents.is_known,
        )
        found = diagnostic_texts(checked.diagnostics)
        return Verdict(valid=not checked.errors, diagnostics=found)

    def _verdict_of_source(self, source: str) -> Verdict:
        orchestrator = self._orchestrator
        library = check_recorded({POSTED: source}, POSTED).library
        names = [one.name for one in library.main.pipelines()] if library is not None else []
        try:
            pipeline = read_posted(
                source,
                project=orchestrator.project,
                is_known=orchestrator.agents.is_known,
                pipeline=names[0] if names else None,
            )
        except SourceInvalid as problem:
            return Verdict(valid=False, diagnostics=diagnostic_texts(problem.diagnostics))
        except MisyError as problem:  # too long, or without a pipeline
            raise Refused(400, str(problem)) from problem
        return Verdict(valid=True, diagnostics=diagnostic_texts(pipeline.check()))
