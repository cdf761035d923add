"""Random small pipelines, and a loop that runs them on the pure machine with crashes anywhere.

A `Script` is a text, who needs whom, and what each call does. `perform` plays it against a journal that
is a list; cutting the list is a crash.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from hypothesis import strategies as st

from misydsl.agents.contract import Reply
from misydsl.failures import Failure
from misydsl.history.events import Event, Recorded, RunFinished, RunOwned
from misydsl.history.fold import fold
from misydsl.runner.compile import compile_program
from misydsl.runner.decide import (
    Circumstances,
    Replied,
    Woken,
    attempt_fact,
    begin_run,
    decide,
    take,
    work,
)
from misydsl.runner.drive import last_fact
from misydsl.runner.past import past_of
from misydsl.runner.roots import roots_of
from misydsl.runner.state import Job, State, Wait
from misydsl.workspace import check_text

START = 1_000_000.0
RUN = "run-1"
HEAD = """misy 1
agent a(q: string) -> string { retry: { attempts: 3, delay: 1s } }
pipeline inner(q: string) -> string {
  step i1 { call a(q: q) }
  step i2 when length(i1) > 3 { call a(q: i1) }
  return i2 ?? "short"
}
"""


@dataclass
class Step:
    """One step of a script: its text, how others read it, whom it needs."""

    name: str
    text: str
    read: str
    needs: tuple[str, ...]


@dataclass
class Script:
    """A pipeline, and what its calls do: `bad` ones fail for good, `shaky` ones once."""

    steps: list[Step]
    bad: int
    shaky: int
    fails_fast: bool = False
    text: str = field(init=False)

    def __post_init__(self) -> None:
        shown = ", ".join(f"{one.name}: {one.read}" for one in self.steps)
        settings = "  fail-fast: true\n" if self.fails_fast else ""
        body = "\n".join(one.text for one in self.steps)
        self.text = f"{HEAD}pipeline p() {{\n{settings}{body}\n  return {{ {shown} }}\n}}"

    def answer(self, job: Job) -> Reply | Failure:
        """What the agent says: the same to the same question, whoever asks when."""
        chance = random.Random(f"{job.step}/{job.item}")
        if chance.randrange(100) < self.bad:
            return Failure("http", "never", status=400)
        if chance.randrange(100) < self.shaky and job.attempt == 1:
            return Failure("timeout", "slow")
        return Reply(f"{job.step}:{chance.randrange(1000)}({len(str(job.inputs['q']))})")


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Two to six steps, each needing some of those before it."""
    steps: list[Step] = []
    for number in range(draw(st.integers(2, 6))):
        needs = (
            draw(st.lists(st.sampled_from(steps), max_size=2, unique_by=lambda one: one.name))
            if steps
            else []
        )
        kind = draw(st.sampled_from(sorted(KINDS)))
        steps.append(KINDS[kind](f"s{number}", needs, draw(st.integers(0, 3))))
    order = draw(st.permutations(steps))
    fails_fast = draw(st.booleans()) and draw(st.booleans())
    return Script(
        list(order),
        draw(st.sampled_from([0, 0, 15, 40])),
        draw(st.sampled_from([0, 50])),
        fails_fast,
    )


def _said(needs: Sequence[Step]) -> str:
    return " + ".join(['"q"', *(one.read for one in needs)])


def _made(name: str, needs: Sequence[Step], text: str, read: str) -> Step:
    return Step(name, f"  step {name} {text}", read, tuple(one.name for one in needs))


def _call(name: str, needs: Sequence[Step], number: int) -> Step:
    return _made(name, needs, f"{{ call a(q: {_said(needs)}) }}", name)


def _value(name: str, needs: Sequence[Step], number: int) -> Step:
    return _made(name, needs, f"{{ return upper({_said(needs)}) }}", name)


def _when(name: str, needs: Sequence[Step], number: int) -> Step:
    test = f"length({_said(needs)}) > {number * 6}"
    return _made(name, needs, f"when {test} {{ call a(q: {_said(needs)}) }}", f'({name} ?? "none")')


def _branches(name: str, needs: Sequence[Step], number: int) -> Step:
    said = _said(needs)
    text = f'when {number} > 1 {{ call a(q: {said}) }} else {{ call a(q: {said} + "!") }}'
    return _made(name, needs, text, name)


def _items(name: str, needs: Sequence[Step], number: int) -> Step:
    settings = ["", "\n    concurrency: 2", "\n    allow-failures: 1", "\n    allow-failures: 50%"]
    text = f'for x, i in range({number + 5}) {{ call a(q: {_said(needs)} + "${{x}}"){settings[number]}\n  }}'
    return _made(name, needs, text, f'join({name}, "+")')


