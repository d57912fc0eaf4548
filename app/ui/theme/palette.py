"""The colours of the two themes: neutral greys, so that they do not bias how the photo is seen."""

from __future__ import annotations

from dataclasses import dataclass

EDGE_COLOUR = "#ffd60a"
"""Drawn edges, in both themes: light, so that colour-blind people can see them on the mask."""
PROTECT_COLOUR = "#35a7ff"
"""Protected areas, from which nothing is copied, in both themes."""
SOURCE_COLOUR = "#35d07f"
"""Areas from which alone is copied, in both themes."""


@dataclass(frozen=True)
class Theme:
    """Every colour of the editor as "#rrggbb".

    Backgrounds: ``canvas`` around the photo (with text in ``on_canvas``), ``page`` the welcome
    page, ``window`` bars and dialogs, ``raised`` buttons and menus (``hover``, ``pressed``),
    ``chosen`` a checked button, ``base`` lists and fields. ``line`` and ``edge`` are separators,
    ``text`` to ``disabled`` text colours, ``on_accent`` text on ``accent``. ``notice*`` is the
    message bar, ``zone*`` the area to drop photos on.
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

# The light theme surrounds the photo with a middle grey, as darkroom programs do: on white, every
# photo looks too dark.
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
