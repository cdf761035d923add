"""The words of this room: what people read when an agent cannot be reached, or answers wrongly.

In: facts. Out: `Failure` values of the closed list, each with a sentence of advice where there is one,
and the texts of the errors this room raises. Nothing here may contain a secret: callers mask first.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from misydsl.failures import Failure
from misydsl.values import with_article

_CONNECTION: Final = {
    "connect": "cannot connect to",
    "reset": "lost the connection to",
    "tls": "cannot agree on a secure connection with",
    "timeout": "waited too long for",
    "bad-reply": "got something that is not HTTP from",
}


def environment_name(agent: str) -> str:
    """The variable that says where an agent runs: `trend-scanner` → `AGENT_TREND_SCANNER_URL`."""
    word = "".join(letter.upper() if letter.isalnum() else "_" for letter in agent)
    return f"AGENT_{word}_URL"


# Failures of the wire


def timed_out(agent: str, shown: str, timeout_s: float) -> Failure:
    """The whole attempt took longer than it may."""
    return Failure(
        "timeout",
        f"{agent} did not answer within {seconds(timeout_s)}",
        agent=agent,
        advice=f"raise `timeout`, or look at what {shown} is doing",
    )


def broken(agent: str, shown: str, kind: str, reason: str) -> Failure:
    """No complete answer came."""
    advice = {
        "connect": f"start it, or set {environment_name(agent)} to where it runs",
        "tls": "check the certificate, and that the URL is meant to begin with https://",
        "reset": "it may have crashed or restarted: look at its log",
        "bad-reply": f"check that {shown} speaks HTTP on that port",
    }
    word = kind if kind in _CONNECTION else "reset"
    return Failure(
        word,  # type: ignore[arg-type]  # the keys of _CONNECTION are failure kinds
        f"{_CONNECTION[word]} {agent} at {shown}: {reason}",
        agent=agent,
        advice=advice.get(word),
    )


def not_2xx(agent: str, status: int, words: str | None, *, location: str | None = None) -> Failure:
    """An answer with a status that is not 2xx; `words` is what the agent said about it."""
    said = f": {words}" if words else ""
    return Failure(
        "http",
        f"{agent} answered {status} {_phrase(status)}".rstrip() + said,
        status=status,
        agent=agent,
        advice=_advice_for(agent, status, location),
    )


def not_json(agent: str, status: int, problem: str) -> Failure:
    """The bytes of a 2xx answer are not the strict JSON that was promised."""
    return Failure(
        "bad-reply",
        f"the reply of {agent} is not valid JSON: {problem}",
        status=status,
        agent=agent,
        advice="the agent has to answer with one JSON value in UTF-8",
    )


def compressed(agent: str, status: int, encoding: str) -> Failure:
    """The answer is packed although that was declined; unpacking could be without bound."""
    return Failure(
        "bad-reply",
        f"the reply of {agent} is compressed ({encoding}), although it was asked not to be",
        status=status,
        agent=agent,
        advice="turn compression off at the agent or the proxy before it",
    )


def too_large(agent: str, status: int, most_bytes: int) -> Failure:
    """The answer is longer than `max-reply`."""
    return Failure(
        "too-large",
        f"the reply of {agent} is over {most_bytes} bytes",
        status=status,
        agent=agent,
        advice="set `max-reply` of the agent higher, or let it answer with less",
    )


def too_many_containers(agent: str, status: int, most: int) -> Failure:
    """The answer is short enough, but would be huge in memory."""
    return Failure(
        "too-large",
        f"the reply of {agent} has over {most} lists and objects",
        status=status,
        agent=agent,
        advice="let it answer with less, or set `max-reply` of the agent higher: it may have one "
        "list or object for each 32 bytes of that",
    )


# Failures the agent itself is to blame for


def refused(agent: str, words: str, *, code: str | None, status: int | None = None) -> Failure:
    """The agent said `success: false`."""
    coded = f" [{code}]" if code else ""
    return Failure("agent-error", f"{agent} failed: {words}{coded}", status=status, agent=agent)


def raised(agent: str, problem: BaseException, *, where: str | None) -> Failure:
    """A function agent raised."""
    words = str(problem) or "no message"
    return Failure(
        "agent-error",
        f"{agent} raised {type(problem).__name__}: {words}",
        excerpt=where,
        agent=agent,
    )


def wrong_inputs(agent: str, problem: str, *, signature: str) -> Failure:
    """A function agent was given inputs that are not its own."""
    return Failure(
        "wrong-type", f"{agent}: {problem}", agent=agent, advice=f"it takes: {signature}"
    )


def unusable_result(agent: str, problem: str) -> Failure:
    """A function agent answered with something that is not JSON."""
    return Failure(
        "bad-reply",
        f"{agent} returned what cannot be written as JSON: {problem}",
        agent=agent,
        advice="return null, bool, numbers, text, lists, dicts with text keys, or dataclasses",
    )


def wrong_result(agent: str, problem: str, *, function: str, promised: str) -> Failure:
    """A function agent answered with JSON that is not of the type its annotation promises."""
    return Failure(
        "wrong-type",
        f"{agent}: the result of `{function}` is not what it promises: {problem}",
        agent=agent,
        advice=f"return what `-> {promised}` says, or correct the annotation",
    )


def overran(agent: str, timeout_s: float, *, is_abandoned: bool) -> Failure:
    """A function agent took too long; a thread cannot be stopped, only left alone."""
    left = "; its thread was abandoned and may still be working" if is_abandoned else ""
    return Failure(
        "timeout",
        f"{agent} did not finish within {seconds(timeout_s)}{left}",
        agent=agent,
        advice="raise `timeout`, or let the function give up by itself",
    )


def too_many_abandoned(agent: str, count: int) -> Failure:
    """So many functions never ended that no more threads are started."""
    return Failure(
        "agent-error",
        f"{agent} was not called: {count} function calls that overran are still working",
        agent=agent,
        advice="let the functions give up by themselves, or make them `async`",
    )


# Texts of errors


def bad_url(agent: str, problem: str) -> str:
    """A URL that cannot be called."""
    return f'the url of {agent} cannot be used ({problem}): write it like "http://localhost:3007/…"'


def unknown_scheme(agent: str, scheme: str, known: Iterable[str], near: str | None) -> str:
    """A URL scheme nobody connects to."""
    if near:
        return f"{agent}: nothing connects to `{scheme}:`. Did you mean `{near}:`?"
    return f"{agent}: nothing connects to `{scheme}:`; there is {', '.join(sorted(known))}"


def no_scheme(agent: str, example: str) -> str:
    """A URL without a scheme."""
    return f'{agent}: the url has no scheme: write "{example}"'


def bad_auth(agent: str, keys: Iterable[str]) -> str:
    """An `auth` record of no known shape."""
    return (
        f"the `auth` of {agent} is none I know ({', '.join(keys)}): write "
        "{ bearer: secret.X }, { basic: { user, password } } or { header, value }"
    )


def bad_header_name(agent: str, name: str) -> str:
    """A header name with characters no header has."""
    return f"{agent}: {name!r} is not the name of a header"


def bad_header_value(agent: str, name: str) -> str:
    """A header value that would break out of its line, or that HTTP cannot carry."""
    return f"{agent}: the header {name} may only hold printable ASCII, and no line break"


def bound_to(agent: str, kind: str) -> str:
    """A name is bound to something that cannot be called."""
    return f"{agent} is bound to {with_article(kind)}: bind a function, a URL or a connection"


def seconds(time_s: float) -> str:
    """`0.25 s`, `30 s`: short and without noise."""
    return f"{time_s:.3g} s" if time_s < 1000 else f"{time_s:.0f} s"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _advice_for(agent: str, status: int, location: str | None) -> str | None:
    if 300 <= status < 400:
        where = f" ({location})" if location else ""
        return f"redirects are not followed: set `url` to where the agent really is{where}"
    return {
        401: "check `auth` of the agent",
        403: "check `auth` of the agent, and what it is allowed to do",
        404: f"check the path of its `url`, or set {environment_name(agent)}",
        405: "check `method` of the agent",
        413: "send less, or raise the agent's limit",
        415: "the agent does not take JSON",
        429: "lower `rate` or `concurrency` of the agent",
    }.get(status, "look at the agent's log" if status >= 500 else None)
