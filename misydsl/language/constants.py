"""The lets and prompts of a file, in the order they need each other.

In: their declarations and the scope of the file. Out: `Let`s and `Prompt`s in `context.names`, and the scope
in which they are known. A let that needs itself, or a prompt that ends up calling itself, is told and is
`any`, or text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from misydsl.expressions.free import called_names, free_names
from misydsl.expressions.scope import PromptType, TypeScope
from misydsl.language import messages
from misydsl.language.blocks import check_let
from misydsl.language.context import ModuleContext, Scope, Taken, python_name
from misydsl.language.names import take_inputs
from misydsl.language.ordering import circle_path, is_circle, needed_first
from misydsl.language.parameters import check_parameters
from misydsl.language.prompt_files import PromptText, read_prompt_text
from misydsl.language.shelves import Shelf
from misydsl.language.syntax import LetSyntax, ParameterSyntax, PromptSyntax
from misydsl.pipeline.model import Parameter, Prompt
from misydsl.types import ANY, STRING, Type

Constant = LetSyntax | PromptSyntax


def check_constants(
    lets: Sequence[LetSyntax],
    prompts: Sequence[PromptSyntax],
    file_scope: Scope,
    context: ModuleContext,
    shelf: Shelf,
) -> Scope:
    """The scope of the file with its lets and prompts, which are checked on the way."""
    constants: list[Constant] = [*lets, *prompts]
    outer = file_scope.types
    bindings: dict[str, Type] = {**outer.bindings, **{one.name.text: ANY for one in lets}}
    parameters = _parameters(prompts, file_scope, context)
    signatures = {name: _signature(found) for name, found in parameters.items()}
    types = TypeScope(bindings, prompts={**outer.prompts, **signatures}, agents=outer.agents)
    scope = Scope(types, {**file_scope.taken, **_taken(constants)})
    texts = {one.name.text: read_prompt_text(one, context, shelf) for one in prompts}
    needs = _needs(constants, texts)
    for group in needed_first(needs):
        in_circle = is_circle(group, needs)
        if in_circle:
            _tell_circle([constants[index] for index in circle_path(group, needs)], context)
        for index in group:
            one = constants[index]
            if isinstance(one, LetSyntax):
                let = check_let(one, scope, context)
                context.names[let.name] = let
                bindings[let.name] = ANY if in_circle else let.type
            else:
                name = one.name.text
                context.names[name] = _prompt(one, parameters[name], texts[name], scope, context)
    return scope


def _parameters(
    prompts: Sequence[PromptSyntax], scope: Scope, context: ModuleContext
) -> Mapping[str, tuple[Parameter, ...]]:
    return {one.name.text: check_parameters(one.parameters, scope, context) for one in prompts}


def _signature(parameters: Sequence[Parameter]) -> PromptType:
    return PromptType({one.name: (one.type, one.default is not None) for one in parameters})


def _taken(constants: Sequence[Constant]) -> dict[str, Taken]:
    return {
        python_name(one.name.text): Taken(
            one.name.text, "let" if isinstance(one, LetSyntax) else "prompt"
        )
        for one in constants
    }


def _needs(constants: Sequence[Constant], texts: Mapping[str, PromptText]) -> list[list[int]]:
    number = {one.name.text: index for index, one in enumerate(constants)}
    needs: list[list[int]] = []
    for one in constants:
        value = one.value if isinstance(one, LetSyntax) else texts[one.name.text].text
        own = set() if isinstance(one, LetSyntax) else _own_names(one)
        used = (free_names(value) - own) | called_names(value)
        needs.append(sorted(number[name] for name in used if name in number))
    return needs


def _own_names(written: PromptSyntax) -> set[str]:
    items = written.parameters.items
    return {item.name.text for item in items if isinstance(item, ParameterSyntax)}


def _tell_circle(path: Sequence[Constant], context: ModuleContext) -> None:
    names = [one.name.text for one in path]
    if all(isinstance(one, PromptSyntax) for one in path):
        finding = messages.prompts_circle(names)
    else:
        finding = messages.lets_circle(names)
    context.report.add(path[0].name.span, finding)


def _prompt(
    written: PromptSyntax,
    parameters: tuple[Parameter, ...],
    text: PromptText,
    scope: Scope,
    context: ModuleContext,
) -> Prompt:
    """The prompt; its text is looked at with its parameters in sight."""
    taken = take_inputs(written.parameters, context, scope)
    inner = scope.inside({one.name: one.type for one in parameters}, taken)
    text.context.check(text.text, STRING, inner, what=f"`{written.name.text}`")
    if written.is_file:
        context.mentioned |= free_names(text.text) | called_names(text.text)
    return Prompt(
        written.name.text,
        parameters,
        text.text,
        context.key,
        description=written.description,
        span=written.name.span,
        text_file=text.file,
    )
