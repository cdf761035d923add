"""The words of the lints.

In: what was found. Out: `Finding`s of severity warning: what is odd, and what to write instead. W0901 and
W0903 are worded with imports and names, in `language.messages`; W0902 with values.
"""

from __future__ import annotations

from misydsl.language.report import Finding


def _warning(code: str, message: str, help_: str | None = None) -> Finding:
    return Finding(code, message, help_, severity="warning")


def result_unused(step: str, agent: str) -> Finding:
    """W0904."""
    message = f"the result of `{step}` is never used, and `{agent}` is pure: the call does nothing"
    return _warning("W0904", message, f"use `{step}`, or remove it")


def always(word: str, *, is_true: bool) -> Finding:
    """W0905; `word` is `when` or `until`."""
    outcome = "true" if is_true else "false"
    help_ = {
        ("when", True): "remove it",
        ("when", False): "the step never runs: remove it, or mend the condition",
        ("until", True): "one round is enough: remove `repeat` and `until`",
        ("until", False): "every round is run: say when it is good enough",
    }[word, is_true]
    return _warning("W0905", f"`{word}` is always {outcome} here", help_)


def branch_unreachable(condition: str) -> Finding:
    """W0905, for an `else when` whose condition an earlier branch has."""
    message = f"`when` is always false here: an earlier branch takes `{condition}`"
    return _warning("W0905", message, "mend the condition, or remove the branch")


def concurrency_over(step_limit: int, agent: str, agent_limit: int) -> Finding:
    """W0906."""
    message = (
        f"`concurrency: {step_limit}` on the step, but the agent `{agent}` allows {agent_limit}: "
        f"{step_limit - agent_limit} will wait"
    )
    return _warning("W0906", message, f"write `concurrency: {agent_limit}`, or raise the agent's")


def env_secret(name: str) -> Finding:
    """W0907."""
    message = f"`env.{name}` looks like a secret and would be logged"
    return _warning("W0907", message, f"secret.{name}")


def acts_twice(agent: str, attempts: int, *, is_declared: bool) -> Finding:
    """W0908; `is_declared` when the text itself says `idempotent: false`."""
    times = f"{attempts} times"
    message = (
        f"`{agent}` is tried up to {times} and is `idempotent: false`: it may act twice"
        if is_declared
        else f"`{agent}` is tried up to {times} and acts on the world: it may do so twice"
    )
    help_ = "write `idempotent: true` if calling it twice does the work once, or `attempts: 1`"
    return _warning("W0908", message, help_)


def many_calls(product: str, calls: int, rate: str, time: str, deadline: str | None) -> Finding:
    """W0909."""
    what = f"up to {calls:,} calls"
    counted = f"{product} = {what}" if product else what
    over = f", over the `deadline: {deadline}`" if deadline else ""
    message = f"{counted}; `rate: {rate}` makes that at least {time}{over}"
    return _warning("W0909", message)


def let_unused(name: str) -> Finding:
    """W0910."""
    return _warning("W0910", f"`{name}` is never used", "remove it")


def parameter_unused(name: str, owner: str) -> Finding:
    """W0911."""
    message = f"the input `{name}` of `{owner}` is never used"
    return _warning("W0911", message, f"remove it, or call it `_{name}`")


def variable_unused(name: str, *, is_index: bool) -> Finding:
    """W0912."""
    if is_index:
        return _warning("W0912", f"the index `{name}` is never used", f"remove `, {name}`")
    message = f"every item does the same: `{name}` is never used"
    return _warning("W0912", message, f"use it, or call it `_{name}`")


def declaration_unused(name: str, kind: str) -> Finding:
    """W0913; `kind` without article."""
    return _warning("W0913", f"the {kind} `{name}` is never used", "remove it")


def after_implied(name: str, step: str, through: str | None) -> Finding:
    """W0914; `through` is the step that waits for it already, when it is not this one itself."""
    why = f"it waits for `{through}`, which does" if through else f"it uses `{name}`"
    message = f"`{step}` waits for `{name}` anyway: {why}"
    return _warning("W0914", message, f"remove `{name}` from `after`")


def single_round(*, is_kept: bool) -> Finding:
    """W0915; `is_kept` when the round's result is taken whatever `until` says."""
    if is_kept:
        message = "`repeat up to 1` goes round once, whatever `until` says"
        return _warning("W0915", message, "remove `repeat` and `until`")
    message = "`repeat up to 1` goes round once, and fails when `until` is not met then"
    return _warning("W0915", message, "write 2 or more, or remove `repeat` and `until`")


def placeholder(written: str, right: str | None) -> Finding:
    """W0917; `right` when what is named is in sight."""
    message = f"`{written}` is plain text here: values go into text as `${{…}}`"
    help_ = f"write `{right}`" if right is not None else "name the step or input: `${draft.text}`"
    return _warning("W0917", message, help_)


def nothing_to_allow(word: str, why: str) -> Finding:
    """W0916."""
    return _warning("W0916", f"`{word}` cannot be allowed: {why}", "warnings begin with W")


def project_unreadable(why: str) -> Finding:
    """W0916."""
    return _warning("W0916", f"the settings of the project cannot be used: {why}")


def project_setting(name: str, why: str) -> Finding:
    """W0916, for one setting of `[tool.misy]`."""
    help_ = 'it takes `allow = ["W0903"]` and `strict = true`'
    return _warning("W0916", f"`{name}` of [tool.misy]: {why}", help_)