def _items_when(name: str, needs: Sequence[Step], number: int) -> Step:
    test = f"length({_said(needs)}) > x * {number * 5}"
    text = f'for x in range(3) when {test} {{ call a(q: {_said(needs)} + "${{x}}") }}'
    return _made(name, needs, text, f'join([v ?? "none" for v in {name}], "+")')


def _items_or(name: str, needs: Sequence[Step], number: int) -> Step:
    said = _said(needs)
    text = f"""for x in range(4) when x > {number} {{ call a(q: {said}) }} else when x > 0 {{
    step e {{ call a(q: {said} + "${{x}}") }}
    return e
  }} else {{ call a(q: {said}) }}"""
    return _made(name, needs, text, f'join({name}, "+")')


def _group(name: str, needs: Sequence[Step], number: int) -> Step:
    text = f"""{{
    step one {{ call a(q: {_said(needs)}) }}
    step two {{ call a(q: one) }}
    step free {{ return "f" }}
    return two + free
  }}"""
    return _made(name, needs, text, name)


def _keyed_groups(name: str, needs: Sequence[Step], number: int) -> Step:
    allow = ["", "\n    allow-failures: 1"][number % 2]
    text = f"""for x in ["uno", "dos", "tres"] {{
    step in1 for y in range({number}) {{ call a(q: x + "${{y}}") }}
    step in2 {{ call a(q: {_said(needs)} + join(in1, ",")) }}
    return in2{allow}
    key: x
  }}"""
    return _made(name, needs, text, f'join({name}, "+")')


def _pipeline(name: str, needs: Sequence[Step], number: int) -> Step:
    return _made(name, needs, f"{{ call inner(q: {_said(needs)}) }}", name)


KINDS: dict[str, Callable[[str, Sequence[Step], int], Step]] = {
    "branches": _branches,
    "call": _call,
    "group": _group,
    "items": _items,
    "items-or": _items_or,
    "items-when": _items_when,
    "keyed-groups": _keyed_groups,
    "pipeline": _pipeline,
    "value": _value,
    "when": _when,
}


class Crash(Exception):
    """The process is gone."""


def perform(
    script: Script, journal: list[Event], *, order: Sequence[int], most: int | None = None
) -> State:
    """Go on with what the journal tells, to the end, or until it holds `most` facts.

    `order` says which of the open calls is answered next, again and again.

    Raises: Crash at `most` facts, the rest of them lost.
    """
    state = _first_state(script, journal)
    open_calls: list[Job] = []
    waits: list[tuple[Wait, float]] = []
    now, turn = state.now, 0
    if journal:
        _write(journal, [RunOwned(at=now, owner="later", is_resume=True)], most)
    while state.outcome is None:
        now += 1
        work(state, now, 1 + order[turn % len(order)])
        asked = take(state)
        _write(journal, asked.facts, most)
        _write(journal, [attempt_fact(job, now) for job in asked.calls], most)
        open_calls += asked.calls
        waits += asked.waits
        turn += 1
        if state.has_work:
            continue
        if open_calls:
            job = open_calls.pop(order[turn % len(order)] % len(open_calls))
            decide(state, Replied(job, script.answer(job), 0.5), now)
        elif waits:
            decide(state, Woken(waits.pop(0)[0]), now)
        else:
            assert state.outcome is not None, "nothing left to do, and no end"
    _write(journal, [*take(state).facts, last_fact(state, None, now)], most)
    return state


def _write(journal: list[Event], facts: Sequence[Event], most: int | None) -> None:
    journal += facts
    if most is not None and len(journal) >= most:
        del journal[most:]
        raise Crash


def recorded(journal: Sequence[Event]) -> list[Recorded]:
    """The journal as a keeper hands it out."""
    return [Recorded(number + 1, RUN, event) for number, event in enumerate(journal)]


def ending(journal: Sequence[Event]) -> tuple[str, bytes]:
    """How it ended: the status and the result."""
    last = journal[-1]
    assert isinstance(last, RunFinished)
    return last.status, bytes(last.result)


def _first_state(script: Script, journal: Sequence[Event]) -> State:
    checked = _checked(script.text)
    (pipeline,) = [one for one in checked.main.pipelines() if one.name == "p"]
    program = compile_program(pipeline, checked)
    program.fill(roots_of({}, run=RUN, session="s", shared={}, started_at=START))
    history = fold(recorded(journal))
    about = Circumstances(
        run=RUN, session="s", chance=random.Random(RUN), shared={}, accepted_at=START,
        past=past_of(history),
    )  # fmt: skip
    return begin_run(program, {}, about, now=START + 1000 * len(journal))


@lru_cache(maxsize=64)
def _checked(text: str):  # type: ignore[no-untyped-def]
    checked = check_text(text)
    assert not checked.errors, f"{text}\n" + "\n".join(map(str, checked.errors))
    return checked.library
