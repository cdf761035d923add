"""`@agent`: a Python function, declared as an agent.

In: a function, sync or async, whose keyword inputs have names and perhaps annotations. Out: an
`AgentDeclaration` with name, typed parameters and result, which stays callable like the function it
holds. An input reaches the parameter of the same name, `-` and `_` being one (`max-n` → `max_n`);
camelCase stays as it is. `Annotated[T, "…"]` describes a parameter; `**others` takes what else is sent.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import overload

import msgspec

from misydsl.acceptance import Mismatch, acceptor
from misydsl.agents.annotations import builds, expression_of, note_of, type_of
from misydsl.diagnostics.similar import similar
from misydsl.failures import MisyError
from misydsl.pipeline.model import Parameter
from misydsl.relations import admits_null, describe, optional
from misydsl.types import ANY, Type
from misydsl.values import Value

Function = Callable[..., object]


class AgentDeclarationInvalid(MisyError):
    """A function that cannot be an agent: which one and why."""


class InputsRefused(ValueError):
    """The inputs of one call do not fit the function; the text says which and why.

    A function may raise it too, for what its annotations cannot say; it is not worth a retry.
    """


@dataclass(frozen=True, slots=True)
class AgentDeclaration:
    """A function as an agent: what it is called, takes and gives back."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Type
    function: Function
    is_pure: bool = False
    title: str | None = None
    description: str | None = None
    is_open: bool = False
    """Whether it also takes inputs that are not declared (`**others`)."""
    intake: Mapping[str, Intake] | None = None
    """How each input reaches the function; by the folded name of the parameter."""

    def __call__(self, *positional: object, **named: object) -> object:
        """Call the function itself, as if it had not been declared."""
        return self.function(*positional, **named)

    @property
    def is_async(self) -> bool:
        """Whether the function runs on the event loop."""
        return inspect.iscoroutinefunction(self.function)

    def signature(self) -> str:
        """The inputs as a person writes them: `topic: string, dateRange: string?`."""
        shown = [f"{one.name}: {describe(one.type)}" for one in self.parameters]
        return ", ".join([*shown, "..."] if self.is_open else shown) or "nothing"

    def arguments(
        self, inputs: Mapping[str, Value], *, ignore_unknown: bool = False
    ) -> dict[str, object]:
        """What the function is called with.

        Raises:
            InputsRefused: an input is missing, unknown or of another type.
        """
        intake = self.intake or {}
        arguments: dict[str, object] = {}
        for name, value in inputs.items():
            known = intake.get(_folded(name))
            if known is not None:
                known.put(value, arguments)
            elif self.is_open:
                arguments[name] = value
            elif not ignore_unknown:
                raise InputsRefused(_unknown(name, [one.shown for one in intake.values()]))
        for one in intake.values():
            if one.is_required and one.name not in arguments:
                raise InputsRefused(f"it needs `{one.shown}: {describe(one.type)}`")
        return arguments


@dataclass(frozen=True, slots=True)
class Intake:
    """How one input becomes one argument."""

    name: str
    """The parameter in Python."""
    shown: str
    type: Type
    annotation: object
    is_required: bool
    is_built: bool
    """Whether the annotation is a class to be made from the JSON."""

    def put(self, value: Value, arguments: dict[str, object]) -> None:
        """Add the argument; null for an input that has a default and rejects null is left out."""
        if value is None and not self.is_required and not admits_null(self.type):
            return
        try:
            accepted = acceptor(self.type)(value)
            arguments[self.name] = (
                msgspec.convert(value, self.annotation) if self.is_built else accepted
            )
        except (Mismatch, msgspec.ValidationError) as problem:
            raise InputsRefused(f"`{self.shown}`: {problem}") from problem


@overload
def agent(function: Function, /) -> AgentDeclaration: ...


@overload
def agent(
    name: str | None = None,
    /,
    *,
    pure: bool = False,
    title: str | None = None,
) -> Callable[[Function], AgentDeclaration]: ...


def agent(
    name: str | Function | None = None, /, *, pure: bool = False, title: str | None = None
) -> AgentDeclaration | Callable[[Function], AgentDeclaration]:
    """Declare a function as an agent: `@agent`, or `@agent("trend-scanner", pure=True, title="…")`.

    `pure` promises that the function has no effects besides its result, so a resumed run may call it
    again without harm. The docstring becomes the description.

    Raises:
        AgentDeclarationInvalid: inputs come by name, and a parameter of this function cannot.
    """
    if callable(name):
        return declared(name)
    return lambda function: declared(function, name=name, is_pure=pure, title=title)


def declared(
    function: Function, *, name: str | None = None, is_pure: bool = False, title: str | None = None
) -> AgentDeclaration:
    """The declaration of a function; its own one, under another name perhaps, if it has it already."""
    if isinstance(function, AgentDeclaration):
        return _renamed(function, name)
    own = str(getattr(function, "__name__", type(function).__name__))
    called = name or own.strip("_").replace("_", "-")
    signature, hints = _described(function, called)
    intakes = [
        _intake(parameter, hints.get(parameter.name, parameter.annotation), called)
        for parameter in signature.parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD
    ]
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    result = hints.get("return", ANY)
    return AgentDeclaration(
        called,
        tuple(_parameter(one, signature.parameters[one.name]) for one in intakes),
        ANY if result is ANY else type_of(result),
        function,
        is_pure,
        title,
        inspect.getdoc(function) if inspect.isroutine(function) else None,
        inspect.Parameter.VAR_KEYWORD in kinds,
        {_folded(one.name): one for one in intakes},
    )


def _renamed(declaration: AgentDeclaration, name: str | None) -> AgentDeclaration:
    if name is None or name == declaration.name:
        return declaration
    fields = {one: getattr(declaration, one) for one in declaration.__slots__}
    return AgentDeclaration(**{**fields, "name": name})


def _described(function: Function, called: str) -> tuple[inspect.Signature, dict[str, object]]:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError) as problem:
        raise AgentDeclarationInvalid(
            f"{called}: its inputs cannot be read ({problem})"
        ) from problem
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except (NameError, AttributeError, TypeError) as problem:
        if inspect.isroutine(function):
            words = f"{called}: its annotations cannot be read ({problem})"
            raise AgentDeclarationInvalid(words) from problem
        hints = {}  # an object with __call__ has its annotations elsewhere
    return signature, hints


def _intake(parameter: inspect.Parameter, annotation: object, agent_name: str) -> Intake:
    if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
        raise AgentDeclarationInvalid(
            f"{agent_name}: inputs come by name, and `{parameter}` can only be given by position"
        )
    type_ = ANY if annotation is parameter.empty else type_of(annotation)
    return Intake(
        parameter.name,
        parameter.name,
        type_,
        annotation,
        parameter.default is parameter.empty,
        builds(annotation),
    )


def _parameter(intake: Intake, parameter: inspect.Parameter) -> Parameter:
    note = note_of(intake.annotation)
    if intake.is_required:
        return Parameter(intake.shown, intake.type, description=note)
    default = expression_of(parameter.default)
    kept = intake.type if default is not None else optional(intake.type)
    return Parameter(intake.shown, kept, default, note)


def _folded(name: str) -> str:
    return name.replace("-", "_")


def _unknown(name: str, known: list[str]) -> str:
    near = similar(name, known)
    return f"it has no input `{name}`" + (f". Did you mean `{near}`?" if near else "")
