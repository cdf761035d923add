"""Every problem of an expression has words, and every word of another tool has advice."""

from __future__ import annotations

import re

import pytest

from misydsl.diagnostics.catalogue import TITLES
from misydsl.expressions import problems
from misydsl.expressions.functions import FUNCTIONS
from misydsl.language.messages import OTHER_TYPE_WORDS
from misydsl.language.problem_messages import OTHER_FUNCTIONS, known_codes
from misydsl.language.setting_words import OTHER_AGENT_SETTINGS, OTHER_SETTINGS, advice
from misydsl.language.type_expressions import BUILT_IN_TYPES
from misydsl.language.value_messages import OTHER_FIELDS
from misydsl.pipeline.settings import BREAKER, RETRY, SETTINGS
from tests.language.checking import codes, diagnostics, in_pipeline

PROMISED = re.findall(r"^([EW]\d{4})  ", problems.__doc__ or "", re.MULTILINE)


def test_every_code_that_expressions_promise_has_words() -> None:
    assert len(PROMISED) > 25
    assert set(PROMISED) <= known_codes()


def test_every_code_with_words_has_a_title() -> None:
    assert known_codes() - set(TITLES) <= {"E0525"}


@pytest.mark.parametrize("word", sorted(OTHER_SETTINGS))
def test_a_word_of_another_tool_in_a_step_gets_advice(word: str) -> None:
    if word in SETTINGS["step"]:
        return
    words = advice("step", word, "my-step")
    assert words is not None
    assert "{{" not in words
    assert "{name}" not in words


@pytest.mark.parametrize("word", sorted(OTHER_AGENT_SETTINGS))
def test_a_word_of_another_tool_in_an_agent_gets_advice(word: str) -> None:
    words = advice("agent", word, "my-agent")
    assert words is not None
    assert "{{" not in words
    assert word not in SETTINGS["agent"]


def test_no_advice_hides_a_real_setting() -> None:
    assert not set(OTHER_SETTINGS) & set(SETTINGS["step"])


def test_what_other_languages_call_a_type_leads_to_a_real_one() -> None:
    assert {word.split("[")[0] for word in OTHER_TYPE_WORDS.values()} <= BUILT_IN_TYPES
    assert not set(OTHER_TYPE_WORDS) & BUILT_IN_TYPES


def test_what_other_languages_call_a_function_leads_to_a_real_one() -> None:
    assert set(OTHER_FUNCTIONS.values()) <= set(FUNCTIONS)
    assert not set(OTHER_FUNCTIONS) & set(FUNCTIONS)


