"""Running again: a new run that takes over what it can from an earlier one.

In: a run that has ended, and what is to be different: other inputs, another text, a step to begin from.
Out: a new `Run`. What is equal there is not called again: the same agent with the same inputs, in the
step of the same name, or in one that was renamed. `replay` reaches no agent at all and leaves no trace
in the journal.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

from misydsl.agents.cassette import Cassette
from misydsl.agents.registry import Binding
from misydsl.clock import SYSTEM_CLOCK
from misydsl.diagnostics.similar import similar
from misydsl.failures import JournalUnusable, MisyError
from misydsl.graph.downstream import downstream, step_paths
from misydsl.history.events import Recorded, RunAccepted
from misydsl.history.fold import fold
from misydsl.history.status import RUN_FINAL
from misydsl.history.wire import from_page
from misydsl.pipeline import model
from misydsl.runner.order import Order, new_run_id
from misydsl.runner.recall import Recording, recorded_calls
from misydsl.runner.run import start
from misydsl.runner.shelf import Shelf
from misydsl.store.journal import Journal
from misydsl.store.memory import MemoryJournal
from misydsl.values import Value, decode_json
from misydsl.workspace.binding import connector, files_of, recorded_files
from misydsl.workspace.journals import JournalPlace, open_journal
from misydsl.workspace.pipelines import chosen, load, named_inputs
from misydsl.workspace.recorded import program_of
from misydsl.workspace.remembered import remembered
from misydsl.workspace.runs import Run, begin, find_run

Agents = Mapping[str, Binding]


def retry(
    run: str,
    *,
    file: Path | str | None = None,
    journal: JournalPlace = None,
    agents: Agents | None = None,
    agent_files: Sequence[Path | str] = (),
) -> Run:
    """A new run of what failed: everything that succeeded is taken over where nothing changed.

    `file` is a mended text; without it the text is that of the run.

    Raises: `RunUnknown`; `MisyError` when the run has not ended, or nothing in it failed.
    """
    base = _ended(find_run(run, journal))
    if base.status == "succeeded" and not any(
        one.status in ("failed", "blocked") for one in base.history().steps.values()
    ):
        raise MisyError(f"nothing failed in run {base.id}: `misy rerun {base.id} --from STEP`")
    return _begin(
        base, None, file=file, why="retry --failed", inputs=None, agents=agents,
        agent_files=agent_files, journal=journal,
    )  # fmt: skip


def rerun(
    run: str,
    *,
    from_step: str | None = None,
    inputs: Mapping[str, object] | None = None,
    file: Path | str | None = None,
    journal: JournalPlace = None,
    agents: Agents | None = None,
    agent_files: Sequence[Path | str] = (),
) -> Run:
    """A new run that does a step, and what depends on it, anew; the rest is taken over where it is equal.

    `inputs` are those that change; `file` is a changed text. Without `from_step` only what differs is
    done anew.

    Raises: `RunUnknown`; `MisyError` when the run has not ended or has no such step; what
    `Pipeline.start` raises.
    """
    base = _ended(find_run(run, journal))
    words = ["rerun"]
    words += [f"--from {from_step}"] if from_step else []
    words += [f"-p {name}=…" for name in inputs or {}]
    return _begin(
        base, from_step, file=file, why=" ".join(words), inputs=inputs, agents=agents,
        agent_files=agent_files, journal=journal,
    )  # fmt: skip


def replay(
    run: str | Path | Run,
    *,
    file: Path | str | None = None,
    inputs: Mapping[str, object] | None = None,
    journal: JournalPlace = None,
) -> Run:
    """The run once more, every call answered from its recording: no network, no agent, no waiting.

    `run` is an id, a `Run`, or a file that `Run.save` wrote. With `file`, a changed text is tried on the
    recorded answers; a call that was never made fails its step as `unrecorded`. The run that is
    returned has ended; it is in no journal.
    """
    events = recording_of(run, journal)
    accepted = _accepted(events)
    recording = Recording(
        events[0].run, recorded_calls(events), redo=_redoes_nothing, is_replay=True
    )
    pipeline, library = _program(accepted, file)
    order = _order(
        accepted, pipeline, library, recording=recording, inputs=inputs, why="replay",
        journal=MemoryJournal(),
    )  # fmt: skip
    played = Run(order.run, order.journal, start(order))
    played.wait()
    return played


def _redoes_nothing(_: str) -> bool:
    return False


def _ended(run: Run) -> Run:
    if run.status not in RUN_FINAL:
        raise MisyError(f"run {run.id} has not ended (it is {run.status}): misy resume {run.id}")
    return run


def _begin(
    base: Run,
    from_step: str | None,
    *,
    file: Path | str | None,
    why: str,
    inputs: Mapping[str, object] | None,
    agents: Agents | None,
    agent_files: Sequence[Path | str],
    journal: JournalPlace,
) -> Run:
    keeper = open_journal(journal) if journal is not None else base.journal
    events = list(base.journal.read(base.id))
    accepted = _accepted(events)
    pipeline, library = _program(accepted, file)
    redo = redoing(pipeline, library, from_step) if from_step else _redoes_nothing
    files = tuple(Path(one) for one in agent_files) or files_of(accepted.agent_files, keeper)
    bound = remembered(base.id, agents)
    order = _order(
        accepted, pipeline, library, recording=Recording(base.id, recorded_calls(events), redo),
        inputs=inputs, why=why, journal=keeper, agents=bound, files=files,
    )  # fmt: skip
    return begin(order, bound)


def _program(
    accepted: RunAccepted, file: Path | str | None
) -> tuple[model.Pipeline, model.Library]:
    if file is None:
        return program_of(accepted)
    library = load(file, accepted.pipeline).library
    return chosen(library, accepted.pipeline), library


def redoing(pipeline: model.Pipeline, library: model.Library, step: str) -> Callable[[str], bool]:
    """Which paths are done anew when a step is; raises `MisyError` for a step that is not there."""
    paths = step_paths(pipeline, library)
    found = [path for path in paths if path == step or path.endswith(f"/{step}")]
    if step in found:
        found = [step]
    if not found:
        near = similar(step, paths)
        hint = f" Did you mean `{near}`?" if near else f" It has: {', '.join(paths[:12])}"
        raise MisyError(f"`{pipeline.name}` has no step `{step}`.{hint}")
    if len(found) > 1:
        raise MisyError(f"`{step}` may be {' or '.join(found)}: say which")
    anew = tuple(downstream(pipeline, library, found[0]))

    def redo(path: str) -> bool:
        return any(path == one or path.startswith(f"{one}/") for one in anew)

    return redo


def _order(
    accepted: RunAccepted,
    pipeline: model.Pipeline,
    library: model.Library,
    *,
    recording: Recording,
    inputs: Mapping[str, object] | None,
    why: str,
    journal: Journal,
    agents: Agents | None = None,
    files: tuple[Path, ...] = (),
) -> Order:
    now = SYSTEM_CLOCK.wall()
    known = {one.name for one in pipeline.parameters}
    before = cast("dict[str, object]", decode_json(bytes(accepted.inputs)))
    kept = {name: value for name, value in before.items() if name in known}
    changed = _named(pipeline, inputs or {})
    is_replay = recording.is_replay
    run = new_run_id(now, random.SystemRandom())
    return Order(
        shelf=Shelf(pipeline, library),
        inputs=named_inputs(pipeline, {**kept, **changed}),
        journal=journal,
        connect=(lambda agent: Cassette(agent.name, recording.run))
        if is_replay
        else connector(agents or {}, files),
        run=run,
        session=accepted.session,
        shared=cast("Mapping[str, Value]", decode_json(bytes(accepted.shared))),
        environment=dict(os.environ),
        agent_files=() if is_replay else recorded_files(files, journal),
        accepted_at=now,
        recording=recording,
        why=why,
    )


def _named(pipeline: model.Pipeline, inputs: Mapping[str, object]) -> dict[str, object]:
    """Changed inputs under their declared names; unknown ones stay, to be refused with the others."""
    known = {one.name.replace("-", "_"): one.name for one in pipeline.parameters}
    return {known.get(name.replace("-", "_"), name): value for name, value in inputs.items()}


def recording_of(run: str | Path | Run, journal: JournalPlace = None) -> list[Recorded]:
    """The facts of a run, or of a file that `Run.save` wrote. Raises: `RunUnknown`; `MisyError`."""
    if isinstance(run, Run):
        return list(run.journal.read(run.id))
    if isinstance(run, Path) or run.endswith(".jsonl"):
        return _read_recording(Path(run))
    found = find_run(run, journal)
    return list(found.journal.read(found.id))


def _read_recording(path: Path) -> list[Recorded]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as problem:
        raise MisyError(f"{path} cannot be read: {problem.strerror or problem}") from problem
    except UnicodeError as problem:
        raise MisyError(f"{path} is no recording of a run: it is not UTF-8") from problem
    try:
        events = from_page(f"[{','.join(line for line in lines if line.strip())}]")
    except JournalUnusable as problem:
        raise MisyError(f"{path} is no recording of a run: {problem}") from problem
    if not events:
        raise MisyError(f"{path} is no recording of a run: it is empty")
    fold(events)  # raises for a story that cannot be
    return events


def _accepted(events: Iterable[Recorded]) -> RunAccepted:
    first = next(iter(events), None)
    if first is None or not isinstance(first.event, RunAccepted):
        raise MisyError("this run does not say how it began, so it cannot be run again")
    return first.event
