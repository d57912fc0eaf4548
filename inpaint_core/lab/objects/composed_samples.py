"""Pictures with the mask of one thing in them, drawn at random.

Photos with silhouettes as they are, cut-outs pasted onto other photos among each other, silhouettes
filled with what is in a third photo, and evenly coloured regions of photos that nobody outlined.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.lab.objects.object_photos import ObjectPhotos

Picture = NDArray[np.uint8]
Sample = tuple[Picture, FloatImage]
"""A picture (S, S, 3) and the strength (S, S) 0 .. 1 of what is meant in it."""

_SHARES = (0.55, 0.25, 0.12, 0.08)  # of the four kinds
_LEAST, _MOST = 0.10, 0.95  # of a side that the thing takes
_LEAST_VISIBLE = 0.004  # of the picture


def make_object_sample(
    source: ObjectPhotos, size: int, rng: np.random.Generator, *, composed: bool = False
) -> Sample:
    """A sample of ``size`` pixels a side; ``composed``: only pasted ones."""
    real = 0.0 if composed or not source.outlined else _SHARES[0]
    shares = np.array([real, _SHARES[1], _SHARES[2], 0.0 if composed else _SHARES[3]])
    makers: tuple[Callable[[ObjectPhotos, int, np.random.Generator], Sample], ...] = (
        _make_real,
        _make_pasted,
        _make_textured,
        _make_even,
    )
    while True:
        kind = rng.choice(4, p=shares / shares.sum())
        picture, truth = makers[kind](source, size, rng)
        if truth.mean() >= _LEAST_VISIBLE:
            return _change_camera(picture, rng), truth


def _make_real(source: ObjectPhotos, size: int, rng: np.random.Generator) -> Sample:
    photo = source.outlined[rng.integers(len(source.outlined))]
    mask = photo.objects[rng.integers(len(photo.objects))]
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    share = math.exp(rng.uniform(math.log(_LEAST), math.log(_MOST)))
    side = min(max(width, height) / share, min(mask.shape))
    centre = []
    for start, length, whole in ((left, width, mask.shape[1]), (top, height, mask.shape[0])):
        low, high = sorted((start + length - side / 2, start + side / 2))
        at = rng.uniform(low, high)
        centre.append(float(np.clip(at, min(side, whole) / 2, whole - min(side, whole) / 2)))
    matrix = _frame(tuple(centre), side, size, rng, turn=8.0)
    picture = _warp(photo.pixels, matrix, size, cv2.BORDER_REPLICATE)
    return picture, _warp_mask(mask, matrix, size)


def _make_pasted(source: ObjectPhotos, size: int, rng: np.random.Generator) -> Sample:
    if not source.outlined:
        return _make_textured(source, size, rng)

    def cut(_: Picture) -> tuple[Picture, BoolMask]:
        photo = source.outlined[rng.integers(len(source.outlined))]
        return photo.pixels, photo.objects[rng.integers(len(photo.objects))]

    return _paste(source, size, rng, cut)


def _make_textured(source: ObjectPhotos, size: int, rng: np.random.Generator) -> Sample:
    def cut(back: Picture) -> tuple[Picture, BoolMask]:
        own = [mask for photo in source.outlined[:64] for mask in photo.objects]
        choice = source.silhouettes or own
        mask = choice[rng.integers(len(choice))]
        # Sometimes from the same photo: then colours tell nothing, only the border does.
        content = back if rng.random() < 0.25 else source.read_photo(rng)
        share = rng.uniform(0.4, 1.0)
        height, width = content.shape[:2]
        h, w = max(16, int(height * share)), max(16, int(width * share))
        y, x = rng.integers(height - h + 1), rng.integers(width - w + 1)
        part = cv2.resize(content[y : y + h, x : x + w], mask.shape[::-1])
        return np.asarray(part, np.uint8), mask

    return _paste(source, size, rng, cut)


def _paste(
    source: ObjectPhotos,
    size: int,
    rng: np.random.Generator,
    cut: Callable[[Picture], tuple[Picture, BoolMask]],
) -> Sample:
    back = source.read_photo(rng)
    side = min(back.shape[:2]) * rng.uniform(0.6, 1.0)
    height, width = back.shape[:2]
    centre = rng.uniform(side / 2, width - side / 2), rng.uniform(side / 2, height - side / 2)
    matrix = _frame(centre, side, size, rng, turn=4.0)
    picture = _warp(back, matrix, size, cv2.BORDER_REFLECT_101).astype(np.float32)
    layers: list[FloatImage] = []
    for _ in range(int(rng.choice([1, 2, 3], p=[0.4, 0.35, 0.25]))):
        content, mask = cut(back)
        strength = _lay(picture, content, mask, size, rng)
        layers = [layer * (1 - strength) for layer in layers] + [strength]
    areas = np.array([layer.mean() for layer in layers])
    if areas.max() < _LEAST_VISIBLE:
        return picture.astype(np.uint8), np.zeros((size, size), np.float32)
    meant = rng.choice(len(layers), p=(areas > _LEAST_VISIBLE) / (areas > _LEAST_VISIBLE).sum())
    return np.clip(picture, 0, 255).astype(np.uint8), layers[meant]


def _lay(
    picture: FloatImage, content: Picture, mask: BoolMask, size: int, rng: np.random.Generator
) -> FloatImage:
    """Lay ``content`` under ``mask`` onto ``picture``, in place. Returns its strength."""
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    share = math.exp(rng.uniform(math.log(_LEAST), math.log(0.8)))
    side = max(width, height) / share
    middle = left + width / 2, top + height / 2
    shift = rng.uniform(-0.42, 0.42, 2) * side
    matrix = _frame((middle[0] + shift[0], middle[1] + shift[1]), side, size, rng, turn=15.0)
    strength = _warp_mask(mask, matrix, size)
    strength = np.minimum(cv2.GaussianBlur(strength, (0, 0), rng.uniform(0.4, 1.4)), 1)
    own = _warp(content, matrix, size, cv2.BORDER_REFLECT_101).astype(np.float32)
    own = own * rng.uniform(0.7, 1.2) + rng.uniform(-25, 25)
    own += rng.uniform(-12, 12, 3)
    if rng.random() < 0.5:  # lit from one side
        ramp = np.linspace(-1, 1, size, dtype=np.float32) * rng.uniform(0, 35)
        own += ramp[None, :, None] if rng.random() < 0.5 else ramp[:, None, None]
    if rng.random() < 0.4:  # the light of the place it is put into
        inside = strength > 0.5
        if inside.any():
            mean = picture[inside].mean(axis=0) - own[inside].mean(axis=0)
            own += mean * rng.uniform(0.3, 0.9)
    if rng.random() < 0.35:
        _cast_shadow(picture, strength, size, rng)
    np.clip(own, 0, 255, out=own)
    picture += strength[..., None] * (own - picture)
    return np.asarray(strength, np.float32)


def _cast_shadow(
    picture: FloatImage, strength: FloatImage, size: int, rng: np.random.Generator
) -> None:
    across, down = rng.uniform(-0.08, 0.08) * size, rng.uniform(0.0, 0.08) * size
    move = np.array([[1, rng.uniform(-0.2, 0.2), across], [0, 1, down]])
    shadow = cv2.warpAffine(strength, move, (size, size))
    shadow = cv2.GaussianBlur(shadow, (0, 0), rng.uniform(1.5, 8.0)) * rng.uniform(0.2, 0.6)
    picture *= 1 - shadow[..., None]


def _make_even(source: ObjectPhotos, size: int, rng: np.random.Generator) -> Sample:
    """A connected region of about one colour with a strong border all around."""
    photo = source.read_photo(rng)
    side = int(min(photo.shape[:2]) * rng.uniform(0.6, 1.0))
    y, x = (int(rng.integers(whole - side + 1)) for whole in photo.shape[:2])
    part = np.ascontiguousarray(photo[y : y + side, x : x + side])
    small = cv2.resize(part, (128, 128), interpolation=cv2.INTER_AREA)
    calm = cv2.bilateralFilter(cv2.medianBlur(small, 3), 9, 30, 5)
    slope = np.abs(cv2.Sobel(calm, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(calm, cv2.CV_32F, 0, 1))
    slope = slope.max(axis=2)
    picture = np.asarray(cv2.resize(part, (size, size), interpolation=cv2.INTER_CUBIC), np.uint8)
    for _ in range(8):
        seed = tuple(int(v) for v in rng.integers(4, 124, 2))
        reach = (float(rng.uniform(3, 9)),) * 3
        marks = np.zeros((130, 130), np.uint8)
        cv2.floodFill(calm, marks, seed, 0, reach, reach, 8 | cv2.FLOODFILL_MASK_ONLY | (1 << 8))
        region = cv2.morphologyEx(marks[1:-1, 1:-1], cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        region = cv2.morphologyEx(region, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        if not 0.01 < region.mean() < 0.4:
            continue
        edge = cv2.dilate(region, np.ones((3, 3), np.uint8)) - region
        deep = cv2.erode(region, np.ones((3, 3), np.uint8))
        compact = region.sum() / max(edge.sum(), 1) ** 2 * 4 * math.pi
        strong = np.mean(slope[edge > 0] > 60)
        if deep.any() and strong > 0.7 and compact > 0.12 and slope[deep > 0].mean() < 40:
            soft = cv2.GaussianBlur(region.astype(np.float32), (0, 0), 1.0)
            truth = cv2.resize(soft, (size, size), interpolation=cv2.INTER_CUBIC)
            return picture, np.clip((truth - 0.5) * 3 + 0.5, 0, 1).astype(np.float32)
    return picture, np.zeros((size, size), np.float32)


def _frame(
    centre: tuple[float, ...], side: float, size: int, rng: np.random.Generator, turn: float
) -> NDArray[np.float64]:
    """From a square of ``side`` around ``centre`` to ``size`` pixels, mirrored and turned."""
    angle = math.radians(rng.uniform(-turn, turn)) * (rng.random() < 0.5)
    scale = size / side
    stretch = math.exp(rng.uniform(-0.15, 0.15))
    mirror = -1 if rng.random() < 0.5 else 1
    cos, sin = math.cos(angle), math.sin(angle)
    linear = np.array([[cos, -sin], [sin, cos]]) @ np.diag([mirror * stretch, 1 / stretch]) * scale
    offset = np.array([size / 2, size / 2]) - linear @ np.array(centre)
    return np.hstack([linear, offset[:, None]])


def _warp(picture: Picture, matrix: NDArray[np.float64], size: int, border: int) -> Picture:
    scale = math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
    if scale < 0.6:  # averages what is reduced
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.4 / scale), np.uint8)
    out = cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(out, np.uint8)


def _warp_mask(mask: BoolMask, matrix: NDArray[np.float64], size: int) -> FloatImage:
    levels = mask.astype(np.uint8) * np.uint8(255)
    warped = _warp(levels, matrix, size, cv2.BORDER_REPLICATE)
    scale = math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
    if scale > 1.2:  # stairs of the enlarged mask
        warped = np.asarray(cv2.GaussianBlur(warped, (0, 0), 0.5 * scale), np.uint8)
        steep = (warped / np.float32(255) - np.float32(0.5)) * np.float32(scale)
        return np.asarray(np.clip(steep + 0.5, 0, 1), np.float32)
    return np.asarray(warped, np.float32) / np.float32(255)


def _change_camera(picture: Picture, rng: np.random.Generator) -> Picture:
    """Exposure, colours, sharpness, noise and compression, at random."""
    steps = np.linspace(0, 1, 256) ** math.exp(rng.uniform(-0.3, 0.3))
    steps = (steps - 0.5) * rng.uniform(0.75, 1.2) + 0.5 + rng.uniform(-0.06, 0.06)
    table = steps[:, None] * rng.uniform(0.92, 1.08, 3)
    out = cv2.LUT(picture, np.clip(table * 255, 0, 255).astype(np.uint8)[None])
    saturation = 0.0 if rng.random() < 0.05 else rng.uniform(0.6, 1.3)
    mixing = np.full((3, 3), (1 - saturation) / 3) + np.eye(3) * saturation
    out = cv2.transform(out, mixing)
    if rng.random() < 0.25:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.4, 1.6))
    if rng.random() < 0.3:
        noise = np.zeros(out.shape, np.int16)
        cv2.setRNGSeed(int(rng.integers(1 << 30)))
        cv2.randn(noise, np.zeros(3), np.full(3, rng.uniform(1, 10)))
        out = np.clip(out + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))]
        coded = cv2.imencode(".jpg", out, quality)[1]
        out = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(out, np.uint8)