def test_what_other_tools_call_a_field_leads_to_a_real_one() -> None:
    ours = {field.name for record in (RETRY, BREAKER) for field in record.fields}
    assert set(OTHER_FIELDS) <= ours | {"bearer", "user", "password"}


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ('join(["a"], 1)', "`separator` of `join`"),
        ("-true", "`-` does not work on bool"),
        ("first(1)", "needs a list, this is the int 1"),
        ("1 in 3", "`in` needs a list, this is the int 3"),
        ("{ ...1 }", "expected"),
        ("x[0]", "so `[…]` may fail"),
        ("x + 1", "so `+` cannot be used"),
        ("x < 1", "so it cannot be compared"),
        ("not y", "`not` needs yes or no (bool), and this may be null"),
        ("null.z", "is always null here"),
        ("m.z", "is a map, so it has no `.z`"),
        ("m.a.b.c", "so it has no"),
        ("y.z", "may be null"),
        ("[1, 2][-1]", "an index counts from 0"),
        ("lines([[1]])", "list of texts"),
        ('sum(["a"])', "sum"),
        ("length(1, 2, 3)", "takes 1 value, here are 3"),
        ("round(1, 2, 3)", "takes 1 to 2 values, here are 3"),
        ("hi(nam: 1)", "Did you mean `name`"),
        ('hi(name: "a", name: "b")', "`name` is given twice"),
        ("{ ...z }", "so it cannot be spread"),
        ('"${m}"', "a map cannot be put into text"),
        ("u.k", "not every alternative of `u` has a field `k`"),
        ("p()", "`p` is a pipeline: it can only be called by a step"),
        ("hi()", "`hi` needs `name: string`"),
        ("hi", "`hi` is a prompt"),
        ("xs.a.b()", "values have no methods, so `.b(…)` cannot be called"),
        ("xs.upper()", "values have no methods"),
        ("[1][0]()", "only functions and prompts can be called"),
        ("map(xs)", "there is no function `map`"),
        ('sort(xs, by: "nam")', "there is no field"),
        ('secret.A == "x"', "a secret cannot be used with `==`"),
        ("length(secret.A)", "a secret cannot be given to `length`"),
        ('"x" in [1]', "this is always false"),
        ('1 != "x"', "this is always true"),
    ],
)
def test_the_words_for_a_wrong_expression(expression: str, words: str) -> None:
    parameters = "x: int?, y: bool?, m: map[int], xs: list[{ name: string }]"
    parameters += ", z: { a: int }?, u: { k: int } | { l: int }"
    text = 'prompt hi(name: string) """${name}"""\n' + in_pipeline(
        f"let r = {expression}", parameters
    )
    found = diagnostics(text)
    told = [one.message for one in found]
    if words == "expected":
        assert found
    elif words == "there is no field":
        assert any("has no field `nam`" in one for one in told), told
    else:
        assert any(words in one for one in told), told


def test_an_unknown_option_of_a_function_is_told_with_those_it_has() -> None:
    (found,) = diagnostics(in_pipeline("let r = sort([1], dsc: true)"))
    assert found.code == "E0305"
    assert found.help is not None
    assert "desc" in found.help


def test_a_value_with_a_unit_in_quotes_gets_a_fix() -> None:
    found = diagnostics(in_pipeline('step s {\n call a(q: "x")\n timeout: "30s"\n}'))
    assert [one.fix.edits[0].text for one in found if one.fix] == ["30s"]


def test_the_path_of_a_part_that_does_not_fit_is_shown() -> None:
    text = "agent b(x: { a: list[{ c: string }] })\n" + in_pipeline(
        "step s { call b(x: y) }", "y: { a: list[{ c: int }] }"
    )
    (found,) = diagnostics(text)
    assert "at `.a[…].c`" in found.message
    assert "expected string, got int" in found.message


def test_a_part_that_is_missing_is_shown() -> None:
    text = "agent b(x: { a: int, b: int })\n" + in_pipeline(
        "step s { call b(x: y) }", "y: { a: int }"
    )
    (found,) = diagnostics(text)
    assert "at `.b`: expected int, and it is missing" in found.message


def test_a_title_is_a_plain_text() -> None:
    assert codes('agent b "B ${run.id}" (x: int)\n') == ["E0501"]


@pytest.mark.parametrize(
    ("declaration", "kind"),
    [
        ("type x = int", "a type"),
        ("let x = 1", "a let"),
        ('prompt x(n: int) """${n}"""', "a prompt"),
    ],
)
def test_what_cannot_be_called_is_told_by_its_kind(declaration: str, kind: str) -> None:
    (found,) = diagnostics(f"{declaration}\n{in_pipeline('step s { call x() }')}")
    assert found.code == "E0303"
    assert kind in found.message


@pytest.mark.parametrize(
    ("declaration", "kind"),
    [
        ("agent x()", "an agent"),
        ("pipeline x() { return 1 }", "a pipeline"),
        ('prompt x(n: int) """${n}"""', "a prompt"),
        ("let x = 1", "a let"),
    ],
)
def test_what_is_no_type_is_told_by_its_kind(declaration: str, kind: str) -> None:
    (found,) = diagnostics(f"type T = list[x]\n{declaration}\n")
    assert found.message == f"`x` is {kind}, not a type"
