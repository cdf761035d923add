"""Plans as people hold them: past runs, the cache, agents, notebooks, and hostile programs."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

import misydsl
from misydsl.agents.registry import Binding
from misydsl.failures import AgentUnknown, InputsInvalid, PipelineTooLarge
from misydsl.store.journal import Journal
from misydsl.workspace import load, open_journal
from tests.workspace.acting import loud

TEXT = """misy 1
agent scan(topic: string) -> list[string]
agent write(topic: string, style: string = "vivo") -> string { cost: 0.5, tokens: "usage" }

pipeline viral "Análisis viral" (topics: list[string] = ["año", "niño"], deep: bool = false) {
  budget: { cost: 2 }
  step found "Buscar" { call scan(topic: topics[0])
    cache: 6h }
  step own "Escribir" for one in topics { call write(topic: one)
    cache: 1h }
  step more for one in found { call write(topic: one)
    cache: 1h }
  step extra when deep { call write(topic: "x") }
  return { own, more, extra }
}
"""


def scan(topic: str) -> list[str]:
    return [topic, f"{topic} y más", "fin"]


def write(topic: str, style: str) -> dict[str, object]:
    raise AssertionError(f"{topic} {style}: agents of a plan are not called")


AGENTS: dict[str, Binding] = {"scan": scan, "write": loud}


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """The path of a journal that is not there."""
    return tmp_path / "none.db"


def words(forecast: misydsl.workspace.forecasts.Forecast, step: str) -> str:
    """What the cache would give for a step."""
    steps = forecast.steps.set_index("step")
    return str(steps.loc[step, "cache"])


# ------------------------------------------------------------------ inputs


def test_inputs_that_are_left_out_leave_what_depends_on_them_unknown(nowhere: Path) -> None:
    text = """agent a(x: any) -> any
pipeline p(n: int, m: int?, late: list[string] = [run.id, "x"]) {
  step s for x in range(n) { call a(x) }
  step t for x in [1, 2] { call a(x) }
  step u for x in late { call a(x) }
  step v when m == null { call a(x: 1) }
}"""
    pipeline = load(text)
    blind = pipeline.plan(journal=nowhere)
    assert blind.most_calls is None
    assert blind.warnings[-1] == "the input `n` is not given: what depends on it is not known"
    assert set(blind.facts.calls.amount.unknowns) == {"s", "u"}  # type: ignore[union-attr]
    assert pipeline.plan(n=4, late=[], journal=nowhere).most_calls == 4 + 2 + 1
    assert pipeline.plan(n=4, m=1, late=["x"], journal=nowhere).most_calls == 4 + 2 + 1
    assert pipeline.plan(n=4, journal=nowhere).facts.calls.amount.unknowns == ("u",)  # type: ignore[union-attr]


def test_wrong_inputs_are_refused_as_a_run_would(nowhere: Path) -> None:
    pipeline = load(TEXT)
    with pytest.raises(InputsInvalid, match="expected list"):
        pipeline.plan(topics="x", journal=nowhere)
    with pytest.raises(InputsInvalid, match="Did you mean `topics`"):
        pipeline.plan(topic=["x"], journal=nowhere)
    with pytest.raises(AgentUnknown, match="Did you mean `write`"):
        pipeline.plan(agents={"writte": write}, journal=nowhere)


def test_conditions_and_lets_that_are_known_decide_before_the_run(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """agent a(x: any) -> any
agent b(x: any) -> any
let few = take(["u", "v", "w"], 2)
prompt hello(name: string) "hola ${name} ${run.id}"
pipeline p(n: int = 2) {
  let wide = env.ANCHO == "sí"
  let late = "${run.id}"
  step s for x in few when wide { call a(x) } else { call b(x) }
  step t for x in [hello(name: "ana")] when length(x) > 3 { call a(x) }
  step u when late != "" { call a(x: 1) } else { call a(x: 2) }
  step v for x in take(few, n - 1) { call b(x) }
}"""
    monkeypatch.setenv("ANCHO", "sí")
    wide = load(text).plan(journal=nowhere)
    steps = wide.steps.set_index("step")
    assert steps.loc["s", "target"] == "a"
    assert steps.loc["u", "is_conditional"]
    assert steps.loc["u", "calls"] == 1
    assert wide.facts.calls.amount.unknowns == ("t",)  # type: ignore[union-attr]
    monkeypatch.setenv("ANCHO", "no")
    narrow = load(text).plan(journal=nowhere, n=3)
    steps = narrow.steps.set_index("step")
    assert steps.loc["s", "target"] == "b"
    assert steps.loc["v", "calls"] == 2


def test_what_will_fail_in_the_run_is_told(nowhere: Path) -> None:
    text = """agent a(x: any) -> any
