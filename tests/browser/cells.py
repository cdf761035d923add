"""Cells that the tests of the browser execute: agents, pipelines, and gates that hold an agent back.

In: nothing. Out: texts. An agent that waits for a gate goes on when a file is there, so a test decides how
long something takes.
"""

from __future__ import annotations

from typing import Final

LOAD: Final = """%load_ext misydsl
import asyncio, pathlib, misydsl

async def gate(name):
    while not pathlib.Path(name).exists():
        await asyncio.sleep(0.02)

@misydsl.agent
async def find_trends(topic: str) -> list[str]:
    return [f"{topic} {number}" for number in range(4)]

@misydsl.agent
async def through(text: str, name: str) -> str:
    await gate(f"go-{name}")
    return text.upper()

@misydsl.agent
async def hold(text: str) -> str:
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        pathlib.Path("let-go").write_text("yes")
        raise
    return text
"""

THREE: Final = """%%misy tres
pipeline tres "Análisis de Tendencias" (name: string = "") {
  step first { call through(text: "a", name: "${name}1") }
  step second { call through(text: first, name: "${name}2") }
  step third { call through(text: second, name: "${name}3") }
  return third
}"""

HANG: Final = """%%misy hang
pipeline hang(text: string) {
  step held { call hold(text) }
  return held
}"""

APPROVAL: Final = """%%misy revista
pipeline revista(text: string) {
  step asked { call human.approve(message: "¿Publicar?", show: text) }
  step found after asked { call find-trends(topic: text) }
  return found
}"""

HOSTILE_TEXT: Final = (
    "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"
)
HOSTILE: Final = """%%misy hostile
pipeline hostile "<b>hostile</b> <img src=x onerror=document.title='owned'>" (text: string) {
  step ask { call human.approve(message: "<i id='evil'>¿?</i>", show: text) }
  step fails after ask { call fail(text) }
  return fails
}"""
FAIL: Final = f'''@misydsl.agent
def fail(text: str) -> str:
    raise ValueError("""{HOSTILE_TEXT}""")'''
