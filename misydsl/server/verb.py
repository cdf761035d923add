"""`misy agents serve FILE.py`: what the command line calls, found as an entry point.

In: the parsed arguments `file`, `host`, `port` and `json`. Out: an exit code. One line says where the
agents are once they can be called; with `json` it is one object, for whatever started this process.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path
from urllib.parse import quote

from misydsl.agents.declare import AgentDeclaration
from misydsl.agents.files import load_agents
from misydsl.failures import MisyError
from misydsl.server.agents_app import PREFIX
from misydsl.server.hosting import DEFAULT_PORT, LOOPBACK, serve
from misydsl.values import Value, encode_json

BAD_USAGE = 2


def serve_agents(arguments: argparse.Namespace) -> int:
    """Host the agents of a file until Ctrl-C: 0 when stopped, 2 when they cannot be hosted."""
    host = getattr(arguments, "host", None) or LOOPBACK
    asked = getattr(arguments, "port", None)
    port = DEFAULT_PORT if asked is None else int(asked)
    as_json = bool(getattr(arguments, "json", False))
    try:
        with redirect_stdout(sys.stderr):  # what the file prints; ours is one line, or one object
            agents = load_agents(Path(arguments.file)).values()
        serve(
            agents, host=host, port=port, on_ready=lambda bound: _say(agents, host, bound, as_json)
        )
    except MisyError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return BAD_USAGE
    except KeyboardInterrupt:  # the way to stop it
        return 0
    return 0


def _say(agents: Iterable[AgentDeclaration], host: str, port: int, as_json: bool) -> None:
    place = f"http://{f'[{host}]' if ':' in host else host}:{port}{PREFIX}"
    urls = {one.name: f"{place}/{quote(one.name)}" for one in agents}
    if as_json:
        shown: dict[str, Value] = {"url": place, "port": port, "agents": dict(urls)}
        text = encode_json(shown).decode()
    else:
        width = max(map(len, urls))
        lines = [f"  {name:<{width}}  {url}" for name, url in urls.items()]
        many = "1 agent" if len(urls) == 1 else f"{len(urls)} agents"
        text = "\n".join([f"Serving {many} on port {port}; Ctrl-C stops.", *lines])
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