pipeline inner(n: int) { step i { call a(x: n) } }
pipeline p(any-list: any = 3, zero: int = 0, word: any = "x") {
  step s for x in any-list { call a(x) }
  step t when 1 / zero > 1 { call a(x: 1) }
  step u { call inner(n: word) }
  step v for x in [1, 2] { call a(x: [1][x])
    cache: 1h }
  step w repeat up to zero { call a(x: 1)
    until true }
  step y { call a(x: 1)
    timeout: if length(s) == 0 then 1s else 2s }
}"""
    found = load(text, "p").plan(journal=nowhere)
    assert found.warnings == (
        "`s`: its `for` needs a list and gets none: the step will fail",
        "`t`: `when` cannot be computed: division by zero",
        '`u`: `n` will not fit: expected int, got "x"',
        "`v`: `x` cannot be computed: index 1 is past the end of this list of 1",
        "`w`: `repeat up to` needs a whole number from 1 to 1,000: the step will fail",
        "`y`: `timeout` depends on `s`, so only the run knows it",
    )


def test_pipelines_inside_are_planned_with_the_inputs_they_get(nowhere: Path) -> None:
    text = """agent a(x: any) -> any
let rest = { many: ["u", "v", "w"] }
pipeline inner(many: list[string] = ["d"], n: int = 2, flag: bool?) {
  step i for x in many { call a(x) }
  step j for x in range(n) { call a(x) }
  step k when flag == true { call a(x: 1) }
}
pipeline p(q: any = "u") {
  step found { call a(x: 1) }
  step plain { call inner() }
  step given { call inner(many: [q, q], n: 3, flag: true) }
  step spread { call inner(...rest, n: 1) }
  step partly { call inner(many: ["x"], n: found) }
  step blind { call inner(...found) }
  step wrong { call inner(n: [1][length(q)]) }
  step bad-default { call inner(many: [found]) }
}"""
    found = load(text, "p").plan(journal=nowhere)
    # calls of `i`, `j` and `k` in each; "n" is what only the run can count
    inside: dict[str, list[str]] = {}
    for row in found.facts.steps:
        if "/" in row.path:
            known = row.calls.known
            inside.setdefault(row.path.partition("/")[0], []).append(
                "n" if known is None else str(known)
            )
    assert {name: " ".join(calls) for name, calls in inside.items()} == {
        "plain": "1 2 0",
        "given": "2 3 1",
        "spread": "3 1 0",
        "partly": "1 n 0",
        "blind": "n n 1",
        "wrong": "0 0 0",
        "bad-default": "n 2 0",
    }
    assert (
        "`wrong`: `n` cannot be computed: index 1 is past the end of this list of 1"
        in found.warnings
    )


def test_settings_that_depend_on_items_count_at_their_worst(nowhere: Path) -> None:
    text = """agent a(x: any) -> any
