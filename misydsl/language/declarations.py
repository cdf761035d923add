"""One file: everything it declares and imports, resolved and typed.

In: a loaded file and the modules of the files it imports. Out: a `Module`; what is wrong stands in the
file's report. Order in the text does not matter: types come first, then lets and prompts in the order
they need each other, then agents, then pipelines, the called ones first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from misydsl.expressions.scope import PromptType, TypeScope
from misydsl.language.agents import check_agent
from misydsl.language.constants import check_constants
from misydsl.language.context import ModuleContext, Scope, Taken
from misydsl.language.imports import LoadedFile
from misydsl.language.links import Neighbour, bind_imports
from misydsl.language.messages import article
from misydsl.language.names import broken_names, is_built_in, take_names
from misydsl.language.pipelines import check_pipelines
from misydsl.language.shelves import Shelf
from misydsl.language.syntax import (
    AgentSyntax,
    BrokenItem,
    Declaration,
    Identifier,
    ImportSyntax,
    LetSyntax,
    PipelineSyntax,
    PromptSyntax,
    StepSyntax,
    TypeSyntax,
)
from misydsl.language.type_expressions import resolve_aliases
from misydsl.pipeline.model import Agent, Let, Module, Pipeline, Prompt
from misydsl.pipeline.model import Declaration as ModelDeclaration
from misydsl.types import (
    ANY,
    DATETIME,
    SECRET,
    STRING,
    Field,
    MapType,
    RecordType,
    Type,
)

ALWAYS_THERE: Final[Mapping[str, Type]] = {
    "env": MapType(STRING),
    "secret": MapType(SECRET),
    "run": RecordType(
        (
            Field("id", STRING),
            Field("session", STRING),
            Field("shared", ANY),
            Field("started", DATETIME),
        ),
        name="run",
    ),
}
"""The namespaces every expression sees."""
_KINDS: Final = {
    TypeSyntax: "type",
    LetSyntax: "let",
    AgentSyntax: "agent",
    PromptSyntax: "prompt",
    PipelineSyntax: "pipeline",
}
Named = TypeSyntax | LetSyntax | AgentSyntax | PromptSyntax | PipelineSyntax
Kind = TypeVar("Kind", bound=Named)


def check_module(
    file: LoadedFile,
    neighbours: Mapping[str, Neighbour],
    shelf: Shelf,
    context: ModuleContext,
) -> Module:
    """The module that a file declares."""
    tree = file.parsed.tree
    context.poisoned.update(broken_names(tree.declarations, context.source.text))
    bind_imports(file, neighbours, context)
    named = _first_of_each(tree.declarations, context)
    context.kinds.update((one.name.text, article(_KINDS[type(one)])) for one in named)
    resolve_aliases(_only(TypeSyntax, named), context)
    callable_names = [
        one.name.text for one in named if isinstance(one, AgentSyntax | PipelineSyntax)
    ]
    scope = check_constants(
        _only(LetSyntax, named),
        _only(PromptSyntax, named),
        _file_scope(callable_names, context),
        context,
        shelf,
    )
    context.step_names = frozenset(
        item.name.text
        for one in _only(PipelineSyntax, named)
        for item in one.block.items
        if isinstance(item, StepSyntax)
    )
    for agent in _only(AgentSyntax, named):
        context.names[agent.name.text] = check_agent(agent, scope, context)
    check_pipelines(_only(PipelineSyntax, named), scope, context)
    return Module(context.key, context.source, _in_text_order(named, context))


def _first_of_each(declarations: Sequence[Declaration], context: ModuleContext) -> list[Named]:
    """The declarations that keep their name; those whose name is taken or built in are reported."""
    imported: list[tuple[Identifier, str]] = [
        (name.alias, "import")
        for one in declarations
        if isinstance(one, ImportSyntax)
        for name in one.names
    ]
    named = [one for one in declarations if not isinstance(one, ImportSyntax | BrokenItem)]
    take_names([*imported, *((one.name, _KINDS[type(one)]) for one in named)], None, context)
    seen = {identifier.text for identifier, _ in imported}
    kept: list[Named] = []
    for one in named:
        name = one.name.text
        if name not in seen and not is_built_in(name, _KINDS[type(one)]):
            kept.append(one)
        seen.add(name)
    return kept


def _only(kind: type[Kind], named: Sequence[Named]) -> list[Kind]:
    return [one for one in named if isinstance(one, kind)]


def _file_scope(callable_names: Sequence[str], context: ModuleContext) -> Scope:
    """What every expression of the file sees: namespaces and what is imported."""
    bindings: dict[str, Type] = dict.fromkeys(context.poisoned, ANY)
    prompts: dict[str, PromptType] = {}
    agents = set(callable_names)
    taken: dict[str, Taken] = {}
    for name, one in context.names.items():
        match one:
            case Let(type=type_):
                bindings[name] = type_
                taken[name.replace("-", "_")] = Taken(name, "let")
            case Prompt(parameters=parameters):
                prompts[name] = PromptType(
                    {p.name: (p.type, p.default is not None) for p in parameters}
                )
                taken[name.replace("-", "_")] = Taken(name, "prompt")
            case Agent() | Pipeline():
                agents.add(name)
            case _:
                pass
    bindings.update(ALWAYS_THERE)
    return Scope(TypeScope(bindings, prompts=prompts, agents=frozenset(agents)), taken)


def _in_text_order(named: Sequence[Named], context: ModuleContext) -> dict[str, ModelDeclaration]:
    own = {one.name.text for one in named}
    ordered = {name: one for name, one in context.names.items() if name not in own}
    for one in named:
        if one.name.text in context.names:
            ordered[one.name.text] = context.names[one.name.text]
    return ordered
