"""`pytest tests/corpus --bless` writes what is said now as what should be said; read the diff."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite the corpus's expected.txt")


@pytest.fixture
def is_blessing(request: pytest.FixtureRequest) -> bool:
    """Whether expectations are to be rewritten."""
    return bool(request.config.getoption("--bless", default=False))
