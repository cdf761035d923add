"""What `misy explain CODE` knows about one code, as data.

In: the words and examples of the catalogue. Out: `Explanation`: title, cause, a text that gets the code
and the same text mended. The examples are whole files, so that a test can prove what is claimed of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Literal

Moment = Literal["check", "strict", "run"]
"""When a code is told: by every check, by a strict check only, or while a run computes a value."""


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
    )
