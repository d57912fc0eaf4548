"""Floors, walls and ceilings with tilings, in the perspective of a camera turned at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.landscapes import draw_sky
from inpaint_core.lab.training.procedural.noise import draw_shadow
from inpaint_core.lab.training.procedural.tilings import PlanePoints, paint_tiling, random_tiling

Vector = np.ndarray[tuple[int], np.dtype[np.float64]]

# Direction away from the camera, and the axes of the pattern on the plane.
_FLOOR = ((0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
_CEILING = ((0.0, -1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
_BACK = ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
_LEFT = ((-1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0))
_RIGHT = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0))

_ROOMS = (
    (0.24, (_FLOOR,)),
    (0.20, (_FLOOR, _BACK)),
    (0.16, (_BACK,)),
    (0.10, (_FLOOR, _LEFT)),
    (0.10, (_FLOOR, _BACK, _RIGHT)),
    (0.08, (_CEILING, _BACK)),
    (0.12, (_FLOOR, _CEILING, _LEFT, _RIGHT, _BACK)),
)


@dataclass(frozen=True, eq=False)
class _Face:
    """A plane in camera coordinates: 1 / distance, and the pattern's coordinates times that, as
    linear functions of the pixel (x, y, 1).
    """

    near: Vector
    u: Vector
    v: Vector


def draw_planes(rng: Generator, side: int) -> FloatImage:
    """A room, a street, a wall: (side, side, 3)."""
    room = _ROOMS[int(rng.choice(len(_ROOMS), p=[share for share, _ in _ROOMS]))][1]
    rays = _random_camera(rng, len(room))
    faces = [_make_face(rng, rays, *axes) for axes in room]
    at = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5

    def spread(linear: Vector) -> FloatImage:
        a, b, c = (np.float32(part) for part in linear)
        return np.asarray(a * at + (b * at + c)[:, None], np.float32)

    near = [spread(face.near) for face in faces]
    picture = draw_sky(rng, side) if len(room) < 4 else np.zeros((side, side, 3), np.float32)
    scale = float(np.exp(rng.normal(-0.9, 0.4)))
    shade = draw_shadow(rng, side)[..., None] if rng.random() < 0.35 else None
    for number, face in enumerate(faces):
        # Nearer than the sky and all other planes; a pixel on an edge shows some of both.
        cover = _positive_share(near[number], face.near, side)
        for other, values in zip(faces, near, strict=True):
            if other is not face:
                np.minimum(
                    cover,
                    _positive_share(near[number] - values, face.near - other.near, side),
                    out=cover,
                )
        if not cover.any():
            continue
        depth = np.asarray(1 / np.maximum(near[number], 1e-3), np.float32)
        u, v = (np.asarray(spread(linear) * depth, np.float32) for linear in (face.u, face.v))
        on = PlanePoints(u, v, _footprint(face.u, face.near, u, depth, side),
                    _footprint(face.v, face.near, v, depth, side))  # fmt: skip
        surface = paint_tiling(rng, random_tiling(rng, scale), on)
        surface *= np.float32(rng.uniform(0.55, 1.1))  # each side has its own light
        if shade is not None:
            surface *= shade
        picture += cover[..., None] * (surface - picture)
    return picture


def _random_camera(rng: Generator, faces: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The viewing direction of a pixel (x, y, 1): (3, 3), zoom then rotation about three axes."""
    yaw = rng.normal(0, 0.15 if faces > 3 else 0.45)
    pitch, roll = rng.normal(0.05, 0.25 if faces > 1 else 0.35), rng.normal(0, 0.06)
    if faces == 1 and rng.random() < 0.3:
        roll = rng.uniform(-np.pi, np.pi)
    length = float(np.exp(rng.uniform(np.log(0.7), np.log(2.5))))
    c, s = np.cos((yaw, pitch, roll)), np.sin((yaw, pitch, roll))
    about_y = np.array([[c[0], 0, s[0]], [0, 1, 0], [-s[0], 0, c[0]]])
    about_x = np.array([[1, 0, 0], [0, c[1], s[1]], [0, -s[1], c[1]]])
    about_z = np.array([[c[2], -s[2], 0], [s[2], c[2], 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z @ np.diag([1 / length, 1 / length, 1]))


def _make_face(
    rng: Generator,
    rays: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    normal: tuple[float, float, float],
    across: tuple[float, float, float],
    along: tuple[float, float, float],
) -> _Face:
    far = float(rng.uniform(1.5, 4.0)) if normal[2] else float(rng.uniform(0.5, 1.5))
    shift = rng.uniform(0, 1, 2)
    near = np.array(normal) @ rays / far
    return _Face(
        near, np.array(across) @ rays + shift[0] * near, np.array(along) @ rays + shift[1] * near
    )


def _positive_share(values: FloatImage, linear: Vector, side: int) -> FloatImage:
    """The share of each pixel where a linear function is positive."""
    per_pixel = max(float(np.hypot(linear[0], linear[1])) / side, 1e-9)
    return np.asarray(np.clip(values / np.float32(per_pixel) + np.float32(0.5), 0, 1), np.float32)


def _footprint(
    linear: Vector, near: Vector, at: FloatImage, depth: FloatImage, side: int
) -> FloatImage:
    """How much u (or v) changes within a pixel: the norm of its gradient."""
    dx = np.float32(linear[0]) - np.float32(near[0]) * at
    dy = np.float32(linear[1]) - np.float32(near[1]) * at
    return np.asarray(np.sqrt(dx * dx + dy * dy) * depth / np.float32(side), np.float32)
