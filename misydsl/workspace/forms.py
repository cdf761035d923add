"""Workflows in JSON as programs: a module made from the text, beside those that declare its agents.

In: the text of a workflow, and what its agents are. Out: a library as a `.misy` text has one, and all that is wrong.
What a run records is the text itself, with one more field, `x-misy`, that says what the text alone does not: the
id it was given and which file declared which agent. So a run is read again, years later, from what it recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, cast

from misydsl.diagnostics import Diagnostic
from misydsl.language.check import check_modules
from misydsl.pipeline.jsonform import Form, open_agent, read_form
from misydsl.pipeline.model import Agent, Declaration, Library, Module
from misydsl.source import Source
from misydsl.values import Value, decode_json, encode_json

SUFFIX: Final = ".json"
NOTE: Final = "x-misy"
"""The field that is added when a workflow is recorded."""


class DeclaredAgent(Protocol):
    """An agent of some file, with everything its settings may name."""

    @property
    def declaration(self) -> Agent:
        """The agent."""
        ...

    @property
    def library(self) -> Library:
        """What its file can reach."""
        ...


@dataclass(frozen=True, slots=True)
class _Recorded:
    """An agent of a file that was recorded."""

    declaration: Agent
    library: Library


@dataclass(frozen=True, slots=True)
class KnownAgents:
    """Which agents a workflow may call: those somebody declares, and those `is_known` says yes to."""

    declared: Mapping[str, DeclaredAgent] = field(default_factory=dict)
    is_known: Callable[[str], bool] | None = None

    def find(self, name: str) -> Agent | None:
        """What a name means; without `is_known` every name is some agent's."""
        for other, declared in self.declared.items():
            if _folded(other) == _folded(name):
                return declared.declaration
        return open_agent(name) if self.is_known is None or self.is_known(name) else None


def form_library(
    source: Source, known: KnownAgents, *, key: str, name: str
) -> tuple[Library | None, tuple[Diagnostic, ...]]:
    """The library of a workflow; `name` is what it is called where it has no id."""
    source = _without_note(source)
    key = _free(key, {one for each in known.declared.values() for one in each.library.modules})
    form = read_form(source, known.find, key=key, name=name, names=known.declared)
    if form.pipeline is None:
        return None, form.diagnostics
    called = list(form.agents.values())
    used = [one for one in known.declared.values() if one.declaration in called]
    homes = {one.declaration.name: one.declaration.module for one in used}
    noted = {"id": form.pipeline.name, "agents": cast("Value", homes)}
    modules = {one: module for each in used for one, module in each.library.modules.items()}
    return _library(form, key, _with_note(source, noted), modules), form.diagnostics


def recorded_form(
    texts: Mapping[str, str], entry: str
) -> tuple[Library | None, tuple[Diagnostic, ...]]:
    """The library of a workflow as it was recorded; no file is read."""
    source = Source(entry, texts[entry])
    note = _note_of(source.text)
    homes = cast("Mapping[str, str]", note.get("agents") or {})
    libraries = {home: check_modules(texts, home).library for home in {*homes.values()}}
    declared = {name: _declared(libraries[home], name) for name, home in homes.items()}
    known = KnownAgents({name: one for name, one in declared.items() if one is not None})
    form = read_form(source, known.find, key=entry, name=str(note.get("id", "")))
    if form.pipeline is None:
        return None, form.diagnostics
    modules = {
        one: module
        for library in libraries.values()
        if library is not None
        for one, module in library.modules.items()
    }
    return _library(form, entry, source, modules), form.diagnostics


def is_form(text: str) -> bool:
    """Whether a text is a workflow in JSON, or a request with one, rather than one of the language."""
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return False
    try:
        document = _decoded(text)
    except ValueError:  # no JSON, or half a character
        return False
    return isinstance(document, dict) and not {"workflow", "steps"}.isdisjoint(document)


def told_of(library: Library) -> tuple[str | None, Mapping[str, Value]]:
    """Session and shared data that a program brings to its runs."""
    is_form_of_json = library.entry.endswith(SUFFIX)
    return context_of(library.main.source.text) if is_form_of_json else (None, {})


def context_of(text: str) -> tuple[str | None, Mapping[str, Value]]:
    """Session and shared data that the text of a whole request brings."""
    document = _decoded(text)
    context = (
        document.get("context") if isinstance(document, dict) and "workflow" in document else None
    )
    if not isinstance(context, dict):
        return None, {}
    session, shared = context.get("sessionId"), context.get("sharedData")
    return (
        session if isinstance(session, str) else None,
        shared if isinstance(shared, dict) else {},
    )


def _library(form: Form, key: str, source: Source, modules: Mapping[str, Module]) -> Library:
    assert form.pipeline is not None
    # what nobody declares is declared here, so that its settings have a module to be read in
    agents = {
        name: one if one.module else replace(one, module=key) for name, one in form.agents.items()
    }
    names: dict[str, Declaration] = {**agents, form.pipeline.name: form.pipeline}
    return Library(key, {key: Module(key, source, names), **modules})


def _free(key: str, taken: Collection[str]) -> str:
    """The key, or one like it, that no file of the project has: a prompt may be read from a `.json` file."""
    number, found = 2, key
    while found in taken:
        found, number = f"{key.removesuffix(SUFFIX)}-{number}{SUFFIX}", number + 1
    return found


def _declared(library: Library | None, name: str) -> _Recorded | None:
    if library is None:
        return None
    found = library.find(library.entry, name)
    return _Recorded(found, library) if isinstance(found, Agent) else None


def _with_note(source: Source, note: Mapping[str, Value]) -> Source:
    """The text with a note behind all else, so that every place stays where it is."""
    text = source.text.rstrip()
    added = f',"{NOTE}":{encode_json(dict(note)).decode()}}}'
    return Source(source.name, text.removesuffix("}") + added, source.path)


def _without_note(source: Source) -> Source:
    """The text without the note of an earlier recording."""
    try:
        document = _decoded(source.text)
    except ValueError:  # the reader of the form says what is wrong
        return source
    if not isinstance(document, dict) or NOTE not in document:
        return source
    rest = {name: value for name, value in document.items() if name != NOTE}
    return Source(source.name, encode_json(rest).decode(), source.path)


def _note_of(text: str) -> Mapping[str, Value]:
    document = _decoded(text)
    note = document.get(NOTE) if isinstance(document, dict) else None
    return note if isinstance(note, dict) else {}


def _decoded(text: str) -> Value:
    return decode_json(text.removeprefix("\ufeff").encode())


def _folded(name: str) -> str:
    return name.replace("_", "-")
