"""Graphviz as a program: `dot`, or the wheel `graphviz-pure`, which installs one.

In: flat sheets to lay out, or DOT text to paint. Out: places for boxes, or bytes. The program gets its
input on stdin and 20 seconds; whatever goes wrong with it is a `ProgramFailed`, which the picture of
last resort (our own layout) answers.
"""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

from misydsl.failures import MisyError
from misydsl.render.layout import Flat, Placed, Point, Route, shifted

TIMEOUT_S = 20.0
_POINTS = 72.0  # to an inch, the unit of DOT; a pixel here is a point there


class ProgramFailed(MisyError):
    """The Graphviz program did not do what it was asked for."""


def graphviz_program() -> Path | None:
    """`dot` on the PATH, else `graphviz-pure` there or beside this Python; None if neither is."""
    beside = sysconfig.get_path("scripts")
    found = shutil.which("dot") or shutil.which("graphviz-pure")
    found = found or shutil.which("graphviz-pure", path=beside)
    return None if found is None else Path(found)


def painting_program() -> Path | None:
    """`dot` on the PATH; `graphviz-pure` paints too, but has no glyphs for the signs of a status."""
    found = shutil.which("dot")
    return None if found is None else Path(found)


def run_program(program: Path, arguments: Sequence[str], text: str) -> bytes:
    """What the program prints for this DOT text. Raises: ProgramFailed."""
    try:
        done = subprocess.run(  # noqa: S603  # a program found by name, options of ours, text on stdin
            [program, *arguments],
            input=text.encode(),
            capture_output=True,
            check=True,
            timeout=TIMEOUT_S,
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise ProgramFailed(f"{program.name} failed: {said[:500]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProgramFailed(f"{program.name} could not be run: {error}") from error
    return done.stdout


def lay_out_with(program: Path, flats: Sequence[Flat]) -> list[Placed]:
    """Places for several sheets by one call of the program. Raises: ProgramFailed."""
    said = run_program(program, ["-Tplain"], "\n".join(map(_dot, flats)))
    answers = said.decode(errors="replace").split("stop\n")[:-1]
    if len(answers) != len(flats):
        raise ProgramFailed(f"{program.name} laid out {len(answers)} of {len(flats)} sheets")
    try:
        return [_placed(flat, answer) for flat, answer in zip(flats, answers, strict=True)]
    except (ValueError, KeyError, IndexError) as error:
        raise ProgramFailed(f"{program.name} answered something unexpected: {error}") from error


def _dot(flat: Flat) -> str:
    rank = "TB" if flat.direction == "down" else "LR"
    lines = [
        f"digraph {{ rankdir={rank}; nodesep=0.36; ranksep=0.6; outputorder=nodesfirst",
        'node [shape=box fixedsize=true label=""]; edge [dir=none]',
    ]
    for number, (width, height) in enumerate(flat.sizes):
        size = f"width={width / _POINTS:.4f} height={height / _POINTS:.4f}"
        lines.append(f"{number} [{size}]")
    lines.extend(f"{source} -> {target}" for source, target in flat.links)
    return "\n".join([*lines, "}"])


def _placed(flat: Flat, answer: str) -> Placed:
    corners: dict[int, Point] = {}
    routes: dict[tuple[int, int], Route] = {}
    height = 0.0
    for words in _lines(answer):
        match words[0]:
            case "graph":
                height = float(words[3]) * _POINTS
            case "node":
                number = int(words[1])
                wide, high = flat.sizes[number]
                x, y = float(words[2]) * _POINTS, height - float(words[3]) * _POINTS
                corners[number] = (x - wide / 2, y - high / 2)
            case "edge":
                count = int(words[3])
                numbers = [float(word) * _POINTS for word in words[4 : 4 + 2 * count]]
                points = zip(numbers[::2], numbers[1::2], strict=True)
                routes[int(words[1]), int(words[2])] = tuple((x, height - y) for x, y in points)
            case _:
                raise ValueError(words[0])
    ordered = [corners[number] for number in range(len(flat.sizes))]
    return shifted(flat, ordered, [routes[link] for link in flat.links])


def _lines(answer: str) -> Iterator[list[str]]:
    """Lines as words; a line that ends in a backslash goes on in the next."""
    for line in answer.replace("\\\n", "").splitlines():
        if line.strip():
            yield line.split()
