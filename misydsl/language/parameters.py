"""Parameters of agents, prompts and pipelines.

In: `(name: type = default, …)` as written. Out: `Parameter`s. A default is checked against its type in the
scope of the file: it sees lets, `env` and `run`, not the other parameters.
"""

from __future__ import annotations

from misydsl.language import messages
from misydsl.language.context import ModuleContext, Scope
from misydsl.language.syntax import BrokenItem, ParametersSyntax, ParameterSyntax
from misydsl.language.type_expressions import resolve_type
from misydsl.pipeline.model import Parameter
from misydsl.relations import holds_secret
from misydsl.types import ANY


def check_parameters(
    written: ParametersSyntax | None, scope: Scope, context: ModuleContext
) -> tuple[Parameter, ...]:
    """The parameters that are meant; of two with one name the first."""
    found: dict[str, Parameter] = {}
    for item in written.items if written is not None else ():
        if not isinstance(item, BrokenItem):
            found.setdefault(item.name.text, _parameter(item, scope, context))
    return tuple(found.values())


def is_open(written: ParametersSyntax) -> bool:
    """Whether inputs that are not declared are taken too: `...`, or a part nobody could read."""
    return written.is_open or any(isinstance(item, BrokenItem) for item in written.items)


def _parameter(written: ParameterSyntax, scope: Scope, context: ModuleContext) -> Parameter:
    name = written.name.text
    type_ = resolve_type(written.type, context)
    if holds_secret(type_):
        context.report.add(written.type.span, messages.secret_declared(f"the input `{name}`"))
        type_ = ANY
    if written.default is not None:
        found = context.check(written.default, type_, scope, what=f"`{name}`", declares=True)
        if holds_secret(found):
            context.report.add(written.default.span, messages.secret_by_default(name))
    return Parameter(name, type_, written.default, written.description, written.name.span)
