"""The page about the language is true: every example in it is checked, every table is the code's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

import misydsl
from misydsl.expressions.limits import Limits
from misydsl.language.abridging import MOST_ERRORS
from misydsl.language.brackets import DEPTH_LIMIT
from misydsl.language.modifiers import MOST_ROUNDS
from misydsl.language.tokens import RESERVED, SOFT_KEYWORDS
from misydsl.language.type_expressions import BUILT_IN_TYPES
from misydsl.runner.fans import MAX_ITEMS
from misydsl.workspace.checking import check_text
from tests.language.page import PAGE, generated, part

TEXT: Final = PAGE.read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"^```misy(.*)\n((?:.*\n)*?)```$", TEXT, re.MULTILINE)
AGENTS: Final = """
agent writer(prompt: string) -> { text: string }
agent critic(text: string) -> { ok: bool }
agent poster(text: string) -> any
agent charge(order: string, amount: float) -> { payment: string }
agent refund(payment: string) -> any
"""
FRAGMENT: Final = " in a pipeline, with "


def whole(mark: str, block: str) -> str:
    """An example as a file: a fragment stands in a pipeline with the inputs it names."""
    if not mark:
        return block
    assert mark.startswith(FRAGMENT), mark
    return f"{AGENTS}\npipeline example({mark.removeprefix(FRAGMENT)}) {{\n{block}}}\n"


@pytest.mark.parametrize(("mark", "block"), BLOCKS)
def test_every_example_has_nothing_wrong_not_even_a_warning(mark: str, block: str) -> None:
    said = check_text(whole(mark, block)).diagnostics
    # A fragment shows how something is made, not what for.
    assert [one for one in said if not mark or not one.message.endswith("never used")] == []


def test_no_example_hides_from_the_test_above() -> None:
    assert len(BLOCKS) == TEXT.count("```misy") >= 7


def test_the_whole_example_runs(tmp_path: Path) -> None:
    def buscador(red: str, tema: str, días: int) -> list[dict[str, object]]:  # noqa: PLC2401  # accents work everywhere
        strength = 0.9 if tema == "ia" else 0.1
        return [{"nombre": f"{tema} en {red}, {días} días", "fuerza": strength}]

    def guionista(encargo: str) -> dict[str, str]:
        return {"texto": encargo.splitlines()[2]}

    pipeline = misydsl.load(BLOCKS[0][1])
    agents: dict[str, Callable[..., object]] = {"buscador": buscador, "guionista": guionista}
    run = pipeline.run(agents=agents, journal=tmp_path / "journal.db", temas=["ia", "té"])
    assert run.status == "succeeded"
    assert run.result == ["- ia en tiktok, 7 días (90 %)", "Nada que contar sobre té"]


def test_settings_and_functions_are_those_of_the_code() -> None:
    """Else: `python -m tests.language.page`."""
    assert generated(TEXT) == TEXT


def _said(name: str) -> list[str]:
    rows = [row.split("|")[2].strip() for row in part(TEXT, name).splitlines()]
    return [row.replace(" ", "") for row in rows[2:]]


def test_the_limits_are_those_of_the_code() -> None:
    limits = Limits()
    numbers = (DEPTH_LIMIT, limits.list_items, limits.text_length, limits.steps, MAX_ITEMS)
    assert _said("limits")[:5] == [str(one) for one in numbers]
    assert _said("limits")[5:] == [str(MOST_ROUNDS), f"{MOST_ERRORS},andhowmanymore"]


def test_every_type_and_every_word_of_the_language_is_told() -> None:
    types = TEXT.split("\n## Types\n")[1].split("\n## ")[0]
    assert [one for one in BUILT_IN_TYPES if not re.search(rf"`{one}(\[T\])?`", types)] == []
    [reserved] = re.findall(r"^- Reserved are only (.+)\. Every", TEXT, re.MULTILINE)
    assert re.findall(r"`(\w+)`", reserved) == sorted(RESERVED)
    assert [one for one in SOFT_KEYWORDS if not re.search(rf"`[^`\n]*\b{one}\b", TEXT)] == []


def test_the_contents_lead_to_every_section() -> None:
    prose = re.sub(r"^```(?:.*\n)*?```$", "", TEXT, flags=re.MULTILINE)
    titles = re.findall(r"^## (.+)$", prose, re.MULTILINE)
    links = re.findall(r"\[([^\]]+)\]\(#([a-z-]+)\)", TEXT)
    assert [title for title, _ in links] == titles
    assert [anchor for _, anchor in links] == [
        re.sub(r"[^a-z -]", "", one.lower()).replace(" ", "-") for one in titles
    ]
