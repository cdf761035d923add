"""How long calls took: a histogram per agent that may be named anything."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.render import AgentLatency, latency_svg, latency_text
from misydsl.render.theme import Appearance
from tests.render.test_svg import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"
WRITER = AgentLatency("escritor", [1.0, 2.0, 4.0], {"p50": 2.0, "p95": 3.8})
SCANNER = AgentLatency("scanner", [0.01] * 20, {"p50": 0.01})


@pytest.mark.parametrize("appearance", ["light", "dark", "auto"])
def test_each_agent_has_its_bars_and_its_marks(appearance: Appearance) -> None:
    root = ET.fromstring(latency_svg([WRITER, SCANNER], title="Año", appearance=appearance))
    words = [one.text for one in root.iter(f"{SVG}text")]
    for word in ("escritor", "3 calls", "20 calls", "p50 2.0 s", "p95 3.8 s", "10 ms", "10 s"):
        assert word in words
    bars = [one for one in root.iter(f"{SVG}rect") if one.get("class") == "b"]
    assert len(bars) == 4
    marks = [one for one in root.iter(f"{SVG}line") if one.get("class") == "m"]
    assert len(marks) == 3


def test_the_text_says_the_same() -> None:
    text = latency_text([WRITER, SCANNER], title="Año", width=80)
    assert text.splitlines()[0] == "Año · how long calls took"
    assert text.splitlines()[1].startswith("escritor ")
    assert text.splitlines()[1].endswith("p50 2.0 s  p95 3.8 s")
    assert text.splitlines()[3].split() == ["10", "ms", "10", "s"]


def test_no_calls_are_told() -> None:
    assert "no calls" in latency_text([], title="x")
    assert "no calls" in latency_svg([], title="x")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_words(name: str) -> None:
    svg = latency_svg([AgentLatency(name, [1.0], {"p50": 1.0})], title=name)
    assert {one.tag.removeprefix(SVG) for one in ET.fromstring(svg).iter()} == {
        *("svg", "title", "style", "rect", "text", "line"),
    }


@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=30))
def test_any_durations_fit_on_the_axis(durations: list[float]) -> None:
    agent = AgentLatency("a", durations, {"max": max(durations)})
    root = ET.fromstring(latency_svg([agent], title="t"))
    across = float(root.get("width", "0"))
    for one in root.iter(f"{SVG}rect"):
        if one.get("class") == "b":
            assert 0 <= float(one.get("x", "-1")) <= across
    counted = latency_text([agent], title="t").splitlines()[1]
    assert any(level in counted for level in "▁▂▃▄▅▆▇█")
