"""The example agents find the planted truth, write scripts and plan posts, over every way of calling."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.posts import PEAK_HOURS, PLANTED, Planted, Platform
from misydsl.agents.declare import InputsRefused
from misydsl.server.hosting import HostedAgents
from misydsl.values import Value
from tests.examples.loading import NOW, agents, called


@pytest.fixture(autouse=True)
def _a_fixed_now_and_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISY_EXAMPLES_NOW", NOW)
    monkeypatch.setenv("MISY_EXAMPLES_OUTPUT", str(tmp_path))


@pytest.fixture(scope="module")
def hosted() -> Iterator[HostedAgents]:
    with HostedAgents(agents().values()) as server:
        yield server


def _trends(**inputs: Value) -> list[dict[str, Any]]:
    found = called("trend-scanner", **inputs)["trends"]
    assert isinstance(found, list)
    return found


GROWING = [
    (planted, platform)
    for planted in PLANTED
    if planted.factor > 1
    for platform in planted.platforms
]


@pytest.mark.parametrize(
    ("planted", "platform"), GROWING, ids=lambda one: getattr(one, "keyword", one)
)
def test_every_planted_trend_is_found_where_it_was_planted(
    planted: Planted, platform: Platform
) -> None:
    window = f"last_{planted.days}_days"
    found = _trends(platform=platform, topic=planted.topic, dateRange=window, detailLevel="high")
    [trend] = [one for one in found if one["keyword"] == planted.keyword]
    assert trend["growth"] > 100 * (planted.factor - 1) / 3
    related = [word.partition("/")[0].lower() for word in planted.related]
    assert {word.replace(" ", "") for word in trend["relatedTerms"]} & set(related)


def test_what_was_planted_strongest_comes_first_and_what_faded_is_absent() -> None:
    week = _trends(platform="tiktok", topic="tecnología")
    assert week[0]["keyword"] == "gafas inteligentes"
    month = _trends(
        platform="tiktok", topic="tecnología", dateRange="last_30_days", detailLevel="high"
    )
    assert month[0]["keyword"] == "inteligencia artificial"
    keywords = [one["keyword"] for one in month]
    assert "metaverso" not in keywords[:3]


@pytest.mark.parametrize("topic", ["tecnologia", "TECNOLOGÍA", " technology "])
def test_a_topic_is_understood_with_or_without_accents_in_both_languages(topic: str) -> None:
    assert _trends(platform="tiktok", topic=topic) == _trends(platform="tiktok", topic="tecnología")


def test_a_topic_may_be_any_words_in_the_posts() -> None:
    report = called(
        "trend-scanner",
        platform="tiktok",
        topic="inteligencia artificial",
        dateRange="last_30_days",
    )
    trends: Any = report["trends"]
    assert "ia generativa" in [one["keyword"] for one in trends]
    assert "inteligencia artificial" not in [one["keyword"] for one in trends]
    nothing = called("trend-scanner", platform="tiktok", topic="cuentos chinos")
    assert nothing["trends"] == []
    assert "No hay publicaciones" in str(nothing["insights"])


def test_the_level_of_detail_says_how_many() -> None:
    sizes = {
        level: len(_trends(platform="tiktok", topic="tecnología", detailLevel=level))
        for level in ("low", "medio", "high")
    }
    assert sizes == {"low": 3, "medio": 5, "high": 10}


def test_a_region_narrows_the_posts() -> None:
    everywhere = _trends(platform="tiktok", topic="tecnología")[0]["volume"]
    mexico = _trends(platform="tiktok", topic="tecnología", region="México")[0]["volume"]
    assert 0 < mexico < everywhere
    english = _trends(platform="tiktok", topic="tecnología", region="US")
    assert english[0]["keyword"] == "smart glasses"


def test_a_range_of_dates_counts_from_now() -> None:
    week = _trends(platform="tiktok", topic="tecnología", dateRange="last_7_days")
    same = _trends(platform="tiktok", topic="tecnología", dateRange="2026-01-08..2026-01-14")
    assert week == same


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"dateRange": "nunca"}, "no entiendo «nunca»"),
        ({"dateRange": "last_60_days"}, "no cabe en los datos"),
        ({"dateRange": "2020-01-01..2020-01-05"}, "no cabe en los datos"),
        ({"dateRange": "last_0_days"}, "no cabe en los datos"),
        ({"region": "Atlántida"}, "no hay datos de «Atlántida»"),
        ({"detailLevel": "enorme"}, "no es ninguno de"),
        ({"platform": "myspace"}, "`platform`"),
    ],
)
def test_what_the_scanner_cannot_answer_it_refuses(inputs: dict[str, Value], words: str) -> None:
    with pytest.raises(InputsRefused, match=words):
        called("trend-scanner", **{"platform": "tiktok", "topic": "moda", **inputs})


@pytest.mark.parametrize(
    "given",
    [
        {"trends": [{"keyword": "gafas inteligentes"}, {"keyword": "ia generativa"}]},
        {"trends": {"trends": [{"keyword": "gafas inteligentes"}, {"keyword": "ia generativa"}]}},
        {"trends": ["gafas inteligentes", "ia generativa"]},
        {
            "previousResults": {
                "trend-discovery": {
                    "success": True,
                    "data": {
                        "trends": [{"keyword": "gafas inteligentes"}, {"keyword": "ia generativa"}]
                    },
                }
            }
        },
    ],
)
def test_a_script_is_about_the_trends_however_they_come(given: dict[str, Value]) -> None:
    made = called("video-scriptor", format="unboxing", objective="product_launch", **given)
    assert set(made) == {"script", "narrative", "suggestions", "visualStyle", "compressedScript"}
    script = str(made["script"])
    assert "gafas inteligentes" in script
    assert "ia generativa" in script
    assert script.count("\n") == 3
    assert len(str(made["compressedScript"])) < len(script)
    assert "#GafasInteligentes" in str(made["suggestions"])


def test_a_script_needs_no_trends_and_follows_the_brief() -> None:
    made = called(
        "video-scriptor",
        format="Reseña",
        objective="engagement",
        emotion="alegría",
        product="Café Ñandú",
        platform="youtube",
    )
    assert "Una semana con Café Ñandú" in str(made["script"])
    assert "Te leo en los comentarios" in str(made["script"])
    assert "alegría" in str(made["narrative"])
    assert "Shorts" in str(made["visualStyle"])
    other = called("video-scriptor", format="ópera", objective="ganar amigos")
    assert "Objetivo: ganar amigos." in str(other["script"])


def test_posts_are_planned_at_the_best_hour_of_each_platform() -> None:
    planned = called(
        "post-scheduler", platforms=["tiktok", "instagram", "twitter"], content="Guión"
    )
    posts: Any = planned["posts"]
    assert [post["platform"] for post in posts] == ["tiktok", "instagram", "twitter"]
    assert {post["status"] for post in posts} == {"scheduled"}
    for post in posts:
        moment = dt.datetime.fromisoformat(post["scheduledAt"])
        assert moment.hour == PEAK_HOURS[post["platform"]]
        assert moment > dt.datetime.fromisoformat(NOW)
    assert posts[1]["scheduledAt"] == "2026-01-15T13:00:00Z"
    assert posts[2]["scheduledAt"] == "2026-01-16T09:00:00Z"


def test_the_calendar_holds_the_posts_and_a_second_call_does_not_double_it(tmp_path: Path) -> None:
    text = "Guión; con, marcas\ny una línea más: " + "ñandú " * 40
    first = called("post-scheduler", platforms=["tiktok"], content=text)
    second = called("post-scheduler", platforms=["tiktok"], content=text)
    assert first == second
    [path] = tmp_path.iterdir()
    assert str(path) == first["calendar"]
    data = path.read_bytes()
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    unfolded = data.decode().replace("\r\n ", "")
    [written] = re.findall(r"DESCRIPTION:(.*)\r\n", unfolded)
    assert written.replace("\\n", "\n").replace("\\;", ";").replace("\\,", ",") == text
    assert "DTSTART:20260115T200000Z" in unfolded
    posts: Any = first["posts"]
    assert f"UID:{posts[0]['postId']}@" in unfolded


def test_a_given_time_is_kept_unless_it_is_past() -> None:
    kept = called("post-scheduler", platforms=["youtube"], scheduledAt="2026-02-01T09:00:00+01:00")
    posts: Any = kept["posts"]
    assert posts[0]["scheduledAt"] == "2026-02-01T08:00:00Z"
    with pytest.raises(InputsRefused, match="ya pasó"):
        called("post-scheduler", platforms=["youtube"], scheduledAt="2026-01-01T00:00:00Z")
    with pytest.raises(InputsRefused, match="vacío"):
        called("post-scheduler", platforms=[])


def test_the_text_of_a_post_comes_from_what_there_is(tmp_path: Path) -> None:
    ways: list[dict[str, Value]] = [
        {"content": "Hola"},
        {"content": {"script": "Hola"}},
        {"content": {"data": {"script": "Hola"}}},
        {"script": "Hola"},
        {"previousResults": {"a": {"success": True, "data": {"script": "Hola"}}}},
    ]
    identities = {
        str(called("post-scheduler", platforms=["tiktok"], **way)["posts"]) for way in ways
    }
    assert len(identities) == 1
    assert len(list(tmp_path.iterdir())) == 1


async def _post(hosted: HostedAgents, name: str, body: dict[str, object]) -> Any:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        reply = await client.post(hosted.url_of(name), json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_the_seeds_workflow_works_over_the_misybot_wire(hosted: HostedAgents) -> None:
    shared = {"sessionId": "session-12345", "userId": "user-abcde", "campaignId": "campaign-xyz"}
    asked = {"platform": "tiktok", "topic": "tecnología", "dateRange": "last_7_days"}
    scanned = await _post(hosted, "trend-scanner", {**shared, **asked, "previousResults": {}})
    assert scanned["success"] is True
    assert scanned["data"]["trends"][0]["keyword"] == "gafas inteligentes"
    brief = {"format": "unboxing", "objective": "product_launch"}
    before = {"trend-discovery": scanned}
    scripted = await _post(hosted, "video-scriptor", {**shared, **brief, "previousResults": before})
    assert "gafas inteligentes" in scripted["data"]["script"]
    before["content-creation"] = scripted
    where = {"platforms": ["tiktok", "instagram"]}
    planned = await _post(hosted, "post-scheduler", {**shared, **where, "previousResults": before})
    assert [post["platform"] for post in planned["data"]["posts"]] == ["tiktok", "instagram"]
    assert "gafas inteligentes" in _unfolded(planned["data"]["calendar"])


def _unfolded(calendar: str) -> str:
    return Path(calendar).read_text(encoding="utf-8").replace("\n ", "")


async def test_the_plain_wire_gives_the_data_alone(hosted: HostedAgents) -> None:
    scanned = await _post(hosted, "trend-scanner", {"platform": "tiktok", "topic": "tecnología"})
    assert set(scanned) == {"trends", "insights", "recommendations"}
    assert set(scanned["trends"][0]) == {"keyword", "volume", "growth", "relatedTerms"}
    again = await _post(hosted, "trend-scanner", {"platform": "tiktok", "topic": "tecnología"})
    assert json.dumps(scanned) == json.dumps(again)


def test_loading_the_agents_does_not_load_pandas() -> None:
    import subprocess

    from tests.examples.loading import EXAMPLES

    program = (
        "import sys; from pathlib import Path; from misydsl.agents.files import load_agents\n"
        f"load_agents(Path({str(EXAMPLES / 'agents.py')!r}))\nprint('pandas' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"
