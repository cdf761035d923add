"""What `misy explain CODE` knows about one code, as data.

In: the words and examples of the catalogue. Out: `Explanation`: title, cause, a text that gets the code
and the same text mended. The examples are whole files, so that a test can prove what is claimed of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Literal

Moment = Literal["check", "strict", "run", "serve", "write"]
"""When a code is told: by every check, by a strict check only, while a run computes a value, by a server that
knows its agents, or when a pipeline is written as JSON."""
Language = Literal["misy", "json"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code, for people who met it."""

    code: str
    title: str
    cause: str
    bad: str
    """A whole file that gets the code."""
    good: str
    """The same file, mended."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Files that stand beside it, by name."""
    moment: Moment = "check"
    encoding: str = "utf-8"
    """How the bad file is saved."""
    language: Language = "misy"
    """What the examples are written in, which is also the suffix of such files."""


def explained(
    code: str,
    title: str,
    cause: str,
    *,
    bad: str,
    good: str,
    files: Mapping[str, str] | None = None,
    moment: Moment = "check",
    encoding: str = "utf-8",
    language: Language = "misy",
) -> Explanation:
    """An entry of the catalogue; texts may be indented as the code around them is."""
    return Explanation(
        code=code,
        title=title,
        cause=" ".join(cause.split()),
        bad=f"{cleandoc(bad)}\n",
        good=f"{cleandoc(good)}\n",
        files={name: f"{cleandoc(text)}\n" for name, text in (files or {}).items()},
        moment=moment,
        encoding=encoding,
        language=language,
    )
