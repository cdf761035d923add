"""What a careful reader would not write: each lint speaks where it is sure, and nowhere else."""

from __future__ import annotations

import pytest

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.catalogue import CATALOGUE
from misydsl.language.check import check_modules
from misydsl.language.lints.registry import RULES
from misydsl.language.lints.secrets_in_env import looks_secret
from tests.language.checking import written

HEAD = """
agent a(q: string) -> { text: string, ok: bool }
agent pure-a(q: string) -> string { pure: true }
agent slow(q: string) -> string { rate: 1/s, concurrency: 4 }
"""


def lints(text: str, **files: str) -> tuple[Diagnostic, ...]:
    named = {name.replace("_", "."): body for name, body in files.items()}
    return check_modules({"main.misy": text, **named}, "main.misy").diagnostics


def told(body: str, parameters: str = "", head: str = HEAD) -> list[tuple[str, str]]:
    """Code and place of what is said of a pipeline; declarations of the head may be idle."""
    found = lints(f"{head}\npipeline p({parameters}) {{\n{body}\n}}\n")
    assert not [one for one in found if one.is_error], found
    return [(one.code, written(one)) for one in found if one.code != "W0913"]


def test_every_rule_has_an_explanation() -> None:
    assert {rule.code for rule in RULES} <= CATALOGUE.keys()
    assert len({rule.code for rule in RULES}) == len(RULES)


# W0903


def test_a_name_used_early_is_told_once_at_its_first_use() -> None:
    body = 'step s { call a(q: "${t} ${t}") }\nstep t { call pure-a(q: "x") }\nreturn s'
    assert told(body) == [("W0903", "t")]


# W0904


def test_a_pure_agent_whose_result_nobody_uses_is_told() -> None:
    body = 'step s { call pure-a(q: "x") }\nstep t after s { call a(q: "x") }\nreturn t'
    assert told(body) == [("W0904", "s")]


@pytest.mark.parametrize(
    "body",
    [
        'step s { call pure-a(q: "x") }\nreturn s',
        'step s { call pure-a(q: "x") }\nstep t { call a(q: s) }',
        'step s { call a(q: "x") }',
        'step s { call pure-a(q: "x") }\non finish { step t { call a(q: s ?? "") } }',
        'let x = [s]\nstep s { call pure-a(q: "x") }\nreturn x',
    ],
)
def test_a_result_that_is_used_or_an_agent_that_acts_is_not_told(body: str) -> None:
    assert "W0904" not in [code for code, _ in told(body)]


# W0905


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ("true", "true"),
        ("1 > 2", "false"),
        ("not (1 > 2)", "true"),
        ('length("abc") == 3', "true"),
        ("b or true", "true"),
        ("b and false", "false"),
        ("false or 2 > 1", "true"),
    ],
)
def test_a_condition_that_is_settled_is_told(condition: str, outcome: str) -> None:
    text = f"pipeline p(b: bool) {{ step s when {condition} {{ return b }}\nreturn s }}"
    (found,) = lints(text)
    assert (found.code, written(found)) == ("W0905", condition)
    assert f"always {outcome}" in found.message


@pytest.mark.parametrize(
    "condition", ["b", "b or false", "dry", "not dry", "1 / 0 > 1", "b and true"]
)
def test_a_condition_that_depends_on_something_is_not_told(condition: str) -> None:
    text = f"let dry = false\npipeline p(b: bool) {{ step s when {condition} {{ return [b, dry] }}\nreturn s }}"
    assert lints(text) == ()


def test_an_until_that_is_settled_is_told() -> None:
    body = 'step s repeat up to 3 {\nstep t { call a(q: "x") }\nuntil true\nreturn t\n}\nreturn s'
    assert told(body) == [("W0905", "true")]


def test_a_branch_with_the_condition_of_an_earlier_one_is_told() -> None:
    body = "step s when n > 1 { return 1 } else when n > 2 { return 2 } else when n  >  1 { return 3 }\nreturn s"
    assert told(body, "n: int") == [("W0905", "n  >  1")]


# W0906


