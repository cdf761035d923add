"""The words of the checker for structure and settings: what goes where, and how often.

In: what was found. Out: `Finding`s. See `messages` for names, types, imports and calls.
"""

from __future__ import annotations

from typing import Final

from misydsl.language.messages import article, certain, meant
from misydsl.language.report import Finding
from misydsl.language.setting_words import advice

_PLACES: Final = {
    "agent": "an agent",
    "pipeline": "a pipeline",
    "step": "a step",
    "defaults": "`defaults`",
}


def set_twice(name: str) -> Finding:
    """E0401."""
    return Finding("E0401", f"`{name}` is set twice", "remove one of them")


def modifier_twice(word: str) -> Finding:
    """E0401, for `for`, `when`, `repeat`."""
    cures = {
        "for": "put the second `for` on a step inside this one",
        "when": "join the conditions with `and`",
    }
    return Finding("E0401", f"`{word}` stands twice at this step", cures.get(word))


def unknown_setting(
    place: str,
    name: str,
    owner: str,
    candidate: str | None,
    *,
    number: str | None = None,
    time: str | None = None,
) -> Finding:
    """E0402; other tools' words get what to write here, others a name that is near."""
    message = f"{_PLACES[place]} has no setting `{name}`"
    words = advice(place, name, owner, number=number or "3", time=time or "30s")
    if words is not None:
        return Finding("E0402", f"{message}. {words[0].upper()}{words[1:]}")
    return Finding("E0402", f"{message}{meant(candidate)}", replacement=certain(candidate))


def no_address(agent: str) -> Finding:
    """E0403, only under --strict."""
    message = f"the agent `{agent}` has no `url`: somebody has to bind it when a run starts"
    return Finding("E0403", message, 'add `url: "http://…"`')


def timeout_over_deadline(timeout: str, deadline: str) -> Finding:
    """E0414."""
    message = f"`timeout: {timeout}` is longer than `deadline: {deadline}`, so it can never happen"
    return Finding("E0414", message, f"write {deadline} or less, or a longer `deadline`")


def reply_as_address(name: str) -> Finding:
    """E0704."""
    message = (
        f"the result of the step `{name}` goes into `url`, which is known before any step runs"
    )
    return Finding("E0704", message, "addresses come from the file or from `env`")


def not_in_agent(word: str) -> Finding:
    """E0404."""
    where = "the top of the file" if word == "let" else "a pipeline"
    message = f"only settings go in an agent; `{word}` belongs in {where}"
    return Finding("E0404", message)


def setting_misplaced(name: str, word: str) -> Finding:
    """E0404, for a setting in a block that has none."""
    message = f"settings go in the step's own block, not in its `{word}`"
    return Finding("E0404", message, f"move `{name}` out of the `{word}` block")


def setting_in_handler(name: str) -> Finding:
    """E0404, for a setting in `on failure` or `on finish`."""
    message = f"only steps go in here; `{name}` belongs in one of them, or in the pipeline"
    return Finding("E0404", message)


def unknown_handler(name: str, candidate: str | None) -> Finding:
    """E0405."""
    help_ = None if candidate else "write `on failure { … }` or `on finish { … }`"
    message = f"there is no `on {name}`{meant(candidate)}"
    return Finding("E0405", message, help_, replacement=certain(candidate))


def only_in(word: str, place: str) -> Finding:
    """E0406; `place` is what it goes in, with its article."""
    return Finding("E0406", f"`{word}` only goes in {place}")


def call_outside_step() -> Finding:
    """E0407."""
    message = "a pipeline is made of steps: put this call in one"
    return Finding("E0407", message, "step my-step { call … }")


def two_results() -> Finding:
    """E0408."""
    return Finding("E0408", "a step makes one call, or holds steps and a `return`, not both")


def returned_twice() -> Finding:
    """E0408, where everything else is right."""
    return Finding("E0408", "this block already has a `return`", "remove one of them")


def no_until(inner: str | None) -> Finding:
    """E0409; `inner` is a step of the block, to show how."""
    help_ = (
        f"say when to stop: until {inner}.ok"
        if inner
        else "put the call in a step of its own and say when to stop: "
        "step try { call … }, until try.ok, return try"
    )
    return Finding("E0409", "this `repeat` step has no `until`", help_)


def no_result() -> Finding:
    """E0410."""
    return Finding("E0410", "this block has no result", "add `call …` or `return …`")


def too_many_rounds(limit: int, most: int) -> Finding:
    """E0411."""
    if limit < 1:
        return Finding(
            "E0411", f"`repeat up to {limit}` would never do anything", "write 1 or more"
        )
    return Finding("E0411", f"`repeat up to {limit}` is over the limit of {most}")


def no_attempts(attempts: int) -> Finding:
    """E0412."""
    message = f"`attempts: {attempts}` would never call the agent"
    return Finding("E0412", message, "1 means no retry")


def shrinking_backoff(written: str) -> Finding:
    """E0413."""
    return Finding("E0413", f"`backoff: {written}` makes the waits shorter; it must be 1 or more")


def address_without_scheme(url: str) -> Finding:
    """E0416."""
    message = f'`url` must start with http:// or https://: "{url}"'
    bare = url.lstrip("/")
    looks_right = bare[:1].isalnum() and " " not in url and ":/" not in url
    right = f'"http://{bare}"' if looks_right else None
    return Finding("E0416", message, right, replacement=right)


def nothing_to_undo() -> Finding:
    """E0417."""
    return Finding("E0417", "`undo` needs a step that calls something")


def else_without_when() -> Finding:
    """E0606."""
    message = "`else` belongs to a step with `when`"
    return Finding("E0606", message, "write `when …` before the `{`")


def else_after_else() -> Finding:
    """E0606, for a branch that can never be taken."""
    return Finding("E0606", "the `else` before this one takes everything that is left")


def after_unknown(name: str, candidate: str | None) -> Finding:
    """E0603."""
    message = f"`after` names a step, and there is no step `{name}`{meant(candidate)}"
    return Finding("E0603", message, replacement=certain(candidate))


def after_not_a_step(name: str, kind: str) -> Finding:
    """E0603, for a name that means something else."""
    return Finding("E0603", f"`after` names a step, and `{name}` is {article(kind)}")


def after_inner(written: str, inner: str, outer: str) -> Finding:
    """E0604."""
    message = f"`after {written}`: `{inner}` is inside `{outer}` and cannot be seen from here"
    return Finding("E0604", message, f"after {outer}")


def after_outer(name: str) -> Finding:
    """E0604, for a step around or beside the step around."""
    message = f"`after {name}`: `{name}` is outside of this block"
    return Finding("E0604", message, f"write `after {name}` at the step around this one")


def may_be_skipped(step: str, wanted: str) -> Finding:
    """E0501, for a declared type that forgets `when`."""
    message = f"the result of `{step}`: it may be skipped, so it may be null, not just {wanted}"
    return Finding("E0501", message, f"write `{wanted}?`, or add an `else`")


def loop_gives_list(step: str, wanted: str) -> Finding:
    """E0501, for a declared type that forgets `for`."""
    message = f"the result of `{step}`: a `for` step gives a list, not {wanted}"
    return Finding("E0501", message, f"write `list[{wanted}]`", replacement=f"list[{wanted}]")


def result_never_given(pipeline: str, wanted: str) -> Finding:
    """E0410, for a declared result and no `return`."""
    message = f"`{pipeline}` should give {wanted}, and has no `return`"
    return Finding("E0410", message, "add `return …`")
