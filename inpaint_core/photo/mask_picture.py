"""From a picture of a mask to strengths between keep and fill."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.message import Message
from inpaint_core.photo.mask_levels import (
    FLOOR,
    LOSSY_FLOOR,
    MaskLevels,
    count_values,
    find_levels,
    measure_between_colours,
)
from inpaint_core.photo.photo import Photo, as_pixels, to_eight_bits

_LOSSY = ("JPEG", "WEBP", "AVIF", "HEIF", "JXL")
_MUCH = 0.5  # share of the photo that a mask is asked about
_GREY_OF_PHOTO, _GREY_OF_MARKED = 0.25, 0.25
_BORDER, _INVERTED = 0.9, 0.25
_TONES = 32  # values of brightness that a photo has at least
_STRAY = 16  # pixels of one value that need no note


@dataclass(frozen=True, eq=False)
class MaskReading:
    """A mask (H, W) uint8, 0 keep .. 255 fill, and ``notes`` on what in it may be meant
    otherwise.
    """

    mask: NDArray[np.uint8]
    notes: tuple[Message, ...]


def interpret_mask(picture: Photo, name: str) -> MaskReading:
    """The mask in a picture, whatever numbers it has for keep and remove.

    Brightness counts as in `read_strengths`, with two additions. Where the picture has two levels
    or two colours, the darker is keep and the brighter remove, with the blends of soft edges in
    between: 0 and 15, red on black, 16 and 235. Strengths within a few levels of either end count
    as that end. Raises `BadRequest`, with the numbers, where nothing is bright enough to mean
    remove.
    """
    if _is_photo_with_hole(picture):
        return _read_hole(picture, name)
    in_alpha = _is_in_alpha(picture)
    light, colours = _read_brightness(picture, in_alpha), None
    if not in_alpha and not picture.is_grey:
        colours = measure_between_colours(_over_black(picture))
    if colours is not None:
        light = colours[0]
    floor = LOSSY_FLOOR if picture.format in _LOSSY else FLOOR
    levels = find_levels(light, floor)
    mask = np.asarray(levels.make_table()[light], np.uint8)
    if colours is not None:
        levels = levels.recolour(*colours[1:])
    if levels.most > 0 and not mask.any():
        raise BadRequest("photo.mask_too_dark", name=name, most=levels.most, full=levels.full)
    notes = (*_describe_levels(levels, name), *_describe_areas(mask, name))
    return MaskReading(mask, notes)


def _is_photo_with_hole(picture: Photo) -> bool:
    """Whether the picture is a photo of which a part was erased, and not a mask."""
    alpha = picture.alpha
    if alpha is None or alpha.min() > 0 or alpha.max() < np.iinfo(alpha.dtype).max:
        return False
    seen = alpha == np.iinfo(alpha.dtype).max
    counts = count_values(to_eight_bits(_read_brightness(picture, False))[seen][np.newaxis])
    tones = counts[LOSSY_FLOOR:-LOSSY_FLOOR]
    # More tones than those of soft edges, and none that stands out as a mask's grey would.
    is_shaded = 2 * tones.sum() > counts.sum() and np.count_nonzero(tones) > _TONES
    return bool(is_shaded and 2 * tones.max() < counts.sum())


def _read_hole(picture: Photo, name: str) -> MaskReading:
    """What is transparent in a photo is what is to be removed."""
    assert picture.alpha is not None
    mask = np.asarray(255 - to_eight_bits(picture.alpha), np.uint8)
    notes = (Message("photo.mask_hole", name=name), *_describe_areas(mask, name))
    return MaskReading(mask, notes)


def _describe_levels(levels: MaskLevels, name: str) -> list[Message]:
    """A note where the levels are not those of black and white."""
    least, most, full = levels.keep, levels.remove, levels.full
    if levels.are_two and (least > FLOOR * full / 255 or most < full - FLOOR * full / 255):
        return [Message("photo.mask_two_levels", name=name, least=least, most=most, full=full)]
    if not levels.are_two and 0 < levels.most < full - LOSSY_FLOOR * full / 255:
        return [Message("photo.mask_dim", name=name, most=levels.most, full=full)]
    return []


def _describe_areas(mask: NDArray[np.uint8], name: str) -> list[Message]:
    """Notes on a mask that may be inverted, that marks most of the photo, or has much grey."""
    counts = count_values(mask)
    marked, grey = int(counts[1:].sum()), counts[1:255]
    is_grey = grey.sum() > _GREY_OF_PHOTO * mask.size or grey.max() > max(
        _GREY_OF_MARKED * marked, _STRAY
    )
    notes = []
    share = counts[128:].sum() / mask.size
    edge = np.concatenate((mask[0], mask[-1], mask[:, 0], mask[:, -1]))
    if share < 1 and share >= _INVERTED and (edge >= 128).mean() >= _BORDER:
        notes.append(Message("photo.mask_inverted", name=name, share=share * 100))
    elif share < 1 and share > _MUCH:
        notes.append(Message("photo.mask_covers_much", name=name, share=share * 100))
    if is_grey and counts[255] > 0:
        value, part = 1 + int(grey.argmax()), grey.sum() * 100 / marked
        notes.append(Message("photo.mask_grey", name=name, share=part, value=value))
    return notes


def read_strengths(picture: Photo) -> NDArray[np.uint8]:
    """The picture's brightness (H, W) uint8 as it is: bright = remove, 0 keep .. 255 fill.

    Where the picture has alpha and everything that can be seen of it has one colour (strokes of
    one brush on a transparent layer, whatever their colour), alpha is the mask. Any other picture
    counts by its brightness (Rec. 601 luma), over black where it is transparent. 16 bits are
    scaled to 8.
    """
    return to_eight_bits(_read_brightness(picture, _is_in_alpha(picture)))


def _read_brightness(picture: Photo, in_alpha: bool) -> Pixels:
    """As `read_strengths`, at the picture's own depth."""
    if in_alpha and picture.alpha is not None:
        return picture.alpha
    pixels = _over_black(picture)
    if picture.is_grey:
        return as_pixels(np.ascontiguousarray(pixels[:, :, 0]))
    return as_pixels(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def _is_in_alpha(picture: Photo) -> bool:
    """Whether alpha is the mask."""
    alpha = picture.alpha
    if alpha is None or alpha.min() == np.iinfo(alpha.dtype).max:
        return False
    seen = picture.pixels[alpha > 0]
    return bool((seen == seen[:1]).all())


def _over_black(picture: Photo) -> Pixels:
    if picture.alpha is None:
        return picture.pixels
    alpha = cv2.merge([picture.alpha] * 3)
    full = np.iinfo(picture.alpha.dtype).max
    return as_pixels(cv2.multiply(picture.pixels, alpha, scale=1 / full))


def check_shape(found: tuple[int, int], shape: tuple[int, ...], name: str) -> None:
    """Raise `BadRequest`, naming both sizes, unless the mask's (H, W) are the photo's."""
    have, want = (found[1], found[0]), (int(shape[1]), int(shape[0]))
    if have == want:
        return
    advice = Message("retouch.mask_wrong_size.export")
    if have == want[::-1]:
        advice = Message("retouch.mask_wrong_size.turned")
    elif abs(have[0] - want[0]) > 2 and abs(have[1] * want[0] / have[0] - want[1]) <= 1:
        advice = Message("retouch.mask_wrong_size.scaled", width=want[0], height=want[1])
    raise BadRequest(
        "retouch.mask_wrong_size",
        name=name,
        width=have[0],
        height=have[1],
        photo_width=want[0],
        photo_height=want[1],
        advice=advice,
    )


def scale_picture(picture: Photo, shape: tuple[int, ...], name: str) -> Photo:
    """The picture of a mask scaled to a photo of ``shape`` (H, W, ...), with soft edges.

    Raises `BadRequest` unless its proportions are the photo's, within a pixel of the smaller one.
    """
    (high, wide), (height, width) = picture.shape, (int(shape[0]), int(shape[1]))
    if (high, wide) == (height, width):
        return picture
    if abs(wide * height - width * high) > max(wide, high, width, height):
        raise BadRequest(
            "retouch.mask_wrong_proportions",
            name=name,
            width=wide,
            height=high,
            photo_width=width,
            photo_height=height,
        )
    by = cv2.INTER_AREA if wide > width else cv2.INTER_LINEAR

    def scale(values: Pixels) -> Pixels:
        scaled = cv2.resize(np.ascontiguousarray(values), (width, height), interpolation=by)
        return as_pixels(np.asarray(scaled))

    return picture.map_arrays(scale)


def require_hole(mask: NDArray[np.uint8], name: str) -> None:
    """Raise `BadRequest` for a mask that leaves nothing to do, or nothing to do it with."""
    if not mask.any():
        raise BadRequest("retouch.mask_empty", name=name)
    least = int(mask.min())
    if least > 0:
        raise BadRequest("retouch.mask_covers_all", name=name, least=least)
