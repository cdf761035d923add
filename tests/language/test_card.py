"""The card says nothing that is wrong: its example, its mistakes and its cures are all checked."""

from __future__ import annotations

import re
from typing import Final

import pytest

from misydsl.expressions.functions import FUNCTIONS
from misydsl.language.card import (
    MOST_CHARACTERS,
    RESULTS,
    card,
    function_signatures,
    result_words,
    setting_lines,
)
from misydsl.language.tokens import RESERVED
from misydsl.language.type_expressions import BUILT_IN_TYPES
from misydsl.pipeline.policies import RetryPolicy
from misydsl.pipeline.settings import SETTINGS
from misydsl.relations import describe
from misydsl.workspace.checking import check_text
from tests.language.checking import pipeline, step_type

CARD: Final = card()
AGENTS: Final = """
agent writer(prompt: string) -> { text: string, ... }
agent other() -> any
"""
# Where the words of each mistake stand: wrong they are told, right they are fine.
IN_A_STEP: Final = 'step s {{ call writer(prompt: "x"), {} }}'
A_VALUE: Final = "let value = {}"
PLACES: Final = {
    1: None,
    2: IN_A_STEP,
    3: A_VALUE,
    4: "step s {{ {} }}",
    5: 'step maybe when run.id == "" {{ call writer(prompt: "x") }}\nreturn "${{{}}}"',
    6: IN_A_STEP,
    7: A_VALUE,
    8: None,
    9: 'step s {} {{ call writer(prompt: "x") }}',
    10: "step plan {{ return [1, 2] }}\nreturn {}",
}
MISTAKE: Final = re.compile(r"^(\d+)\. `(.+?)`(?:, .+?)? → `(.+?)`", re.MULTILINE)
MISTAKES: Final = [(int(n), wrong, right) for n, wrong, right in MISTAKE.findall(CARD)]


def errors(text: str) -> list[str]:
    return [one.code for one in check_text(text).errors]


def in_pipeline(body: str) -> str:
    return f"{AGENTS}\npipeline p(topics: list[string]) {{\n{body}\n}}\n"


def section(title: str) -> str:
    return CARD.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_it_is_short_enough_for_any_prompt() -> None:
    assert len(CARD) <= MOST_CHARACTERS
    assert "<!--" not in CARD


def test_its_example_has_nothing_wrong_not_even_a_warning() -> None:
    [example] = re.findall(r"```misy\n(.*?)```", CARD, re.DOTALL)
    assert check_text(example).diagnostics == ()


def test_there_are_ten_mistakes() -> None:
    assert [number for number, _, _ in MISTAKES] == list(PLACES)


@pytest.mark.parametrize(("number", "wrong", "right"), [m for m in MISTAKES if PLACES[m[0]]])
def test_each_mistake_is_one_and_its_cure_is_right(number: int, wrong: str, right: str) -> None:
    place = PLACES[number]
    assert place is not None
    assert errors(in_pipeline(place.format(wrong))) != []
    assert errors(in_pipeline(place.format(right))) == []


def test_waiting_is_no_setting_and_secrets_only_stand_in_headers_and_auth() -> None:
    cures = {number: (wrong, right) for number, wrong, right in MISTAKES}
    wrong, right = cures[1]
    plan = "step plan { call other() }\n"
    assert errors(in_pipeline(plan + IN_A_STEP.format(wrong))) == ["E0402"]
    assert errors(in_pipeline(plan + right)) == []
    wrong, right = cures[8]
    agent = 'agent a() {{ url: "http://localhost:1", auth: {{ bearer: {} }} }}'
    assert "E0701" in errors(agent.format(wrong))
    assert errors(agent.format(right)) == []


def test_the_rules_show_types_that_exist_and_say_which() -> None:
    [words] = re.findall(r"- Types: `(.+?)`", section("Rules"))
    assert {*words.split(), "list", "map"} == BUILT_IN_TYPES


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_every_reserved_word_is_shown_at_work(word: str) -> None:
    assert re.search(rf"\b{word}\b", CARD)


def test_each_literal_and_expression_of_the_rules_can_be_read() -> None:
    rules = section("Rules")
    [literals] = re.findall(r"- Literals: `(.+?)`", rules)
    for literal in literals.split():
        assert errors(f"let value = {literal}") == []
    values = "a: any, b: any, c: bool, f: any, x: any, xs: list[int], m: map[int], base: { z: int }"
    for written in ("[1, 2]", "{ a: 1, topic, ...base }", "if a then b else c", "a ?? default"):
        assert f"`{written}`" in rules
    body = """
      return [if c then a else b, a ?? 1, x.f, x?.f, xs[0], m["key"], [abs(x) for x in xs if c],
        { a: 1, c, ...base }, 1 in xs]
    """
    assert errors(f"pipeline p({values}) {{ {body} }}".replace("for x in xs", "for y in xs")) == []


