"""Which agent a name means, and who connects to it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from misydsl.agents.contract import AgentSpec, Connection, Connector
from misydsl.agents.declare import agent
from misydsl.agents.messages import environment_name
from misydsl.agents.registry import Registry
from misydsl.failures import AgentUnknown
from tests.agents.fakes import answer, raw_agent, request, value_of


@agent("trend-scanner", pure=True)
def scan(topic: str) -> str:
    return topic.upper()


async def test_a_binding_comes_before_everything_else() -> None:
    env = {"AGENT_TREND_SCANNER_URL": "http://nowhere.invalid/"}
    for bound in (scan, lambda topic: topic.upper(), Registry({"x": scan}).connect("x")):
        registry = Registry({"trend_scanner": bound}, env)
        connection = registry.connect(AgentSpec("trend-scanner", "http://nowhere.invalid/"))
        assert value_of(await connection.call(request({"topic": "é"}))) == "É"


async def test_a_binding_may_be_a_url() -> None:
    async with raw_agent(answer(b"7")) as served:
        registry = Registry({"a": served.url}, {"AGENT_A_URL": "http://nowhere.invalid/"})
        assert value_of(await registry.connect("a").call(request())) == 7
        await registry.aclose()


def test_the_environment_comes_before_the_declaration_and_that_before_the_default() -> None:
    env = {"AGENT_TREND_SCANNER_URL": "http://env.test/"}
    spec = AgentSpec("trend-scanner", "http://declared.test/")
    assert Registry({}, env).url_of(spec) == "http://env.test/"
    assert Registry({}, {}).url_of(spec) == "http://declared.test/"
    default = "http://localhost:3007/api/v1/agents/trend-scanner"
    assert Registry().url_of(AgentSpec("trend-scanner", "")) == default
    assert Registry({}, env).is_known("trend-scanner")
    assert Registry({"trend_scanner": scan}).is_known("trend-scanner")
    assert not Registry().is_known("trend-scanner")


@pytest.mark.parametrize(
    ("name", "variable"),
    [("trend-scanner", "AGENT_TREND_SCANNER_URL"), ("gpt4.mini", "AGENT_GPT4_MINI_URL")],
)
def test_the_variable_of_an_agent(name: str, variable: str) -> None:
    assert environment_name(name) == variable


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("htpp://h/x", r"nothing connects to `htpp:`\. Did you mean `http:`\?"),
        (
            "carrier+pigeon://h/x",
            r"nothing connects to `carrier\+pigeon:`; there is http, https, python",
        ),
        ("localhost:4001", r'the url has no scheme: write "http://localhost:4001"'),
        ("agents.test/x", r'the url has no scheme: write "http://agents\.test/x"'),
        ("http://", "a host is missing"),
    ],
)
def test_a_url_nobody_connects_to_says_what_to_write(url: str, words: str) -> None:
    with pytest.raises(AgentUnknown, match=words):
        Registry().connect(AgentSpec("a", url))


@pytest.mark.parametrize("url", ["http://[::1", "http://[x]/a", "http://a:99999", "HTTP://"])
def test_a_url_that_is_none_is_refused_in_words(url: str) -> None:
    with pytest.raises(AgentUnknown, match="the url of scan cannot be used"):
        Registry(env={"AGENT_SCAN_URL": url}).connect("scan")


def test_a_binding_that_is_nothing_to_call_is_refused() -> None:
    with pytest.raises(AgentUnknown, match="a is bound to an int"):
        Registry({"a": 3}).connect("a")  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("http://h/api/v1/agents/trend-scanner?x=1", "trend-scanner"),
        ("http://h/a/", "a"),
        ("http://h:80", "80"),
        ("python:tests.agents.fakes:request", "request"),
    ],
)
def test_a_url_can_be_connected_to_without_a_declaration(asked: str, name: str) -> None:
    assert Registry().connect(asked).name == name


def test_agents_of_one_registry_share_a_connector() -> None:
    registry = Registry()
    first, second = registry.connect("http://h/a"), registry.connect("https://h/b")
    assert first._wire == second._wire  # type: ignore[attr-defined]


async def test_registries_that_are_given_the_same_connectors_share_their_pools() -> None:
    shared: dict[str, Connector] = {}
    async with raw_agent(answer(b"1")) as served:
        for _ in range(3):
            connection = Registry(connectors=shared).connect(served.url)
            assert value_of(await connection.call(request())) == 1
        assert served.connections == 1
        assert set(shared) == {"http", "https"}
        await Registry(connectors=shared).aclose()


class PigeonConnector:
    """A connector as a plug-in would bring it."""

    closed = 0

    def connect(self, spec: AgentSpec) -> Connection:
        return Registry({spec.name: scan}).connect(spec.name)

    async def aclose(self) -> None:
        type(self).closed += 1


@pytest.mark.parametrize("registered", ["carrier+pigeon", "carrier+"])
async def test_further_schemes_come_as_entry_points(
    monkeypatch: pytest.MonkeyPatch, registered: str
) -> None:
    group = "misydsl.connectors"
    entry = EntryPoint(registered, f"{__name__}:PigeonConnector", group)
    monkeypatch.setattr(entry.__class__, "load", lambda _: PigeonConnector)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: EntryPoints([entry]))
    registry = Registry()
    connection = registry.connect(AgentSpec("a", "carrier+pigeon://loft"))
    assert value_of(await connection.call(request({"topic": "a"}))) == "A"
    closed = PigeonConnector.closed
    await registry.aclose()
    assert PigeonConnector.closed == closed + 1


def test_a_registry_is_made_and_asked_without_an_event_loop_or_aiohttp() -> None:
    program = (
        "import sys; from misydsl.agents.registry import Registry\n"
        "Registry({'a': print}, {}).url_of\n"
        "import misydsl.agents.declare, misydsl.agents.files\n"
        "print([name for name in ('aiohttp', 'httpx', 'pandas') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_a_registry_outlives_an_event_loop() -> None:
    async def calling(registry: Registry) -> None:
        async with raw_agent(answer(b"1")) as served:
            assert value_of(await registry.connect(served.url).call(request())) == 1

    registry = Registry()
    for _ in range(2):
        asyncio.run(calling_then_closing(registry, calling))


async def calling_then_closing(registry: Registry, calling: object) -> None:
    await calling(registry)  # type: ignore[operator]
    http = registry._connectors["http"]
    wire = http.wire()  # type: ignore[attr-defined]
    await wire.aclose()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("e/../x", "/api/v1/agents/e%2F..%2Fx"),
        ("..", "/api/v1/agents/%2E%2E"),
        ("año", "/api/v1/agents/a%C3%B1o"),
    ],
)
def test_a_name_is_one_segment_of_its_default_address(name: str, path: str) -> None:
    connection = Registry().connect(AgentSpec(name, ""))
    assert str(connection.place) == f"http://localhost:3007{path}"  # type: ignore[attr-defined]
