"""Pictures of pipelines and runs, as text and bytes.

In: a `StepGraph`, and a `History` when the steps should show how they went. Out: self-contained SVG,
Graphviz DOT, Mermaid and PNG, and a timeline of a run. Every label may be hostile (it came from a file
or an agent): it is clipped and escaped, and no picture holds a script or a link. The same graph and
history give the same picture; above 300 steps it is folded, never refused.
"""

from misydsl.render.dot import PictureUnavailable, to_dot, to_png
from misydsl.render.latency import AgentLatency, latency_svg, latency_text
from misydsl.render.mermaid import to_mermaid
from misydsl.render.svg import to_svg
from misydsl.render.timeline import timeline_svg
from misydsl.render.timeline_text import timeline_text

__all__ = [
    "AgentLatency",
    "PictureUnavailable",
    "latency_svg",
    "latency_text",
    "timeline_svg",
    "timeline_text",
    "to_dot",
    "to_mermaid",
    "to_png",
    "to_svg",
]