def test_what_it_says_of_blocks_on_one_line_is_so() -> None:
    [one_line] = re.findall(r"on one line commas are needed: `(.+?)`", CARD)
    agent = "agent a(x: int) -> any\n"
    assert errors(f"{agent}pipeline p {{ {one_line} }}") == []
    assert errors(f"{agent}pipeline p {{ {one_line.replace(', timeout', ' timeout')} }}") != []


def test_a_skipped_step_is_optional_and_a_loop_gives_a_list_also_with_when() -> None:
    assert step_type("step s when n > 1 { return n }", parameters="n: int") == "int?"
    xs = "xs: list[int]"
    assert step_type("step s for x in xs { return x }", parameters=xs) == "list[int]"
    assert step_type("step s for x in xs when x > 1 { return x }", parameters=xs) == "list[int?]"


def test_it_names_every_setting_with_its_default() -> None:
    listed = "\n".join(setting_lines())
    assert listed in CARD
    for known in SETTINGS.values():
        for name, spec in known.items():
            assert f"{name}: " in listed
            assert spec.default is None or f"= {spec.default}" in listed


def test_the_defaults_of_retry_are_the_engines() -> None:
    [fields] = re.findall(r"by default, `(.+?)`", CARD)
    defaults = f"defaults: {{ retry: {{ attempts: 1, {fields} }} }}"
    assert errors(f"pipeline p {{ {defaults} }}") == []
    said = dict(re.findall(r"([a-z-]+): (\[.+\]|[^,]+)", fields))
    assert set(said) == {"delay", "backoff", "max-delay", "jitter", "on"}
    own = RetryPolicy()
    assert said["delay"] == f"{own.delay_s:g}s"
    assert said["max-delay"] == f"{own.max_delay_s / 60:g}m"
    assert said["backoff"] == f"{own.backoff:g}"
    assert said["jitter"] == f'"{own.jitter}"'
    assert re.findall(r'[^\[\]", ]+', said["on"]) == [str(one) for one in own.on]


def test_it_names_every_function_as_it_is_called() -> None:
    signatures = function_signatures()
    assert f"`{' · '.join(signatures)}`" in CARD
    assert [one.partition("(")[0] for one in signatures] == list(FUNCTIONS)
    assert set(RESULTS) == {one.name for one in FUNCTIONS.values() if callable(one.result)}


# Arguments for which `T` is an int, `U` a bool and `K` a string.
ARGUMENTS: Final = {
    "lines": "xs", "join": 'xs, ", "', "text": "1", "contains": "xs, 1", "first": "xs",
    "last": "xs", "take": "xs, 1", "drop": "xs, 1", "unique": "xs", "flatten": "[xs]",
    "zip": "xs, flags", "sort": "xs", "min": "xs", "max": "xs", "abs": "1 + length(xs)",
    "avg": "xs", "values": "counts", "date": '"2026-03-01"', "datetime": 'date("2026-03-01")',
}  # fmt: skip


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_result_of_a_function_is_what_the_card_says(name: str) -> None:
    said = re.sub(r"\bU\b", "bool", re.sub(r"\bT\b", "int", result_words(FUNCTIONS[name])))
    body = f"step s {{ return {name}({ARGUMENTS[name]}) }}"
    found = step_type(body, parameters="xs: list[int], flags: list[bool], counts: map[int]")
    assert found == said


def test_group_round_and_merge_give_what_their_words_say() -> None:
    rows = "rows: list[{ k: string, n: int }]"
    item = "{ k: string, n: int }"
    assert step_type('step s { return group(rows, by: "k") }', parameters=rows) == (
        result_words(FUNCTIONS["group"]).replace("K", "string").replace("T", item)
    )
    assert step_type("step s { return [round(1.5)] }") == "list[int]"
    assert step_type("step s { return [round(1.5, 1)] }") == "list[float]"
    assert step_type("step s { return merge({ a: 1 }, { b: 2 }) }") == "{ a: 1, b: 2 }"
    for name, values in (("sum", "[1, 2]"), ("mod", "7, 3")):
        assert step_type(f"step s {{ return {name}({values}) }}") == "int"
        assert result_words(FUNCTIONS[name]) == "number"


def test_what_a_person_answers_has_the_type_it_says() -> None:
    [call, answer] = re.findall(r"- Ask a person: `(.+?)` gives `(.+?)`", CARD)[0]
    assert describe(pipeline(f"pipeline p {{ step s {{ {call} }} }}").block.steps[0].type) == answer
