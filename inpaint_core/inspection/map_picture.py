"""Maps as pictures for people: painted, with the hole's outline, a title and a colour bar."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.inspection.colour_maps import STEPS, MapName, Scale, painted, table
from inpaint_core.inspection.placed_map import Laid
from inpaint_core.inspection.provenance import wheel

Rgb = NDArray[np.uint8]

LONGEST = 768
"""Pixels of the longer side of a picture; small maps are enlarged to it, pixel by pixel."""

_INK, _PAPER, _FAINT = (24, 26, 29), (255, 255, 255), (110, 114, 120)
_LARGE, _DASH = 500, 4  # pixels from which a picture has a wide outline; of a narrow one's dashes
_NOTHING = 118  # where a map says nothing
_MARGIN, _TITLE, _BAR, _GAP = 14, 24, 16, 12


@dataclass(frozen=True)
class Look:
    """How values are shown: their ``scale``, the colour map, and what they are called."""

    scale: Scale
    colours: MapName = "dusk"
    unit: str = ""


def display_size(rect: Rect, longest: int = LONGEST) -> tuple[int, int]:
    """Width and height of the picture of a rectangle of the photo."""
    scale = longest / max(rect.w, rect.h)
    return max(1, round(rect.w * scale)), max(1, round(rect.h * scale))


def shown(laid: Laid, look: Look | None, rect: Rect, longest: int = LONGEST) -> Rgb:
    """A map over a rectangle of the photo as a picture (h, w, 3), each of its pixels a plain
    square; grey where it says nothing. ``look`` None: the map is in colours already.
    """
    width, height = display_size(rect, longest)
    x = rect.x + (np.arange(width) + 0.5) * rect.w / width
    y = rect.y + (np.arange(height) + 0.5) * rect.h / height
    values = laid.sampled(x, y, smooth=False)
    if look is not None:
        return on_grey(painted(values, look.scale, look.colours))
    known = ~np.isnan(values).any(axis=2)
    out = np.full((height, width, 3), _NOTHING, np.uint8)
    out[known] = np.rint(np.clip(values[known], 0, 1) * 255).astype(np.uint8)
    return out


def photo_shown(pixels: Pixels, rect: Rect, longest: int = LONGEST) -> Rgb:
    """A rectangle of a photo (H, W, 3) uint8 or uint16 as a picture of the same size as maps."""
    part = pixels[rect.slices]
    full = np.iinfo(part.dtype).max
    width, height = display_size(rect, longest)
    method = cv2.INTER_AREA if width < rect.w else cv2.INTER_CUBIC
    sized = cv2.resize(part.astype(np.float32) / full, (width, height), interpolation=method)
    return np.rint(np.clip(np.asarray(sized), 0, 1) * 255).astype(np.uint8)


def on_grey(picture: NDArray[np.uint8]) -> Rgb:
    """(h, w, 4), each pixel of which is opaque or says nothing, laid on a neutral grey."""
    return np.where(picture[..., 3:] > 0, picture[..., :3], np.uint8(_NOTHING))


def outlined(picture: Rgb, hole: BoolMask) -> Rgb:
    """The picture with the outline of the hole (any size, covering the same): white on black, and
    in a small picture one pixel wide, white and black by turns, so that it hides little.
    """
    size = (picture.shape[1], picture.shape[0])
    mask = cv2.resize(hole.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    found, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    out = picture.copy()
    if max(size) >= _LARGE:
        cv2.drawContours(out, found, -1, (0, 0, 0), 3)
        cv2.drawContours(out, found, -1, (255, 255, 255), 1)
        return out
    for contour in found:
        x, y = contour[:, 0].T
        white = np.arange(len(contour)) // _DASH % 2 == 0
        out[y, x] = np.where(white[:, None], 255, 0)
    return out


def marked(picture: Rgb, x: float, y: float) -> Rgb:
    """The picture with a small ring around a place, in its own pixels."""
    out, at = picture.copy(), (round(x), round(y))
    cv2.circle(out, at, 7, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.circle(out, at, 7, (255, 255, 255), 1, cv2.LINE_AA)
    return out


def captioned(picture: Rgb, title: str, look: Look | None = None) -> Image.Image:
    """The picture on white with its ``title``, if any, above it and, for values, a colour bar with
    numbers.
    """
    h, w = picture.shape[:2]
    large, small = ImageFont.load_default(15), ImageFont.load_default(13)
    numbers = [] if look is None else ticks(look.scale)
    beside = 0
    if look is not None:
        labels = [f"{n:.{_digits(look.scale)}f}" for n in numbers]
        wide = max(small.getlength(label) for label in [*labels, look.unit])
        beside = _GAP + _BAR + 8 + math.ceil(wide)
    title_width = math.ceil(large.getlength(title))
    above = _TITLE if title else 0
    size = (2 * _MARGIN + max(w + beside, title_width), 2 * _MARGIN + above + h)
    sheet = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, _MARGIN - 2), title, _INK, large)
    top = _MARGIN + above
    sheet.paste(Image.fromarray(picture), (_MARGIN, top))
    if look is None:
        return sheet
    # The unit stands above the bar's numbers, the bar below it.
    head = 20 if look.unit else 0
    left, long = _MARGIN + w + _GAP, max(h - head, 2)
    if look.unit:
        draw.text((left, top), look.unit, _FAINT, small)
    steps = np.linspace(STEPS - 1, 0, long).round().astype(int)
    bar = np.repeat(table(look.colours)[steps][:, None], _BAR, axis=1)
    sheet.paste(Image.fromarray(bar), (left, top + head))
    span = look.scale.high - look.scale.low
    for number, label in zip(numbers, labels, strict=True):
        share = (number - look.scale.low) / span if span > 0 else 0.0
        y = top + head + (1 - share) * (long - 1)
        draw.line((left + _BAR, y, left + _BAR + 4, y), _INK)
        draw.text((left + _BAR + 8, min(max(y, top + head + 6), top + h - 7)), label, _INK, small,
                  anchor="lm")  # fmt: skip
    return sheet


def keyed(picture: Rgb, title: str, most: float) -> Image.Image:
    """The picture of an offset field with its title and the wheel of its colours."""
    sheet = captioned(picture, title)
    side = min(120, picture.shape[0])
    out = Image.new("RGB", (sheet.width + side + _MARGIN, max(sheet.height, side + 107)), _PAPER)
    out.paste(sheet, (0, 0))
    key = wheel(side)
    white = np.where(key[..., 3:] > 0, key[..., :3], np.uint8(255)).astype(np.uint8)
    left, top = sheet.width, _MARGIN + (_TITLE if title else 0)
    out.paste(Image.fromarray(white), (left, top))
    draw, small = ImageDraw.Draw(out), ImageFont.load_default(13)
    for line, text in enumerate(
        ("copied from", "this direction,", f"rim: {most:.0f} px", "or more")
    ):
        draw.text((left, top + side + 8 + 17 * line), text, _FAINT, small)
    return out


def ticks(scale: Scale) -> list[float]:
    """About five round numbers from the low to the high end of a scale."""
    span = scale.high - scale.low
    if not span > 0:
        return [scale.low]
    raw = span / 4
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= raw)
    first, last = math.ceil(scale.low / step - 1e-9), math.floor(scale.high / step + 1e-9)
    return [k * step + 0.0 for k in range(first, last + 1)]


def _digits(scale: Scale) -> int:
    """Decimals that tell the ticks apart."""
    numbers = ticks(scale)
    step = numbers[1] - numbers[0] if len(numbers) > 1 else abs(numbers[0]) or 1.0
    return next((d for d in range(9) if abs(round(step, d) - step) < step * 1e-6), 9)
