"""Everything that is answered about workflows, agents, figures and runs, for the table.

In: the orchestrator, the feed and the streams of one server. Out: their operations, in the order in which the
document lists them.
"""

from __future__ import annotations

from misydsl.server.agent_calls import AgentCalls
from misydsl.server.feed import Feed
from misydsl.server.measures import Measures
from misydsl.server.operations import Operation
from misydsl.server.orchestrator import Orchestrator
from misydsl.server.runs import Runs
from misydsl.server.stream import Streams
from misydsl.server.workflows import Workflows


def resources(orchestrator: Orchestrator, feed: Feed, streams: Streams) -> tuple[Operation, ...]:
    """The operations; the orchestrator tells of runs that this feed has counted."""
    return (
        *Workflows(orchestrator).operations(),
        *AgentCalls(orchestrator).operations(),
        *Measures(feed).operations(),
        *streams.operations(),
        *Runs(orchestrator, names=feed.names, events=streams.run_events).operations(),
    )
