"""What is run and killed: pipelines that use every form whose course a crash could bend.

A scenario says of its steps which others must be on the disk before their agents are called (`needs`, by paths;
those of the same item, or of what is around it). Everything else that must hold is read off a run that nobody killed.
What a scenario comes to never depends on which of two independent steps ends first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

AGENTS = """misy 1
let base = env.AGENTS ?? "unset"
let quick = { attempts: 3, delay: 4ms, jitter: "none" }
type Said = { text: string }
agent echo(text: string) -> Said { url: "${base}/echo" }
agent flaky(text: string) -> Said { url: "${base}/flaky/1", retry: quick }
agent busy(text: string) -> Said { url: "${base}/flaky/999", retry: { attempts: 2, delay: 4ms } }
agent never(text: string) -> Said { url: "${base}/no" }
agent slow(text: string) -> Said { url: "${base}/slow/8" }
agent stuck(text: string) -> Said { url: "${base}/hang" }
"""


@dataclass(frozen=True)
class Scenario:
    """A pipeline, and what its steps need."""

    name: str
    body: str
    ends: str = "succeeded"
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asks: bool = False

    @property
    def text(self) -> str:
        """The whole program."""
        return AGENTS + self.body


CHAIN = Scenario(
    "chain",
    """pipeline p() {
  step a { call echo(text: "añil") }
  step b { call flaky(text: "${a.text} b") }
  step c { call slow(text: "${b.text} c") }
  step d after a { call echo(text: "d") }
  step e { return "${c.text} ${d.text}" }
  return e
}""",
    needs={"b": ("a",), "c": ("b",), "d": ("a",)},
)

ITEMS = Scenario(
    "items",
    """pipeline p() {
  step list { call echo(text: "uno dós tres") }
  step each for word in split(list.text, " ") {
    step first { call echo(text: word) }
    step inner for n in range(3) {
      call slow(text: "${first.text} ${n}")
      concurrency: 2
    }
    return "${first.text}: ${length(inner)}"
    key: "k-${word}"
  }
  step some for n in range(4) {
    call echo(text: if n == 2 then "${1 / (n - 2)}" else "n${n}")
    allow-failures: 1
  }
  return { each: each, some: [one.text for one in some], lost: length(failures(some)) }
}""",
    needs={"each/first": ("list",), "each/inner": ("each/first", "list")},
)

ROUNDS = Scenario(
    "rounds",
    """pipeline p() {
  step round repeat up to 5 {
    step draft { call echo(text: "${previous?.text ?? ""}y") }
    step checked { call flaky(text: "${draft.text}?") }
    until length(draft.text) == 3
    return { text: draft.text, was: checked.text }
    every: 3ms
  }
  step after-it { call echo(text: round.was) }
  return after-it.text
}""",
    needs={"round/checked": ("round/draft",), "after-it": ("round",)},
)

TURNS = Scenario(
    "turns",
    """pipeline p() {
  step first { call busy(text: "first")
    fallback { call never(text: "second, after ${error.kind}") }
    fallback { call echo(text: "third") } }
  step each for n in range(3) {
    call busy(text: "n${n}")
    fallback { call echo(text: "instead of n${n}") }
  }
  step last { call echo(text: "${first.text} ${length(each)}") }
  return last.text
}""",
    needs={"last": ("first", "each")},
)

UNDONE = Scenario(
    "undone",
    """pipeline p() {
  step hotel { call echo(text: "hotel")
    undo { call flaky(text: "sin ${hotel.text}") } }
  step seats after hotel for n in range(3) {
    call slow(text: "asiento ${n}")
    undo { call echo(text: "sin asiento ${n}") }
    concurrency: 1
  }
  step flight after seats { call echo(text: "vuelo")
    undo { call never(text: "sin vuelo") } }
  step paid after flight { call busy(text: "pago") }
  step sent after paid { call echo(text: "never") }
  on failure {
    step told { call echo(text: "falló ${error.step ?? "?"}") }
    step again after told { call flaky(text: "otra vez") }
  }
  on finish { step bye { call echo(text: "adiós") } }
  return sent.text
}""",
    ends="failed",
    needs={
        "seats": ("hotel",),
        "flight": ("seats",),
        "paid": ("flight",),
        "hotel/:undo": ("paid", "flight/:undo", "seats/:undo"),
        ":on-failure/told": ("hotel/:undo",),
        ":on-failure/again": (":on-failure/told",),
        ":on-finish/bye": (":on-failure/again",),
    },
)

CALLED = Scenario(
    "called",
    """pipeline p() {
  step first { call echo(text: "first")
    undo { call echo(text: "sin first") } }
  step good after first { call part(text: "bien") }
  step bad after good { call part(text: "mal")
    fallback { return "instead" } }
  step worse after bad { call never(text: "nothing") }
  on finish { step bye { call echo(text: "bye") } }
  return "${good} ${bad}"
}
pipeline part(text: string) -> string {
  step x { call echo(text: "x ${text}")
    undo { call flaky(text: "sin x ${text}") } }
  step y after x { call slow(text: "y ${text}")
    undo { call echo(text: "sin y ${text}") } }
  step z { return "${1 / (length(y.text) - 5)}" }
  on finish { step over { call echo(text: "over ${text}") } }
  return z
}""",
    ends="failed",
    needs={
        "good/x": ("first",),
        "good/y": ("good/x",),
        "good/:on-finish/over": ("good/y",),
        "bad/x": ("good",),
        "bad/x/:undo": ("bad/y/:undo",),
        "bad/:on-finish/over": ("bad/x/:undo",),
        "worse": ("bad",),
        "good/x/:undo": ("worse", "good/y/:undo"),
        "first/:undo": ("good/x/:undo",),
        ":on-finish/bye": ("first/:undo",),
    },
)

ASKED = Scenario(
    "asked",
    """pipeline p() {
  step draft { call echo(text: "borrador") }
  step first { call human.approve(message: "¿${draft.text}?") }
  step each after first for n in range(2) {
    step yes { call human.approve(message: "¿${n}?") }
    step sent when yes.approved { call slow(text: "sent ${n}") }
    return sent?.text
  }
  step told after each { call flaky(text: "said by ${first.by ?? "?"}: ${first.comment ?? "?"}") }
  return { told: told.text, each: each }
}""",
    needs={"each/sent": ("each/yes", "first"), "told": ("each",)},
    asks=True,
)

HURRIED = Scenario(
    "hurried",
    """pipeline p() {
  fail-fast: true
  step a { call echo(text: "a")
    undo { call echo(text: "sin a") } }
  step stays after a { call stuck(text: "for ever") }
  step breaks after a { call busy(text: "breaks") }
  on failure { step told { call slow(text: "told") } }
  return stays.text
}""",
    ends="failed",
    needs={
        "stays": ("a",),
        "breaks": ("a",),
        "a/:undo": ("breaks",),
        ":on-failure/told": ("a/:undo",),
    },
)

SCENARIOS = (CHAIN, ITEMS, ROUNDS, TURNS, UNDONE, CALLED, ASKED, HURRIED)
