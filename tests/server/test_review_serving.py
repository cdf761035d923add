"""What the log of a server says, found in review: its own token is in no line."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.server.served import PATIENCE_S, command, surroundings

SECRET = "una-clave-que-nadie-ha-de-ver"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_token_that_somebody_put_into_an_address_is_not_logged(tmp_path: Path, form: str) -> None:
    file, log = tmp_path / "token", tmp_path / "log"
    file.write_text(SECRET, encoding="utf-8")
    file.chmod(0o600)
    given = (str(tmp_path), "--port", "0", "--json", "--token-file", str(file))
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command(*given, "--log-format", form), stdout=subprocess.PIPE, stderr=errors,
            stdin=subprocess.DEVNULL, cwd=tmp_path, env=surroundings({}),
        ) as server,
    ):  # fmt: skip
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{url}/api/{SECRET}", timeout=PATIENCE_S)
        refused.value.close()
        server.terminate()
        assert server.wait(PATIENCE_S) == 0
    lines = log.read_text(encoding="utf-8")
    assert "/api/***" in lines
    assert SECRET not in lines
