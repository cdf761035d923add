"""What is shipped: the wheel holds the package and its grammar, and works away from the checkout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from misydsl import __version__

CHECKOUT = Path(__file__).resolve().parents[2]
EXTENSION = CHECKOUT / "labextension"
SHARED = ".data/data/share/jupyter/labextensions/misydsl/"
GREETING = """misy 1

pipeline saludo "Saludo" (nombre: string = "Ana") {
  step hola { return "¡Hola, ${nombre}!" }

  return hola
}
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def _run(*command: str | Path, cwd: Path, also_errors: bool = False) -> str:
    """What the command prints; its error output is the message when it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), "LC_ALL": "C.UTF-8"},
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + (done.stderr if also_errors else "")


def _build(kind: str, *, source: Path, into: Path) -> Path:
    """Builds with the installed hatchling, so no index is asked."""
    _run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", into, cwd=source)
    [built] = into.iterdir()
    return built


def _is_about_the_wheel(name: str) -> bool:
    """Whether it is not of the package: what installers read, and what goes beside it."""
    return name.partition("/")[0].endswith((".dist-info", ".data"))


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("wheel", source=CHECKOUT, into=tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; what it depends on is read from the current one."""
    place = tmp_path_factory.mktemp("elsewhere")
    _run(sys.executable, "-m", "venv", "--without-pip", place / "venv", cwd=place)
    python = place / "venv" / "bin" / "python"
    install = ("install", "--quiet", "--no-deps", "--no-index", wheel)
    _run(sys.executable, "-m", "pip", "--python", python, *install, cwd=place)
    # A path in a .pth file is searched, but its own .pth files are not read: the checkout, which is
    # installed there as editable, stays out of sight.
    [packages] = (place / "venv" / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (place / "saludo.misy").write_text(GREETING, encoding="utf-8")
    return place


def test_the_wheel_holds_the_whole_package_and_its_grammar(wheel: Path) -> None:
    package = {
        path.relative_to(CHECKOUT).as_posix()
        for path in (CHECKOUT / "misydsl").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    grammar = {f"misydsl/grammar/{path.name}" for path in (CHECKOUT / "grammar").iterdir()}
    assert "misydsl/grammar/misy.lark" in grammar
    assert {"misydsl/__init__.py", "misydsl/py.typed"} <= package
    shipped = {name for name in _names(wheel) if not _is_about_the_wheel(name)}
    assert shipped == package | grammar


def test_the_wheel_carries_the_colours_of_notebooks(wheel: Path) -> None:
    files = {
        path.relative_to(EXTENSION).as_posix() for path in EXTENSION.rglob("*") if path.is_file()
    }
    assert {"package.json", "install.json", "static/remoteEntry.js"} <= files
    shipped = {name.partition(SHARED)[2] for name in _names(wheel) if SHARED in name}
    assert shipped == files


def test_the_wheel_carries_its_licence_and_its_command(wheel: Path) -> None:
    names = {Path(name).name: name for name in _names(wheel) if ".dist-info/" in name}
    with zipfile.ZipFile(wheel) as archive:
        assert "misy = misydsl.cli.main:main" in archive.read(names["entry_points.txt"]).decode()
        assert "Requires-Python: >=3.11" in archive.read(names["METADATA"]).decode()
        assert b"MIT License" in archive.read(names["LICENSE"])


def test_a_wheel_built_from_the_source_archive_is_the_same(wheel: Path, tmp_path: Path) -> None:
    archive = _build("sdist", source=CHECKOUT, into=tmp_path / "sdist")
    with tarfile.open(archive) as files:
        files.extractall(tmp_path / "source", filter="data")
    [source] = (tmp_path / "source").iterdir()
    assert (source / "grammar" / "misy.lark").is_file()
    assert not (source / "tests").exists()
    again = _build("wheel", source=source, into=tmp_path / "again")
    assert _names(again) == _names(wheel)


def test_the_installed_package_is_not_the_checkout(elsewhere: Path) -> None:
    where = "import misydsl; print(misydsl.__file__)"
    python = elsewhere / "venv" / "bin" / "python"
    assert Path(_run(python, "-c", where, cwd=elsewhere).strip()).is_relative_to(elsewhere)


def test_the_installed_command_checks_and_runs_a_pipeline(elsewhere: Path) -> None:
    misy = elsewhere / "venv" / "bin" / "misy"
    checked = json.loads(_run(misy, "check", "saludo.misy", "--format", "json", cwd=elsewhere))
    assert checked["diagnostics"] == []
    done = json.loads(
        _run(misy, "run", "saludo.misy", "-p", "nombre=Íñigo", "--json", cwd=elsewhere)
    )
    assert (done["status"], done["result"]) == ("succeeded", "¡Hola, Íñigo!")


def test_pygments_finds_the_lexer_of_the_installed_package(elsewhere: Path) -> None:
    python = elsewhere / "venv" / "bin" / "python"
    html = _run(python, "-m", "pygments", "-l", "misy", "-f", "html", "saludo.misy", cwd=elsewhere)
    assert '<span class="kd">pipeline</span>' in html
    card = _run(elsewhere / "venv" / "bin" / "misy", "grammar", "--card", cwd=elsewhere)
    assert card.startswith("# misy, edition 1")


def test_jupyterlab_finds_the_colours_of_the_installed_package(elsewhere: Path) -> None:
    pytest.importorskip("jupyterlab", reason="JupyterLab is of the group `browser`")
    python = elsewhere / "venv" / "bin" / "python"
    listed = _run(python, "-m", "jupyterlab.labextensions", "list", cwd=elsewhere, also_errors=True)
    told = re.sub(r"\x1b\[\d*m", "", listed)
    assert f"misydsl v{__version__} enabled OK (python, misydsl)" in told


def test_the_extension_has_the_version_of_the_package() -> None:
    said = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    assert said["version"] == __version__
