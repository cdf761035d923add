"""Pipelines for the tests of graphs and pictures, from text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Raw

from misydsl.failures import Failure
from misydsl.graph.build import StepGraph, step_graph
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    Event,
    FanOut,
    GroupStarted,
    Recorded,
    RunAccepted,
    RunFinished,
    RunOwned,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from misydsl.history.fold import fold
from misydsl.history.states import History
from misydsl.language.check import check_source
from misydsl.pipeline.model import Library, Pipeline
from misydsl.source import Source

AGENTS = """misy 1
agent a(q: string) -> string
agent b(q: string) -> string
"""

EVERYTHING = (
    AGENTS
    + """pipeline todo "Año «nuevo»" (xs: list[string], n: int = 3) {
  step primero "Descubrir" { call a(q: "x") }
  step cada "Guión por tema" for x in xs after primero {
    step borrador "Escribir" { call a(q: x) }
    step revision "Revisar" { call b(q: borrador) }
    return revision
  }
  step ocho for y in ["1", "2", "3", "4", "5", "6", "7", "8"] { call b(q: y) }
  step tal_vez "Quizás" when n > 2 {
    call b(q: primero)
    fallback { return "nada" }
  } else {
    step otra { call a(q: "y") }
    return otra
  }
  step vueltas repeat up to 3 {
    step prueba { call a(q: "z") }
    until prueba == "z"
    return prueba
  }
  step permiso { call human.approve(message: "¿Sí?") }
  step dentro { call interior(q: "v") }
  on failure { step aviso { call b(q: error.message) } }
  on finish { step fin { call b(q: "fin") } }
  return [cada, ocho]
}
pipeline interior(q: string) -> string {
  step s { call a(q) }
  return s
}
"""
)


def library_of(text: str) -> Library:
    """The library of a text, whatever is wrong with it."""
    checked = check_source(Source("p.misy", text), root=Path.cwd())
    assert checked.library is not None
    return checked.library


def pipeline_of(text: str, name: str | None = None) -> tuple[Pipeline, Library]:
    """A pipeline of a text: the named one or the first."""
    library = library_of(text)
    found = library.main.pipelines()
    return next(one for one in found if name in (None, one.name)), library


def graph_of(text: str) -> StepGraph:
    """The graph of the first pipeline of a text."""
    return step_graph(*pipeline_of(text))


def chain(length: int) -> str:
    """A text of steps that wait for each other in turn."""
    steps = ['  step s0 { call a(q: "x") }']
    steps += [f"  step s{one} {{ call a(q: s{one - 1}) }}" for one in range(1, length)]
    return AGENTS + "pipeline p() {\n" + "\n".join(steps) + "\n}\n"


def layers(deep: int, wide: int) -> str:
    """A text of layers in which each step needs two of the layer before."""
    steps = []
    for level in range(deep):
        for place in range(wide):
            needs = f"s{level - 1}x{place} + s{level - 1}x{(place + 1) % wide}"
            steps.append(
                f"  step s{level}x{place} {{ call a(q: {needs if level else chr(34) * 2}) }}"
            )
    return AGENTS + "pipeline p() {\n" + "\n".join(steps) + "\n}\n"


def history_of(*events: Event) -> History:
    """A history of these facts."""
    return fold([Recorded(number + 1, "r1", event) for number, event in enumerate(events)])


def accepted(at: float = 100.0) -> RunAccepted:
    """The first fact of a run."""
    return RunAccepted(
        at=at, pipeline="todo", title="Año «nuevo»", inputs=Raw(b"{}"), session="s", modules=(),
        entry="p.misy", steps=9, fingerprint="f",
    )  # fmt: skip


FAILED = Failure("http", "no", status=500)

STORY: tuple[Event, ...] = (
    accepted(),
    RunOwned(at=100.0, owner="o"),
    AttemptStarted(at=100.1, step="primero", agent="a", key="k1", timeout_s=30),
    AttemptFailed(at=100.3, step="primero", failure=FAILED, duration_s=0.2, retry_at=100.8),
    AttemptStarted(at=100.8, step="primero", agent="a", key="k1", timeout_s=30, attempt=2, waited_s=0.1),
    StepFinished(at=101.0, step="primero", value=Raw(b'"x"'), attempts=2, duration_s=0.2, agent="a"),
    FanOut(at=101.0, step="ocho", item="", count=8),
    *(
        AttemptStarted(at=101.0, step="ocho", item=str(n), agent="b", key=f"k{n}", timeout_s=30)
        for n in range(4)
    ),
    StepFinished(at=101.2, step="ocho", item="0", value=Raw(b'"1"'), attempts=1, duration_s=0.2, agent="b"),
    StepFailed(at=101.3, step="ocho", item="1", failure=FAILED, attempts=1),
    FanOut(at=101.0, step="cada", item="", count=2),
    GroupStarted(at=101.0, step="cada", item="0"),
    StepFinished(at=101.2, step="cada/borrador", item="0", value=Raw(b'"1"'), attempts=1, duration_s=0.1, agent="a"),
    StepFailed(at=101.3, step="tal_vez", failure=FAILED, attempts=1),
    StepSkipped(at=101.3, step="permiso"),
    StepBlocked(at=101.3, step="dentro", by="tal_vez"),
)  # fmt: skip

ENDED: tuple[Event, ...] = (*STORY, RunFinished(at=102.0, status="failed", failure=FAILED))

Durations = Mapping[str, float]
