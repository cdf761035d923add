"""Checks of a run of a thousand steps: the page stays quick, nothing piles up, and one sees it all."""

from __future__ import annotations

import json
from statistics import quantiles
from typing import Any

import pytest

from tests.browser.cells import LOAD
from tests.browser.conftest import Open
from tests.browser.opened import Opened

STEPS = 1_000
LARGE = f"""import asyncio, time, json
from misydsl.notebook import board as board_module

@misydsl.agent
async def tick(number: int) -> int:
    await asyncio.sleep(0.1)
    return number

steps = "\\n".join(
    f"  step s{{n}} {{{{ call tick(number: {{n if n < 20 else f's{{n - 20}}'}}) }}}}" for n in range({STEPS})
)
large = misydsl.load("misy 1\\nagent tick(number: int) -> int\\npipeline large() {{\\n" + steps + "\\n}}\\n")
sent = []
plainly = board_module._set

def counted(widget, text):
    if widget.value != text:
        sent.append([time.time() * 1000, len(text.encode())])
    plainly(widget, text)

board_module._set = counted
"""
RUN = "run = await large.arun(agents={'tick': tick})"
TELL = "print('SENT' + json.dumps(sent))"
# What the page saw: tasks that held it up, and each change of the board with its moment.
WATCH = """() => {
  window.misyTasks = []; window.misySeen = [];
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) window.misyTasks.push(one.duration);
  }).observe({entryTypes: ['longtask']});
}"""
SEE = """board => {
  new MutationObserver(() => window.misySeen.push(Date.now()))
    .observe(board, {subtree: true, childList: true, characterData: true, attributes: true});
}"""
LONGEST_TASK_MS = 200
LARGEST_MESSAGE = 25_000
LATE_MS = 200
LAST_LATE_MS = 500


@pytest.fixture
def notebook(open_notebook: Open) -> Opened:
    """A notebook whose third cell runs the thousand steps, watched from its first picture on."""
    found = open_notebook([LOAD, LARGE, RUN, TELL])
    found.done(0, 1)
    found.run(2)
    found.board(2).locator("svg").first.wait_for()
    found.page.evaluate(WATCH)
    found.board(2).evaluate(SEE)
    return found


@pytest.mark.timeout(180)
def test_a_thousand_steps_keep_the_page_quick_and_every_update_reaches_it(notebook: Opened) -> None:
    assert _whole_board_is_seen(notebook), "it is folded, and read without scrolling"
    notebook.says(2, f"{STEPS}/{STEPS}", within_s=90)
    notebook.ended(2)
    tasks: list[float] = notebook.page.evaluate("() => window.misyTasks")
    seen: list[float] = notebook.page.evaluate("() => window.misySeen")
    report = notebook.output(2).locator("img").first.bounding_box()
    assert report is not None
    assert report["height"] <= 640, "the report is seen whole, too"
    notebook.done(3)
    told = notebook.output(3).inner_text()
    sent: list[Any] = json.loads(told[told.index("SENT") + 4 :])
    assert max(size for _, size in sent) <= LARGEST_MESSAGE
    assert max(tasks, default=0.0) < LONGEST_TASK_MS
    watched = [at for at, _ in sent if seen and seen[0] <= at]
    late = [min((one for one in seen if one >= at), default=at + 10_000) - at for at in watched]
    assert len(late) > 20, "too few updates to tell anything"
    assert quantiles(late, n=20)[-1] < LATE_MS
    assert seen[-1] - sent[-1][0] < LAST_LATE_MS


def _whole_board_is_seen(notebook: Opened) -> bool:
    picture = notebook.board(2).locator("svg").first.bounding_box()
    size = notebook.page.viewport_size
    assert picture is not None
    assert size is not None
    is_whole: bool = picture["height"] < size["height"] and picture["width"] <= size["width"]
    return is_whole