@pytest.mark.parametrize(("asked", "is_told"), [("50", True), ("many", True), ("4", False)])
def test_more_calls_at_once_than_the_agent_takes_are_told(asked: str, is_told: bool) -> None:
    body = f"step s for x in xs {{\nconcurrency: {asked}\ncall slow(q: x)\n}}\nreturn [s, many]"
    found = told(body, "xs: list[string]", HEAD + "let many = 20\n")
    assert found == ([("W0906", f"concurrency: {asked}")] if is_told else [])


def test_the_limit_of_an_imported_agent_counts_too() -> None:
    text = """import { b } from "./t.misy"
pipeline p(xs: list[string]) {
  step s for x in xs { concurrency: 9, call b(q: x) }
  return s
}
"""
    files = {"t_misy": "let most = 3\nagent b(q: string) { concurrency: most }\n"}
    (found,) = lints(text, **files)
    assert found.code == "W0906"
    assert "allows 3: 6 will wait" in found.message


# W0907


@pytest.mark.parametrize(
    "name",
    ["OPENAI_KEY", "TOKEN", "DB_PASSWORD", "X_API_KEY", "stripe_secret", "APIKEY", "PRIVATE_KEY"],
)
def test_names_of_secrets_are_known(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name", ["GATEWAY", "PUBLIC_KEY", "MAX_TOKENS", "TOKEN_LIMIT", "KEYBOARD", "SORT_KEY", "MONKEY"]
)
def test_other_names_are_not_taken_for_secrets(name: str) -> None:
    assert not looks_secret(name)


def test_a_secret_in_env_is_told_wherever_it_stands() -> None:
    text = 'pipeline p() { step s { return { k: [env.OPENAI_KEY ?? ""] } }\nreturn s }'
    (found,) = lints(text)
    assert (found.code, written(found), found.help) == (
        "W0907",
        "env.OPENAI_KEY",
        "secret.OPENAI_KEY",
    )


# W0908


def retried(agent: str, call: str = "", settings: str = "") -> list[str]:
    text = f"{agent}\npipeline p() {{\n{settings}\nstep s {{ call x(q: 1)\n{call} }}\nreturn s }}"
    name = agent.split("(", maxsplit=1)[0].rsplit(maxsplit=1)[-1]
    return [one.code for one in lints(text.replace("call x(", f"call {name}("))]


@pytest.mark.parametrize(
    ("agent", "call", "settings"),
    [
        ("agent publish-post(q: int)", "retry: { attempts: 3 }", ""),
        ("agent publisher(q: int) { retry: { attempts: 2 } }", "", ""),
        ("agent send-mail(q: int)", "", "defaults: { retry: { attempts: 5 } }"),
        ("agent x(q: int) { idempotent: false }", "retry: { attempts: 3 }", ""),
        ("let often = 3\nagent x(q: int)", "retry: { attempts: often }\nidempotent: false", ""),
        ("agent x(q: int)", "retry: { attempts: 2 }", "defaults: { idempotent: false }"),
    ],
)
def test_an_agent_that_acts_and_is_tried_again_is_told(
    agent: str, call: str, settings: str
) -> None:
    assert retried(agent, call, settings) == ["W0908"]


@pytest.mark.parametrize(
    ("agent", "call"),
    [
        ("agent publisher(q: int) { idempotent: true }", "retry: { attempts: 3 }"),
        ("agent publisher(q: int)", "retry: { attempts: 3 }\nidempotent: true"),
        ("agent publisher(q: int)", "retry: { attempts: 1 }"),
        ("agent publisher(q: int)", ""),
        ('agent publisher(q: int) { method: "GET" }', "retry: { attempts: 3 }"),
        ("agent publisher(q: int) { pure: true }", "retry: { attempts: 3 }"),
        ("agent trend-scanner(q: int)", "retry: { attempts: 3 }"),
        ("agent post-writer(q: int)", "retry: { attempts: 3 }"),
        ("agent price-per-send(q: int)", "retry: { attempts: 3 }"),
    ],
)
def test_an_agent_that_may_be_called_twice_is_not_told(agent: str, call: str) -> None:
    assert retried(agent, call) == []