pipeline p() {
  step g for n in [1, 4, 2] {
    step s { call a(x: n)
      timeout: 1s * n
      retry: { attempts: n, delay: 0s } }
    step t for x in range(n) { call a(x)
      concurrency: n }
    return t
  }
}"""
    found = load(text).plan(journal=nowhere)
    steps = found.steps.set_index("step")
    assert steps.loc["g/s", "attempts"] == 4
    assert steps.loc["g/s", "timeout_s"] == 4
    assert steps.loc["g/s", "requests"] == 12
    assert steps.loc["g/t", "calls"] == 7
    assert steps.loc["g/t", "items"] == 4


# ------------------------------------------------------------------ the past


def test_past_runs_say_what_is_likely(journal: Journal, nowhere: Path) -> None:
    pipeline = load(TEXT)
    before = pipeline.plan(journal=nowhere)
    assert before.likely_s is None
    assert before.most_calls is None
    assert before.facts.calls.if_as_before is None
    pipeline.run(
        agents={"scan": scan, "write": lambda topic, style: topic + style}, journal=journal
    )
    after = pipeline.plan(journal=journal, agents=AGENTS)
    assert after.facts.past_runs == 1
    assert after.facts.calls.if_as_before == 1 + 2 + 3
    assert after.facts.calls.likely == 6
    assert after.facts.time_s.if_as_before == 30 + 30  # found, then more: `own` is beside them
    steps = after.steps.set_index("step")
    assert steps.loc["more", "last_items"] == 3
    assert steps.loc["own", "items"] == 2
    assert after.likely_s is not None
    assert 0 < after.likely_s < 30
    assert after.facts.is_path_likely
    assert "critical path, by likely times: " in repr(after)
    assert "likely is by medians of 1 past run" in repr(after)


def test_agents_are_looked_for_in_runs_of_other_pipelines(journal: Journal) -> None:
    head = 'agent a(x: any) -> any { cost: "price" }\n'
    load(f"{head}pipeline other() {{ step o {{ call a(x: 1) }} }}").run(
        agents={"a": lambda x: {"price": 3, "x": x}}, journal=journal
    )
    found = load(
        f"{head}agent b(x: any) -> any\npipeline p() {{ step s for x in [1, 2] {{ call a(x) }}\n"
        "step t { call b(x: 1) }}"
    ).plan(journal=journal)
    assert found.facts.past_runs == 0
    assert found.facts.cost is not None
    assert found.facts.cost.likely == 6
    assert found.facts.cost.most is None
    assert "`a` says its cost in its replies: the most cannot be known before" in found.warnings


def test_cost_and_tokens_are_held_against_the_budget(nowhere: Path) -> None:
    found = load(TEXT).plan(journal=nowhere)
    assert found.facts.cost is not None
    assert (found.facts.cost.most, found.facts.cost.limit) == (None, 2)
    assert found.facts.tokens is not None
    assert found.facts.tokens.most is None
    dear = load(TEXT).plan(journal=nowhere, topics=list("abcde"))
    assert (
        "`viral` may come to a cost of 2.5 or more and its budget is 2: it would pause there"
        in (dear.warnings)
    )
    text = """agent a(x: any) -> any { tokens: 7, cost: 2 }
pipeline inner() { budget: { tokens: 10 }
  step s for x in [1, 2] { call a(x) } }
pipeline p() { step s for x in [1, 2, 3] { call inner() } }"""
    inner = load(text, "p").plan(journal=nowhere)
    assert inner.facts.tokens is not None
    assert (inner.facts.tokens.most, inner.facts.cost and inner.facts.cost.most) == (42, 12)
    assert inner.warnings == (
        "`inner` may come to 14 tokens and its budget is 10: it would pause there",
    )


# ------------------------------------------------------------------ the cache


def test_the_cache_is_asked_for_what_is_known(journal: Journal) -> None:
    pipeline = load(TEXT)
    agents: dict[str, Binding] = {"scan": scan, "write": lambda topic, style: topic + style}
    fresh = pipeline.plan(journal=journal, agents=agents)
    assert words(fresh, "found") == "miss: no equal call was recorded"
    assert words(fresh, "own") == "0 of 2 calls are there; miss: no equal call was recorded"
    assert words(fresh, "more") == "cannot be known before `one` is"
    run = pipeline.run(agents=agents, journal=journal)
    warm = pipeline.plan(journal=journal, agents=agents)
    assert words(warm, "found").startswith(f"hit: run {run.id}, ")
    assert words(warm, "own").startswith("2 of 2 calls are there; hit")
    again = pipeline.run(agents=agents, journal=journal)
    reused = set(again.steps["step"][again.steps["reused"].notna()])
    assert {"found", "own"} <= reused  # as it was foretold
    other = pipeline.plan(journal=journal, agents=agents, topics=["año", "mes", "día"])
    assert words(other, "own").startswith("1 of 3 calls are there; hit")
    changed = pipeline.plan(journal=journal, agents={**agents, "scan": lambda topic: [topic]})
    assert words(changed, "found") == "miss: no equal call was recorded"
    off = pipeline.plan(journal=journal, agents=agents, cache=False)
    assert words(off, "found") == "nothing: this run does not ask it"


def test_calls_whose_inputs_will_not_do_are_not_looked_up(nowhere: Path) -> None:
    text = """agent a(x: int, y: int = 1, z: int = length(run.id)) -> any
