"""The catalogue of E0511 to E0520: operators, fields, items and dates.

In: nothing. Out: `EXPRESSIONS`, explanations in the order of their codes.
"""

from __future__ import annotations

from typing import Final

from misydsl.diagnostics.explanation import Explanation, explained

EXPRESSIONS: Final[tuple[Explanation, ...]] = (
    explained(
        "E0511",
        "list or record put into text",
        """There are many ways to write a list or a record as text, so say which: json(…), lines(…) or
        join(…, ", ").""",
        bad="""
        pipeline post(tags: list[string]) {
          return "Tags: ${tags}"
        }
        """,
        good="""
        pipeline post(tags: list[string]) {
          return "Tags: ${join(tags, ", ")}"
        }
        """,
    ),
    explained(
        "E0512",
        "values that cannot be compared",
        """`<`, `<=`, `>` and `>=` compare two numbers, two texts, two durations, two dates and so on, never one
        kind with another.""",
        bad="""
        pipeline post(wait: duration) {
          return wait > 2
        }
        """,
        good="""
        pipeline post(wait: duration) {
          return wait > 2s
        }
        """,
    ),
    explained(
        "E0513",
        "operator does not fit",
        """`+` joins two numbers, two durations, two sizes, two lists or two texts, and `-` `*` `/` compute with
        numbers and measures. To put a number into a text write "${…}".""",
        bad="""
        pipeline post(words: int) {
          return "words: " + words
        }
        """,
        good="""
        pipeline post(words: int) {
          return "words: ${words}"
        }
        """,
    ),
    explained(
        "E0514",
        "unknown field",
        """The value has no field of this name; the message lists those it has. When only some alternatives of
        a type have it, ask first which one it is.""",
        bad="""
        agent writer(topic: string) -> { text: string }
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft.txt
        }
        """,
        good="""
        agent writer(topic: string) -> { text: string }
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft.text
        }
        """,
    ),
    explained(
        "E0515",
        "field of something that has none",
        """Only records have fields. A step with `for` gives a list: take the field of each item, or of the
        first one. In a map write map["key"].""",
        bad="""
        agent writer(topic: string) -> { text: string }
        pipeline post(topics: list[string]) {
          step drafts for one in topics { call writer(topic: one) }
          return drafts.text
        }
        """,
        good="""
        agent writer(topic: string) -> { text: string }
        pipeline post(topics: list[string]) {
          step drafts for one in topics { call writer(topic: one) }
          return [draft.text for draft in drafts]
        }
        """,
    ),
    explained(
        "E0516",
        "type not known",
        """Only under --strict: a value whose type nobody declared goes into a place with a type. Declare what
        the agent answers, or give the step a type: `step draft: Post { … }`.""",
        bad="""
        agent scan(network: string) { url: "http://localhost:3001/scan" }
        agent writer(topic: string) -> string { url: "http://localhost:3001/writer" }
        pipeline post() {
          step topic { call scan(network: "tiktok") }
          step draft { call writer(topic) }
          return draft
        }
        """,
        good="""
        agent scan(network: string) -> string { url: "http://localhost:3001/scan" }
        agent writer(topic: string) -> string { url: "http://localhost:3001/writer" }
        pipeline post() {
          step topic { call scan(network: "tiktok") }
          step draft { call writer(topic) }
          return draft
        }
        """,
        moment="strict",
    ),
    explained(
        "E0517",
        "index past the end",
        """Items are counted from 0, so a list of two has [0] and [1]. There is no negative index: for the last
        item use last(…).""",
        bad="""
        pipeline post() {
          return ["café", "té"][2]
        }
        """,
        good="""
        pipeline post() {
          return ["café", "té"][1]
        }
        """,
    ),
    explained(
        "E0518",
        "unknown field to sort or group by",
        """`by` names a field of the items of the list.""",
        bad="""
        pipeline post(trends: list[{ name: string, score: float }]) {
          return sort(trends, by: "scor")
        }
        """,
        good="""
        pipeline post(trends: list[{ name: string, score: float }]) {
          return sort(trends, by: "score", desc: true)
        }
        """,
    ),
    explained(
        "E0519",
        "field of different types in a union",
        """The value is one of several records, and this field has another type in each. Ask first which one it
        is, by a field that tells them apart.""",
        bad="""
        agent check(id: string) -> { status: "done", value: string } | { status: "open", value: int }
        pipeline post() {
          step reply { call check(id: "a1") }
          return reply.value
        }
        """,
        good="""
        agent check(id: string) -> { status: "done", value: string } | { status: "open", value: int }
        pipeline post() {
          step reply { call check(id: "a1") }
          return if reply.status == "done" then reply.value else "open"
        }
        """,
    ),
    explained(
        "E0520",
        "not a date",
        """A date is written year-month-day, "2026-02-28", and has to exist; a moment has a time and a zone
        too: "2026-02-28T09:30:00Z".""",
        bad="""
        let start = date("2026-02-30")
        """,
        good="""
        let start = date("2026-02-28")
        """,
    ),
)
