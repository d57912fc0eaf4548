"""A plane seen from straight ahead: its homography, and the view in which it is filled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.perspective.scene_planes import ScenePlane
from inpaint_core.perspective.vanishing_points import Floats

STRETCH = 2.2
"""Places stretched by more than this are not copied from: they are blurred."""
LONGEST_SIDE = 800
"""The longest side of a rectified view, in pixels."""
NEAR = 0.1  # the quantile of the hole's scales that is rectified at 1:1
FOOTPRINT = 2
"""Pixels on each side that bicubic interpolation reads."""


@dataclass(frozen=True, eq=False)
class Rectification:
    """From the view to the plane: ``matrix`` (3, 3) takes homogeneous pixel-centre coordinates of
    the view to those of the rectified view of ``shape`` (H, W). ``side`` of the plane as in
    `ScenePlane`: the third coordinate is positive at its points.
    """

    matrix: Floats
    shape: tuple[int, int]

    def to_plane(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """The place of points of the view in the rectified view."""
        u, v, _ = _transform(self.matrix, x, y)
        return u, v

    def to_view(self, x: Floats, y: Floats) -> tuple[Floats, Floats, BoolMask]:
        """The place of points of the rectified view in the view, and whether they are seen there
        at all, on this side of the vanishing line.
        """
        u, v, w = _transform(np.asarray(np.linalg.inv(self.matrix), float), x, y)
        return u, v, w > 0


def _transform(matrix: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    w = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    safe = np.where(np.abs(w) < 1e-12, 1e-12, w)
    u = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / safe
    v = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / safe
    return u, v, w


@dataclass(frozen=True, eq=False)
class PlaneScales:
    """How a plane is stretched by rectifying it with ``matrix`` (3, 3), which is not yet placed:
    ``near`` (2,) are the scales along both directions in the near part of the hole.
    """

    matrix: Floats
    near: tuple[float, float]

    def to_plane(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """The place of points of the view on the plane, in pixels of the near part of the hole."""
        u, v, _ = _transform(self.matrix, x, y)
        return u / self.near[0], v / self.near[1]

    def measure(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """The stretch at points of the view along the plane's two directions, 1 in the near part of
        the hole."""
        first, second = _measure_scales(self.matrix, x, y)
        return first / self.near[0], second / self.near[1]


def measure_plane(plane: ScenePlane, x: Floats, y: Floats) -> PlaneScales | None:
    """The scales of ``plane`` for a hole with the pixels ``x`` and ``y`` (n,); None where the
    plane's directions are the same there.
    """
    centre = np.array([np.median(x), np.median(y), 1.0])
    across, along = np.cross(plane.second, centre), np.cross(plane.first, centre)
    if np.linalg.norm(across[:2]) < 1e-9 or np.linalg.norm(along[:2]) < 1e-9:
        return None
    horizon = plane.horizon
    # The rows are lines: u is 0 on the way from the centre to the second vanishing point.
    matrix = np.stack([across / np.linalg.norm(across), along / np.linalg.norm(along), horizon])
    if abs(float(np.linalg.det(matrix))) < 1e-12:
        return None
    matrix[:2] *= _choose_signs(matrix, centre)[:, None]
    first, second = _measure_scales(matrix, x, y)
    near = float(np.quantile(first, NEAR)), float(np.quantile(second, NEAR))
    return PlaneScales(matrix, near) if min(near) > 0 else None


def _choose_signs(matrix: Floats, centre: Floats) -> Floats:
    """Signs of u and v with which the rectified view is turned from the view by at most 90 degrees
    and not mirrored.
    """
    slope = [matrix[k, :2] * (matrix[2] @ centre) for k in (0, 1)]  # up to a positive factor
    signs = [1.0 if slope[k][k] >= 0 else -1.0 for k in (0, 1)]
    if np.linalg.det(np.stack(slope)) * signs[0] * signs[1] < 0:
        signs[1] = -signs[1]
    return np.array(signs)


def _measure_scales(matrix: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """How fast u grows towards the first vanishing point, and v towards the second."""
    (ux, uy), (vx, vy) = np.moveaxis(_measure_slopes(matrix, x, y), (-2, -1), (0, 1))
    area = np.abs(ux * vy - uy * vx)
    # Along the first direction v does not change, so the way there is normal to v's slope.
    return (
        area / np.maximum(np.hypot(vx, vy), 1e-300),
        area / np.maximum(np.hypot(ux, uy), 1e-300),
    )


def measure_distortion(scales: PlaneScales, x: Floats, y: Floats) -> float:
    """How much pieces of a plane change their size and shape over the pixels ``x`` and ``y`` (n,):
    the 90th percentile, over the pixels, of the norm of the affine map from the middle to there,
    minus identity. 0 where the plane is seen from straight ahead.
    """
    slopes = _measure_slopes(scales.matrix, x, y)
    middle = _measure_slopes(
        scales.matrix, np.median(x, keepdims=True), np.median(y, keepdims=True)
    )
    change = np.linalg.inv(slopes) @ middle - np.eye(2)
    return float(np.quantile(np.linalg.norm(change, axis=(1, 2)), 0.9)) / math.sqrt(2)


def _measure_slopes(matrix: Floats, x: Floats, y: Floats) -> Floats:
    """The derivatives (n, 2, 2) of u and v by x and y."""
    x, y = np.broadcast_arrays(x, y)
    w = np.maximum(matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2], 1e-12)
    rows = []
    for k in (0, 1):
        value = (matrix[k, 0] * x + matrix[k, 1] * y + matrix[k, 2]) / w
        rows.append([(matrix[k, axis] - value * matrix[2, axis]) / w for axis in (0, 1)])
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


def measure_angle(plane: ScenePlane, x: float, y: float) -> float:
    """The sine of the angle between the plane's directions as seen at a point of the view."""
    ways = [point[:2] - point[2] * np.array([x, y]) for point in (plane.first, plane.second)]
    size = math.hypot(*ways[0]) * math.hypot(*ways[1])
    return abs(float(ways[0][0] * ways[1][1] - ways[0][1] * ways[1][0])) / max(size, 1e-12)


