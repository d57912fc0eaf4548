"""ICC profiles: reading their tags, curves and matrices, and making those of export spaces.

Sources: IEC 61966-2-1 (sRGB); SMPTE EG 432-1 (P3's primaries, with sRGB's curve and white:
“Display P3”); Adobe RGB (1998), version 2005-05; ISO 22028-2 (ROMM RGB); ITU-R BT.2020;
ICC.1:2022, sections 7 (layout), 8.3 (matrix/TRC profiles), 10 (types; 10.6 and 10.18 curves) and
annex E (adaptation to D50).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
_Element = tuple[bytes, bytes]
SpaceName = Literal["srgb", "p3", "adobe", "romm", "bt2020"]

_MOST_TAGS, _MOST_POINTS = 100, 1 << 16  # LittleCMS reads no more tags; no photo has more numbers
LONGEST_CURVE = 12 + 2 * _MOST_POINTS
"""Bytes of the element of a tone curve."""

D50 = np.array([0.9642, 1.0, 0.8249])
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

    def adaptation(self) -> _Floats:
        """(3, 3): from XYZ under the space's white to XYZ under D50 (Bradford)."""
        cone = (_BRADFORD @ D50) / (_BRADFORD @ _xyz(self.white))
        return np.asarray(np.linalg.inv(_BRADFORD) @ np.diag(cone) @ _BRADFORD)

    def to_xyz(self) -> _Floats:
        """(3, 3): from the space's light to XYZ as profiles have it, adapted to D50."""
        columns = np.array([_xyz(xy) for xy in self.primaries]).T
        native: _Floats = columns * np.linalg.solve(columns, _xyz(self.white))
        return self.adaptation() @ native

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


def make_profile(name: SpaceName) -> bytes:
    """The ICC profile of a space: version 4, three curves and a matrix, always the same bytes."""
    return describe_space(SPACES[name])


def describe_space(space: Space, *, grey: bool = False, codes: bytes = b"") -> bytes:
    """As `make_profile`, of any space; ``grey``: for pixels of one channel with its curve.

    ``codes`` are its four numbers in ITU-T H.273, for readers that know them (section 9.2.17).
    Raises ZeroDivisionError or LinAlgError for primaries that span no space.
    """
    if space.gamma is None:
        numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(numbers)
    elif space.gamma * 256 == round(space.gamma * 256):
        curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(space.gamma * 256))
    else:
        curve = b"para" + bytes(4) + struct.pack(">HH", 0, 0) + _fixed((space.gamma,))
    extra = [(b"cicp", b"cicp" + bytes(4) + codes)] if codes else []
    if grey:
        elements = [*_describe(space.title, space.adaptation()), (b"kTRC", curve), *extra]
        return _write(b"GRAY", elements)
    return _assemble(space.title, space.to_xyz(), curve, space.adaptation(), extra)


def make_grey_profile(curve: bytes) -> bytes:
    """The profile of RGB pixels that are grey by a grey profile's tone curve: its element "kTRC".

    Grey numbers stay what they are in it, and so does what they look like.
    """
    return _assemble("Grey as RGB", SPACES["srgb"].to_xyz(), curve, np.eye(3))


def _assemble(
    title: str, columns: _Floats, curve: bytes, adapted: _Floats, extra: Sequence[_Element] = ()
) -> bytes:
    elements = [
        *_describe(title, adapted),
        *(
            (tag, b"XYZ " + bytes(4) + _fixed(tuple(columns[:, i])))
            for i, tag in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))
        ),
        *((tag, curve) for tag in (b"rTRC", b"gTRC", b"bTRC")),
        *extra,
    ]
    return _write(b"RGB ", elements)


def _describe(title: str, adapted: _Floats) -> list[_Element]:
    return [
        (b"desc", _text(title)),
        (b"cprt", _text("No copyright, use freely")),
        (b"wtpt", b"XYZ " + bytes(4) + _fixed(tuple(D50))),
        (b"chad", b"sf32" + bytes(4) + _fixed(tuple(adapted.ravel()))),
    ]


def _write(kind: bytes, elements: Sequence[_Element]) -> bytes:
    at = 132 + 12 * len(elements)
    table, body = struct.pack(">I", len(elements)), b""
    for tag, element in elements:
        table += struct.pack(">4sII", tag, at + len(body), len(element))
        body += element + bytes(-len(element) % 4)
    head = struct.pack(">I4xI4s4s4s", at + len(body), 0x04300000, b"mntr", kind, b"XYZ ")
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(tuple(D50))
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


