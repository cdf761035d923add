"""A page for the tests of the board: it counts the messages that widgets send, and has no browser.

In: what ipywidgets sends through its comms. Out: `Page`, with every message and its size.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from comm.base_comm import BaseComm


@dataclass(slots=True)
class Message:
    """One message to the page."""

    kind: str
    state: dict[str, Any]
    size_bytes: int


@dataclass(slots=True)
class Page:
    """All messages, in order."""

    messages: list[Message] = field(default_factory=list)

    def open(self, *args: Any, **settings: Any) -> BaseComm:
        """What `comm.create_comm` is replaced by."""
        page = self

        class Counted(BaseComm):
            def publish_msg(
                self,
                msg_type: str,
                data: dict[str, Any] | None = None,
                metadata: dict[str, Any] | None = None,
                buffers: list[bytes] | None = None,
                **keys: Any,
            ) -> None:
                state = (data or {}).get("state", {})
                size = len(json.dumps(state, default=str).encode())
                page.messages.append(Message(msg_type, state, size))

        return Counted(*args, **settings)

    def updates(self) -> list[Message]:
        """Those after the widgets were made."""
        return [one for one in self.messages if one.kind == "comm_msg"]

    def forget(self) -> None:
        """Count from here on."""
        self.messages.clear()
