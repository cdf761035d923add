"""Expressions from text, and what a test asks of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from misydsl.expressions.evaluate import compile_expression
from misydsl.expressions.frames import Names
from misydsl.expressions.infer import check, infer
from misydsl.expressions.nodes import Expression
from misydsl.expressions.problems import Problem
from misydsl.expressions.scope import PromptType, TypeScope
from misydsl.language.parser import parse
from misydsl.language.syntax import LetSyntax
from misydsl.relations import optional, unite
from misydsl.source import Source
from misydsl.types import (
    ANY,
    INT,
    SECRET,
    STRING,
    Field,
    ListType,
    LiteralType,
    MapType,
    RecordType,
    Type,
)
from misydsl.values import Value

PREFIX = "let it = "


def read(text: str) -> Expression:
    """The expression a text says; its spans count from the start of `PREFIX + text`."""
    parsed = parse(Source("test.misy", PREFIX + text))
    assert not parsed.diagnostics, [str(diagnostic) for diagnostic in parsed.diagnostics]
    declaration = parsed.tree.declarations[0]
    assert isinstance(declaration, LetSyntax)
    return declaration.value


def record(*, is_open: bool = False, **fields: Type) -> RecordType:
    return RecordType(tuple(Field(*pair) for pair in fields.items()), is_open)


KIND = unite(LiteralType("x"), LiteralType("y"))
SCOPE = TypeScope(
    {
        "n": INT,
        "topic": STRING,
        "kind": KIND,
        "maybe": optional(STRING),
        "count": optional(INT),
        "anything": ANY,
        "trends": ListType(record(name=STRING, score=INT, peak=optional(STRING))),
        "review": optional(record(score=INT, notes=ListType(STRING))),
        "answer": unite(
            record(status=LiteralType("ok"), value=STRING),
            record(status=LiteralType("error"), value=INT, reason=STRING),
        ),
        "total": INT,
        "notes": optional(ListType(STRING)),
        "scores": MapType(INT),
        "env": MapType(STRING),
        "secret": MapType(SECRET),
    },
    prompts={"greet": PromptType({"name": (STRING, False), "tone": (STRING, True)})},
    agents=frozenset({"writer"}),
)


def type_of(text: str, scope: TypeScope = SCOPE) -> Type:
    """The type of an expression that has no problems."""
    problems: list[Problem] = []
    found = infer(read(text), scope, problems)
    assert not problems, problems
    return found


def problems_of(text: str, wanted: Type | None = None, scope: TypeScope = SCOPE) -> list[Problem]:
    """What is wrong with an expression, by itself or where a type is wanted."""
    problems: list[Problem] = []
    expression = read(text)
    if wanted is None:
        infer(expression, scope, problems)
    else:
        check(expression, wanted, scope, problems, what="`q` of `a`")
    return problems


def problem_of(text: str, wanted: Type | None = None, scope: TypeScope = SCOPE) -> Problem:
    """The one thing that is wrong."""
    problems = problems_of(text, wanted, scope)
    assert len(problems) == 1, problems
    return problems[0]


def place_of(problem: Problem, text: str) -> str:
    """The text a problem points at."""
    start, end = problem.span
    return (PREFIX + text)[start:end]


def compiled(text: str, values: Mapping[str, Value]) -> Callable[[], Value]:
    """An expression ready to run over values."""
    names = Names()
    for name in values:
        names.declare(name)
    code = compile_expression(read(text), names)
    frame = names.new_frame()
    frame.values[: len(values)] = values.values()
    return lambda: code(frame)


def value_of(text: str, /, **values: Value) -> Value:
    """The value of an expression; a name with a hyphen is given with an underscore."""
    return compiled(text, {name.replace("_", "-"): value for name, value in values.items()})()
