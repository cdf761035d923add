"""The past of a pipeline, as far as a plan asks for it.

In: a journal. Out: `Past`: medians per step and per agent of the newest runs, and how many items each `for`
had. Agents that this pipeline never called are looked for in runs of others. Reading stops after a while: a
plan is no report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from statistics import median
from typing import Final

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.history.states import History
from misydsl.metrics.figures import AgentFigures, StepFigures
from misydsl.metrics.summary import Tally
from misydsl.runner.foresight.nodes import NO_PAST, Past, PastAgent, PastStep
from misydsl.store.journal import Journal
from misydsl.workspace.overviews import histories, summaries

READ: Final = 20
"""The newest runs that are read."""
PATIENCE_S: Final = 2.0


def past_of(
    journal: Journal, pipeline: str, agents: Iterable[str], *, clock: Clock = SYSTEM_CLOCK
) -> Past:
    """What the newest runs of a pipeline came to; `agents` are the names it calls."""
    tally, counts = Tally(), defaultdict[str, list[int]](list)
    for history in _newest(journal, pipeline, clock):
        tally.add(history)
        for state in history.steps.values():
            if state.count is not None:
                counts[state.step].append(state.count)
    known = {row.agent: _agent(row) for row in tally.agents()}
    missing = set(agents) - known.keys()
    if missing and tally.runs == 0 and not journal.runs(limit=1):
        return NO_PAST
    if missing:
        elsewhere = Tally()
        for history in _newest(journal, None, clock):
            elsewhere.add(history)
        known.update((row.agent, _agent(row)) for row in elsewhere.agents() if row.agent in missing)
    return Past(tally.runs, _steps(tally, pipeline, counts), known)


def _newest(journal: Journal, pipeline: str | None, clock: Clock) -> Iterator[History]:
    gives_up_at = clock.monotonic() + PATIENCE_S
    chosen = summaries(journal, limit=READ, pipeline=pipeline)
    for history in histories(journal, chosen):
        yield history
        if clock.monotonic() >= gives_up_at:
            return


def _steps(tally: Tally, pipeline: str, counts: Mapping[str, list[int]]) -> dict[str, PastStep]:
    found = {row.step: _step(row) for row in tally.steps() if row.pipeline == pipeline}
    for path, each in counts.items():
        known = found.get(path) or PastStep(0, None)
        found[path] = PastStep(known.items, known.median_s, each[0], median(each))
    return found


def _step(row: StepFigures) -> PastStep:
    return PastStep(items=row.items, median_s=row.spread.p50_s)


def _agent(row: AgentFigures) -> PastAgent:
    return PastAgent(
        calls=row.calls,
        attempts=row.attempts,
        median_s=row.spread.p50_s,
        cost=row.cost,
        tokens=row.tokens,
    )
