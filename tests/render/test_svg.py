"""SVG: everything in its place, nothing that could do harm."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misydsl.graph.build import StepGraph, StepNode
from misydsl.render import programs
from misydsl.render.composition import Composition, PlacedBox, compose
from misydsl.render.drawing import drawing_of
from misydsl.render.folding import folded, levels_of
from misydsl.render.layout import Flat, lay_out
from misydsl.render.programs import ProgramFailed
from misydsl.render.svg import to_svg
from misydsl.render.theme import DARK, LIGHT, SIGNS, contrast
from tests.graph.pipelines import (
    ENDED,
    EVERYTHING,
    STORY,
    chain,
    graph_of,
    history_of,
    layers,
)

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "<script>alert(1)</script>",
    "a\"b'c&d<e>",
    "línea\nuno\ttab",
    "back\\slash\\n",
    "x" * 10_000,
    "\u202eevil\u202c",
    "👩‍👩‍👧 emoji",
    "\x00\x07control",
    "año ñandú Ü 漢字",
]


def words(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ET.fromstring(svg).iter(f"{SVG}text")]


def hostile_graph(title: str) -> StepGraph:
    nodes = (
        StepNode(0, "s", "s", title, "call", agent=title),
        StepNode(1, "t", "t", title, "group"),
        StepNode(2, "t/u", "u", title, "value", parent=1),
    )
    return StepGraph(title, title, nodes, (), (0, 1), {1: (2,)})


def overlap(one: PlacedBox, two: PlacedBox) -> bool:
    apart = (
        one.x + one.width <= two.x
        or two.x + two.width <= one.x
        or one.y + one.height <= two.y
        or two.y + two.height <= one.y
    )
    return not apart


def leaves(page: Composition) -> list[PlacedBox]:
    return [one for one in page.boxes if one.box.inner is None]


class TestWords:
    def test_titles_agents_counts_and_marks_are_there(self) -> None:
        shown = words(to_svg(graph_of(EVERYTHING), use_program=False))
        for word in ("Año «nuevo»", "Descubrir", "Guión por tema", "× xs", "× 8", "a", "b"):
            assert word in " ".join(shown)
        assert any("↻ up to 3" in one for one in shown)
        assert any("fallback" in one and "if" in one for one in shown)
        assert "on failure" in shown
        assert "on finish" in shown

    def test_a_history_shows_status_progress_and_a_legend(self) -> None:
        svg = to_svg(graph_of(EVERYTHING), history_of(*STORY), use_program=False)
        shown = " ".join(words(svg))
        assert "running" in shown
        assert "1/8 done · 1 failed" in shown
        assert "2 attempts" in shown
        for status in ("succeeded", "failed", "skipped", "blocked", "running", "waiting"):
            assert SIGNS[status].glyph in shown
            assert f"st-{status}" in svg

    def test_the_end_of_a_run_is_told_above(self) -> None:
        shown = words(to_svg(graph_of(EVERYTHING), history_of(*ENDED), use_program=False))
        assert any(one.startswith("failed · ") for one in shown)

    def test_data_is_solid_and_order_is_dashed(self) -> None:
        root = ET.fromstring(to_svg(graph_of(EVERYTHING), use_program=False))
        kinds = [one.get("class") for one in root.iter(f"{SVG}path")]
        assert kinds.count("order") == 1
        assert kinds.count("data") == 2
        assert len(list(root.iter(f"{SVG}polygon"))) == 3


class TestHarm:
    @pytest.mark.parametrize("title", HOSTILE)
    @pytest.mark.parametrize("use_program", [False, True])
    def test_hostile_words_are_only_words(self, title: str, use_program: bool) -> None:
        svg = to_svg(hostile_graph(title), use_program=use_program)
        root = ET.fromstring(svg)
        names = {one.tag.removeprefix(SVG) for one in root.iter()}
        assert names <= {"svg", "title", "style", "rect", "g", "text", "path", "polygon"}
        for one in root.iter():
            assert not [key for key in one.attrib if key.startswith("on") or "href" in key]
        assert len(svg) < 20_000

    @given(st.text())
    @settings(max_examples=60)
    def test_any_title_gives_well_formed_xml(self, title: str) -> None:
        ET.fromstring(to_svg(hostile_graph(title), use_program=False))

    def test_lone_surrogates_are_no_problem(self) -> None:
        to_svg(hostile_graph("a\ud800b"), use_program=False).encode()

    def test_ids_are_prefixed_so_that_two_pictures_stay_apart(self) -> None:
        svg = to_svg(graph_of(EVERYTHING), id_prefix="run7-", use_program=False)
        ids = re.findall(r'id="([^"]*)"', svg)
        assert ids
        assert all(one.startswith("run7-") for one in ids)
        assert len(set(ids)) == len(ids)

    def test_nothing_comes_from_outside(self) -> None:
        svg = to_svg(graph_of(EVERYTHING))
        assert "url(" not in svg
        assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
        assert "foreignObject" not in svg


class TestPlaces:
    @pytest.mark.parametrize("text", [EVERYTHING, chain(7), chain(40), layers(4, 5)])
    @pytest.mark.parametrize("use_program", [False, True])
    def test_no_two_boxes_overlap(self, text: str, use_program: bool) -> None:
        program = programs.graphviz_program() if use_program else None
        page = compose(drawing_of(graph_of(text)), program)
        boxes = leaves(page)
        for number, one in enumerate(boxes):
            assert not [two for two in boxes[number + 1 :] if overlap(one, two)]
            assert 0 <= one.x <= one.x + one.width <= page.width
            assert 0 <= one.y <= one.y + one.height <= page.height

    def test_a_frame_holds_what_is_inside(self) -> None:
        page = compose(drawing_of(graph_of(EVERYTHING)))
        by_id = {one.box.id: one for one in page.boxes}
        graph = graph_of(EVERYTHING)
        frame = by_id[f"n{graph.node('cada').id}"]
        inner = by_id[f"n{graph.node('cada/borrador').id}"]
        assert frame.x <= inner.x
        assert inner.x + inner.width <= frame.x + frame.width
        assert frame.y <= inner.y
        assert inner.y + inner.height <= frame.y + frame.height

    def test_the_same_graph_gives_the_same_picture(self) -> None:
        graph = graph_of(EVERYTHING)
        assert to_svg(graph, use_program=False) == to_svg(graph, use_program=False)

    @given(
        st.integers(1, 12).flatmap(
            lambda count: st.tuples(
                st.just(count),
                st.lists(
                    st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=20
                ),
                st.sampled_from(["down", "right"]),
            )
        )
    )
    @settings(max_examples=80)
    def test_any_graph_is_laid_out_without_overlap(
        self, drawn: tuple[int, list[tuple[int, int]], str]
    ) -> None:
        count, links, direction = drawn
        sizes = tuple((80.0 + 7 * n, 40.0 + 3 * n) for n in range(count))
        placed = lay_out(Flat(sizes, tuple(links), direction))  # type: ignore[arg-type]
        assert len(placed.routes) == len(links)
        for one in range(count):
            for two in range(one + 1, count):
                x, y = placed.corners[one]
                other_x, other_y = placed.corners[two]
                assert (
                    x + sizes[one][0] <= other_x + 0.01
                    or other_x + sizes[two][0] <= x + 0.01
                    or y + sizes[one][1] <= other_y + 0.01
                    or other_y + sizes[two][1] <= y + 0.01
                )

    def test_nothing_is_laid_out_as_nothing(self) -> None:
        assert lay_out(Flat((), ())).corners == ()
        ET.fromstring(to_svg(graph_of("pipeline p() { return 1 }")))


class TestFolding:
    @pytest.mark.parametrize("text", [chain(400), layers(5, 90)])
    def test_what_is_too_much_is_drawn_together(self, text: str) -> None:
        graph = graph_of(text)
        page = compose(drawing_of(graph))
        assert len(page.boxes) < 100
        assert any("more steps" in "".join(one.titles) for one in page.boxes)
        assert to_svg(graph, history_of(*STORY), use_program=False).count("<g ") < 110

    def test_groups_fold_too(self) -> None:
        inner = "\n".join(f"    step t{n} {{ return {n} }}" for n in range(400))
        text = f"pipeline p() {{\n  step g {{\n{inner}\n    return t0\n  }}\n}}"
        page = compose(drawing_of(graph_of(text)))
        assert 1 < len(page.boxes) < 100

    def test_deep_nesting_ends_in_a_count(self) -> None:
        text = "return 1"
        for depth in range(9):
            text = f"step s{depth} {{ {text} }}" + ("" if depth == 8 else f"\n return s{depth}")
        graph = graph_of(f"pipeline p() {{ {text} }}")
        assert "1 steps inside" in to_svg(graph, use_program=False)

    def test_levels_count_the_longest_way(self) -> None:
        levels, order = levels_of(4, [(0, 1), (1, 2), (0, 2), (3, 3)])
        assert levels == [0, 1, 2, 0]
        assert sorted(order) == [0, 1, 2, 3]

    def test_a_circle_has_levels_all_the_same(self) -> None:
        levels, _ = levels_of(3, [(0, 1), (1, 2), (2, 0)])
        assert sorted(levels) == [0, 1, 2]

    def test_what_matters_is_shown_first(self) -> None:
        groups = folded(50, [], most=10, importance=lambda one: int(one == 42))
        assert [42] in groups
        assert sorted(one for group in groups for one in group) == list(range(50))


class TestPrograms:
    def test_a_program_that_fails_is_answered_by_our_own_layout(self, tmp_path: Path) -> None:
        broken = tmp_path / "dot"
        broken.write_text("#!/bin/sh\nexit 3\n")
        broken.chmod(0o755)
        drawing = drawing_of(graph_of(chain(3)))
        assert compose(drawing, broken) == compose(drawing)
        with pytest.raises(ProgramFailed, match="dot failed"):
            programs.run_program(broken, [], "digraph {}")

    def test_a_program_that_is_not_there_or_talks_nonsense(self, tmp_path: Path) -> None:
        with pytest.raises(ProgramFailed, match="could not be run"):
            programs.run_program(tmp_path / "nothing", [], "")
        odd = tmp_path / "odd"
        flat = Flat(((10.0, 10.0),), ())
        for answer in ("", "stop\\nstop\\n", "graph 1 1 1\\nnose 1\\nstop\\n", "node x\\nstop\\n"):
            odd.write_text(f"#!/bin/sh\nprintf '{answer}'\n")
            odd.chmod(0o755)
            with pytest.raises(ProgramFailed):
                programs.lay_out_with(odd, [flat])

    def test_without_any_program_there_is_a_picture(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("shutil.which", lambda *_, **__: None)
        assert programs.graphviz_program() is None
        ET.fromstring(to_svg(graph_of(EVERYTHING)))


class TestColours:
    @pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
    def test_every_ink_can_be_read(self, palette: object) -> None:
        assert palette in (LIGHT, DARK)
        chosen = LIGHT if palette is LIGHT else DARK
        for tone in chosen.tones.values():
            for ink in (tone.ink, tone.small, tone.glyph):
                assert contrast(ink, tone.fill) >= 4.5
            assert contrast(tone.glyph, chosen.page) >= 4.5
        for ink in (chosen.ink, chosen.small):
            assert contrast(ink, chosen.page) >= 4.5
            assert contrast(ink, chosen.frame) >= 4.5

    def test_black_on_white_is_21(self) -> None:
        assert contrast("#000000", "#ffffff") == pytest.approx(21)

    @pytest.mark.parametrize("appearance", ["light", "dark", "auto"])
    def test_a_picture_has_the_colours_asked_for(self, appearance: str) -> None:
        svg = to_svg(graph_of(EVERYTHING), appearance=appearance, use_program=False)  # type: ignore[arg-type]
        assert (LIGHT.tones["plain"].fill in svg) == (appearance != "dark")
        assert (DARK.tones["plain"].fill in svg) == (appearance != "light")
