"""Agents whose requests on one connection differ: what is left over from one must not reach the next.

In: nothing. Out: `TURNS_APART`; what has to come of each is in `test_misbehaving_connections`, because it takes more
than one call to see it.
"""

from __future__ import annotations

from typing import Final

from tests.agents.misbehaviour import Drip, Misbehaviour, Turn, head, whole

GOOD: Final = whole(b'{"ok":true}')
EVIL: Final = whole(b'{"evil":true}')
BOTH: Final = head("Content-Length: 3", "Transfer-Encoding: chunked")
COOKIES: Final = ("Set-Cookie: a=b; Path=/", "Set-Cookie: c=d; Domain=localhost")


def _turns(name: str, *turns: Turn) -> Misbehaviour:
    return Misbehaviour(name, turns, "reply")


TURNS_APART: Final = (
    _turns("closes-as-the-second-comes", Turn((GOOD,)), Turn(end="close")),
    _turns("resets-as-the-second-comes", Turn((GOOD,)), Turn(end="reset")),
    _turns("closes-when-idle", Turn((GOOD,), "close")),
    _turns("second-answer-at-once", Turn((GOOD + EVIL,))),
    _turns("second-answer-a-moment-later", Turn((GOOD, Drip(b"", 1, 0.05), EVIL))),
    _turns("half-an-answer-a-moment-later", Turn((GOOD, Drip(b"", 1, 0.05), EVIL[:20]))),
    _turns("more-bytes-than-it-said", Turn((GOOD + b'{"evil":true}',))),
    _turns("more-bytes-a-moment-later", Turn((GOOD, Drip(b"", 1, 0.05), b'{"evil":true}'))),
    _turns("body-of-a-204", Turn((head(status="204 No Content") + EVIL,))),
    _turns("two-framings", Turn((BOTH + b"2\r\n[]\r\n0\r\n\r\n" + EVIL,))),
    _turns("sets-cookies", Turn((whole(b"1", *COOKIES),))),
    _turns("answers-without-reading", Turn((whole(b"[]", "Connection: close"),), "hang", "head")),
    _turns(
        "refuses-without-reading",
        Turn((whole(b"{}", "Connection: close", status="413 Too Large"),), "hang", "head"),
    ),
    _turns(
        "shows-what-it-was-sent", Turn((whole(b"Basic YW5hOmh1bnRlcjIy", status="500 hunter22"),))
    ),
    _turns("healthy", Turn((GOOD,))),
)
