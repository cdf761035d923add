"""Switching on: what `%load_ext misydsl` adds to a shell, and takes away again.

In: an IPython shell. Out: the magics, the transformer that lets a cell await its run, completion inside of
cells, and the board of runs that are awaited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from misydsl.failures import MisyError
from misydsl.workspace.watching import set_board

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from misydsl.notebook.magic import MisyMagics

_loaded: dict[int, MisyMagics] = {}


def load(shell: InteractiveShell) -> None:
    """Add everything to a shell; a second time changes nothing."""
    from misydsl.notebook.completion import complete_in
    from misydsl.notebook.errors import show_plainly
    from misydsl.notebook.formats import add_formats
    from misydsl.notebook.magic import MisyMagics
    from misydsl.notebook.showing import show_run
    from misydsl.notebook.transform import await_cells

    if id(shell) in _loaded:
        return
    magics = MisyMagics(shell)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(await_cells)
    shell.Completer.custom_matchers.append(complete_in(magics))
    add_formats(shell)
    if not shell.custom_exceptions:  # somebody else's way of showing errors stays
        shell.set_custom_exc((MisyError,), show_plainly)  # type: ignore[no-untyped-call]  # IPython's has no types
    set_board(show_run)
    _loaded[id(shell)] = magics


def unload(shell: InteractiveShell) -> None:
    """Take away what `load` added."""
    from misydsl.notebook.formats import remove_formats
    from misydsl.notebook.transform import await_cells

    magics = _loaded.pop(id(shell), None)
    if magics is None:
        return
    shell.input_transformers_cleanup.remove(await_cells)
    matchers = shell.Completer.custom_matchers
    matchers[:] = [one for one in matchers if getattr(one, "magics", None) is not magics]
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("misy", None)
    remove_formats(shell)
    if shell.custom_exceptions == (MisyError,):
        shell.set_custom_exc((), None)  # type: ignore[no-untyped-call]  # IPython's has no types
    set_board(None)
