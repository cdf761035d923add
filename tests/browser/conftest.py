"""Fixtures of the browser: one server and one browser for all tests, a page and a folder for each.

Where there is no Chromium or no Playwright the tests are skipped, with one line; `make browser` fails there. `MISY_BROWSER`
says which of the two it is: `now` for `make browser`, `apart` for a run beside which that one is made.
No page reaches another machine than this one: names do not resolve, and whatever was asked is kept.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import urlsplit

import pytest

from tests.browser.jupyter import Jupyter, chromium, missing, served
from tests.browser.opened import Application, Opened, opened, written

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
WHEN: Final = os.environ.get("MISY_BROWSER", "")
LOCAL: Final = {"127.0.0.1", "", None}

Open = Callable[..., Opened]


@pytest.fixture(scope="package")
def _equipped() -> None:
    if WHEN == "apart":
        pytest.skip("`make browser` runs these apart")
    if reason := missing():
        lack(reason)


def lack(reason: str) -> NoReturn:
    """Something is not here that a test needs: it is skipped, and fails where it was asked for."""
    if WHEN == "now":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="package")
def jupyter(_equipped: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """The server of all tests."""
    with served(tmp_path_factory.mktemp("jupyter")) as found:
        yield found


# Not for the session: while it lives, its loop counts as the running one of this thread.
@pytest.fixture(scope="package")
def browser(_equipped: None) -> Iterator[Browser]:
    """The system's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A person's session; asserts in the end that it asked nothing of other machines."""
    asked: list[str] = []
    found = browser.new_context(viewport={"width": 1280, "height": 900})
    found.on("request", lambda request: asked.append(request.url))
    yield found
    found.close()
    away = [one for one in asked if urlsplit(one).hostname not in LOCAL]
    assert away == [], "a page asked other machines"


@pytest.fixture
def open_notebook(
    context: BrowserContext, jupyter: Jupyter, request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Opens a notebook with these cells; in the end its kernel is shut down."""
    all_opened: list[Opened] = []

    def open_one(cells: Sequence[str], *, application: Application = "lab") -> Opened:
        name = re.sub(r"\W+", "-", request.node.name)[:60]
        folder = jupyter.folder / f"{name}-{len(all_opened)}"
        folder.mkdir()
        path = written(folder, "cuaderno", cells)
        found = opened(context.new_page(), jupyter, path, application=application)
        all_opened.append(found)
        return found

    yield open_one
    _shut_down(jupyter, context)
    for chosen in (jupyter.folder.parent / "settings").rglob("themes.jupyterlab-settings"):
        chosen.unlink()  # a theme that a test chose is that test's
    problems = [problem for one in all_opened for problem in one.problems]
    assert problems == [], "scripts of the page failed"


def _shut_down(jupyter: Jupyter, context: BrowserContext) -> None:
    """End all kernels, so that the next test has the machine for itself."""
    address = f"{jupyter.url}/api/sessions"
    head = {"Authorization": f"token {jupyter.token}"}
    for session in context.request.get(address, headers=head).json():
        context.request.delete(f"{address}/{session['id']}", headers=head)


@pytest.fixture
def here(jupyter: Jupyter) -> Path:
    """The folder that the server shows."""
    return jupyter.folder
