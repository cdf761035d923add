"""The laws themselves: a story that breaks one is noticed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from msgspec import Raw

from misydsl.failures import Failure
from misydsl.history.events import (
    AttemptStarted,
    Recorded,
    RunFinished,
    RunOwned,
    StepFailed,
    StepFinished,
)
from misydsl.history.fold import fold
from misydsl.pipeline.model import Pipeline
from misydsl.runner.compile import compile_program
from misydsl.workspace import check_text
from tests.simulation.disk import RUN
from tests.simulation.laws import check_model, check_order
from tests.simulation.model import Model
from tests.simulation.oracle import Oracle
from tests.simulation.reading import Reader
from tests.simulation.world import Interruption, Story, World

TEXT = """misy 1
agent say(q: string) -> string
agent count(q: string) -> int
pipeline main(q: string = "q") -> string {
  step one {
    call say(q: "1")
    undo { call say(q: "undo ${one}") }
  }
  step two {
    call say(q: one)
    undo { call say(q: "undo ${two}") }
  }
  step late after two { return "${1 / (length(two) - length(two))}" }
  on failure { step shout { call say(q: "no") } }
  return two + late
}
"""
ORACLE = Oracle("laws", bad=0.0, shaky=0.0)
Damage = Callable[[Story], None]


def told(interruptions: list[Interruption]) -> tuple[Story, Reader]:
    """A run of TEXT: two steps finish, one fails, both are undone."""
    checked = check_text(TEXT)
    assert checked.library is not None
    main = checked.library.main.names["main"]
    assert isinstance(main, Pipeline)
    program = compile_program(main, checked.library)
    world = World(program, ORACLE, random.Random(1), interruptions)
    return world.live(), Reader(checked.library)


def broken(story: Story, reader: Reader) -> list[str]:
    """What each half of the laws says against a story; nothing when it keeps them."""
    history = fold(Recorded(number, RUN, one) for number, one in enumerate(story.facts, 1))
    expected = Model(reader, ORACLE).run("main")
    checks: tuple[Callable[[], None], ...] = (
        lambda: check_order(story, history),
        lambda: check_model(story, expected, history),
    )
    words = []
    for check in checks:
        try:
            check()
        except AssertionError as problem:
            words.append(str(problem))
    return words


def place(story: Story, step: str, kind: type = StepFinished) -> int:
    """Where a fact of a step stands."""
    return next(
        number
        for number, one in enumerate(story.facts)
        if isinstance(one, kind) and getattr(one, "step", None) == step
    )


def remove(step: str) -> Damage:
    return lambda story: story.facts.__delitem__(place(story, step))


def swap(first: str, second: str) -> Damage:
    def damage(story: Story) -> None:
        one, other = place(story, first), place(story, second)
        story.facts[one], story.facts[other] = story.facts[other], story.facts[one]

    return damage


def repeat(step: str) -> Damage:
    return lambda story: story.facts.insert(place(story, step), story.facts[place(story, step)])


def change(step: str, /, **fields: object) -> Damage:
    def damage(story: Story) -> None:
        where = place(story, step)
        story.facts[where] = msgspec.structs.replace(story.facts[where], **fields)

    return damage


def call_again(story: Story) -> None:
    story.effects.append(replace(story.effects[0], durable=len(story.facts)))


def call_with_another_key(story: Story) -> None:
    story.effects.append(replace(story.effects[-1], key="another"))


def call_without_intent(story: Story) -> None:
    story.effects[0] = replace(story.effects[0], durable=0)


def go_on_after_the_end(story: Story) -> None:
    story.facts.append(RunOwned(at=0.0, owner="late"))


def end_well(story: Story) -> None:
    story.facts[-1] = RunFinished(at=0.0, status="succeeded", result=Raw(b'"x"'))


def fail_what_succeeds(story: Story) -> None:
    where = place(story, "two")
    story.facts[where] = StepFailed(at=0.0, step="two", failure=Failure("http", "no"))


def begin_too_early(story: Story) -> None:
    where = place(story, "two", AttemptStarted)
    story.facts.insert(place(story, "one"), story.facts.pop(where))


def test_a_good_story_keeps_the_laws() -> None:
    assert broken(*told([])) == []
    deaths = [Interruption("crash", after_facts=2), Interruption("crash", after_facts=5)]
    assert broken(*told(deaths)) == []


@pytest.mark.parametrize(
    ("damage", "law"),
    [
        (remove("one"), "began before"),
        (remove("one/:undo"), "is missing"),
        (remove(":on-failure/shout"), "has no end"),
        (swap("one/:undo", "two/:undo"), "wrong order"),
        (repeat("two"), "ended twice"),
        (change("two", value=Raw(b'"something else"')), "≠"),
        (change("two", step="three"), "should never have ended"),
        (call_again, "after its end"),
        (call_with_another_key, "another key"),
        (call_without_intent, "without an intent"),
        (go_on_after_the_end, "only terminal"),
        (end_well, "it succeeded"),
        (fail_what_succeeds, "≠"),
        (begin_too_early, "began before"),
    ],
)
def test_a_broken_law_is_noticed(damage: Damage, law: str) -> None:
    story, reader = told([])
    damage(story)
    assert any(law in words for words in broken(story, reader))
