"""DOT, PNG, Mermaid and the timeline say the same as the SVG."""

from __future__ import annotations

import shutil
import subprocess
from xml.etree import ElementTree as ET

import graphviz
import pytest
from msgspec.structs import replace

from misydsl.history.events import AttemptStarted
from misydsl.render import PictureUnavailable, timeline_svg, to_dot, to_mermaid, to_png
from misydsl.render.programs import ProgramFailed
from tests.graph.pipelines import ENDED, EVERYTHING, STORY, accepted, chain, graph_of, history_of
from tests.render.test_svg import HOSTILE, hostile_graph

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="the program `dot` is missing")


class TestDot:
    def test_titles_frames_and_links(self) -> None:
        text = to_dot(graph_of(EVERYTHING), history_of(*STORY))
        assert "Descubrir" in text
        assert "subgraph cluster_" in text
        assert "style=dashed" in text
        assert "✓" in text
        assert "on failure" in text

    @needs_dot
    @pytest.mark.parametrize("title", HOSTILE)
    def test_hostile_words_stay_words(self, title: str) -> None:
        text = to_dot(hostile_graph(title))
        done = subprocess.run(
            ["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=True, timeout=20
        )
        assert b"<script" not in done.stdout
        ET.fromstring(done.stdout)

    @needs_dot
    def test_links_between_frames_are_drawn(self) -> None:
        text = """pipeline p() {
  step g { step x { return 1 }
    return x }
  step h after g { step y { return 2 }
    return y }
}"""
        drawn = to_dot(graph_of(text))
        assert "ltail" in drawn
        assert "lhead" in drawn


class TestPng:
    @needs_dot
    def test_it_is_a_png(self) -> None:
        assert to_png(graph_of(EVERYTHING)).startswith(b"\x89PNG")

    def test_without_dot_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(*_: object, **__: object) -> bytes:
            raise graphviz.ExecutableNotFound(["dot"])

        monkeypatch.setattr(graphviz.Digraph, "pipe", missing)
        with pytest.raises(PictureUnavailable, match="install Graphviz"):
            to_png(graph_of(chain(2)))

    def test_a_program_that_fails_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def failing(*_: object, **__: object) -> bytes:
            raise graphviz.CalledProcessError(1, ["dot"], stderr="broken")

        monkeypatch.setattr(graphviz.Digraph, "pipe", failing)
        with pytest.raises(ProgramFailed, match="dot failed"):
            to_png(graph_of(chain(2)))


class TestMermaid:
    def test_titles_frames_links_and_colours(self) -> None:
        text = to_mermaid(graph_of(EVERYTHING), history_of(*STORY))
        assert text.startswith("flowchart TD\n")
        assert "Descubrir<br/>a" in text
        assert "subgraph" in text
        assert "-.->" in text
        assert "-->" in text
        assert ":::succeeded" in text
        assert "classDef failed" in text

    @pytest.mark.parametrize("title", HOSTILE)
    def test_hostile_words_are_entities(self, title: str) -> None:
        text = to_mermaid(hostile_graph(title))
        for line in text.splitlines():
            if '["' in line:
                label = line.partition('["')[2].rpartition('"]')[0].replace("<br/>", "")
                assert not set(label) & set('"<>\\{}[]|`')


class TestTimeline:
    def test_attempts_waits_and_ends_are_shown(self) -> None:
        svg = timeline_svg(history_of(*ENDED))
        root = ET.fromstring(svg)
        titles = [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}title")]
        assert any("primero: attempt 1 failed" in one for one in titles)
        assert any("primero: attempt 2 succeeded" in one for one in titles)
        assert any("ocho [0]" in one for one in titles)

    def test_a_run_that_goes_on_and_one_without_attempts(self) -> None:
        ET.fromstring(timeline_svg(history_of(*STORY)))
        ET.fromstring(timeline_svg(history_of(accepted())))
        ET.fromstring(timeline_svg(history_of()))

    def test_many_steps_and_items_are_bounded(self) -> None:
        attempt = AttemptStarted(at=101.0, step="s", agent="a", key="k", timeout_s=30)
        steps = [replace(attempt, step=f"paso-{n}") for n in range(200)]
        items = [replace(attempt, item=str(n), at=101.0 + n / 1000) for n in range(500)]
        svg = timeline_svg(history_of(accepted(), *steps, *items))
        ET.fromstring(svg)
        assert len(svg) < 400_000
        assert "more steps" in svg

    @pytest.mark.parametrize("seconds", [0.05, 3, 90, 4000, 90_000])
    def test_every_scale_has_round_ticks(self, seconds: float) -> None:
        attempt = AttemptStarted(at=100.0 + seconds, step="s", agent="a", key="k", timeout_s=30)
        ET.fromstring(timeline_svg(history_of(accepted(), attempt)))
