"""Forecasts as data: what machines are told.

In: what the engine foresees. Out: dictionaries of texts, numbers, lists and None, ready for JSON. Numbers that
depend on counts of items are None, with the amount in words beside them.
"""

from __future__ import annotations

from misydsl.runner.foresight.foreseen import AgentForecast, Figure, Foreseen, StepForecast
from misydsl.runner.foresight.wording import amount_text

Data = dict[str, object]


def data_of(facts: Foreseen) -> Data:
    """`{ pipeline, title, totals, criticalPath, steps, agents, pastRuns, warnings }`."""
    return {
        "pipeline": facts.pipeline,
        "title": facts.title,
        "totals": {
            "calls": _figure(facts.calls),
            "requests": _figure(facts.requests),
            "time_s": _figure(facts.time_s),
            "cost": None if facts.cost is None else _figure(facts.cost),
            "tokens": None if facts.tokens is None else _figure(facts.tokens),
        },
        "criticalPath": list(facts.critical_path),
        "isPathLikely": facts.is_path_likely,
        "steps": [_step(row) for row in facts.steps],
        "agents": [_agent(row) for row in facts.agents],
        "pastRuns": facts.past_runs,
        "warnings": list(facts.warnings),
    }


def _figure(figure: Figure) -> Data:
    found: Data = {"least": figure.least, "likely": figure.likely, "most": figure.most}
    if figure.most is None:
        found["mostAsBefore"] = figure.if_as_before
        found["mostInWords"] = None if figure.amount is None else amount_text(figure.amount)
    if figure.limit is not None:
        found["limit"] = figure.limit
    return found


def _step(row: StepForecast) -> Data:
    found: Data = {
        "step": row.path,
        "title": row.title,
        "role": row.role,
        "kinds": list(row.kinds),
        "targets": list(row.targets),
        "isConditional": row.is_conditional,
        "times": row.times.known,
        "calls": row.calls.known,
        "requests": row.requests.known,
        "rounds": row.rounds,
        "attempts": row.attempts,
        "timeout_s": row.timeout_s,
        "item_s": row.item_s,
        "longest_s": row.longest_s,
        "likely_s": row.likely_s,
    }
    if row.is_fan:
        found |= {
            "items": row.items,
            "lastItems": row.last_items,
            "medianItems": row.median_items,
        }
    if row.times.known is None:
        found["requestsInWords"] = amount_text(row.requests)
    if row.cache is not None:
        found["cache"] = {
            "kept_s": row.cache.kept_s,
            "hits": row.cache.hits,
            "misses": row.cache.misses,
            "words": row.cache.words,
        }
    return found


def _agent(row: AgentForecast) -> Data:
    found: Data = {
        "agent": row.name,
        "place": row.where.place,
        "origin": row.where.origin,
        "source": row.where.source or None,
        "concurrency": row.concurrency,
        "rate_per_s": row.rate_per_s,
        "calls": _figure(row.calls),
        "requests": _figure(row.requests),
    }
    if row.where.trouble:
        found["trouble"] = row.where.trouble
    return found
