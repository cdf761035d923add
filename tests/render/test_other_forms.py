"""DOT, PNG, Mermaid and the timeline say the same as the SVG."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from misydsl.history.events import AttemptStarted
from misydsl.render import PictureUnavailable, programs, timeline_svg, to_dot, to_mermaid, to_png
from misydsl.render.programs import ProgramFailed
from tests.graph.pipelines import ENDED, EVERYTHING, STORY, accepted, chain, graph_of, history_of
from tests.render.test_svg import HOSTILE, hostile_graph

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="the program `dot` is missing")


def outside_of_quotes(dot: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', dot)


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

    @given(st.text(alphabet=st.characters()))
    @settings(max_examples=100)
    def test_quotes_and_backslashes_never_end_a_label(self, title: str) -> None:
        plain = outside_of_quotes(to_dot(hostile_graph("!")))
        assert outside_of_quotes(to_dot(hostile_graph(f"! {title}"))) == plain

    def test_a_title_that_looks_like_html_or_a_keyword_is_quoted(self) -> None:
        for title in ("<b>bold</b>", "graph", "12"):
            assert f'label="{title}' in to_dot(hostile_graph(title))

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
        monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
        with pytest.raises(PictureUnavailable, match=r"install Graphviz .* or write an \.svg"):
            to_png(graph_of(chain(2)))

    def test_a_program_that_fails_is_told(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        broken = tmp_path / "dot"
        broken.write_text("#!/bin/sh\necho roto >&2\nexit 1\n")
        broken.chmod(0o755)
        monkeypatch.setattr(shutil, "which", lambda *_, **__: str(broken))
        with pytest.raises(ProgramFailed, match="dot failed: roto"):
            to_png(graph_of(chain(2)))

    def test_a_program_that_hangs_is_stopped(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        hanging = tmp_path / "dot"
        hanging.write_text("#!/bin/sh\nexec sleep 60\n")
        hanging.chmod(0o755)
        monkeypatch.setattr(shutil, "which", lambda *_, **__: str(hanging))
        monkeypatch.setattr(programs, "TIMEOUT_S", 0.1)
        with pytest.raises(ProgramFailed, match="could not be run"):
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
    @pytest.mark.parametrize("title", [*HOSTILE, "a\ud800b"])
    def test_hostile_words_are_only_words(self, title: str) -> None:
        attempt = AttemptStarted(at=101.0, step=title, item=title, agent="a", key="k", timeout_s=30)
        svg = timeline_svg(history_of(replace(accepted(), title=title), attempt))
        names = {one.tag.rpartition("}")[2] for one in ET.fromstring(svg).iter()}
        assert names <= {"svg", "title", "style", "rect", "text", "line"}
        svg.encode()

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
