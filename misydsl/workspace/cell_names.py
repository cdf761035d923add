"""What cells give each other: the names of one, and the lines that bring them to another.

In: the syntax tree of a cell. Out: where each of its names is declared, in a cell or in a file beside the
notebook, and the imports that make them known elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from misydsl.expressions.nodes import Literal
from misydsl.language.syntax import BrokenItem, ImportSyntax, SyntaxTree


class Origin(NamedTuple):
    """Where a name is declared, seen from the folder of the notebook, and what it is called there."""

    home: str
    name: str


def declared_in(tree: SyntaxTree) -> Iterator[str]:
    """The names that a text declares."""
    for one in tree.declarations:
        if not isinstance(one, BrokenItem | ImportSyntax):
            yield one.name.text


def imported_in(tree: SyntaxTree) -> dict[str, Origin]:
    """The names that a text imports from files."""
    found: dict[str, Origin] = {}
    for one in tree.declarations:
        if not isinstance(one, ImportSyntax):
            continue
        path = one.path.value if isinstance(one.path, Literal) else None
        if isinstance(path, str):
            home = path.removeprefix("./")
            found |= {name.alias.text: Origin(home, name.name.text) for name in one.names}
    return found


def imports_of(uses: Mapping[str, Origin]) -> str:
    """The lines that bring names to a text, to be written behind it."""
    by_home: dict[str, list[str]] = {}
    for name, (home, original) in sorted(uses.items()):
        wanted = name if name == original else f"{original} as {name}"
        by_home.setdefault(home, []).append(wanted)
    lines = [
        f'import {{ {", ".join(names)} }} from "{home if home.startswith("../") else f"./{home}"}"'
        for home, names in by_home.items()
    ]
    return "".join(f"\n{line}" for line in lines) + ("\n" if lines else "")
