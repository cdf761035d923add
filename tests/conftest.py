"""What holds for every test: repeatable properties, one event loop, nothing of the person's machine.

Property tests draw the same examples on every run; `HYPOTHESIS_PROFILE=explore` draws new ones. An
`async def test_…` runs on asyncio. Journals, caches and agent addresses of whoever runs the tests are
out of sight, so a test says itself where its journal is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is slow, not wrong: no deadline per example, no complaint about slow drawing.
_calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("fixed", _calm, derandomize=True)
settings.register_profile("explore", _calm, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

# What they execute is covered by others, and counting lines makes them two to three times as slow.
_UNCOUNTED = frozenset(
    {
        "benchmarks",
        "browser",
        "crashes",
        "fuzz",
        "house",
        "load",
        "notebooks",
        "simulation",
        "wheel",
    }
)

_PERSONAL = ("MISY_", "AGENT_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")


# `apart`: only the tests that count no lines; `counted`: only the others, for a run beside that one.
_WHICH = os.environ.get("MISY_TESTS", "")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that count no lines come last: once counting has stopped, threads that live on are not counted."""
    for item in items:
        if _is_uncounted(item):
            item.add_marker("no_cover")
    items.sort(key=_is_uncounted)
    if _WHICH:
        left_out = [item for item in items if _is_uncounted(item) is (_WHICH == "counted")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in {*left_out}]


def _is_uncounted(item: pytest.Item) -> bool:
    return bool(_UNCOUNTED & {*item.path.relative_to(item.config.rootpath).parts[:2]})


@pytest.fixture(scope="session", autouse=True)
def _a_cache_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _no_personal_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(_PERSONAL):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The loop that `async def` tests run on; the library speaks asyncio only."""
    return "asyncio"
