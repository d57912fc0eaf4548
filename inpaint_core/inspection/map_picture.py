"""Maps as pictures: coloured, with the hole's outline, a title and a colour bar."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.inspection.colour_maps import (
    STEPS,
    MapName,
    ValueScale,
    colour_table,
    draw_offset_wheel,
    paint_values,
)
from inpaint_core.inspection.placed_map import PlacedMap, Values

Rgb = NDArray[np.uint8]

LONGEST = 768
"""Pixels of the longer side of a picture; small maps are enlarged to it, pixel by pixel."""

_INK, _PAPER, _FAINT = (24, 26, 29), (255, 255, 255), (110, 114, 120)
_LARGE = 500  # px: larger pictures get a wide outline
_DASH = 4  # px: dash length of the narrow outline
_NOTHING = 118  # grey where a map has no value
_MARGIN, _TITLE, _BAR, _GAP = 14, 24, 16, 12


@dataclass(frozen=True)
class MapStyle:
    """How values are shown: their ``scale``, the colour map, and what they are called."""

    scale: ValueScale
    colours: MapName = "dusk"
    unit: str = ""


def display_size(rect: Rect, longest: int = LONGEST) -> tuple[int, int]:
    """Width and height of the picture of a rectangle of the photo."""
    scale = longest / max(rect.w, rect.h)
    return max(1, round(rect.w * scale)), max(1, round(rect.h * scale))


def draw_map(placed: PlacedMap, style: MapStyle | None, rect: Rect, longest: int = LONGEST) -> Rgb:
    """A map over a rectangle of the photo as a picture (h, w, 3) with plain square pixels; grey
    where it has no value. ``style`` None: the map is already in colours.
    """
    values = sample_map(placed, rect, longest)
    if style is not None:
        return lay_on_grey(paint_values(values, style.scale, style.colours))
    known = ~np.isnan(values).any(axis=2)
    out = np.full(values.shape, _NOTHING, np.uint8)
    out[known] = np.rint(np.clip(values[known], 0, 1) * 255).astype(np.uint8)
    return out


def sample_map(placed: PlacedMap, rect: Rect, longest: int = LONGEST) -> Values:
    """The nearest value of a map for each pixel of the picture of a rectangle of the photo; NaN
    where it has none.
    """
    width, height = display_size(rect, longest)
    x = rect.x + (np.arange(width) + 0.5) * rect.w / width
    y = rect.y + (np.arange(height) + 0.5) * rect.h / height
    return placed.sample(x, y, smooth=False)


def draw_photo(pixels: Pixels, rect: Rect, longest: int = LONGEST) -> Rgb:
    """A rectangle of a photo (H, W, 3) uint8 or uint16 as a picture of the same size as maps."""
    part = pixels[rect.slices]
    full = np.iinfo(part.dtype).max
    width, height = display_size(rect, longest)
    method = cv2.INTER_AREA if width < rect.w else cv2.INTER_CUBIC
    sized = cv2.resize(part.astype(np.float32) / full, (width, height), interpolation=method)
    return np.rint(np.clip(np.asarray(sized), 0, 1) * 255).astype(np.uint8)


def lay_on_grey(picture: NDArray[np.uint8]) -> Rgb:
    """(h, w, 4), opaque or transparent at each pixel, on a neutral grey."""
    return np.where(picture[..., 3:] > 0, picture[..., :3], np.uint8(_NOTHING))


def tint_hole(picture: Rgb, hole: BoolMask) -> Rgb:
    """The picture with the hole (of any size, over the same area) in a colour that is rare in
    photos.
    """
    size = (picture.shape[1], picture.shape[0])
    mask = cv2.resize(hole.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    out = picture.copy()
    out[mask] = np.rint(out[mask] * 0.4 + np.array((255, 0, 200)) * 0.6).astype(np.uint8)
    return out


def draw_outline(picture: Rgb, hole: BoolMask) -> Rgb:
    """The picture with the outline of the hole (of any size, over the same area): white on black;
    in small pictures one pixel wide with white and black dashes, to hide little.
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


