"""The systems that W1 to W4 compare, and what each of them keeps of a run.

In: nothing. Out: the rows of the comparison of systems, and contenders for those of them that live in the
environment of the heavy peers. What a system keeps is said beside its figures, because it is what they buy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.contest import Argument, Contender, Home, Work

LANGGRAPH, LANGGRAPH_SQLITE = "LangGraph", "LangGraph + SQLite"
PREFECT, DBOS, HAMILTON, DASK = "Prefect", "DBOS", "Hamilton", "Dask"
MISY, MISY_OTHER = "MisyDSL, calls", "MisyDSL, `for` and `return`"
BY_HAND, BY_HAND_AIOHTTP = "asyncio + httpx", "asyncio + aiohttp"


@dataclass(frozen=True, slots=True)
class System:
    """One row."""

    name: str
    keeps: str
    """What is on the disk when, so that a dead process's run can go on."""


SYSTEMS = (
    System(MISY, "each result, before what needs it begins"),
    System(MISY_OTHER, "the same"),
    System(BY_HAND, "nothing"),
    System(BY_HAND_AIOHTTP, "nothing"),
    System(LANGGRAPH, "nothing"),
    System(LANGGRAPH_SQLITE, "each superstep, while the next one works"),
    System(PREFECT, "results at once, states some time later"),
    System(DBOS, "each result, before what needs it begins"),
    System(HAMILTON, "nothing"),
    System(DASK, "nothing"),
)

MODULES = {
    PREFECT: "prefect_flow",
    DBOS: "dbos_workflow",
    HAMILTON: "hamilton_functions",
    DASK: "dask_delayed",
}
ROUNDS = {LANGGRAPH_SQLITE: 2, PREFECT: 1, DBOS: 2, HAMILTON: 2, DASK: 2}
"""Their start alone takes up to half a minute, or their work does; Prefect repeats within its process."""


def heavy(
    system: str, function: str, *, arguments: Mapping[str, Argument], size: str = ""
) -> Contender:
    """A contender of the environment of the heavy peers; `size` says when it does less of the work."""
    return Contender(
        named(system, size),
        Work(f"benchmarks.peers.{MODULES[system]}:{function}", arguments, Home.PEERS),
        system=system,
        size=size,
        rounds=ROUNDS[system],
    )


def kept_by(
    system: str, entry: str, *, arguments: Mapping[str, Argument], size: str = ""
) -> Contender:
    """The same program as without a keeper, with one."""
    work = Work(entry, {**arguments, "keep": "sqlite"})
    return Contender(named(system, size), work, system=system, size=size, rounds=ROUNDS.get(system))


def named(system: str, size: str) -> str:
    """A system and how much of the work it does, where that is not all."""
    return f"{system}, {size}" if size else system