def test_a_retry_of_the_agent_is_told_once_however_many_steps_call_it() -> None:
    text = """agent publisher(q: int) { retry: { attempts: 2 } }
pipeline p() {
  step s { call publisher(q: 1) }
  step t { call publisher(q: 2) }
  return [s, t]
}
"""
    assert [written(one) for one in lints(text)] == ["retry: { attempts: 2 }"]


# W0909


def test_calls_of_a_slow_agent_are_counted() -> None:
    body = """step s for x in topics {
  step r repeat up to 3 {
    step one { call slow(q: x) }
    step two { call slow(q: one) }
    until two != ""
    return two
  }
  return r
}
return s"""
    topics = ", ".join(['"t"'] * 50)
    head = f"{HEAD}let topics = [{topics}]\n"
    found = [one for one in lints(f"{head}pipeline p() {{\n{body}\n}}") if one.code == "W0909"]
    (one,) = found
    assert written(one) == "s"
    assert one.message.startswith("50 items × 3 rounds × 2 calls = up to 300 calls; `rate: 1/s`")
    assert one.message.endswith("at least 5 minutes")


def test_calls_through_other_pipelines_are_counted() -> None:
    text = (
        HEAD
        + """
pipeline one(q: string) { step s { call slow(q) }\nreturn s }
pipeline p() {
  step all for _ in range(10, 610) { call one(q: "x") }
  return all
}
"""
    )
    found = [one for one in lints(text) if one.code == "W0909"]
    assert [written(one) for one in found] == ["all"]
    assert "600 items = up to 600 calls" in found[0].message


def test_a_deadline_that_cannot_be_met_is_told_with_the_count() -> None:
    body = 'deadline: 30s\nstep s for _ in range(60) { call slow(q: "x") }\nreturn s'
    found = lints(f"{HEAD}pipeline p() {{\n{body}\n}}")
    assert [one.message for one in found if one.code == "W0909"] == [
        "60 items = up to 60 calls; `rate: 1/s` makes that at least 1 minute, over the `deadline: 30s`"
    ]


@pytest.mark.parametrize(
    "body",
    [
        "step s for x in xs { call slow(q: x) }\nreturn s",
        'step s for _ in range(200) { call slow(q: "x") }\nreturn s',
        'step s for _ in range(9000) { call a(q: "x") }\nreturn s',
        "step s for x in take(xs, 9) { call slow(q: x) }\nreturn s",
        "step s for x in [y for y in take(xs, 9)] { call slow(q: x) }\nreturn s",
        'step s for _ in range(length(xs)) { call slow(q: "x") }\nreturn s',
        'step s repeat up to n { step t { call slow(q: "x") }\nuntil t != ""\nreturn t }\nreturn s',
    ],
)
def test_few_calls_or_an_unknown_number_are_not_told(body: str) -> None:
    assert "W0909" not in [code for code, _ in told(body, "xs: list[string], n: int")]


def test_calls_made_differently_often_are_told_as_a_sum() -> None:
    body = """step s for _ in range(400) { call slow(q: "x") }
step t { call slow(q: "x") }
return [s, [t]]"""
    found = [one for one in lints(f"{HEAD}pipeline p() {{\n{body}\n}}") if one.code == "W0909"]
    assert found[0].message.startswith("up to 401 calls")


# W0910, W0911, W0912


def test_a_let_that_nobody_reads_is_told() -> None:
    assert told("let x = 1\nlet y = 2\nlet _z = 3\nreturn y") == [("W0910", "x")]


def test_a_let_of_an_inner_block_is_told_and_one_used_by_a_handler_is_not() -> None:
    body = """let said = "x"
step s { let idle = 1
  step t { call a(q: "x") }
  return t }
on failure { step u { call a(q: said ?? "") } }
return s"""
    assert told(body) == [("W0910", "idle")]


def test_an_input_that_nobody_reads_is_told() -> None:
    assert told("deadline: wait\nreturn y", "x: int, y: int, _z: int, wait: duration") == [
        ("W0911", "x")
    ]


def test_the_input_of_a_prompt_that_it_does_not_say_is_told() -> None:
    text = (
        'prompt hi(name: string, tone: string) """Hola ${name}"""\nlet x = hi(name: "a", tone: "b")'
    )
    assert [(one.code, written(one)) for one in lints(text)] == [("W0911", "tone")]


