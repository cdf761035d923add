"""A plan's worst case is what really happens at worst: agents that fail as often as they may."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

import misydsl
from misydsl.agents.contract import Health, Reply, Request
from misydsl.failures import Failure
from misydsl.workspace import load, open_journal

RETRY = 'retry: { attempts: 3, delay: 0s, jitter: "none", on: ["agent-error"] }'
AGENTS = """
agent a(x: any) -> any
agent b(x: any) -> any
agent undoer(x: any) -> any
"""


class Moody:
    """An agent in whose calls each attempt but the last `good` ones fails; it counts what it is sent."""

    is_pure = False

    def __init__(self, name: str, *, good_from: int | None = None, waits_for: int = 1) -> None:
        self.name, self.good_from, self.waits_for = name, good_from, waits_for
        self.sent = 0
        self.tries: Counter[tuple[str, int]] = Counter()
        self._arrivals: dict[tuple[str, int], asyncio.Event] = {}

    async def call(self, request: Request) -> Reply | Failure:
        """Fail, or answer with the input."""
        self.sent += 1
        key = (request.key, request.attempt)
        self.tries[key] += 1
        both = self._arrivals.setdefault(key, asyncio.Event())
        if self.tries[key] >= self.waits_for:
            both.set()
        await both.wait()
        if self.good_from is not None and request.attempt >= self.good_from:
            return Reply(request.inputs["x"])
        return Failure("agent-error", "no")

    async def health(self, timeout_s: float = 5.0) -> Health:
        """Always well."""
        return Health(self.name, is_healthy=timeout_s > 0, url="")


FAILING = {
    "one call": f"step s {{ call a(x: 1)\n {RETRY} }}",
    "no retry": "step s { call a(x: 1) }",
    "retries that do not match": "step s { call a(x: 1)\n retry: { attempts: 1, delay: 0s } }",
    "items": f'step s for x in ["u", "v", "w"] {{ call a(x)\n {RETRY}\n allow-failures: 3 }}',
    "items of an input": f"step s for x in n {{ call a(x)\n {RETRY}\n allow-failures: 9 }}",
    "items of items": f"""step s for x in [[1], [1, 2], []] {{
        step t for y in x {{ call a(x: y)\n {RETRY}\n allow-failures: 2 }}
        return t }}""",
    "steps beside each other": f"""step s {{ call a(x: 1)\n {RETRY} }}
        step t {{ call b(x: 1)\n {RETRY} }}""",
    "a known condition": f"""step s when length(n) > 1 {{ call a(x: 1)\n {RETRY} }}
        else {{ call b(x: 1) }}
        step t when length(n) > 5 {{ call a(x: 1) }} else {{ call b(x: 1)\n }}""",
    "conditions item by item": f"""step s for x in [1, 2, 3, 4, 5] when x > 3 {{ call a(x)\n {RETRY}
        allow-failures: 9 }} else when x > 1 {{ call b(x) }}""",
    "fallbacks": f"""step s for x in n {{ call a(x)\n {RETRY}\n allow-failures: 9
        fallback {{ call b(x) }}
        fallback {{ step t {{ call a(x)\n {RETRY} }}
          return t }} }}""",
    "what follows a failure": f"""step s {{ call a(x: 1) }}
        on failure {{ step t {{ call b(x: 1)\n {RETRY} }}
          step u {{ call b(x: 2) }} }}
        on finish {{ step v {{ call a(x: 1)\n {RETRY} }} }}""",
    "defaults of a pipeline": f"defaults: {{ {RETRY} }}\n step s {{ call a(x: 1) }}",
    "a pipeline in a pipeline": "step s for x in n { call inner(x) \n allow-failures: 9 }",
    "a hedge": f"step s {{ call b(x: 1)\n {RETRY}\n hedge: 1ms }}",
}


@pytest.mark.parametrize("steps", FAILING.values(), ids=FAILING)
def test_agents_that_always_fail_are_called_as_often_as_planned(steps: str, tmp_path: Path) -> None:
    text = f"""{AGENTS}
pipeline inner(x: any) {{
  defaults: {{ timeout: 1m }}
  step i {{ call a(x)\n {RETRY} }}
  step j {{ call b(x) }}
  return i }}
