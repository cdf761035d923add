"""Static reports and live pictures, as HTML."""

from __future__ import annotations

import re
from base64 import b64decode
from html.parser import HTMLParser

from msgspec import Raw

from misydsl.failures import Failure
from misydsl.graph.build import StepGraph
from misydsl.history.events import (
    AttemptStarted,
    Event,
    FanOut,
    RunFinished,
    RunOwned,
    RunPaused,
    StepFailed,
    StepFinished,
)
from misydsl.render.html_live import live_picture, live_style
from misydsl.render.html_pieces import chip, folded, preformatted
from misydsl.render.html_pipeline import Input, PipelineCard, pipeline_html, pipeline_text
from misydsl.render.html_report import RunReport, report_html, report_text
from misydsl.render.run_rows import view_of
from tests.graph.pipelines import AGENTS, FAILED, accepted, graph_of, history_of

HOSTILE = '<img src=x onerror="alert(1)"> </script><b>'
GRAPH = graph_of(
    AGENTS
    + """pipeline p "Análisis" (xs: list[string]) {
  step out "<b>Fuera</b>" for x in xs { call a(q: x) }
  step last { call a(q: "1") }
}
"""
)


def chain(steps: int) -> StepGraph:
    lines = "".join(f'  step s{number} {{ call a(q: "1") }}\n' for number in range(steps))
    return graph_of(f"{AGENTS}pipeline p() {{\n{lines}}}\n")


def report(*events: Event, graph: StepGraph = GRAPH, ending: str = "") -> RunReport:
    return RunReport(graph, history_of(accepted(), *events), now=10.0, ending=ending)


def begun(step: str, item: str = "") -> AttemptStarted:
    return AttemptStarted(at=1.0, step=step, item=item, agent="a", key="k", timeout_s=30)


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_a_report_has_only_tags_that_survive_an_untrusted_notebook() -> None:
    failure = Failure("agent-error", HOSTILE, step="last", agent=HOSTILE)
    tags = _Tags(
        report_html(
            report(
                begun("last"),
                StepFailed(at=2.0, step="last", failure=failure, attempts=1),
                RunFinished(at=3.0, status="failed", failure=failure),
            )
        )
    )
    assert tags.seen <= {"div", "b", "span", "code", "img", "details", "summary"} | {
        *("table", "tr", "th", "td", "pre")
    }
    assert tags.attributes <= {"style", "alt", "src", "open"}


def test_a_report_brings_its_picture_as_data() -> None:
    html = report_html(report(begun("last")))
    source = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert source is not None
    svg = b64decode(source.group(1)).decode()
    assert svg.startswith("<svg ")
    assert "&lt;b&gt;Fuera&lt;/b&gt;" in svg


def test_a_failed_run_says_why_once_and_what_to_type_next() -> None:
    item = Failure("agent-error", "a raised ValueError: no", step="out", item="1")
    whole = Failure("items", f"1 of 2 items failed; the first: {item.message}", step="out")
    failed = report(
        FanOut(at=1.0, step="out", item="", count=2),
        begun("out", "1"),
        StepFailed(at=2.0, step="out", item="1", failure=item, attempts=1),
        StepFailed(at=2.0, step="out", failure=whole),
        RunFinished(at=3.0, status="failed", failure=whole),
    )
    text = report_text(failed)
    assert text.count("✗") == 1
    assert "only what failed: run.retry()" in text
    assert "<code>run.retry()</code>" in report_html(failed)


def test_a_paused_run_says_how_it_goes_on() -> None:
    events = (
        RunOwned(at=0.5, owner="o"),
        begun("last"),
        RunPaused(at=2.0, reason="the Stop button"),
    )
    told = report(*events, ending="stopped: run.resume() completes it")
    assert "paused (the Stop button); to go on: run.resume()" in report_text(report(*events))
    assert "stopped: run.resume() completes it" in report_html(told)
    assert "to go on" not in report_text(told)


