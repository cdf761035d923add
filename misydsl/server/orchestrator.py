"""The orchestrator: the runs of this server, from acceptance to their end.

In: pipelines with inputs, from requests; unfinished runs, from the journal. Out: runs that are committed
before anybody hears of them. Whoever waits may go away: a run only stops when it is cancelled, or pauses
when the server stops. An `Idempotency-Key` names a run, so asking twice finds the first one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from misydsl.agents.declare import AgentDeclaration
from misydsl.failures import (
    JournalUnusable,
    MisyError,
    RunBusy,
)
from misydsl.history.states import History
from misydsl.server.agents_here import AgentsHere
from misydsl.server.feed import Feed
from misydsl.server.problems import Refused
from misydsl.server.submissions import Submission, known_run, require_same, run_of_key
from misydsl.store.journal import Journal, RunSummary
from misydsl.values import Value
from misydsl.workspace.projects import Project
from misydsl.workspace.recorded import RecordedRun, accepted_of, program_of
from misydsl.workspace.runs import Run, resume

MOST_OPEN: Final = 256
THREADS: Final = 16  # journals commit what piled up together, so many may wait for the disk at once
RESUMING_AT_ONCE: Final = 4
COUNTED_S: Final = 1.0  # the feed is some milliseconds behind; never let it hold an answer up
ABORT_S: Final = 5.0  # what aborted calls get to end
SHUTDOWN: Final = "shutdown"
SERVED: Final = "serve"

_log = logging.getLogger("misydsl.server")
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class Orchestrator:
    """One a server; its methods belong to the server's loop, what blocks is done in threads."""

    def __init__(
        self,
        journal: Journal,
        project: Project,
        *,
        hosted: Iterable[AgentDeclaration] = (),
        agent_files: Sequence[Path] = (),
        feed: Feed | None = None,
        most_open: int = MOST_OPEN,
    ) -> None:
        self.journal, self.project, self._feed = journal, project, feed
        self.agents = AgentsHere(project, hosted, agent_files)
        self._most_open = most_open
        self._open: dict[str, Run] = {}
        self._following: set[asyncio.Task[None]] = set()
        self._beginning: set[asyncio.Task[Run]] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._left: dict[str, asyncio.Event] = {}
        """Runs that are still to be taken up, and who waits for that."""
        self._resuming: asyncio.Task[None] | None = None
        self._is_stopping = False
        self._threads = ThreadPoolExecutor(THREADS, "misy-orchestrator")

    @property
    def open_runs(self) -> int:
        """How many runs are at work here, or about to begin."""
        return len(self._open) + len(self._beginning)

    async def submit(self, wanted: Submission) -> Run:
        """The run, durable; the earlier one for a key that came before.

        Raises: `Refused` (400, 404, 422, 429, 503); then no run was made.
        """
        if wanted.key is None:
            return await self._begun(wanted, None)
        run = run_of_key(wanted.key)
        turn = self._turns.get(run) or asyncio.Lock()
        self._turns[run] = turn
        async with turn:
            known = await self.in_thread(known_run, self.journal, run)
            if known is not None:
                await self.in_thread(require_same, known, wanted)
                return self._open.get(run, known)
            return await self._begun(wanted, run)

    async def ended(self, run: Run) -> str:
        """The status of a run when it has ended or paused; raises `Refused` when nobody can tell."""
        if (taken := self._left.get(run.id)) is not None:
            await taken.wait()
        try:
            return await self._open.get(run.id, run).ended()
        except JournalUnusable as problem:
            raise Refused(503, f"the journal cannot be used: {problem}") from problem
        except MisyError as problem:
            raise Refused(503, f"run {run.id} is at work nowhere; it can be resumed") from problem

    async def history_of(self, run: Run) -> History:
        """What happened so far, once the counters know of it too: who has the answer finds it counted."""
        history = await self.in_thread(run.history)
        with suppress(TimeoutError):
            async with asyncio.timeout(COUNTED_S):
                while self._feed is not None and self._feed.position < history.last_seq:
                    await self._feed.news()
        return history

    async def find(self, run: str) -> Run:
        """The run of exactly this id; raises `Refused` (404)."""
        found = self._open.get(run) or await self.in_thread(known_run, self.journal, run)
        if found is None:
            raise Refused(404, f"there is no run `{run}`")
        return found

    async def resume(self, run: str, budget: Mapping[str, Value] | None = None) -> Run:
        """Go on with a run that nobody works on; raises `Refused` (404, 409, 429, 503), `MisyError`."""
        await self.find(run)
        self._require_room()
        return await counted(self._resume(run, budget), self._beginning)

    async def in_thread(
        self, work: Callable[Asked, Answer], *given: Asked.args, **named: Asked.kwargs
    ) -> Answer:
        """Do what blocks where it blocks nobody."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: work(*given, **named))

    async def start(self) -> None:
        """Begin to take up every run that nobody works on and no person paused."""
        left = await self.in_thread(unfinished, self.journal)
        if left:
            _log.info("runs to go on with: %d", len(left))
        self._left = {run: asyncio.Event() for run in left}
        self._resuming = asyncio.create_task(self._resume_all(left))

    async def stop(self, grace_s: float) -> None:
        """Begin nothing new, let calls end for `grace_s`, leave paused runs that the next start takes up."""
        self._is_stopping = True
        if self._resuming is not None:
            self._resuming.cancel()
            await asyncio.wait({self._resuming})
        for taken in self._left.values():  # nobody takes them up any more
            taken.set()
        if self._beginning:
            await asyncio.wait(self._beginning)
        await self._pause_all(grace_s)
        await self.in_thread(self.journal.flush)
        self._threads.shutdown(wait=False)

    def _require_room(self) -> None:
        if self._is_stopping:
            raise Refused(503, "the server is stopping", headers={"Retry-After": "5"})
        if self.open_runs >= self._most_open:
            raise _no_room(self._most_open)

    async def _begun(self, wanted: Submission, run: str | None) -> Run:
        self._require_room()
        return await counted(self._begin(wanted, run), self._beginning)

    async def _begin(self, wanted: Submission, run: str | None) -> Run:
        try:
            begun = await self.in_thread(self._started, wanted, run)
        except RunBusy:  # another process was quicker with this key
            known = await self.in_thread(known_run, self.journal, run or "")
            if known is None:
                raise Refused(503, "the run is just being made; ask again") from None
            await self.in_thread(require_same, known, wanted)
            return known
        except JournalUnusable as problem:
            raise Refused(503, f"the journal cannot be written: {problem}") from problem
        except MisyError as problem:  # inputs that do not fit, agents that are none, too many steps
            raise Refused(422, str(problem)) from problem
        return self._taken(begun)

    def _started(self, wanted: Submission, run: str | None) -> Run:
        return started(wanted, self.journal, here=self.agents, run=run)

    def _taken(self, run: Run) -> Run:
        """Follow a run that this process works on to its end."""
        if run.is_own:
            self._open[run.id] = run
            following = asyncio.create_task(self._follow(run))
            self._following.add(following)
            following.add_done_callback(self._following.discard)
        return run

    async def _follow(self, run: Run) -> None:
        try:
            await run.ended()
        except MisyError:
            _log.exception("run %s was lost", run.id, extra={"run": run.id})
        finally:
            if self._open.get(run.id) is run:  # else it was resumed before anybody saw it pause
                del self._open[run.id]

    async def _resume(self, run: str, budget: Mapping[str, Value] | None = None) -> Run:
        return self._taken(await self.in_thread(self._resumed, run, budget))

    def _resumed(self, run: str, budget: Mapping[str, Value] | None = None) -> Run:
        _, library = program_of(accepted_of(self.journal, run))
        agents = self.agents.of(library)
        files = self.agents.files_of(agents)
        return resume(run, journal=self.journal, agents=agents, bound_from=files, budget=budget)

    async def _resume_all(self, left: list[str]) -> None:
        queue = iter(left)
        workers = [self._resume_each(queue) for _ in range(min(RESUMING_AT_ONCE, len(left)))]
        await asyncio.gather(*workers)

    async def _resume_each(self, runs: Iterable[str]) -> None:
        for run in runs:
            while self.open_runs >= self._most_open:
                busy = {*self._following, *self._beginning}
                await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
            try:
                await counted(self._resume(run), self._beginning)
            except RunBusy:
                _log.info("run %s is at work elsewhere", run, extra={"run": run})
            except Exception as problem:  # noqa: BLE001  # whatever one record holds, the others go on
                _log.warning("run %s cannot be resumed: %s", run, problem, extra={"run": run})
            finally:
                self._left.pop(run).set()

    async def _pause_all(self, grace_s: float) -> None:
        for run in list(self._open.values()):
            run.pause(SHUTDOWN)
        if self._following:
            await asyncio.wait(self._following, timeout=grace_s)
        for run in list(self._open.values()):
            run.abort(SHUTDOWN)
        if self._following:
            await asyncio.wait(self._following, timeout=ABORT_S)


async def counted(begin: Coroutine[None, None, Run], beginning: set[asyncio.Task[Run]]) -> Run:
    """What is about to begin is among those that do, and begins even when whoever asked goes away."""
    task = asyncio.create_task(begin)
    beginning.add(task)
    task.add_done_callback(beginning.discard)
    return await asyncio.shield(task)


def started(wanted: Submission, journal: Journal, *, here: AgentsHere, run: str | None) -> Run:
    """The run of a submission, accepted and at work; raises `MisyError`."""
    agents = here.of(wanted.pipeline.library)
    return wanted.pipeline.start(
        wanted.inputs,
        agents=agents,
        bound_from=here.files_of(agents),
        session=wanted.session,
        shared=wanted.shared,
        journal=journal,
        run=run,
        why=SERVED,
    )


def unfinished(journal: Journal) -> list[str]:
    """The runs that are to be taken up, the oldest first."""
    return [row.run for row in reversed(journal.runs()) if _is_left(row, journal)]


def _is_left(row: RunSummary, journal: Journal) -> bool:
    match row.status:
        case "accepted" | "running":
            return row.owner is None
        case "paused":
            return RecordedRun(row.run, journal).history().pause_reason == SHUTDOWN
        case _:
            return False


def _no_room(most: int) -> Refused:
    words = f"{most} runs are open, which is the most; try again soon"
    return Refused(429, words, headers={"Retry-After": "1"})
