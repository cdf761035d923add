"""A campaign and its agents, for the tests of commands that go on with runs."""

from __future__ import annotations

AGENTS = '''
"""Agents of a campaign."""

import pathlib

from misydsl.agents.declare import agent

HERE = pathlib.Path(__file__).parent


def note(name):
    with (HERE / "calls.txt").open("a", encoding="utf-8") as calls:
        calls.write(name + "\\n")


@agent("redacta")
def redacta(tema: str) -> str:
    note("redacta")
    return "guion de " + tema


@agent("publica")
def publica(texto: str) -> str:
    note("publica")
    return "publicado: " + texto


@agent("tropieza")
def tropieza(texto: str) -> str:
    note("tropieza")
    if (HERE / "roto").exists():
        raise RuntimeError("hoy no puedo")
    return texto + "!"
'''

PROGRAM = """\
misy 1

agent redacta(tema: string) -> string
agent publica(texto: string) -> string
agent tropieza(texto: string) -> string

pipeline campaña(tema: string = "el año") {
  step guion { call redacta(tema) }
  step repaso { call tropieza(texto: guion) }
  step cierre { call publica(texto: repaso) }
  return cierre
}

pipeline permiso() {
  step guion { call redacta(tema: "el año") }
  step revisa { call human.approve(message: "¿Sale «${guion}»?", to: "Ana") }
  step sale when revisa.approved { call publica(texto: guion) }
  return { sí: revisa.approved, nota: revisa.comment, quién: revisa.by, sale }
}

pipeline permisos() {
  step legal { call human.approve(message: "¿Es legal?") }
  step marca { call human.approve(message: "¿Es de la marca?") }
  return [legal.approved, marca.approved]
}

pipeline países() {
  step cada for país in ["México", "España"] {
    call human.approve(message: "¿Sale en ${país}?")
    key: país
  }
  return [one.approved for one in cada]
}

pipeline cara() {
  budget: { calls: 1 }
  step guion { call redacta(tema: "el año") }
  step cierre { call publica(texto: guion) }
  return cierre
}

pipeline guardada(tema: string = "el año") {
  step guion {
    call redacta(tema)
    cache: 1h
  }
  return guion
}
"""
