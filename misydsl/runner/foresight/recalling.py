"""Recalling before the run: the keys under which the cache would find the calls of a step.

In: a call, the situations it is made in, and what answers for the cache. Out: a `CacheForecast`. Calls whose
inputs depend on a step cannot be looked up; the reason names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from misydsl.acceptance import Mismatch
from misydsl.expressions.frames import Frame
from misydsl.runner.foresight.caching import CacheForecast, CacheQuestion, Lookup, cache_forecast
from misydsl.runner.foresight.knowing import Scope
from misydsl.runner.foresight.situations import Lookout, Situations
from misydsl.runner.jobs import content_of
from misydsl.runner.program import AgentCode, CallCode, StepCode
from misydsl.runner.recall import memo_key
from misydsl.values import Value, encode_json

Identity = Callable[[AgentCode], str | None]
"""What an agent's name stands for in a run, digested; None where only a run can know."""


@dataclass(frozen=True, slots=True)
class Recalling:
    """What answers for the cache; `now` is the time of the plan."""

    identity_of: Identity
    lookup: Lookup | None
    now: float

    def of(
        self, code: StepCode, body: CallCode, here: Situations, *, kept_s: float, lookout: Lookout
    ) -> CacheForecast:
        """What the cache would give for the calls of a step."""
        if self.lookup is None:
            return CacheForecast(kept_s, 0, 0, "nothing: this run does not ask it")
        return cache_forecast(
            self._questions(code, body, here, lookout),
            kept_s=kept_s,
            now=self.now,
            lookup=self.lookup,
        )

    def _questions(
        self, code: StepCode, body: CallCode, here: Situations, lookout: Lookout
    ) -> Iterator[CacheQuestion]:
        why_not = _why_not(code, body, here, lookout)
        identity = None if why_not else self.identity_of(body.agent)
        if identity is None:
            why_not = why_not or f"what `{body.agent.name}` stands for is only known in the run"
            yield CacheQuestion(None, here.weight, why_not)
            return
        for frame, weight in here.frames:
            inputs = _inputs(body, frame, path=code.path, lookout=lookout)
            key = None if inputs is None else memo_key(identity, inputs)
            yield CacheQuestion(key, weight, "its inputs cannot be computed")


def _why_not(code: StepCode, body: CallCode, here: Situations, lookout: Lookout) -> str:
    """Why the inputs of a call are not known; empty when they are."""
    knowing = lookout.knowing
    given = [one.taken_from for one in body.arguments if one.taken_from is not None]
    unknown = knowing.unknown_names(given, here.scope)
    named = {one.name for one in body.arguments if one.taken_from is None}
    defaults = [
        one.default
        for one in body.agent.declaration.parameters
        if one.default is not None and one.name in named
    ]
    home = Scope(body.agent.declaration.module)
    unknown = unknown or knowing.unknown_names(defaults, home)
    if unknown:
        return f"cannot be known before `{unknown[0]}` is"
    if body.agent.sends_ancestors and code.ancestors:
        return "cannot be known before the steps ahead are: their results are sent along"
    return ""


def _inputs(body: CallCode, frame: Frame, *, path: str, lookout: Lookout) -> bytes | None:
    """What would be sent, as the cache knows it; None where it cannot be computed."""
    inputs: dict[str, Value] = {}
    for argument in body.arguments:
        what = f"`{argument.name}`" if argument.name else "an input"
        known = lookout.value(argument.code, frame, path=path, what=what)
        if known is None:
            return None
        try:
            value = known.value if argument.accept is None else argument.accept(known.value)
        except Mismatch as mismatch:
            lookout.remark(path, f"{what} will not fit: {mismatch}")
            return None
        if argument.name is not None:
            inputs[argument.name] = value
        elif isinstance(value, dict):
            inputs.update(value)
    if body.agent.sends_ancestors:
        return content_of({**inputs, "previousResults": {}})
    try:
        return encode_json(inputs)
    except ValueError:
        return None
