"""The agents of the load tests, in a process of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crashes.plays import agents


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with agents() as url:
        yield url
