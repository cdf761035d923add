"""How things look: one table of colours, glyphs and sizes.

In: nothing. Out: per status a glyph (so that colour is never the only sign), a word, and tones for
light and dark. Every ink has a contrast of at least 4.5:1 on the surface it stands on; a test computes
it. Lengths are pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from misydsl.history.status import StepStatus

Appearance = Literal["light", "dark", "auto"]

FONTS = "'Segoe UI', system-ui, -apple-system, Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
DOT_FONT = "Helvetica,Arial,DejaVu Sans,sans-serif"

TITLE_SIZE = 13
SMALL_SIZE = 11
HEADING_SIZE = 15

PLAIN = "plain"
"""The look of a step when no history is given."""


@dataclass(frozen=True, slots=True)
class Tone:
    """A surface, its outline, and the inks on it: for the title, the small print and the glyph."""

    fill: str
    line: str
    ink: str
    small: str
    glyph: str


@dataclass(frozen=True, slots=True)
class Palette:
    """All tones of one appearance; `page` is what the picture stands on."""

    page: str
    frame: str
    frame_line: str
    ink: str
    small: str
    edge: str
    tones: Mapping[str, Tone]


@dataclass(frozen=True, slots=True)
class Sign:
    """How a status is told without colour."""

    glyph: str
    word: str


SIGNS: Mapping[StepStatus, Sign] = {
    "waiting": Sign("○", "waiting"),
    "running": Sign("●", "running"),
    "retrying": Sign("↻", "retrying"),
    "asking": Sign("◇", "asking"),
    "succeeded": Sign("✓", "succeeded"),
    "skipped": Sign("↷", "skipped"),
    "failed": Sign("✗", "failed"),
    "blocked": Sign("⊘", "blocked"),
    "cancelled": Sign("■", "cancelled"),
}


def _light(fill: str, strong: str) -> Tone:
    return Tone(fill, strong, "#111827", "#374151", strong)


def _dark(fill: str, strong: str) -> Tone:
    return Tone(fill, strong, "#f9fafb", "#d1d5db", strong)


LIGHT = Palette(
    page="#ffffff",
    frame="#f9fafb",
    frame_line="#9ca3af",
    ink="#111827",
    small="#4b5563",
    edge="#4b5563",
    tones={
        PLAIN: _light("#eef2ff", "#4f46e5"),
        "waiting": _light("#f3f4f6", "#5b6472"),
        "running": _light("#dbeafe", "#1d4ed8"),
        "retrying": _light("#fef3c7", "#92400e"),
        "asking": _light("#cffafe", "#0e7490"),
        "succeeded": _light("#dcfce7", "#166534"),
        "skipped": _light("#f3f4f6", "#4b5563"),
        "failed": _light("#fee2e2", "#b91c1c"),
        "blocked": _light("#f3e8ff", "#7e22ce"),
        "cancelled": _light("#e5e7eb", "#374151"),
    },
)

DARK = Palette(
    page="#111827",
    frame="#1a2332",
    frame_line="#6b7280",
    ink="#f9fafb",
    small="#d1d5db",
    edge="#9ca3af",
    tones={
        PLAIN: _dark("#27264d", "#a5b4fc"),
        "waiting": _dark("#1f2937", "#9ca3af"),
        "running": _dark("#172f5c", "#93c5fd"),
        "retrying": _dark("#4a2f0b", "#fcd34d"),
        "asking": _dark("#0b3a46", "#67e8f9"),
        "succeeded": _dark("#12391f", "#86efac"),
        "skipped": _dark("#1f2937", "#d1d5db"),
        "failed": _dark("#551a1a", "#fca5a5"),
        "blocked": _dark("#3b1a57", "#d8b4fe"),
        "cancelled": _dark("#374151", "#e5e7eb"),
    },
)


def contrast(ink: str, surface: str) -> float:
    """The contrast ratio of two `#rrggbb` colours, 1 to 21. Source: WCAG 2.2, relative luminance."""
    light, dark = sorted((_luminance(ink), _luminance(surface)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
