"""From text to tree: what is read, where it stands, and how fast."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from misydsl.expressions.nodes import Binary, Literal, Member, Reference, Text, Unary
from misydsl.language import tables as tables_module
from misydsl.language.grammar import compile_grammar
from misydsl.language.parser import Parsed, parse
from misydsl.language.reading import source_of
from misydsl.language.syntax import (
    AgentSyntax,
    LetSyntax,
    PipelineSyntax,
    PromptSyntax,
    StepSyntax,
    TypeRecord,
    TypeSyntax,
)
from misydsl.source import Source
from misydsl.values import Duration, Percent, Rate, Size

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.misy"))


def read(text: str) -> Parsed:
    return parse(Source("main.misy", text))


def value_of(expression: str) -> object:
    parsed = read(f"let x = {expression}\n")
    assert [str(problem) for problem in parsed.diagnostics] == []
    declared = parsed.tree.declarations[0]
    assert isinstance(declared, LetSyntax)
    return declared.value


def literal_of(expression: str) -> object:
    value = value_of(expression)
    assert isinstance(value, Literal)
    return value.value


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_right_file_is_read_without_a_word(path: Path) -> None:
    parsed = read(path.read_text(encoding="utf-8"))
    assert [str(problem) for problem in parsed.diagnostics] == []
    assert parsed.tree.edition == 1


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_windows_line_ends_and_a_byte_order_mark_change_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    plain = read(text).tree
    source, problems = source_of(
        b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), name="main.misy"
    )
    assert problems == ()
    windows = parse(source)
    assert windows.diagnostics == ()
    names = [getattr(item, "name", None) for item in windows.tree.declarations]
    assert [name.text for name in names if name] == [
        item.name.text for item in plain.declarations if hasattr(item, "name")
    ]


def test_the_grammar_has_no_conflict_and_every_alternative_a_builder() -> None:
    from misydsl.language.drive import BUILDERS

    made = compile_grammar(tables_module.grammar_text())
    for _origin, size, builder, _slots in made["rules"]:
        assert (size == 1) if builder is None else builder in BUILDERS


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1_000", 1000), ("1.5", 1.5), ("1e3", 1000.0), ("500ms", Duration(0.5)),
        ("1h30m", Duration(5400)), ("2d", Duration(172800)), ("10/s", Rate(10)),
        ("120/m", Rate(2)), ("20%", Percent(0.2)), ("64MiB", Size(64 << 20)),
        ("10MB", Size(10_000_000)), ("true", True), ("null", None),
        (r'"a\"b\\ \n \u{e9} \$"', 'a"b\\ \n é $'), ('"{ a: } {{"', "{ a: } {{"), ('""', ""),
        ('"""x"""', "x"), ('"""\n    a\n      b\n\n    c\n    """', "a\n  b\n\nc"),
        ('"""\n  \\n \\${x} \\"""\n"""', '\\n ${x} """'),
    ],
)  # fmt: skip
def test_a_literal_means_what_it_says(written: str, value: object) -> None:
    found = literal_of(written)
    assert found == value
    assert type(found) is type(value)


def test_text_with_interpolation_keeps_its_parts_in_order() -> None:
    value = value_of('"a ${x.y} b${1}"')
    assert isinstance(value, Text)
    first, member, second, one = value.parts
    assert (first, second) == ("a ", " b")
    assert isinstance(member, Member)
    assert isinstance(one, Literal)


def test_operators_bind_as_the_language_says() -> None:
    value = value_of("a or not b and c + d * -e ?? f == g")
    assert isinstance(value, Binary)
    assert value.operator == "or"
    conjunction = value.right
    assert isinstance(conjunction, Binary)
    assert conjunction.operator == "and"
    assert isinstance(conjunction.left, Unary)
    comparison = conjunction.right
    assert isinstance(comparison, Binary)
    assert comparison.operator == "=="
    assert isinstance(comparison.left, Binary)
    assert comparison.left.operator == "??"


def test_a_hyphen_is_part_of_a_name_only_between_its_letters() -> None:
    assert isinstance(value_of("a-b"), Reference)
    assert isinstance(value_of("a - b"), Binary)


def test_names_are_compared_in_one_normal_form() -> None:
    value = value_of("cancio\u0301n")
    assert isinstance(value, Reference)
    assert value.name == "canci\u00f3n"


def test_a_span_covers_exactly_what_was_written() -> None:
    text = 'let x = 1\nstep-count: 3\nlet y = a.b + "c"\n'
    declared = read(text).tree.declarations[-1]
    assert isinstance(declared, LetSyntax)
    assert text[slice(*declared.span)] == 'let y = a.b + "c"'
    assert text[slice(*declared.value.span)] == 'a.b + "c"'


def test_documentation_belongs_to_what_follows_it() -> None:
    tree = read(
        "## One\n## two\ntype T = {\n  ## inner\n  a: int\n}\n\n# no\nagent a(\n  ## given\n  q: int\n)\n"
        "## P\npipeline p() {\n  ## S\n  step s { call a(q: 1) }\n  return s\n}\n"
    ).tree
    kind, agent, pipeline = tree.declarations
    assert isinstance(kind, TypeSyntax)
    assert kind.description == "One\ntwo"
    assert isinstance(kind.type, TypeRecord)
    assert kind.type.fields[0].description == "inner"
    assert isinstance(agent, AgentSyntax)
    assert agent.description is None
    assert getattr(agent.parameters.items[0], "description", None) == "given"
    assert isinstance(pipeline, PipelineSyntax)
    step = pipeline.block.items[0]
    assert isinstance(step, StepSyntax)
    assert (pipeline.description, step.description) == ("P", "S")


def test_a_prompt_may_be_a_file() -> None:
    here, there = read('prompt a() "x"\nprompt b() from "x.md"\n').tree.declarations
    assert isinstance(here, PromptSyntax)
    assert isinstance(there, PromptSyntax)
    assert (here.is_file, there.is_file) == (False, True)


def test_soft_words_are_names_wherever_a_name_may_stand() -> None:
    parsed = read(
        "type T = { type: string, when: int\n after: date\n repeat: int }\n"
        "let x = {\n  when: 1\n  after: 2\n  repeat\n  call: 3\n}\n"
        "pipeline step(prompt: string) {\n  step call { call return(on: prompt, until) }\n  return call\n}\n"
    )
    assert parsed.diagnostics == ()


def test_lines_go_on_after_and_before_operators() -> None:
    parsed = read(
        "let x = a +\n  b\n  + c\n  ?? d\nlet y = a\n  .b\n  ?.c\nlet z = if a\n  then b\n  else c\n"
        "type U =\n  int\n  | string\nlet w = [a\n  for a in b if c]\nlet n = a\n  not in b\n"
    )
    assert [str(problem) for problem in parsed.diagnostics] == []


def test_the_collector_is_as_it_was_after_a_parse() -> None:
    read("let x = 1\n")
    assert gc.isenabled()
    gc.disable()
    try:
        read("let x = 1\n")
        assert not gc.isenabled()
    finally:
        gc.enable()


# ------------------------------------------------------------------ the cached tables


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "misydsl" / f"tables-{tables_module.FORMAT}.json"


def fresh() -> tables_module.Tables:
    return tables_module.tables.__wrapped__()


def test_tables_are_kept_and_read_back_the_same(cache: Path) -> None:
    first = fresh()
    assert cache.is_file()
    assert json.loads(cache.read_bytes().partition(b"\n")[2])["terminals"] == list(first.terminals)
    assert fresh().actions == first.actions


@pytest.mark.parametrize("damage", [b"", b"{}", b"\x80\x04.", b"1 2 3 4\n[]"])
def test_a_damaged_cache_is_built_again(cache: Path, damage: bytes) -> None:
    good = fresh()
    cache.write_bytes(damage)
    again = fresh()
    # Lark numbers states anew each time; the kept copy is whole again all the same.
    assert (again.terminals, len(again.actions)) == (good.terminals, len(good.actions))
    assert fresh().actions == again.actions


def test_a_cache_that_cannot_be_written_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert fresh().terminals


def test_a_cache_of_another_grammar_is_not_used(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh()
    grammar = tables_module.grammar_text()
    monkeypatch.setattr(tables_module, "grammar_text", lambda: grammar + "\n// changed\n")
    before = cache.read_bytes()
    fresh()
    assert cache.read_bytes() != before


def test_lark_is_not_imported_when_the_tables_are_kept(cache: Path) -> None:
    fresh()
    program = (
        "import sys; from misydsl.language.parser import parse; from misydsl.source import Source;"
        "parse(Source('x', 'let x = 1')); print('lark' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
