"""The catalogue of W09xx: what works, and is probably not what was meant.

In: nothing. Out: `LINTS`, explanations in the order of their codes. A warning can be switched off where it
is wrong: `# misy: allow W0903` on its line or the line above.
"""

from __future__ import annotations

from typing import Final

from misydsl.diagnostics.explanation import Explanation, explained

LINTS: Final[tuple[Explanation, ...]] = (
    explained(
        "W0901",
        "import never used",
        """The name is imported and stands nowhere else in the file.""",
        bad="""
        import { writer, critic } from "./agents.misy"
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
        files={
            "agents.misy": """
            agent writer(topic: string) -> string
            agent critic(text: string) -> string
            """
        },
    ),
    explained(
        "W0902",
        "default never used",
        """The left side of `??` is never null, so the right side is never taken.""",
        bad="""
        pipeline post(topic: string) {
          return topic ?? "café"
        }
        """,
        good="""
        pipeline post(topic: string?) {
          return topic ?? "café"
        }
        """,
    ),
    explained(
        "W0903",
        "used before it is defined",
        """The order of steps does not matter to a run, but it does to readers: put a step after those whose
        results it uses.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step review { call writer(topic: draft) }
          step draft { call writer(topic: "café") }
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
        "W0904",
        "result never used",
        """The agent is `pure: true`, so calling it does nothing but give a result, and nobody looks at that.""",
        bad="""
        agent count(text: string) -> int { pure: true }
        pipeline post() {
          step words { call count(text: "café") }
          return 1
        }
        """,
        good="""
        agent count(text: string) -> int { pure: true }
        pipeline post() {
          step words { call count(text: "café") }
          return words
        }
        """,
    ),
    explained(
        "W0905",
        "condition always the same",
        """The answer to `when` or `until` is known before anything runs, so there is nothing to decide.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft when 2 > 1 { call writer(topic: "café") }
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
        "W0906",
        "concurrency over the agent's",
        """The step asks for more calls at once than the agent takes: the others wait at the agent.""",
        bad="""
        agent writer(topic: string) -> string { concurrency: 4 }
        pipeline posts(topics: list[string]) {
          step drafts for topic in topics {
            concurrency: 50
            call writer(topic)
          }
          return drafts
        }
        """,
        good="""
        agent writer(topic: string) -> string { concurrency: 4 }
        pipeline posts(topics: list[string]) {
          step drafts for topic in topics {
            concurrency: 4
            call writer(topic)
          }
          return drafts
        }
        """,
    ),
    explained(
        "W0907",
        "secret read from `env`",
        """Values of `env` are shown in messages and logs; those of `secret` are masked wherever they appear.""",
        bad="""
        agent writer(topic: string) -> string {
          url: "http://localhost:3007/writer"
          headers: { "X-Key": env.WRITER_KEY ?? "" }
        }
        """,
        good="""
        agent writer(topic: string) -> string {
          url: "http://localhost:3007/writer"
          headers: { "X-Key": secret.WRITER_KEY }
        }
        """,
    ),
    explained(
        "W0908",
        "retry may act twice",
        """A call that timed out may have done its work all the same: trying it again does the work twice. Say
        `idempotent: true` if the agent notices that it knows the call already.""",
        bad="""
        agent publisher(text: string) -> string { retry: { attempts: 3 } }
        pipeline post() {
          step out { call publisher(text: "café") }
          return out
        }
        """,
        good="""
        agent publisher(text: string) -> string {
          retry: { attempts: 3 }
          idempotent: true
        }
        pipeline post() {
          step out { call publisher(text: "café") }
          return out
        }
        """,
    ),
    explained(
        "W0909",
        "very many calls",
        """So many calls that the agent's `rate` makes them take minutes, or longer than the pipeline's `deadline`.
        Only lists of known length and rounds of `repeat` are counted.""",
        bad="""
        agent writer(topic: string) -> string { rate: 1/s }
        pipeline post() {
          deadline: 1m
          step drafts for _ in range(500) { call writer(topic: "café") }
          return drafts
        }
        """,
        good="""
        agent writer(topic: string) -> string { rate: 1/s }
        pipeline post() {
          deadline: 1m
          step drafts for _ in range(50) { call writer(topic: "café") }
          return drafts
        }
        """,
    ),
    explained(
        "W0910",
        "let never used",
        """Nothing in the block reads the let.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          let tone = "alegre"
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          let tone = "alegre"
          step draft { call writer(topic: "café ${tone}") }
          return draft
        }
        """,
    ),
    explained(
        "W0911",
        "input never used",
        """Whoever calls the pipeline or prompt gives a value that changes nothing. A name that begins with `_`
        says that this is meant.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post(topic: string) {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post(topic: string) {
          step draft { call writer(topic) }
          return draft
        }
        """,
    ),
    explained(
        "W0912",
        "loop variable never used",
        """The variable of the `for` is not looked at, so every item does the same work. A name that begins with
        `_` says that this is meant.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline posts(topics: list[string]) {
          step drafts for topic in topics { call writer(topic: "café") }
          return drafts
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline posts(topics: list[string]) {
          step drafts for topic in topics { call writer(topic) }
          return drafts
        }
        """,
    ),
    explained(
        "W0913",
        "declaration never used",
        """An agent, type, prompt or let that nothing in the program uses. Only the file a program is loaded from is
        looked at: files that others import are shelves.""",
        bad="""
        agent writer(topic: string) -> string
        agent critic(text: string) -> string
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
    ),
    explained(
        "W0914",
        "`after` that changes nothing",
        """A step waits for every step whose result it uses, so `after` need not say so again.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          step review after draft { call writer(topic: draft) }
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
        "W0915",
        "`repeat` with a single round",
        """One round is a plain step, and `until` can only make it fail.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step best repeat up to 1 {
            step draft { call writer(topic: previous ?? "café") }
            until length(draft) > 10
            return draft
          }
          return best
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step best repeat up to 3 {
            step draft { call writer(topic: previous ?? "café") }
            until length(draft) > 10
            return draft
          }
          return best
        }
        """,
    ),
    explained(
        "W0916",
        "warnings set up wrongly",
        """`# misy: allow …` and `allow` of the project take the codes of warnings, which begin with W; errors are
        mended, not allowed.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          # misy: allow W9999
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
    ),
    explained(
        "W0917",
        "a placeholder of another language",
        """A lone `{` or `$` is text here, so that JSON needs no escapes: `{{ topic }}`, `{topic}` and `$topic`
        are sent as they stand. A value goes into text as `${topic}`.""",
        bad="""
        agent writer(order: string) -> string
        pipeline post(topic: string) {
          step draft { call writer(order: "Write about {{ topic }}") }
          return draft
        }
        """,
        good="""
        agent writer(order: string) -> string
        pipeline post(topic: string) {
          step draft { call writer(order: "Write about ${topic}") }
          return draft
        }
        """,
    ),
    explained(
        "W0918",
        "field of a workflow that means nothing",
        """Workflows may carry fields of their own, which are passed over. This one is nearly a field that does mean
        something, and would be passed over just so.""",
        bad="""
        { "name": "Publicar", "steps": [
          { "id": "draft", "agent": "writer" },
          { "id": "post", "agent": "scheduler", "dependancies": ["draft"] }
        ] }
        """,
        good="""
        { "name": "Publicar", "steps": [
          { "id": "draft", "agent": "writer" },
          { "id": "post", "agent": "scheduler", "dependencies": ["draft"] }
        ] }
        """,
        language="json",
    ),
)
