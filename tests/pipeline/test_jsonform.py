"""Workflows in JSON: every legal one is a pipeline, and whatever is wrong is told where it stands."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.expressions.nodes import Literal
from misydsl.pipeline import json_fields, jsonform
from misydsl.pipeline.json_names import is_name, names_of
from misydsl.pipeline.json_writing import written
from misydsl.pipeline.jsonform import Form, open_agent, read_form
from misydsl.pipeline.model import Agent, Library, Module, Pipeline, Step
from misydsl.pipeline.policies import CallPolicy, call_policy
from misydsl.source import Source
from misydsl.values import Value


def form(document: object, *, known: Iterable[str] | None = None, name: str = "workflow_1") -> Form:
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    names = None if known is None else tuple(known)

    def agents(one: str) -> Agent | None:
        return open_agent(one) if names is None or one in names else None

    return read_form(Source("w.json", text), agents, key="w.json", name=name, names=names or ())


def pipeline(document: object) -> Pipeline:
    found = form(document)
    assert found.diagnostics == ()
    assert found.pipeline is not None
    return found.pipeline


def workflow(*steps: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": "Publicar", "steps": [{"agent": "eco", **step} for step in steps], **fields}


def step_of(**fields: Any) -> Step:
    [step] = pipeline(workflow({"id": "uno", **fields})).block.steps
    return step


def policy_of(**fields: Any) -> CallPolicy:
    from misydsl.pipeline.json_writing import _value

    return call_policy({one.name: _value(one.value) for one in step_of(**fields).settings})


def told(document: object, **more: Any) -> list[tuple[str, str]]:
    """The code and the text at the place of everything that is said."""
    found = form(document, **more)
    return [(one.code, one.source.text[one.span.start : one.span.end]) for one in found.diagnostics]


# ---------------------------------------------------------------- what a workflow is


def test_a_workflow_is_a_pipeline_with_its_words_and_dependencies() -> None:
    found = pipeline(
        {
            "id": "w-1",
            "name": "Análisis de Tendencias",
            "description": "Lo viral",
            "createdAt": "2023-01-01T00:00:00Z",
            "version": "1.0.0",
            "color": "azul",
            "steps": [
                {"id": "guión", "name": "Guión", "description": "Escribe", "agent": "escritor"},
                {"id": "post", "agent": "editor", "dependencies": ["guión", "guión"]},
            ],
        }
    )
    assert (found.name, found.title, found.description) == (
        "w-1",
        "Análisis de Tendencias",
        "Lo viral",
    )
    first, second = found.block.steps
    assert (first.name, first.title, first.description) == ("guión", "Guión", "Escribe")
    assert (second.name, second.title, second.after) == ("post", None, ("guión",))
    assert first.block.call is not None
    assert first.block.call.target == "escritor"


def test_a_workflow_without_an_id_is_called_what_its_reader_says() -> None:
    assert pipeline(workflow()).name == "workflow_1"
    assert pipeline(workflow(id=None)).name == "workflow_1"


def test_an_agent_nobody_declares_speaks_the_contract_and_takes_anything() -> None:
    agent = form(workflow({"id": "a"})).agents["eco"]
    assert agent.is_open
    [wire] = agent.settings
    assert (wire.name, wire.value) == ("wire", Literal(wire.span, "misybot"))


def test_ids_that_are_no_names_get_one_and_are_remembered() -> None:
    ids = ["trend-discovery", "Paso 1", "paso/1", "1", "for", "Paso-1", "🚀", "ñ" * 200, "a\u0301"]
    steps = pipeline(workflow(*({"id": one} for one in ids))).block.steps
    assert [one.public_name for one in steps] == ids
    names = [one.name for one in steps]
    assert len(set(names)) == len(ids)
    assert all(map(is_name, names))
    assert names[:2] == ["trend-discovery", "Paso-1-2"]
    assert steps[0].alias is None
    assert steps[5].alias is None


@given(st.lists(st.text(min_size=1, max_size=20), max_size=20))
def test_every_id_has_a_name_of_its_own(ids: list[str]) -> None:
    names = names_of(ids)
    assert names.keys() == set(ids)
    assert len({*names.values()}) == len(names)
    assert all(map(is_name, names.values()))
    assert all(names[one] == one for one in ids if is_name(one))


def test_waits_are_exactly_those_of_the_contract() -> None:
    retry = policy_of(retryConfig={"maxAttempts": 9, "delay": 1500, "backoffMultiplier": 3}).retry
    assert (retry.attempts, retry.delay_s, retry.backoff, retry.jitter) == (9, 1.5, 3.0, "none")
    assert retry.max_delay_s >= 1.5 * 3**7
    assert "agent-error" in retry.on
    assert {"timeout", "connect", "http-5xx"} <= {*retry.on}


def test_what_a_retry_leaves_out_has_defaults() -> None:
    retry = policy_of(retryConfig={"maxAttempts": 2}).retry
    assert (retry.delay_s, retry.backoff, retry.max_delay_s) == (1.0, 2.0, 60.0)
    assert policy_of(retryConfig={}).retry.attempts == 1
    assert policy_of(retryConfig=None).retry.attempts == 1
    shrinking = policy_of(retryConfig={"maxAttempts": 5, "delay": 90_000, "backoffMultiplier": 0})
    assert shrinking.retry.max_delay_s == 90.0


def test_times_are_milliseconds_and_thirty_seconds_by_default() -> None:
    assert policy_of(timeout=1500).timeout_s == 1.5
    assert policy_of().timeout_s == 30.0
    assert policy_of(priority=7.0).priority == 7


def test_a_step_that_is_not_parallel_is_alone() -> None:
    assert step_of(parallel=False).is_exclusive
    assert not step_of(parallel=True).is_exclusive
    assert not step_of().is_exclusive


def test_a_schema_is_kept_as_text() -> None:
    assert step_of(outputSchema={"type": "string"}).schema == '{"type":"string"}'
    assert step_of(outputSchema=True).schema == "true"
    assert step_of().schema is None


def test_steps_that_are_done_call_nobody() -> None:
    results = {"a": {"success": True, "data": {"x": [1]}}, "b": {"success": False}, "c": "?"}
    steps: list[dict[str, Any]] = [
        {"id": "a", "timeout": 5, "outputSchema": False, "parallel": False},
        {"id": "b"},
    ]
    request = {"workflow": workflow(*steps), "context": {"stepResults": results}}
    done, open_ = pipeline(request).block.steps
    assert done.block.call is None
    assert done.block.result is not None
    assert (done.settings, done.schema, done.is_exclusive, done.after) == ((), None, False, ())
    assert open_.block.call is not None


def test_an_agent_of_a_step_that_is_done_need_not_be_known() -> None:
    results = {"a": {"success": True, "data": 1}}
    request = {"workflow": workflow({"id": "a"}), "context": {"stepResults": results}}
    assert told(request, known=[]) == []


def test_a_workflow_may_be_called_as_one_of_its_agents_is() -> None:
    found = form(workflow({"id": "a"}, id="eco"))
    assert found.pipeline is not None
    assert found.pipeline.name not in found.agents
    assert [one.name for one in found.agents.values()] == ["eco"]
    assert back(found)["steps"] == [{"id": "a", "name": "a", "agent": "eco"}]


def test_ten_thousand_steps_are_read_in_seconds() -> None:
    steps: list[dict[str, Any]] = [
        {"id": f"s{n}", "dependencies": [f"s{n - 1}"] if n else []} for n in range(10_000)
    ]
    text = json.dumps(workflow(*steps))
    begun = time.perf_counter()
    assert len(pipeline(text).block.steps) == 10_000
    assert time.perf_counter() - begun < 10


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", ""),
        ("[", ""),
        ('{"name": "é", }', "}"),
        ('\ufeff{"é": 1,}', "}"),
        ('{"name": NaN}', "N"),
        ('{"name": "x", "name": "y"}', '"name"'),
        ('{"name": "x"} 7 ', " "),
        ('{"name": "\ud800"}', "\ud800"),
        ("[" * 101 + "]" * 101, "["),
    ],
)
def test_what_is_no_json_is_told_where(text: str, place: str) -> None:
    assert told(text) == [("E0801", place)]


@pytest.mark.parametrize("document", [[], "texto", 7, {"workflow": None}, {"workflow": []}])
def test_a_workflow_is_an_object(document: object) -> None:
    found = form(json.dumps(document))
    assert found.pipeline is None
    assert {one.code for one in found.diagnostics} == {"E0802"}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"id": 7}, "7"),
        ({"id": " "}, '" "'),
        ({"id": "a\nb"}, '"a\\nb"'),
        ({"name": []}, "[]"),
        ({"agent": ""}, '""'),
        ({"input": []}, "[]"),
        ({"dependencies": {}}, "{}"),
        ({"dependencies": [3]}, "3"),
        ({"retryConfig": 3}, "3"),
        ({"retryConfig": {"maxAttempts": 0}}, "0"),
        ({"retryConfig": {"maxAttempts": 1.5}}, "1.5"),
        ({"retryConfig": {"maxAttempts": True}}, "true"),
        ({"retryConfig": {"delay": -1}}, "-1"),
        ({"retryConfig": {"backoffMultiplier": -0.5}}, "-0.5"),
        (
            {"retryConfig": {"maxAttempts": 50, "delay": 1000}},
            '{"maxAttempts": 50, "delay": 1000}',
        ),
        (
            {"retryConfig": {"maxAttempts": 1000, "backoffMultiplier": 1000}},
            '{"maxAttempts": 1000, "backoffMultiplier": 1000}',
        ),
        ({"timeout": 0}, "0"),
        ({"timeout": -5}, "-5"),
        ({"timeout": 1e300}, "1e+300"),
        ({"timeout": False}, "false"),
        ({"parallel": 1}, "1"),
        ({"priority": 0.5}, "0.5"),
        ({"outputSchema": "string"}, '"string"'),
    ],
)
def test_a_field_of_another_kind_is_told_at_its_value(fields: dict[str, Any], place: str) -> None:
    assert told(workflow({"id": "uno", **fields})) == [("E0802", place)]


@pytest.mark.parametrize(
    ("given", "places"),
    [
        ({"message": "¿Sale?", "options": ["sí", "no"], "to": "Ana", "show": [1]}, []),
        ({}, ["{"]),
        ({"message": " ", "to": 7}, ['" "', "7"]),
        ({"message": "¿Sale?", "options": [1, "no", None]}, ["1", "null"]),
        ({"message": "¿Sale?", "options": "sí"}, ['"sí"']),
    ],
)
def test_what_a_person_is_asked_has_to_be_right(given: dict[str, Any], places: list[str]) -> None:
    step = {"id": "permiso", "agent": "human.approve", "input": given}
    found = told(workflow(step), known=[])
    assert [code for code, _ in found] == ["E0802"] * len(places)
    assert all(text.startswith(place) for (_, text), place in zip(found, places, strict=True))


def test_everything_is_told_at_once_in_the_order_of_the_text() -> None:
    request = {
        "workflow": {
            "name": " ",
            "steps": [
                {"id": "a", "dependencies": ["b", "zzz"]},
                {"id": "a", "agent": "eco", "timeout": -1, "outputSchema": {"type": "x"}},
                {"id": "b", "agent": "ecco", "dependencies": ["b"]},
                7,
            ],
        },
        "context": {"sessionId": "", "stepResults": []},
    }
    assert [code for code, _ in told(request, known=["eco"])] == [
        "E0802",
        "E0802",
        "E0804",
        "E0802",
        "E0807",
        "E0806",
        "E0805",
        "E0802",
        "E0802",
        "E0802",
    ]


def test_names_that_were_probably_meant_are_told() -> None:
    steps: list[dict[str, Any]] = [
        {"id": "guión"},
        {"id": "b", "agent": "ecco", "dependencies": ["guion"]},
    ]
    words = [one.message for one in form(workflow(*steps), known=["eco"]).diagnostics]
    assert "Did you mean `eco`?" in words[0]
    assert "Did you mean `guión`?" in words[1]


def test_two_steps_of_one_id_are_told_at_the_second() -> None:
    found = form(workflow({"id": "x y"}, {"id": "x y"}))
    [one] = found.diagnostics
    assert one.code == "E0803"
    assert one.source.text.count('"x y"', 0, one.span.start) == 1


def test_every_circle_is_told_by_its_steps() -> None:
    links = {"a": ["c"], "b": ["a"], "c": ["b"], "d": ["d"], "e": []}
    found = form(workflow(*({"id": one, "dependencies": to} for one, to in links.items())))
    assert {one.code for one in found.diagnostics} == {"E0805"}
    words = sorted(one.message for one in found.diagnostics)
    assert words[1] == "`d` waits for itself"
    assert {"`a`", "`b`", "`c`"} <= {*words[0].split()}


def test_no_more_circles_than_anybody_reads_are_told() -> None:
    found = form(workflow(*({"id": f"s{n}", "dependencies": [f"s{n}"]} for n in range(50))))
    assert len(found.diagnostics) == jsonform.MOST_CIRCLES


def test_fields_that_nobody_reads_pass_and_slips_are_warnings() -> None:
    found = form(
        workflow({"id": "a", "dependancies": [], "position": {"x": 1}, "retry_config": {}})
    )
    assert [(one.code, one.is_error) for one in found.diagnostics] == [("W0918", False)] * 2
    assert found.pipeline is not None


def test_a_workflow_has_no_more_steps_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonform, "MOST_STEPS", 2)
    assert told(workflow({"id": "a"}, {"id": "b"})) == []
    [(code, _)] = told(workflow({"id": "a"}, {"id": "b"}, {"id": "c"}))
    assert code == "E0802"


def test_all_schemas_together_have_no_more_patterns_than_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jsonform, "MOST_PATTERNS", 2)
    steps = [{"id": f"s{n}", "outputSchema": {"pattern": f"p{n}"}} for n in range(2)]
    assert told(workflow(*steps, {"id": "z", "outputSchema": {"pattern": "p0"}})) == []
    [(code, place)] = told(workflow(*steps, {"id": "z", "outputSchema": {"pattern": "p2"}}))
    assert (code, place) == ("E0807", '{"pattern": "p2"}')


def test_hostile_workflows_cost_little() -> None:
    many = [
        {"id": f"step-{n}", "dependencies": [f"stepp-{n}"], f"tiemout{n}": 1} for n in range(5_000)
    ]
    begun = time.perf_counter()
    found = form(workflow(*many))
    assert time.perf_counter() - begun < 10
    errors = [one for one in found.diagnostics if one.is_error]
    assert len(errors) == json_fields.MOST_SAID
    assert len(found.diagnostics) <= 2 * json_fields.MOST_SAID


def test_errors_are_told_however_many_warnings_there_are() -> None:
    steps: list[dict[str, Any]] = [{"id": f"s{n}", "dependancies": []} for n in range(200)]
    found = form(workflow(*steps, {"id": "z", "timeout": -1}))
    assert found.pipeline is None
    assert [one.code for one in found.diagnostics if one.is_error] == ["E0802"]


# ---------------------------------------------------------------- there and back


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "${env.HOME}", "{{ x }}", 'a"b\\', "año", "30s"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b c", "ñ", "${x}"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_texts = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=12)
_ids = _texts.filter(lambda text: text.isprintable() and bool(text.strip()))
_times = st.integers(1, 10**8) | st.floats(1, 1e8).map(lambda one: round(one, 4))


@st.composite
def _workflows(draw: st.DrawFn) -> dict[str, Any]:
    ids = draw(st.lists(_ids, unique=True, max_size=6))
    steps = []
    for number, one in enumerate(ids):
        optional = {
            "name": st.none() | _texts,
            "description": _texts,
            "input": st.dictionaries(_texts, _values, max_size=3),
            "dependencies": st.lists(st.sampled_from(ids[:number]) if number else st.nothing()),
            "retryConfig": st.fixed_dictionaries(
                {},
                optional={
                    "maxAttempts": st.integers(1, 5),
                    "delay": _times,
                    "backoffMultiplier": st.floats(0, 3).map(lambda one: round(one, 3)),
                },
            ),
            "timeout": _times,
            "parallel": st.booleans(),
            "priority": st.integers(-5, 5),
            "outputSchema": st.sampled_from([True, {"type": "string"}, {"required": ["ñ"]}]),
        }
        fixed = {"id": st.just(one), "agent": _ids}
        steps.append(draw(st.fixed_dictionaries(fixed, optional=optional)))
    return {
        "id": draw(_ids),
        "name": draw(_texts.filter(str.strip)),
        "description": draw(_texts),
        "steps": steps,
    }


def back(found: Form) -> dict[str, Value]:
    assert found.pipeline is not None
    module = Module("w.json", found.source, {**found.agents, found.pipeline.name: found.pipeline})
    document, problems = written(found.pipeline, Library("w.json", {"w.json": module}))
    assert problems == ()
    return document


def meaning(one: Step) -> tuple[object, ...]:
    """All that a step means; where it stood in its text is not part of it."""
    call = one.block.call
    return (
        one.name, one.alias, one.description, one.after, one.settings, one.schema, one.is_exclusive,
        None if call is None else (call.target, call.arguments),
    )  # fmt: skip


@given(_workflows())
def test_a_workflow_that_is_read_and_written_means_the_same(document: dict[str, Any]) -> None:
    first = form(document)
    assert first.pipeline is not None, first.diagnostics
    normal = back(first)
    second = form(normal)
    assert second.pipeline is not None
    assert [meaning(one) for one in second.pipeline.block.steps] == [
        meaning(one) for one in first.pipeline.block.steps
    ]
    assert back(second) == normal
    assert [one["id"] for one in document["steps"]] == [
        one.public_name for one in first.pipeline.block.steps
    ]