def place_view(scales: PlaneScales, hole: BoolMask, source: BoolMask) -> Rectification:
    """The rectified view around the pixels of ``hole``, with what of ``source`` (h, w) is near."""
    x, y = _list_outer_pixels(hole)
    matrix = np.diag([1 / scales.near[0], 1 / scales.near[1], 1.0]) @ scales.matrix
    inner = _find_bounds(matrix, x, y)
    reach = max(inner[2] - inner[0], inner[3] - inner[1], 64.0)
    x, y = _list_outer_pixels(source | hole)
    outer = _find_bounds(matrix, x, y)
    left, top = (max(inner[k] - reach, outer[k]) for k in (0, 1))
    right, bottom = (min(inner[k] + reach, outer[k]) for k in (2, 3))
    scale = min(1.0, LONGEST_SIDE / max(right - left, bottom - top))
    margin = 8.0
    move = np.array(
        [[scale, 0, margin - left * scale], [0, scale, margin - top * scale], [0, 0, 1.0]]
    )
    shape = tuple(math.ceil(n * scale + 2 * margin) + 1 for n in (bottom - top, right - left))
    return Rectification(move @ matrix, (shape[0], shape[1]))


def _list_outer_pixels(mask: BoolMask) -> tuple[Floats, Floats]:
    """The first and the last pixel of every row and column, which bound any projection."""
    found = []
    for turned in (False, True):
        plane = mask.T if turned else mask
        lines = np.flatnonzero(plane.any(axis=1))
        first = plane[lines].argmax(axis=1)
        last = plane.shape[1] - 1 - plane[lines, ::-1].argmax(axis=1)
        ends = np.stack([np.concatenate([first, last]), np.tile(lines, 2)]).astype(float)
        found.append(ends[::-1] if turned else ends)
    x, y = np.concatenate(found, axis=1)
    return x, y


def _find_bounds(matrix: Floats, x: Floats, y: Floats) -> tuple[float, float, float, float]:
    u, v, _ = _transform(matrix, x, y)
    return float(u.min()), float(v.min()), float(u.max()), float(v.max())


def find_clean(allowed: BoolMask) -> BoolMask:
    """The pixels (h, w) from which half a pixel in any direction bicubic interpolation still reads
    only ``allowed`` ones.
    """
    box = np.ones((2 * FOOTPRINT + 1, 2 * FOOTPRINT + 1), np.uint8)
    clean = cv2.erode(
        allowed.astype(np.uint8), box, borderType=cv2.BORDER_CONSTANT, borderValue=[0]
    )
    return np.asarray(clean > 0)


def read_between(
    image: FloatImage, x: Floats, y: Floats, interpolation: int = cv2.INTER_CUBIC
) -> FloatImage:
    """``image`` (h, w, c) at the points ``x`` and ``y`` of any shape (..): (.., c)."""
    width = 1024  # OpenCV takes points in a picture, of any shape but with no very long side
    count = -(-x.size // width)
    places = [np.zeros((count, width), np.float32) for _ in (x, y)]
    for place, given in zip(places, (x, y), strict=True):
        place.reshape(-1)[: x.size] = given.reshape(-1)
    read = cv2.remap(image, places[0], places[1], interpolation, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read, np.float32).reshape(count * width, -1)[: x.size].reshape(*x.shape, -1)
