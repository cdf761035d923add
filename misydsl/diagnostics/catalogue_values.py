"""The catalogue of E0501 to E0510: values that do not fit, units, null, and conditions.

In: nothing. Out: `VALUES`, explanations in the order of their codes.
"""

from __future__ import annotations

from typing import Final

from misydsl.diagnostics.explanation import Explanation, explained

VALUES: Final[tuple[Explanation, ...]] = (
    explained(
        "E0501",
        "wrong type",
        """The value is of another type than the place takes, and nothing is converted silently. Numbers become
        text with "${…}", text becomes a date with date(…).""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: 3) }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "3") }
          return draft
        }
        """,
    ),
    explained(
        "E0502",
        "comparison with a foreign value",
        """The two sides can never be equal, so the answer is always the same. Most often one of the texts is
        misspelt.""",
        bad="""
        agent review(text: string) -> { verdict: "good" | "bad" }
        pipeline post(text: string) {
          step look { call review(text) }
          return look.verdict == "god"
        }
        """,
        good="""
        agent review(text: string) -> { verdict: "good" | "bad" }
        pipeline post(text: string) {
          step look { call review(text) }
          return look.verdict == "good"
        }
        """,
    ),
    explained(
        "E0503",
        "unit missing",
        """Durations, sizes, rates and percentages are written with their unit and without quotes: `30s`,
        `10MB`, `5/s`, `20%`. A bare number would leave everybody guessing.""",
        bad="""
        agent writer(topic: string) -> string { timeout: 30000 }
        """,
        good="""
        agent writer(topic: string) -> string { timeout: 30s }
        """,
    ),
    explained(
        "E0504",
        "not one of the allowed values",
        """Only the listed values are allowed here, written exactly so.""",
        bad="""
        agent scan(network: "tiktok" | "instagram") -> any
        pipeline trends() {
          step found { call scan(network: "tik-tok") }
          return found
        }
        """,
        good="""
        agent scan(network: "tiktok" | "instagram") -> any
        pipeline trends() {
          step found { call scan(network: "tiktok") }
          return found
        }
        """,
    ),
    explained(
        "E0505",
        "may be null",
        """The value may be missing: its type ends in `?`, or its step has a `when` without `else`. Use `?.` and
        give a default with `??`, or ask `!= null` first.""",
        bad="""
        agent writer(topic: string) -> { text: string }
        pipeline post(wanted: bool) {
          step draft when wanted { call writer(topic: "café") }
          return draft.text
        }
        """,
        good="""
        agent writer(topic: string) -> { text: string }
        pipeline post(wanted: bool) {
          step draft when wanted { call writer(topic: "café") }
          return draft?.text ?? "nothing"
        }
        """,
    ),
    explained(
        "E0506",
        "field missing",
        """A record written here lacks a field that it has to have; only a field whose type ends in `?` may be
        left out.""",
        bad="""
        agent writer(topic: string) -> string { retry: { delay: 2s } }
        """,
        good="""
        agent writer(topic: string) -> string { retry: { attempts: 3, delay: 2s } }
        """,
    ),
    explained(
        "E0507",
        "unknown field in a record",
        """A record written here has a field that its type does not know: a slip, or another tool's word.""",
        bad="""
        agent writer(topic: string) -> string { retry: { maxAttempts: 3 } }
        """,
        good="""
        agent writer(topic: string) -> string { retry: { attempts: 3 } }
        """,
    ),
    explained(
        "E0508",
        "not a list",
        """`for`, `in` and many functions go through the items of a list. One value becomes a list in brackets:
        `[topic]`; a text becomes one with split(…).""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post(topic: string) {
          step drafts for one in topic { call writer(topic: one) }
          return drafts
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post(topics: list[string]) {
          step drafts for one in topics { call writer(topic: one) }
          return drafts
        }
        """,
    ),
    explained(
        "E0509",
        "condition that is not yes or no",
        """A condition is true or false. Other values do not count as yes or no by themselves, because an empty
        text, 0 and null are three different things: say which one is meant.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post(topics: list[string]) {
          step draft when length(topics) { call writer(topic: join(topics, ", ")) }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post(topics: list[string]) {
          step draft when length(topics) > 0 { call writer(topic: join(topics, ", ")) }
          return draft
        }
        """,
    ),
    explained(
        "E0510",
        "null put into text",
        """The value between `${` and `}` may be null, and the text would have a hole. Give a default with
        `??`.""",
        bad="""
        agent review(text: string) -> { score: float? }
        pipeline post(text: string) {
          step look { call review(text) }
          return "Score: ${look.score}"
        }
        """,
        good="""
        agent review(text: string) -> { score: float? }
        pipeline post(text: string) {
          step look { call review(text) }
          return "Score: ${look.score ?? 0}"
        }
        """,
    ),
)