def test_a_result_is_shown_and_a_huge_one_is_cut() -> None:
    small = RunFinished(at=3.0, status="succeeded", result=Raw(b'{"a":"<i>"}'))
    assert "&quot;a&quot;: &quot;&lt;i&gt;&quot;" in report_html(report(small))
    large = RunFinished(at=3.0, status="succeeded", result=Raw(b'"' + b"x" * 50_000 + b'"'))
    assert "run.result has all of it" in report_html(report(large))
    assert len(report_html(report(large))) < 40_000


def test_a_report_of_many_steps_and_failures_stays_short() -> None:
    graph = chain(400)
    events: list[Event] = [
        StepFailed(at=2.0, step=f"s{number}", failure=Failure("agent-error", f"no {number}!"))
        for number in range(20)
    ]
    many = report(*events, RunFinished(at=3.0, status="failed"), graph=graph)
    assert "more rows: <code>run.steps</code>" in report_html(many)
    assert "… and 12 more failures" in report_text(many)
    assert "… 250 more" in report_text(many)


def test_a_pipeline_shows_inputs_agents_and_counts() -> None:
    card = PipelineCard(
        GRAPH, HOSTILE, (Input("xs", "list[string]", "de qué", is_required=False),), 1
    )
    html = pipeline_html(card)
    assert "<img src=x" not in html
    assert "2 steps · 1 warning" in html
    assert "agents: a" in html
    assert "xs: list[string] (optional)" in pipeline_text(card)
    assert "inputs" not in pipeline_html(PipelineCard(GRAPH, "", (), 0))


def test_a_live_picture_is_coloured_from_outside() -> None:
    picture = live_picture(GRAPH, "m1-")
    events = (begun("last"), FanOut(at=1.0, step="out", item="", count=3), begun("out", "0"))
    view = view_of(GRAPH, history_of(accepted(), *events), now=2.0)
    sheet = picture.sheet(view.standings)
    assert "<script" not in picture.html
    assert "&lt;b&gt;Fuera" in picture.html
    assert ":is(#m1-n0,#m1-n1){--f:var(--running)" in sheet
    assert '#m1-cn0::after{content:"0/3"}' in sheet
    assert ".misy-live" in live_style()


def test_two_live_pictures_share_no_ids() -> None:
    ids = [set(re.findall(r'id="([^"]+)"', live_picture(GRAPH, one).html)) for one in ("a-", "b-")]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_a_picture_of_a_thousand_steps_is_folded_and_its_colours_are_few_bytes() -> None:
    graph = chain(1_000)
    picture = live_picture(graph, "m1-")
    events = [StepFinished(at=2.0, step=f"s{number}") for number in range(0, 1_000, 2)]
    failed = StepFailed(at=2.0, step="s1", failure=FAILED)
    view = view_of(graph, history_of(accepted(), *events, failed), now=3.0)
    sheet = picture.sheet(view.standings)
    assert len(picture.boxes) <= 90
    assert len(sheet.encode()) < 25_000
    assert "✗" in sheet


def test_pieces_escape_what_they_are_given() -> None:
    assert chip("<b>") == "&lt;b&gt;"
    assert "paused" in chip("paused")
    assert "<b>" not in folded("<b>", "")
    assert " open" in folded("x", "", is_open=True)
    assert "<b>" not in preformatted("<b>")


def test_a_step_that_was_tried_again_says_so_and_a_frame_has_its_labels() -> None:
    graph = graph_of(
        f'{AGENTS}pipeline p() {{\n  step g {{\n    step x {{ call a(q: "1") }}\n    return x\n  }}\n}}\n'
    )
    picture = live_picture(graph, "m1-")
    again = (begun("g/x"), begun("g/x"))
    view = view_of(graph, history_of(accepted(), *again), now=2.0)
    assert 'content:"↻ 2"' in picture.sheet(view.standings)
    assert 'id="m1-gn0"' in picture.html
