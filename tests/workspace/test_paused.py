"""What is asked of a run that this process paused: it is kept, as if somebody else had asked."""

from __future__ import annotations

from misydsl.store.journal import Journal
from misydsl.workspace.pipelines import load
from misydsl.workspace.runs import Run

TEXT = """
agent work(q: string) -> string
pipeline asking {
  step ok { call human.approve(message: "¿Sí?") }
  step one when ok.approved { call work(q: "ia") }
  return one
}
"""
AGENTS = {"work": lambda q: q.upper()}


def paused(journal: Journal) -> Run:
    run = load(TEXT).start(agents=AGENTS, journal=journal)
    while not run.questions:
        run.journal.read(run.id)
    run.pause("me")
    run.wait(10)
    assert run.status == "paused"
    return run


def test_an_answer_to_a_paused_run_is_taken_by_its_resume(journal: Journal) -> None:
    run = paused(journal)
    run.approve("ok")
    resumed = run.resume(agents=AGENTS)
    assert resumed.wait(10) == "succeeded"
    assert resumed.result == "IA"


def test_a_paused_run_is_cancelled_for_good(journal: Journal) -> None:
    run = paused(journal)
    run.cancel("me")
    assert run.journal.find(run.id).status == "cancelled"
    assert run.history().cancelled_by == "me"
