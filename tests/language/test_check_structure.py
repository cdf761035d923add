"""What stands where: blocks, modifiers, settings, handlers; and the model that comes out."""

from __future__ import annotations

import pytest

from misydsl.language.check import check_modules
from misydsl.pipeline.model import Agent
from misydsl.types import ANY
from tests.language.checking import (
    AGENT,
    check,
    codes,
    diagnostics,
    in_pipeline,
    mended,
    pipeline,
    step,
    written,
)


def test_the_model_has_everything_that_was_written() -> None:
    body = """step b { return 1 }
    ## What it does
    step s "Título" for x, i in xs when i > 0 repeat up to 3 after b {
      call a(q: x)
      until previous != null
      timeout: 3s
      key: x
      every: 1s
      fallback { return null }
      undo { call vague(q: s) }
    } else { return null }"""
    found = step(body, parameters="xs: list[string]")
    assert (found.title, found.description) == ("Título", "What it does")
    assert found.loop is not None
    assert (found.loop.name, found.loop.index_name) == ("x", "i")
    assert found.when is not None
    assert found.repeat is not None
    assert found.after == ("b",)
    assert found.block.until is not None
    assert len(found.otherwise) == len(found.fallbacks) == 1
    assert found.undo is not None
    assert [one.name for one in found.settings] == ["timeout", "key", "every"]


def test_a_span_of_a_step_is_its_name() -> None:
    text = in_pipeline('step trend-scan { call a(q: "x") }')
    found = pipeline(text).block.steps[0].span
    assert text[found.start : found.end] == "trend-scan"


def test_the_model_of_a_pipeline_has_settings_and_handlers() -> None:
    body = """deadline: 2h
    fail-fast: true
    budget: { calls: 10 }
    defaults: { retry: { attempts: 2 }, timeout: 3s }
    x-team: "growth"
    let n = 3
    step s { call a(q: "x", n) }
    on failure { step t { call vague(q: error.kind) } }
    on finish { step t { call vague(q: s?.text) } }
    return s.text"""
    found = pipeline(in_pipeline(body))
    assert [one.name for one in found.settings] == [
        "deadline",
        "fail-fast",
        "budget",
        "defaults",
        "x-team",
    ]
    assert [one.name for one in found.block.lets] == ["n"]
    assert len(found.on_failure) == len(found.on_finish) == 1


def test_the_model_of_an_agent_has_everything_that_was_written() -> None:
    text = """
## Looks around
agent scan "Escáner" (
  ## Where
  platform: "x" | "y" = "x"
  ...
) -> list[string] {
  url: "http://localhost:1"
  x-team: "growth"
}
"""
    library = check(text).library
    assert library is not None
    agent = library.main.names["scan"]
    assert isinstance(agent, Agent)
    assert (agent.title, agent.description, agent.is_open) == ("Escáner", "Looks around", True)
    assert agent.parameters[0].description == "Where"
    assert agent.parameters[0].default is not None
    assert [one.name for one in agent.settings] == ["url", "x-team"]


def test_declarations_stand_in_the_order_of_the_text() -> None:
    text = "pipeline b() { return 1 }\nlet x = 1\npipeline a() { return 2 }\ntype T = int\n"
    library = check(text).library
    assert library is not None
    assert [one.name for one in library.main.pipelines()] == ["b", "a"]
    assert list(library.main.names) == ["b", "x", "a", "T"]


def test_a_half_right_file_still_has_a_library() -> None:
    text = in_pipeline('step s { call nobody(q: "x" }\nstep t { call a(q: s.text) }\nreturn t')
    checked = check(text)
    assert checked.diagnostics
    assert checked.library is not None
    assert [one.name for one in checked.library.main.pipelines()] == ["p"]


