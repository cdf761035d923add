"""What README.md and docs/notebook.md show of notebooks, typed into a shell; and nothing is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from misydsl.notebook.completion import OPTIONS
from misydsl.notebook.line_magics import COMMANDS
from tests.notebook.shells import Typed

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "notebook.md"


@pytest.mark.parametrize(
    ("page", "result"), [(GUIDE, ["ia fácil", "ia barato"]), (ROOT / "README.md", "ia fácil")]
)
def test_its_cells_do_what_they_say(typed: Typed, page: Path, result: object) -> None:
    cells = re.findall(r"^```ipython\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(cells) == 3
    for one in cells:
        typed.cell(one)
    assert typed.value("run").result == result


def test_every_command_and_option_is_in_the_guide() -> None:
    text = GUIDE.read_text("utf-8")
    commands = text.partition("## `%misy COMMAND`")[2]
    assert set(re.findall(r"^\| `(\w+)", commands, re.MULTILINE)) == set(COMMANDS)
    assert [one for one in OPTIONS if one not in text] == []
