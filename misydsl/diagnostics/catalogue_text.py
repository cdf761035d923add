"""The catalogue of E01xx: characters, brackets, lines, and what the parser did not expect.

In: nothing. Out: `TEXT`, explanations in the order of their codes.
"""

from __future__ import annotations

from typing import Final

from misydsl.diagnostics.explanation import Explanation, explained

_DEEP: Final = 70  # more brackets than the language nests
_MANY: Final = 60  # more wrong lines than are told one by one

TEXT: Final[tuple[Explanation, ...]] = (
    explained(
        "E0100",
        "not expected here",
        """At this place something else has to stand; the message says what. It is the last resort: where the
        cause is known, another code says it. Look at the mark and at the word right before it.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café" + ) }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café" + " con leche") }
          return draft
        }
        """,
    ),
    explained(
        "E0101",
        "text never closed",
        """A text that begins with `"` ends on the same line, and one that begins with three quotes ends with
        three quotes. A `${` inside a text ends with `}`. For a text of several lines use three quotes.""",
        bad="""
        let saludo = "Hola
        """,
        good="""
        let saludo = "Hola"
        """,
    ),
    explained(
        "E0102",
        "unknown character",
        """The language does not use this character. Text stands in double quotes, comments begin with `#`,
        a line break or a comma separates items, and the logical words are `and`, `or` and `not`.""",
        bad="""
        let saludo = 'Hola'
        """,
        good="""
        let saludo = "Hola"
        """,
    ),
    explained(
        "E0103",
        "not a number",
        """It begins with a digit, but it is no number, duration (`500ms`, `30s`, `1h30m`, `2d`), size (`10MB`),
        rate (`10/s`) or percentage (`20%`). The unit stands right after the number, without a space.""",
        bad="""
        let wait = 30sec
        """,
        good="""
        let wait = 30s
        """,
    ),
    explained(
        "E0104",
        "one comma too many",
        """There is nothing between this comma and what came before. A line break separates items too, so
        commas are only needed on one line.""",
        bad="""
        let networks = ["tiktok",, "instagram"]
        """,
        good="""
        let networks = ["tiktok", "instagram"]
        """,
    ),
    explained(
        "E0105",
        "unknown escape",
        r"""In a text a backslash begins an escape: `\"` `\\` `\n` `\t` `\r` `\$` and `\u{e9}`. For a backslash
        itself write two. Between three quotes backslashes are ordinary characters.""",
        bad=r"""
        let folder = "C:\posts"
        """,
        good=r"""
        let folder = "C:\\posts"
        """,
    ),
    explained(
        "E0106",
        "letters that look alike",
        """One name has letters of two alphabets that look the same, such as Latin `a` and Cyrillic `а`. It
        usually comes from copying. Type the name again.""",
        bad="""
        let аgent-count = 3
        """,
        good="""
        let agent-count = 3
        """,
    ),
    explained(
        "E0107",
        "invisible direction mark",
        """An invisible character here changes the order in which the line is shown, so people read something
        else than what the file says. It usually comes from copying from a web page or a chat.""",
        bad="""
        let title = "abc\u202edef"
        """,
        good="""
        let title = "abcdef"
        """,
    ),
    explained(
        "E0108",
        "file is not UTF-8 text",
        """The bytes of the file are not text in UTF-8. Most often it was saved as Latin-1 or UTF-16 by an
        older editor. Save it again as UTF-8; accents and emoji are welcome then.""",
        bad="""
        let saludo = "Ñandú"
        """,
        good="""
        let saludo = "Ñandú"
        """,
        encoding="latin-1",
    ),
    explained(
        "E0110",
        "bracket never closed",
        """This bracket or brace has no partner. The message points at the opening one; the indentation of the
        lines below usually shows where the closing one is missing.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café" }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
    ),
    explained(
        "E0111",
        "bracket never opened",
        """This closes something that is not open, or with the wrong shape: `(` closes with `)`, `[` with `]`
        and `{` with `}`.""",
        bad="""
        let networks = ["tiktok", "instagram")
        """,
        good="""
        let networks = ["tiktok", "instagram"]
        """,
    ),
    explained(
        "E0112",
        "file ends too early",
        """The file stops in the middle of something. It was cut while copying, or the last line is not
        finished.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
    ),
    explained(
        "E0113",
        "`=` instead of `:`",
        """Settings, inputs and fields are written `name: value`. The sign `=` is only for `let` and `type`, and
        for the default of an input: `topic: string = "café"`.""",
        bad="""
        agent writer(topic: string) -> string { timeout = 30s }
        """,
        good="""
        agent writer(topic: string) -> string { timeout: 30s }
        """,
    ),
    explained(
        "E0114",
        "block without braces",
        """A block stands between `{` and `}`; a colon and indentation, as in Python or YAML, do not make one.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post():
          step draft { call writer(topic: "café") }
          return draft
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
    ),
    explained(
        "E0115",
        "separator or operator missing",
        """Two things stand side by side on one line. Put a comma between two items, or write them on two lines;
        if they are one value, an operator such as `+` is missing.""",
        bad="""
        agent writer(topic: string, words: int) -> string
        pipeline post() {
          step draft { call writer(topic: "café" words: 300) }
          return draft
        }
        """,
        good="""
        agent writer(topic: string, words: int) -> string
        pipeline post() {
          step draft { call writer(topic: "café", words: 300) }
          return draft
        }
        """,
    ),
    explained(
        "E0116",
        "`{` on a line of its own",
        """A line break ends an item, so the `{` of a block stands at the end of the line it belongs to.""",
        bad="""
        agent writer(topic: string) -> string
        pipeline post()
        {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
        good="""
        agent writer(topic: string) -> string
        pipeline post() {
          step draft { call writer(topic: "café") }
          return draft
        }
        """,
    ),
    explained(
        "E0117",
        "newer edition of the language",
        """The first line names an edition of the language that this misydsl does not know. Install a newer
        one, or write the edition that the message names.""",
        bad="""
        misy 2
        let greeting = "Hola"
        """,
        good="""
        misy 1
        let greeting = "Hola"
        """,
    ),
    explained(
        "E0118",
        "nested too deeply",
        """More than 64 brackets are open at once, or more than 200 operations hang on each other. Nobody can
        read that: give parts of it a name with `let`.""",
        bad=f"""
        let deep = {"[" * _DEEP}{"]" * _DEEP}
        """,
        good="""
        let inner = [[1, 2], [3]]
        let deep = [inner, inner]
        """,
    ),
    explained(
        "E0119",
        "more errors than are shown",
        """The first fifty errors of a file are told and the rest is counted. Mend the first ones: what comes
        later often goes away with them.""",
        bad="\n".join(f"let value-{number} =" for number in range(_MANY)),
        good="\n".join(f"let value-{number} = {number}" for number in range(3)),
    ),
)
