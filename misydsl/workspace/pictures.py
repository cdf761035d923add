"""Pictures: a step graph, with or without what happened, in every form people want.

In: a `StepGraph` and maybe a `History`. Out: `Picture`, drawn when asked: SVG for notebooks and pages, dot
and mermaid text, PNG bytes. Works without the `dot` program, except for PNG.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from misydsl.failures import MisyError
from misydsl.graph.build import StepGraph
from misydsl.history.fold import History

SUFFIXES = (".svg", ".png", ".dot", ".mmd")


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of a pipeline; shows itself in a notebook."""

    step_graph: StepGraph
    history: History | None = None

    @property
    def svg(self) -> str:
        """A self-contained SVG document."""
        from misydsl.render import to_svg

        return to_svg(self.step_graph, self.history)

    @property
    def dark_svg(self) -> str:
        """The same in the colours for a dark page."""
        from misydsl.render import to_svg

        return to_svg(self.step_graph, self.history, appearance="dark")

    @property
    def dot(self) -> str:
        """Graphviz text."""
        from misydsl.render import to_dot

        return to_dot(self.step_graph, self.history)

    @property
    def mermaid(self) -> str:
        """Mermaid text, for Markdown pages."""
        from misydsl.render import to_mermaid

        return to_mermaid(self.step_graph, self.history)

    def png(self) -> bytes:
        """PNG bytes; raises `MisyError` without the `dot` program."""
        from misydsl.render import to_png

        return to_png(self.step_graph, self.history)

    def save(self, path: Path | str) -> Path:
        """Write the form the suffix names (.svg .png .dot .mmd).

        Raises: `MisyError` for other suffixes, and for a place that cannot be written.
        """
        path = Path(path)
        match path.suffix:
            case ".svg":
                data = self.svg.encode()
            case ".png":
                data = self.png()
            case ".dot":
                data = self.dot.encode()
            case ".mmd":
                data = self.mermaid.encode()
            case other:
                known = ", ".join(SUFFIXES)
                what = f"“{other}” is no form of picture" if other else "it needs a suffix"
                raise MisyError(f"{path}: {what}; end its name with one of {known}")
        try:
            path.write_bytes(data)
        except OSError as problem:
            raise MisyError(f"{path} cannot be written: {problem.strerror or problem}") from problem
        return path

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<picture of {self.step_graph.name}: {len(self.step_graph.nodes)} steps>"