def test_an_empty_text_has_an_empty_library() -> None:
    checked = check("")
    assert checked.diagnostics == ()
    assert checked.library is not None
    assert dict(checked.library.main.names) == {}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ('step s { call a(q: "x")\n call a(q: "y") }', "E0408"),
        ('step s { return 1\n call a(q: "y") }', "E0408"),
        ('step s { call a(q: "x")\n return 1 }', "E0408"),
        ("step s { return 1\n return 2 }", "E0408"),
        ('step s { call a(q: "x")\n step t { return 1 } }', "E0408"),
        ("return 1\nreturn 2", "E0408"),
        ("step s { timeout: 3s }", "E0410"),
        ("step s { step t { return 1 } }", "E0410"),
        ("step s { return 1\n fallback { timeout: 3s\n return 2 } }", "E0404"),
        ("step s when true { return 1 } else { let x = 1 }", "E0410"),
        ("step s { return 1\n until true }", "E0406"),
        ("step s repeat up to 2 { return 1\n until true\n until false }", "E0401"),
        ("step s repeat up to 0 { return 1\n until true }", "E0411"),
        ("step s repeat up to -1 { return 1\n until true }", "E0411"),
        ('step s repeat up to "x" { return 1\n until true }', "E0501"),
        ("step s repeat up to 2 { return 1\n until 3 }", "E0509"),
        ("step s repeat up to 2 { return 1 }", "E0409"),
        ('step s { call a(q: "x")\n undo { return 1 }\n undo { return 2 } }', "E0401"),
        ("step s { return 1\n undo { return 2 } }", "E0417"),
        ("on failure { return 1 }", "E0406"),
        ('on failure { call a(q: "x") }', "E0407"),
        ("on finish { timeout: 3s }", "E0404"),
        ("step s { on finish { step t { return 1 } }\n return 1 }", "E0406"),
        ("on success { step t { return 1 } }", "E0405"),
        ("until true", "E0406"),
        ("undo { return 1 }", "E0406"),
        ("fallback { return 1 }", "E0406"),
        ("step s for x in [1] for y in [2] { return 1 }", "E0401"),
        ("step s repeat up to 2 repeat up to 3 { return 1\n until true }", "E0401"),
        ("step s after t { return 1 }", "E0603"),
        ("let t = 1\nstep s after t { return 1 }", "E0603"),
        ("step s when 1 { return 1 }", "E0509"),
        ("step s { return 1 } else { return 2 }", "E0606"),
        ("timeout: 3s", "E0402"),
        ("step s { return 1\n concurrency: 3 }", "E0402"),
        ("step s { return 1\n every: 3s }", "E0402"),
        ("step s { return 1\n timeout: 3 }", "E0503"),
        ("step s { return 1\n priority: 1.5 }", "E0501"),
        ("step s for x in [1] { return x\n allow-failures: true }", "E0501"),
        ('step s { return 1\n retry: { attempts: 2, delay: 1s, jiter: "none" } }', "E0507"),
        ('step s { return 1\n retry: { attempts: 2, jitter: "ful" } }', "E0504"),
        ("step s { return 1\n retry: { attempts: -1 } }", "E0412"),
        ("defaults: { retry: { attempts: 2, backoff: 0.1 } }", "E0413"),
        ("step s { return 1\n timeout: 3s\n timeout: 4s }", "E0401"),
    ],
)
def test_what_does_not_belong_is_told_once(body: str, wanted: str) -> None:
    assert codes(in_pipeline(body)) == [wanted]


@pytest.mark.parametrize(
    "body",
    [
        "step s after t { return 1 }\nstep t { return 2 }",
        "step s for x in [1] { return x\n allow-failures: 10% }",
        "step s for x in [1] { return x\n allow-failures: 1\n concurrency: 2 }",
        'step s repeat up to n { return 1\n until true\n exhausted: "keep" }',
        "step s { return 1\n x-anything: { goes: [1, 2] } }",
        "step s when true { return 1 } else when n > 1 { return 2 } else { return 3 }",
        'step s { step t { call a(q: "x") }\n return t\n undo { call a(q: s.text) } }',
        'step s { call a(q: "x")\n timeout: wait }',
    ],
)
def test_what_belongs_is_right(body: str) -> None:
    assert codes(in_pipeline(body, "n: int, wait: duration = 3s")) == []


def test_the_settings_of_a_pipeline_do_not_see_its_steps() -> None:
    assert codes(in_pipeline("deadline: s\nstep s { return 1s }")) == ["E0201"]


def test_after_a_step_inside_another_one_names_the_outer() -> None:
    body = "step o { step i { return 1 }\n return i }\nstep s after i { return 1 }"
    (found,) = diagnostics(in_pipeline(body))
    assert (found.code, found.help) == ("E0604", "after o")


def test_after_a_step_outside_of_the_block_belongs_to_the_step_around() -> None:
    body = "step t { return 1 }\nstep o { step i after t { return 1 }\n return i }"
    (found,) = diagnostics(in_pipeline(body))
    assert (found.code, written(found)) == ("E0604", "t")


