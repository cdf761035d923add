"""A pipeline as it shows itself: its picture, its inputs, the agents it calls.

In: a `StepGraph`, inputs in words, how many warnings there are. Out: static HTML and its twin as text.
"""

from __future__ import annotations

from dataclasses import dataclass

from misydsl.graph.build import StepGraph
from misydsl.render.html_pieces import TEXT, folded, picture, table, word
from misydsl.render.run_rows import counted
from misydsl.render.svg import to_svg
from misydsl.render.text import clean


@dataclass(frozen=True, slots=True)
class Input:
    """One parameter, in words."""

    name: str
    type: str
    description: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class PipelineCard:
    """What is shown of a pipeline."""

    graph: StepGraph
    description: str
    inputs: tuple[Input, ...]
    warnings: int

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents it calls, in the order of the steps."""
        return tuple(dict.fromkeys(node.agent for node in self.graph.nodes if node.agent))

    @property
    def counts(self) -> str:
        """`3 steps · 0 warnings`."""
        steps = counted(len(self.graph.nodes), "step", "steps")
        return f"{steps} · {counted(self.warnings, 'warning', 'warnings')}"


def pipeline_html(card: PipelineCard) -> str:
    """The pipeline as HTML."""
    name = f"<code>{word(card.graph.name)}</code> · {card.counts}"
    parts = [f'<div><b style="font-size:15px">{word(card.graph.label)}</b> &nbsp;{name}</div>']
    parts += [f"<div>{word(card.description)}</div>"] if card.description else []
    svg = to_svg(card.graph, appearance="auto", has_heading=False)
    parts.append(picture(svg, card.graph.label))
    if card.inputs:
        heads = ("input", "type", "", "")
        rows = [
            (
                word(one.name),
                word(one.type),
                "" if one.is_required else "optional",
                word(one.description),
            )
            for one in card.inputs
        ]
        parts.append(folded(f"inputs ({len(rows)})", table(heads, rows)))
    if card.agents:
        parts.append(f"<div>agents: {word(', '.join(card.agents))}</div>")
    return f'<div style="{TEXT}">{"".join(parts)}</div>'


def pipeline_text(card: PipelineCard) -> str:
    """The pipeline as text."""
    lines = [f"{clean(card.graph.label)} ({clean(card.graph.name)})  {card.counts}"]
    lines += [
        f"  {clean(one.name)}: {clean(one.type)}{'' if one.is_required else ' (optional)'}"
        for one in card.inputs
    ]
    lines += [f"  {node.path}: {clean(node.agent or node.kind)}" for node in card.graph.nodes]
    return "\n".join(lines)
