"""Text between two markers of a Markdown file.

In: a file with `<!-- name:begin -->` and `<!-- name:end -->`, and what shall stand between them. Out: the
file with it. Everything else in the file stays as it is; a file without the markers is refused.
"""

from __future__ import annotations

from pathlib import Path


def write_between(path: Path, name: str, text: str) -> None:
    """Replace what is between the markers of a file."""
    begin, end = markers(name)
    before, found, rest = path.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"{path.name} has no {begin} … {end}")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def markers(name: str) -> tuple[str, str]:
    """Where the text of this name begins and ends."""
    return f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
