"""The misbehaving server, one for each file of tests that asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.agents.rogue import Rogue, rogue_server


@pytest.fixture(scope="module")
def rogue() -> Iterator[Rogue]:
    with rogue_server() as server:
        yield server
