"""What the tests of the dashboard serve: agents that wait for a gate, fail, or answer, and pipelines of them.

In: a folder. Out: the files of a project in it. A file called `open` in the folder is the gate.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

HOSTILE: Final = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"

AGENTS: Final = """
import asyncio
from pathlib import Path

from misydsl import agent

HERE = Path(__file__).parent


@agent("buscador")
def search(*, tema: str = "café", número: int = 0) -> list[str]:
    return [tema]


@agent("puerta")
async def door(*, texto: str = "") -> str:
    while not (HERE / "open").exists():
        await asyncio.sleep(0.02)
    return texto


@agent("inestable")
def shaky(*, texto: str) -> str:
    raise ValueError(texto)
"""

PIPELINES: Final = """misy 1
agent buscador(tema: string = "café", número: int = 0)
agent puerta(texto: string = "")
agent inestable(texto: string)

pipeline tendencias "Análisis de Tendencias" (tema: string = "café", cuántas: int = 3) {
  step buscar { call buscador(tema: tema, número: cuántas) }
  step revisar { call puerta(texto: tema) }
  return revisar
}
pipeline fallo "Campaña & <b>fallo</b>" (texto: string) {
  step bien { call buscador(tema: texto) }
  step mal { call inestable(texto: texto) }
  return mal
}
pipeline otoño "Campaña de otoño" (texto: string) {
  step escribir { call buscador(tema: texto) }
  step publicar after escribir { call inestable(texto: texto) }
  return publicar
}
pipeline permiso "Pide permiso" (texto: string = "café") {
  step preguntar { call human.approve(message: "¿Publicamos?", show: texto) }
  step buscar after preguntar { call buscador(tema: texto) }
  return preguntar
}
"""


def written(folder: Path) -> Path:
    """The project's files, in the folder."""
    (folder / "agents.py").write_text(AGENTS, "utf-8")
    (folder / "proyecto.misy").write_text(PIPELINES, "utf-8")
    return folder
