"""ICC profiles of the colour spaces that photos are exported in, made from their definitions.

Sources: IEC 61966-2-1 (sRGB); SMPTE EG 432-1 (P3's primaries, with sRGB's curve and white:
“Display P3”); Adobe RGB (1998), version 2005-05; ISO 22028-2 (ROMM RGB); ITU-R BT.2020;
ICC.1:2022, sections 7 (layout), 10 (types) and annex E (adaptation to D50).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
SpaceName = Literal["srgb", "p3", "adobe", "romm", "bt2020"]

_D50 = np.array([0.9642, 1.0, 0.8249])
_D65, _D50_XY = (0.3127, 0.3290), (0.3457, 0.3585)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


@dataclass(frozen=True, slots=True)
class Space:
    """An RGB space: ``primaries`` and ``white`` as CIE xy, and its tone curve.

    ``gamma`` is the exponent of a pure power curve; None stands for sRGB's curve.
    """

    title: str
    primaries: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    white: tuple[float, float] = _D65
    gamma: float | None = None

    def to_xyz(self) -> _Floats:
        """(3, 3): from the space's light to XYZ as profiles have it, adapted to D50."""
        columns = np.array([_xyz(xy) for xy in self.primaries]).T
        white = _xyz(self.white)
        native: _Floats = columns * np.linalg.solve(columns, white)
        cone = (_BRADFORD @ _D50) / (_BRADFORD @ white)
        return np.asarray(np.linalg.inv(_BRADFORD) @ np.diag(cone) @ _BRADFORD @ native)

    def coded(self, light: _Floats) -> _Floats:
        """Light 0..1 as the space's numbers 0..1."""
        if self.gamma is not None:
            return np.asarray(light ** (1 / self.gamma), np.float64)
        return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


SPACES: dict[SpaceName, Space] = {
    "srgb": Space("sRGB", ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))),
    "p3": Space("Display P3", ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))),
    # 563 / 256: the exponent as Adobe's own definition has it.
    "adobe": Space(
        "Compatible with Adobe RGB (1998)",
        ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)),
        gamma=563 / 256,
    ),
    # A pure power: the straight piece near black is below 1/512 and would bend a round trip.
    "romm": Space(
        "ROMM RGB primaries, gamma 1.8",
        ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)),
        white=_D50_XY,
        gamma=1.80078125,
    ),
    "bt2020": Space(
        "BT.2020 primaries, sRGB curve", ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
    ),
}
"""The spaces by the name that options and settings use."""


def profile(name: SpaceName) -> bytes:
    """The ICC profile of a space: version 4, three curves and a matrix, always the same bytes."""
    space = SPACES[name]
    if space.gamma is None:
        numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(numbers)
    else:
        curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(space.gamma * 256))
    white = _xyz(space.white)
    cone = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    adapted = np.linalg.inv(_BRADFORD) @ cone @ _BRADFORD
    return _assembled(space.title, space.to_xyz(), curve, adapted)


def of_grey(curve: bytes) -> bytes:
    """The profile of RGB pixels that are grey by a grey profile's tone curve: its element "kTRC".

    Grey numbers stay what they are in it, and so does what they look like.
    """
    return _assembled("Grey as RGB", SPACES["srgb"].to_xyz(), curve, np.eye(3))


def _assembled(title: str, columns: _Floats, curve: bytes, adapted: _Floats) -> bytes:
    elements = [
        (b"desc", _text(title)),
        (b"cprt", _text("No copyright, use freely")),
        (b"wtpt", b"XYZ " + bytes(4) + _fixed(tuple(_D50))),
        (b"chad", b"sf32" + bytes(4) + _fixed(tuple(adapted.ravel()))),
        *(
            (tag, b"XYZ " + bytes(4) + _fixed(tuple(columns[:, i])))
            for i, tag in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))
        ),
        *((tag, curve) for tag in (b"rTRC", b"gTRC", b"bTRC")),
    ]
    at = 132 + 12 * len(elements)
    table, body = struct.pack(">I", len(elements)), b""
    for tag, element in elements:
        table += struct.pack(">4sII", tag, at + len(body), len(element))
        body += element + bytes(-len(element) % 4)
    head = struct.pack(">I4xI4s4s4s", at + len(body), 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(tuple(_D50))
    return head.ljust(128, b"\0") + table + body


def _xyz(xy: tuple[float, float]) -> _Floats:
    x, y = xy
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _fixed(values: tuple[float, ...]) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(float(value) * 65536) for value in values))


def _text(title: str) -> bytes:
    """A multiLocalizedUnicodeType with one English record (section 10.15)."""
    coded = title.encode("utf-16-be")
    return (
        b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(coded), 28) + coded
    )
