"""Random programs: texts that pass the checker and use every form the engine knows.

In: a seeded generator. Out: a text whose last pipeline is `main`. Every step is read by others as a text,
whatever its own type is, so any step may need any other. What a run comes to never depends on the order
in which independent steps end, except where `is_wild` says so: then only the laws hold, not the model.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["text", "record", "number", "approval"]

HEAD: Final = """misy 1
let patient = {{ attempts: 3, delay: 2s, jitter: "equal" }}

agent say(q: string) -> string {{ {say} }}
agent tell(q: string) -> {{ text: string, n: int }} {{ {tell} }}
agent count(q: string) -> int {{ {count} }}
"""
AGENT_SETTINGS: Final = (
    "retry: patient",
    "retry: { attempts: 2, delay: 500ms }",
    "retry: patient, concurrency: 2",
    "retry: patient, rate: 20/s",
    "concurrency: 3",
    "timeout: 10s",
    "pure: true",
    "retry: patient, pure: true",
)
BREAKERS: Final = ("breaker: { failures: 3, cooldown: 5s }, retry: patient",)
READ: Final[dict[Kind, str]] = {
    "text": "{0}",
    "record": "{0}.text",
    "number": '"${{{0}}}"',
    "approval": '(if {0}.approved then "yes" else "no")',
}
READ_OPTIONAL: Final[dict[Kind, str]] = {
    "text": '({0} ?? "none")',
    "record": '({0}?.text ?? "none")',
    "number": '"${{{0} ?? 0}}"',
    "approval": '(if {0}?.approved ?? false then "yes" else "no")',
}
AGENT_OF: Final[dict[Kind, str]] = {
    "text": "call say(q: {0})",
    "record": "call tell(q: {0})",
    "number": "call count(q: {0})",
    "approval": "call human.approve(message: {0})",
}
VALUE_OF: Final[dict[Kind, str]] = {
    "text": "return upper({0})",
    "record": "return {{ text: {0}, n: 1 }}",
    "number": "return length({0})",
    "approval": 'return {{ approved: length({0}) > 4, by: "rule", comment: null }}',
}
ITEMS: Final = ("range(3)", "range(5)", '["uno", "dós", "tres"]', "range(mod(length({0}), 5))")
HURRIED: Final = ("deadline: 20s", "deadline: 1m")
CALL_SETTINGS: Final = (
    "retry: { attempts: 4, delay: 1s }",
    'retry: { attempts: 2, delay: 1s, on: ["timeout", "wrong-type"] }',
    "timeout: 8s",
    "priority: 5",
    "hedge: 500ms",
    "retry: { attempts: 1 }",
)


@dataclass(frozen=True)
class Seen:
    """A step as others read it: its name, and an expression of it that is a text."""

    name: str
    text: str


@dataclass(frozen=True)
class Written:
    """A program: its text, and whether its course depends on time."""

    text: str
    is_wild: bool


def write_program(chance: random.Random) -> Written:
    """A program of one to three pipelines."""
    is_wild = chance.random() < 0.06
    settings = AGENT_SETTINGS + (BREAKERS * 4 if is_wild else ())
    say, tell, count = (chance.choice(settings) for _ in range(3))
    author = Author(chance)
    texts = [HEAD.format(say=say, tell=tell, count=count)]
    for number in range(chance.choice([0, 0, 1, 2])):
        texts.append(author.pipeline(f"part{number}", is_main=False))
        author.parts.append(f"part{number}")
    texts.append(author.pipeline("main", is_main=True))
    return Written("\n".join(texts), is_wild)


@dataclass
class Author:
    """Writes pipelines; names are never used twice."""

    chance: random.Random
    parts: list[str] = field(default_factory=list)
    """Pipelines that may be called."""
    count: int = 0
    left: int = 0
    """How many steps it may still have, besides one where a block needs one."""
    is_hurried: bool = False
    """Whether the pipeline has a deadline that may well pass."""

    def pipeline(self, name: str, *, is_main: bool) -> str:
        """A pipeline with settings, steps, handlers and a text (or a list of them) as its result."""
        said = [Seen("q", "q")]
        self.left = self.chance.choice([4, 6, 9, 14]) if is_main else 4
        size = self.chance.randrange(1, 6) if is_main else self.chance.randrange(1, 4)
        settings = self._pipeline_settings(is_main=is_main)
        self.is_hurried = any(one in HURRIED for one in settings)
        steps, seen = self._steps(said, size, depth=0)
        lines = [*settings, *steps]
        for word in ("failure", "finish"):
            if self._may(0.3):
                lines += [f"on {word} {{", *self._handler(word), "}"]
        result = " + ".join(one.text for one in seen) or "q"
        lines.append(f"return {result}")
        return "\n".join([f'pipeline {name}(q: string = "q") -> string {{', *lines, "}"])

    # -------------------------------------------------------------- blocks

    def _steps(
        self, scope: Sequence[Seen], count: int, *, depth: int
    ) -> tuple[list[str], list[Seen]]:
        lines: list[str] = []
        seen: list[Seen] = []
        blocks: list[list[str]] = []
        for _ in range(min(count, max(1, self.left))):
            if self._may(0.1):
                name = self._name("v")
                lines.append(f"let {name} = {self._said([*scope, *seen])}")
                seen.append(Seen(name, name))
                continue
            text, one = self._step(scope, seen, depth=depth)
            blocks.append(text)
            seen.append(one)
        self.chance.shuffle(blocks)
        return [*lines, *(line for block in blocks for line in block)], seen

    def _step(
        self, scope: Sequence[Seen], before: Sequence[Seen], *, depth: int
    ) -> tuple[list[str], Seen]:
        name = self._name("s")
        self.left -= 1
        kind = self._kind()
        around = [*scope, *before]
        header, said, item = [f"step {name}"], list(around), None
        is_loop, is_when = self._may(0.3), self._may(0.25)
        has_else, is_repeat = self._may(0.4), self._may(0.15) and depth < 2 and self.left > 0
        if is_loop:
            item = self._name("x")
            items = self.chance.choice(ITEMS).format(self._said(around))
            header.append(f"for {item} in {items}")
            said += [Seen(item, f'"${{{item}}}"')] * 3
        if is_when:
            header.append(f"when {self._test(said)}")
        if is_repeat:
            header.append(f"repeat up to {self.chance.randrange(2, 5)}")
        siblings = [one.name for one in before if one.name.startswith("s")]
        if siblings and self._may(0.2):
            header.append(f"after {self.chance.choice(siblings)}")
        body = self._rounds(kind, said, depth) if is_repeat else self._body(kind, said, depth)
        extras = self._extras(name, kind, said, depth)
        if any("call " in line for line in body):
            extras += self._undo(name, said, depth)
        settings = self._settings(body, item, is_repeat=is_repeat)
        lines = [f"{' '.join(header)} {{", *body, *settings, *extras]
        if is_when and has_else:
            lines += ["} else {", *self._body(kind, said, depth + 1)]
        shape = READ_OPTIONAL if is_when and not has_else else READ
        return [*lines, "}"], self._seen(name, kind, shape, extras, is_loop=is_loop)

    def _seen(
        self, name: str, kind: Kind, shape: dict[Kind, str], extras: list[str], *, is_loop: bool
    ) -> Seen:
        if not is_loop:
            return Seen(name, shape[kind].format(name))
        one = self._name("e")
        read = f'join([{shape[kind].format(one)} for {one} in {name}], "+")'
        if self._may(0.5):
            read += f' + "${{length(failures({name}))}}"'
        return Seen(name, read)

    def _body(self, kind: Kind, said: Sequence[Seen], depth: int) -> list[str]:
        draw = self.chance.random()
        if kind == "text" and self.parts and draw < 0.15:
            return [f"call {self.chance.choice(self.parts)}(q: {self._said(said)})"]
        if draw < 0.65 or (kind == "approval" and draw < 0.9):
            return [AGENT_OF[kind].format(self._said(said))]
        if draw < 0.82 or depth >= 2 or self.left <= 0:
            return [VALUE_OF[kind].format(self._computed(said))]
        return self._group(kind, said, depth)

    def _group(self, kind: Kind, said: Sequence[Seen], depth: int) -> list[str]:
        steps, seen = self._steps(said, self.chance.randrange(1, 4), depth=depth + 1)
        if all(one.name.startswith("v") for one in seen):  # a block has steps or a call
            return [VALUE_OF[kind].format(self._said(said))]
        return [*steps, VALUE_OF[kind].format(self._said([*seen, *seen, *said]))]

    def _rounds(self, kind: Kind, said: Sequence[Seen], depth: int) -> list[str]:
        last = READ_OPTIONAL[kind].format("previous")
        if self._may(0.15):  # a call that is only repeated knows what the last round came to
            until = f"previous != null and {self._test([Seen('previous', last)])}"
            return [AGENT_OF[kind].format(last), f"until {until}"]
        steps, seen = self._steps(
            [*_without("previous", said), Seen("previous", last)],
            self.chance.randrange(1, 3),
            depth=depth + 1,
        )
        until = self._test(seen)
        return [*steps, f"until {until}", VALUE_OF[kind].format(self._said(seen))]

    def _handler(self, word: str) -> list[str]:
        known = [Seen("q", "q")]
        if word == "failure":
            known.append(Seen("error", 'if length(error.message) >= 0 then "e" else "f"'))
        steps, _ = self._steps(known, self.chance.randrange(1, 3), depth=1)
        return steps

    # -------------------------------------------------------------- what a step has besides

    def _extras(self, name: str, kind: Kind, said: Sequence[Seen], depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.chance.choice([0, 0, 0, 1, 1, 2])):
            why = Seen("error", '"${length(error.kind) > 0}"')
            known = [*_without("error", said), why]
            lines += ["fallback {", *self._body(kind, known, depth + 1), "}"]
        return lines

    def _undo(self, name: str, said: Sequence[Seen], depth: int) -> list[str]:
        if not self._may(0.3):
            return []
        own = Seen(name, f'"${{json({name})}}"')
        body = [AGENT_OF["text"].format(own.text)]
        if self._may(0.3) and depth < 2:
            body = self._steps([own, own, *said], self.chance.randrange(1, 3), depth=2)[0]
        return ["undo {", *body, "}"]

    def _settings(self, body: list[str], item: str | None, *, is_repeat: bool) -> list[str]:
        lines: list[str] = []
        is_call = len(body) == 1 and body[0].startswith(("call say", "call tell", "call count"))
        if is_call and self._may(0.35):
            lines.append(self.chance.choice(CALL_SETTINGS))
        if "call human" in body[0] and self._may(0.6):
            lines.append("timeout: 15s" if self.is_hurried else "timeout: 40h")
            if self._may(0.4):
                body[0] = f'{body[0][:-1]}, to: "nobody")'
        if item is not None:
            lines += [one for one in ("concurrency: 2", "concurrency: 1") if self._may(0.2)][:1]
            allowed = self.chance.choice(["", "", "1", "2", "50%", "34%"])
            lines += [f"allow-failures: {allowed}"] if allowed else []
            lines += [f'key: "k${{{item}}}"'] if self._may(0.3) else []
        if is_repeat:
            lines += ["every: 20s"] if self._may(0.3) else []
            lines += ['exhausted: "keep"'] if self._may(0.6) else []
        return lines

    def _pipeline_settings(self, *, is_main: bool) -> list[str]:
        lines: list[str] = []
        if self._may(0.2):
            lines.append("fail-fast: true")
        if self._may(0.15):
            lines.append(self.chance.choice([*HURRIED, "deadline: 99d"]))
        if self._may(0.3):
            lines.append("defaults: { retry: { attempts: 3, delay: 1s }, timeout: 6s }")
        if is_main and self._may(0.1):
            lines.append(f"budget: {{ calls: {self.chance.randrange(1, 12)} }}")
        return lines

    # -------------------------------------------------------------- expressions

    def _said(self, said: Sequence[Seen]) -> str:
        count = min(len(said), self.chance.choice([0, 1, 1, 2]))
        parts = [one.text for one in self.chance.sample(list(said), count)]
        return " + ".join([f'"{self._name("w")}"', *(f"({part})" for part in parts)])

    def _computed(self, said: Sequence[Seen]) -> str:
        text = self._said(said)
        if self._may(0.12):  # fails for every third length
            return f'{text} + "${{1 / mod(length({text}), 3)}}"'
        return text

    def _test(self, said: Sequence[Seen]) -> str:
        wanted = self.chance.choice(["== 0", "!= 0", "< 2"])
        return f"mod(length({self._said(said)}), 3) {wanted}"

    def _kind(self) -> Kind:
        kinds: list[Kind] = ["text", "record", "number", "approval"]
        return self.chance.choices(kinds, [60, 18, 18, 4])[0]

    def _name(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def _may(self, share: float) -> bool:
        return self.chance.random() < share


def _without(name: str, said: Sequence[Seen]) -> list[Seen]:
    """What can be read in a block that gives the name a meaning of its own."""
    return [one for one in said if one.name != name]