agent b(x: int) -> any
let both = { x: 1 }
pipeline p(word: any = "x", huge: any = null) {
  step s { call a(...both, z: 1)
    cache: 1h }
  step t { call b(x: word)
    cache: 1h }
  step u { call b(...word)
    cache: 1h }
  step v { call a(x: 1)
    cache: 1h }
  step w when false { call b(x: 1)
    cache: 1h }
}"""
    found = load(text).plan(journal=nowhere)
    assert words(found, "s") == "miss: no equal call was recorded"
    assert words(found, "t") == words(found, "u") == "its inputs cannot be computed"
    assert words(found, "v") == "cannot be known before `run` is"
    assert found.warnings[:1] == ('`t`: `x` will not fit: expected int, got "x"',)


def test_code_is_not_loaded_to_ask_the_cache(nowhere: Path) -> None:
    text = """agent a(x: any) -> any { url: "python:no_such_module_anywhere:f" }
agent web(x: any) -> any { url: "http://localhost:9/a", wire: "misybot" }
pipeline p() {
  step s { call a(x: 1)
    cache: 1h }
  step t { call web(x: 1)
    cache: 1h }
  step u after t { call web(x: 1)
    cache: 1h }
}"""
    found = load(text).plan(journal=nowhere)
    assert words(found, "s") == "what `a` stands for is only known in the run"
    assert words(found, "t") == "miss: no equal call was recorded"
    assert words(found, "u").startswith("cannot be known before the steps ahead are")


# ------------------------------------------------------------------ agents


def test_each_agent_says_where_it_is_and_who_says_so(
    nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """agent bound(x: any) -> any
agent from-file(x: any) -> any
agent by-url(x: any) -> any
agent by-env(x: any) -> any { url: "http://ignored/" }
agent declared(x: any) -> any { url: "https://ana:contraseña@example.org/a?key=SECRETO#f" }
agent nobody(x: any) -> any
agent plugin(x: any) -> any { url: "mcp+http://ana:contraseña@example.org/a?key=SECRETO" }
agent slip(x: any) -> any
agent hostless(x: any) -> any
pipeline p() {
  step a { call bound(x: 1) }
  step b { call from-file(x: 1) }
  step c { call by-url(x: 1) }
  step d { call by-env(x: 1) }
  step e { call declared(x: 1) }
  step f { call nobody(x: 1) }
  step g { call plugin(x: 1) }
  step h { call slip(x: 1) }
  step i { call hostless(x: 1) }
}"""
    file = tmp_path / "agentes.py"
    file.write_text("import misydsl\n@misydsl.agent\ndef from_file(x: int) -> int: return x\n")
    monkeypatch.setenv("AGENT_SLIP_URL", "localhost:4001")
    monkeypatch.setenv("AGENT_HOSTLESS_URL", "http://:80/a")
    monkeypatch.setenv("AGENT_BY_ENV_URL", "http://u:contraseña@example.org:81/env?token=SECRETO")
    found = load(text).plan(
        journal=nowhere,
        agents={"bound": scan, "by_url": "http://u:contraseña@example.org/url"},
        agent_files=[file],
    )
    agents = found.agents.set_index("agent")
    shown = {
        name: (row["place"], row["origin"], row["source"] if row["source"] == row["source"] else "")
        for name, row in agents.fillna({"source": ""}).iterrows()
    }
    assert shown == {
        "bound": ("the function scan", "bound", "given to the run"),
        "from-file": ("the function from_file", "bound", "agentes.py"),
        "by-url": ("http://example.org/url", "bound", "given to the run"),
        "by-env": ("http://example.org:81/env", "environment", "AGENT_BY_ENV_URL"),
        "declared": ("https://example.org/a", "declared", ""),
        "nobody": ("http://localhost:3007/api/v1/agents/nobody", "default", ""),
        "plugin": ("mcp+http://example.org/a", "declared", ""),
        "slip": ("localhost:4001", "environment", "AGENT_SLIP_URL"),
        "hostless": ("http://:80/a", "environment", "AGENT_HOSTLESS_URL"),
    }
    for where in (repr(found), found._repr_html_(), str(found.as_dict()), "".join(found.warnings)):
        assert "SECRETO" not in where
        assert "ana:" not in where
    assert found.warnings[0] == (
        '`slip` cannot be called: slip: the url has no scheme: write "http://localhost:4001"'
    )
    assert "`hostless` cannot be called" in found.warnings[1]


def test_secrets_are_neither_needed_nor_shown(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """agent a(x: any) -> any { auth: { bearer: secret.CLAVE }
  headers: { "X-Run": run.id, "X-Key": secret.OTRA } }
