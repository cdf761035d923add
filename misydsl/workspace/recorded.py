"""What is recorded of a run: its status, its result, its tables, its picture.

In: a run's id and its journal. Out: `RecordedRun`, whose every answer is read from the journal, so it says
the same whoever asks, while the run goes on and years later.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from misydsl.failures import Failure, MisyError, RunFailed, SourceInvalid
from misydsl.graph.build import step_graph
from misydsl.history.events import Recorded, RunAccepted, RunFinished, RunPaused
from misydsl.history.fold import Fold, History
from misydsl.history.status import RUN_FINAL
from misydsl.pipeline.model import Library, Pipeline
from misydsl.store.journal import Journal
from misydsl.values import Value, decode_json
from misydsl.workspace.checking import check_recorded
from misydsl.workspace.pictures import Picture
from misydsl.workspace.questions import Question, one_question, open_questions
from misydsl.workspace.tables import RunTables

if TYPE_CHECKING:
    from misydsl.workspace.why import Explanation


class RecordedRun(RunTables):
    """What the journal tells of one run."""

    def __init__(self, run: str, journal: Journal) -> None:
        self.id, self.journal = run, journal
        self._fold = Fold()
        self._seen = 0
        self._lock = threading.Lock()

    def history(self) -> History:
        """What has happened so far."""
        with self._lock:
            for recorded in self.journal.read(self.id, after=self._seen):
                self._fold.add(recorded)
                self._seen = recorded.seq
            return self._fold.history()

    @property
    def status(self) -> str:
        """accepted, running, paused, succeeded, failed or cancelled."""
        last = self._last_fact()
        if isinstance(last, RunFinished):
            return last.status
        return self.journal.find(self.id).status  # a paused run may have been resumed since

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.status in RUN_FINAL

    @property
    def failure(self) -> Failure | None:
        """Why it failed or was cancelled; None otherwise."""
        last = self._last_fact()
        return last.failure if isinstance(last, RunFinished) else self.history().failure

    @property
    def result(self) -> Value:
        """What the pipeline returned, as JSON values; raises `RunFailed` when there is no result."""
        last = self._last_fact()
        found = last if isinstance(last, RunFinished) else self.history()
        if found.status == "succeeded" and found.result is not None:
            return decode_json(bytes(found.result))
        if found.failure is not None:
            raise RunFailed(self.id, found.failure)
        raise MisyError(f"run {self.id} has no result yet: it is {self.status}")

    def program(self) -> tuple[Pipeline, Library]:
        """The pipeline as its text was when the run was accepted; raises `SourceInvalid`."""
        return recorded_program(self.journal, self.id)

    def facts(self, *, after: int = 0) -> list[Recorded]:
        """The facts with `seq > after`, in order."""
        return list(self.journal.read(self.id, after=after))

    def graph(self) -> Picture:
        """A picture of the steps, coloured by what happened to them."""
        return Picture(step_graph(*self.program()), self.history())

    @property
    def questions(self) -> tuple[Question, ...]:
        """What people are asked now (`human.approve`), the oldest first."""
        return open_questions(self.history())

    def question(self, step: str | None = None, item: str | None = None) -> Question:
        """The open question of a step; raises `MisyError` when there is none, or more than one."""
        return one_question(self.questions, step, item, run=self.id)

    def why(self, step: str, item: str | None = None) -> Explanation:
        """Why a step, or one item of it, ran, was reused, was skipped, failed or waits, in sentences.

        `step` is its path, or the end of one; `STEP[ITEM]` means one item.

        Raises: `MisyError` for a step or item that is not there.
        """
        from misydsl.workspace.why import explain

        return explain(self.history(), self.journal, self.program, step=step, item=item)

    def save(self, path: Path | str) -> Path:
        """Write the facts to a file, one JSON object a line, for `misydsl.replay` in tests.

        Results of agents and inputs are in it as they were recorded.
        """
        text = b"".join(msgspec.json.encode(one) + b"\n" for one in self.journal.read(self.id))
        path = Path(path)
        path.write_bytes(text)
        return path

    def __repr__(self) -> str:
        history = self.history()
        return f"<run {self.id} of {history.pipeline}: {history.status}>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from misydsl.workspace.reports import run_bundle

        return run_bundle(self)

    def _last_fact(self) -> RunFinished | RunPaused | None:
        """The end, where it is known without reading."""
        return None


def recorded_program(journal: Journal, run: str) -> tuple[Pipeline, Library]:
    """The pipeline of a run as its text was when the run was accepted."""
    return program_of(accepted_of(journal, run))


def accepted_of(journal: Journal, run: str) -> RunAccepted:
    """The first fact of a run."""
    first = next(iter(journal.read(run)), None)
    if first is None or not isinstance(first.event, RunAccepted):
        raise MisyError(f"the journal does not say how run {run} began")
    return first.event


def program_of(accepted: RunAccepted) -> tuple[Pipeline, Library]:
    """The pipeline of a run as its text was then."""
    texts = {module.key: module.text for module in accepted.modules}
    checked = check_recorded(texts, accepted.entry)
    if checked.library is None or checked.errors:
        raise SourceInvalid(checked.diagnostics)
    found = checked.library.find(accepted.entry, accepted.pipeline)
    if not isinstance(found, Pipeline):
        raise MisyError(f"the recorded text has no pipeline `{accepted.pipeline}`")
    return found, checked.library
