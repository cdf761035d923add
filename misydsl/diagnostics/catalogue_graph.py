"""The catalogue of E06xx, who waits for whom, and E07xx, safety.

In: nothing. Out: `GRAPH`, explanations in the order of their codes.
"""

from __future__ import annotations

from typing import Final

from misydsl.diagnostics.explanation import Explanation, explained

GRAPH: Final[tuple[Explanation, ...]] = (
    explained(
        "E0601",
        "steps wait for each other",
        """Each step on the circle needs the result of the next, so none could ever begin. To come back with a
        better text use `repeat up to`, where `previous` is the last round's result.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: review) }
          step review { call writer(topic: draft) }
          return review
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          step review { call writer(topic: draft) }
          return review
        }
        """,
    ),
    explained(
        "E0602",
        "pipeline or prompt calls itself",
        """Pipelines and prompts are never recursive, so that every run ends and its graph is known before it
        begins. For another round use `repeat up to`.""",
        bad="""
        pipeline post() {
          step again { call post() }
          return again
        }
        """,
        good="""
        agent writer(topic: string) -> { text: string, ok: bool }
        pipeline post() {
          step again repeat up to 3 {
            step draft { call writer(topic: "café") }
            until draft.ok
            return draft
          }
          return again
        }
        """,
    ),
    explained(
        "E0603",
        "`after` names no step",
        """`after` waits for a step of the same block without using its result. There is no step of this name
        here.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          step second after drafft { call writer(topic: "té") }
          return [draft, second]
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          step second after draft { call writer(topic: "té") }
          return [draft, second]
        }
        """,
    ),
    explained(
        "E0604",
        "`after` names a step of another block",
        """From outside a block only the step around it can be seen, and `after` names steps of its own block.
        Wait for the outer step.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post(topics: list[string]) {
          step drafts for topic in topics {
            step polish { call writer(topic) }
            return polish
          }
          step second after polish { call writer(topic: "té") }
          return drafts + [second]
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post(topics: list[string]) {
          step drafts for topic in topics {
            step polish { call writer(topic) }
            return polish
          }
          step second after drafts { call writer(topic: "té") }
          return drafts + [second]
        }
        """,
    ),
    explained(
        "E0605",
        "step inside another step",
        """From outside only the result of the outer step can be used; in a `for` step there are as many inner
        results as items. Give what you need back with `return`.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post(topics: list[string]) {
          step drafts for topic in topics {
            step polish { call writer(topic) }
            return polish
          }
          return polish
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post(topics: list[string]) {
          step drafts for topic in topics {
            step polish { call writer(topic) }
            return polish
          }
          return drafts
        }
        """,
    ),
    explained(
        "E0606",
        "`else` without `when`",
        """`else` is what happens when the `when` of its step is false, and a plain `else` is the last one.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") } else { return "" }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post(wanted: bool) {
          step draft when wanted { call writer(topic: "café") } else { return "" }
          return draft
        }
        """,
    ),
    explained(
        "E0701",
        "secret would leak",
        """A secret in a text or in an input would be seen by agents, in logs and in the journal. Secrets only go
        in an agent's `auth` or `headers`.""",
        bad="""
        agent writer(topic: string, key: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café", key: secret.WRITER_TOKEN) }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string { auth: { bearer: secret.WRITER_TOKEN } }
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
    ),
    explained(
        "E0702",
        "secret as an input",
        """Inputs and results are sent, shown and recorded, so none of them can be of the type `secret`. An agent
        gets what it has to know by its `auth` or `headers`.""",
        bad="""
        agent writer(topic: string, key: secret) -> string
        """,
        good="""
        agent writer(topic: string) -> string { auth: { bearer: secret.WRITER_TOKEN } }
        """,
    ),
    explained(
        "E0703",
        "secret in the result",
        """The result of a pipeline or step is shown, stored and handed on. A secret in it would be no secret any
        more.""",
        bad="""
        pipeline post() {
          return secret.WRITER_TOKEN
        }
        """,
        good="""
        pipeline post() {
          return "done"
        }
        """,
    ),
    explained(
        "E0704",
        "reply used as an address",
        """Where an agent is has to be known before any step runs, and never comes from another agent's reply:
        addresses are written in the file or read from `env`.""",
        bad="""
        agent scan(topic: string) -> { next: string }
        agent writer(topic: string) -> string { url: found.next }
        pipeline post() {
          step found { call scan(topic: "café") }
          step draft { call writer(topic: found.next) }
          return draft
        }
        """,
        good="""
        agent scan(topic: string) -> { next: string }
        agent writer(topic: string) -> string { url: env.WRITER_URL ?? "http://localhost:3007" }
        pipeline post() {
          step found { call scan(topic: "café") }
          step draft { call writer(topic: found.next) }
          return draft
        }
        """,
    ),
    explained(
        "E0705",
        "not for a text in a request",
        """A text that is sent to a server runs there, beside the secrets of others. It may call the agents that the
        server's project knows, and neither says where they are nor reads the server's environment.""",
        bad="""
        agent writer(topic: string) -> string { url: "https://example.com/writer" }
        pipeline post() {
          step draft { call writer(topic: "café") }
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
        moment="serve",
    ),
)
