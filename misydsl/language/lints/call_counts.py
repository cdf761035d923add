"""W0909: how many calls a pipeline may make, and how long the rate of an agent makes them take.

In: a file without errors. Out: a remark at the step that holds the calls, when they take five minutes or more
at the agent's `rate`, or longer than the `deadline`. Only what is certain counts: lists that are written
out, `range` and `take` with a number, rounds of `repeat`. Calls of a list of unknown length are not
counted, and then nothing is said of their agent; retries and fallbacks are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from misydsl.expressions.nodes import Apply, Comprehension, Expression, ListOf, Reference
from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule
from misydsl.language.lints.meant_steps import followed_lets, known_value, literal, ways
from misydsl.pipeline.model import Agent, Block, Module, Pipeline, Step
from misydsl.source import Span
from misydsl.values import Duration, Rate, duration_text, rate_text

_LONG_S = 300.0  # what people sit and wait for is shorter; above it a number helps


@dataclass(frozen=True, slots=True)
class _Factor:
    """Something that multiplies calls: `50 items`, `3 rounds`."""

    count: int
    word: str

    def __str__(self) -> str:
        return f"{self.count} {self.word if self.count != 1 else self.word[:-1]}"


@dataclass(slots=True)
class _Calls:
    """The calls of one agent: at most how many, None when that is not known, and where."""

    agent: Agent
    most: int | None = 0
    factors: tuple[_Factor, ...] | None = None
    """What multiplies each of the `sites`, when it is the same for all of them."""
    sites: int = 0
    spans: list[Span] = field(default_factory=list)


_MOST_SITES = 2_000  # call sites that are looked at; pipelines of pipelines multiply
_DEEPEST = 64  # pipelines in pipelines; deeper ones cannot be run


class _Count:
    """One walk through a pipeline and the pipelines it calls."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.modules = modules
        self.calls: dict[tuple[str, str], _Calls] = {}
        self.open: list[tuple[str, str]] = []
        self.budget = _MOST_SITES

    def block(
        self, block: Block, module: Module, factors: tuple[_Factor | None, ...], span: Span | None
    ) -> None:
        """Everything a block calls, each time it is run; `span` is the outermost step around it."""
        for step in block.steps:
            around = factors + _factors(step, module)
            for way in ways(step):
                self.block(way, module, around, span or step.span)
        self.budget -= 1
        target = module.names.get(block.call.target) if block.call is not None else None
        if isinstance(target, Agent):
            self._note(target, factors, span)
        elif isinstance(target, Pipeline) and self.budget > 0:
            self._pipeline(target, factors, span)

    def _pipeline(
        self, target: Pipeline, factors: tuple[_Factor | None, ...], span: Span | None
    ) -> None:
        key, home = (target.module, target.name), self.modules.get(target.module)
        if home is not None and key not in self.open and len(self.open) < _DEEPEST:
            self.open.append(key)
            self.block(target.block, home, factors, span)
            self.open.pop()

    def _note(self, agent: Agent, factors: tuple[_Factor | None, ...], span: Span | None) -> None:
        calls = self.calls.setdefault((agent.module, agent.name), _Calls(agent))
        known = tuple(one for one in factors if one is not None)
        if len(known) < len(factors) or calls.most is None:
            calls.most = None
            return
        is_alike = calls.sites == 0 or calls.factors == known
        calls.factors = known if is_alike else None
        calls.most += math.prod(one.count for one in known)
        calls.sites += 1
        calls.spans.append(span or agent.span)


def _look(linted: LintedFile) -> Iterator[Remark]:
    module = linted.module
    if "rate" not in "".join(one.source.text for one in linted.modules.values()):
        return
    for _, pipeline in linted.pipelines():
        count = _Count(linted.modules)
        count.block(pipeline.block, module, (), None)
        deadline = known_value(pipeline.settings, "deadline", module)
        for calls in count.calls.values():
            yield from _judged(calls, deadline, linted)


def _judged(calls: _Calls, deadline: object, linted: LintedFile) -> Iterator[Remark]:
    home = linted.modules.get(calls.agent.module, linted.module)
    rate = known_value(calls.agent.settings, "rate", home)
    if not isinstance(rate, Rate) or rate <= 0 or not calls.most:
        return
    seconds = calls.most / rate
    is_late = isinstance(deadline, Duration) and seconds > deadline
    if seconds >= _LONG_S or is_late:
        over = duration_text(deadline) if is_late and isinstance(deadline, Duration) else None
        product = _product(calls)
        time = _rough(seconds)
        finding = wording.many_calls(product, calls.most, rate_text(rate), time, over)
        yield Remark(calls.spans[0], finding)


def _factors(step: Step, module: Module) -> tuple[_Factor | None, ...]:
    """What a step multiplies its calls by; None where that is not known."""
    found: list[_Factor | None] = []
    if step.loop is not None:
        length = _length(step.loop.iterable, module)
        found.append(None if length is None else _Factor(length, "items"))
    if step.repeat is not None:
        rounds = literal(step.repeat, module)
        found.append(_Factor(rounds, "rounds") if type(rounds) is int else None)
    return tuple(found)


def _length(iterable: Expression, module: Module) -> int | None:
    """At most how long a list is; None when that is not known."""
    match followed_lets(iterable, module):
        case ListOf(items=items):
            return len(items)
        case Comprehension(clauses=(clause,)):
            return _length(clause.iterable, module)
        case Apply(target=Reference(name="range"), arguments=arguments):
            ends = [literal(one.value, module) for one in arguments]
            numbers = [one for one in ends if type(one) is int]
            if len(numbers) < len(ends) or not 1 <= len(ends) <= 2:
                return None
            return max(0, numbers[0] if len(ends) == 1 else numbers[1] - numbers[0])
        case Apply(target=Reference(name="take"), arguments=(_, most)):
            taken = literal(most.value, module)
            return taken if type(taken) is int and taken >= 0 else None
        case _:
            return None


def _product(calls: _Calls) -> str:
    """`50 items × 3 rounds × 2 calls`; nothing when the calls differ in how often they are made."""
    if not calls.factors:
        return ""
    parts = [str(one) for one in calls.factors]
    if calls.sites > 1:
        parts.append(f"{calls.sites} calls")
    return " × ".join(parts)


def _rough(seconds: float) -> str:
    """`5 minutes`, `2.5 hours`, `12 seconds`."""
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= length * 1.0:
            number = round(seconds / length, 1)
            return f"{number:g} {unit}{'' if number == 1 else 's'}"
    return f"{seconds:g} seconds"


RULE = Rule("W0909", _look)
