"""Orders: everything a run needs to know before it begins, and the facts an earlier owner left.

In: a pipeline, inputs, a journal and a way to connect agents. Out: a `State` with its agents bound, and the
`RunAccepted` fact. Whatever is wrong with the inputs, the agents or the text ends here, before a run
exists and before anything is called.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from typing import cast

import msgspec
from msgspec import Raw

from misydsl.acceptance import Mismatch
from misydsl.agents.contract import Connection
from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.expressions.evaluate import EvaluationError
from misydsl.failures import InputsInvalid, MisyError
from misydsl.history.events import (
    NULL_RAW,
    BoundAgent,
    ModuleText,
    RunAccepted,
    RunOwned,
)
from misydsl.history.fold import History
from misydsl.relations import describe
from misydsl.runner import retry
from misydsl.runner.decide import Circumstances, begin_run
from misydsl.runner.past import NO_PAST, past_of
from misydsl.runner.program import AgentCode, Program
from misydsl.runner.recall import Recording, Remembering
from misydsl.runner.roots import roots_of
from misydsl.runner.shelf import Shelf
from misydsl.runner.state import State
from misydsl.store.journal import Journal
from misydsl.values import Value, decode_json, encode_json

Connect = Callable[[AgentCode], Connection]
"""Finds the connection of an agent; raises `AgentUnknown`."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to run, with what, and where to write it down."""

    shelf: Shelf
    inputs: Mapping[str, Value]
    journal: Journal
    connect: Connect
    run: str
    session: str
    shared: Mapping[str, Value] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    agent_files: tuple[str, ...] = ()
    clock: Clock = SYSTEM_CLOCK
    accepted_at: float = 0.0
    history: History | None = None
    """What happened before, when this is a resume."""
    recording: Recording | None = None
    """The run this one builds on: what is equal there is not called again."""
    why: str = ""
    """How it came from that one, in words."""
    uses_cache: bool = True
    budget: Mapping[str, Value] = field(default_factory=dict)
    """What is changed of the pipeline's budget, for this run: `calls`, `cost`, `tokens`."""


def new_run_id(now: float, chance: random.Random) -> str:
    """An id that sorts by time and can be typed: `20261122-183312-k3f9x2`."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d-%H%M%S")
    return f"{stamp}-{''.join(chance.choices('23456789abcdefghjkmnpqrstuvwxyz', k=6))}"


def prepare(order: Order) -> State:
    """The run's first state, agents bound; raises `InputsInvalid`, `AgentUnknown`, `PipelineTooLarge`."""
    program = order.shelf.take()
    try:
        return _prepared(order, program)
    except EvaluationError as problem:
        order.shelf.give_back(program)
        raise InputsInvalid(f"`{order.shelf.pipeline.name}`: {problem.message}") from problem
    except MisyError:
        order.shelf.give_back(program)
        raise


def accepted_fact(order: Order, state: State) -> RunAccepted:
    """The fact that makes the run exist, with everything a resume needs."""
    modules = order.shelf.library.modules.values()
    texts = tuple(ModuleText(one.key, one.source.name, one.source.text) for one in modules)
    return RunAccepted(
        at=order.accepted_at,
        pipeline=order.shelf.pipeline.name,
        title=order.shelf.pipeline.title,
        inputs=_recordable(order.inputs, "the inputs"),
        session=order.session,
        modules=texts,
        entry=order.shelf.library.entry,
        steps=state.program.step_count,
        fingerprint=fingerprint(texts, order.shelf.pipeline.name),
        shared=_recordable(order.shared, "the shared data"),
        agent_files=order.agent_files,
        base=None if order.recording is None else order.recording.run,
        why=order.why,
        asks_cache=order.uses_cache,
    )


def owned_fact(order: Order, state: State, owner: str) -> RunOwned:
    """The fact that somebody works on the run, and with what."""
    return RunOwned(
        at=order.clock.wall(),
        owner=owner,
        is_resume=order.history is not None,
        agents=tuple(one.bound for one in state.program.agents if one.bound is not None),
        budget=_recordable(order.budget, "the budget") if order.budget else NULL_RAW,
    )


def fingerprint(texts: tuple[ModuleText, ...], pipeline: str) -> str:
    """A digest of the program's texts: equal texts, equal fingerprint."""
    digest = sha256(pipeline.encode())
    for one in sorted(texts, key=lambda module: module.key):
        digest.update(f"\0{one.key}\0{one.text}".encode())
    return digest.hexdigest()


def _recordable(values: Mapping[str, Value], what: str) -> Raw:
    try:
        return Raw(encode_json(dict(values)))
    except ValueError as problem:
        raise InputsInvalid(f"{what} cannot be written as JSON: {problem}") from problem


def _prepared(order: Order, program: Program) -> State:
    program.fill(_roots(order))
    if any("retry" in module.source.text for module in order.shelf.library.modules.values()):
        retry.load()
    state = _first_state(order, program)
    for agent in program.agents:
        agent.connection = order.connect(agent)
        agent.is_pure = agent.is_pure or agent.connection.is_pure
        agent.bound = bound_agent(agent)
    return state


def bound_agent(agent: AgentCode) -> BoundAgent:
    """What an agent's name stands for; a connection may say its `place` and the `digest` of its code."""
    version = agent.layer.get("version")
    bound = BoundAgent(
        name=agent.name,
        url=str(getattr(agent.connection, "place", "")),
        version="" if version is None else str(version),
        method=agent.spec.method,
        wire=agent.spec.wire,
        result=describe(agent.declaration.result),
        code=str(getattr(agent.connection, "digest", "")),
    )
    identity = blake2b(msgspec.json.encode(bound), digest_size=8).hexdigest()
    return msgspec.structs.replace(bound, identity=identity)


def _first_state(order: Order, program: Program) -> State:
    try:
        return begin_run(program, order.inputs, _circumstances(order), now=order.clock.wall())
    except Mismatch as mismatch:
        words = f"`{order.shelf.pipeline.name}`{mismatch.path}: expected {mismatch.expected}"
        raise InputsInvalid(f"{words}, got {mismatch.got}") from mismatch


def _circumstances(order: Order) -> Circumstances:
    history = order.history
    return Circumstances(
        run=order.run,
        session=order.session,
        chance=random.Random(order.run),  # noqa: S311  spreads retries, guards nothing
        shared=order.shared,
        accepted_at=order.accepted_at,
        past=NO_PAST if history is None else past_of(history),
        recall=Remembering(
            order.journal, order.clock, recording=order.recording, uses_cache=order.uses_cache
        ),
        budget=_budget(order),
        is_patient=order.recording is None or not order.recording.is_replay,
    )


def _budget(order: Order) -> Mapping[str, Value]:
    """What is changed of the pipeline's budget: now, or by an earlier owner."""
    known = order.history.budget if order.history is not None else None
    if order.budget or known is None:
        return order.budget
    return cast("Mapping[str, Value]", decode_json(bytes(known)))


def _roots(order: Order) -> dict[str, Value]:
    return roots_of(
        order.environment,
        run=order.run,
        session=order.session,
        shared=order.shared,
        started_at=order.accepted_at,
    )