def draw_marker(picture: Rgb, x: float, y: float) -> Rgb:
    """The picture with a small ring around the pixel (x, y)."""
    out, at = picture.copy(), (round(x), round(y))
    cv2.circle(out, at, 7, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.circle(out, at, 7, (255, 255, 255), 1, cv2.LINE_AA)
    return out


def add_caption(picture: Rgb, title: str, style: MapStyle | None = None) -> Image.Image:
    """The picture on white with its ``title``, if any, and, for values, a colour bar."""
    h, w = picture.shape[:2]
    large, small = ImageFont.load_default(16), ImageFont.load_default(15)
    numbers = [] if style is None else choose_ticks(style.scale)
    beside = 0
    if style is not None:
        labels = [f"{n:.{_count_decimals(style.scale)}f}" for n in numbers]
        wide = max(small.getlength(label) for label in [*labels, style.unit])
        beside = _GAP + _BAR + 8 + math.ceil(wide)
    title_width = math.ceil(large.getlength(title))
    above = _TITLE if title else 0
    size = (2 * _MARGIN + max(w + beside, title_width), 2 * _MARGIN + above + h)
    sheet = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, _MARGIN - 2), title, _INK, large)
    top = _MARGIN + above
    sheet.paste(Image.fromarray(picture), (_MARGIN, top))
    if style is None:
        return sheet
    # The unit stands above the bar's numbers, the bar below it.
    head = 20 if style.unit else 0
    left, long = _MARGIN + w + _GAP, max(h - head, 2)
    if style.unit:
        draw.text((left, top), style.unit, _FAINT, small)
    steps = np.linspace(STEPS - 1, 0, long).round().astype(int)
    bar = np.repeat(colour_table(style.colours)[steps][:, None], _BAR, axis=1)
    sheet.paste(Image.fromarray(bar), (left, top + head))
    span = style.scale.high - style.scale.low
    for number, label in zip(numbers, labels, strict=True):
        share = (number - style.scale.low) / span if span > 0 else 0.0
        y = top + head + (1 - share) * (long - 1)
        draw.line((left + _BAR, y, left + _BAR + 4, y), _INK)
        draw.text((left + _BAR + 8, min(max(y, top + head + 6), top + h - 7)), label, _INK, small,
                  anchor="lm")  # fmt: skip
    return sheet


def add_offset_key(picture: Rgb, title: str, most: float) -> Image.Image:
    """The picture of an offset field with its title and its colour wheel."""
    sheet = add_caption(picture, title)
    side = min(120, picture.shape[0])
    out = Image.new("RGB", (sheet.width + side + _MARGIN, max(sheet.height, side + 115)), _PAPER)
    out.paste(sheet, (0, 0))
    key = draw_offset_wheel(side)
    white = np.where(key[..., 3:] > 0, key[..., :3], np.uint8(255)).astype(np.uint8)
    left, top = sheet.width, _MARGIN + (_TITLE if title else 0)
    out.paste(Image.fromarray(white), (left, top))
    draw, small = ImageDraw.Draw(out), ImageFont.load_default(15)
    for line, text in enumerate(
        ("copied from", "this direction,", f"rim: {most:.0f} px", "or more")
    ):
        draw.text((left, top + side + 8 + 19 * line), text, _FAINT, small)
    return out


def choose_ticks(scale: ValueScale) -> list[float]:
    """About five round numbers from the low to the high end of a scale."""
    span = scale.high - scale.low
    if not span > 0:
        return [scale.low]
    raw = span / 4
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= raw)
    first, last = math.ceil(scale.low / step - 1e-9), math.floor(scale.high / step + 1e-9)
    return [k * step + 0.0 for k in range(first, last + 1)]


def _count_decimals(scale: ValueScale) -> int:
    """How many decimals distinguish the ticks."""
    numbers = choose_ticks(scale)
    step = numbers[1] - numbers[0] if len(numbers) > 1 else abs(numbers[0]) or 1.0
    return next((d for d in range(9) if abs(round(step, d) - step) < step * 1e-6), 9)
