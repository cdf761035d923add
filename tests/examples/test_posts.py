"""The made-up data hold what they promise."""

from __future__ import annotations

from collections import Counter

import pytest

from examples.posts import (
    MINUTES,
    PLANTED,
    PLATFORM_SHARES,
    POSTS,
    Planted,
    folded,
    posts,
    words_of,
)


def test_there_are_twenty_thousand_posts_and_always_the_same() -> None:
    assert len(posts()) == POSTS == 20_000
    assert posts(7) == posts.__wrapped__(7)
    assert posts(7) != posts(8)
    assert all(0 <= post.age_minutes < MINUTES for post in posts())
    assert [post.age_minutes for post in posts()] == sorted(post.age_minutes for post in posts())


def test_they_speak_spanish_and_english_on_every_platform() -> None:
    languages = Counter(post.language for post in posts())
    assert 0.15 < languages["en"] / POSTS < 0.35
    for platform, share in PLATFORM_SHARES.items():
        found = sum(post.platform == platform for post in posts()) / POSTS
        assert found == pytest.approx(share, abs=0.05)
    assert any("#Tecnología" in post.text or "#tecnología" in post.text for post in posts())


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.keyword)
def test_each_planted_trend_is_really_in_the_data(planted: Planted) -> None:
    names = {folded(f"#{word}") for word in planted.tag.split("/")}
    ages = [
        post.age_minutes
        for post in posts()
        if names & set(folded(post.text).split()) and post.topic == planted.topic
    ]
    edge = planted.days * 24 * 60
    now = sum(age < edge for age in ages)
    then = sum(edge <= age < 2 * edge for age in ages)
    assert now / then == pytest.approx(planted.factor, rel=0.35)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("GafasInteligentes", "gafas inteligentes"),
        ("IAGenerativa", "ia generativa"),
        ("MóvilesPlegables", "móviles plegables"),
        ("GenerativeAI", "generative ai"),
        ("pádel", "pádel"),
        ("a_b", "a b"),
    ],
)
def test_a_hashtag_is_read_as_words(tag: str, words: str) -> None:
    assert words_of(tag) == words
