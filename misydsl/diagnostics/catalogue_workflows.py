"""The catalogue of E08xx: workflows in JSON.

In: nothing. Out: `WORKFLOWS`, explanations in the order of their codes. Places are those of the JSON text, whether
it came in a file or in a request.
"""

from __future__ import annotations

from typing import Final

from misydsl.diagnostics.explanation import Explanation, explained

WORKFLOWS: Final[tuple[Explanation, ...]] = (
    explained(
        "E0801",
        "workflow is not JSON",
        """A workflow is one JSON object: texts in double quotes, no comma behind the last item, no comments, each
        name once, no NaN, at most 100 levels.""",
        bad="""
        { "name": "Publicar", "steps": [{ "id": "draft", "agent": "writer", }] }
        """,
        good="""
        { "name": "Publicar", "steps": [{ "id": "draft", "agent": "writer" }] }
        """,
        language="json",
    ),
    explained(
        "E0802",
        "workflow has the wrong form",
        """A field is missing, holds another kind of value, or a number out of its range. A workflow needs `name` and
        `steps`, and a step needs `id` and `agent`; times are milliseconds.""",
        bad="""
        { "name": "Publicar", "steps": [{ "id": "draft", "agent": "writer", "timeout": "30s" }] }
        """,
        good="""
        { "name": "Publicar", "steps": [{ "id": "draft", "agent": "writer", "timeout": 30000 }] }
        """,
        language="json",
    ),
    explained(
        "E0803",
        "two steps with one id",
        """Dependencies and results name a step by its id, so each step of a workflow has its own.""",
        bad="""
        { "name": "Publicar", "steps": [
          { "id": "draft", "agent": "writer", "input": { "topic": "café" } },
          { "id": "draft", "agent": "writer", "input": { "topic": "té" } }
        ] }
        """,
        good="""
        { "name": "Publicar", "steps": [
          { "id": "draft-café", "agent": "writer", "input": { "topic": "café" } },
          { "id": "draft-té", "agent": "writer", "input": { "topic": "té" } }
        ] }
        """,
        language="json",
    ),
    explained(
        "E0804",
        "dependency on no step",
        """`dependencies` holds ids of steps of the same workflow, and there is none of this id.""",
        bad="""
        { "name": "Publicar", "steps": [
          { "id": "draft", "agent": "writer" },
          { "id": "post", "agent": "scheduler", "dependencies": ["drafft"] }
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
    explained(
        "E0805",
        "steps of a workflow wait for each other",
        """Each step on the circle waits for the next, so none could ever begin. A step may not wait for itself
        either.""",
        bad="""
        { "name": "Publicar", "steps": [
          { "id": "draft", "agent": "writer", "dependencies": ["review"] },
          { "id": "review", "agent": "critic", "dependencies": ["draft"] }
        ] }
        """,
        good="""
        { "name": "Publicar", "steps": [
          { "id": "draft", "agent": "writer" },
          { "id": "review", "agent": "critic", "dependencies": ["draft"] }
        ] }
        """,
        language="json",
    ),
    explained(
        "E0806",
        "agent that nobody knows",
        """A server calls agents that it hosts (`misy serve --agents`), that a .misy file of its project declares, or
        whose address a variable AGENT_NAME_URL says. A request never says where an agent is.""",
        bad="""
        { "name": "Publicar", "steps": [{ "id": "draft", "agent": "writter" }] }
        """,
        good="""
        { "name": "Publicar", "steps": [{ "id": "draft", "agent": "writer" }] }
        """,
        language="json",
        moment="serve",
    ),
    explained(
        "E0807",
        "schema that cannot be used",
        """`outputSchema` is a JSON Schema that stands wholly in the workflow: it refers to no other document, and its
        patterns have neither look-around nor back-references.""",
        bad="""
        { "name": "Publicar", "steps": [
          { "id": "draft", "agent": "writer", "outputSchema": { "type": "text" } }
        ] }
        """,
        good="""
        { "name": "Publicar", "steps": [
          { "id": "draft", "agent": "writer", "outputSchema": { "type": "string" } }
        ] }
        """,
        language="json",
    ),
    explained(
        "E0808",
        "no form in a JSON workflow",
        """A workflow in JSON is a list of calls with fixed inputs that wait for each other. Expressions, `for`, `when`,
        `repeat`, `fallback`, `undo` and results only exist in .misy files.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post(topic: string) {
          step draft { call writer(topic) }
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
        }
        """,
        moment="write",
    ),
)
