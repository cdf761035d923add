"""How a short video is told: formats, objectives and feelings, and the script made from them.

In: what is to be said about which trends. Out: a `Script` with its scenes timed to 30 seconds. Plain
templates, no model: the same inputs give the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from posts import folded


@dataclass(frozen=True, slots=True)
class Brief:
    """What the video is for."""

    format: str
    objective: str
    emotion: str
    product: str
    platform: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """The finished script."""

    script: str
    narrative: str
    suggestions: tuple[str, ...]
    visual_style: str
    compressed: str


FORMATS: Final = {
    "unboxing": (
        "Abrimos {product} ante la cámara, sin cortes",
        "Lo primero que sorprende: {first}",
    ),
    "tutorial": (
        "Tres pasos para sacarle partido a {product}",
        "El paso que nadie explica: {first}",
    ),
    "review": ("Una semana con {product}: lo bueno y lo malo", "Donde más se nota: {first}"),
    "reto": ("El reto: un día entero solo con {product}", "La prueba más difícil: {first}"),
    "historia": ("Así llegó {product} a mi vida", "El momento en que todo cambió: {first}"),
}
_FORMAT_NAMES: Final = {
    "reseña": "review",
    "challenge": "reto",
    "storytelling": "historia",
    "story": "historia",
}
_PLAIN: Final = ("Te presento {product} en treinta segundos", "Lo que todos comentan: {first}")
OBJECTIVES: Final = {
    "product_launch": "Ya disponible: enlace en la biografía.",
    "sales": "Usa el código del primer comentario, solo esta semana.",
    "engagement": "¿Tú qué opinas? Te leo en los comentarios.",
    "awareness": "Síguenos para no perderte la segunda parte.",
    "education": "Guárdalo para cuando te haga falta.",
}
_STYLES: Final = {
    "tiktok": "vertical 9:16, cámara en mano, cortes cada 2 s, texto grande en pantalla",
    "instagram": "vertical 9:16, luz natural, paleta cuidada, portada legible en la cuadrícula",
    "youtube": "vertical 9:16 para Shorts, plano medio estable, subtítulos completos",
    "twitter": "cuadrado 1:1, comprensible sin sonido, primer plano con el dato",
    "facebook": "cuadrado 1:1, subtítulos grandes, ritmo pausado",
}


def written(brief: Brief) -> Script:
    """The script for a brief: hook, unveiling, proof and call to action."""
    first, *others = brief.keywords or (brief.product,)
    name = folded(brief.format)
    known = {folded(alias): target for alias, target in _FORMAT_NAMES.items()}
    opening, turn = FORMATS.get(known.get(name, name), _PLAIN)
    words = {"product": brief.product, "first": first}
    call = OBJECTIVES.get(brief.objective, f"Objetivo: {brief.objective}.")
    proof = _listed(others) or "el detalle que lo hace distinto"
    scenes = (
        ("0-3 s", "Gancho", f"¿Por qué todo el mundo habla de «{first}»?"),
        ("3-10 s", "Presentación", opening.format(**words) + "."),
        ("10-22 s", "Desarrollo", f"{turn.format(**words)}. Y además: {proof}."),
        ("22-30 s", "Cierre", call),
    )
    return Script(
        "\n".join(f"[{time}] {title.upper()}: {line}" for time, title, line in scenes),
        f"De la curiosidad a la acción, con {brief.emotion}: pregunta, revelación, prueba e invitación.",
        _suggestions(brief),
        f"{_STYLES.get(brief.platform, _STYLES['tiktok'])}; tono de {brief.emotion}",
        " ".join(line for _, _, line in scenes[:1] + scenes[2:]),
    )


def _suggestions(brief: Brief) -> tuple[str, ...]:
    tags = " ".join("#" + keyword.title().replace(" ", "") for keyword in brief.keywords[:5])
    named = (
        (f"Etiquetas: {tags}",) if tags else ("Elige dos etiquetas del momento antes de publicar",)
    )
    return (
        *named,
        "Muestra el producto antes del segundo 3",
        "Graba el gancho en dos versiones y compara cuál retiene más",
    )


def _listed(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    last = words[-1]
    joint = "e" if folded(last).startswith(("i", "hi")) else "y"
    return f"{', '.join(words[:-1])} {joint} {last}"
