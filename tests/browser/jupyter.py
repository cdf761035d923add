"""One Jupyter server on loopback, and what is missing where there can be none.

In: a folder. Out: the server's address and token once it answers; it ends with all its kernels. Nothing of
the person's Jupyter is seen or changed: settings, runtime files and histories stand in the folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

PATIENCE_S: Final = 60
FLAGS: Final = (
    "--no-browser",
    "--ip=127.0.0.1",
    "--port=0",
    "--ServerApp.allow_root=True",
    "--ServerApp.terminals_enabled=False",
    "--IdentityProvider.token=misy",
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
    "--LabApp.extension_manager=readonly",
)
SETTINGS: Final[Mapping[str, Mapping[str, object]]] = {
    # no cell is left out of the page because it is scrolled away
    "notebook-extension/tracker": {"windowingMode": "none", "recordTiming": False},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
    "completer-extension/manager": {"providerTimeout": 10_000},
}


@dataclass(frozen=True, slots=True)
class Jupyter:
    """A server that answers."""

    url: str
    token: str
    folder: Path


def chromium() -> str | None:
    """Where the system's Chromium is."""
    found = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    return next((one for one in found if one), None)


def has_font(language: str) -> bool:
    """Whether some font has the characters of a language."""
    found = subprocess.run(
        ["fc-list", f":lang={language}"], capture_output=True, text=True, check=False
    )
    return bool(found.stdout.strip())


def missing() -> str:
    """What these tests need and do not find, as a sentence; empty if nothing."""
    if chromium() is None:
        return "Chromium is not installed, so nothing is tried in a browser"
    absent = [one for one in ("playwright", "jupyterlab", "notebook") if find_spec(one) is None]
    if absent:
        return f"`make browser` installs {', '.join(absent)} and tries notebooks in Chromium"
    return ""


@contextmanager
def served(place: Path) -> Iterator[Jupyter]:
    """A server in a folder of its own below the place."""
    folder = place / "notebooks"
    folder.mkdir(parents=True)
    with (place / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "lab", *FLAGS, f"--ServerApp.root_dir={folder}"],
            cwd=folder,
            env=_surroundings(place),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _once_it_answers(process, place, folder)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _surroundings(place: Path) -> dict[str, str]:
    """The environment of the server and its kernels."""
    settings = place / "settings"
    for name, values in SETTINGS.items():
        file = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    own = {
        "JUPYTERLAB_SETTINGS_DIR": settings,
        "JUPYTERLAB_WORKSPACES_DIR": place / "workspaces",
        "JUPYTER_CONFIG_DIR": place / "config",
        "JUPYTER_DATA_DIR": place / "data",
        "JUPYTER_RUNTIME_DIR": place / "runtime",
        "IPYTHONDIR": place / "ipython",
    }
    return os.environ | {name: str(path) for name, path in own.items()}


def _once_it_answers(process: subprocess.Popen[bytes], place: Path, folder: Path) -> Jupyter:
    until = time.monotonic() + PATIENCE_S
    file = place / "runtime" / f"jpserver-{process.pid}.json"
    while time.monotonic() < until and process.poll() is None:
        if file.exists() and (text := file.read_text()).endswith("}"):
            told = json.loads(text)
            found = Jupyter(told["url"].rstrip("/"), told["token"], folder)
            if _answers(found):
                return found
        time.sleep(0.05)  # looks again; the server tells nobody that it is there
    raise AssertionError(f"Jupyter did not answer:\n{(place / 'server.log').read_text()}")


def _answers(server: Jupyter) -> bool:
    try:
        with urlopen(f"{server.url}/api/status?token={server.token}", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False
