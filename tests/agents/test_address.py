"""URLs taken apart: what is called, what is shown, and what is refused."""

from __future__ import annotations

import pytest

from misydsl.agents.address import address_of
from misydsl.failures import AgentUnknown


def test_credentials_and_query_are_called_with_but_never_shown() -> None:
    address = address_of("https://ana:p%40ss@agents.test:8443/a b?key=1#part", agent="a")
    assert address.url == "https://agents.test:8443/a%20b?key=1"
    assert address.shown == "https://agents.test:8443/a%20b"
    assert (address.user, address.password) == ("ana", "p@ss")


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("http://localhost:3007", "http://localhost:3007/"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("http://café.test/é", "http://xn--caf-dma.test/%C3%A9"),
        ("http://h/%C3%A9?q=ñ", "http://h/%C3%A9?q=%C3%B1"),
        ("HTTP://Host/A", "http://host/A"),
    ],
)
def test_a_url_is_escaped_once(url: str, called: str) -> None:
    assert address_of(url, agent="a").url == called


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///x",
        "http://h:99999/",
        "http://h:port/",
        "http://[::1/",
        "ftp://h/",
        "http://a b/",
        f"http://{'é' * 70}/",
    ],
)
def test_a_url_that_cannot_be_called_is_refused_with_a_right_one(url: str) -> None:
    with pytest.raises(AgentUnknown, match=r'the url of writer cannot be used .*"http://localhost'):
        address_of(url, agent="writer")


@pytest.mark.parametrize(
    ("url", "path", "health"),
    [
        ("http://h/agents/a", "/health", "http://h/agents/a/health"),
        ("http://h/agents/a/", "health", "http://h/agents/a/health"),
        ("http://h", "/salud é", "http://h/salud%20%C3%A9"),
        ("http://h/a?k=1", "/health", "http://h/a/health?k=1"),
        ("http://h/a", "https://other/up", "https://other/up"),
    ],
)
def test_health_is_below_the_agent_unless_it_is_a_url(url: str, path: str, health: str) -> None:
    assert address_of(url, agent="a").below(path).url == health


def test_asking_keeps_the_query_that_was_there() -> None:
    address = address_of("http://h/x?v=1", agent="a")
    assert address.asking({}) == "http://h/x?v=1"
    assert address.asking({"q": "a b&c"}) == "http://h/x?v=1&q=a%20b%26c"
