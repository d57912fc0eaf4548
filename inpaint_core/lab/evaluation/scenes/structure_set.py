"""Photos with much straight structure, and a person's silhouette across it as the hole.

What a removal has to rebuild, with the truth known: the photos of a folder are ranked by their
lines, and each of the best gets the hole that interrupts most of them.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import BadRequest, InpaintError
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.evaluation.cases import SUFFIXES, Sample, to_eight_bit
from inpaint_core.lab.evaluation.pixel_metrics import Composite
from inpaint_core.lab.evaluation.scenes.silhouettes import draw_silhouette
from inpaint_core.photo.read_photo import read_photo

COUNT = 48
"""Photos in a set, unless fewer or more are asked for."""
LONGEST_SIDE = 768
"""Photos are reduced to this."""
LEAST_SIDE = 200
"""Smaller photos are left out."""
SHARE = (0.03, 0.25)
"""The share of the photo that a hole may have."""
TRIES = 24
"""Silhouettes that are tried on a photo."""

_SHORTEST = 0.1  # of a line that counts, as a share of the photo's short side
_Segments = NDArray[np.float32]


def build_structure_set(
    folder: Path, count: int, progress: Progress, seed: int = 0
) -> list[tuple[str, Sample]]:
    """``count`` names and samples from the photos in ``folder`` and the folders in it.

    A photo's rank is the number of lines through its hole. Its hole depends on its name, its pixels
    and ``seed`` alone, so that other photos in the folder do not change it. Photos that cannot be
    read are left out. Raises `BadRequest` when there is none, `Cancelled`.
    """
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]
    ranked: list[tuple[int, Path]] = []
    for index, path in enumerate(paths):
        progress.report(index / len(paths))
        sample, crossed = _make_sample(path, seed)
        if sample is not None:
            ranked.append((-crossed, path))
    if not ranked:
        raise BadRequest("lab.no_structure", folder=folder)
    chosen = sorted(path for _, path in sorted(ranked)[:count])
    made = enumerate(_make_sample(path, seed)[0] for path in chosen)
    return [
        (f"{number:03d}_{chosen[number].stem}", sample)
        for number, sample in made
        if sample is not None
    ]


def _make_sample(path: Path, seed: int) -> tuple[Sample | None, int]:
    """The sample of a photo and how many lines its hole crosses."""
    try:
        photo = reduce_photo(to_eight_bit(read_photo(path).pixels))
    except InpaintError:
        return None, 0
    if min(photo.shape[:2]) < LEAST_SIDE:
        return None, 0
    rng = np.random.default_rng([seed, zlib.crc32(path.stem.encode())])
    lines = _find_long_lines(photo)
    best: BoolMask | None = None
    most = -1
    for _ in range(TRIES):
        hole = place_silhouette(rng, photo.shape[:2])
        crossed = _count_crossings(lines, hole) if hole is not None else -1
        if crossed > most:
            best, most = hole, crossed
    return (None, 0) if best is None else (Sample(photo, best), most)


def reduce_photo(photo: Composite, longest_side: int = LONGEST_SIDE) -> Composite:
    """The photo (H, W, 3) at no more than this longest side."""
    scale = longest_side / max(photo.shape[:2])
    if scale >= 1:
        return photo
    size = (round(photo.shape[1] * scale), round(photo.shape[0] * scale))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)


def _find_long_lines(photo: Composite) -> _Segments:
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    found = cv2.createLineSegmentDetector().detect(grey)[0]
    if found is None:
        return np.zeros((0, 2, 2), np.float32)
    lines = np.asarray(found, np.float32).reshape(-1, 2, 2)
    lengths = np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1)
    return np.asarray(lines[lengths >= _SHORTEST * min(photo.shape[:2])])


def place_silhouette(rng: np.random.Generator, shape: tuple[int, ...]) -> BoolMask | None:
    """A silhouette at a random place, wholly inside the photo or cut by its lower side; None if it
    covers too little or too much.
    """
    height, width = shape
    person = draw_silhouette(rng, round(height * rng.uniform(0.45, 0.85)))
    tall, wide = person.shape
    if wide >= width - 8:
        return None
    x = int(rng.integers(4, width - wide - 4))
    y = int(rng.integers(round(0.1 * height), max(round(0.1 * height) + 1, height - tall // 2)))
    hole = np.zeros((height, width), bool)
    shown = person[: height - y]
    hole[y : y + len(shown), x : x + wide] = shown
    return hole if SHARE[0] <= hole.mean() <= SHARE[1] else None


def _count_crossings(lines: _Segments, hole: BoolMask) -> int:
    """How many of the lines have known pixels and pixels of the hole, a tenth of them at least."""
    if not len(lines):
        return 0
    steps = np.linspace(0, 1, 41, dtype=np.float32)[:, None]
    points = lines[:, None, 0] + (lines[:, None, 1] - lines[:, None, 0]) * steps
    x, y = np.rint(points[..., 0]).astype(int), np.rint(points[..., 1]).astype(int)
    inside = hole[np.clip(y, 0, hole.shape[0] - 1), np.clip(x, 0, hole.shape[1] - 1)].mean(axis=1)
    return int(((inside >= 0.1) & (inside <= 0.9)).sum())
