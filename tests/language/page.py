"""The generated parts of `grammar/README.md`: settings and functions.

In: the tables of the package. Out: Markdown between the page's marks; `python -m tests.language.page`
writes it, a test says when it is not up to date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from misydsl.expressions.functions import FUNCTIONS
from misydsl.language.card import result_words, spelled
from misydsl.pipeline.settings import SETTINGS, Place

PAGE: Final = Path(__file__).resolve().parents[2] / "grammar" / "README.md"
_WHERE: Final[dict[Place, str]] = {
    "defaults": "agent, step, pipeline `defaults`",
    "agent": "agent",
    "step": "step",
    "for": "step with `for`",
    "repeat": "step with `repeat`",
    "pipeline": "pipeline",
}


def part(text: str, name: str) -> str:
    """What stands between two marks of the page."""
    return text.split(f"<!-- {name}:begin -->\n", 1)[1].split(f"<!-- {name}:end -->", 1)[0]


def generated(text: str) -> str:
    """The page with its generated parts as they should be."""
    for name, lines in (("settings", settings_table()), ("functions", functions_table())):
        text = text.replace(
            f"<!-- {name}:begin -->\n{part(text, name)}",
            f"<!-- {name}:begin -->\n" + "".join(f"{line}\n" for line in lines),
        )
    return text


def settings_table() -> Iterator[str]:
    """Where, which, of what type, with which default, what for."""
    yield from (
        "| where | setting | type | default | what it says |",
        "| --- | --- | --- | --- | --- |",
    )
    shared = SETTINGS["defaults"]
    for place, words in _WHERE.items():
        for name, spec in SETTINGS[place].items():
            if place != "defaults" and name in shared:
                continue
            default = f"`{spec.default}`" if spec.default is not None else ""
            yield f"| {words} | `{name}` | {_code(spelled(spec.type))} | {default} | {spec.description} |"


def functions_table() -> Iterator[str]:
    """How it is called, what it gives, what for, and an example."""
    yield from ("| function | gives | what it is | example |", "| --- | --- | --- | --- |")
    for one in FUNCTIONS.values():
        example, value = one.example
        cells = (_code(one.written()), _code(result_words(one)), one.summary)
        yield f"| {' | '.join(cells)} | {_code(f'{example} → {value}')} |"


def _code(text: str) -> str:
    """Code in a cell of a table, where `|` has to be escaped."""
    return "`" + re.sub(r"\|", r"\\|", text) + "`"


if __name__ == "__main__":
    PAGE.write_text(generated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
