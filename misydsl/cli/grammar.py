"""`misy grammar`: the language, for people, for models and for editors.

In: `--card`, `--textmate`, `--codemirror` or none. Out: where the page and the grammar are and what the
language has; the card a model can write pipelines from; what TextMate and CodeMirror colour with. 0.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from misydsl.cli import exits
from misydsl.cli.options import examples, output_options

if TYPE_CHECKING:
    from misydsl.cli.screen import Screen


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `misy grammar`."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--card",
        action="store_true",
        help="the language in under 2,500 tokens, for a model that writes pipelines",
    )
    what.add_argument(
        "--textmate", action="store_true", help="the TextMate grammar, for editors that colour"
    )
    what.add_argument(
        "--codemirror",
        action="store_true",
        help="the table of colours for CodeMirror 6, the editor of JupyterLab",
    )
    output_options(parser)
    examples(
        parser,
        "misy grammar",
        "misy grammar --card > card.md",
        "misy grammar --textmate > misy.tmLanguage.json",
        "misy grammar --codemirror > table.js",
    )


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Print what was asked for."""
    if arguments.card:
        _card(screen)
    elif arguments.textmate:
        from misydsl.language.textmate import textmate_text

        screen.out.write(textmate_text())
    elif arguments.codemirror:
        from misydsl.language.codemirror import codemirror_text

        screen.out.write(codemirror_text())
    else:
        _overview(screen)
    return exits.FINE


def _card(screen: Screen) -> None:
    from misydsl.language.card import card

    if screen.is_json:
        screen.give({"card": card()})
    else:
        screen.out.write(card())


def _overview(screen: Screen) -> None:
    from misydsl.expressions.functions import FUNCTIONS
    from misydsl.language.shipped import shipped_path
    from misydsl.language.tokens import RESERVED, SOFT_KEYWORDS
    from misydsl.pipeline.settings import SETTINGS

    page, grammar = shipped_path("README.md"), shipped_path("misy.lark")
    settings = {place: list(known) for place, known in SETTINGS.items()}
    if screen.is_json:
        screen.give(
            {
                "page": str(page),
                "grammar": str(grammar),
                "reserved": sorted(RESERVED),
                "keywords": sorted(SOFT_KEYWORDS),
                "settings": settings,
                "functions": list(FUNCTIONS),
            }
        )
        return
    names = sorted({name for known in settings.values() for name in known})
    screen.say(
        "misy, edition 1: type, let, agent, prompt, pipeline and import declare;",
        "step, call and return do the work; the rest is `key: value`.",
        "",
        f"the language on one page  {page}",
        f"the grammar (LALR(1))     {grammar}",
        "for a model               misy grammar --card",
        "for an editor             misy grammar --textmate",
        "",
        f"reserved   {' '.join(sorted(RESERVED))}",
        f"settings   {len(names)}: {' '.join(names)}",
        f"functions  {len(FUNCTIONS)}: {' '.join(FUNCTIONS)}",
    )
