"""What a workflow in JSON calls its steps, where the journal calls them otherwise.

In: the first fact of a run. Out: for each step whose id is no name, the id by the name that its facts have. Only the
ids are read of the text, and nothing is kept of one whose ids are names, as nearly all are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from misydsl.history.events import RunAccepted
from misydsl.pipeline.json_names import names_of

_SUFFIX: Final = ".json"
_NONE: Final[Mapping[str, str]] = {}


class _Step(msgspec.Struct, frozen=True):
    id: str


class _Workflow(msgspec.Struct, frozen=True):
    steps: tuple[_Step, ...] = ()


class _Text(msgspec.Struct, frozen=True):
    """A workflow, or a request with one."""

    steps: tuple[_Step, ...] = ()
    workflow: _Workflow | None = None


_TEXT: Final = msgspec.json.Decoder(_Text)


def step_ids(accepted: RunAccepted) -> Mapping[str, str]:
    """Ids by name, of steps that have both."""
    if not accepted.entry.endswith(_SUFFIX):
        return _NONE
    text = next((one.text for one in accepted.modules if one.key == accepted.entry), "")
    try:
        found = _TEXT.decode(text.removeprefix("\ufeff"))
    except (msgspec.DecodeError, UnicodeEncodeError):  # a record of an older form; its names do
        return _NONE
    steps = found.steps if found.workflow is None else found.workflow.steps
    names = names_of(step.id for step in steps)
    return {name: own for own, name in names.items() if name != own} or _NONE
