"""Small and thin holes in photos: spots, scratches, wires and small objects, with the truth known.

Most of what is retouched is small, and the holes that networks are usually measured with are not.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.errors import BadRequest, InpaintError
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.evaluation.cases import SUFFIXES, Sample, to_eight_bit
from inpaint_core.photo.read_photo import read_photo

LEAST_SIDE = 200
"""Smaller photos are left out."""
SPOT = (6.0, 40.0)
"""The diameter of a spot, in pixels; every size is as likely as its double."""
OBJECT = (40.0, 100.0)
"""The same of a small object."""
SCRATCH = (2.0, 8.0)
"""The width of a scratch or a hair."""
WIRE = (2.0, 6.0)
"""The width of a wire."""
SAG = 0.04
"""How far a wire hangs through at most, as a share of its length."""

_SHIFT = 4  # binary places of coordinates below a pixel
_STEPS = 64  # straight pieces of a bent line

_Plane = NDArray[np.uint8]
_Points = NDArray[np.float64]


def draw_small_holes(
    folder: Path, progress: Progress, seed: int = 0
) -> Iterator[tuple[str, Sample]]:
    """Names and samples: every photo in ``folder`` and the folders in it with one hole of each of
    `KINDS`, as in “003_wire_beach”.

    A hole depends on the photo's name and size, its kind and ``seed`` alone. Photos that cannot be
    read are left out. Raises `BadRequest` when there is none, `Cancelled`.
    """
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]
    number = 0
    for index, path in enumerate(paths):
        progress.report(index / len(paths))
        try:
            photo = to_eight_bit(read_photo(path).pixels)
        except InpaintError:
            continue
        if min(photo.shape[:2]) < LEAST_SIDE:
            continue
        for kind, draw in KINDS.items():
            rng = np.random.default_rng([seed, zlib.crc32(f"{kind} {path.stem}".encode())])
            plane = np.zeros(photo.shape[:2], np.uint8)
            draw(rng, plane)
            yield f"{number:03d}_{kind}_{path.stem}", Sample(photo, plane > 0)
            number += 1
    if number == 0:
        raise BadRequest("lab.no_photos", sources=folder)


def _draw_spot(rng: np.random.Generator, plane: _Plane) -> None:
    _draw_round(rng, plane, SPOT)


def draw_object(rng: np.random.Generator, plane: _Plane) -> None:
    """Write 1 into ``plane`` (H, W) uint8 where a small object may be."""
    _draw_round(rng, plane, OBJECT)


def _draw_round(rng: np.random.Generator, plane: _Plane, sizes: tuple[float, float]) -> None:
    size = _pick_size(rng, sizes)
    at = _pick_place(rng, plane)
    _fill_ellipse(plane, at, (size, size * rng.uniform(0.6, 1)), rng.uniform(0, 180))


def _draw_scratch(rng: np.random.Generator, plane: _Plane) -> None:
    """A bent line of a length of 20 to 40 times its width."""
    width = _pick_size(rng, SCRATCH)
    pieces = np.full(_STEPS, width * rng.uniform(20, 40) / _STEPS)
    turns = rng.uniform(0, 2 * math.pi) + rng.normal(0, 1.2) * np.linspace(-0.5, 0.5, _STEPS)
    way = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], 1) * pieces[:, None], axis=0)
    _draw_line(plane, way - way.mean(axis=0) + _pick_place(rng, plane), width)


def _draw_wire(rng: np.random.Generator, plane: _Plane) -> None:
    """From one side of the photo to the other."""
    height, width = plane.shape
    ends = rng.uniform(0.1, 0.9, 2) * height
    x = np.linspace(0, 1, _STEPS)
    sag = rng.uniform(0, SAG) * width * 4 * x * (1 - x)
    y = ends[0] + (ends[1] - ends[0]) * x + sag
    _draw_line(plane, np.stack([x * (width - 1), y], 1), _pick_size(rng, WIRE))


KINDS: Mapping[str, Callable[[np.random.Generator, _Plane], None]] = MappingProxyType(
    {"spot": _draw_spot, "scratch": _draw_scratch, "wire": _draw_wire, "object": draw_object}
)


def _pick_size(rng: np.random.Generator, sizes: tuple[float, float]) -> float:
    low, high = sizes
    return float(low * (high / low) ** rng.random())


def _pick_place(rng: np.random.Generator, plane: _Plane) -> tuple[float, float]:
    height, width = plane.shape
    return float(rng.uniform(0.15, 0.85) * width), float(rng.uniform(0.15, 0.85) * height)


def _fill_ellipse(
    plane: _Plane, at: tuple[float, float], axes: tuple[float, float], degrees: float
) -> None:
    scale = 1 << _SHIFT
    centre = (round(at[0] * scale), round(at[1] * scale))
    half = (round(axes[0] * scale / 2), round(axes[1] * scale / 2))
    cv2.ellipse(plane, centre, half, degrees, 0, 360, 1, -1, cv2.LINE_8, _SHIFT)


def _draw_line(plane: _Plane, points: _Points, width: float) -> None:
    places = np.rint(points * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(plane, [places], False, 1, max(round(width), 1), cv2.LINE_8, _SHIFT)
