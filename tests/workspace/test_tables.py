"""What runs say in numbers and charts, from real runs: read back as written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import misydsl
from misydsl.failures import MisyError
from misydsl.history.fold import fold
from misydsl.store.journal import Journal
from misydsl.workspace import compare, load, open_journal
from misydsl.workspace.overviews import histories, moment_of, summaries
from misydsl.workspace.runs import Run

FLOW = """misy 1
agent a(q: string) -> string
agent b(q: string) -> list[string]
pipeline todo "Año nuevo" (q: string) {
  step uno { call a(q) }
  step lista { call b(q: uno) }
  step cada for x in lista {
    step dentro { call inner(q: x) }
    return dentro
  }
  return cada
  on finish { step fin { call a(q: "fin") } }
}
pipeline inner(q: string) -> string {
  step i { call a(q) }
  return i
}
"""


def said(q: str) -> str:
    return f"{q}!"


def listed(q: str) -> list[str]:
    return [f"{q}{n}" for n in range(2)]


def ran(text: str = FLOW, q: str = "ñ") -> Run:
    return load(text, "todo").run(q=q, agents={"a": said, "b": listed})


def test_every_table_of_a_run_can_be_asked_for(journal: Journal) -> None:
    run = ran()
    assert run.status == "succeeded"
    assert len(run.attempts) == run.steps["attempts"].sum() == run.agents["attempts"].sum() == 5
    assert len(run.events) == run.history().last_seq
    assert run.failures.empty
    results = run.results().set_index(["step", "item"])
    assert results.loc[("cada", "1"), "value"] == "ñ!1!"
    assert "element" in run.results(explode=True)


def test_the_critical_path_is_the_whole_run(journal: Journal) -> None:
    run = ran()
    path = run.critical_path()
    assert path["duration_s"].sum() == pytest.approx(run.history().duration_s, abs=1e-4)
    steps = path["step"].tolist()
    assert steps[:2] == ["uno", "lista"]
    assert steps[-2:] == ["cada/dentro/i", ":on-finish/fin"]


def test_charts_show_themselves_and_can_be_saved(journal: Journal, folder: Path) -> None:
    run = ran()
    timeline = run.timeline()
    assert "critical path" in timeline.text
    assert repr(timeline) == timeline.text
    bundle = timeline._repr_mimebundle_()
    assert bundle["text/html"].startswith('<img alt="" src="data:image/svg+xml;base64,')
    assert timeline.save("línea.svg").read_text("utf-8") == timeline.svg
    assert timeline.save("línea.txt").read_text("utf-8") == timeline.text
    with pytest.raises(MisyError, match=r"use one of \.svg, \.txt"):
        timeline.save("línea.png")
    with pytest.raises(MisyError, match="cannot be written"):
        timeline.save(folder / "no" / "x.svg")
    latency = run.latency()
    assert "Año nuevo · how long calls took" in latency.text
    assert latency.svg.startswith("<svg")


def test_the_same_text_on_other_inputs_is_unchanged_and_gives_something_else(
    journal: Journal,
) -> None:
    table = compare(ran(), ran(q="otra"))
    assert not table["source_changed"].fillna(value=False).any()
    same = dict(zip(table["step"], table["same_result"], strict=True))
    assert {step for step, is_same in same.items() if is_same} == {":on-finish", ":on-finish/fin"}
    assert table.attrs["same_result"] is False


def test_layout_and_comments_are_no_change_and_what_a_step_uses_is_one(journal: Journal) -> None:
    before = ran()
    laid_out = FLOW.replace("{ call a(q) }", "{\n    # igual\n    call a(q)\n  }")
    assert not changed(before, ran(laid_out))
    settings = FLOW.replace("agent b(q: string) -> list[string]", "agent b(q: string) -> any")
    assert changed(before, ran(settings)) == {"lista"}
    inner = FLOW.replace("  step i { call a(q) }", '  step i { call a(q: q + "?") }')
    assert changed(before, ran(inner)) == {"cada", "cada/dentro", "cada/dentro/i"}


def changed(a: Run, b: Run) -> set[str]:
    table = misydsl.compare(a.id, b.id)
    return set(table[table["source_changed"].fillna(value=False)]["step"])


def test_runs_of_a_journal_are_chosen_by_time_pipeline_and_number(journal: Journal) -> None:
    ids = [ran().id for _ in range(3)]
    now = dt.datetime.now(dt.UTC)
    assert [row.run for row in summaries(journal, limit=2)] == ids[:0:-1]
    assert len(summaries(journal, since=now - dt.timedelta(hours=1), pipeline="todo")) == 3
    assert summaries(journal, since=now + dt.timedelta(hours=1)) == []
    assert len(summaries(journal, since=dt.timedelta(hours=1))) == 3
    assert len(misydsl.runs(limit=1, since="1h")) == 1


def test_runs_that_were_forgotten_meanwhile_are_left_out(journal: Journal) -> None:
    ran()
    chosen = summaries(journal)
    journal.collect(dt.datetime.now(dt.UTC).timestamp() + 10)
    fresh = open_journal(journal)
    assert [one for one in histories(fresh, chosen) if one.accepted is not None] == []


def test_a_moment_without_a_zone_is_one_of_here() -> None:
    naive = dt.datetime(2026, 3, 1, 12)  # noqa: DTZ001  # that is the point
    assert moment_of(naive) == naive.astimezone().timestamp()
    assert moment_of("2026-03-01") == dt.datetime(2026, 3, 1).astimezone().timestamp()  # as above
    assert moment_of(None) is None


def test_the_agents_of_a_journal_with_one_run_are_those_of_the_run(journal: Journal) -> None:
    run = ran()
    table = misydsl.agents()  # type: ignore[operator]  # a room that is called
    assert table["attempts"].sum() == len(fold(journal.read(run.id)).attempts)
