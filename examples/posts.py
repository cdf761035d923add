"""20,000 made-up posts in Spanish and English, with trends planted among the noise.

In: a seed. Out: `posts(seed)`, the same list for the same seed, aged in minutes before the last midnight
(UTC) so that the data never gets old; and `PLANTED`, the truth an analysis should find: which hashtag grew or faded, where,
in which window and by how much. Hashtags are spelled as people spell them: with and without accents, in
any case.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

Platform = Literal["tiktok", "instagram", "twitter", "facebook", "youtube"]
Language = Literal["es", "en"]

POSTS: Final = 20_000
DAYS: Final = 62  # two windows of 30 days, and a bit
MINUTES: Final = DAYS * 24 * 60
SEED: Final = 20260101

PLATFORM_SHARES: Final[dict[Platform, float]] = {
    "tiktok": 0.36,
    "instagram": 0.26,
    "youtube": 0.16,
    "twitter": 0.12,
    "facebook": 0.10,
}
PEAK_HOURS: Final[dict[Platform, int]] = {
    "tiktok": 20,
    "instagram": 13,
    "youtube": 18,
    "twitter": 9,
    "facebook": 11,
}
"""The hour (UTC) at which each platform's posts are liked most: what a scheduler should find."""
REGION_SHARES: Final[dict[str, float]] = {
    "MX": 0.28,
    "ES": 0.24,
    "US": 0.18,
    "AR": 0.13,
    "CO": 0.11,
    "GB": 0.06,
}
ENGLISH_REGIONS: Final = ("US", "GB")


@dataclass(frozen=True, slots=True)
class Topic:
    """What posts are about: its names in both languages, its share, and its everyday hashtags."""

    name: str
    english: str
    share: float
    tags: tuple[str, ...]
    """As `español/English`; the first are the most usual."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One truth in the data: in the last `days`, `tag` had `factor` times its volume of before."""

    topic: str
    tag: str
    """As `español/English`."""
    days: int
    factor: float
    per_day_before: float
    """How many posts a day carried it before, over all platforms it is on."""
    platforms: tuple[Platform, ...]
    related: tuple[str, ...]
    """Hashtags that come with it."""

    @property
    def keyword(self) -> str:
        """The Spanish hashtag in words: `GafasInteligentes` → `gafas inteligentes`."""
        return words_of(self.tag.partition("/")[0])


@dataclass(frozen=True, slots=True)
class Post:
    """One post, `age_minutes` before the last midnight (UTC)."""

    post_id: int
    age_minutes: int
    platform: Platform
    region: str
    language: Language
    topic: str
    text: str
    views: int
    likes: int


TOPICS: Final = (
    Topic(
        "tecnología",
        "technology",
        0.30,
        (
            "Móviles/Phones",
            "Programación/Coding",
            "Gadgets/Gadgets",
            "Ciberseguridad/Cybersecurity",
            "Robótica/Robotics",
            "RealidadVirtual/VirtualReality",
            "Fotografía/Photography",
            "Domótica/SmartHome",
            "Portátiles/Laptops",
        ),
    ),
    Topic(
        "moda",
        "fashion",
        0.20,
        (
            "Estilo/Style",
            "Outfit/Outfit",
            "Zapatillas/Sneakers",
            "Vestidos/Dresses",
            "Joyería/Jewelry",
        ),
    ),
    Topic(
        "cocina",
        "cooking",
        0.18,
        (
            "Recetas/Recipes",
            "Repostería/Baking",
            "Café/Coffee",
            "Desayuno/Breakfast",
            "Tacos/Tacos",
        ),
    ),
    Topic(
        "deporte",
        "sports",
        0.17,
        ("Fútbol/Football", "Entrenamiento/Workout", "Maratón/Marathon", "Ciclismo/Cycling"),
    ),
    Topic(
        "viajes",
        "travel",
        0.15,
        ("Playas/Beaches", "Montaña/Mountains", "Mochileros/Backpacking", "Hoteles/Hotels"),
    ),
)

_VIDEO: Final[tuple[Platform, ...]] = ("tiktok", "youtube")
_IMAGE: Final[tuple[Platform, ...]] = ("instagram", "tiktok")
_WORDS: Final[tuple[Platform, ...]] = ("twitter", "facebook", "youtube")

PLANTED: Final = (
    Planted(
        "tecnología", "GafasInteligentes/SmartGlasses", 7, 6.0, 4.0, _VIDEO,
        ("RealidadAumentada/AugmentedReality", "Accesorios/Wearables"),
    ),
    Planted(
        "tecnología", "MóvilesPlegables/FoldablePhones", 7, 4.0, 4.0, _IMAGE,
        ("Pantallas/Screens", "Móviles/Phones"),
    ),
    Planted(
        "tecnología", "InteligenciaArtificial/ArtificialIntelligence", 30, 3.0, 6.0,
        ("tiktok", "twitter", "youtube"),
        ("IAGenerativa/GenerativeAI", "Programación/Coding"),
    ),
    Planted(
        "tecnología", "Metaverso/Metaverse", 30, 0.2, 8.0, ("tiktok", "twitter"),
        ("RealidadVirtual/VirtualReality",),
    ),
    Planted(
        "moda", "RopaReciclada/UpcycledClothes", 7, 5.0, 3.0, _IMAGE,
        ("Sostenible/Sustainable", "Estilo/Style"),
    ),
    Planted(
        "cocina", "FreidoraDeAire/AirFryer", 7, 5.0, 3.0, _VIDEO,
        ("Recetas/Recipes", "Saludable/Healthy"),
    ),
    Planted("deporte", "Pádel/Padel", 30, 3.0, 3.0, _IMAGE, ("Raqueta/Racket",)),
    Planted("viajes", "NómadasDigitales/DigitalNomads", 30, 3.0, 3.0, _WORDS, ("Coworking/Coworking",)),
)  # fmt: skip

