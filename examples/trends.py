"""Which hashtags grow: the analysis behind the trend-scanner, with pandas.

In: a question (platform, topic, window, region). Out: a `Scan` with the trends in order of how sure one
can be that they grow, each with its volume in the window, its growth against the window before, and the
hashtags it comes with. Accents and capitals do not count: `#móviles` and `#Moviles` are one hashtag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import pandas as pd
from posts import DAYS, TOPICS, Platform, folded, hour_of, posts, words_of

from misydsl.agents.declare import InputsRefused

_TAG = re.compile(r"#(\w+)")
_DAY_MINUTES = 24 * 60
_ENOUGH = 8  # posts in both windows together; below that, growth is an accident


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; ages in days before the last midnight (UTC)."""

    platform: Platform
    topic: str
    newest_days: int
    oldest_days: int
    region: str | None = None

    @property
    def length_days(self) -> int:
        """How long the window is."""
        return self.oldest_days - self.newest_days


@dataclass(frozen=True, slots=True)
class Trend:
    """One hashtag: posts in the window, and growth in percent against the window before."""

    keyword: str
    volume: int
    growth: float
    related_terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found."""

    posts: int
    trends: tuple[Trend, ...]


def scan(question: Question, *, most: int, related: int) -> Scan:
    """The hashtags that grow most surely, at most `most`, each with at most `related` others."""
    if question.oldest_days + question.length_days > DAYS:
        raise InputsRefused(
            f"the posts reach back {DAYS} days, too few for a window before that one"
        )
    frame = _about(question)
    inside = _window(frame, question.newest_days, question.oldest_days)
    before = _window(frame, question.oldest_days, question.oldest_days + question.length_days)
    own = _names_of(question.topic)
    spelled = _spellings(inside)
    trends = tuple(
        Trend(
            words_of(spelled[str(tag)]),
            int(row["now"]),
            _growth(int(row["now"]), int(row["then"])),
            _company(str(tag), inside, spelled, own=own, most=related),
        )
        for tag, row in _compared(inside, before, own=own).head(most).iterrows()
    )
    return Scan(int(inside["post_id"].nunique()), trends)


@cache
def _tagged() -> pd.DataFrame:
    """One row per post and hashtag: post_id, age_minutes, platform, region, about, tag, shown."""
    rows = [
        (post.post_id, post.age_minutes, post.platform, post.region, _searched(post.text), tag)
        for post in posts()
        for tag in dict.fromkeys(_TAG.findall(post.text))
    ]
    frame = pd.DataFrame(
        rows, columns=["post_id", "age_minutes", "platform", "region", "about", "shown"]
    )
    names = {name: folded(name) for name in frame["shown"].unique()}
    topics = {post.post_id: folded(post.topic) for post in posts()}
    return frame.assign(tag=frame["shown"].map(names), topic=frame["post_id"].map(topics))


def _searched(text: str) -> str:
    return folded(text).replace(" ", "")


def _about(question: Question) -> pd.DataFrame:
    frame = _tagged()
    frame = frame[frame["platform"] == question.platform]
    if question.region:
        frame = frame[frame["region"] == question.region]
    names = _names_of(question.topic)
    topic = next((folded(one.name) for one in TOPICS if folded(one.name) in names), None)
    if topic:
        return frame[frame["topic"] == topic]
    wanted = _searched(question.topic)
    return frame[frame["about"].str.contains(wanted, regex=False)] if wanted else frame.iloc[:0]


def _names_of(topic: str) -> frozenset[str]:
    """The topic's own names, folded: they come with every post about it, so they are no trend."""
    asked = folded(topic.strip())
    for one in TOPICS:
        names = {folded(one.name), folded(one.english)}
        if asked in names:
            return frozenset(names)
    return frozenset({asked.replace(" ", "")})


def _window(frame: pd.DataFrame, newest_days: int, oldest_days: int) -> pd.DataFrame:
    age = frame["age_minutes"]
    return frame[(age >= newest_days * _DAY_MINUTES) & (age < oldest_days * _DAY_MINUTES)]


def _compared(inside: pd.DataFrame, before: pd.DataFrame, *, own: frozenset[str]) -> pd.DataFrame:
    """Per hashtag the posts now and then, surest growth first; ties by name."""
    counts = pd.DataFrame(
        {"now": inside["tag"].value_counts(), "then": before["tag"].value_counts()}
    ).fillna(0)
    counts = counts[~counts.index.isin(own) & (counts["now"] > 0)]
    total = counts["now"] + counts["then"]
    # How many standard deviations the difference of two Poisson counts is away from none.
    sure = (counts["now"] - counts["then"]) / (total + 1) ** 0.5
    counts = counts.assign(sure=sure)[total >= _ENOUGH]
    return counts.sort_index().sort_values("sure", ascending=False, kind="stable")


def _growth(now: int, then: int) -> float:
    """Percent more than before; a hashtag that is new counts as coming from one post."""
    return round(100 * (now - then) / max(then, 1), 1)


def _spellings(frame: pd.DataFrame) -> dict[str, str]:
    """How each hashtag is written most often."""
    counts = frame.value_counts(["tag", "shown"]).reset_index()
    ordered = counts.sort_values(["count", "shown"], ascending=[False, True])
    return dict(ordered.drop_duplicates("tag")[["tag", "shown"]].itertuples(index=False))


def _company(
    tag: str, frame: pd.DataFrame, spelled: dict[str, str], *, own: frozenset[str], most: int
) -> tuple[str, ...]:
    """The hashtags that stand in the same posts more often than elsewhere."""
    mine = frame.loc[frame["tag"] == tag, "post_id"]
    beside = frame[frame["post_id"].isin(mine) & ~frame["tag"].isin({tag, *own})]
    together = beside["tag"].value_counts()
    shares = together / frame["tag"].value_counts().reindex(together.index)
    ranked = (together * shares).sort_index().sort_values(ascending=False, kind="stable")
    return tuple(words_of(spelled[str(name)]) for name in ranked.head(most).index)


@cache
def best_hours(platform: Platform) -> tuple[int, ...]:
    """The hours of the day (UTC), best first, by how many viewers liked the posts of that hour."""
    rows = [
        (hour_of(post.age_minutes), post.likes, post.views)
        for post in posts()
        if post.platform == platform
    ]
    sums = pd.DataFrame(rows, columns=["hour", "likes", "views"]).groupby("hour").sum()
    rate = (sums["likes"] / sums["views"]).sort_index()
    ordered = rate.sort_values(ascending=False, kind="stable")
    return tuple(int(str(hour)) for hour in ordered.index)