def test_a_prompt_in_a_file_says_its_inputs_there() -> None:
    text = 'prompt hi(name: string, tone: string) from "./hi.md"\nlet x = hi(name: "a", tone: "b")'
    assert [written(one) for one in lints(text, hi_md="Hola ${name}")] == ["tone"]


@pytest.mark.parametrize(
    ("loop", "place"),
    [
        ("x, i in xs { return x }", "i"),
        ("x in xs { return 1 }", "x"),
        ("x, i in xs { return i }", None),
        ("x in range(3) { return 1 }", None),
        ("_ in xs { return 1 }", None),
        ("x in xs when x > 1 { return 1 }", None),
        ("x in xs { return 1\nkey: x }", None),
        ("x in xs when b { return 1 } else { return x }", None),
    ],
)
def test_a_loop_variable_that_nobody_reads_is_told(loop: str, place: str | None) -> None:
    found = told(
        f"let seen = [xs]\nstep s for {loop}\nreturn [s, [b], seen]", "xs: list[int], b: bool"
    )
    assert found == ([] if place is None else [("W0912", place)])


# W0913

PROGRAM = """
type T = int
type U = int
agent a(q: T)
agent b(q: int)
prompt hi() \"\"\"Hola\"\"\"
prompt ho() \"\"\"Hola\"\"\"
let x = 1
let y = 1
pipeline p() { step s { call a(q: x) }
return [s, hi()] }
"""


def test_declarations_that_a_program_does_not_use_are_told() -> None:
    found = [(one.code, written(one)) for one in lints(PROGRAM)]
    assert found == [("W0913", name) for name in ("U", "b", "ho", "y")]


def test_a_shelf_of_declarations_is_not_told() -> None:
    assert lints(PROGRAM.split("pipeline", maxsplit=1)[0]) == ()


def test_an_imported_file_is_a_shelf() -> None:
    text = 'import { p } from "./t.misy"\npipeline main() { step s { call p() }\nreturn s }'
    assert lints(text, t_misy=PROGRAM) == ()


def test_what_the_file_of_a_prompt_says_is_used() -> None:
    text = 'let tone = "x"\nprompt hi() from "./hi.md"\npipeline p() { return hi() }'
    assert lints(text, hi_md="Hola ${tone}") == ()


# W0914


@pytest.mark.parametrize(
    ("third", "reason"),
    [
        ("step u after s { call a(q: s.text) }", "it uses `s`"),
        ("step u after s { call a(q: t.text) }", "it waits for `t`, which does"),
        ('step u after s, t { call a(q: "x") }', "it waits for `t`, which does"),
        ('step u after t { call a(q: "x") }', None),
        ('step u after s { call a(q: "x") }', None),
    ],
)
def test_an_after_that_changes_nothing_is_told(third: str, reason: str | None) -> None:
    body = f'step s {{ call a(q: "x") }}\nstep t {{ call a(q: s.text) }}\n{third}\nreturn u'
    found = [one for one in lints(f"{HEAD}pipeline p() {{\n{body}\n}}") if one.code == "W0914"]
    assert [written(one) for one in found] == ([] if reason is None else ["s"])
    assert all(reason is not None and reason in one.message for one in found)


# W0915


@pytest.mark.parametrize(("rounds", "is_told"), [("1", True), ("2", False), ("n", False)])
def test_a_single_round_is_told(rounds: str, is_told: bool) -> None:
    body = f'step s repeat up to {rounds} {{\nstep t {{ call a(q: "${{n}}") }}\nuntil t.ok\nreturn t\n}}\nreturn s'
    assert told(body, "n: int") == ([("W0915", "1")] if is_told else [])


# All of them


def test_a_file_with_an_error_is_not_told_what_may_follow_from_it() -> None:
    text = "agent a(q: int)\npipeline p(x: int) { let y = 1\nstep s { call b(q: 1) }\nreturn s }"
    assert [one.code for one in lints(text)] == ["E0303"]


def test_an_error_in_the_file_of_a_prompt_counts_too() -> None:
    text = 'prompt hi(name: string) from "./hi.md"\nlet x = hi(name: "a")'
    assert [one.code for one in lints(text, hi_md="${nam}")] == ["E0201"]
