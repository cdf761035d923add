"""The usage example's WebSocket statement, word for word, in a browser, against a real server.

The browser finds the port of the test's server behind the port that is written in the statement; everything
else is as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import FLAGS
from tests.browser.jupyter import chromium
from tests.browser.projects import written
from tests.server.served import API, Served, asked, serving, workflow

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# As a front end has it: the language of types is not used in it, so it is JavaScript as it stands.
STATEMENT: Final = """
// En el frontend, conectar a WebSocket para recibir actualizaciones
const socket = new WebSocket('ws://localhost:3007');

socket.onmessage = (event) => {
  const data = JSON.parse(event.data);
  
  switch (data.type) {
    case 'workflow_started':
      console.log(`Workflow ${data.workflowName} iniciado`);
      break;
    case 'step_started':
      console.log(`Paso ${data.stepName} iniciado (intento ${data.attempt})`);
      break;
    case 'step_completed':
      console.log(`Paso ${data.stepName} completado (${data.success ? 'éxito' : 'fallido'})`);
      break;
    case 'workflow_completed':
      console.log(`Workflow ${data.workflowName} completado con estado: ${data.status}`);
      break;
    case 'workflow_failed':
      console.error(`Workflow ${data.workflowName} fallido: ${data.error}`);
      break;
  }
};
"""  # noqa: W293  # the blank line has its spaces there too
_OPEN: Final = "new Promise(resolve => { window.seed.addEventListener('open', resolve); })"
_LAST: Final = ("Workflow Flujo completado", "Workflow Roto fallido")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    written(tmp_path)
    with serving(tmp_path, "--agents", str(tmp_path / "agents.py")) as server:
        yield server


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """A page of the server, at the address that the statement speaks of."""
    port = urlsplit(served.url).port
    rules = f"--host-resolver-rules=MAP localhost:3007 127.0.0.1:{port}"
    flags = [one for one in FLAGS if not one.startswith("--host-resolver-rules")]
    own = browser.browser_type.launch(executable_path=chromium(), args=[*flags, rules])
    opened = own.new_page()
    opened.goto("http://localhost:3007/")
    yield opened
    own.close()


def test_the_statement_tells_what_happens(page: Page, served: Served) -> None:
    lines: list[tuple[str, str]] = []
    page.on("console", lambda said: lines.append((said.type, said.text)))
    page.evaluate(f"{STATEMENT}; window.seed = socket; {_OPEN}")
    steps = (
        {"agent": "buscador", "name": "Buscar café"},
        {"agent": "inestable", "name": "Fallará", "input": {"texto": "sin conexión"}},
    )
    broken = workflow(steps[1], name="Roto", id_="roto")
    with served.client() as client:
        for one in (workflow(*steps, name="Flujo"), broken):
            assert client.post(f"{API}/workflow", json=asked(one)).status_code == 200
    while not all(any(text.startswith(last) for _, text in lines) for last in _LAST):
        page.wait_for_event("console")
    told = [(kind, text) for kind, text in lines if text.startswith(("Workflow", "Paso"))]
    assert told[0] == ("log", "Workflow Flujo iniciado")
    assert ("log", "Paso Buscar café iniciado (intento 1)") in told
    assert ("log", "Paso Buscar café completado (éxito)") in told
    assert ("log", "Paso Fallará completado (fallido)") in told
    assert ("log", "Workflow Flujo completado con estado: partial") in told
    kind, last = told[-1]
    assert (kind, last.startswith("Workflow Roto fallido: ")) == ("error", True)
    assert "undefined" not in " ".join(text for _, text in told)
