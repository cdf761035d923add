"""What pipelines and runs show of themselves in a notebook, with a twin as text.

In: a run or a pipeline. Out: bundles of MIME types for Jupyter: static HTML that needs no network, no
script and no trust, and the same as text. What cannot be drawn (the text of another version) is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from misydsl.clock import SYSTEM_CLOCK
from misydsl.failures import MisyError
from misydsl.graph.build import step_graph

if TYPE_CHECKING:
    from misydsl.workspace.pipelines import Pipeline
    from misydsl.workspace.recorded import RecordedRun

Bundle = dict[str, str]


def run_bundle(run: RecordedRun, *, ending: str = "") -> Bundle:
    """The report of a run; `ending` is what the one who shows it adds."""
    from misydsl.render.html_pieces import TEXT, word
    from misydsl.render.html_report import RunReport, report_html, report_text

    history = run.history()
    try:
        graph = step_graph(*run.program())
        timeline = run.timeline().svg if history.attempts else None
    except MisyError as problem:
        plain = f"{run!r}\nits text cannot be read any more: {problem}"
        return {"text/html": f'<div style="{TEXT}">{word(plain)}</div>', "text/plain": plain}
    report = RunReport(graph, history, SYSTEM_CLOCK.wall(), timeline, ending)
    return {"text/html": report_html(report), "text/plain": report_text(report)}


def pipeline_bundle(pipeline: Pipeline) -> Bundle:
    """A pipeline: its picture, inputs, agents and warnings."""
    from misydsl.diagnostics.html import render_html
    from misydsl.diagnostics.plain import render_all
    from misydsl.relations import describe
    from misydsl.render.html_pipeline import Input, PipelineCard, pipeline_html, pipeline_text

    warnings = pipeline.check()
    inputs = tuple(
        Input(one.name, describe(one.type), one.description or "", one.default is None)
        for one in pipeline.parameters
    )
    graph = step_graph(pipeline.meaning, pipeline.library)
    card = PipelineCard(graph, pipeline.description or "", inputs, len(warnings))
    html, plain = pipeline_html(card), pipeline_text(card)
    if warnings:
        html, plain = html + render_html(warnings), f"{plain}\n\n{render_all(warnings)}"
    return {"text/html": html, "text/plain": plain}
