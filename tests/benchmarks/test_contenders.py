"""Every contender does its work and checks its own result; how long it takes is nobody's business here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import chain, fan_out, items, layers, parsing, starting, three_steps
from benchmarks.contest import Command, Contender
from benchmarks.measuring import agent_server, sample
from benchmarks.peers import asyncio_aiohttp, asyncio_httpx, asyncio_tasks, lark_lalr


@pytest.fixture(scope="module")
def agents() -> Iterator[str]:
    """The address of the benchmarks' own agents, in another process."""
    with agent_server() as address:
        yield address


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path)


def test_three_steps_after_one_another(agents: str, place: str) -> None:
    assert set(three_steps.ours(agent_ms=1, place=place, agents=agents)) == {
        "first_overhead_ms",
        "overhead_ms",
    }
    assert asyncio_httpx.three_steps(agent_ms=1, agents=agents)["overhead_ms"] > 0
    assert asyncio_aiohttp.three_steps(agent_ms=1, agents=agents)["overhead_ms"] > 0


def test_a_fan_out_over_http(agents: str, place: str) -> None:
    assert fan_out.ours_steps(steps=7, place=place, agents=agents)["step_us"] > 0
    assert fan_out.ours_items(steps=7, place=place, agents=agents)["step_us"] > 0
    assert asyncio_httpx.fan_out(steps=7, agents=agents)["step_us"] > 0
    assert asyncio_aiohttp.fan_out(steps=7, agents=agents)["step_us"] > 0


def test_layers_of_steps(place: str) -> None:
    assert layers.ours_values(layers=3, width=4, place=place)["step_us"] > 0
    assert layers.ours_calls(layers=3, width=4, place=place)["step_us"] > 0
    assert asyncio_tasks.layers(layers=3, width=4)["step_us"] > 0
    assert asyncio_tasks.layers_gathered(layers=3, width=4)["step_us"] > 0


def test_a_chain_of_steps(place: str) -> None:
    assert chain.ours_values(steps=9, place=place)["step_us"] > 0
    assert chain.ours_calls(steps=9, place=place)["step_us"] > 0
    assert asyncio_tasks.chain(steps=9)["step_us"] > 0


def test_items_of_a_for(place: str) -> None:
    assert items.ours(items=60, place=place)["item_us"] > 0
    assert set(items.values_only(items=60)) == {"item_bytes"}


def test_parsing_a_long_file() -> None:
    assert parsing.ours(steps=12)["step_us"] > 0
    assert lark_lalr.parse(steps=12)["step_us"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("contender", starting.benchmark().contenders, ids=lambda one: one.name)
def test_whole_processes_from_start_to_end(contender: Contender) -> None:
    assert isinstance(contender.does, Command)
    [quantities] = sample(contender, "")
    assert quantities["cpu_ms"] > 0


def test_the_long_file_has_about_as_many_bytes_a_step_as_the_readme_says() -> None:
    size_bytes = len(parsing.text_of(100).encode()) / 100
    assert 350 <= size_bytes <= 430
