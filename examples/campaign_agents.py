"""The agents of `campaign.misy`: a copywriter, a translator, ad networks and somebody who tells the team.

In: the inputs the program declares. Out: plain answers, the same for the same inputs; nothing is sent
anywhere. Two of them fail on purpose: nobody translates into French or Portuguese, and the radio is full.
"""

from __future__ import annotations

import hashlib
from typing import Final, TypedDict

from misydsl import agent

STYLES: Final = (
    ("Compra {product}", 35),
    ("{product}: hoy mejor que mañana", 60),
    ("Tu día cambia con {product}", 85),
)
"""What each round writes, and how well people like it."""
ENGLISH: Final = {
    "Compra": "Buy",
    "hoy mejor que mañana": "sooner is better",
    "Tu día cambia con": "Your day changes with",
    "la botella inteligente": "the smart bottle",
}


class Slogan(TypedDict):
    """A line, and how well it is liked, 0 to 100."""

    text: str
    score: int


@agent("copywriter", title="Redactor", pure=True)
def copywriter(*, product: str, previous: Slogan | None = None) -> Slogan:
    """Un eslogan mejor que el anterior."""
    better = (one for one in STYLES if previous is None or one[1] > previous["score"])
    style, score = next(better, STYLES[-1])
    text = style.format(product=product)
    return {"text": text[0].upper() + text[1:], "score": score}


@agent("translator", title="Traductor")
def translator(*, text: str, to: str) -> str:
    """El texto en español o en inglés."""
    if to == "es":
        return text
    if to != "en":
        raise ValueError(f"no sé traducir al «{to}»")
    for spanish, english in ENGLISH.items():
        text = text.replace(spanish, english)
    return text


@agent("ad-network", title="Red publicitaria")
def ad_network(*, network: str, texts: dict[str, str]) -> dict[str, object]:
    """Reserva un anuncio."""
    if network == "radio":
        raise RuntimeError("en la radio no queda sitio esta semana")
    digest = hashlib.sha256(f"{network} {sorted(texts.items())}".encode()).hexdigest()
    return {"id": f"{network}-{digest[:6]}", "network": network, "price": 120.0}


@agent("cancel-ad", title="Anular una reserva")
def cancel_ad(*, id: str) -> str:  # noqa: A002  the program's own word
    """La reserva queda anulada."""
    return f"anulada: {id}"


@agent("notifier", title="Aviso")
def notifier(*, to: str, message: str) -> str:
    """Lo que se habría enviado."""
    return f"a {to}: {message}"
