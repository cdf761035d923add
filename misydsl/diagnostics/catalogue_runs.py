"""The catalogue of E0521 to E0527: values that cannot be computed, most of them known only in a run.

In: nothing. Out: `RUNS`, explanations in the order of their codes. Such an error fails its step and
nothing else; `fallback` and `allow-failures` catch it as they catch an agent's failure.
"""

from __future__ import annotations

from typing import Final

from misydsl.diagnostics.explanation import Explanation, explained

RUNS: Final[tuple[Explanation, ...]] = (
    explained(
        "E0521",
        "division by zero",
        """The number after `/`, or the second one of mod(…), was 0 in this run. Ask before you divide.""",
        bad="""
        pipeline rate(likes: int = 10, views: int = 0) {
          return likes / views
        }
        """,
        good="""
        pipeline rate(likes: int = 10, views: int = 0) {
          return if views > 0 then likes / views else 0.0
        }
        """,
        moment="run",
    ),
    explained(
        "E0522",
        "too large to compute",
        """An expression may make lists of 100,000 items, texts of 10 MB and 1,000,000 steps of computing. What
        is larger belongs in an agent.""",
        bad="""
        pipeline count() {
          return length(range(10_000_000))
        }
        """,
        good="""
        pipeline count() {
          return length(range(10_000))
        }
        """,
        moment="run",
    ),
    explained(
        "E0523",
        "number out of range",
        """Whole numbers have 64 bits, up to 9,223,372,036,854,775,807, and fractions end near 1.8e308. The
        result of this computation is outside of that.""",
        bad="""
        pipeline grow(size: int = 9_000_000_000_000_000_000) {
          return size * 2
        }
        """,
        good="""
        pipeline grow(size: int = 9_000_000_000) {
          return size * 2
        }
        """,
        moment="run",
    ),
    explained(
        "E0524",
        "not JSON",
        """parse-json(…) was given a text that is not JSON. Models like to put words or a fence of backquotes
        around it: ask for JSON only, or let the agent answer with data.""",
        bad="""
        pipeline read(reply: string = "Here you are: [1, 2]") {
          return parse-json(reply)
        }
        """,
        good="""
        pipeline read(reply: string = "[1, 2]") {
          return parse-json(reply)
        }
        """,
        moment="run",
    ),
    explained(
        "E0525",
        "values without an order",
        """sort, min, max and sum need items of one kind that can be compared or added: numbers, texts,
        durations, dates. Say with `by` which field of a record counts.""",
        bad="""
        pipeline best(trends: list[{ name: string, score: float }]) {
          return max(trends)
        }
        """,
        good="""
        pipeline best(trends: list[{ name: string, score: float }]) {
          return last(sort(trends, by: "score"))
        }
        """,
    ),
    explained(
        "E0526",
        "argument out of its range",
        """The function cannot work with this value: `split` and `replace` need a text that is not empty,
        `round` keeps 0 to 15 digits, `range` needs a step that is not 0.""",
        bad="""
        pipeline words(text: string = "uno dos", separator: string = "") {
          return split(text, separator)
        }
        """,
        good="""
        pipeline words(text: string = "uno dos", separator: string = " ") {
          return split(text, separator)
        }
        """,
        moment="run",
    ),
    explained(
        "E0527",
        "secret not set",
        """`secret.NAME` is read from the environment when the run needs it, and there is no variable NAME.""",
        bad="""
        agent writer(topic: string) -> string {
          url: "http://localhost:4001"
          auth: { bearer: secret.WRITER_TOKEN }
        }
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string {
          url: "http://localhost:4001"
        }
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
        moment="run",
    ),
)
