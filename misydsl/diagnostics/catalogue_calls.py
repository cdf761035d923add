"""The catalogue of E03xx: imports, calls and their inputs, functions.

In: nothing. Out: `CALLS`, explanations in the order of their codes.
"""

from __future__ import annotations

from typing import Final

from misydsl.diagnostics.explanation import Explanation, explained

_AGENTS: Final = {"agents.misy": "agent writer(topic: string) -> string"}

CALLS: Final[tuple[Explanation, ...]] = (
    explained(
        "E0301",
        "imported file not found",
        """The path of an import goes from this file to another one inside the project: "./agents.misy". It is
        never a web address, never absolute, and never leaves the project's folder. The same holds for the
        file of a prompt.""",
        bad="""
        import { writer } from "./agentz.misy"
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
        good="""
        import { writer } from "./agents.misy"
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
        files=_AGENTS,
    ),
    explained(
        "E0302",
        "imported name not found",
        """The other file does not declare this name itself. What it imports is not handed on.""",
        bad="""
        import { writter } from "./agents.misy"
        pipeline post() {
          step draft { call writter(topic: "café") }
          return draft
        }
        """,
        good="""
        import { writer } from "./agents.misy"
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
        files=_AGENTS,
    ),
    explained(
        "E0303",
        "unknown agent or pipeline",
        """`call` needs an agent or a pipeline that this file declares or imports, or `human.approve`. Prompts
        and functions are used in expressions, without `call`.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writter(topic: "café") }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
    ),
    explained(
        "E0304",
        "agent called in an expression",
        """Calling an agent takes time and may fail, so each call is a step with a name, a row in the tables
        and its own retries. Expressions only compute.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          return writer(topic: "café")
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
    ),
    explained(
        "E0305",
        "unknown input",
        """What is called has no input of this name. An agent that ends its inputs with `...` takes any.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topc: "café") }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
    ),
    explained(
        "E0306",
        "input missing",
        """An input without a default, whose type does not end in `?`, has to be given.""",
        bad="""
        agent writer(topic: string, words: int) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
        good="""
        agent writer(topic: string, words: int) -> string
        pipeline post() {
          step draft { call writer(topic: "café", words: 300) }
          return draft
        }
        """,
    ),
    explained(
        "E0307",
        "input given twice",
        """Each input is given once.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café", topic: "té") }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café y té") }
          return draft
        }
        """,
    ),
    explained(
        "E0308",
        "unknown function",
        """There is no function or prompt of this name. All functions are built in; `misy grammar --card`
        lists them. None of them knows the time or chance: the same inputs give the same values.""",
        bad="""
        pipeline post(tags: list[string]) {
          return len(tags)
        }
        """,
        good="""
        pipeline post(tags: list[string]) {
          return length(tags)
        }
        """,
    ),
    explained(
        "E0309",
        "wrong number of values",
        """The function takes another number of values.""",
        bad="""
        pipeline post(tags: list[string]) {
          return join(tags)
        }
        """,
        good="""
        pipeline post(tags: list[string]) {
          return join(tags, ", ")
        }
        """,
    ),
    explained(
        "E0310",
        "imports in a circle",
        """These files import each other, so neither can be understood first. Put what both need into a file of
        its own.""",
        bad="""
        import { Brand } from "./brand.misy"
        type Post = { brand: Brand }
        """,
        good="""
        type Brand = { name: string }
        type Post = { brand: Brand }
        """,
        files={
            "brand.misy": """
            import { Post } from "./main.misy"
            type Brand = { name: string, best: Post? }
            """
        },
    ),
    explained(
        "E0311",
        "input without its name",
        """Inputs are given by name, in any order, so they cannot be mixed up. When the value has the same name
        as the input, the name alone is enough: `topic` is `topic: topic`.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer("café") }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
    ),
)
