"""The workspace: load, check, draw, run, resume, in one place; what every door calls.

In: paths, texts and inputs as people give them. Out: `Pipeline` and `Run` handles, diagnostics, journals.
Doors (notebook, server, command line, editor) know this room and the nouns, and never each other.
"""

from misydsl.workspace.asking import AgentAnswer, AgentClient, connect, health
from misydsl.workspace.checking import Checked, check_file, check_text
from misydsl.workspace.journals import agents, open_journal, runs
from misydsl.workspace.pictures import Picture
from misydsl.workspace.pipelines import Pipeline, load
from misydsl.workspace.runs import Run, find_run, resume

__all__ = [
    "AgentAnswer",
    "AgentClient",
    "Checked",
    "Picture",
    "Pipeline",
    "Run",
    "agents",
    "check_file",
    "check_text",
    "connect",
    "find_run",
    "health",
    "load",
    "open_journal",
    "resume",
    "runs",
]
