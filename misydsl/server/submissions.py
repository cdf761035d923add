"""What somebody wants to be run, and whether it is what they wanted before.

In: a pipeline with its inputs, session, shared data, and perhaps an `Idempotency-Key`. Out: the id of the run that a key
names, and whether the run that has it was made of the same. What this server added to a text (an id, where it has
none) is not compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from misydsl.failures import RunUnknown
from misydsl.server.problems import Refused
from misydsl.store.journal import Journal
from misydsl.values import Value, decode_json, encode_json
from misydsl.workspace.forms import NOTE
from misydsl.workspace.pipelines import Pipeline
from misydsl.workspace.recorded import accepted_of
from misydsl.workspace.runs import Run


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody wants to be run."""

    pipeline: Pipeline
    inputs: Mapping[str, Value] = field(default_factory=dict)
    shared: Mapping[str, Value] = field(default_factory=dict)
    session: str | None = None
    key: str | None = None
    """The `Idempotency-Key` it came with."""


def run_of_key(key: str) -> str:
    """The id of the run that a key names."""
    return f"idem-{hashlib.sha256(key.encode()).hexdigest()[:20]}"


def known_run(journal: Journal, run: str) -> Run | None:
    """The run of exactly this id."""
    try:
        found = journal.find(run)
    except RunUnknown:
        return None
    return Run(run, journal) if found.run == run else None


def require_same(known: Run, wanted: Submission) -> None:
    """Raises `Refused` (422) when the run of a key was made of something else."""
    accepted = accepted_of(known.journal, known.id)
    then = (
        _texts((one.key, one.text) for one in accepted.modules),
        accepted.session,
        bytes(accepted.inputs),
        bytes(accepted.shared),
    )
    modules = wanted.pipeline.library.modules.values()
    now = (
        _texts((one.key, one.source.text) for one in modules),
        wanted.session or f"session-{known.id}",
        encode_json(dict(wanted.inputs)),
        encode_json(dict(wanted.shared)),
    )
    if then != now:
        raise Refused(422, "this Idempotency-Key came with another program, session or data")


def _texts(modules: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((key, _as_sent(text) if key.endswith(".json") else text) for key, text in modules)


def _as_sent(text: str) -> str:
    document = decode_json(text.removeprefix("\ufeff").encode())
    if not isinstance(document, dict):
        return text
    return encode_json({key: one for key, one in document.items() if key != NOTE}).decode()
