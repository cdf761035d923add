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
)
