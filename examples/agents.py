# ruff: noqa: N803  # inputs are called what the orchestrator's contract calls them, in camelCase
"""Three agents that really work: trend-scanner, video-scriptor, post-scheduler.

In: the inputs of the orchestrator's contract, in Spanish or English. Out: its data, the same for the
same inputs and the same `now`. `misy agents serve examples/agents.py` hosts them;
`misy run FILE --agents examples/agents.py` calls them in its own process. Settings of the environment:
`MISY_EXAMPLES_NOW` (an ISO 8601 time that stands for now) and `MISY_EXAMPLES_OUTPUT` (where calendars go).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from calendar_file import Entry, calendar_text
from posts import DAYS, REGION_SHARES, Platform, folded
from scripts import Brief, written

from misydsl import agent
from misydsl.agents.declare import InputsRefused

RANGES: Final = {"last_24_hours": 1, "today": 1, "last_week": 7, "last_month": 30}
_LAST_DAYS = re.compile(r"last_(\d{1,3})_days?")
_BETWEEN = re.compile(r"(\d{4}-\d\d-\d\d)(?:/|\.\.|_to_)(\d{4}-\d\d-\d\d)")
_LONGEST_DAYS: Final = DAYS // 2  # growth needs a window of the same length before
DETAILS: Final = {
    "low": (3, 3), "basic": (3, 3), "bajo": (3, 3), "basico": (3, 3),
    "medium": (5, 4), "normal": (5, 4), "medio": (5, 4),
    "high": (10, 6), "detailed": (10, 6), "full": (10, 6), "alto": (10, 6), "detallado": (10, 6),
}  # fmt: skip
"""How many trends and related terms a level of detail gives."""
REGIONS: Final = {
    "mexico": "MX", "espana": "ES", "spain": "ES", "estados unidos": "US", "united states": "US",
    "argentina": "AR", "colombia": "CO", "reino unido": "GB", "united kingdom": "GB",
}  # fmt: skip
_EVERYWHERE: Final = ("", "global", "world", "mundo", "all")
_RISING = 100.0  # percent; below that a hashtag is usual rather than a trend


@agent("trend-scanner", title="Escáner de tendencias", pure=True)
def trend_scanner(
    *,
    platform: Annotated[Platform, "La red social"],
    topic: Annotated[str, "El tema, en español o inglés, con o sin acentos"],
    dateRange: Annotated[str, "last_7_days, last_30_days, 2026-01-01..2026-01-07"] = "last_7_days",
    detailLevel: Annotated[str, "low, medium, high"] = "medium",
    region: Annotated[str | None, "MX, ES, México, España…; nada: todas"] = None,
    now: Annotated[str | None, "El momento que se toma por ahora, ISO 8601"] = None,
) -> dict[str, object]:
    """Qué etiquetas crecen en una red: volumen, crecimiento en % y términos relacionados."""
    from trends import Question, scan  # pandas takes a second to load; the server starts without it

    most, related = _one_of(DETAILS, detailLevel, "detailLevel")
    newest, oldest = _window(dateRange, _now(now))
    place = _region(region)
    found = scan(Question(platform, topic, newest, oldest, place), most=most, related=related)
    rising = [trend for trend in found.trends if trend.growth >= _RISING]
    return {
        "trends": [
            {
                "keyword": trend.keyword,
                "volume": trend.volume,
                "growth": trend.growth,
                "relatedTerms": list(trend.related_terms),
            }
            for trend in found.trends
        ],
        "insights": _insights(topic, platform, found.posts, [one.keyword for one in rising]),
        "recommendations": [
            f"Publica sobre «{trend.keyword}»: crece un {trend.growth:.0f} %"
            + (f"; combínalo con «{trend.related_terms[0]}»" if trend.related_terms else "")
            for trend in rising[:3]
        ]
        or ["Nada despunta en esta ventana: amplía el rango o el tema"],
    }


@agent("video-scriptor", title="Guionista de vídeo", pure=True)
def video_scriptor(
    *,
    format: Annotated[str, "unboxing, tutorial, reseña, reto, historia…"],  # noqa: A002  # the contract's name
    objective: Annotated[str, "product_launch, engagement, sales, awareness, education…"],
    platform: Platform = "tiktok",
    emotion: str = "curiosidad",
    product: str | None = None,
    trends: Annotated[Any, "Las tendencias, o la respuesta entera de trend-scanner"] = None,
    previousResults: Annotated[Any, "Los resultados anteriores, si no se dan tendencias"] = None,
) -> dict[str, object]:
    """Un guión de 30 segundos sobre las tendencias que recibe."""
    keywords = tuple(dict.fromkeys(_keywords(trends))) or tuple(
        dict.fromkeys(_keywords_of_results(previousResults))
    )
    subject = product or (f"lo nuevo en {keywords[0]}" if keywords else "la novedad de la semana")
    script = written(Brief(format, objective, emotion, subject, platform, keywords[:4]))
    return {
        "script": script.script,
        "narrative": script.narrative,
        "suggestions": list(script.suggestions),
        "visualStyle": script.visual_style,
        "compressedScript": script.compressed,
    }


@agent("post-scheduler", title="Programador de publicaciones")
def post_scheduler(
    *,
    platforms: Annotated[list[Platform], "Dónde se publica"],
    content: Annotated[Any, "El texto, o la respuesta entera de video-scriptor"] = None,
    scheduledAt: Annotated[dt.datetime | None, "Cuándo; si falta, la mejor hora"] = None,
    script: Annotated[str | None, "El guión, si no se da `content`"] = None,
    previousResults: Annotated[Any, "Los resultados anteriores, si no se da nada"] = None,
    now: Annotated[str | None, "El momento que se toma por ahora, ISO 8601"] = None,
) -> dict[str, object]:
    """Elige la mejor hora en cada red y escribe un calendario `.ics`; repetirlo no lo duplica."""
    present = _now(now)
    if not platforms:
        raise InputsRefused("`platforms` está vacío: hace falta al menos una red")
    if scheduledAt and _utc(scheduledAt) < present:
        raise InputsRefused(f"`scheduledAt` ya pasó: {_written(scheduledAt)}")
    text = _text_of(content) or script or _text_of_results(previousResults) or "Publicación"
    times = {
        one: _utc(scheduledAt) if scheduledAt else _best_time(one, present) for one in platforms
    }
    posts = [_post(platform, moment, text) for platform, moment in times.items()]
    entries = [
        Entry(one["postId"], times[platform], f"Publicar en {platform}", text, platform)
        for platform, one in zip(times, posts, strict=True)
    ]
    return {"posts": posts, "calendar": str(_saved(entries, present))}


def _one_of(table: Mapping[str, tuple[int, int]], word: str, what: str) -> tuple[int, int]:
    found = table.get(folded(word))
    if found is None:
        raise InputsRefused(f"`{what}`: «{word}» no es ninguno de {', '.join(table)}")
    return found


def _now(given: str | None) -> dt.datetime:
    text = given or os.environ.get("MISY_EXAMPLES_NOW")
    return _utc(dt.datetime.fromisoformat(text)) if text else dt.datetime.now(dt.UTC)


def _utc(moment: dt.datetime) -> dt.datetime:
    """A time without a zone is in UTC."""
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _window(date_range: str, now: dt.datetime) -> tuple[int, int]:
    """From and to, in days before the last midnight."""
    word = date_range.strip().lower()
    if days := _LAST_DAYS.fullmatch(word):
        newest, oldest = 0, int(days[1])
    elif between := _BETWEEN.fullmatch(word):
        first, last = (dt.date.fromisoformat(text) for text in between.groups())
        newest, oldest = (now.date() - last).days - 1, (now.date() - first).days
    elif word in RANGES:
        newest, oldest = 0, RANGES[word]
    else:
        raise InputsRefused(f"`dateRange`: no entiendo «{date_range}»; escribe last_7_days")
    newest = max(newest, 0)
    length = oldest - newest
    if not 0 < length <= _LONGEST_DAYS or oldest + length > DAYS:
        raise InputsRefused(
            f"`dateRange`: «{date_range}» no cabe en los datos: como mucho {_LONGEST_DAYS} días, "
            f"y no más de {DAYS} atrás contando la ventana anterior"
        )
    return newest, oldest


def _region(region: str | None) -> str | None:
    word = folded((region or "").strip())
    if word in _EVERYWHERE:
        return None
    code = REGIONS.get(word, word.upper())
    if code not in REGION_SHARES:
        raise InputsRefused(
            f"`region`: no hay datos de «{region}»; hay de {', '.join(REGION_SHARES)}"
        )
    return code


def _insights(topic: str, platform: str, posts: int, rising: list[str]) -> str:
    if not posts:
        return f"No hay publicaciones sobre «{topic}» en {platform} en esta ventana."
    if not rising:
        return f"{posts} publicaciones sobre «{topic}» en {platform}; ninguna etiqueta se dispara."
    named = ", ".join(f"«{keyword}»" for keyword in rising[:3])
    return f"{posts} publicaciones sobre «{topic}» en {platform}; se disparan {named}."


def _keywords(trends: object) -> Iterator[str]:
    """The keywords in trends however they come: a list, a scanner's whole reply, plain words."""
    match trends:
        case str() if trends.strip():
            yield trends.strip()
        case {"keyword": str(keyword)}:
            yield keyword
        case {"trends": inner} | {"data": inner}:
            yield from _keywords(inner)
        case list():
            for item in trends:
                yield from _keywords(item)
        case _:
            return


