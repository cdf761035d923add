"""How results and errors show themselves when a cell ends in them, each with a twin as text.

In: an explanation, the result of a step, a diagnostic, an error that was kept. Out: static HTML without
scripts, everything that came from outside escaped, and the same as text. `add_formats` teaches a shell.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any, Final

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.findings import Printer
from misydsl.diagnostics.html import render_html
from misydsl.diagnostics.plain import render_all
from misydsl.failures import Failure, MisyError, RunFailed, SourceInvalid
from misydsl.history.states import StepState
from misydsl.notebook.errors import AFTER_A_FAILURE
from misydsl.notebook.painting import pretty
from misydsl.render.html_pieces import TEXT, chip, folded, preformatted, word
from misydsl.render.run_rows import counted, reason_of, took
from misydsl.values import decode_json
from misydsl.workspace.why import Explanation

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

MOST_VALUE: Final = 20_000  # characters of a reply or an input
Bundle = dict[str, str]


def explanation_bundle(shown: Explanation) -> Bundle:
    """Why a step stands where it stands: its sentences, then what to type next."""
    item = f"[{shown.item}]" if shown.item else ""
    head = f"<b>{word(shown.step + item)}</b> &nbsp;{chip(shown.status)}"
    sentences = "".join(
        f'<div style="padding-left:{8 * (len(one) - len(one.lstrip()))}px">{_line(one)}</div>'
        for one in shown.sentences
    )
    typed = "".join(
        f"<div>→ <code>{_line(' '.join(('misy', verb, shown.run, *rest)))}</code></div>"
        for verb, *rest in shown.commands
    )
    return _bundle(f"<div>{head}</div>{sentences}{typed}", shown.text)


def step_bundle(shown: StepState) -> Bundle:
    """The result of a step, or of one item: how it ended, why, and what it gave."""
    name = f"{shown.step}[{shown.item}]" if shown.item else shown.step
    facts = [counted(shown.attempts, "attempt", "attempts")] if shown.attempts else []
    facts += [took(shown.duration_s)] if shown.duration_s is not None else []
    facts += [reason_of(shown)]
    html = (
        f"<div><b>{word(name)}</b> &nbsp;{chip(shown.status)} &nbsp;{word(' · '.join(facts))}</div>"
    )
    plain = [f"{name}  {shown.status} · {' · '.join(facts)}"]
    for title, raw in (("input", shown.inputs), ("reply", shown.value)):
        if raw is None or bytes(raw) == b"null":
            continue
        text = pretty(decode_json(bytes(raw)))
        text = text[:MOST_VALUE] + ("\n…" if len(text) > MOST_VALUE else "")
        html += folded(title, preformatted(text), is_open=title == "reply")
        plain += [f"{title}: {text}"]
    return _bundle(html, "\n".join(plain))


def failure_bundle(shown: Failure) -> Bundle:
    """What went wrong, in a sentence, and what came instead of a reply."""
    html = f"<div>✗ {_line(shown.sentence())} <code>{word(shown.kind)}</code></div>"
    excerpt = shown.excerpt or ""
    html += preformatted(excerpt) if excerpt else ""
    return _bundle(html, "\n".join([f"{shown.kind}: {shown.sentence()}", excerpt]).rstrip())


def diagnostic_bundle(shown: Diagnostic) -> Bundle:
    """One thing that is wrong with a text, with its caret."""
    return {"text/html": render_html((shown,)), "text/plain": render_all((shown,))}


def problem_bundle(shown: MisyError) -> Bundle:
    """An error that was caught and kept."""
    if isinstance(shown, SourceInvalid):
        found = shown.diagnostics
        return {"text/html": render_html(found), "text/plain": render_all(found)}
    lines = [f"{type(shown).__name__}: {shown}"]
    html = f"<div><b>{word(type(shown).__name__)}</b>: {_line(str(shown))}</div>"
    if isinstance(shown, RunFailed):
        lines.append(AFTER_A_FAILURE)
        html += f"<div>{escape(AFTER_A_FAILURE)}</div>"
        html += preformatted(shown.failure.excerpt) if shown.failure.excerpt else ""
    return _bundle(html, "\n".join(lines))


_FORMATS: Final[dict[type, Callable[[Any], Bundle]]] = {
    Explanation: explanation_bundle,
    StepState: step_bundle,
    Failure: failure_bundle,
    Diagnostic: diagnostic_bundle,
    MisyError: problem_bundle,
}


def add_formats(shell: InteractiveShell) -> None:
    """Teach a shell to show them."""
    if shell.display_formatter is None:
        return
    for kind, bundle in _FORMATS.items():
        shell.display_formatter.mimebundle_formatter.for_type(kind, _shown_by(bundle))
    # IPython has a way of its own to print exceptions, which would win over the bundle's text
    shell.display_formatter.formatters["text/plain"].for_type(MisyError, _print_problem)


def remove_formats(shell: InteractiveShell) -> None:
    """Take away what `add_formats` added."""
    if shell.display_formatter is None:
        return
    for kind in _FORMATS:
        shell.display_formatter.mimebundle_formatter.pop(kind, None)
    shell.display_formatter.formatters["text/plain"].pop(MisyError, None)


def _shown_by(bundle: Callable[[Any], Bundle]) -> Callable[..., Bundle]:
    return lambda shown, **_: bundle(shown)


def _print_problem(shown: MisyError, printer: Printer, _is_cycle: bool) -> None:
    printer.text(problem_bundle(shown)["text/plain"])


def _bundle(html: str, plain: str) -> Bundle:
    return {"text/html": f'<div style="{TEXT}">{html}</div>', "text/plain": plain}


def _line(text: str) -> str:
    """A sentence as long as it is; the pieces of reports shorten what they show."""
    return escape(text.strip())
