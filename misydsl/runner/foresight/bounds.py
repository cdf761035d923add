"""Bounds: what a whole run comes to in calls, cost and tokens.

In: what its steps use of each agent, and figures of past runs. Out: `Figure`s. Cost and tokens of a call are
those its agent declares as numbers; where its replies say them, only past runs tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from misydsl.pipeline.policies import Budget
from misydsl.runner.foresight.amounts import Amount, Number, bounded, total
from misydsl.runner.foresight.foreseen import Figure
from misydsl.runner.foresight.nodes import Past
from misydsl.runner.foresight.tallies import Use
from misydsl.runner.program import AgentCode
from misydsl.values import Value

Measure = Literal["cost", "tokens"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Adds up uses into figures."""

    past: Past
    budget: Budget

    def calls(self, uses: Iterable[Use]) -> Figure:
        """Different calls: each is one piece of work, however often it is tried."""
        chosen = list(uses)
        return self._figure(
            total(use.calls for use in chosen),
            likely=total(use.likely for use in chosen).at(self.past.counts),
            least=sum(use.sure for use in chosen),
        )

    def requests(self, uses: Iterable[Use], *, limit: int | None = None) -> Figure:
        """What goes out to agents: attempts, hedged ones twice; `budget.calls` counts these."""
        chosen = list(uses)
        return self._figure(
            total(use.requests for use in chosen),
            likely=_sum(self._likely_requests(use) for use in chosen),
            least=sum(use.sure for use in chosen),
            limit=limit,
        )

    def measure(self, what: Measure, uses: Mapping[AgentCode, Use]) -> Figure | None:
        """Cost or tokens; None where no agent says any."""
        declared = {agent: agent.layer.get(what) for agent in uses}
        if all(one is None for one in declared.values()):
            return None
        limit = self.budget.cost if what == "cost" else self.budget.tokens
        likely = _sum(self._likely_measure(what, uses[each]) for each in uses)
        if any(isinstance(one, str) for one in declared.values()):
            return Figure(None, likely, limit=limit)
        most = total(uses[agent].requests.times(_number(one)) for agent, one in declared.items())
        return self._figure(most, likely=likely, limit=limit)

    def _figure(
        self,
        most: Amount,
        *,
        likely: Number | None,
        least: Number = 0,
        limit: Number | None = None,
    ) -> Figure:
        known = most.known
        before = most.at(self.past.counts) if known is None else None
        return Figure(known, likely, least, before, limit, most)

    def _likely_requests(self, use: Use) -> Number | None:
        calls = use.likely.at(self.past.counts)
        known = self.past.agents.get(use.agent.name)
        if calls is None or known is None or not known.calls:
            return calls
        return bounded(calls * known.attempts / known.calls)

    def _likely_measure(self, what: Measure, use: Use) -> Number | None:
        """From the number that is declared, else from the mean of past calls."""
        requests = self._likely_requests(use)
        declared = use.agent.layer.get(what)
        if requests is None or declared is None:
            return 0 if declared is None else None
        if not isinstance(declared, str):
            return bounded(requests * _number(declared))
        known = self.past.agents.get(use.agent.name)
        if known is None or not known.attempts:
            return None
        spent = known.cost if what == "cost" else known.tokens
        return bounded(requests * spent / known.attempts)


def _number(declared: Value) -> Number:
    return 0 if declared is None else cast("Number", declared)


def _sum(numbers: Iterable[Number | None]) -> Number | None:
    """All of them; None where one is not known."""
    found: Number = 0
    for number in numbers:
        if number is None:
            return None
        found = bounded(found + number)
    return found