_SENTENCES: Final = {
    "es": (
        "Hoy os cuento lo que pienso de esto {tags}",
        "¿Merece la pena? Lo probé una semana entera {tags}",
        "Tres cosas que nadie te dice {tags}",
        "No me esperaba este resultado… {tags}",
        "Guía rápida para empezar sin gastar de más {tags}",
        "Mi opinión sincera después de un mes {tags}",
    ),
    "en": (
        "Here is what I really think about it {tags}",
        "Is it worth it? I tried it for a week {tags}",
        "Three things nobody tells you {tags}",
        "I did not see that coming… {tags}",
        "A quick guide to start without overspending {tags}",
    ),
}


def folded(text: str) -> str:
    """Text without case and accents, for comparing."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def words_of(tag: str) -> str:
    """A hashtag in words: `IAGenerativa` → `ia generativa`."""
    words = ""
    for place, letter in enumerate(tag):
        after = tag[place + 1 : place + 2]
        before = tag[place - 1 : place] if place else ""
        if letter.isupper() and before and (before.islower() or after.islower()):
            words += " "
        words += letter
    return words.replace("_", " ").lower()


@cache
def posts(seed: int = SEED) -> tuple[Post, ...]:
    """All posts, newest first; the same for the same seed."""
    source = random.Random(seed)
    drafts = [draft for planted in PLANTED for draft in _trend(planted, source)]
    drafts += [_noise(source) for _ in range(POSTS - len(drafts))]
    drafts.sort(key=lambda draft: draft[0])
    return tuple(_written(number, draft, source) for number, draft in enumerate(drafts, start=1))


_Draft = tuple[int, Platform, str, tuple[str, ...]]  # age, platform, topic, hashtags


def _trend(planted: Planted, source: random.Random) -> list[_Draft]:
    """The posts of one truth: evenly before the window, `factor` times as dense inside it."""
    inside = round(planted.days * planted.per_day_before * planted.factor)
    before = round((DAYS - planted.days) * planted.per_day_before)
    edge = planted.days * 24 * 60
    ages = [source.randrange(edge) for _ in range(inside)]
    ages += [source.randrange(edge, MINUTES) for _ in range(before)]
    drafts = []
    for age in ages:
        company = tuple(tag for tag in planted.related if source.random() < 0.7)
        platform = source.choice(planted.platforms)
        drafts.append((age, platform, planted.topic, (planted.tag, *company)))
    return drafts


def _noise(source: random.Random) -> _Draft:
    topic = source.choices(TOPICS, [one.share for one in TOPICS])[0]
    weights = [1 / (rank + 1) for rank in range(len(topic.tags))]
    tags = tuple(dict.fromkeys(source.choices(topic.tags, weights, k=source.randint(1, 3))))
    platform = source.choices(list(PLATFORM_SHARES), list(PLATFORM_SHARES.values()))[0]
    return source.randrange(MINUTES), platform, topic.name, tags


def _written(number: int, draft: _Draft, source: random.Random) -> Post:
    age, platform, topic_name, tags = draft
    region = source.choices(list(REGION_SHARES), list(REGION_SHARES.values()))[0]
    language: Language = "en" if region in ENGLISH_REGIONS else "es"
    topic = next(one for one in TOPICS if one.name == topic_name)
    own = topic.english if language == "en" else topic.name
    shown = [_spelled(tag, language, source) for tag in tags]
    if source.random() < 0.5:
        shown.append(f"#{own}")
    text = source.choice(_SENTENCES[language]).format(tags=" ".join(shown))
    views = int(source.lognormvariate(7.0, 1.2)) + 10
    likes = round(views * _liked(platform, hour_of(age)) * source.uniform(0.7, 1.3))
    return Post(number, age, platform, region, language, topic_name, text, views, likes)


def hour_of(age_minutes: int) -> int:
    """The hour of the day (UTC) of a post of that age."""
    return 23 - (age_minutes // 60) % 24


def _liked(platform: Platform, hour: int) -> float:
    """The share of viewers who like a post of that hour: highest at the platform's peak."""
    away = abs(hour - PEAK_HOURS[platform])
    return 0.03 + 0.09 * max(0.0, 1 - min(away, 24 - away) / 4)


def _spelled(tag: str, language: str, source: random.Random) -> str:
    """A hashtag as somebody typed it: usually right, sometimes without accents or capitals."""
    spanish, _, english = tag.partition("/")
    word = english if language == "en" else spanish
    luck = source.random()
    if luck < 0.15:
        return f"#{word.lower()}"
    if luck < 0.35:
        plain = unicodedata.normalize("NFKD", word)
        return "#" + "".join(letter for letter in plain if not unicodedata.combining(letter))
    return f"#{word}"