pipeline p() { step s { call a(x: 1)
    cache: 1h } }"""
    without = load(text).plan(journal=nowhere)
    assert words(without, "s") == "miss: no equal call was recorded"
    monkeypatch.setenv("CLAVE", "muy-secreto")
    known = load(text).plan(journal=nowhere)
    for where in (repr(known), known._repr_html_(), str(known.as_dict()), repr(known.facts)):
        assert "muy-secreto" not in where


# ------------------------------------------------------------------ how it shows itself


def test_a_forecast_is_frozen_and_shows_itself_with_accents(nowhere: Path) -> None:
    found = load(TEXT).plan(journal=nowhere)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.facts = None  # type: ignore[misc,assignment]
    assert found.pipeline == "viral"
    assert "plan of viral “Análisis viral”: nothing was called" in repr(found)
    page = found._repr_html_()
    assert "<td" in page
    assert "Análisis viral" in page


def test_pages_are_escaped_and_terminals_are_safe(nowhere: Path) -> None:
    text = """agent a(x: any) -> any { url: "http://example.org/<script>alert(1)</script>" }
pipeline p "<img src=x onerror=alert(1)>" () {
  step s "<b>&\\u{1b}[31m</b>" { call a(x: 1) }
}"""
    found = load(text).plan(journal=nowhere)
    page = found._repr_html_()
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>&" not in page
    assert "\x1b" not in page + repr(found)


def test_columns_are_the_same_without_steps(nowhere: Path) -> None:
    empty = load("pipeline p() { return 1 }").plan(journal=nowhere)
    full = load(TEXT).plan(journal=nowhere)
    assert dict(empty.steps.dtypes) == dict(full.steps.dtypes)
    assert dict(empty.agents.dtypes) == dict(full.agents.dtypes)
    assert (empty.most_calls, empty.most_requests, empty.longest_s) == (0, 0, 0)
    assert empty.critical_path == ()


# ------------------------------------------------------------------ hostile programs

CALL = "call a(x: 1)\n retry: { attempts: 3 }"
HEAD = "agent a(x: any) -> any\n"


def nested(levels: int) -> str:
    """Steps in steps, each over a hundred thousand items."""
    begin = "".join(f"step s{n} for x{n} in range(100000) {{\n" for n in range(levels))
    end = "}\nreturn 1\n" * (levels - 1)
    return f"{HEAD}pipeline p() {{\n{begin}step z {{ {CALL} }}\nreturn 1\n{end}}} }}"


def test_products_over_any_measure_are_countless(nowhere: Path) -> None:
    found = load(nested(60)).plan(journal=nowhere)
    assert found.most_requests == 10**18
    assert "countless" in repr(found)
    assert "forever" in repr(found)
    assert found.steps["calls"].max() == 10**18
    assert found._repr_html_()


def test_deep_programs_are_planned_wherever_the_caller_stands(nowhere: Path) -> None:
    pipeline = load(nested(60))

    def deep(levels: int) -> int | float | None:
        return deep(levels - 1) if levels else pipeline.plan(journal=nowhere).most_requests

    assert deep(850) == 10**18


def test_programs_too_large_to_be_run_are_too_large_to_be_planned(nowhere: Path) -> None:
    calls = "\n".join(f"step s{n} {{ call p0() }}" for n in range(400))
    pipelines = [f"pipeline p0() {{ {'step s { return 1 }'} }}"]
    for number in (1, 2, 3):
        body = calls.replace("p0", f"p{number - 1}")
        pipelines.append(f"pipeline p{number}() {{\n{body}\n}}")
    with pytest.raises(PipelineTooLarge):
        load("\n".join(pipelines), "p3").plan(journal=nowhere)


@pytest.mark.parametrize(
    ("kind", "count"), [("chain", 10_000), ("items", 2_000), ("lets", 2_000), ("agents", 2_000)]
)
def test_ten_thousand_steps_are_planned_in_a_second_of_work(
    kind: str, count: int, nowhere: Path
) -> None:
    numbers = range(count)
    texts = {
        "chain": "\n".join(
            f"step s{n} {{ call a(x: {f's{n - 1}' if n else 1}) }}" for n in numbers
        ),
        "items": "step s { return [1] }\nstep g for x in range(100000) {\n"
        + "\n".join(f"step s{n} when x > {n} {{ call a(x) }}" for n in numbers)
        + "\nreturn 1 }",
        "lets": "let l0 = 1\n"
        + "\n".join(f"let l{n + 1} = l{n} + 1" for n in range(count))
        + f"\nstep end when l{count} > 2 {{ call a(x: 1) }}\n"
        + "\n".join(f"step s{n} when l{n % 10} > 2 {{ call a(x: 1) }}" for n in range(count)),
        "agents": "\n".join(f"step s{n} for x in [1, 2] {{ call a{n // 2}(x) }}" for n in numbers),
    }
    many = "\n".join(f"agent a{n}(x: any) -> any {{ concurrency: 1 }}" for n in range(count // 2))
    head = many if kind == "agents" else HEAD
    pipeline = load(f"{head}\npipeline p() {{\n{texts[kind]}\n}}")
    pipeline.plan(journal=nowhere)  # the program is compiled once, for runs and plans alike
    began = time.process_time()
    pipeline.plan(journal=nowhere)
    took_s = time.process_time() - began
    assert took_s < 4 * max(count, 5_000) / 10_000  # a second for all; room for measured coverage


def test_expressions_that_take_long_do_not_hold_up_a_plan(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("misydsl.runner.foresight.knowing.PATIENCE_S", 0.0)
    found = load(f"{HEAD}pipeline p() {{ step s for x in range(3) {{ call a(x) }} }}").plan(
        journal=nowhere
    )
    assert "`s`: its `for` takes too long to compute for a plan" in found.warnings


def test_reading_past_runs_stops_after_a_while(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = load("pipeline p() { step s { return 1 }\n return s }")
    for _ in range(3):
        pipeline.run(journal=journal)
    assert pipeline.plan(journal=journal).facts.past_runs == 3
    monkeypatch.setattr("misydsl.workspace.pasts.PATIENCE_S", 0.0)
    assert pipeline.plan(journal=journal).facts.past_runs == 1


def test_a_plan_beside_a_file_reads_the_journal_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "año.misy"
    file.write_text("misy 1\npipeline p() { step s { return 1 }\n return s }\n", encoding="utf-8")
    assert load(file).plan().facts.past_runs == 0
    assert [one.name for one in tmp_path.iterdir()] == ["año.misy"]
    load(file).run()
    assert load(file).plan().facts.past_runs == 1
    open_journal(beside=file).close()
