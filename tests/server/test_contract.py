"""The server asked everything its own document describes, and much that it does not (schemathesis).

Over real sockets, seeded and bounded. No answer may be a 5xx, and each has to be one the document describes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig

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


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_what_the_document_describes_is_what_the_server_does(
    served: Served, mode: GenerationMode
) -> None:
    document = schemathesis.openapi.from_url(f"{served.url}/openapi.json", config=_rules())
    asked = 0
    for found in document.exclude(path_regex=_ENDLESS).get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # what is invalid raises
        asked += _is_asked(operation, mode)
    assert asked > 10


def _rules() -> SchemathesisConfig:
    """Every check; a workflow may fit its schema and name agents, steps or times that are none."""
    well_formed = ["2xx", "400", "404", "409", "415", "422"]
    refused = ["400", "404", "405", "408", "409", "413", "415", "422"]
    checks = {
        "positive_data_acceptance": {"expected-statuses": well_formed},
        "negative_data_rejection": {"expected-statuses": refused},
    }
    return SchemathesisConfig.from_dict({"checks": checks})


def _is_asked(operation: Any, mode: GenerationMode) -> bool:
    """Ask it everything, unless nothing of it can be wrong; raises what does not hold."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def asks(case: Case[Any]) -> None:
        case.call_and_validate(timeout=30)

    try:
        asks()
    except Unsatisfiable:
        return False
    return True
