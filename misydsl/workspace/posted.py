"""Texts that came in a request, from somebody who may run pipelines here and nothing else.

In: a `.misy` text, and the project whose agents it may call. Out: a `Pipeline`, or what is wrong with the text. Such a text
stands alone: it imports nothing, reads no file and no variable of the environment, and says of no agent where it is or
with which secret it is called. It may declare agents for their types; where they are, the project says.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from misydsl.agents.registry import Binding
from misydsl.clock import SYSTEM_CLOCK
from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.similar import similar
from misydsl.expressions.evaluate import EvaluationError
from misydsl.expressions.nodes import Literal, Node, Reference
from misydsl.failures import MisyError, SourceInvalid
from misydsl.pipeline.model import Agent, Library, Setting
from misydsl.runner.compile import bound_agents
from misydsl.runner.roots import roots_of
from misydsl.source import Source, Span
from misydsl.workspace.binding import registry_of
from misydsl.workspace.checking import Checked, check_recorded
from misydsl.workspace.pipelines import Pipeline, chosen

if TYPE_CHECKING:
    from misydsl.workspace.projects import Project

POSTED: Final = "posted.misy"
"""The key under which such a text is recorded."""
MOST_CHARACTERS: Final = 500_000  # as much as is checked in a second
_ELSEWHERE: Final = frozenset(("url", "headers", "auth", "health", "method"))
_ROOTS: Final = frozenset(("env", "secret"))


def read_posted(
    text: str,
    *,
    project: Project,
    is_known: Callable[[str], bool],
    pipeline: str | None = None,
) -> Pipeline:
    """The pipeline of a text from a request; `is_known` says which agents may be called.

    Raises: `SourceInvalid` with every diagnostic; `MisyError` for a text that is too long, has no pipeline, or has
    several of which none is named.
    """
    if len(text) > MOST_CHARACTERS:
        raise MisyError(f"a text in a request has at most {MOST_CHARACTERS:,} characters")
    checked = check_recorded({POSTED: text}, POSTED)
    library = checked.library
    if library is None:
        raise SourceInvalid(checked.diagnostics)
    refused = tuple(_refused(library, project, is_known))
    if checked.errors or refused:
        found = [_with_cure(one, project, is_known) for one in checked.diagnostics]
        raise SourceInvalid((*found, *sorted(refused, key=lambda one: one.span)))
    return Pipeline(
        chosen(library, pipeline), Checked(checked.source, library, checked.diagnostics), None
    )


def bindings_of(project: Project, names: Iterable[str]) -> Mapping[str, Binding]:
    """The agents of the project by these names, connected as its files say.

    Raises: `MisyError` when the settings of one cannot be computed.
    """
    declared = project.agents
    found: dict[str, Binding] = {}
    roots = roots_of(os.environ, run="", session="", shared={}, started_at=SYSTEM_CLOCK.wall())
    for name in names:
        agent = declared.get(name) or declared.get(_other_spelling(name, declared))
        if agent is None:
            continue
        try:
            (code,) = bound_agents([agent.declaration], agent.library, roots)
        except EvaluationError as problem:
            raise MisyError(
                f"the settings of `{name}` cannot be computed: {problem.message}"
            ) from problem
        found[name] = registry_of().connect(code.spec)
    return found


def _with_cure(
    diagnostic: Diagnostic, project: Project, is_known: Callable[[str], bool]
) -> Diagnostic:
    """What the text could not reach, with what it can do instead."""
    span = diagnostic.span
    name = diagnostic.source.text[span.start : span.end]
    if diagnostic.code == "E0301":
        cure = "a text in a request stands alone: write here what it needs"
    elif diagnostic.code == "E0303" and is_known(name):
        known = project.agents.get(_other_spelling(name, project.agents))
        wire = None if known is None else _wire_of(known.declaration.settings)
        settings = "" if wire in (None, "plain") else f' {{ wire: "{wire}" }}'
        cure = f"declare it here, such as `agent {name}(…) -> any{settings}`; the server knows where it is"
    else:
        return diagnostic
    return dataclasses.replace(diagnostic, help=cure)


def _other_spelling(name: str, declared: Iterable[str]) -> str:
    folded = name.replace("_", "-")
    return next((one for one in declared if one.replace("_", "-") == folded), name)


def _refused(
    library: Library, project: Project, is_known: Callable[[str], bool]
) -> Iterator[Diagnostic]:
    source = library.main.source
    for one in library.main.names.values():
        for reference in _references(one):
            if reference.name in _ROOTS:
                what = f"`{reference.name}` is not for a text in a request: it is this server's own"
                yield _wrong(source, reference.span, what, "give it as an input of the pipeline")
        if isinstance(one, Agent):
            yield from _refused_agent(source, one, project, is_known)


def _refused_agent(
    source: Source, agent: Agent, project: Project, is_known: Callable[[str], bool]
) -> Iterator[Diagnostic]:
    for setting in agent.settings:
        if setting.name in _ELSEWHERE:
            what = f"`{setting.name}` is not for a text in a request: where agents are is not its to say"
            yield _wrong(source, setting.span, what, "leave it out; the project knows the agent")
    if not is_known(agent.name):
        near = similar(agent.name, project.agents)
        meant = f" Did you mean `{near}`?" if near else ""
        words = f"nobody here declares or hosts the agent `{agent.name}`.{meant}"
        yield Diagnostic("E0806", words, source, agent.span)
        return
    known = project.agents.get(_other_spelling(agent.name, project.agents))
    wanted = _wire_of(known.declaration.settings) if known is not None else None
    if wanted is not None and wanted != (_wire_of(agent.settings) or "plain"):
        words = f"`{agent.name}` speaks another wire than this text says"
        yield _wrong(source, agent.span, words, f'write `wire: "{wanted}"` in its settings')


def _wire_of(settings: Iterable[Setting]) -> str | None:
    for one in settings:
        if one.name == "wire" and isinstance(one.value, Literal):
            return str(one.value.value)
    return None


def _wrong(source: Source, span: Span, message: str, cure: str) -> Diagnostic:
    return Diagnostic("E0705", message, source, span, help=cure)


def _references(declaration: object) -> Iterator[Reference]:
    """Every name that stands anywhere in a declaration, whatever it is part of."""
    rest = [declaration]
    while rest:
        current = rest.pop()
        if isinstance(current, Reference):
            yield current
        elif isinstance(current, Node):
            rest += [getattr(current, one) for one in current.__struct_fields__]
        elif dataclasses.is_dataclass(current) and not isinstance(current, type):
            rest += [getattr(current, one.name) for one in dataclasses.fields(current)]
        elif isinstance(current, tuple | list):
            rest += current
        elif isinstance(current, Mapping):
            rest += current.values()
