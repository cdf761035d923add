"""What happened earlier, told again from the journal.

In: a place in the journal, and perhaps one run. Out: pages of the same messages that were told then. A
run that was under way at that place is read from its beginning first, so that its frames are the same
as they were; what is not asked for is never kept.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Final

from misydsl.failures import RunUnknown
from misydsl.history.events import Recorded, RunAccepted
from misydsl.server.step_names import NamesOfRuns
from misydsl.server.telling import Message, Stories
from misydsl.store.journal import Journal

_PAGE: Final = 500


class Replay:
    """A reader of earlier facts; for one thread at a time."""

    def __init__(
        self, journal: Journal, names: NamesOfRuns, *, after: int, run: str | None
    ) -> None:
        self.position = after
        """Everything up to this `seq` has been told."""
        self._journal, self._run = journal, run
        self._begins_after = after
        self._stories = Stories(names)
        self._known: set[str] = set()

    def next(self, *, until: int) -> list[Message]:
        """The messages of the next page; at the end, `position` is `until`."""
        page = list(takewhile(lambda one: one.seq <= until, self._page(self.position)))
        if not page:
            self.position = max(self.position, until)
            return []
        for recorded in page:
            self._know(recorded)
        messages = self._stories.tell(page)
        self.position = page[-1].seq
        return messages

    def _page(self, after: int) -> list[Recorded]:
        try:
            return self._journal.read_all(after=after, limit=_PAGE, run=self._run)
        except RunUnknown:  # it may come yet
            return []

    def _know(self, recorded: Recorded) -> None:
        """Read how a run began that is met in its middle."""
        run = recorded.run
        if run in self._known:
            return
        self._known.add(run)
        if isinstance(recorded.event, RunAccepted):
            return
        after = 0
        while True:
            page = self._journal.read_all(after=after, limit=_PAGE, run=run)
            earlier = [one for one in page if one.seq <= self._begins_after]
            self._stories.follow(earlier)
            if len(earlier) < len(page) or not page:
                return
            after = page[-1].seq
