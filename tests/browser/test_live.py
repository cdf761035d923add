"""Checks of a running board: it keeps its picture, answers its buttons, and comes back after a reload."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.browser.cells import APPROVAL, HANG, LOAD, THREE
from tests.browser.conftest import Open
from tests.browser.opened import Opened

RUN = "run = await tres()"
FILLS = "all => all.map(one => getComputedStyle(one).fill).join()"


def let(notebook: Opened, name: str) -> None:
    """Open a gate."""
    (notebook.path.parent / f"go-{name}").touch()


def test_the_picture_stays_in_the_page_while_it_is_coloured(open_notebook: Open) -> None:
    notebook = open_notebook([LOAD, THREE, RUN])
    notebook.done(0, 1)
    notebook.run(2)
    board = notebook.board(2)
    board.locator("svg").evaluate("element => { element.misyMark = 'the same' }")
    looks = []
    for number in range(3):
        notebook.says(2, f"{number}/3")
        looks.append(board.locator("svg rect").evaluate_all(FILLS))
        assert board.locator("svg").evaluate("element => element.misyMark") == "the same"
        let(notebook, str(number + 1))
    assert len(set(looks)) == 3
    notebook.ended(2)
    assert "succeeded" in notebook.output(2).inner_text()


@pytest.fixture
def silent_agent() -> Iterator[tuple[int, threading.Event]]:
    """An agent over HTTP that never answers, and says when its connection was closed."""
    closed = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)

        def listen() -> None:
            connection, _ = listening.accept()
            with connection:
                while connection.recv(65_536):
                    pass
            closed.set()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield listening.getsockname()[1], closed


def test_an_interrupt_ends_a_hanging_cell_within_a_second(
    open_notebook: Open, silent_agent: tuple[int, threading.Event]
) -> None:
    port, closed = silent_agent
    agent = f'agent hold(text: string) -> string {{ url: "http://127.0.0.1:{port}/hold" }}\n'
    text = HANG.replace("pipeline", agent + "pipeline", 1)
    notebook = open_notebook(["%load_ext misydsl", text, "run = await hang(text='x')"])
    notebook.done(0, 1)
    notebook.run(2)
    notebook.says(2, "running")
    begin = time.monotonic()
    notebook.interrupt()
    notebook.ended(2)
    assert time.monotonic() - begin < 1
    assert closed.wait(1), "the agent saw its connection close"
    notebook.says(2, "run.resume() completes it")
    assert "Traceback" not in notebook.output(2).inner_text()


def test_inspect_and_stop_answer_within_a_second_while_it_runs(open_notebook: Open) -> None:
    notebook = open_notebook([LOAD, HANG, "run = await hang(text='palabra ñ')"])
    notebook.done(0, 1)
    notebook.run(2)
    notebook.says(2, "running")
    begin = time.monotonic()
    notebook.board(2).locator("select").first.select_option("held")
    notebook.says(2, "palabra ñ", within_s=5)
    assert time.monotonic() - begin < 1
    begin = time.monotonic()
    notebook.board(2).get_by_role("button", name="Stop").click()
    notebook.ended(2)
    assert time.monotonic() - begin < 1
    assert (notebook.path.parent / "let-go").exists(), "the agent was told"
    notebook.says(2, "paused")


def test_a_page_loaded_anew_in_mid_run_goes_on_with_the_board(open_notebook: Open) -> None:
    notebook = open_notebook([LOAD, THREE, RUN])
    notebook.done(0, 1)
    notebook.run(2)
    let(notebook, "1")
    notebook.says(2, "1/3")
    notebook.save()
    begin = time.monotonic()
    notebook.reload()
    notebook.says(2, "1/3")
    assert time.monotonic() - begin < 10
    let(notebook, "2")
    notebook.says(2, "2/3")
    let(notebook, "3")
    notebook.says(2, "3/3")
    notebook.says(2, "succeeded")


def test_two_runs_on_one_page_colour_only_their_own_picture(open_notebook: Open) -> None:
    watch = "{0} = tres.start({{'name': '{0}'}})\nmisydsl.watch({0})"
    notebook = open_notebook([LOAD, THREE, watch.format("x"), watch.format("y")])
    notebook.done(0, 1, 2, 3)
    let(notebook, "x1")
    notebook.says(2, "1/3")
    notebook.says(3, "0/3")
    one, other = (notebook.board(number).locator("svg rect") for number in (2, 3))
    assert one.evaluate_all(FILLS) != other.evaluate_all(FILLS)
    let(notebook, "y1")
    notebook.says(3, "1/3")
    assert one.evaluate_all(FILLS) == other.evaluate_all(FILLS)
    ids = notebook.page.locator(".misy-live [id]").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids)) > 0


def test_approve_in_the_board_lets_the_run_go_on(open_notebook: Open) -> None:
    notebook = open_notebook([LOAD, APPROVAL, "run = await revista(text='un texto')"])
    notebook.done(0, 1)
    notebook.run(2)
    notebook.says(2, "¿Publicar?")
    notebook.board(2).get_by_role("button", name="Approve").click()
    notebook.ended(2)
    notebook.says(2, "succeeded")


def test_a_blocking_run_shows_no_dead_button_and_hears_the_interrupt(open_notebook: Open) -> None:
    begun = "import IPython; IPython.display.display('begun'); hang.run({'text': 'x'})"
    notebook = open_notebook([LOAD, HANG, begun])
    notebook.done(0, 1)
    notebook.run(2)
    notebook.says(2, "begun")
    begin = time.monotonic()
    notebook.interrupt()
    assert notebook.output(2).get_by_role("button", name="Stop").count() == 0
    notebook.ended(2)
    assert time.monotonic() - begin < 1
