"""The catalogue of E04xx: what goes where, and settings.

In: nothing. Out: `STRUCTURE`, explanations in the order of their codes.
"""

from __future__ import annotations

from typing import Final

from misydsl.diagnostics.explanation import Explanation, explained

_GOOD_STEP: Final = """
agent writer(topic: string) -> string
pipeline post() {
  step draft {
    call writer(topic: "café")
    timeout: 30s
  }
  return draft
}
"""

STRUCTURE: Final[tuple[Explanation, ...]] = (
    explained(
        "E0401",
        "setting set twice",
        """A setting is given once at its place, and a step has `for`, `when` and `repeat` once each.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft {
            call writer(topic: "café")
            timeout: 30s
            timeout: 1m
          }
          return draft
        }
        """,
        good=_GOOD_STEP,
    ),
    explained(
        "E0402",
        "unknown setting",
        """There is no setting of this name here. `misy grammar --card` lists all settings; a key of your own
        begins with `x-`.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft {
            call writer(topic: "café")
            timout: 30s
          }
          return draft
        }
        """,
        good=_GOOD_STEP,
    ),
    explained(
        "E0403",
        "agent without an address",
        """Only under --strict: an agent without `url` has to be bound by whoever starts the run, by its name.""",
        bad="""
        agent writer(topic: string) -> string
        """,
        good="""
        agent writer(topic: string) -> string { url: "http://localhost:3007/writer" }
        """,
        moment="strict",
    ),
    explained(
        "E0404",
        "setting or step at the wrong place",
        """An agent's block holds settings only; steps belong in a pipeline. The settings of a step stand in the
        step's own block, not in its `fallback`, `else` or `undo`.""",
        bad="""
        agent writer(topic: string) -> string {
          timeout: 30s
          step draft { return "café" }
        }
        """,
        good="""
        agent writer(topic: string) -> string {
          timeout: 30s
        }
        """,
    ),
    explained(
        "E0405",
        "unknown handler",
        """A pipeline has two handlers: `on failure { … }`, when it failed, and `on finish { … }`, always at the
        end.""",
        bad="""
        agent tell(message: string)
        pipeline post() {
          on failur {
            step warn { call tell(message: error.message) }
          }
        }
        """,
        good="""
        agent tell(message: string)
        pipeline post() {
          on failure {
            step warn { call tell(message: error.message) }
          }
        }
        """,
    ),
    explained(
        "E0406",
        "not at this place",
        """`until` goes in a `repeat` step, `fallback` and `undo` in a step, `on failure` and `on finish` in a
        pipeline, `return` in a pipeline or a step.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft {
            call writer(topic: "café")
            until true
          }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft repeat up to 3 {
            step attempt { call writer(topic: "café") }
            until length(attempt) > 10
            return attempt
          }
          return draft
        }
        """,
    ),
    explained(
        "E0407",
        "call outside of a step",
        """A call stands in a step, which gives it a name, a title, retries and a row in the tables.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          call writer(topic: "café")
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
        "E0408",
        "step with two results",
        """A step either makes one call, whose reply is its result, or it holds steps and a `return`. Put each
        call in a step of its own.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step both {
            call writer(topic: "café")
            call writer(topic: "té")
          }
          return both
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step both {
            step coffee { call writer(topic: "café") }
            step tea { call writer(topic: "té") }
            return [coffee, tea]
          }
          return both
        }
        """,
    ),
    explained(
        "E0409",
        "`repeat` without `until`",
        """A `repeat` step says when it has enough. Give its steps names, so that `until` can look at their
        results.""",
        bad="""
        agent writer(topic: string) -> { text: string, ok: bool }
        pipeline post() {
          step draft repeat up to 3 {
            step attempt { call writer(topic: "café") }
            return attempt
          }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> { text: string, ok: bool }
        pipeline post() {
          step draft repeat up to 3 {
            step attempt { call writer(topic: "café") }
            until attempt.ok
            return attempt
          }
          return draft
        }
        """,
    ),
    explained(
        "E0410",
        "block without a result",
        """A step gives a result: by its one call, or by `return` when it holds steps. A pipeline that declares
        a result with `->` needs a `return`.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft {
            step attempt { call writer(topic: "café") }
          }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft {
            step attempt { call writer(topic: "café") }
            return attempt
          }
          return draft
        }
        """,
    ),
    explained(
        "E0411",
        "too many rounds",
        """`repeat up to` takes a number from 1 to 1000. To wait for something, use fewer rounds and
        `every: 30s`.""",
        bad="""
        agent check() -> { ready: bool }
        pipeline wait() {
          step look repeat up to 5000 {
            step ask { call check() }
            until ask.ready
            return ask
          }
          return look
        }
        """,
        good="""
        agent check() -> { ready: bool }
        pipeline wait() {
          step look repeat up to 100 {
            step ask { call check() }
            until ask.ready
            return ask
            every: 30s
          }
          return look
        }
        """,
    ),
    explained(
        "E0412",
        "no attempt at all",
        """`attempts` counts all calls, the first one too: 1 means no retry, 3 means two retries. A
        `concurrency`, `rate` or `timeout` of nothing lets no call be made either.""",
        bad="""
        agent writer(topic: string) -> string { retry: { attempts: 0 } }
        """,
        good="""
        agent writer(topic: string) -> string { retry: { attempts: 1 } }
        """,
    ),
    explained(
        "E0413",
        "waits that get shorter",
        """Each wait is the one before multiplied by `backoff`: 2 doubles it, 1 keeps it. Less than 1 would call
        an agent in trouble faster and faster.""",
        bad="""
        agent writer(topic: string) -> string { retry: { attempts: 3, backoff: 0.5 } }
        """,
        good="""
        agent writer(topic: string) -> string { retry: { attempts: 3, backoff: 2 } }
        """,
    ),
    explained(
        "E0414",
        "timeout longer than the deadline",
        """The `deadline` ends the whole pipeline, so a single call can never take longer than it.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          deadline: 10s
          step draft {
            call writer(topic: "café")
            timeout: 30s
          }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          deadline: 1m
          step draft {
            call writer(topic: "café")
            timeout: 30s
          }
          return draft
        }
        """,
    ),
    explained(
        "E0416",
        "address without a scheme",
        """The `url` of an agent says how to reach it: http:// or https://, or python:module:function for a
        function.""",
        bad="""
        agent writer(topic: string) -> string { url: "localhost:4001" }
        """,
        good="""
        agent writer(topic: string) -> string { url: "http://localhost:4001" }
        """,
    ),
    explained(
        "E0417",
        "nothing to undo",
        """`undo` takes back what a call did when the pipeline fails later. This step calls nothing.""",
        bad="""
        agent publish(text: string) -> { id: string }
        agent remove(id: string)
        pipeline post() {
          step text {
            return "café"
            undo { call remove(id: "1") }
          }
          step published { call publish(text) }
          return published
        }
        """,
        good="""
        agent publish(text: string) -> { id: string }
        agent remove(id: string)
        pipeline post() {
          step published {
            call publish(text: "café")
            undo { call remove(id: published.id) }
          }
          return published
        }
        """,
    ),
)
