"""Shapes of texts that grow: each is a function from a size to the text of that size.

In: how many. Out: a file nobody would write. They stand for what costs more than it should where a pass
looks back, looks around or copies: long chains, deep nests, many of the same, many that are wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

Made = Callable[[int], str]
HEAD: Final = "agent a(q: any) -> any\npipeline p(x: any, b: bool = true) {\n"


def lines(pattern: str, *, before: str = "", after: str = "") -> Made:
    """The pattern once for each number: `№` is the number, `№+` the next one; in `after` the last."""

    def made(count: int) -> str:
        written = (numbered(pattern, number, number + 1) for number in range(count))
        return before + "".join(written) + after.replace("№", str(count))

    return made


def circle(pattern: str, *, before: str = "", after: str = "") -> Made:
    """Like `lines`, where the next of the last one is the first."""

    def made(count: int) -> str:
        written = (numbered(pattern, number, (number + 1) % count) for number in range(count))
        return before + "".join(written) + after

    return made


def numbered(pattern: str, number: int, following: int) -> str:
    """The pattern with its numbers."""
    return pattern.replace("№+", str(following)).replace("№", str(number))


def steps(pattern: str, *, before: str = "", after: str = "") -> Made:
    """Lines inside of a pipeline that has an agent `a`, inputs `x` and `b`."""
    return lines(pattern, before=HEAD + before, after=after + "\n}\n")


def nested(before: str, opening: str, middle: str, closing: str, after: str = "") -> Made:
    """Something inside of itself."""
    return lambda count: before + opening * count + middle + closing * count + after


def pair(*makers: Made) -> Made:
    """Several shapes of the same size, one after the other."""
    return lambda count: "".join(made(count) for made in makers)


VALUES: Final[dict[str, Made]] = {
    "a list": lines("1, ", before="let v = [", after="1]"),
    "a list of texts": lines('"t№", ', before="let v = [", after="]"),
    "a list of records": lines("{ a№: 1 }, ", before="let v = [", after="]"),
    "a list without commas": lines("1 ", before="let v = [", after="]"),
    "nothing but commas": lines(",", before="let v = [", after="]"),
    "a sum": lines("1 + ", before="let v = ", after="1"),
    "a sum of texts": lines('"a" + ', before="let v = ", after='"a"'),
    "a difference": lines("1 - ", before="let v = ", after="1"),
    "comparisons in a row": lines("1 < ", before="let v = ", after="1"),
    "conditions": steps("x.a№ != null and ", before="step t when ", after="b { return 1 }"),
    "alternatives": steps("x.a№ == null or ", before="step t when ", after="b { return 1 }"),
    "defaults of defaults": steps("x ?? ", before="step t { return ", after="1 }"),
    "a path": steps(".a", before="step t { return x", after=" }"),
    "a careful path": steps("?.a", before="step t { return x", after=" }"),
    "an index of an index": steps("[0]", before="step t { return x", after=" }"),
    "calls of calls": lines("()", before="let v = x"),
    "negations": lines("not ", before="let v = ", after="true"),
    "signs": lines("- ", before="let v = ", after="1"),
    "ifs": steps("if b then № else ", before="step t { return ", after="2 }"),
    "ifs in ifs": nested("let v = ", "if true then ", "1", " else 2"),
    "parentheses": nested("let v = ", "(", "1", ")"),
    "lists in lists": nested("let v = ", "[", "1", "]"),
    "records in records": nested("let v = ", "{ a: ", "1", " }"),
    "functions of functions": nested("let v = ", "text(", "1", ")"),
    "texts in texts": nested("let v = ", '"${', "1", '}"'),
    "loops in loops": nested("let v = ", "[y for y in ", "[1]", "]"),
    "loops in one list": lines("for x№ in [1] ", before="let v = [1 ", after="]"),
    "a record": lines("f№: 1, ", before="let v = { ", after="}"),
    "a record of one field": lines("a: 1, ", before="let v = { ", after="}"),
    "the same spread again": lines("...r, ", before="let r = { a: 1 }\nlet v = { ", after="}"),
    "spreads of many": pair(
        lines("let r№ = { a№: 1 }\n"), lines("...r№, ", before="let v = { ", after="}")
    ),
    "values of a function": lines("1, ", before="let v = length(", after="1)"),
    "unknown names in one list": lines("u№, ", before="let v = [", after="]"),
    "wrong values in one list": lines('"t№", ', before="let v: list[int] = [", after="]"),
    "unknown functions": lines("let v№ = foo№(1)\n"),
    "functions misspelt": lines("let v№ = lenght([1])\n"),
    "fields misspelt": pair(
        lines("f№: 1, ", before="let r = {", after="}\n"), lines("let v№ = r.g№\n")
    ),
    "fields used": pair(
        lines("f№: 1, ", before="let r = {", after="}\n"), lines("let v№ = r.f№\n")
    ),
}
TEXTS: Final[dict[str, Made]] = {
    "escapes": lines("\\n", before='let v = "', after='"'),
    "escapes nobody knows": lines("\\q", before='let v = "', after='"'),
    "letters by number": lines("\\u{41}", before='let v = "', after='"'),
    "letters by no number": lines("\\u{", before='let v = "', after='"'),
    "gaps": lines("${x}", before='let x = "a"\nlet v = "', after='"'),
    "gaps in a block": lines("  ${x}\n", before='let x = "a"\nlet v = """\n', after='"""'),
    "gaps without a value": lines("${}", before='let v = "', after='"'),
    "gaps that never close": lines("${", before='let v = "'),
    "gaps of a block that never close": lines("${", before='let v = """'),
    "braces in a gap": lines("{", before='let v = "${'),
    "dollars": lines("$", before='let v = "', after='"'),
    "lines of a block": lines("  a\n", before='let v = """\n', after='  """'),
    "blanks of a block": lines(" ", before='let v = """\n', after='\n"""'),
    "texts that never close": lines('let v = "abc\n'),
    "texts and gaps that never close": lines('let v = "${\n'),
    "blocks that never close": lines('let v = """abc\n'),
    "texts on one line that never close": lines('let v = "abc ${ '),
    "three quotes": lines('"""'),
    "quotes on lines": lines('"\n'),
    "quotes of other programs": lines("‘'`«“"),
    "closers in a text": lines("}])", before='"'),
    "comments": lines("# a\n"),
    "documentation": lines("## a\n", after="let v = 1"),
    "documentation of each": lines("## doc\nlet v№ = 1\n"),
    "comments in a list": lines("1 # a\n", before="let v = [\n", after="]"),
    "comments that allow": lines("# misy: allow W0901\n"),
    "comments that allow nothing": lines("# misy: allow W9999\n"),
    "comments of other languages": lines("// a\n"),
}
SIGNS: Final[dict[str, Made]] = {
    "brackets that never close": lines("{(["),
    "brackets that do not match": lines("{(]})["),
    "closers": lines("}])"),
    "question marks": lines("?", before="let v = "),
    "arrows": lines("->"),
    "bars": lines("|", before="type T = "),
    "dots": lines(".", before="let v = "),
    "semicolons": lines("let v№ = 1;\n"),
    "NUL": lines("\0"),
    "marks that turn the text around": lines("\u202ea "),
    "names in two scripts": lines("p\u0430y "),
    "accents written apart": lines("a\u0301 "),
    "accents on one letter": lines("\u0301", before="let a", after=" = 1"),
    "surrogates": lines("\udc80"),
    "pictures": lines("😀 "),
    "a long name": lines("a", before="let v = "),
    "a long name with hyphens": lines("a-", before="let v = ", after="a"),
    "a long number": lines("9", before="let v = "),
    "a long duration": lines("1h", before="let v = "),
    "numbers with no such unit": lines("1x "),
    "blank lines": lines(" \t\n"),
    "carriage returns": lines("\r"),
    "words": lines("a№ "),
    "words on lines": lines("a№\n"),
    "keywords": lines("step "),
    "keywords on lines": lines("pipeline\n"),
    "lets without anything": lines("let\n"),
    "lets without a value": lines("let v№ =\n"),
    "lines that cannot be read": lines("  step = = x\n", before="pipeline p {\n", after="}"),
    "blocks without braces": lines("pipeline p№ {\nstep a\n}\n"),
    "blocks that never close": lines("pipeline p№() {\n"),
    "lists that never close": lines("let v№ = [1\n"),
    "Python": lines("for x in y:\n  if x == 1:\n    print(x)\n"),
    "YAML": lines("- a: b\n  c: d\n"),
    "JSON": lines('{"a": 1, "b": [1, 2, 3]},\n'),
}
DECLARATIONS: Final[dict[str, Made]] = {
    "editions": lines("misy 1\n"),
    "imports": lines('import { a№ } from "./f№.misy"\n'),
    "names of one import": lines("a№, ", before="import { ", after='b } from "./f.misy"'),
    "prompts of files": lines('prompt p№(a: string) from "./f№.md"\n'),
    "lets that need the next": lines("let a№ = a№+\n", after="let a№ = 1"),
    "lets that need the one before": lines("let a№+ = a№ + 1\n", before="let a0 = 1\n"),
    "lets in a circle": circle("let a№ = a№+\n"),
    "lets of one name": lines("let a = 1\n"),
    "lets that differ in a hyphen": lines("let a-№ = 1\nlet a_№ = 2\n"),
    "lets of the wrong type": lines('let v№: int = "x"\n'),
    "names misspelt": pair(lines("let variable№ = 1\n"), lines("let w№ = variabel№\n")),
    "prompts that call the next": lines(
        'prompt q№(a: string) "${q№+(a)}"\n', after='prompt q№(a: string) "x"'
    ),
    "prompts in a circle": circle('prompt q№(a: string) "${q№+(a)}"\n'),
    "parameters of a prompt": pair(
        lines("x№: string, ", before="prompt q(", after=') "'), lines("${x№}", after='"')
    ),
    "calls of one prompt": lines('let v№ = q(a: "x")\n', before='prompt q(a: string) "${a}"\n'),
    "names for the next type": lines("type A№ = list[A№+]\n", after="type A№ = int"),
    "names for the same type": lines("type A№ = A№+\n", after="type A№ = int"),
    "types in a circle": circle("type A№ = list[A№+]\n"),
    "types of one name": lines("type A = int\n"),
    "a type of types": nested("type T = ", "list[", "int", "]"),
    "records of types": nested("type T = ", "{ a: ", "int", " }"),
    "a choice of texts": lines('"v№" | ', before="type T = ", after='"z"'),
    "a choice of the same": lines("int | ", before="type T = ", after="int"),
    "a choice of records": lines("{ a№: int } | ", before="type T = ", after="int"),
    "a type with many fields": lines("f№: int, ", before="type T = { ", after="}"),
    "a type with one field": lines("f: int, ", before="type T = { ", after="}"),
    "a choice that is none": lines('"v№" | ', before="type T = ", after='"z"\nlet v: T = "zz"\n'),
    "choices that are none": pair(
        lines('"v№" | ', before="type T = ", after='"z"\n'), lines('let v№: T = "q№q"\n')
    ),
    "choices": pair(
        lines('"v№" | ', before="type T = ", after='"z"\n'), lines('let v№: T = "v№"\n')
    ),
    "a list of choices": pair(
        lines('"v№" | ', before="type T = ", after='"z"\n'),
        lines('"v№", ', before="let v: list[T] = [", after="]"),
    ),
    "a record of many fields": pair(
        lines("f№: int, ", before="type T = { ", after="}\n"),
        lines("f№: 1, ", before="let v: T = { ", after="}"),
    ),
    "a record of wrong fields": pair(
        lines("f№: int, ", before="type T = { ", after="}\n"),
        lines("g№: 1, ", before="let v: T = { ", after="}"),
    ),
    "agents": lines("agent a№(q: string, r: int = 1) -> string\n"),
    "settings of an agent": lines("timeout: 1s\n", before="agent a() -> any {\n", after="}"),
    "settings nobody knows": lines("timeouts№: 1s\n", before="agent a() -> any {\n", after="}"),
    "parameters of an agent": lines("p№: int, ", before="agent a(", after=") -> any"),
    "pipelines": lines("pipeline p№() { step s { return 1 } }\n"),
    "pipelines of one name": lines("pipeline p() { return 1 }\n"),
    "pipelines that call the next": lines(
        "pipeline p№() { step s { call p№+() } return s }\n", after="pipeline p№() { return 1 }"
    ),
    "pipelines in a circle": circle("pipeline p№() { step s { call p№+() } }\n"),
    "parameters of a pipeline": pair(
        lines("x№: any, ", before="pipeline p(", after=") { return ["), lines("x№, ", after="] }")
    ),
}
BLOCKS: Final[dict[str, Made]] = {
    "steps": steps("step s№ { call a(q: №) }\n"),
    "steps that need the one before": steps(
        "step s№+ { return s№ }\n", before="step s0 { return x }\n"
    ),
    "steps that need the next": steps("step s№ { return s№+ }\n", after="step s№ { return x }"),
    "steps in a circle": circle("step s№ { return s№+ }\n", before=HEAD, after="}"),
    "steps that need themselves": steps("step s№ { return s№ }\n"),
    "waits in a circle": circle("step s№ after s№+ { return 1 }\n", before=HEAD, after="}"),
    "a step after many": pair(
        lines("step s№ { call a(q: 1) }\n", before=HEAD),
        lines("s№, ", before="step z after ", after="s0 { call a(q: 1) } }"),
    ),
    "a step after the same": steps(
        "s, ", before="step s { return 1 }\nstep t after ", after="s {}"
    ),
    "steps after unknown ones": steps("s№, ", before="step t after ", after="b { return 1 }"),
    "steps that need many": pair(
        lines("step s№ { call a(q: 1) }\n", before=HEAD),
        lines("s№, ", before="return [", after="]}"),
    ),
    "steps of one name": steps("step s { return 1 }\n"),
    "steps in steps": nested(HEAD, "step s { ", "return 1", " }", "}"),
    "fan-outs in fan-outs": nested(HEAD, "step s for i in x { ", "return 1", " }", "}"),
    "rounds in rounds": nested(HEAD, "step s repeat up to 3 { ", "until b return 1", " }", "}"),
    "fallbacks in fallbacks": nested(HEAD + "step s {", "fallback { ", "return 1", " }", "} }"),
    "fan-outs of fan-outs": steps(
        "step s№+ for i in s№ { return [i] }\n", before="step s0 for i in x { return i }\n"
    ),
    "steps others cannot see": steps(
        "step o№ { step i№ { return 1 } return i№ }\nstep u№ { return i№ }\n"
    ),
    "steps with steps": steps(
        "step t№ { step a { return s0 } step b { return a } return [a, b] }\n",
        before="step s0 { return 1 }\n",
    ),
    "else branches": steps("else when b { return № } ", before="step t when b { return 1 } "),
    "else branches by text": steps(
        'else when x == "v№" { return № } ', before="step t when b { return 1 } "
    ),
    "conditions of one step": steps("when b ", before="step s ", after="{ return 1 }"),
    "loops of one step": steps("for i№ in x ", before="step s ", after="{ return 1 }"),
    "results": steps("return 1\n"),
    "calls": steps("call a(q: 1)\n", before="step s { ", after="}"),
    "untils": steps("until b\n", before="step s repeat up to 3 { ", after="return 1 }"),
    "fallbacks": steps("fallback { return 1 }\n", before="step s { call a(q: 1)\n", after="}"),
    "undos": steps("undo { call a(q: 1) }\n", before="step s { call a(q: 1)\n", after="}"),
    "handlers": steps("on failure { call a(q: 1) }\n"),
    "lets": steps("let u№ = 1\n"),
    "settings": steps("timeout: №s\n", before="step s { call a(q: 1)\n", after="}"),
    "settings misspelt": steps("timeoutt№: 1s\n", before="step s { call a(q: 1)\n", after="}"),
    "fields of retry": steps(
        "attempts№: 1, ", before="step s { call a(q: 1)\nretry: { ", after="} }"
    ),
    "retries": steps("step s№ { call a(q: 1)\n retry: { attempts: 3 } }\n"),
    "inputs": pair(
        lines("p№: int, ", before="agent a(", after=") -> any\npipeline p() { step s { call a("),
        lines("p№: 1, ", after=") } }"),
    ),
    "inputs nobody knows": pair(
        lines("p№: int, ", before="agent a(", after=") -> any\npipeline p() { step s { call a("),
        lines("q№: 1, ", after=") } }"),
    ),
    "inputs of one name": steps("q: 1, ", before="step s { call a(", after=") }"),
    "inputs without a name": steps("№, ", before="step s { call a(", after=") }"),
    "inputs without commas": steps(" q: 1 ", before="step s { call a(", after=") }"),
    "calls of unknown agents": steps("step s№ { call z№(a: b№) }\n"),
    "calls of agents misspelt": pair(
        lines("agent agent№(q: any) -> any\n"),
        lines("step s№ { call agnet№(q: 1) }\n", before="pipeline p() {", after="}"),
    ),
    "calls with wrong inputs": steps("step s№ { call a(r: 1) }\n"),
    "values that may be null": pair(
        lines("x.a + 1, ", before="pipeline p(x: { a: int }?) { return [", after="1] }"),
    ),
}
SHAPES: Final[dict[str, Made]] = {**VALUES, **TEXTS, **SIGNS, **DECLARATIONS, **BLOCKS}
