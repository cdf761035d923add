"""Python functions that are agents, as modules of the language.

In: the functions of a notebook. Out: the text that declares them and the types they name, once with each way
to join the words of a name, so that a cell may write `find-trends` or `find_trends`. A function whose
name or inputs the language cannot write is left out: nobody could call it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from misydsl.agents.declare import AgentDeclaration
from misydsl.language.parser import parse
from misydsl.pipeline.model import Parameter
from misydsl.relations import describe, optional
from misydsl.source import Source
from misydsl.types import Any, ListType, MapType, RecordType, Type, UnionType

Functions = Mapping[str, AgentDeclaration]

PYTHON: Final = {"-": "[python]", "_": "[python_]"}
"""The modules by how they join the words of a name."""


def python_modules(functions: Functions) -> dict[str, str]:
    """The texts of both modules, by their keys."""
    return {key: _module(functions.values(), glue) for glue, key in PYTHON.items()}


def python_homes(functions: Functions) -> dict[str, str]:
    """Each way to write the name of a function, and the module that has it so."""
    found: dict[str, str] = {}
    for glue, key in reversed(PYTHON.items()):  # a name of one word is that of the first
        writable = (one for one in functions.values() if _is_written(_agent(one, glue)))
        found.update({_glued(one.name, glue): key for one in writable})
    return found


def _module(functions: Iterable[AgentDeclaration], glue: str) -> str:
    written = {text: one for one in functions if _is_written(text := _agent(one, glue))}
    named = {
        record.name: record
        for one in written.values()
        for type_ in (one.result, *(parameter.type for parameter in one.parameters))
        for record in _named_records(type_)
    }
    types = (
        f"type {name} = {describe(replace(record, name=None))}" for name, record in named.items()
    )
    return "\n".join(["misy 1", *types, *written, ""])


@lru_cache(maxsize=512)
def _is_written(declaration: str) -> bool:
    """Whether the language can say it; Python has names that the language keeps for itself."""
    return not parse(Source("[python]", declaration)).diagnostics


def _agent(declaration: AgentDeclaration, glue: str) -> str:
    inputs = [_parameter(one, declaration) for one in declaration.parameters]
    inputs += ["..."] if declaration.is_open else []
    result = "" if isinstance(declaration.result, Any) else f" -> {describe(declaration.result)}"
    return f"agent {_glued(declaration.name, glue)}({', '.join(inputs)}){result}"


def _parameter(one: Parameter, declaration: AgentDeclaration) -> str:
    """One input; what the function has a default for may be left out."""
    intake = (declaration.intake or {}).get(one.name.replace("-", "_"))
    is_required = intake is None or intake.is_required
    return f"{one.name}: {describe(one.type if is_required else optional(one.type))}"


def _glued(name: str, glue: str) -> str:
    return name.replace("_", glue).replace("-", glue)


def _named_records(type_: Type) -> Iterator[RecordType]:
    """The records with a name that a type is made of: Python's classes."""
    match type_:
        case RecordType(fields=fields, name=name):
            for one in fields:
                yield from _named_records(one.type)
            if name is not None:
                yield type_
        case ListType(item=inner) | MapType(value=inner):
            yield from _named_records(inner)
        case UnionType(members=members):
            for member in members:
                yield from _named_records(member)
        case _:
            return
