"""What the cache would give, asked of a made-up one."""

from __future__ import annotations

from misydsl.runner.foresight.caching import CacheQuestion, cache_forecast
from misydsl.store.journal import Memo

NOW = 100_000.0
MEMOS = {
    "fresh": Memo(NOW - 40, "run-7", b"1"),
    "old": Memo(NOW - 7 * 3600, "run-3", b"1"),
    "edge": Memo(NOW - 6 * 3600, "run-5", b"1"),
}


def asked(*keys: str | None, calls: int = 1) -> tuple[int, int, str]:
    """Hits, misses and words for these keys; None is a call that cannot be looked up."""
    found = cache_forecast(
        [CacheQuestion(key, calls, "cannot be known before `s` is") for key in keys],
        kept_s=6 * 3600,
        now=NOW,
        lookup=MEMOS.get,
    )
    return found.hits, found.misses, found.words


def test_a_hit_names_the_run_and_its_age() -> None:
    assert asked("fresh") == (1, 0, "hit: run run-7, 40s ago")
    assert asked("edge") == (1, 0, "hit: run run-5, 6h ago")


def test_a_miss_says_why() -> None:
    assert asked("new") == (0, 1, "miss: no equal call was recorded")
    assert asked("old") == (0, 1, "miss: the last equal call was 7h ago, over 6h")


def test_what_cannot_be_looked_up_says_what_is_missing() -> None:
    assert asked(None) == (0, 0, "cannot be known before `s` is")


def test_items_are_counted() -> None:
    hits, misses, words = asked("fresh", "new", "new")
    assert (hits, misses) == (1, 2)
    assert words == "1 of 3 calls are there; hit: run run-7, 40s ago, and others"
    assert asked("new", calls=3) == (
        0, 3, "0 of 3 calls are there; miss: no equal call was recorded",
    )  # fmt: skip
    assert asked() == (0, 0, "nothing to look up")
