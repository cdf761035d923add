"""Foreseeing: from a compiled program and what is known before a run to `Foreseen`.

In: a program lent by its shelf, inputs, the environment, and what answers for agents, the cache and past
runs. Out: `Foreseen`. The program is filled with these values, so it serves nobody else meanwhile. Secrets
are stood in for; nothing is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from misydsl.acceptance import Mismatch
from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.expressions.evaluate import EvaluationError
from misydsl.expressions.frames import Frame
from misydsl.failures import InputsInvalid
from misydsl.pipeline.model import Library, Pipeline
from misydsl.pipeline.policies import Budget
from misydsl.relations import admits_null
from misydsl.runner.begin import fill_parameters
from misydsl.runner.foresight import wording
from misydsl.runner.foresight.bounds import Bounds
from misydsl.runner.foresight.caching import Lookup
from misydsl.runner.foresight.cautions import Cautions
from misydsl.runner.foresight.foreseen import AgentForecast, AgentPlace, Foreseen
from misydsl.runner.foresight.knowing import Knowing, Scope
from misydsl.runner.foresight.nodes import CourseNode, Past, StepNode, nodes_of
from misydsl.runner.foresight.recalling import Identity, Recalling
from misydsl.runner.foresight.rows import Rows
from misydsl.runner.foresight.situations import Lookout, Situations
from misydsl.runner.foresight.spans import spans_of
from misydsl.runner.foresight.tallies import usage_of
from misydsl.runner.foresight.walk import Walk
from misydsl.runner.program import AgentCode, Program
from misydsl.runner.roots import Namespace
from misydsl.values import Secret, Value


class _Masked(dict[str, Value]):
    """The secrets of a plan: all there, none of them real."""

    def __missing__(self, name: str) -> Value:
        return Secret(name, "***")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a plan is made from, besides the program."""

    inputs: Mapping[str, Value]
    environment: Mapping[str, str]
    past: Past
    place_of: Callable[[AgentCode], AgentPlace]
    identity_of: Identity
    lookup: Lookup | None
    """Asks the cache; None for a run that does not."""
    clock: Clock = SYSTEM_CLOCK


def foresee(program: Program, library: Library, outlook: Outlook) -> Foreseen:
    """What a run of the program may come to; raises `InputsInvalid`."""
    name = program.pipeline.name
    try:
        program.fill(_roots(outlook))
        lookout = Lookout(Knowing(library, outlook.clock))
        known = _known_inputs(program.pipeline, outlook.inputs, lookout)
        frame = _first_frame(program, outlook.inputs, known)
    except EvaluationError as problem:
        raise InputsInvalid(f"`{name}`: {problem.message}") from problem
    except Mismatch as mismatch:
        words = f"`{name}`{mismatch.path}: expected {mismatch.expected}, got {mismatch.got}"
        raise InputsInvalid(words) from mismatch
    now = outlook.clock.wall()
    walk = Walk(library, lookout, Recalling(outlook.identity_of, outlook.lookup, now))
    pipeline = program.pipeline
    came = Situations(Scope(pipeline.module, known), ((frame, 1),))
    root = walk.course(program.course, pipeline, came, path="")
    return _told(root, pipeline, outlook, tuple(lookout.remarks))


def _known_inputs(
    pipeline: Pipeline, inputs: Mapping[str, Value], lookout: Lookout
) -> dict[str, bool]:
    """Whether each input is known; one that a run would need and nobody gave is not."""
    known: dict[str, bool] = {}
    for one in pipeline.parameters:
        is_needed = one.default is None and not admits_null(one.type)
        if one.name in inputs or one.default is None:
            known[one.name] = one.name in inputs or not is_needed
        else:
            known[one.name] = lookout.knowing.knows(
                one.default, Scope(pipeline.module, dict(known))
            )
        if is_needed and one.name not in inputs:
            lookout.remark("", wording.not_given(one.name))
    return known


def _first_frame(program: Program, inputs: Mapping[str, Value], known: Mapping[str, bool]) -> Frame:
    """The frame of the pipeline's inputs; those that are not known have no value."""
    code = program.course
    frame = code.block.names.new_frame(code.home)
    fill_parameters(frame, tuple(one for one in code.parameters if known[one.name]), inputs)
    return frame


def _roots(outlook: Outlook) -> dict[str, Value]:
    run: dict[str, Value] = Namespace(id="run", session="session", shared=Namespace())
    return {"env": Namespace(outlook.environment), "secret": _Masked(), "run": run}


def _told(
    root: CourseNode, pipeline: Pipeline, outlook: Outlook, remarks: tuple[tuple[str, str], ...]
) -> Foreseen:
    past, usage = outlook.past, usage_of(root)
    uses = usage.agents
    spans = spans_of(root, usage, past)
    budget = root.budget or Budget()
    bounds = Bounds(past, budget)
    agents = tuple(
        AgentForecast(
            use.agent.name, outlook.place_of(use.agent), use.agent.concurrency,
            use.agent.rate_per_s, bounds.calls([use]), bounds.requests([use]),
        )
        for use in uses.values()
    )  # fmt: skip
    cautions = Cautions(past, uses, spans.longest, remarks)
    return Foreseen(
        pipeline=pipeline.name,
        title=pipeline.title,
        steps=tuple(Rows(spans.longest, spans.likely, past).of(root)),
        agents=agents,
        calls=bounds.calls(uses.values()),
        requests=bounds.requests(uses.values(), limit=budget.calls),
        time_s=spans.time_s,
        cost=bounds.measure("cost", uses),
        tokens=bounds.measure("tokens", uses),
        asked_s=max(map(_asked_s, nodes_of(root)), default=0.0),
        critical_path=spans.critical_path,
        is_path_likely=spans.is_likely,
        past_runs=past.runs,
        without_past=tuple(spans.likely.missing) if past.runs else (),
        warnings=cautions.of(root, agents, steps_s=spans.steps_s, likely_s=spans.time_s.likely),
    )


def _asked_s(node: StepNode) -> float:
    return max((way.call.asked_s for way in node.ways if way.call is not None), default=0.0)
