"""How many agents are counted apart, found in review: one agent can be spelled in as many ways as somebody likes."""

from __future__ import annotations

from misydsl.history.events import Event, RunOwned
from misydsl.metrics.orchestration_runs import MOST_AGENTS, OTHERS
from tests.metrics.stories import START, accepted, started
from tests.metrics.test_orchestration import counted, ended, finished


def test_agents_beyond_the_most_are_counted_together() -> None:
    events: list[Event] = [accepted("viral"), RunOwned(at=START, owner="p")]
    for number in range(MOST_AGENTS + 5):
        name = f"agente-{number}"
        events += [started(f"s{number}", name, 0.5), finished(f"s{number}", 1.0, agent=name)]
    agents = counted(("r1", [*events, ended(2.0)])).agents()
    assert len(agents) == MOST_AGENTS + 1
    assert agents["agente-0"].executions == 1
    assert agents[OTHERS].executions == 5
