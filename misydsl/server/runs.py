"""The project's own resources: its pipelines, and runs to be begun, looked at and led.

In: the text of a `.misy` file or the name of one of the project's pipelines; a run's id. Out: rows, details,
facts as they are recorded (NDJSON from a cursor on, or Server-Sent Events), a picture coloured by what
happened, and commands that are in the journal when the answer is 202.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import islice
from typing import Any, Final, Literal, cast

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse

from misydsl.expressions.printer import to_text
from misydsl.failures import JournalUnusable, MisyError, RunBusy, SourceInvalid
from misydsl.history.status import RUN_FINAL
from misydsl.pipeline.model import Parameter
from misydsl.relations import admits_null, describe
from misydsl.server.answers import RUNS, key_of, told
from misydsl.server.bodies import diagnostic_texts, refused_text
from misydsl.server.operations import Method, Operation
from misydsl.server.orchestrator import Orchestrator
from misydsl.server.payloads import DiagnosticText
from misydsl.server.payloads_runs import (
    AfterQuery,
    ApproveRequest,
    CancelRequest,
    GraphQuery,
    ParameterRow,
    PipelineRow,
    PipelineRows,
    ResumeRequest,
    RunDetail,
    RunList,
    RunRequest,
    RunRow,
    RunsQuery,
)
from misydsl.server.problems import Refused
from misydsl.server.run_rows import RunRows
from misydsl.server.step_names import NamesOfRuns
from misydsl.server.submissions import Submission
from misydsl.workspace.pipelines import Pipeline
from misydsl.workspace.posted import read_posted
from misydsl.workspace.projects import ProjectPipeline
from misydsl.workspace.runs import Run

NDJSON: Final = "application/x-ndjson"
EVENT_STREAM: Final = "text/event-stream"
SVG: Final = "image/svg+xml"
FACTS_AT_ONCE: Final = 256
SOMEBODY: Final = "the orchestrator's API"

Events = Callable[[HttpRequest, str, int], Response]
"""Answers with a run's messages as Server-Sent Events, from a place of the journal on."""


