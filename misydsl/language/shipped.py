"""The files that stand beside the grammar: the page about the language, and the card.

In: a file's name. Out: where it is: in the installed package, else in the checkout around it.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def shipped_path(name: str) -> Path:
    """The path of `misy.lark`, `README.md` or `misy.card.md`."""
    package = Path(str(files("misydsl")))
    installed = package / "grammar" / name
    return installed if installed.is_file() else package.parent / "grammar" / name
