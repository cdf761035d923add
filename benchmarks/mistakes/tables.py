"""The tables: every word of every tool, and the short one of the README.

In: mistakes with their outcomes by tool. Out: Markdown. `told` is what ours says, first line and cure; the short
table says of the others who notices when, and marks (=) who names both the line and a cure before the
run, as ours does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.mistakes.mistake import NO, Mistake
from benchmarks.mistakes.tools import OURS, PEERS, TOOLS, Tool
from benchmarks.mistakes.trial import Outcome, When

SHORT = {
    When.BEFORE: "before the run",
    When.DURING: "at run time",
    When.NEVER: "silently wrong",
    When.NOT_BEFORE: "passes the check",
    When.ABSENT: "no such setting",
}

Outcomes = Mapping[str, Outcome]
Tried = Sequence[tuple[Mistake, Outcomes]]


def short(tried: Tried) -> str:
    """One row a mistake: what ours says, and who of the others notices when."""
    rows = (
        (one.title, _code(outcomes[OURS.name].words), _others(one, outcomes))
        for one, outcomes in tried
    )
    return _table(("mistake", "MisyDSL, before the run", "the others"), rows)


def whole(tried: Tried) -> str:
    """One table a mistake, with every tool that was tried."""
    head = ("tool", "noticed", "words", "place", "cure")
    return "\n\n".join(
        f"### {number}. {one.title.capitalize()}\n\n"
        + _table(head, (_row(one, tool, outcomes) for tool in TOOLS if tool.name in outcomes))
        for number, (one, outcomes) in enumerate(tried, 1)
    )


def known_versions(versions: Mapping[str, str]) -> str:
    """The tools with their versions, and those that are missing."""
    return ", ".join(f"{one.title} {versions.get(one.name, '(not installed)')}" for one in TOOLS)


def _others(mistake: Mistake, outcomes: Outcomes) -> str:
    groups: dict[When, list[str]] = {when: [] for when in When}
    for tool in PEERS:
        if tool.name in outcomes:
            outcome = outcomes[tool.name]
            groups[outcome.when].append(_marked(mistake, tool, outcome))
    return "; ".join(
        f"{SHORT[when]}: {', '.join(names)}" for when, names in groups.items() if names
    )


def _marked(mistake: Mistake, tool: Tool, outcome: Outcome) -> str:
    is_as_good = outcome.when is When.BEFORE and outcome.is_known
    return f"{tool.title} (=)" if is_as_good and mistake.judged[tool.name].is_full else tool.title


def _row(mistake: Mistake, tool: Tool, outcomes: Outcomes) -> tuple[str, ...]:
    outcome, judged = outcomes[tool.name], mistake.judged[tool.name]
    notes = [judged.note or judged.missing]
    if not outcome.is_known:
        notes = ["new words, not judged yet"]
    elif outcome.when is When.NOT_BEFORE:
        notes.append(f"not run: {tool.cannot_run}")
    said = [_code(outcome.words)] * bool(outcome.words) + [note for note in notes if note]
    has_words = bool(outcome.words) and outcome.is_known and outcome.when is not When.NEVER
    place, cure = (judged.place, judged.cure) if has_words else (NO, NO)
    return (tool.title, outcome.when.value, "<br>".join(said), place, cure)


def _code(words: str) -> str:
    """Words as code; a bar would end the cell, and words with backticks need two of them."""
    safe = words.replace("|", "\\|")
    return f"`` {safe} ``" if "`" in safe else f"`{safe}`"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
