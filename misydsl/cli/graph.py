"""`misy graph FILE [PIPELINE]`: a picture of the steps.

In: a file. Out: with `-o`, a file in the form its suffix names (svg, png, dot, mmd); without, text on
the output: Mermaid unless `--format` says otherwise; with `--json`, the nodes and edges.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.cli import exits
from misydsl.cli.options import examples, output_options
from misydsl.cli.screen import Screen
from misydsl.failures import MisyError

if TYPE_CHECKING:
    from misydsl.workspace import Picture

_FORMATS: Final = ("text", "mmd", "dot", "svg", "png", "json")


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy graph`."""
    parser.add_argument(
        "file", metavar="FILE", help="a .misy file, or a workflow in .json; - reads the input"
    )
    parser.add_argument(
        "pipeline", metavar="PIPELINE", nargs="?", help="which one, when the file has several"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="PATH", help="write to out.svg, .png, .dot or .mmd"
    )
    output_options(parser, _FORMATS)
    examples(
        parser,
        "misy graph viral_trends.misy -o viral.svg",
        "misy graph viral_trends.misy                      # Mermaid, for a README",
        "misy graph flows.misy publish --format dot | dot -Tpdf > publish.pdf",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Draw it."""
    from misydsl.workspace import load

    is_input = arguments.file == "-"
    pipeline = load(
        f"{sys.stdin.read()}\n" if is_input else Path(arguments.file), arguments.pipeline
    )
    picture = pipeline.graph()
    if arguments.output is not None:
        _save(picture, arguments.output)
    if screen.is_json:
        screen.give(_object(picture, arguments.output))
    elif arguments.output is not None:
        screen.say(str(arguments.output))
    elif arguments.format == "png":
        sys.stdout.buffer.write(picture.png())
    else:
        screen.say(_text(picture, arguments.format).rstrip("\n"))
    return exits.FINE


def _save(picture: Picture, path: Path) -> None:
    try:
        picture.save(path)
    except OSError as error:
        raise MisyError(f"{path} cannot be written: {error.strerror or error}") from error


def _text(picture: Picture, form: str | None) -> str:
    match form:
        case "svg":
            return picture.svg
        case "dot":
            return picture.dot
        case _:
            return picture.mermaid


def _object(picture: Picture, path: Path | None) -> dict[str, object]:
    graph = picture.step_graph
    names = [node.path for node in graph.nodes]
    found: dict[str, object] = {
        "pipeline": graph.name,
        "title": graph.title,
        "nodes": [
            {
                "step": node.path,
                "title": node.title,
                "kind": node.kind,
                "agent": node.agent,
                "parent": None if node.parent is None else names[node.parent],
            }
            for node in graph.nodes
        ],
        "edges": [
            {"source": names[edge.source], "target": names[edge.target], "kind": edge.kind}
            for edge in graph.edges
        ],
    }
    if path is not None:
        found["output"] = str(path)
    return found
