"""Time is linear in the size of a text, and nothing depends on how deep Python's stack already is.

Each text is checked at a size and at four times that size. The bound (8 times) is between linear and
quadratic, so that a busy machine does not fail it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import pytest

from misydsl.expressions.evaluate import EvaluationError, compile_expression
from misydsl.expressions.frames import Names
from misydsl.language.check import check_source
from misydsl.language.formatter import format_text
from misydsl.language.syntax import LetSyntax
from misydsl.source import Source
from tests.fuzz.law import keep_the_form
from tests.fuzz.shapes import Made, lines, pair, steps

TOO_SHORT_S: Final = 0.05  # what takes less is not measured
MOST_S: Final = 20.0
STACK: Final = 600


def in_pipeline(body: str) -> str:
    return f"agent a(q: any) -> any\npipeline p(x: any, b: bool = true) {{\n{body}\n}}\n"


def each(line: Callable[[int], str]) -> Made:
    return lambda count: "".join(map(line, range(count)))


def doubled(line: Callable[[int], str], last: str) -> Made:
    return lambda count: "".join(map(line, range(count))) + last.replace("N", str(count))


LINEAR: Final[dict[str, tuple[int, Made]]] = {
    "a list on one line": (20_000, lambda n: "let v = [" + "1, " * n + "1]"),
    "lines that cannot be read": (3_000, lambda n: "pipeline p {\n" + "  step = = x\n" * n + "}"),
    "quotes alone": (3_000, lambda n: '"\n' * n),
    "quotes of other programs": (3_000, lambda n: "‘'`«“" * n),
    "brackets that never close": (20_000, lambda n: "{([" * n),
    "brackets that do not match": (5_000, lambda n: "{(]})[" * n),
    "texts that never close": (5_000, lambda n: 'let v = "${\n' * n),
    "blocks without braces": (3_000, lambda n: "pipeline p {\nstep a\n}\n" * n),
    "gaps without a value": (3_000, lambda n: 'let v = "' + "${}" * n + '"'),
    "marks that turn the text around": (5_000, lambda n: "\u202ea " * n),
    "names in two scripts": (5_000, lambda n: "p\u0430y " * n),
    "NUL": (50_000, lambda n: "\0" * n),
    "unknown names": (1_000, lambda n: in_pipeline(each(lambda i: f"step s{i} {{ call z{i}(a: b{i}) }}\n")(n))),
    "steps after steps": (1_000, lambda n: in_pipeline(each(lambda i: f"step s{i} {{ call a(q: 1) }}\n")(n) + "step z after " + ", ".join(f"s{i}" for i in range(n)) + " { call a(q: 1) }")),
    "imports": (3_000, each(lambda i: f'import {{ a{i} }} from "./f{i}.misy"\n')),
    "sums": (10_000, lambda n: "let v = " + " + ".join("1" * n)),
    "paths": (10_000, lambda n: in_pipeline("step t { return x" + ".a" * n + " }")),
    "defaults of defaults": (10_000, lambda n: in_pipeline("step t { return " + "x ?? " * n + "1 }")),
    "conditions": (10_000, lambda n: in_pipeline("step t when " + "b and " * n + "b { return 1 }")),
    "negations": (20_000, lambda n: "let v = " + "not " * n + "true"),
    "signs": (20_000, lambda n: "let v = " + "- " * n + "1"),
    "ifs": (3_000, lambda n: in_pipeline("step t { return " + "if b then 1 else " * n + "2 }")),
    "else branches": (1_000, lambda n: in_pipeline("step t when b { return 1 }" + " else when b { return 1 }" * n)),
    "loops in one list": (3_000, lambda n: "let v = [1 " + each(lambda i: f"for x{i} in [1] ")(n) + "]"),
    "generics": (10_000, lambda n: "type T = " + "list[" * n + "int" + "]" * n),
    "a choice of many": (5_000, lambda n: "type T = " + " | ".join(f'"v{i}"' for i in range(n))),
    "a record of many": (5_000, lambda n: "type T = { " + ", ".join(f"f{i}: int" for i in range(n)) + " }"),
    "names for types": (1_000, doubled(lambda i: f"type A{i} = list[A{i + 1}]\n", "type AN = int")),
    "prompts that call prompts": (1_000, doubled(lambda i: f'prompt q{i}(a: string) "${{q{i + 1}(a)}}"\n', 'prompt qN(a: string) "x"')),
    "lets that need lets": (2_000, doubled(lambda i: f"let a{i} = a{i + 1}\n", "let aN = 1")),
}  # fmt: skip
DOUBLING: Final[dict[str, Made]] = {
    "types": doubled(
        lambda i: f"type A{i} = {{ x: A{i + 1}, y: A{i + 1} }}\n",
        "type AN = int\nagent a(k: A0) -> A0\n"
        "pipeline p(k: A0) { step s { call a(k) }\n return s.x.y == s.y }\n",
    ),
    "choices": doubled(lambda i: f"type A{i} = list[A{i + 1}] | map[A{i + 1}]\n", "type AN = int"),
    "lets": lambda n: (
        "let a0 = 1\n"
        + each(lambda i: f"let a{i + 1} = {{ l: a{i}, r: [a{i}] }}\n")(n)
        + f"let z = [a{n}, a{n}] == [a{n}]\nlet y: int = a{n}\n"
    ),
    "steps": lambda n: in_pipeline(
        "step a0 { return { x: x } }\n"
        + each(
            lambda i: (
                f"step a{i + 1} when b {{ return {{ l: a{i}, r: a{i} }} }} else {{ return [a{i}] }}\n"
            )
        )(n)
        + f"return a{n}"
    ),
    "loops": lambda n: (
        "let v = [1 "
        + each(lambda i: f"for x{i + 1} in [[x{i}, {{ a: x{i} }}]] ")(min(n, 31)).replace("x0", "1")
        + "]"
    ),
    "pipelines": doubled(
        lambda i: (
            f"pipeline p{i}() {{ step s {{ call p{i + 1}() }}\n step t {{ call p{i + 1}() }}\n"
            f" return [s, t] }}\n"
        ),
        "pipeline pN() { return 1 }\n",
    ),
    "prompts": doubled(
        lambda i: f'prompt q{i}(a: string) "${{q{i + 1}(a)}}${{q{i + 1}(a)}}"\n',
        'prompt qN(a: string) "x"\nlet v = q0(a: "x")\n',
    ),
}


CHOICE: Final = lines('{ kind: "k№", a№: int } | ', before="type T = ", after="int\n")
LARGE: Final[dict[str, Made]] = {
    "records with all of the one before": lines(
        "let a№+ = { ...a№, f№: 1 }\n", before="let a0 = {}\n"
    ),
    "steps with all of the one before": steps(
        "step a№+ { return { ...a№, f№: 1 } }\n", before="step a0 { return {} }\n"
    ),
    "choices with all of the next": lines('type A№ = A№+ | "x№"\n', after="type A№ = int"),
    "questions to a large choice": pair(
        CHOICE,
        lines('step s№ when t.kind == "k№" { return t.kind }\n', before="pipeline p(t: T) {", after="}"),
    ),
    "two large choices": pair(
        CHOICE,
        lines("{ a№: int, kind: string } | ", before="type U = ", after="int\n"),
        lines("step s№ { call a(t: u) }\n", before="agent a(t: T) -> U\npipeline p(u: U) {", after="}"),
    ),
}  # fmt: skip


def seconds_to_check(text: str) -> float:
    source = Source("x.misy", text)
    began = time.process_time()
    checked = check_source(source)
    seconds = time.process_time() - began
    keep_the_form(checked.diagnostics, source)
    return seconds


@pytest.mark.parametrize("size_and_made", LINEAR.values(), ids=LINEAR.keys())
def test_four_times_the_text_takes_about_four_times_as_long(
    size_and_made: tuple[int, Made],
) -> None:
    size, made = size_and_made
    once = min(seconds_to_check(made(size)) for _ in range(2))
    assert seconds_to_check(made(4 * size)) < 8 * max(once, TOO_SHORT_S)


@pytest.mark.parametrize("made", DOUBLING.values(), ids=DOUBLING.keys())
def test_what_doubles_with_every_name_is_checked_soon(made: Made) -> None:
    assert seconds_to_check(made(60)) < MOST_S


@pytest.mark.parametrize("made", LARGE.values(), ids=LARGE.keys())
def test_types_that_are_large_everywhere_are_checked_soon(made: Made) -> None:
    assert seconds_to_check(made(500)) < MOST_S


def deep_texts() -> dict[str, str]:
    """The deepest texts that are no errors, or just past that."""
    nested = "".join("step s { " for _ in range(60)) + "step z { return " + "1 + " * 190 + "1 }"
    return {
        "sum": "let v = " + "1 + " * 199 + "1",
        "condition": "let v = " + "true and " * 199 + "true",
        "negation": "let v = " + "not " * 199 + "true",
        "ifs": "let v = " + "if true then 1 else " * 199 + "1",
        "sum that is computed": "let x = length([1])\nlet v = " + "x + " * 199 + "1",
        "lists": "let v = " + "[" * 64 + "]" * 64,
        "records": "let v = " + "{ a: " * 64 + "1" + " }" * 64,
        "calls": "let v = " + "text(" * 64 + "1" + ")" * 64,
        "texts": "let v = " + '"${' * 60 + "1" + '}"' * 60,
        "types": "type T = " + "list[" * 64 + "int" + "]" * 64,
        "optional types": "type T = " + "list[{ a: " * 32 + "int" + " }?]" * 32,
        "steps": in_pipeline(nested + " }" * 60),
    }


def at_depth(depth: int, work: Callable[[], None]) -> None:
    """Do the work with so many frames below it."""
    if depth > 0:
        at_depth(depth - 1, work)
    else:
        work()


@pytest.mark.parametrize("text", deep_texts().values(), ids=deep_texts().keys())
def test_what_is_nested_deeply_is_read_wherever_the_reader_stands(text: str) -> None:
    source = Source("x.misy", text)

    def work() -> None:
        checked = check_source(source)
        keep_the_form(checked.diagnostics, source)
        format_text(source)
        names = Names()
        lets = [one for one in checked.tree.declarations if isinstance(one, LetSyntax)]
        for one in lets:
            names.declare_let(one.name.text, one.value)
        for one in lets:
            run_it(names, one)

    assert sys.getrecursionlimit() == 1_000
    at_depth(STACK, work)


def run_it(names: Names, one: LetSyntax) -> None:
    """Evaluate a constant; an error is an answer too."""
    with suppress(EvaluationError):
        compile_expression(one.value, names)(names.new_frame())