def test_after_with_a_path_names_the_outer() -> None:
    body = "step o { step i { return 1 }\n return i }\nstep s after o.i { return 1 }"
    assert codes(in_pipeline(body)) == ["E0604"]


def test_after_names_each_step_once() -> None:
    body = "step t { return 1 }\nstep s after t, t { return 1 }"
    assert step(body).after == ("t",)


@pytest.mark.parametrize("url", ["http://x", "https://x/y", "python:tools:run", "mcp+http://x"])
def test_an_address_with_a_scheme_is_right(url: str) -> None:
    assert codes(f'agent b() {{ url: "{url}" }}\n') == []


def test_an_address_without_a_scheme_gets_one() -> None:
    text = 'agent b() { url: "localhost:4001/run" }\n'
    assert codes(text) == ["E0416"]
    assert mended(text) == 'agent b() { url: "http://localhost:4001/run" }\n'


@pytest.mark.parametrize("url", ["", "/only/a/path", "ftp://x", "two words"])
def test_an_address_that_is_none_gets_no_guess(url: str) -> None:
    (found,) = diagnostics(f'agent b() {{ url: "{url}" }}\n')
    assert found.code == "E0416"
    assert found.fix is None or url == "/only/a/path"


def test_an_agent_holds_settings_only() -> None:
    text = 'agent b() {\n let x = 1\n return 1\n url: "http://x"\n}\n'
    assert codes(text) == ["E0404", "E0404"]


def test_a_misspelt_setting_is_mended() -> None:
    text = in_pipeline('step s {\n call a(q: "x")\n timout: 3s\n}')
    assert "timeout: 3s" in mended(text)


def test_a_declared_result_without_return_is_told() -> None:
    text = f"{AGENT}\npipeline p() -> int {{ step s {{ return 1 }} }}\n"
    assert codes(text) == ["E0410"]
    assert codes(text.replace("-> int", "-> int?")) == []
    assert codes(text.replace("-> int", "-> any")) == []


def test_a_declared_step_type_has_to_say_that_it_may_be_skipped() -> None:
    assert codes(in_pipeline("step s: int when n > 1 { return n }", "n: int")) == ["E0501"]
    assert codes(in_pipeline("step s: int? when n > 1 { return n }", "n: int")) == []
    assert codes(in_pipeline("step s: any when n > 1 { return n }", "n: int")) == []


def test_a_declared_type_of_a_for_step_is_a_list() -> None:
    text = in_pipeline("step s: int for x in [1] { return x }")
    assert codes(text) == ["E0501"]
    assert "step s: list[int] for" in mended(text)


def test_early_uses_are_warned_of_once_a_name() -> None:
    body = "step s { return [t, t, u] }\nstep t { return 1 }\nstep u { return 2 }"
    found = diagnostics(in_pipeline(body))
    assert [(one.code, written(one)) for one in found] == [("W0903", "t"), ("W0903", "u")]
    assert not any(one.is_error for one in found)


def test_a_circle_is_not_called_an_early_use() -> None:
    assert codes(in_pipeline("step s { return t.x }\nstep t { return s.x }")) == []


def test_after_is_no_early_use() -> None:
    assert codes(in_pipeline("step s after t { return 1 }\nstep t { return 1 }")) == []


def test_unreadable_parts_are_any_and_told_once() -> None:
    body = "step s { call a(q: ) }\nstep t { return s.text + 1 }"
    assert [code for code in codes(in_pipeline(body)) if not code.startswith("E01")] == ["E0513"]


def test_a_deep_file_is_checked() -> None:
    depth = 50
    opened = "".join(f"step s{i} when n > {i} {{\n" for i in range(depth))
    closed = "".join(f"return s{i + 1}\n}}\n" for i in range(depth - 2, -1, -1))
    assert codes(in_pipeline(f"{opened}return n\n}}\n{closed}", "n: int")) == []


def test_a_wide_file_is_checked() -> None:
    steps = ['step s0 { call a(q: "x") }']
    steps += [f"step s{i} {{ call a(q: s{i - 1}.text) }}" for i in range(1, 3000)]
    assert pipeline(in_pipeline("\n".join(reversed(steps)))).block.steps[0].type != ANY


def test_the_collector_works_again_after_a_check() -> None:
    import gc

    check_modules({"m": "let x = 1\n"}, "m")
    assert gc.isenabled()
    gc.disable()
    try:
        check_modules({"m": "let x = 1\n"}, "m")
        assert not gc.isenabled()
    finally:
        gc.enable()
