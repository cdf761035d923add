"""Small ways to ask the checker in tests: a text in, codes, words and types out."""

from __future__ import annotations

from misydsl.diagnostics import Diagnostic
from misydsl.language.check import Checked, check_modules
from misydsl.pipeline.model import Pipeline, Step
from misydsl.relations import describe

AGENT = """
agent a(q: string, n: int = 1) -> {
  text: string, ok: bool, score: float?, tags: list[string], kind: "x" | "y"
}
agent vague(q: any)
"""


ABOUT_SMALL_TEXTS = frozenset({"W0905", "W0910", "W0911", "W0912", "W0913", "W0914", "W0915"})
"""Lints that tests of other things would meet at every turn: their texts show one thing only."""


def check(text: str, **files: str) -> Checked:
    """The checked `main.misy`; other files by name, `agents_misy` for `agents.misy`."""
    named = {name.replace("_", "."): body for name, body in files.items()}
    texts = {"main.misy": text, **named}
    return check_modules(texts, "main.misy", allowed=ABOUT_SMALL_TEXTS)


def diagnostics(text: str, **files: str) -> tuple[Diagnostic, ...]:
    """What is wrong, in order."""
    return check(text, **files).diagnostics


def strict_diagnostics(text: str) -> tuple[Diagnostic, ...]:
    """What is wrong under --strict; that agents have no address (E0403) is left out."""
    texts = {"main.misy": text}
    found = check_modules(texts, "main.misy", strict=True, allowed=ABOUT_SMALL_TEXTS).diagnostics
    return tuple(one for one in found if one.code != "E0403")


def codes(text: str, **files: str) -> list[str]:
    """The codes of what is wrong, in order."""
    return [one.code for one in diagnostics(text, **files)]


def in_pipeline(body: str, parameters: str = "") -> str:
    """A file with the agents above and one pipeline `p`."""
    return f"{AGENT}\npipeline p({parameters}) {{\n{body}\n}}\n"


def pipeline(text: str, name: str = "p", **files: str) -> Pipeline:
    """A pipeline of a file that is right."""
    checked = check(text, **files)
    assert not [one for one in checked.diagnostics if one.is_error], checked.diagnostics
    assert checked.library is not None
    found = checked.library.find("main.misy", name)
    assert isinstance(found, Pipeline)
    return found


def step(body: str, name: str = "s", parameters: str = "") -> Step:
    """A step of the one pipeline of a file that is right."""
    steps = pipeline(in_pipeline(body, parameters)).block.steps
    return next(one for one in steps if one.name == name)


def step_type(body: str, name: str = "s", parameters: str = "") -> str:
    """The type of a step as other steps see it, as a person would write it."""
    return describe(step(body, name, parameters).type)


def written(found: Diagnostic) -> str:
    """The text a diagnostic points at."""
    return found.source.text[found.span.start : found.span.end]


def mended(text: str) -> str:
    """The text after all fixes of the file, the last first."""
    edits = [edit for one in diagnostics(text) if one.fix for edit in one.fix.edits]
    for edit in sorted(edits, key=lambda one: one.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text
