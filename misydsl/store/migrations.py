"""The schema of a journal file, and how an older one becomes today's.

In: an open connection. Out: the same, with the newest schema, or `JournalUnusable` for a file that is
not a journal or was written by a newer version. A fresh file takes the same way as an old one:
`schema.sql` is schema 1, and every later schema is one more step.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.failures import JournalUnusable
from misydsl.store import messages

if TYPE_CHECKING:
    import apsw

APPLICATION_ID: Final = 0x6D697379  # "misy": tells a journal from other people's databases

MIGRATIONS: Final[tuple[str, ...]] = (
    files("misydsl.store").joinpath("schema.sql").read_text(encoding="utf-8"),
)
"""Step n leads from schema n to n + 1; steps are added at the end and never changed."""


# one statement: another process may be making the file a journal at this moment
_IDENTITY: Final = """
    SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)
"""


def migrate(
    connection: apsw.Connection, path: Path, *, migrations: tuple[str, ...] = MIGRATIONS
) -> None:
    """Bring the file to the newest schema, in one transaction. Raises: JournalUnusable."""
    if schema_of(connection, path, newest=len(migrations)) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # asked again: another process may have been quicker
        found = schema_of(connection, path, newest=len(migrations))
        for step in migrations[found:]:
            connection.execute(step)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES ('schema', ?)", (str(len(migrations)),)
        )
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def schema_of(connection: apsw.Connection, path: Path, *, newest: int = len(MIGRATIONS)) -> int:
    """The schema of a file, 0 for an empty one. Raises: JournalUnusable for what is no journal."""
    application, tables = connection.execute(_IDENTITY).get
    if application == 0 and not tables:
        return 0
    if application != APPLICATION_ID:
        raise JournalUnusable(messages.not_a_journal(path))
    found = int(connection.execute("SELECT value FROM meta WHERE key = 'schema'").get)
    if found > newest:
        raise JournalUnusable(messages.newer(path, found, newest))
    return found
