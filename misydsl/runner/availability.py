"""What this version of the engine cannot run yet.

In: a pipeline and its library. Out: nothing, or `NotAvailableYet` naming the first such line. Asked before
anything is called, so that a pipeline never stops half way for a reason that was known before.
"""

from __future__ import annotations

from collections.abc import Iterator

from misydsl.failures import NotAvailableYet
from misydsl.pipeline.dependencies import step_blocks
from misydsl.pipeline.model import Agent, Block, Library, Pipeline, Setting, Step
from misydsl.source import Source, Span

AGENT_SETTINGS = ("cache", "breaker")
STEP_SETTINGS = ("cache", "hedge")
PIPELINE_SETTINGS = ("budget",)
APPROVAL = "human.approve"


def require_available(pipeline: Pipeline, library: Library) -> None:
    """Raise `NotAvailableYet` for the first thing in the text that cannot be run yet."""
    seen: set[tuple[str, str]] = set()
    waiting = [pipeline]
    while waiting:
        current = waiting.pop()
        if (current.module, current.name) in seen:
            continue
        seen.add((current.module, current.name))
        _refuse_any(_unavailable(current), library.modules[current.module].source)
        called = [library.find(current.module, name) for name in _targets(current.block)]
        for agent in (one for one in called if isinstance(one, Agent)):
            unavailable = _settings(agent.settings, AGENT_SETTINGS)
            _refuse_any(unavailable, library.modules[agent.module].source)
        waiting += [one for one in called if isinstance(one, Pipeline)]


def _refuse_any(found: Iterator[tuple[str, Span]], source: Source) -> None:
    for what, span in found:
        line = source.position(span.start).line
        raise NotAvailableYet(
            f"{source.name}:{line}: running {what} is not available yet; nothing was called. "
            "`misy check` and `misy graph` understand it already."
        )


def _unavailable(pipeline: Pipeline) -> Iterator[tuple[str, Span]]:
    yield from _settings(pipeline.settings, PIPELINE_SETTINGS)
    defaults = next((one for one in pipeline.settings if one.name == "defaults"), None)
    if defaults is not None and "cache" in _record_keys(defaults):
        yield "`cache`", defaults.span
    for event, blocks in (("on failure", pipeline.on_failure), ("on finish", pipeline.on_finish)):
        for block in blocks:
            yield f"`{event}`", block.span
    yield from _in_block(pipeline.block)


def _in_block(block: Block) -> Iterator[tuple[str, Span]]:
    for step in block.steps:
        yield from _in_step(step)
    if block.call is not None and block.call.target == APPROVAL:
        yield f"`{APPROVAL}`", block.call.span


def _in_step(step: Step) -> Iterator[tuple[str, Span]]:
    if step.repeat is not None:
        yield "`repeat`", step.span
    if step.fallbacks:
        yield "`fallback`", step.fallbacks[0].span
    if step.undo is not None:
        yield "`undo`", step.undo.span
    yield from _settings(step.settings, STEP_SETTINGS)
    for block in step_blocks(step):
        yield from _in_block(block)


def _settings(settings: tuple[Setting, ...], names: tuple[str, ...]) -> Iterator[tuple[str, Span]]:
    for setting in settings:
        if setting.name in names:
            yield f"`{setting.name}`", setting.span


def _record_keys(setting: Setting) -> tuple[str, ...]:
    fields = getattr(setting.value, "fields", ())
    return tuple(getattr(one, "name", "") for one in fields)


def _targets(block: Block) -> Iterator[str]:
    if block.call is not None:
        yield block.call.target
    for step in block.steps:
        for inner in step_blocks(step):
            yield from _targets(inner)
