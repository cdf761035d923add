"""The server asked everything its own document describes, and much that it does not (schemathesis).

Over real sockets, seeded and bounded. No answer may be a 5xx, and each has to be one the document describes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case

from tests.server.served import Served, serving

EXAMPLES: Final = 12
AGENTS: Final = """
from misydsl import agent

@agent("eco")
def echo(*, texto: str = "hola") -> dict[str, object]:
    return {"texto": texto}
"""
PROJECT: Final = """misy 1
agent eco(texto: string = "hola")
pipeline saludo(texto: string = "hola") { step s { call eco(texto) } return s }
"""
_ENDLESS: Final = r"/dashboard/live$"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("preguntas")
    (folder / "agents.py").write_text(AGENTS, "utf-8")
    (folder / "saludo.misy").write_text(PROJECT, "utf-8")
    with serving(folder, "--agents", str(folder / "agents.py")) as server:
        yield server
        assert server.process.poll() is None, "the server has died"


@pytest.fixture(scope="module")
def document(served: Served) -> Any:
    return schemathesis.openapi.from_url(f"{served.url}/openapi.json").exclude(path_regex=_ENDLESS)


schema = schemathesis.pytest.from_fixture("document")


@pytest.mark.timeout(180)
@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_what_the_document_describes_is_what_the_server_does(case: Case[Any]) -> None:
    case.call_and_validate(timeout=30)
