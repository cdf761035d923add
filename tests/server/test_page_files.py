"""The page as it is sent: which files, with what policy, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Final

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from misydsl.render.theme import contrast
from misydsl.server.page_files import page_files, page_operations, policy

FILES: Final = {one.name: one for one in page_files()}
SCRIPTS: Final = sorted(name for name in FILES if name.endswith(".js"))
ENOUGH: Final = 4.5
SURFACES: Final = {
    **dict.fromkeys(("ink", "small", "link", "succeeded", "failed", "retrying"), ("page", "panel")),
    "on-button": ("button",),
}
STATUSES: Final = [
    "waiting",
    "running",
    "retrying",
    "asking",
    "succeeded",
    "failed",
    "blocked",
    "cancelled",
]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    routes = [Route(one.path, one.answer, methods=["GET"]) for one in page_operations()]
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3007") as one:
        yield one


def _text(name: str) -> str:
    return FILES[name].content.decode()


def test_every_file_of_the_page_has_a_path_of_its_own_and_is_open() -> None:
    operations = page_operations()
    assert {"/", "/page/main.js", "/page/page.css"} <= {one.path for one in operations}
    assert all(one.is_open and one.method == "GET" and not one.parameters for one in operations)


def test_what_a_file_asks_for_is_there() -> None:
    paths = {one.path for one in FILES.values()}
    asked = set(re.findall(r'(?:href|src)="(/[^"]+)"', _text("index.html")))
    for name in SCRIPTS:
        asked |= {f"/page/{one}" for one in re.findall(r'from "\./([^"]+)"', _text(name))}
    assert asked <= paths
    assert paths - asked == {"/"}, "a file that nobody asks for"


async def test_the_page_comes_under_its_policy(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    rules = answer.headers["content-security-policy"]
    assert rules.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "connect-src 'self' ws://localhost:3007 wss://localhost:3007;" in rules
    assert "unsafe" not in rules


@pytest.mark.parametrize("host", ["", "a b", "x; script-src *", "a\r\nb", "*", "[::1", "a,b"])
def test_a_host_that_is_none_adds_nothing_to_the_policy(host: str) -> None:
    assert "ws:" not in policy(host)


async def test_who_has_a_file_is_told_that_it_is_the_same(client: httpx.AsyncClient) -> None:
    first = await client.get("/page/main.js")
    assert first.headers["cache-control"] == "no-cache"
    again = await client.get("/page/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await client.get("/page/main.js", headers={"If-None-Match": '"other"'})
    assert other.content == first.content


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_makes_markup_or_code_of_a_text(name: str) -> None:
    ways = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser"
    assert not re.search(ways, _text(name))


def test_no_file_names_another_machine() -> None:
    for name, one in FILES.items():
        places = set(re.findall(r"https?://[^\s\"'`)]+", one.content.decode()))
        assert places <= {"http://www.w3.org/2000/svg"}, name


def test_the_page_itself_holds_no_script_and_no_style() -> None:
    page = _text("index.html")
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)


def test_both_languages_have_every_word_that_is_used() -> None:
    words = _text("words.js")
    table = words[: words.index("const STATUSES")]
    english, spanish = table.split("  es: {")
    keys = [set(re.findall(r'[{,\n ]"?(\w+)"?: "', one)) for one in (english, spanish)]
    assert keys[0] == keys[1]
    used = {key for name in SCRIPTS for key in re.findall(r'\bt\("(\w+)"', _text(name))}
    assert used <= keys[0]
    assert len(used) > 40


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_every_ink_can_be_read_on_its_surface(appearance: str) -> None:
    light, dark = _text("tones.css").split("@media")
    tones = _tones(light if appearance == "light" else dark)
    pairs = [(ink, on) for ink, surfaces in SURFACES.items() for on in surfaces]
    pairs += [(status, f"{status}-fill") for status in STATUSES]
    pairs += [("ink", "failed-fill")]
    weak = {pair: contrast(tones[pair[0]], tones[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < ENOUGH} == {}


def _tones(style: str) -> Mapping[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", style))