def read_matrix_profile(icc: bytes) -> tuple[list[_Floats], _Floats]:
    """Three curves of 65536 values, and the matrix from the profile's light to XYZ (D50).

    Raises ValueError for a profile without them.
    """
    tags = read_tags(icc)
    return [read_tone_curve(tags, name) for name in (b"rTRC", b"gTRC", b"bTRC")], read_columns(icc)


def hide_codes(icc: bytes) -> bytes:
    """The profile with its curves and tables only: by the numbers of H.273 in it, some readers cut
    off the highlights of PQ and HLG.
    """
    count = int.from_bytes(icc[128:132], "big")
    for at in range(132, min(132 + 12 * count, len(icc)), 12):
        if icc[at : at + 4] == b"cicp":
            return icc[:at] + b"none" + icc[at + 4 :]
    return icc


def read_columns(icc: bytes) -> _Floats:
    """(3, 3): the matrix from the profile's light to XYZ (D50). Raises ValueError without one."""
    tags = read_tags(icc)
    return np.stack([_read_xyz(tags, name) for name in (b"rXYZ", b"gXYZ", b"bXYZ")], axis=1)


def read_tags(icc: bytes) -> dict[bytes, memoryview]:
    """The profile's tagged elements (section 7.3) as views: tags may share one. Raises ValueError
    for damaged ones.
    """
    try:
        (count,) = struct.unpack_from(">I", icc, 128)
        if count > _MOST_TAGS:
            raise ValueError("the colour profile is damaged")
        rows = [struct.unpack_from(">4sII", icc, 132 + 12 * i) for i in range(count)]
    except struct.error as error:
        raise ValueError("the colour profile is damaged") from error
    view = memoryview(icc)
    return {name: view[at : at + size] for name, at, size in rows}


def _find_element(tags: dict[bytes, memoryview], name: bytes) -> memoryview:
    found = tags.get(name)
    if found is None:
        raise ValueError("the colour profile has no curves and matrix")
    return found


def _read_xyz(tags: dict[bytes, memoryview], name: bytes) -> _Floats:
    element = _find_element(tags, name)
    if len(element) < 20:
        raise ValueError("the colour profile is damaged")
    return np.array(struct.unpack_from(">3i", element, 8)) / 65536


def read_tone_curve(tags: dict[bytes, memoryview], name: bytes) -> _Floats:
    """A tone curve as a table: light 0..1 for each of the 65536 values."""
    return read_curve(_find_element(tags, name))


def read_curve(element: bytes | memoryview) -> _Floats:
    """A curve's values at 65536 places from 0 to 1, from its element. Raises ValueError for a
    damaged one, or one of more than 65536 points.
    """
    x = np.linspace(0.0, 1.0, 65536)
    try:
        if element[:4] == b"curv":
            (count,) = struct.unpack_from(">I", element, 8)
            if count == 0:
                return x
            if count > _MOST_POINTS:
                raise ValueError("the colour profile has a curve of too many points")
            values = np.array(struct.unpack_from(f">{count}H", element, 12), np.float64)
            if count == 1:
                return np.asarray(x ** (values[0] / 256), np.float64)
            return np.interp(x, np.linspace(0.0, 1.0, count), values / 65535)
        if element[:4] == b"para":
            (kind,) = struct.unpack_from(">H", element, 8)
            fixed = struct.unpack_from(f">{(1, 3, 4, 5, 7)[kind]}i", element, 12)
            return _parametric(x, [value / 65536 for value in fixed])
    except (struct.error, IndexError, ZeroDivisionError) as error:
        raise ValueError("the colour profile is damaged") from error
    raise ValueError("the colour profile has a curve of an unknown kind")


def _parametric(x: _Floats, numbers: list[float]) -> _Floats:
    """Section 10.18, table 68: g; g a b; g a b c; g a b c d; g a b c d e f."""
    g, a, b = (*numbers[:3], *(1.0, 0.0)[len(numbers[:3]) - 1 :])[:3]
    c = d = e = f = 0.0
    if len(numbers) == 3:
        d = -b / a
    elif len(numbers) == 4:
        d, e, f = -b / a, numbers[3], numbers[3]
    elif len(numbers) >= 5:
        c, d = numbers[3:5]
        e, f = (*numbers[5:7], 0.0, 0.0)[:2]
    curved = np.maximum(a * x + b, 0.0) ** g + e
    return np.clip(np.where(x >= d, curved, c * x + f), 0.0, 1.0)
