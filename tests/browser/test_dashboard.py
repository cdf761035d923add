"""The dashboard of a real `misy serve`, in Chromium: begun, watched, answered, cancelled, read by anybody.

No script of the page may fail and nothing may break its policy, in every test. `MISY_PICTURES` names a folder
into which the pictures of the documentation are written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.browser.projects import HOSTILE, written
from tests.server.served import Served, serving, workflow

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SOON_MS: Final = 20_000
PICTURES: Final = os.environ.get("MISY_PICTURES")  # tests see none of these
LONGEST_TASK_MS: Final = 200
TOKEN: Final = "una-prueba-muy-secreta-1234"
_VIOLATIONS: Final = """document.addEventListener('securitypolicyviolation',
  event => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));"""
_TASKS: Final = """window.longest = 0;
new PerformanceObserver(list => {
  for (const one of list.getEntries()) window.longest = Math.max(window.longest, one.duration);
}).observe({ type: 'longtask', buffered: true });"""

Show = Callable[..., "Page"]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    written(tmp_path)
    with serving(tmp_path, "--agents", str(tmp_path / "agents.py")) as server:
        yield server
        (tmp_path / "open").touch()


@pytest.fixture
def show(browser: Browser, served: Served) -> Iterator[Show]:  # pages end before it
    """Opens an address for a person with this language, width and appearance."""
    problems: list[str] = []
    contexts = []

    def one(url: str, **person: Any) -> Page:
        settings: dict[str, Any] = {"locale": "en-GB", "viewport": {"width": 1280, "height": 900}}
        context = browser.new_context(**{**settings, **person})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SOON_MS)
        page.add_init_script(_VIOLATIONS)
        page.add_init_script(_TASKS)
        page.on(
            "console", lambda said: problems.append(said.text) if said.type == "error" else None
        )
        page.on("pageerror", lambda problem: problems.append(str(problem)))
        page.goto(url)
        return page

    yield one
    for context in contexts:
        context.close()
    # a refusal (4xx) is told by the browser itself, and is no fault of the page
    assert [one for one in problems if "with a status of 4" not in one] == []


def _begun(served: Served, pipeline: str, **params: object) -> str:
    with served.client() as client:
        answer = client.post("/api/v1/runs", json={"pipeline": pipeline, "params": params})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])


def _opened(show: Show, served: Served, run: str, **person: Any) -> Page:
    page = show(f"{served.url}/#/run/{run}", **person)
    page.wait_for_selector("#run-status:not(:empty)")
    return page


def _stands(page: Page, word: str) -> None:
    page.locator("#run-status").get_by_text(word).wait_for()


def _fits(page: Page) -> bool:
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )


def test_a_run_is_begun_and_watched_to_its_end(show: Show, served: Served, tmp_path: Path) -> None:
    page = show(served.url)
    page.locator("#begin > summary").click()
    page.locator("select[name=pipeline]").select_option("tendencias")
    page.locator("[name='input-tema']").fill("té")
    page.locator("[name='input-cuántas']").fill("4")
    page.get_by_role("button", name="Start", exact=True).click()
    _stands(page, "running")
    page.locator("#steps").get_by_text("✓ succeeded").wait_for()
    page.locator("#graph img[src^='data:image/svg']").wait_for()
    before = page.locator("#graph img").get_attribute("src")
    (tmp_path / "open").touch()
    _stands(page, "✓ succeeded")
    page.locator("#result").get_by_text("té").wait_for()
    page.wait_for_function("src => document.querySelector('#graph img').src !== src", arg=before)
    assert page.locator("#timeline rect.succeeded").count() == 2
    assert page.locator("#said").inner_text() == "Análisis de Tendencias: ✓ succeeded"
    page.get_by_role("link", name="All runs").click()
    page.locator("#runs").get_by_text("2/2").wait_for()
    page.locator("#agents").get_by_text("puerta").wait_for()


def test_a_workflow_in_json_is_run_and_its_mistakes_are_told(show: Show, served: Served) -> None:
    page = show(served.url)
    page.locator("#begin > summary").click()
    field = page.locator("textarea[name=workflow]")
    begin = page.get_by_role("button", name="Start workflow")
    field.fill("{")
    begin.click()
    page.get_by_text("This is no JSON").wait_for()
    field.fill(json.dumps(workflow({"agent": "nadie"})))
    begin.click()
    page.locator("#begin .error").get_by_text("nadie").first.wait_for()
    field.fill(json.dumps(workflow({"agent": "buscador"}, name="Desde JSON")))
    begin.click()
    _stands(page, "✓ succeeded")
    assert page.locator("#run-title").inner_text() == "Desde JSON"


def test_a_failed_step_is_opened_and_hostile_text_is_only_text(show: Show, served: Served) -> None:
    page = _opened(show, served, _begun(served, "fallo", texto=HOSTILE))
    _stands(page, "partial")
    page.locator("#steps summary", has_text="mal").click()
    page.locator("#steps .error").get_by_text(HOSTILE).first.wait_for()
    page.get_by_label("Only what went wrong").check()
    page.locator("#steps summary", has_text="bien").wait_for(state="detached")
    assert page.locator("#run-title").inner_text() == "Campaña & <b>fallo</b>"
    assert page.title() == "MisyDSL · orchestrator"
    assert page.locator("main script, main b:not(.steps b):not(.error b), img[src=x]").count() == 0


@pytest.mark.parametrize(("button", "approved"), [("Approve", True), ("Deny", False)])
def test_a_question_is_answered(show: Show, served: Served, button: str, *, approved: bool) -> None:
    run = _begun(served, "permiso")
    page = _opened(show, served, run)
    asked = page.locator(".question")
    asked.get_by_text("¿Publicamos?").wait_for()
    asked.get_by_label("Comment").fill("sí, mañana")
    asked.get_by_role("button", name=button).click()
    asked.wait_for(state="detached")
    page.locator("#cancel, button.danger").first.wait_for(state="hidden")
    with served.client() as client:
        facts = client.get(f"/api/v1/runs/{run}/events").text
    answer = next(one for one in facts.splitlines() if "sí, mañana" in one)
    assert f'"approved":{json.dumps(approved)}' in answer


def test_the_picture_changes_with_the_page_between_light_and_dark(
    show: Show, served: Served
) -> None:
    run = _begun(served, "fallo", texto="x")
    page = _opened(show, served, run, color_scheme="dark")
    page.locator("#graph img[src*='misy-dark']").wait_for()
    page.emulate_media(color_scheme="light")
    page.locator("#graph img[src*='misy-light']").wait_for()


def test_a_run_that_waits_for_a_person_says_so_in_the_table_and_by_itself(
    show: Show, served: Served
) -> None:
    run = _begun(served, "permiso")
    page = show(served.url)
    page.locator("#runs .badge.asking").get_by_text("◇ asking").wait_for()
    page.goto(f"{served.url}/#/run/{run}")
    _stands(page, "◇ asking")
    page.locator(".question").get_by_role("button", name="Approve").click()
    _stands(page, "✓ succeeded")


def test_a_run_is_cancelled_after_a_second_thought(show: Show, served: Served) -> None:
    page = _opened(show, served, _begun(served, "tendencias"))
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    cancel.click()
    page.get_by_role("button", name="Keep it running").click()
    page.locator("dialog").wait_for(state="detached")
    _stands(page, "running")
    cancel.click()
    page.get_by_role("button", name="Cancel the run").click()
    _stands(page, "cancelled")
    cancel.wait_for(state="hidden")


def test_without_a_socket_the_page_asks_by_itself(
    show: Show, served: Served, tmp_path: Path
) -> None:
    page = show(f"{served.url}/docs")
    page.route_web_socket("**/*", lambda socket: socket.close())
    page.goto(f"{served.url}/#/run/{_begun(served, 'tendencias')}")
    _stands(page, "running")
    page.get_by_text("not connected").wait_for()
    (tmp_path / "open").touch()
    _stands(page, "✓ succeeded")


def test_runs_are_filtered_by_status(show: Show, served: Served) -> None:
    _begun(served, "fallo", texto="x")
    waiting = _begun(served, "permiso")
    page = show(served.url)
    page.locator("#runs tbody tr").nth(1).wait_for()
    page.locator("#status").select_option("running")
    page.locator("#runs tbody tr").nth(1).wait_for(state="detached")
    assert waiting in page.locator("#runs tbody").inner_text()


def test_the_page_speaks_spanish_and_changes_by_a_button(show: Show, served: Served) -> None:
    page = show(served.url, locale="es-ES")
    page.get_by_role("heading", name="Ejecuciones").wait_for()
    assert page.evaluate("document.documentElement.lang") == "es"
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Runs").wait_for()
    page.reload()
    page.get_by_role("heading", name="Runs").wait_for()


@pytest.mark.parametrize("width", [320, 640])  # a small phone; 1280 at 200 %
def test_nothing_is_wider_than_a_small_screen(show: Show, served: Served, width: int) -> None:
    run = _begun(served, "fallo", texto=HOSTILE + "x" * 300)
    screen = {"width": width, "height": 640}
    page = _opened(show, served, run, viewport=screen)
    page.locator("#steps summary").nth(1).click()
    page.locator("#graph img[src^='data:']").wait_for()
    assert _fits(page)
    page.get_by_role("link", name="All runs").click()
    page.locator("#runs tbody tr").wait_for()
    page.locator("#begin > summary").click()
    page.locator("select[name=pipeline]").wait_for()
    assert _fits(page)


def test_everything_is_reached_by_the_keyboard(show: Show, served: Served) -> None:
    run = _begun(served, "permiso")
    page = show(served.url)
    page.locator("#runs tbody tr").wait_for()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.hash") == f"#/run/{run}":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.locator(".question").get_by_label("Comment").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".question").wait_for(state="detached")
    _stands(page, "succeeded")


def test_the_token_is_asked_for_once(show: Show, tmp_path: Path) -> None:
    written(tmp_path)
    secret = tmp_path / "token"
    secret.write_text(TOKEN)
    secret.chmod(0o600)
    with serving(tmp_path, "--token-file", str(secret)) as server:
        page = show(server.url)
        field = page.get_by_label("Token", exact=True)
        field.fill("otra-cosa-que-no-es-nada")
        page.get_by_role("button", name="Enter").click()
        page.get_by_text("That is not the token.").wait_for()
        field.fill(TOKEN)
        page.get_by_role("button", name="Enter").click()
        page.get_by_text("No runs yet.").wait_for()
        page.get_by_text("● live").wait_for()
        page.reload()
        page.get_by_text("● live").wait_for()
        assert page.locator("dialog").count() == 0
        assert TOKEN not in page.evaluate("document.cookie + JSON.stringify({...localStorage})")
        page.context.close()


def test_a_thousand_runs_and_a_thousand_steps_stay_fluid(show: Show, served: Served) -> None:
    """The answers are made up, so that only the page is at work."""
    page = show(f"{served.url}/docs")
    page.route("**/api/v1/runs?*", lambda route: route.fulfill(json={"runs": _rows(1_000)}))
    page.route("**/api/v1/runs/many", lambda route: route.fulfill(json=_detail(1_000)))
    page.goto(served.url)
    page.locator("#runs tbody tr").nth(999).wait_for(state="attached")
    assert page.evaluate("window.longest") < LONGEST_TASK_MS
    page.goto(f"{served.url}/#/run/many")
    page.locator("#steps > li").nth(999).wait_for(state="attached")
    assert page.evaluate("window.longest") < LONGEST_TASK_MS


def _head(number: int) -> dict[str, Any]:
    at = "2026-01-01T10:00:00.000Z"
    links = dict.fromkeys(("self", "events", "graph", "cancel", "resume", "approve"), "/")
    return {
        "id": f"run-{number}",
        "workflowId": "w",
        "workflowName": f"Campaña {number}",
        "sessionId": "s",
        "status": "succeeded",
        "outcome": "success",
        "acceptedAt": at,
        "finishedAt": at,
        "duration": 10,
        "asking": 0,
        "links": links,
    }


def _rows(many: int) -> list[dict[str, Any]]:
    progress = {"total": 3, "done": 3, "failed": 0, "running": 0}
    return [{**_head(number), "steps": progress} for number in range(many)]


def _detail(many: int) -> dict[str, Any]:
    at = "2026-01-01T10:00:00.000Z"
    tried = {"agent": "a", "status": "succeeded", "startedAt": at, "duration": 5}
    names = [f"s{number}" for number in range(many)]
    return {
        **_head(0),
        "progress": {"total": many, "done": many, "failed": 0, "running": 0},
        "steps": [{"id": one, "name": one, "attempts": 1, **tried} for one in names],
        "attempts": [{"stepId": one, "attempt": 1, **tried} for one in names],
        "questions": [],
        "agents": [],
    }


@pytest.mark.skipif(PICTURES is None, reason="MISY_PICTURES names no folder")
def test_pictures_for_the_documentation(show: Show, served: Served) -> None:
    folder = Path(str(PICTURES))
    folder.mkdir(parents=True, exist_ok=True)
    for topic in ("té", "café de otoño"):
        _begun(served, "tendencias", tema=topic)
    _begun(served, "permiso")
    run = _begun(served, "otoño", texto="sin conexión con la red social")
    for name, person in _PEOPLE.items():
        page = show(served.url, **person)
        page.locator("#runs tbody tr").nth(3).wait_for()
        if name == "dark":
            page.goto(f"{served.url}/#/run/{run}")
            page.locator("#graph img[src^='data:']").wait_for()
            page.locator("#steps summary").nth(1).click()
        page.locator("#health span").first.wait_for()
        page.screenshot(path=folder / f"dashboard-{name}.png")


_PEOPLE: Final[dict[str, dict[str, Any]]] = {
    "light": {"locale": "es-ES", "viewport": {"width": 1000, "height": 720}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1000, "height": 900}},
    "phone": {"locale": "es-ES", "viewport": {"width": 360, "height": 740}},
}
