"""The two looks as values: neutral greys, so that nothing but the photo tints the eye."""

from __future__ import annotations

from dataclasses import dataclass

DRAWN = "#ffd60a"
"""Edges that were drawn, in any theme: light, so that they stand out on the mask for all eyes."""
PROTECTED = "#35a7ff"
"""Where nothing may be copied from, in any theme."""


@dataclass(frozen=True)
class Theme:
    """Every colour of the editor as "#rrggbb".

    ``canvas`` surrounds the photo (``on_canvas`` is written there), ``page`` is the welcome page,
    ``window`` bars and dialogs, ``raised`` buttons and menus (``hover`` and ``pressed`` of them),
    ``base`` lists and fields, ``chosen`` a button that is switched on. ``line`` and ``edge``
    divide; ``text`` .. ``disabled`` are written on them, ``on_accent`` on ``accent``. ``notice``..
    is the bar of messages, ``zone``.. where photos are dropped.
    """

    dark: bool
    canvas: str
    on_canvas: str
    page: str
    window: str
    raised: str
    hover: str
    pressed: str
    chosen: str
    base: str
    line: str
    edge: str
    text: str
    muted: str
    disabled: str
    accent: str
    accent_hover: str
    on_accent: str
    alert: str
    notice: str
    notice_line: str
    notice_text: str
    zone: str
    zone_hot: str


DARK = Theme(
    dark=True,
    canvas="#1c1c1c",
    on_canvas="#c4c4c4",
    page="#1c1c1c",
    window="#2a2a2a",
    raised="#363636",
    hover="#404040",
    pressed="#232323",
    chosen="#3d4b59",
    base="#222222",
    line="#454545",
    edge="#1a1a1a",
    text="#dcdcdc",
    muted="#a8a8a8",
    disabled="#777777",
    accent="#5b9bd8",
    accent_hover="#6faae2",
    on_accent="#101418",
    alert="#e0a04a",
    notice="#3a3226",
    notice_line="#55452c",
    notice_text="#f0e4d0",
    zone="#212121",
    zone_hot="#232a31",
)

# Around the photo the light look is a middle grey, as darkroom programs have it: on a white
# surround every photo looks too dark.
LIGHT = Theme(
    dark=False,
    canvas="#5e5e5e",
    on_canvas="#f4f4f4",
    page="#d2d2d2",
    window="#dcdcdc",
    raised="#ebebeb",
    hover="#f5f5f5",
    pressed="#cccccc",
    chosen="#bcd2e8",
    base="#e6e6e6",
    line="#b0b0b0",
    edge="#bdbdbd",
    text="#1c1c1c",
    muted="#4a4a4a",
    disabled="#8c8c8c",
    accent="#17609f",
    accent_hover="#1f71b8",
    on_accent="#ffffff",
    alert="#8a4b00",
    notice="#f3e3c4",
    notice_line="#d3b985",
    notice_text="#3a2a10",
    zone="#dadada",
    zone_hot="#c9dcee",
)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, “contrast ratio”)."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    light = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), light, strict=True))