class Runs:
    """What is answered under `/api/v1/runs` and `/api/v1/pipelines`."""

    def __init__(self, orchestrator: Orchestrator, *, names: NamesOfRuns, events: Events) -> None:
        self._orchestrator, self._stream = orchestrator, events
        self._rows = RunRows(orchestrator.journal, names)

    def operations(self) -> tuple[Operation, ...]:
        """The rows of the table."""
        one = f"{RUNS}/{{id}}"
        row = {202: RunRow}
        get: Method = "GET"
        post: Method = "POST"
        return (
            _operation(get, "/api/v1/pipelines", self.pipelines, gives={200: PipelineRows}),
            _operation(get, RUNS, self.newest, asks=RunsQuery, gives={200: RunList}),
            _operation(post, RUNS, self.begin, takes=RunRequest, gives=row),
            _operation(get, one, self.show, gives={200: RunDetail}),
            _operation(get, f"{one}/events", self.events, asks=AfterQuery, gives={200: NDJSON}),
            _operation(get, f"{one}/graph.svg", self.graph, asks=GraphQuery, gives={200: SVG}),
            _operation(post, f"{one}/cancel", self.cancel, takes=CancelRequest, gives=row),
            _operation(post, f"{one}/resume", self.resume, takes=ResumeRequest, gives=row),
            _operation(post, f"{one}/approve", self.approve, takes=ApproveRequest, gives=row),
        )

    async def pipelines(self, _: HttpRequest) -> Response:
        """The pipelines of the project, and what is wrong with its files."""
        return told(await self._orchestrator.in_thread(self._pipelines))

    async def newest(self, http: HttpRequest) -> Response:
        """The newest runs, whoever began them."""
        query = cast("RunsQuery", http.state.query)
        status = None if isinstance(query.status, UnsetType) else query.status
        rows = await self._orchestrator.in_thread(self._rows.newest, query.limit, status)
        return told(RunList(runs=rows))

    async def begin(self, http: HttpRequest) -> Response:
        """Begin a run of a text, or of one of the project's pipelines, and answer at once."""
        body = cast("RunRequest", http.state.body)
        pipeline = await self._orchestrator.in_thread(self._chosen, body)
        session = body.session if isinstance(body.session, str) else None
        wanted = Submission(pipeline, inputs=body.params, session=session, key=key_of(http))
        return await self._row_of(await self._orchestrator.submit(wanted))

    async def show(self, http: HttpRequest) -> Response:
        """Everything about one run."""
        run = await self._found(http)
        return told(await self._orchestrator.in_thread(self._rows.detail, run.id))

    async def events(self, http: HttpRequest) -> Response:
        """Its facts so far, one JSON object a line; a stream of messages for `Accept: text/event-stream`."""
        run, query = await self._found(http), cast("AfterQuery", http.state.query)
        if EVENT_STREAM in http.headers.get("accept", ""):
            return self._stream(http, run.id, query.after)
        return StreamingResponse(self._facts(run, query.after), media_type=NDJSON)

    async def graph(self, http: HttpRequest) -> Response:
        """The picture of its steps, coloured by what happened to them so far."""
        run, query = await self._found(http), cast("GraphQuery", http.state.query)
        try:
            svg = await self._orchestrator.in_thread(_drawn, run, query.theme)
        except SourceInvalid as problem:
            raise Refused(
                409, "its text cannot be read any more, so it cannot be drawn"
            ) from problem
        return Response(svg, media_type=SVG)

    async def cancel(self, http: HttpRequest) -> Response:
        """Stop a run for good, whoever works on it; nothing happens to one that has ended."""
        body = cast("CancelRequest", http.state.body)
        run = await self._found(http)
        by = body.by if isinstance(body.by, str) else SOMEBODY
        await self._done(lambda: run.cancel(by))
        return await self._row_of(run)

    async def resume(self, http: HttpRequest) -> Response:
        """Go on with a run that was paused or lost its owner."""
        body = cast("ResumeRequest", http.state.body)
        run = await self._found(http)
        if await self._orchestrator.in_thread(lambda: run.status) in RUN_FINAL:
            raise Refused(409, f"run {run.id} has ended; there is nothing to resume")
        budget = None if isinstance(body.budget, UnsetType) else body.budget
        try:
            return await self._row_of(await self._orchestrator.resume(run.id, budget))
        except JournalUnusable as problem:
            raise Refused(503, f"the journal cannot be written: {problem}") from problem
        except MisyError as problem:  # at work already, a budget that is none, agents that are gone
            raise Refused(409, str(problem)) from problem

    async def approve(self, http: HttpRequest) -> Response:
        """Answer what a run asks."""
        body = cast("ApproveRequest", http.state.body)
        run = await self._found(http)
        await self._done(
            lambda: run.approve(
                _or_none(body.step),
                item=_or_none(body.item),
                approved=body.approved,
                by=_or_none(body.by),
                comment=_or_none(body.comment),
            )
        )
        return await self._row_of(run)

    async def _found(self, http: HttpRequest) -> Run:
        return await self._orchestrator.find(str(http.path_params["id"]))

    async def _row_of(self, run: Run) -> Response:
        row = await self._orchestrator.in_thread(self._rows.row, run.id)
        return told(row, 202, headers={"Location": row.links.self})

    async def _done(self, command: Callable[[], None]) -> None:
        """Give a command; raises `Refused` when the run cannot take it now."""
        try:
            await self._orchestrator.in_thread(command)
        except JournalUnusable as problem:
            raise Refused(503, f"the journal cannot be written: {problem}") from problem
        except RunBusy as problem:
            raise Refused(409, str(problem)) from problem
        except MisyError as problem:  # nothing is asked, or something else
            raise Refused(409, str(problem)) from problem

    async def _facts(self, run: Run, after: int) -> AsyncIterator[bytes]:
        facts = run.journal.read(run.id, after=after)
        while page := await self._orchestrator.in_thread(list, islice(facts, FACTS_AT_ONCE)):
            yield b"".join(msgspec.json.encode(one) + b"\n" for one in page)

    def _chosen(self, body: RunRequest) -> Pipeline:
        """The pipeline of a body; raises `Refused` (400, 404)."""
        project, name = self._orchestrator.project, _or_none(body.pipeline)
        if isinstance(body.source, str):
            return self._posted(body.source, name)
        if name is None:
            raise Refused(400, "send `source`, the text of a .misy file, or `pipeline`, a name")
        found = project.pipelines.get(name)
        if found is None:
            raise Refused(404, f"the project has no pipeline `{name}`")
        try:
            return found.pipeline
        except SourceInvalid as problem:
            raise refused_text(problem) from problem

    def _posted(self, source: str, name: str | None) -> Pipeline:
        orchestrator = self._orchestrator
        try:
            return read_posted(
                source,
                project=orchestrator.project,
                is_known=orchestrator.agents.is_known,
                pipeline=name,
            )
        except SourceInvalid as problem:
            raise refused_text(problem) from problem
        except MisyError as problem:  # no pipeline in it, or several
            raise Refused(400, str(problem)) from problem

    def _pipelines(self) -> PipelineRows:
        project = self._orchestrator.project
        problems: list[DiagnosticText] = diagnostic_texts(project.problems)
        rows = [_pipeline_row(name, one) for name, one in project.pipelines.items()]
        return PipelineRows(pipelines=rows, problems=problems)


_SUMMARIES: Final = {
    "pipelines": "The pipelines of the project",
    "newest": "The newest runs",
    "begin": "Begin a run of a text or of a pipeline of the project",
    "show": "Everything about one run",
    "events": "The facts of a run from a place on, as NDJSON or Server-Sent Events",
    "graph": "The steps of a run as a picture, as they stand now",
    "cancel": "Stop a run for good",
    "resume": "Go on with a run",
    "approve": "Answer what a run asks",
}


def _drawn(run: Run, theme: Literal["light", "dark"]) -> str:
    picture = run.graph()
    return picture.dark_svg if theme == "dark" else picture.svg


def _operation(
    method: Method, path: str, answer: Callable[[HttpRequest], Any], **more: Any
) -> Operation:
    summary = _SUMMARIES[answer.__name__]
    return Operation(method=method, path=path, answer=answer, summary=summary, tag="runs", **more)


def _pipeline_row(name: str, one: ProjectPipeline) -> PipelineRow:
    return PipelineRow(
        name=name,
        title=one.title,
        description=one.description,
        file=one.file,
        parameters=[_parameter_row(parameter) for parameter in one.parameters],
    )


def _parameter_row(one: Parameter) -> ParameterRow:
    return ParameterRow(
        name=one.name,
        type=describe(one.type),
        required=one.default is None and not admits_null(one.type),
        default=UNSET if one.default is None else to_text(one.default),
        description=one.description or UNSET,
    )


def _or_none(text: str | UnsetType) -> str | None:
    return text if isinstance(text, str) else None
