"""LangGraph, as its documentation shows it: a node for each step, `Send` for a fan-out.

Async nodes and `ainvoke`; without a checkpointer, and with its SQLite one, which writes as often as it does by
default: after each superstep, while the next one works. Building and compiling the graph is outside of the clock.
"""

from __future__ import annotations

import asyncio
import operator
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, TypedDict

import httpx
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from benchmarks.fan_out import WARM_UP
from benchmarks.stopwatch import TURNS, Stopwatch
from benchmarks.three_steps import LATER_RUNS, overheads

SQLITE = "sqlite"


class Single(TypedDict):
    """One number that goes from node to node."""

    value: int


class Gathered(TypedDict):
    """Numbers that come in, and their results."""

    values: list[int]
    results: Annotated[list[int], operator.add]
    total: int


def three_steps(*, agent_ms: int, agents: str, place: str, keep: str = "") -> dict[str, float]:
    """W1: three nodes one after another."""
    return asyncio.run(_three_steps(agent_ms, f"{agents}/wait/{agent_ms}", place, keep))


def fan_out(*, steps: int, agents: str, place: str, keep: str = "") -> dict[str, float]:
    """W2: a `Send` for each call, then a node that gathers."""
    return asyncio.run(_fan_out(steps, f"{agents}/wait/0", place, keep))


def layers(*, layers: int, width: int, place: str, keep: str = "") -> dict[str, float]:
    """W3: two edges into every node."""
    return asyncio.run(_layers(layers, width, place, keep))


def chain(*, steps: int, place: str, keep: str = "") -> dict[str, float]:
    """W4: an edge from each node to the next."""
    return asyncio.run(_chain(steps, place, keep))


async def _three_steps(agent_ms: int, url: str, place: str, keep: str) -> dict[str, float]:
    async with httpx.AsyncClient() as client, _keeper(place, keep) as keeper:

        async def work(state: Single) -> Single:
            return {"value": await _call(client, url, state["value"] + 1)}

        graph = _chain_of(3, work).compile(checkpointer=keeper)
        taken_ms = []
        for turn in range(1 + LATER_RUNS):
            with Stopwatch() as watch:
                result = await graph.ainvoke({"value": 0}, _thread(turn))
            assert result["value"] == 3
            taken_ms.append(watch.elapsed_s * 1e3)
    return overheads(taken_ms, agent_ms)


async def _fan_out(steps: int, url: str, place: str, keep: str) -> dict[str, float]:
    async with httpx.AsyncClient() as client, _keeper(place, keep) as keeper:

        async def work(state: Single) -> dict[str, list[int]]:
            return {"results": [await _call(client, url, state["value"])]}

        graph = _fan_of(work).compile(checkpointer=keeper)
        given = {"values": list(range(WARM_UP)), "results": [], "total": 0}
        await graph.ainvoke(given, _thread("warm-up"))
        given["values"] = list(range(steps))
        quantities: dict[str, float] = {}
        for turn in TURNS:
            with Stopwatch() as watch:
                result = await graph.ainvoke(given, _thread(f"{turn}fan"))
            assert result["total"] == sum(range(steps))
            quantities |= watch.per_step(steps, turn)
    return quantities


async def _layers(layers: int, width: int, place: str, keep: str) -> dict[str, float]:
    done = 0

    async def nothing(_state: Single) -> dict[str, int]:
        nonlocal done
        done += 1
        return {}

    quantities: dict[str, float] = {}
    async with _keeper(place, keep) as keeper:
        graph = _layers_of(layers, width, nothing).compile(checkpointer=keeper)
        warm_up = _layers_of(2, 3, nothing).compile(checkpointer=keeper)
        await warm_up.ainvoke({"value": 7}, _thread("warm-up"))
        for turn in TURNS:
            done = 0
            with Stopwatch() as watch:
                await graph.ainvoke({"value": 7}, _thread(f"{turn}layers", limit=layers + 10))
            assert done == layers * width
            quantities |= watch.per_step(layers * width, turn)
    return quantities


async def _chain(steps: int, place: str, keep: str) -> dict[str, float]:
    async def same(state: Single) -> Single:
        return {"value": state["value"]}

    quantities: dict[str, float] = {}
    async with _keeper(place, keep) as keeper:
        warm_up = _chain_of(5, same).compile(checkpointer=keeper)
        await warm_up.ainvoke({"value": 7}, _thread("warm-up"))
        graph = _chain_of(steps, same).compile(checkpointer=keeper)
        for turn in TURNS:
            with Stopwatch() as watch:
                config = _thread(f"{turn}chain", limit=steps + 10)
                result = await graph.ainvoke({"value": 7}, config)
            assert result["value"] == 7
            quantities |= watch.per_step(steps, turn)
    return quantities


@asynccontextmanager
async def _keeper(place: str, keep: str) -> AsyncIterator[AsyncSqliteSaver | None]:
    """The SQLite checkpointer, where it is asked for."""
    if keep != SQLITE:
        yield None
        return
    async with AsyncSqliteSaver.from_conn_string(str(Path(place) / "checkpoints.db")) as keeper:
        yield keeper


def _thread(name: object, *, limit: int = 25) -> dict[str, object]:
    """What tells a run of its own, and how many supersteps it may take; 25 is the default."""
    return {"recursion_limit": limit, "configurable": {"thread_id": str(name)}}


def _fan_of(work: Callable[[Single], Awaitable[dict[str, list[int]]]]) -> StateGraph:
    def spread(state: Gathered) -> list[Send]:
        return [Send("work", {"value": value}) for value in state["values"]]

    async def gather(state: Gathered) -> dict[str, int]:
        return {"total": sum(state["results"])}

    building = StateGraph(Gathered)
    building.add_node("work", work)
    building.add_node("gather", gather)
    building.add_conditional_edges(START, spread, ["work"])
    building.add_edge("work", "gather")
    building.add_edge("gather", END)
    return building


def _chain_of(steps: int, node: Callable[[Single], Awaitable[Single]]) -> StateGraph:
    building = StateGraph(Single)
    names = [f"s{number}" for number in range(steps)]
    for before, name in zip([START, *names], names, strict=False):
        building.add_node(name, node)
        building.add_edge(before, name)
    building.add_edge(names[-1], END)
    return building


def _layers_of(
    layers: int, width: int, node: Callable[[Single], Awaitable[dict[str, int]]]
) -> StateGraph:
    building = StateGraph(Single)
    for layer in range(layers):
        for place in range(width):
            name = f"s{layer}-{place}"
            building.add_node(name, node)
            if layer == 0:
                building.add_edge(START, name)
            else:
                building.add_edge(f"s{layer - 1}-{place}", name)
                building.add_edge(f"s{layer - 1}-{(place + 1) % width}", name)
    for place in range(width):
        building.add_edge(f"s{layers - 1}-{place}", END)
    return building


async def _call(client: httpx.AsyncClient, url: str, value: int) -> int:
    reply = await client.post(url, json={"value": value}, timeout=30)
    reply.raise_for_status()
    result: int = reply.json()["value"]
    return result
