"""Charts: pictures of what a run did over time, in every form people want.

In: a history, and what metrics knows of it. Out: `Chart`: an SVG document without scripts, the same as
text, and files of either. In a notebook it shows itself as an image that stays in the saved notebook
and needs no network.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from misydsl.failures import MisyError
from misydsl.history.states import History

if TYPE_CHECKING:
    from misydsl.metrics.critical import Stretch

SUFFIXES = (".svg", ".txt")


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and its text twin; shows itself in a notebook, and as text elsewhere."""

    svg: str
    text: str

    def save(self, path: Path | str) -> Path:
        """Write the form the suffix names (.svg .txt).

        Raises: `MisyError` for other suffixes, and for a place that cannot be written.
        """
        path = Path(path)
        forms = dict(zip(SUFFIXES, (self.svg, self.text), strict=True))
        if path.suffix not in forms:
            raise MisyError(f"I cannot draw “{path.suffix}”: use one of {', '.join(SUFFIXES)}")
        try:
            path.write_text(forms[path.suffix], encoding="utf-8")
        except OSError as problem:
            raise MisyError(f"{path} cannot be written: {problem.strerror or problem}") from problem
        return path

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        # an image by its data: inline SVG is taken out when a notebook is shown elsewhere
        data = b64encode(self.svg.encode()).decode()
        image = f'<img alt="" src="data:image/svg+xml;base64,{data}" style="max-width:100%"/>'
        return {"text/html": image, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def timeline_chart(
    history: History, critical: Sequence[Stretch], *, until: float | None = None
) -> Chart:
    """When what happened in a run, up to `until` if it goes on, and what its duration was spent on."""
    from misydsl.render import timeline_svg, timeline_text

    return Chart(
        timeline_svg(history, critical=critical, until=until, appearance="auto"),
        timeline_text(history, critical=critical, until=until),
    )


def latency_chart(history: History) -> Chart:
    """How long the calls of each agent took."""
    from misydsl.metrics.summary import agent_figures
    from misydsl.render import AgentLatency, latency_svg, latency_text

    durations: dict[str, list[float]] = {}
    for attempt in history.attempts:
        if attempt.duration_s is not None:
            durations.setdefault(attempt.agent, []).append(attempt.duration_s)
    agents = []
    for row in agent_figures([history]):
        spread = row.spread
        marks = {"p50": spread.p50_s, "p95": spread.p95_s, "p99": spread.p99_s}
        known = {name: value for name, value in marks.items() if value is not None}
        if known:
            agents.append(AgentLatency(row.agent, durations[row.agent], known))
    title = history.title or history.pipeline
    return Chart(
        latency_svg(agents, title=title, appearance="auto"), latency_text(agents, title=title)
    )
