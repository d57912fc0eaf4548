"""Profiles for colours that a file names by the numbers of ITU-T H.273, or by chromaticities.

Sources: ITU-T H.273 (2021), tables 2 (primaries) and 3 (transfer); PNG specification, third
edition, sections 11.3.2.1 (cHRM), 11.3.2.2 (gAMA) and 11.3.2.5 (sRGB).
"""

from __future__ import annotations

import numpy as np

from inpaint_core.photo.colour.icc_profiles import SPACES, Space, SpaceName, describe_space

XY = tuple[float, float]
Primaries = tuple[XY, XY, XY]

_D65: XY = (0.3127, 0.3290)
_C: XY = (0.310, 0.316)
_NTSC: Primaries = ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
_SRGB, _P3 = SPACES["srgb"].primaries, SPACES["p3"].primaries
_PRIMARIES: dict[int, tuple[str, Primaries, XY]] = {
    1: ("sRGB", _SRGB, _D65),
    4: ("BT.470 M", ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08)), _C),
    5: ("BT.601 625", ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)), _D65),
    6: ("BT.601 525", _NTSC, _D65),
    7: ("SMPTE 240M", _NTSC, _D65),
    8: ("Generic film", ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049)), _C),
    9: ("BT.2020", SPACES["bt2020"].primaries, _D65),
    11: ("DCI-P3", _P3, (0.314, 0.351)),
    12: ("Display P3", _P3, _D65),
    22: ("EBU 3213-E", ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)), _D65),
}
_UNSPECIFIED = 2
# Curves other than sRGB's. Those of video cameras (1, 6, 14, 15) belong to screens whose curve is
# close to sRGB's, and browsers show such pictures with that.
_EXPONENTS = {4: 2.2, 5: 2.8, 8: 1.0, 17: 2.6}
_HDR = {16: "PQ", 18: "HLG"}
_NAMED: dict[tuple[int, float | None], SpaceName] = {
    (1, None): "srgb",
    (9, None): "bt2020",
    (12, None): "p3",
}
_SAME_XY, _SAME_GAMMA = 0.0015, 0.025
_USUAL_GAMMA = 1 / 0.45455
"""What sRGB's curve is approximated by where only an exponent can be said."""


def name_hdr_curve(transfer: int) -> str | None:
    """ "PQ" or "HLG" by a number of H.273, table 3; None for any other."""
    return _HDR.get(transfer)


def names_space(primaries: int, transfer: int) -> bool:
    """Whether the numbers of H.273 name a colour space; a curve alone means sRGB's primaries."""
    return primaries in _PRIMARIES or (primaries == _UNSPECIFIED != transfer)


def make_coded_profile(primaries: int, transfer: int, *, grey: bool = False) -> bytes | None:
    """The ICC profile of colours named by their H.273 numbers; None where these name none, or what
    no profile means: grey with sRGB's curve.

    A profile has no curves for HDR: that of PQ or HLG has sRGB's, under which all tones stay
    apart, and says the numbers beside it for readers that know them.
    """
    if not names_space(primaries, transfer):
        return None
    title, xy, white = _PRIMARIES[1 if primaries == _UNSPECIFIED else primaries]
    gamma, hdr = _EXPONENTS.get(transfer), _HDR.get(transfer)
    if grey and hdr is None:
        return _make_grey_profile(gamma)
    named = _NAMED.get((primaries, gamma))
    space = SPACES[named] if named else Space(_add_gamma(title, gamma), xy, white, gamma)
    codes = b""
    if hdr is not None:
        space, codes = Space(f"{title}, {hdr}", xy, white), bytes([primaries, transfer, 0, 1])
    return describe_space(space, grey=grey, codes=codes)


def make_measured_profile(
    primaries: Primaries | None, white: XY | None, exponent: float | None, *, grey: bool = False
) -> bytes | None:
    """The ICC profile of light that is the ``exponent``-th power of the numbers, in primaries given
    as CIE xy; None where these span no space, or for grey with sRGB's curve.

    What is not given is sRGB's, and an exponent of 1/0.45455 with sRGB's primaries means sRGB: so
    section 11.3.2.5 has it written for readers that know exponents only.
    """
    srgb, adobe = SPACES["srgb"], SPACES["adobe"]
    xy = srgb.primaries if primaries is None else primaries
    point = srgb.white if white is None else white
    usual = exponent is None or abs(exponent - _USUAL_GAMMA) < _SAME_GAMMA
    if grey:
        return _make_grey_profile(None if usual else exponent)
    if usual and _is_same((*xy, point), srgb):
        return describe_space(srgb)
    if exponent is not None and usual and _is_same((*xy, point), adobe):
        return describe_space(adobe)
    title = _add_gamma("sRGB primaries" if _is_same((*xy, point), srgb) else "RGB", exponent)
    try:
        space = Space(title, xy, point, exponent)
        columns = space.to_xyz()
        if not np.isfinite(columns).all() or abs(columns).max() > 100:
            return None
        return describe_space(space)
    except (ZeroDivisionError, np.linalg.LinAlgError):
        return None


def _make_grey_profile(exponent: float | None) -> bytes | None:
    """None for sRGB's curve, which a grey photo without a profile has."""
    if exponent is None:
        return None
    title = _add_gamma("Grey", exponent)
    return describe_space(Space(title, _SRGB, _D65, exponent), grey=True)


def _add_gamma(title: str, exponent: float | None) -> str:
    return title if exponent is None else f"{title}, gamma {exponent:.3g}"


def _is_same(points: tuple[XY, ...], space: Space) -> bool:
    there = np.array([*space.primaries, space.white])
    return bool(abs(np.array(points) - there).max() < _SAME_XY)
