"""The catalogue of E02xx: names and types.

In: nothing. Out: `NAMES`, explanations in the order of their codes.
"""

from __future__ import annotations

from typing import Final

from misydsl.diagnostics.explanation import Explanation, explained

NAMES: Final[tuple[Explanation, ...]] = (
    explained(
        "E0201",
        "unknown name",
        """Nothing with this name can be seen from here. Inputs, lets, loop variables and the steps of this
        block and of the blocks around it can. A hyphen is part of a name: a subtraction needs spaces.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          return drafft
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
        "E0202",
        "name used twice",
        """A name means one thing. Types, lets, agents, prompts and pipelines of a file share their names; so do
        the inputs, lets and steps of a block.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          step draft { call writer(topic: "té") }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step coffee { call writer(topic: "café") }
          step tea { call writer(topic: "té") }
          return [coffee, tea]
        }
        """,
    ),
    explained(
        "E0203",
        "names equal in Python",
        """In Python and in notebooks `-` becomes `_`, so two names that differ only there would be the same
        name: `run.steps.max_words`.""",
        bad="""
        pipeline post(max-words: int, max_words: int) {
          return max-words
        }
        """,
        good="""
        pipeline post(max-words: int, min-words: int) {
          return max-words - min-words
        }
        """,
    ),
    explained(
        "E0204",
        "name hidden by another",
        """Inside a block everything around it can be seen, and a name keeps its meaning: it cannot be given to
        something else in there.""",
        bad="""
        pipeline post(topic: string) {
          return [topic for topic in ["café", "té"]]
        }
        """,
        good="""
        pipeline post(topic: string) {
          return ["${topic}: ${drink}" for drink in ["café", "té"]]
        }
        """,
    ),
    explained(
        "E0205",
        "built-in name redefined",
        """The built-in types and functions, and `env`, `secret`, `run`, `human`, `previous` and `error`, mean
        the same in every file.""",
        bad="""
        let env = "production"
        """,
        good="""
        let stage = "production"
        """,
    ),
    explained(
        "E0210",
        "unknown type",
        """There is no type of this name. Built in are string, int, float, bool, null, duration, size, rate,
        percent, date, datetime, url, secret, any, list[…] and map[…]; others are declared with `type`.""",
        bad="""
        agent writer(topic: str) -> string
        """,
        good="""
        agent writer(topic: string) -> string
        """,
    ),
    explained(
        "E0211",
        "type needs a parameter",
        """`list` and `map` say in brackets what is in them; the keys of a map are always text. Other types
        have no brackets.""",
        bad="""
        type Tags = list
        """,
        good="""
        type Tags = list[string]
        """,
    ),
    explained(
        "E0212",
        "type defined by itself",
        """A type cannot contain itself, not even through others: its values could not be checked in bounded
        time. Where data nests without end, write `any`. A type of more than 10,000 parts is refused too.""",
        bad="""
        type Comment = { text: string, replies: list[Comment] }
        """,
        good="""
        type Comment = { text: string, replies: list[any] }
        """,
    ),
    explained(
        "E0213",
        "field declared twice",
        """A record has each field once.""",
        bad="""
        type Trend = { name: string, name: string }
        """,
        good="""
        type Trend = { name: string, network: string }
        """,
    ),
)