def _keywords_of_results(results: object) -> Iterator[str]:
    if isinstance(results, dict):
        for result in results.values():
            if isinstance(result, dict):
                yield from _keywords(result)


def _text_of(content: object) -> str | None:
    match content:
        case str() if content.strip():
            return content
        case {"script": str(text)} | {"text": str(text)} | {"content": str(text)}:
            return text
        case {"data": inner}:
            return _text_of(inner)
        case _:
            return None


def _text_of_results(results: object) -> str | None:
    """The text of the latest result that has one."""
    if not isinstance(results, dict):
        return None
    texts = [text for text in map(_text_of, results.values()) if text]
    return texts[-1] if texts else None


def _best_time(platform: Platform, now: dt.datetime) -> dt.datetime:
    """The next full hour, an hour from now or later, at which this platform's posts are liked most."""
    from trends import best_hours

    best = best_hours(platform)[0]
    earliest = now + dt.timedelta(hours=1)
    moment = earliest.replace(hour=best, minute=0, second=0, microsecond=0)
    return moment if moment >= earliest else moment + dt.timedelta(days=1)


def _post(platform: str, moment: dt.datetime, text: str) -> dict[str, str]:
    identity = hashlib.sha256(f"{platform}|{_written(moment)}|{text}".encode()).hexdigest()[:12]
    return {
        "postId": f"post_{platform}_{identity}",
        "scheduledAt": _written(moment),
        "platform": platform,
        "status": "scheduled",
    }


def _saved(entries: list[Entry], now: dt.datetime) -> Path:
    """The calendar's file; the same posts always go into the same file."""
    folder = Path(os.environ.get("MISY_EXAMPLES_OUTPUT") or Path(__file__).parent / "out")
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256("|".join(entry.identity for entry in entries).encode()).hexdigest()[:12]
    path = folder / f"posts-{name}.ics"
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(calendar_text(entries, stamped_at=now), encoding="utf-8", newline="")
    draft.replace(path)
    return path


def _written(moment: dt.datetime) -> str:
    return _utc(moment).isoformat(timespec="seconds").replace("+00:00", "Z")
