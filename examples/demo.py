"""The whole journey in one go: start the example agents, run the seed workflow, stop the agents.

In: nothing. Out: the exit code of `misy run`. The agents are a real HTTP server in another process on a
free port of the loopback; everything shown is printed by the same commands a person would type.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MISY = [sys.executable, "-m", "misydsl.cli"]


def main() -> int:
    """Serve, run, stop."""
    serve = [*MISY, "agents", "serve", str(HERE / "agents.py"), "--port", "0", "--json"]
    server = subprocess.Popen(  # noqa: S603  this Python, words of ours
        serve, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        address = _address(server)
        print(f"The example agents answer at {address}\n", flush=True)
        environment = {**os.environ, "MISY_AGENTS": address}
        run = [*MISY, "run", str(HERE / "viral_trends.misy"), *sys.argv[1:]]
        return subprocess.run(run, env=environment, check=False).returncode  # noqa: S603
    finally:
        server.terminate()
        server.wait(timeout=10)


def _address(server: subprocess.Popen[str]) -> str:
    """Where the server listens: it says so in its first line, a JSON object with `url`."""
    import json

    assert server.stdout is not None
    line = server.stdout.readline()
    if not line:
        raise SystemExit("the example agents did not start; see the message above")
    return str(json.loads(line)["url"])


if __name__ == "__main__":
    sys.exit(main())