pipeline p(n: list[int] = [1, 2]) {{ {steps} }}"""
    pipeline = load(text, "p")
    planned = pipeline.plan(journal=tmp_path / "none.db")
    a, b = Moody("a"), Moody("b", waits_for=2 if "hedge" in steps else 1)
    journal = open_journal(tmp_path / "j.db")
    pipeline.run(agents={"a": a, "b": b}, journal=journal)
    journal.close()
    assert a.sent + b.sent > 0
    assert planned.most_requests == a.sent + b.sent
    assert planned.most_calls == len({key for one in (a, b) for key, _ in one.tries})
    by_agent = dict(zip(planned.agents["agent"], planned.agents["requests"], strict=True))
    assert by_agent == {one.name: one.sent for one in (a, b) if one.sent or one.name in by_agent}


GOOD_AT_LAST = {
    "rounds": f"""step s repeat up to 4 {{ call a(x: 1)\n {RETRY}
        exhausted: "keep"
        until false }}""",
    "rounds of steps": f"""step s repeat up to 2 {{
          step t for y in [1, 2] {{ call a(x: y)\n {RETRY} }}
          exhausted: "keep"
          until false
          return t }}""",
    "rounds in rounds": f"""step s repeat up to 3 {{
          step t repeat up to 2 {{ call a(x: 1)\n {RETRY}
            exhausted: "keep"
            until false }}
          exhausted: "keep"
          until false
          return t }}""",
    "a chain": f"""step s {{ call a(x: 1)\n {RETRY} }}
        step t {{ call a(x: s)\n {RETRY} }}
        step u {{ call a(x: t)\n {RETRY} }}""",
}


@pytest.mark.parametrize("steps", GOOD_AT_LAST.values(), ids=GOOD_AT_LAST)
def test_agents_that_answer_at_last_are_called_as_often_as_planned(
    steps: str, tmp_path: Path
) -> None:
    pipeline = load(f"{AGENTS}\npipeline p() {{ {steps} }}", "p")
    planned = pipeline.plan(journal=tmp_path / "none.db")
    a = Moody("a", good_from=3)
    journal = open_journal(tmp_path / "j.db")
    run = pipeline.run(agents={"a": a}, journal=journal)
    assert run.status == "succeeded"
    journal.close()
    assert planned.most_requests == a.sent


UNDONE = {
    "a step": "step s { call a(x: 1)\n RETRY\n undo { call undoer(x: s) } }",
    "items": """step s for x in [1, 2, 3] { call a(x)\n RETRY
        undo { step t { call undoer(x)\n RETRY } } }""",
    "inside a pipeline": "step s { call inner(x: 1) }",
    "inside of steps": """step s { step t { call a(x: 1)\n RETRY
          undo { call undoer(x: 1) } }
        return t }""",
}


@pytest.mark.parametrize("steps", UNDONE.values(), ids=UNDONE)
def test_what_is_done_and_taken_back_is_called_as_often_as_planned(
    steps: str, tmp_path: Path
) -> None:
    text = f"""{AGENTS}
pipeline inner(x: any) {{
  step i {{ call a(x)\n RETRY
    undo {{ call undoer(x) }} }}
  return i }}
pipeline p() {{ {steps}
  step last after s {{ call b(x: 1)\n RETRY }}
}}""".replace("RETRY", RETRY)
    pipeline = load(text, "p")
    planned = pipeline.plan(journal=tmp_path / "none.db")
    a, b, undoer = Moody("a", good_from=3), Moody("b"), Moody("undoer")
    journal = open_journal(tmp_path / "j.db")
    run = pipeline.run(agents={"a": a, "b": b, "undoer": undoer}, journal=journal)
    journal.close()
    assert run.status == "failed"
    assert undoer.sent
    assert planned.most_requests == a.sent + b.sent + undoer.sent


def test_counts_that_only_the_run_knows_hold_when_they_are_put_in(tmp_path: Path) -> None:
    text = f"""{AGENTS}
pipeline p() {{
  step found {{ call b(x: [1, 2, 3]) }}
  step s for x in found {{
    step t for y in found {{ call a(x: y)\n {RETRY}\n allow-failures: 9 }}
    step u {{ call a(x)\n {RETRY} }}
    return t }}
}}"""
    pipeline = load(text, "p")
    planned = pipeline.plan(journal=tmp_path / "none.db")
    assert planned.most_requests is None
    a, b = Moody("a"), Moody("b", good_from=1)
    journal = open_journal(tmp_path / "j.db")
    pipeline.run(agents={"a": a, "b": b}, journal=journal)
    amount = planned.facts.requests.amount
    assert amount is not None
    assert amount.unknowns == ("s", "s/t")
    assert amount.at({"s": 3, "s/t": 3}) == a.sent + b.sent == 3 * 3 * 3 + 3 * 3 + 1
    # the next plan knows how many there were
    again = pipeline.plan(journal=journal)
    journal.close()
    assert again.facts.requests.most is None
    assert again.facts.requests.if_as_before == a.sent + b.sent


def test_a_budget_that_the_plan_finds_large_enough_is_never_spent(tmp_path: Path) -> None:
    text = f"""{AGENTS}
pipeline p() {{
  budget: {{ calls: 9 }}
  step s for x in [1, 2, 3] {{ call a(x)\n {RETRY}\n allow-failures: 3 }}
}}"""
    enough, short = load(text), load(text.replace("calls: 9", "calls: 8"))
    assert not enough.plan(journal=tmp_path / "none.db").warnings
    (warning,) = short.plan(journal=tmp_path / "none.db").warnings
    assert warning == "`p` may come to 9 calls and its budget is 8: it would pause there"
    journal = open_journal(tmp_path / "j.db")
    assert enough.run(agents={"a": Moody("a")}, journal=journal).status == "succeeded"
    assert short.run(agents={"a": Moody("a")}, journal=journal).status == "paused"
    journal.close()


def test_planning_calls_nobody_and_makes_nothing(tmp_path: Path) -> None:
    a = Moody("a")
    text = f"{AGENTS}\npipeline p() {{ step s {{ call a(x: 1)\n cache: 1h }} }}"
    misydsl.load(text).plan(agents={"a": a}, journal=tmp_path / "none.db")
    assert a.sent == 0
    assert list(tmp_path.iterdir()) == []
