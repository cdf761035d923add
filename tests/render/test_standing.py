"""How a step stands over all its items."""

from __future__ import annotations

from misydsl.graph.build import StepGraph
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    Event,
    FanOut,
    GroupStarted,
    RunFinished,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from misydsl.render.standing import Standing, standings, together
from tests.graph.pipelines import AGENTS, FAILED, accepted, graph_of, history_of

NESTED = graph_of(
    AGENTS
    + """pipeline p(xs: list[string], n: int) {
  step out for x in xs {
    step first { call a(q: x) }
    step deep for y in xs {
      step last { call a(q: "${first}${y}") }
      return last
    }
    return deep
  }
  step maybe when n > 1 {
    step one { call a(q: "1") }
    return one
  } else {
    step other { call b(q: "2") }
    return other
  }
}
"""
)


def at(path: str, *events: Event, graph: StepGraph = NESTED) -> Standing:
    history = history_of(accepted(), *events)
    return standings(graph, history)[graph.node(path).id]


def begun(step: str, item: str = "", attempt: int = 1) -> AttemptStarted:
    return AttemptStarted(
        at=1.0, step=step, item=item, agent="a", key="k", timeout_s=30, attempt=attempt
    )


def done(step: str, item: str = "", attempts: int = 1) -> StepFinished:
    return StepFinished(at=2.0, step=step, item=item, attempts=attempts, agent="a")


def failed(step: str, item: str = "") -> StepFailed:
    return StepFailed(at=2.0, step=step, item=item, failure=FAILED, attempts=1)


def fan(step: str, count: int, item: str = "", keys: tuple[str, ...] | None = None) -> FanOut:
    return FanOut(at=1.0, step=step, item=item, count=count, keys=keys)


def test_nothing_known_is_waiting() -> None:
    assert at("out") == Standing()
    assert at("out/first") == Standing()
    assert Standing().progress == ""


def test_a_step_that_happens_once_tells_its_attempts() -> None:
    retried = AttemptFailed(at=1.5, step="maybe/one", failure=FAILED, duration_s=0.5, retry_at=3.0)
    assert at("maybe/one", begun("maybe/one"), retried).status == "retrying"
    ended = at(
        "maybe/one",
        begun("maybe/one"),
        retried,
        begun("maybe/one", "", 2),
        done("maybe/one", "", 2),
    )
    assert (ended.status, ended.progress) == ("succeeded", "2 attempts")


def test_a_for_counts_its_items() -> None:
    events = (fan("out", 4), done("out", "0"), done("out", "1"), failed("out", "2"))
    standing = at("out", *events)
    assert (standing.status, standing.progress) == ("running", "2/4 done · 1 failed")


def test_a_step_inside_counts_against_the_items_around_it() -> None:
    events = (fan("out", 4), GroupStarted(1.0, "out", "0"), done("out/first", "0"))
    standing = at("out/first", *events)
    assert (standing.status, standing.progress) == ("running", "1/4 done")
    every = [done("out/first", str(one)) for one in range(4)]
    assert at("out/first", fan("out", 4), *every).status == "succeeded"
    some = at("out/first", fan("out", 4), *every[:3], failed("out/first", "3"))
    assert (some.status, some.progress) == ("failed", "3/4 done · 1 failed")


def test_a_for_inside_a_for_sums_its_fan_outs() -> None:
    events = (
        fan("out", 2),
        fan("out/deep", 3, "0"),
        fan("out/deep", 5, "1"),
        done("out/deep", "0/0"),
        done("out/deep", "1/4"),
    )
    assert at("out/deep", *events).progress == "2/8 done"


def test_keys_with_slashes_are_keys() -> None:
    events = (
        fan("out", 2, keys=("a/b", "c")),
        fan("out/deep", 1, "a/b"),
        fan("out/deep", 2, "c"),
        done("out/deep", "a/b/0"),
    )
    standing = at("out/deep", *events)
    assert (standing.status, standing.progress) == ("running", "1/3 done")


def test_some_waiting_and_some_done_is_running() -> None:
    events = (fan("out", 2), done("out/first", "0"), begun("out/first", "1"))
    assert at("out/first", *events).status == "running"
    mixed = (Standing("waiting"), Standing("succeeded", 1))
    assert together(mixed) == Standing("running", 1, 0, 2)
    assert together(()) == Standing("waiting", 0, 0, 0)


def test_what_never_runs_stands_as_the_step_around_it_ended() -> None:
    assert at("maybe/one", StepSkipped(1.0, "maybe")).status == "skipped"
    assert at("maybe/one", StepBlocked(1.0, "maybe", by="x")).status == "blocked"
    taken = (GroupStarted(1.0, "maybe"), done("maybe/other"), done("maybe"))
    assert at("maybe/one", *taken).status == "skipped"
    assert at("maybe/other", *taken).status == "succeeded"
    assert at("maybe/one", failed("maybe")).status == "blocked"
    over = (GroupStarted(1.0, "maybe"), RunFinished(3.0, status="cancelled"))
    assert at("maybe/one", *over).status == "cancelled"
    assert at("maybe/one", GroupStarted(1.0, "maybe")).status == "waiting"


def test_a_for_that_ended_leaves_nothing_running_inside() -> None:
    events = (fan("out", 2), done("out/first", "0"), failed("out", "1"), failed("out"))
    assert at("out", *events).status == "failed"
    assert at("out/first", *events).status == "succeeded"
